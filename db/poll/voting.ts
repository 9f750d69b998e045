import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { VISIBILITIES } from '#workflows/stream/terms.ts';
import { announce } from '../event/announce.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { notForThem, type Reader } from '../stream/streams.ts';
import { FROM_STREAMS, knownTo, watchableBy } from '../stream/watching.ts';
import { grantXp } from '../xp/granting.ts';
import { noPoll } from './polls.ts';

/** Votes: a row each, and no step. */

export type Vote = { pollId: string; option: number; now: string };
export type Voted = { poll_id: string; option: number; at: string };

const votable = z.object({
  creator_id: z.string(),
  visibility: z.enum(VISIBILITIES),
  may_watch: z.boolean(),
  options: z.int(),
});

/** A poll in a stream that the reader may watch. NOT_FOUND, also for what they may not know of; FORBIDDEN. */
async function findVotable(
  executor: Executor,
  pollId: string,
  { id, isAdmin }: Reader,
): Promise<z.infer<typeof votable>> {
  const found = await executor.maybeOne(sql.type(votable)`
    SELECT creator_id, visibility, (${isAdmin} OR ${watchableBy(id)}) AS may_watch, cardinality(options) AS options
    FROM polls JOIN (${FROM_STREAMS}) ON streams.process_id = polls.stream_id
    WHERE polls.process_id = ${pollId} AND (${isAdmin} OR ${knownTo(id)})
  `);
  if (!found) throw noPoll();
  if (!found.may_watch) throw notForThem(found.visibility);
  return found;
}

const voted = z.object({ poll_id: z.string(), option: z.int(), at: z.string() });
const standing = z.object({ state: z.string() });

/**
 * Votes, or changes one's vote, while the poll is open and its stream live, and gains by the first. Last in its
 * transaction. NOT_FOUND, FORBIDDEN, VALIDATION_FAILED (no such option), FLOW_STATE_INVALID (it is over). The poll's
 * process is shared until the commit: what ends the voting waits, so a vote that was answered is counted.
 */
export async function vote(transaction: Transaction, reader: Reader, { pollId, option, now }: Vote): Promise<Voted> {
  const poll = await findVotable(transaction, pollId, reader);
  if (option >= poll.options) {
    const problem = `is none of the poll’s ${poll.options}, counted from 0`;
    throw new Failure('VALIDATION_FAILED', `option ${problem}.`, {
      details: { fields: [{ field: 'option', problem }] },
    });
  }
  const cast = await transaction.maybeOne(sql.type(voted)`
    WITH poll AS (
      SELECT id FROM processes JOIN polls ON polls.process_id = id JOIN streams ON streams.process_id = stream_id
      WHERE id = ${pollId} AND state = 'open' AND deadline > ${now}::timestamptz AND streams.status = 'live'
      FOR SHARE OF processes
    )
    INSERT INTO poll_votes (poll_id, user_id, option, at)
    SELECT id, ${reader.id}, ${option}::smallint, ${now}::timestamptz FROM poll
    ON CONFLICT (poll_id, user_id) DO UPDATE SET option = excluded.option, at = excluded.at
    RETURNING poll_id, option, at
  `);
  if (!cast) throw await over(transaction, pollId);
  // Nobody gains by their own poll.
  const gains =
    poll.creator_id === reader.id ? [] : [{ userId: reader.id, action: 'poll_vote' as const, about: pollId, many: 1 }];
  await announce(transaction, await grantXp(transaction, gains, now));
  return cast;
}

/** Its state may say that it is open still, where nobody has closed it yet. */
async function over(executor: Executor, pollId: string): Promise<Failure> {
  const { state } = await executor.one(sql.type(standing)`SELECT state FROM processes WHERE id = ${pollId}`);
  return new Failure('FLOW_STATE_INVALID', 'This poll is over.', {
    details: {
      current_state: state === 'open' ? 'counting' : state,
      required_state: 'open',
      required_states: ['open'],
    },
  });
}
