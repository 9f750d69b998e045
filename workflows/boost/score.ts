/**
 * What a boost is worth, by rules that anybody can work out.
 *
 * Stacking: a boost lifts its target by the credits that it spends a day, from its start to its end. Boosts of one
 * target run side by side, each for its own time, and their points add up: none replaces or prolongs another, so that
 * the end of each lowers the score by just what its start raised it. Every credit buys the same, long or short.
 *
 * Cancelling: of the amount, the part of the time that is left is given back, rounded down to a whole credit; what was
 * used, with what does not divide, is the platform's.
 */

export const MIN_LASTS_MS = 1_000;
/** As long as any process may wait: 366 days. */
export const MAX_LASTS_MS = 366 * 24 * 3_600_000;
export const MAX_AMOUNT = 1_000_000;

const HOUR_MS = 3_600_000;
const DAY_MS = 24n * BigInt(HOUR_MS);

/** Hours, with fractions, in whole milliseconds. */
export function lastsMs(hours: number): number {
  return Math.round(hours * HOUR_MS);
}

/** Credits a day, rounded down, and never nothing. */
export function pointsOf(amount: bigint, lasts: number): bigint {
  const points = (amount * DAY_MS) / BigInt(lasts);
  return points > 0n ? points : 1n;
}

/** What is given back of `amount` at an instant, for the time that is left. Rounded down. */
export function leftOf(amount: bigint, { from, lasts, now }: { from: string; lasts: number; now: string }): bigint {
  const left = Date.parse(from) + lasts - Date.parse(now);
  if (left <= 0) return 0n;
  return left >= lasts ? amount : (amount * BigInt(left)) / BigInt(lasts);
}
