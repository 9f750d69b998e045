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

export type Vote = {
  pollId: string;
  /** The stream that it has to be in; null: any. */
  streamId: string | null;
  option: number;
  now: string;
};
export type Voted = { poll_id: string; option: number; at: string };

const voted = z.object({ poll_id: z.string(), option: z.int(), at: z.string() });

/** A vote of somebody. */
export type Ballot = Omit<Vote, 'now'> & { reader: Reader };

/**
 * Votes, or changes one's vote, while the poll is open and its stream live. NOT_FOUND, FORBIDDEN, VALIDATION_FAILED (no
 * such option), FLOW_STATE_INVALID (it is over).
 */
export async function vote(executor: Executor, reader: Reader, { now, ...asked }: Vote): Promise<Voted> {
  const [cast] = await castVotes(executor, [{ reader, ...asked }], now);
  if (cast instanceof Failure) throw cast;
  return cast as Voted;
}

/**
 * Votes of several people, one of each, in one statement, which shares the polls' processes: what ends the voting waits, so
 * a vote that was answered is counted. Of each in its place what came of it; what is refused keeps no other from being cast.
 */
export async function castVotes(
  executor: Executor,
  ballots: readonly Ballot[],
  now: string,
): Promise<(Voted | Failure)[]> {
  const column = <Value extends string | number | boolean | null>(value: (ballot: Ballot) => Value, type: string) =>
    sql.array(ballots.map(value), type);
  const rows = await executor.any(sql.prepared('cast_votes', voted.extend({ user_id: z.string() }))`
    WITH poll AS MATERIALIZED (
      SELECT processes.id, polls.stream_id, cardinality(polls.options) AS options
      FROM processes JOIN polls ON polls.process_id = processes.id
      JOIN streams ON streams.process_id = polls.stream_id
      WHERE processes.id = ANY(${sql.array([...new Set(ballots.map(({ pollId }) => pollId))].sort(), 'uuid')})
        AND state = 'open' AND deadline > ${now}::timestamptz AND streams.status = 'live'
      ORDER BY processes.id FOR SHARE OF processes
    )
    INSERT INTO poll_votes (poll_id, user_id, option, at)
    SELECT poll.id, ballot.user_id, ballot.option, ${now}::timestamptz
    FROM unnest(${column(({ reader }) => reader.id, 'uuid')}, ${column(({ reader }) => reader.isAdmin, 'bool')},
      ${column(({ pollId }) => pollId, 'uuid')}, ${column(({ streamId }) => streamId, 'uuid')},
      ${column(({ option }) => option, 'int4')}) AS ballot (user_id, is_admin, poll_id, stream_id, option)
    JOIN poll ON poll.id = ballot.poll_id
    JOIN (${FROM_STREAMS}) ON streams.process_id = poll.stream_id
    WHERE (ballot.stream_id IS NULL OR ballot.stream_id = poll.stream_id) AND ballot.option < poll.options
      AND (ballot.is_admin OR ${watchableBy(sql.fragment`ballot.user_id`)})
    ORDER BY poll.id, ballot.user_id
    ON CONFLICT (poll_id, user_id) DO UPDATE SET option = excluded.option, at = excluded.at
    RETURNING poll_id, option, at, user_id
  `);
  const cast = new Map(rows.map(({ user_id, ...row }) => [user_id, row]));
  return Promise.all(
    ballots.map(async (ballot) => cast.get(ballot.reader.id) ?? (await whyNot(executor, ballot.reader, ballot))),
  );
}

const mayWatch = ({ id, isAdmin }: Reader) => sql.fragment`(${isAdmin} OR ${watchableBy(id)})`;

const looked = z.object({
  visibility: z.enum(VISIBILITIES),
  may_watch: z.boolean(),
  options: z.int(),
  state: z.string(),
});

/** Looked at once more, for what is wrong with a vote that was not taken. */
async function whyNot(executor: Executor, reader: Reader, { pollId, streamId, option }: Ballot): Promise<Failure> {
  const poll = await executor.maybeOne(sql.type(looked)`
    SELECT visibility, ${mayWatch(reader)} AS may_watch, cardinality(options) AS options, state
    FROM processes JOIN polls ON polls.process_id = processes.id
    JOIN (${FROM_STREAMS}) ON streams.process_id = polls.stream_id
    WHERE processes.id = ${pollId} AND (${streamId}::uuid IS NULL OR polls.stream_id = ${streamId}::uuid)
      AND (${reader.isAdmin} OR ${knownTo(reader.id)})
  `);
  if (!poll) return noPoll();
  if (!poll.may_watch) return notForThem(poll.visibility);
  if (option >= poll.options) {
    const problem = `is none of the poll’s ${poll.options}, counted from 0`;
    const details = { fields: [{ field: 'option', problem }] };
    return new Failure('VALIDATION_FAILED', `option ${problem}.`, { details });
  }
  // Its time may be up, or its stream over, and nobody has closed it yet.
  const state = poll.state === 'open' ? 'counting' : poll.state;
  return new Failure('FLOW_STATE_INVALID', 'This poll is over.', {
    details: { current_state: state, required_state: 'open', required_states: ['open'] },
  });
}

/** Granted in one transaction: each locks the row of a person. */
const CHUNK = 50;

const ungranted = z.object({ poll_id: z.string(), user_id: z.string(), creator_id: z.string() });

/** Grants the next voters what they gain, each once a poll, and nobody by their own. Whether there may be more. */
export async function grantVoters(transaction: Transaction, now: string): Promise<boolean> {
  const votes = await transaction.any(sql.type(ungranted)`
    UPDATE poll_votes SET granted = true
    FROM polls JOIN streams ON streams.process_id = polls.stream_id
    WHERE polls.process_id = poll_id AND (poll_id, user_id) IN (
      SELECT poll_id, user_id FROM poll_votes WHERE NOT granted
      ORDER BY user_id, poll_id LIMIT ${CHUNK} FOR NO KEY UPDATE SKIP LOCKED
    ) RETURNING poll_id, user_id, creator_id
  `);
  const gains = votes
    .filter(({ user_id, creator_id }) => user_id !== creator_id)
    .map(({ poll_id, user_id }) => ({ userId: user_id, action: 'poll_vote' as const, about: poll_id, many: 1 }));
  await announce(transaction, await grantXp(transaction, gains, now));
  return votes.length === CHUNK;
}
