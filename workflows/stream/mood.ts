/** How a crowd feels: what one may react with, and what that comes to. */

export const MOODS = ['love', 'happy', 'laugh', 'wow', 'hype', 'calm', 'sad', 'angry'] as const;
export type Mood = (typeof MOODS)[number];

/** Reactions count for so long. */
export const WINDOW_MS = 10_000;

/** The mood of most; of two alike the one that stands first in the list; null where nobody reacts. */
export function moodOf(counts: Readonly<Record<string, number>>): Mood | null {
  let found: Mood | null = null;
  for (const mood of MOODS) {
    const many = counts[mood] ?? 0;
    if (many > 0 && (found === null || many > (counts[found] ?? 0))) found = mood;
  }
  return found;
}
