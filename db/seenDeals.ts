import type { StoredDeal } from './deals.ts';

/** Each is some 2 KB. */
const AT_MOST = 2_000;

/**
 * Deals as they stood after the last step that this process wrote. The usual next click is decided on that without a
 * read, which is half of its round trips. What is out of date does no harm: the write refuses it.
 */
export type SeenDeals = {
  /** The deal, once: it is put back after the next step. */
  take(id: string): StoredDeal | null;
  put(stored: StoredDeal): void;
};

export function createSeenDeals(atMost = AT_MOST): SeenDeals {
  const seen = new Map<string, StoredDeal>();
  return {
    take(id) {
      const stored = seen.get(id) ?? null;
      seen.delete(id);
      return stored;
    },
    put(stored) {
      const { id } = stored.deal;
      seen.delete(id);
      seen.set(id, stored);
      if (seen.size <= atMost) return;
      const [oldest] = seen.keys();
      if (oldest !== undefined) seen.delete(oldest);
    },
  };
}
