/**
 * Points of a limit that all processes share, taken several at a time and used up here: who does something now and then
 * is asked about once a window, and not each time. The limit is never exceeded; where several processes hold some that
 * they do not use, it is reached that much earlier.
 */
export interface Leases {
  /** How many are taken at once. */
  readonly each: number;
  /** Uses one that was taken; false where none is left. */
  use(key: string): boolean;
  /** So many more were taken, for so long. */
  hold(key: string, many: number, forMs: number): void;
}

/** So many processes may hold some and use none before a third of the limit is wasted: of a small one nothing is held. */
const PARTS = 30;
/** With more than this it is looked for what is over. */
const MANY = 10_000;

export function createLeases(points: number, now: () => number = () => performance.now()): Leases {
  const held = new Map<string, { left: number; until: number }>();

  function forgetOver(): void {
    const at = now();
    for (const [key, { until }] of held) if (until <= at) held.delete(key);
  }

  return {
    each: partOf(points),
    use(key) {
      const lease = held.get(key);
      if (lease === undefined) return false;
      const isThere = lease.left > 0 && lease.until > now();
      lease.left -= 1;
      if (!isThere || lease.left === 0) held.delete(key);
      return isThere;
    },
    hold(key, many, forMs) {
      if (many <= 0) return;
      if (held.size >= MANY) forgetOver();
      held.set(key, { left: many, until: now() + forMs });
    },
  };
}

/** The limit in whole parts: by one process it is used up to the last. */
function partOf(points: number): number {
  for (let part = Math.floor(points / PARTS); part > 1; part -= 1) if (points % part === 0) return part;
  return 1;
}
