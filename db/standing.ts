/**
 * Whether a line stands: it moves on, and for long whoever is next has waited for too long. That alone is more than can be
 * answered. Where nothing moves, the machine or Postgres has stalled: how long those wait says nothing of how long the
 * next will. And what a burst or a stall has left is worked off before a line counts as one that stands.
 */
type Standing = {
  /** So many are done with. So many wait now, the first of them for so long. */
  moved(done: number, waiting: number, oldestMs: number): void;
  /** Whether the line stands, and so many take too long at the pace at which it moves. */
  isTooLong(waiting: number): boolean;
};

/** What takes longer counts as so much: hardly anything that is asked does, so it stood still. */
const STILL_MS = 100;

/**
 * So long it has to move with its first too late. Together with the usual patience that is the deadline of a call
 * (`pool.ts`): what is worked off by then is waited for, as it would be if nobody were ever refused.
 */
const STANDS_MS = 8_000;

/** The pace is that of so many, more or less. */
const PACED_BY = 50;

/** From `patienceMs` on a wait is too long; for 0 none is. */
export function createStanding(patienceMs: number, now: () => number): Standing {
  let stands = false;
  let lateMs = 0;
  let paceMs = 0;
  let movedAt = now();
  return {
    moved(done, waiting, oldestMs) {
      const since = Math.min(now() - movedAt, STILL_MS);
      movedAt = now();
      paceMs += (since / done - paceMs) * Math.min(1, done / PACED_BY);
      if (oldestMs >= patienceMs) lateMs += since;
      else if (oldestMs < patienceMs / 2) lateMs = 0;
      stands = waiting > 0 && (stands || lateMs >= STANDS_MS);
    },
    isTooLong: (waiting) => patienceMs > 0 && stands && waiting * paceMs >= patienceMs,
  };
}
