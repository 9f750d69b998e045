import { asChallenge, type Challenge } from '#workflows/challenge/terms.ts';
import { endOf, viewStanding } from '#workflows/challenge/view.ts';
import { announced } from '../event/announce.ts';
import type { KindRows, Prepare } from '../process/kind.ts';
import { progressOf } from './counting.ts';

/** How far it is when it is ended before its time. */
const counted: Prepare = async (transaction, { process }) => ({
  progress: await progressOf(transaction, process.id),
});

/**
 * What a challenge's steps write beside themselves: its end, to its creator. Its row is written by `follow_challenge` in
 * the same transaction, and the room is told by the worker.
 */
export const challengeRows: KindRows = {
  besideOf({ process: before, seats }, _step, process) {
    const ends = before.state !== process.state;
    const event = { name: 'challenge:end', data: endOf(asChallenge(process)) };
    const events = ends ? [announced(seats.creator as string, [event])] : [];
    return { speech: null, events, told: false, orders: [], tasks: [], closes: null };
  },

  tells: {},
  rules: null,
  prepares: { stop: counted, close: counted },

  // What was reached in time was reached, whether or not anybody had looked.
  async atDeadline(executor, { process }) {
    const progress = await progressOf(executor, process.id);
    return { on: progress >= asChallenge(process).terms.target ? 'reach' : 'expire', data: { progress } };
  },

  answerOf: ({ process }) => answer(asChallenge(process)),
  unchangedOf: (process) => answer(asChallenge(process)),
  remindOf: () => ({ messages: [], events: [] }),
  heldUpOf: () => ({ messages: [], events: [] }),
  differsOf: () => ({ messages: [], events: [] }),
};

function answer(challenge: Challenge) {
  return { status: 200, body: { success: true, data: { challenge: viewStanding(challenge) } } };
}
