import { z } from 'zod';
import { asPoll, type Poll, totalOf } from '#workflows/poll/terms.ts';
import { viewStanding } from '#workflows/poll/view.ts';
import { type Announced, announced } from '../event/announce.ts';
import { type Executor, sql } from '../pool.ts';
import type { KindRows } from '../process/kind.ts';

/** What a poll's steps write beside themselves: its creator is told the tally. Its votes are counted where it is due. */
export const pollRows: KindRows = {
  besideOf: ({ seats }, _, process) => ({
    speech: null,
    events: tallied(seats.creator as string, asPoll(process)),
    told: false,
    orders: [],
    tasks: [],
    closes: null,
  }),

  tells: {},
  rules: null,

  /** After the step that ended the voting there are no votes but those that are there. */
  async atDeadline(executor, { process }) {
    const { id, state, terms } = asPoll(process);
    return state === 'counting'
      ? { on: 'expire', data: { counts: await count(executor, id, terms.options) } }
      : 'expire';
  },

  answerOf: ({ process }) => answer(asPoll(process)),
  unchangedOf: (process) => answer(asPoll(process)),

  // Nobody is awaited, and no money is in it.
  remindOf: () => ({ messages: [], events: [] }),
  heldUpOf: () => ({ messages: [], events: [] }),
  differsOf: () => ({ messages: [], events: [] }),
};

const counted = z.object({ counts: z.array(z.int()) });

async function count(executor: Executor, pollId: string, options: number): Promise<number[]> {
  const { counts } = await executor.one(sql.type(counted)`SELECT poll_counts(${pollId}, ${options}) AS counts`);
  return counts;
}

function tallied(creatorId: string, { id: pollId, state, terms }: Poll): Announced[] {
  const { counts, stream_id: streamId } = terms;
  if (state !== 'closed' || counts === null) return [];
  const data = { streamId, pollId, counts, total: totalOf(counts) };
  return [announced(creatorId, [{ name: 'poll:closed', data }])];
}

function answer(poll: Poll) {
  return { status: 200, body: { success: true, data: { poll: viewStanding(poll) } } };
}
