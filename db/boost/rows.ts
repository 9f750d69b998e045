import { asBoost, type Boost } from '#workflows/boost/terms.ts';
import { boostEventOf, viewBoost } from '#workflows/boost/view.ts';
import { type Announced, announced, inOrder } from '../event/announce.ts';
import type { KindRows } from '../process/kind.ts';

/**
 * What a boost's steps write beside themselves: an event to who boosted and to whose the target is, when it ends. Its
 * row, and with it the score, and what other services hear are written by `end_boost` in the same transaction.
 */
export const boostRows: KindRows = {
  besideOf({ process: before, seats }, step, process) {
    const ends = before.state !== process.state;
    const boost = asBoost(process);
    return {
      speech: null,
      events: ends ? heardBy(seats, boost, step.at) : [],
      told: false,
      orders: [],
      tasks: [],
      closes: null,
    };
  },

  tells: { use: 'credits_used', settle: 'credits_settled' },
  rules: null,

  answerOf: ({ step, process }) => answer(asBoost(process), step.at),
  unchangedOf: (process) => answer(asBoost(process), process.stepped_at),

  // Nobody is awaited, and no provider's payment is behind a boost.
  remindOf: () => ({ messages: [], events: [] }),
  heldUpOf: () => ({ messages: [], events: [] }),
  differsOf: () => ({ messages: [], events: [] }),
};

function heardBy(seats: Readonly<Record<string, string>>, boost: Boost, at: string): Announced[] {
  const data = boostEventOf(boost, seats.booster as string, at);
  return inOrder(Object.values(seats).map((userId) => announced(userId, [{ name: data.type, data }])));
}

function answer(boost: Boost, now: string) {
  return { status: 200, body: { success: true, data: { boost: viewBoost(boost, now) } } };
}
