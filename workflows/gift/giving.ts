/** What a gift comes to: whose its tokens are, which ones follow each other, and what it does in a stream. */

/** What a gift may do in a stream; nothing else is ever triggered. */
export const COMMAND_ACTIONS = ['confetti', 'spin_wheel', 'background', 'sound', 'challenge_boost'] as const;
export type CommandAction = (typeof COMMAND_ACTIONS)[number];

export const RARITIES = ['common', 'rare', 'epic', 'legendary'] as const;

/** Equal gifts of one person in one stream within so long of each other are one combo. */
export const COMBO_MS = 5_000;

/** What one person may give in a minute, over all processes: gifts, and tokens in them. */
export const VELOCITY = { gifts: 120, tokens: 100_000n } as const;

/** The creator's part of so many tokens, rounded down; the rest is the platform's. */
export function shareOf(tokens: bigint, shareBps: number): bigint {
  return (tokens * BigInt(shareBps)) / 10_000n;
}

export type Given = { code: string; combo_id: string; combo_count: number; created_at: string };

/** The combo that a gift is in, given the one before it of the same person in the same stream. */
export function comboOf(
  gift: { id: string; code: string; quantity: number; now: string },
  before: Given | null,
): { id: string; count: number } {
  const follows =
    before !== null && before.code === gift.code && Date.parse(gift.now) - Date.parse(before.created_at) <= COMBO_MS;
  return follows
    ? { id: before.combo_id, count: before.combo_count + gift.quantity }
    : { id: gift.id, count: gift.quantity };
}

const COLOURS = ['#ff5577', '#ffaa00', '#55cc77', '#3399ff', '#aa66ff', '#ff77cc'] as const;
const SOUNDS = ['drum_roll', 'air_horn', 'applause', 'bell'] as const;
const SECTORS = ['song', 'dance', 'question', 'shout_out', 'story', 'joke', 'break', 'surprise'] as const;

/**
 * What an overlay is told to show. Made here alone, of words and numbers of our own: nothing that a viewer wrote is in it.
 * `chance` is from 0 to below 1.
 */
export function payloadOf(action: CommandAction, quantity: number, chance: number): Record<string, string | number> {
  const among = <Of>(all: readonly Of[]) => all[Math.floor(chance * all.length)] as Of;
  switch (action) {
    case 'confetti':
      return { pieces: Math.min(50 * quantity, 500), colour: among(COLOURS), seconds: 4 };
    case 'spin_wheel':
      return { sector: among(SECTORS), turns: 4 + Math.floor(chance * 4), seconds: 6 };
    case 'background':
      return { colour: among(COLOURS), seconds: 30 };
    case 'sound':
      return { sound: among(SOUNDS), seconds: 3 };
    case 'challenge_boost':
      return { percent: Math.min(10 * quantity, 100), seconds: 60 };
  }
}
