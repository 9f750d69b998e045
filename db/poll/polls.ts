import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { ENDINGS, STATES } from '#workflows/poll/terms.ts';
import { announce } from '../event/announce.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { openProcess } from '../process/opening.ts';
import { keepOpening } from '../stream/openings.ts';
import type { Reader } from '../stream/streams.ts';

/** Polls in streams: opened and found. */

const pollRow = z.object({
  id: z.string(),
  stream_id: z.string(),
  question: z.string(),
  options: z.array(z.string()),
  status: z.enum(STATES),
  counts: z.array(z.int()),
  closes_at: z.string(),
  closed_at: z.string().nullable(),
  ended_by: z.enum(ENDINGS).nullable(),
  my_vote: z.int().nullable(),
  created_at: z.string(),
});
export type PollRow = z.infer<typeof pollRow>;

/** A poll that is over stands as its last step says, one that is not as the votes do. */
const pollColumns = (readerId: string) => sql.fragment`
  polls.process_id AS id, polls.stream_id, question, options, state AS status,
  CASE WHEN state = 'closed' THEN ARRAY(SELECT json_array_elements_text(terms -> 'counts')::integer)
    ELSE poll_counts(polls.process_id, cardinality(options)) END AS counts,
  CASE WHEN state = 'open' THEN deadline
    ELSE polls.created_at + (terms ->> 'duration_seconds')::integer * interval '1 s' END AS closes_at,
  CASE WHEN state = 'closed' THEN stepped_at END AS closed_at, terms ->> 'ended_by' AS ended_by,
  (SELECT option FROM poll_votes WHERE poll_id = polls.process_id AND user_id = ${readerId}) AS my_vote,
  polls.created_at`;

const FROM_POLLS = sql.fragment`polls JOIN processes ON processes.id = polls.process_id`;

export type NewPoll = {
  streamId: string;
  creatorId: string;
  question: string;
  options: readonly string[];
  durationSeconds: number;
  now: string;
};

/**
 * Opens a poll in a stream of its creator's: its process, its row and its place in the stream, and its creator is told
 * with all their devices. FLOW_STATE_INVALID where the stream is not live; CONFLICT where a poll is open in it. Last in
 * its transaction. Its id.
 */
export async function openPoll(transaction: Transaction, poll: NewPoll): Promise<string> {
  const { streamId, creatorId, question, options, durationSeconds, now } = poll;
  const id = uuid();
  const { id: pollId } = await openProcess(transaction, {
    ...{ id, kind: 'poll', by: creatorId, variant: null, held: '0', asset: 'TOKEN', now },
    opened: { stream_id: streamId, options: options.length, duration_seconds: durationSeconds },
    seats: { creator: creatorId },
  });
  const closesAt = new Date(Date.parse(now) + durationSeconds * 1_000).toISOString();
  const word = { name: 'poll:create' as const, data: { streamId, pollId, question, options: [...options], closesAt } };
  await keepOpening(transaction, { processId: id, kind: 'poll', streamId, word, now });
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO polls (process_id, stream_id, question, options, told_counts, created_at)
    VALUES (${id}, ${streamId}, ${question}, ${sql.array([...options], 'text')},
      ${sql.array(
        Array.from(options, () => 0),
        'int4',
      )}, ${now}::timestamptz)
  `);
  await announce(transaction, [{ user_id: creatorId, ...word }]);
  return id;
}

/** A poll of a stream, whose reader may watch it. NOT_FOUND. */
export async function getPoll(executor: Executor, streamId: string, id: string, reader: Reader): Promise<PollRow> {
  const found = await executor.maybeOne(sql.type(pollRow)`
    SELECT ${pollColumns(reader.id)} FROM ${FROM_POLLS} WHERE process_id = ${id} AND stream_id = ${streamId}
  `);
  if (!found) throw noPoll();
  return found;
}

/** The poll that one may vote in just now in a stream; null where there is none. */
export function findOpenPoll(executor: Executor, streamId: string, reader: Reader): Promise<PollRow | null> {
  return executor.maybeOne(sql.type(pollRow)`
    SELECT ${pollColumns(reader.id)} FROM ${FROM_POLLS} JOIN stream_openings AS opening USING (process_id)
    WHERE opening.stream_id = ${streamId} AND opening.kind = 'poll' AND closed_at IS NULL
  `);
}

/** A stream's polls, the latest first. */
export function listPolls(
  executor: Executor,
  streamId: string,
  { reader, limit, before }: { reader: Reader; limit: number; before: string | null },
): Promise<readonly PollRow[]> {
  return executor.any(sql.type(pollRow)`
    SELECT ${pollColumns(reader.id)} FROM ${FROM_POLLS}
    WHERE stream_id = ${streamId} AND (${before}::uuid IS NULL OR process_id < ${before}::uuid)
    ORDER BY process_id DESC LIMIT ${limit}
  `);
}

/** NOT_FOUND for a poll that is in another stream, or in none. */
export async function requirePoll(executor: Executor, streamId: string, id: string): Promise<void> {
  const isThere = await executor.exists(sql.typeAlias('void')`
    SELECT FROM polls WHERE process_id = ${id} AND stream_id = ${streamId}
  `);
  if (!isThere) throw noPoll();
}

export function noPoll(): Failure {
  return new Failure('NOT_FOUND', 'There is no such poll.');
}
