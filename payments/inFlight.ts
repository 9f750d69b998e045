/**
 * Joins calls that are made at once under one key: the second waits for the first and has its answer. For providers
 * that take no idempotency key; it holds within a process, and whoever calls claims the work among processes.
 */
export function inFlight<T>(): (key: string, work: () => Promise<T>) => Promise<T> {
  const underWay = new Map<string, Promise<T>>();
  return (key, work) => {
    const known = underWay.get(key);
    if (known) return known;
    const started = work().finally(() => underWay.delete(key));
    underWay.set(key, started);
    return started;
  };
}
