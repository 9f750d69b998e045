/** Reviews after a deal: each side writes without having read the other's. */

const DAY_MS = 24 * 60 * 60_000;

/** For so long after the money was released each side may write. */
export const REVIEW_WITHIN = 'P14D';
const REVIEW_WITHIN_MS = 14 * DAY_MS;

/** When the time to review is over, given when the money was released. */
export function reviewsUntil(releasedAt: string): string {
  return new Date(Date.parse(releasedAt) + REVIEW_WITHIN_MS).toISOString();
}

export type ReviewRefusal = 'too_early' | 'too_late';

/** Why a review may not be written at an instant; null where it may. `releasedAt`: null while no money was released. */
export function whyNoReview(releasedAt: string | null, now: string): ReviewRefusal | null {
  if (releasedAt === null) return 'too_early';
  return now > reviewsUntil(releasedAt) ? 'too_late' : null;
}
