import type { StoredProcess } from './stored.ts';

/** Each is some 2 KB. */
const AT_MOST = 2_000;

/**
 * Processes as they stood after the last step that this program wrote. The usual next click is decided on that without a
 * read, which is half of its round trips. What is out of date does no harm: the write refuses it.
 */
export type SeenProcesses = {
  /** The process, once: it is put back after the next step. */
  take(id: string): StoredProcess | null;
  put(stored: StoredProcess): void;
};

export function createSeenProcesses(atMost = AT_MOST): SeenProcesses {
  const seen = new Map<string, StoredProcess>();
  return {
    take(id) {
      const stored = seen.get(id) ?? null;
      seen.delete(id);
      return stored;
    },
    put(stored) {
      const { id } = stored.process;
      seen.delete(id);
      seen.set(id, stored);
      if (seen.size <= atMost) return;
      const [oldest] = seen.keys();
      if (oldest !== undefined) seen.delete(oldest);
    },
  };
}
