import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import type { StreamRow } from './streams.ts';
import { isSubscribed } from './watching.ts';

/** A stream's chat: what is written, by whom it may be, and what is taken away again. */

const chatRow = z.object({
  id: z.string(),
  user_id: z.string(),
  handle: z.string(),
  text: z.string(),
  at: z.string(),
});
export type ChatRow = z.infer<typeof chatRow>;

export type Written = { userId: string; text: string; now: string };

/** What a person may do at an instant: whether they are timed out, since when they follow, when they last wrote. */
const standing = z.object({
  until: z.string().nullable(),
  put_out: z.boolean(),
  follows_since: z.string().nullable(),
  wrote_at: z.string().nullable(),
});

/**
 * Writes in a stream's chat, by its rules: slow mode, followers only, subscribers only, who was removed. FLOW_STATE_INVALID
 * where it is not live, FORBIDDEN, RATE_LIMITED with when one may write again. The stream was read as the writer's to
 * watch. One person's messages in one stream follow each other, over all processes.
 */
export async function writeChat(transaction: Transaction, stream: StreamRow, written: Written): Promise<ChatRow> {
  const { userId, text, now } = written;
  if (stream.status !== 'live') {
    throw new Failure('FLOW_STATE_INVALID', 'One writes in the chat while the stream is live.', {
      details: { current_state: stream.status, required_state: 'live', required_states: ['live'] },
    });
  }
  await requireMayWrite(transaction, stream, written);
  return transaction.one(sql.type(chatRow)`
    WITH written AS (
      INSERT INTO stream_messages (id, stream_id, user_id, text, at)
      VALUES (${uuid()}, ${stream.id}, ${userId}, ${text}, ${now}::timestamptz) RETURNING id, user_id, text, at
    )
    SELECT written.id, user_id, handle, text, at FROM written JOIN users ON users.id = user_id
  `);
}

/**
 * Refuses whoever may not put words into a stream just now, by its rules. In slow mode a question counts as a message.
 * One person's words in one stream follow each other from here on.
 */
export async function requireMayWrite(
  transaction: Transaction,
  stream: StreamRow,
  { userId, now }: Pick<Written, 'userId' | 'now'>,
): Promise<void> {
  if (userId === stream.creator_id) return;
  await lockWriter(transaction, stream.id, userId);
  const row = await transaction.one(sql.type(standing)`
    SELECT
      (SELECT until FROM stream_removals WHERE stream_id = ${stream.id} AND user_id = ${userId}
        AND until > ${now}::timestamptz) AS until,
      EXISTS (SELECT FROM stream_removals WHERE stream_id = ${stream.id} AND user_id = ${userId} AND until IS NULL)
        AS put_out,
      (SELECT created_at FROM follows WHERE follower_id = ${userId} AND followed_id = ${stream.creator_id})
        AS follows_since,
      greatest(
        (SELECT max(at) FROM stream_messages WHERE stream_id = ${stream.id} AND user_id = ${userId}),
        (SELECT max(at) FROM questions WHERE stream_id = ${stream.id} AND user_id = ${userId})
      ) AS wrote_at
  `);
  if (row.put_out) throw new Failure('FORBIDDEN', 'You were removed from this stream.');
  if (row.until !== null) throw timedOut(row.until, now);
  requireFollowing(stream, row.follows_since, now);
  if (stream.subscribers_only && !(await isSubscribed(transaction, stream.creator_id, userId))) {
    throw new Failure('FORBIDDEN', 'Only subscribers write here.', { details: { rule: 'subscribers_only' } });
  }
  const { slow_mode_seconds: slow } = stream;
  if (slow === 0 || row.wrote_at === null) return;
  const next = new Date(Date.parse(row.wrote_at) + slow * 1_000).toISOString();
  if (now < next) throw tooEarly('slow_mode', next, now, `One message in ${slow} s.`);
}

/** Of one person in one stream: who writes sees that they were removed, or what they wrote is removed with them. */
async function lockWriter(transaction: Transaction, streamId: string, userId: string): Promise<void> {
  const pair = `chat_${streamId}_${userId}`;
  await transaction.query(sql.unsafe`SELECT pg_advisory_xact_lock(hashtextextended(${pair}, 0))`);
}

function requireFollowing({ followers_only_minutes: minutes }: StreamRow, since: string | null, now: string): void {
  if (minutes === null) return;
  if (since !== null && Date.parse(since) + minutes * 60_000 <= Date.parse(now)) return;
  const sentence =
    minutes === 0
      ? 'Only those who follow the creator write here.'
      : `Only those who follow the creator for ${minutes} minutes or more write here.`;
  throw new Failure('FORBIDDEN', sentence, { details: { rule: 'followers_only', minutes } });
}

function tooEarly(rule: string, until: string, now: string, sentence: string): Failure {
  const retryAfter = Math.max(1, Math.ceil((Date.parse(until) - Date.parse(now)) / 1_000));
  return new Failure('RATE_LIMITED', sentence, { retryAfter, details: { rule, until, retry_after: retryAfter } });
}

/** Who was kept from writing in a stream, by whatever way words would get there. */
export function timedOut(until: string, now: string): Failure {
  return tooEarly('timed_out', until, now, 'You may not write here for a while.');
}

/** What was written and not removed, latest first. */
export function listChat(
  executor: Executor,
  streamId: string,
  { limit, before }: { limit: number; before: string | null },
): Promise<readonly ChatRow[]> {
  return executor.any(sql.type(chatRow)`
    SELECT message.id, user_id, handle, text, at FROM stream_messages AS message JOIN users ON users.id = user_id
    WHERE stream_id = ${streamId} AND removed_at IS NULL AND (${before}::uuid IS NULL OR message.id < ${before}::uuid)
    ORDER BY message.id DESC LIMIT ${limit}
  `);
}

/** Takes a message away. False where it was already; NOT_FOUND where there is none. */
export async function removeChat(
  executor: Executor,
  streamId: string,
  messageId: string,
  { by, now }: { by: string; now: string },
): Promise<boolean> {
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    UPDATE stream_messages SET removed_at = ${now}::timestamptz, removed_by = ${by}
    WHERE id = ${messageId} AND stream_id = ${streamId} AND removed_at IS NULL
  `);
  if (rowCount === 1) return true;
  const isThere = await executor.exists(sql.typeAlias('void')`
    SELECT FROM stream_messages WHERE id = ${messageId} AND stream_id = ${streamId}
  `);
  if (!isThere) throw new Failure('NOT_FOUND', 'There is no such message.');
  return false;
}

export type Removal = { streamId: string; userId: string; until: string | null; by: string; now: string };

/** Keeps somebody from writing until an instant, or from being there at all; what they wrote goes with them. */
export async function removePerson(transaction: Transaction, removal: Removal): Promise<void> {
  const { streamId, userId, until, by, now } = removal;
  await lockWriter(transaction, streamId, userId);
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO stream_removals (stream_id, user_id, until, by, at)
    VALUES (${streamId}, ${userId}, ${until}::timestamptz, ${by}, ${now}::timestamptz)
    ON CONFLICT (stream_id, user_id) DO UPDATE SET until = excluded.until, by = excluded.by, at = excluded.at
  `);
  await transaction.query(sql.typeAlias('void')`
    UPDATE stream_messages SET removed_at = ${now}::timestamptz, removed_by = ${by}
    WHERE stream_id = ${streamId} AND user_id = ${userId} AND removed_at IS NULL
  `);
  await transaction.query(sql.typeAlias('void')`
    UPDATE questions SET status = 'dismissed', moved_at = ${now}::timestamptz, moved_by = ${by}
    WHERE stream_id = ${streamId} AND user_id = ${userId} AND status = 'asked'
  `);
}

/** Lets somebody be there and write again. False where nobody kept them from it. */
export async function readmitPerson(executor: Executor, streamId: string, userId: string): Promise<boolean> {
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    DELETE FROM stream_removals WHERE stream_id = ${streamId} AND user_id = ${userId}
  `);
  return rowCount === 1;
}
