import { Failure } from '#workflows/failures.ts';
import { type Executor, sql } from '../pool.ts';

/** Who may know of a stream, and who may watch it: asked here, for REST, both doors and tokens of media servers alike. */

/** Somebody's id, or where many ask at once the column that has it. */
type Who = string | ReturnType<typeof sql.fragment>;

/** Whom a stream's creator has to do with, as of videos: they have not left, no block, and what is private is for followers. */
export const knownTo = (readerId: Who) => sql.fragment`
  (creator.id = ${readerId} OR (creator.deleted_at IS NULL
    AND NOT EXISTS (SELECT FROM blocks WHERE (blocker_id = ${readerId} AND blocked_id = creator.id)
      OR (blocker_id = creator.id AND blocked_id = ${readerId}))
    AND (NOT creator.private OR ${follows(readerId)})
  ))`;

/** Beside that: nobody put them out, and they are whom it is for. */
export const watchableBy = (readerId: Who) => sql.fragment`
  (creator.id = ${readerId} OR (${knownTo(readerId)}
    AND NOT EXISTS (SELECT FROM stream_removals AS removal
      WHERE removal.stream_id = streams.process_id AND removal.user_id = ${readerId} AND removal.until IS NULL)
    AND (visibility = 'public'
      OR (visibility = 'followers' AND ${follows(readerId)})
      OR ${hasPaid(readerId)})
  ))`;

const follows = (readerId: Who) =>
  sql.fragment`EXISTS (SELECT FROM follows WHERE follower_id = ${readerId} AND followed_id = creator.id)`;

const subscribes = (readerId: Who) =>
  sql.fragment`EXISTS (SELECT FROM subscriptions AS subscription
    WHERE subscription.creator_id = creator.id AND subscriber_id = ${readerId} AND opens)`;

/** Whether somebody has a subscription or a ticket that opens a stream. */
const hasPaid = (readerId: Who) => sql.fragment`
  ((visibility = 'subscribers' AND ${subscribes(readerId)})
    OR (visibility = 'ticket' AND EXISTS (SELECT FROM tickets
      WHERE event_id = ticket_event_id AND holder_id = ${readerId} AND tickets.status = 'valid')))`;

export const FROM_STREAMS = sql.fragment`streams JOIN users AS creator ON creator.id = creator_id`;

/** Whether somebody may watch a stream, and so be in its room. False where there is none. */
export function mayWatch(executor: Executor, streamId: string, viewerId: string): Promise<boolean> {
  return executor.exists(sql.typeAlias('void')`
    SELECT FROM ${FROM_STREAMS} WHERE process_id = ${streamId} AND ${watchableBy(viewerId)}
  `);
}

/** Whether somebody has a subscription to a creator that is paid for, or tried to be. */
export function isSubscribed(executor: Executor, creatorId: string, userId: string): Promise<boolean> {
  return executor.exists(sql.typeAlias('void')`
    SELECT FROM subscriptions WHERE creator_id = ${creatorId} AND subscriber_id = ${userId} AND opens
  `);
}

/** Whether a stream is one that anybody may know of, without saying who they are. */
export function isForEverybody(executor: Executor, streamId: string): Promise<boolean> {
  return executor.exists(sql.typeAlias('void')`
    SELECT FROM ${FROM_STREAMS} WHERE process_id = ${streamId} AND visibility = 'public' AND NOT creator.private
      AND creator.deleted_at IS NULL
  `);
}

export function noStream(): Failure {
  return new Failure('NOT_FOUND', 'There is no such stream.');
}
