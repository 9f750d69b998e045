/**
 * How much of what is usual the callers of a pool may have, in percent: noted for each of its transactions, as it is
 * needed where processes of all kinds are opened, far from whoever reads settings.
 */
const percents = new WeakMap<object, number>();

export function allow(transaction: object, percent: number): void {
  percents.set(transaction, percent);
}

/** How many where so many are usual: one at least. */
export function allowed(transaction: object, usual: number): number {
  return Math.max(1, Math.floor((usual * (percents.get(transaction) ?? 100)) / 100));
}
