import type { PollRow } from '#db/poll/polls.ts';
import { type Vote, type Voted, vote } from '#db/poll/voting.ts';
import type { Reader } from '#db/stream/streams.ts';
import type { PollView } from '#workflows/poll/contract.ts';
import { totalOf } from '#workflows/poll/terms.ts';
import type { Deps } from '../deps.ts';
import type { Pace } from '../people/pace.ts';

export function viewPoll(row: PollRow): PollView {
  return { ...row, total: totalOf(row.counts) };
}

/** Votes as somebody who may watch. The same for REST and for both doors. */
export async function voteAs(
  { pool, now }: Pick<Deps, 'pool' | 'now'>,
  pace: Pace,
  reader: Reader,
  asked: Omit<Vote, 'now'>,
): Promise<Voted> {
  // So much of one person, and so much of all in one poll: a stream has one that is open.
  await pace.take(reader.id, 'votes');
  await pace.take(asked.pollId, 'crowd_votes');
  return vote(pool, reader, { ...asked, now: now().toISOString() });
}
