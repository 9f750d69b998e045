import { z } from 'zod';
import { VISIBILITIES } from '#workflows/stream/terms.ts';
import { notify } from '../notification/notify.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { grantXp } from '../xp/granting.ts';
import { FROM_STREAMS } from './watching.ts';

/** What is still to be told of streams, found by the worker: to followers in chunks, to rooms once a change. */

const open = z.object({ stream_id: z.string(), what: z.enum(['soon', 'started']) });
export type OpenTelling = z.infer<typeof open>;

export function listTellings(executor: Executor, limit: number): Promise<readonly OpenTelling[]> {
  return executor.any(sql.type(open)`
    SELECT stream_id, what FROM stream_tellings WHERE done_at IS NULL ORDER BY stream_id LIMIT ${limit}
  `);
}

const telling = z.object({
  told_up_to: z.string().nullable(),
  creator_id: z.string(),
  creator_handle: z.string(),
  title: z.string(),
  visibility: z.enum(VISIBILITIES),
  ticket_event_id: z.string().nullable(),
  status: z.string(),
  scheduled_at: z.string().nullable(),
});
type Telling = z.infer<typeof telling>;

/** Followers told in one transaction: each locks an inbox. */
const CHUNK = 100;

/**
 * Tells the next followers of a stream's creator, each once. Null where another process does, or nothing is left; else
 * whether there are more.
 */
export async function tellFollowers(
  transaction: Transaction,
  { stream_id: streamId, what }: OpenTelling,
  now: string,
): Promise<{ more: boolean } | null> {
  const row = await transaction.maybeOne(sql.type(telling)`
    SELECT told_up_to, creator_id, creator.handle AS creator_handle, title, visibility, ticket_event_id,
      status, scheduled_at
    FROM stream_tellings JOIN (${FROM_STREAMS}) ON process_id = stream_id
    WHERE stream_id = ${streamId} AND what = ${what} AND done_at IS NULL FOR NO KEY UPDATE OF stream_tellings SKIP LOCKED
  `);
  if (!row) return null;
  const followers = isOfUse(row, what) ? await nextFollowers(transaction, row) : [];
  const more = followers.length === CHUNK;
  await transaction.query(sql.typeAlias('void')`
    UPDATE stream_tellings SET told_up_to = coalesce(${followers.at(-1) ?? null}::uuid, told_up_to),
      done_at = CASE WHEN ${more} THEN NULL ELSE ${now}::timestamptz END
    WHERE stream_id = ${streamId} AND what = ${what}
  `);
  await notify(
    transaction,
    followers.map((userId) => noteOf(row, streamId, what, userId)),
    { now, beside: what === 'started' ? await grantXp(transaction, [startOf(row, streamId)], now) : [] },
  );
  return { more };
}

/** What its creator gains by having begun. */
function startOf({ creator_id: userId }: Telling, streamId: string) {
  return { userId, action: 'stream_started' as const, about: streamId, many: 1 };
}

/** That a stream begins is of no use once it is over, nor that it begins soon once it has. */
function isOfUse({ status }: Telling, what: OpenTelling['what']): boolean {
  return what === 'soon' ? status === 'scheduled' : status === 'live';
}

function nextFollowers(executor: Executor, telling: Telling): Promise<readonly string[]> {
  const { told_up_to } = telling;
  return executor.anyFirst(sql.typeAlias('id')`
    SELECT id FROM (${audienceOf(telling)}) AS audience
    WHERE ${told_up_to}::uuid IS NULL OR id > ${told_up_to}::uuid ORDER BY id LIMIT ${CHUNK}
  `);
}

/** Whom a stream is for, of those that are told: followers, where nobody pays, else who has. */
function audienceOf({ creator_id, visibility, ticket_event_id }: Telling) {
  switch (visibility) {
    case 'subscribers':
      return sql.fragment`SELECT subscriber_id AS id FROM subscriptions WHERE creator_id = ${creator_id} AND opens`;
    case 'ticket':
      return sql.fragment`SELECT holder_id AS id FROM tickets WHERE event_id = ${ticket_event_id} AND status = 'valid'`;
    default:
      return sql.fragment`SELECT follower_id AS id FROM follows WHERE followed_id = ${creator_id}`;
  }
}

function noteOf(row: Telling, streamId: string, what: OpenTelling['what'], userId: string) {
  const { creator_id: actorId, creator_handle: handle, title, scheduled_at } = row;
  const about = { userId, actorId, target: { type: 'stream', id: streamId } };
  if (what === 'started') {
    return {
      ...about,
      kind: 'live_stream_started' as const,
      key: `stream_started_${streamId}`,
      data: { streamId, title },
    };
  }
  return {
    ...{ ...about, kind: 'live_stream_soon' as const, key: `stream_soon_${streamId}_${scheduled_at}` },
    ...{ title: `@${handle} goes live soon`, body: title, data: { streamId, title, scheduledAt: scheduled_at } },
  };
}

const changed = z.object({ id: z.string(), status: z.string() });

/** Streams whose room has not been told their status, which counts as told from now on. */
export function takeChanged(executor: Executor, limit: number) {
  return executor.any(sql.type(changed)`
    UPDATE streams SET status_told = status WHERE process_id IN (
      SELECT process_id FROM streams WHERE status <> status_told ORDER BY process_id LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED
    ) RETURNING process_id AS id, status
  `);
}

const over = z.object({ stream_id: z.string(), segment_id: z.string() });

/** Segments that are over at an instant, and whose rooms have not been told: they count as told from now on. */
export function takeEndedSegments(executor: Executor, now: string, limit: number) {
  return executor.any(sql.type(over)`
    UPDATE stream_plays SET told = true, ended_at = coalesce(ended_at, ends_at) WHERE id IN (
      SELECT id FROM stream_plays WHERE NOT told AND (ended_at IS NOT NULL OR ends_at <= ${now}::timestamptz)
      ORDER BY ends_at LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED
    ) RETURNING stream_id, segment_id
  `);
}
