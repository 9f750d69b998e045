/** A probe that waits longer is one that failed. */
export const PROBE_MS = 2_000;

/** Whoever asks while it is being found out is told the same: however many ask, it is found out once. */
export function shared<T>(find: () => Promise<T>): () => Promise<T> {
  let finding: Promise<T> | null = null;
  return () => {
    finding ??= find().finally(() => {
      finding = null;
    });
    return finding;
  };
}

/** What comes of it; null where it fails, or takes longer than so many ms. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    // A process that was busy all that time has the answer lying there unread: it is read before it is called late.
    timer = setTimeout(() => setImmediate(() => setImmediate(resolve, null)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
