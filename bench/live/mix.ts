/** What viewers of one stream do, all of them together, and how much of it. */

export type Mix = {
  viewers: number;
  /** Acts a second. */
  rates: Readonly<Record<Act, number>>;
  seconds: number;
};

export const ACTS = ['chat', 'gift', 'react', 'vote'] as const;
export type Act = (typeof ACTS)[number];

/** Two hundred things a minute that everybody sees, and six thousand that are told as sums. */
export const FULL: Mix = { viewers: 2_000, rates: { chat: 10, gift: 5, react: 60, vote: 40 }, seconds: 8 };
export const QUICK: Mix = { viewers: 200, rates: { chat: 10, gift: 5, react: 20, vote: 20 }, seconds: 3 };

/** Gifts to one creator: so many people, who give in turn, so many of them at the same time. */
export type Giving = { givers: number; together: number; seconds: number };

/** Nobody comes near what one connection may ask for in a minute, a hundred commands. */
export const GIVING: Giving = { givers: 400, together: 64, seconds: 6 };
export const GIVING_QUICK: Giving = { givers: 100, together: 32, seconds: 2 };

/** So many vote once each within a second, all others of the room being there. */
export const VOTERS = 1_000;

/** The gift that is given, and what it costs: each viewer has enough for all that is measured. */
export const CODE = 'ROSE';
export const COST = 5n;
export const TOKENS = 1_000n;
/** The creator's part, in basis points, as it is where nobody sets another. */
export const SHARE_BPS = 7_000;
export const SHARE = (COST * BigInt(SHARE_BPS)) / 10_000n;
export const OPTIONS = ['Biryani', 'Dosa', 'Thali'] as const;

/** Open files and sockets are what a machine has least of: both ends of each viewer's line are here. */
export function viewersWithin(asked: number, files: number): number {
  return Math.min(asked, Math.floor((files - 500) / 2));
}
