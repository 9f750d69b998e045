import { type BallotBox, createBallotBox } from '#db/poll/gathering.ts';
import type { PollRow } from '#db/poll/polls.ts';
import type { Ballot, Voted } from '#db/poll/voting.ts';
import type { Pool } from '#db/pool.ts';
import type { Reader } from '#db/stream/streams.ts';
import type { PollView } from '#workflows/poll/contract.ts';
import { totalOf } from '#workflows/poll/terms.ts';
import type { Deps } from '../deps.ts';
import { inCrowd, type Pace } from '../people/pace.ts';

export function viewPoll(row: PollRow): PollView {
  return { ...row, total: totalOf(row.counts) };
}

/** One for each pool: both doors and REST vote by it. */
const boxes = new WeakMap<Pool, BallotBox>();

/** Votes as somebody who may watch. The same for REST and for both doors. */
export async function voteAs(
  { pool, now }: Pick<Deps, 'pool' | 'now'>,
  pace: Pace,
  reader: Reader,
  asked: Omit<Ballot, 'reader'>,
): Promise<Voted> {
  // So much of one person, and so much of all in one poll: a stream has one that is open.
  await pace.take(reader.id, 'votes');
  const box = boxes.get(pool) ?? createBallotBox(pool, () => now().toISOString());
  boxes.set(pool, box);
  return inCrowd(pace, { of: asked.pollId, what: 'crowd_votes' }, async (did) => {
    const voted = await box.cast({ ...asked, reader });
    did();
    return voted;
  });
}
