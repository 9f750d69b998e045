/** What people do says what they like, and how surely. */

export const DEEDS = ['watched', 'liked', 'shared', 'commented', 'followed', 'tipped'] as const;
export type Deed = (typeof DEEDS)[number];

/** Of something watched at least this part has to be, or it says nothing: who leaves after a look did not like it. */
const WATCHED_PART = 0.3;

/** How much each says, beside one that was watched to its end. */
const WORTH: Record<Deed, number> = { watched: 1, liked: 2, shared: 2, commented: 1, followed: 3, tipped: 3 };

/** What was done long ago says less: half after so many days. */
const HALF_LIFE_DAYS = 60;
export const DAY_MS = 86_400_000;

/** The weight of a deed, 0 where it says nothing. `part`: of `watched`, 0 to 1. */
export function weightOf(deed: Deed, part: number): number {
  if (deed !== 'watched') return WORTH[deed];
  return part < WATCHED_PART ? 0 : WORTH.watched * Math.min(1, part);
}

/** How much of a weight is left after a time in ms; what is not over yet counts whole. */
export function fade(ageMs: number, halfLifeDays: number = HALF_LIFE_DAYS): number {
  return 2 ** (-Math.max(0, ageMs) / (halfLifeDays * DAY_MS));
}
