/** What experience comes to: levels, badges, and what a rule grants. */

/** From one level to the next it takes this much more than for the one before. */
const STEP = 100;

/** Experience at which a level begins: 0, 100, 300, 600, … */
export function beginsAt(level: number): number {
  return (STEP * level * (level - 1)) / 2;
}

/** The level of so much experience: 1 for nothing. By whole numbers, as a root is not exact at the edges. */
export function levelOf(xp: number): number {
  let level = Math.max(1, Math.floor((1 + Math.sqrt(1 + (8 * xp) / STEP)) / 2));
  while (beginsAt(level + 1) <= xp) level += 1;
  while (beginsAt(level) > xp) level -= 1;
  return level;
}

export const XP_ACTIONS = [
  'gift_sent',
  'gift_received',
  'chat',
  'stream_started',
  'poll_vote',
  'challenge_won',
  'minute_watched',
  'minute_live',
] as const;
export type XpAction = (typeof XP_ACTIONS)[number];

/** What is awarded once, and when. */
export const BADGES = {
  first_gift: 'First gift given',
  first_gift_received: 'First gift received',
  first_stream: 'First stream',
  level_5: 'Level 5',
  level_10: 'Level 10',
  level_25: 'Level 25',
} as const;
export type Badge = keyof typeof BADGES;

const FIRSTS: Partial<Record<XpAction, Badge>> = {
  gift_sent: 'first_gift',
  gift_received: 'first_gift_received',
  stream_started: 'first_stream',
};

/** The badge for the first of its kind; null where there is none. */
export function firstOf(action: XpAction): Badge | null {
  return FIRSTS[action] ?? null;
}

/** Badges for a level, with the experience at which it begins: whoever has that is awarded them. */
export const LEVEL_BADGES = ([5, 10, 25] as const).map((level) => ({
  code: `level_${level}` as const,
  begins: beginsAt(level),
}));
