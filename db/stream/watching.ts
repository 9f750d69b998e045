import { Failure } from '#workflows/failures.ts';
import { type Executor, sql } from '../pool.ts';

/** Who may know of a stream, and who may watch it: asked here, for REST, both doors and tokens of media servers alike. */

/** Whom a stream's creator has to do with, as of videos: they have not left, no block, and what is private is for followers. */
export const knownTo = (readerId: string) => sql.fragment`
  (creator.id = ${readerId} OR (creator.deleted_at IS NULL
    AND NOT EXISTS (SELECT FROM blocks WHERE (blocker_id = ${readerId} AND blocked_id = creator.id)
      OR (blocker_id = creator.id AND blocked_id = ${readerId}))
    AND (NOT creator.private OR ${follows(readerId)})
  ))`;

/** Beside that: nobody put them out, and they are whom it is for. */
export const watchableBy = (readerId: string) => sql.fragment`
  (creator.id = ${readerId} OR (${knownTo(readerId)}
    AND NOT EXISTS (SELECT FROM stream_removals AS removal
      WHERE removal.stream_id = streams.process_id AND removal.user_id = ${readerId} AND removal.until IS NULL)
    AND (visibility = 'public'
      OR (visibility = 'followers' AND ${follows(readerId)})
      OR (visibility IN ('subscribers', 'ticket') AND ${hasPaid(readerId)}))
  ))`;

const follows = (readerId: string) =>
  sql.fragment`EXISTS (SELECT FROM follows WHERE follower_id = ${readerId} AND followed_id = creator.id)`;

/** Whether somebody has a subscription or a ticket that opens a stream: nobody has, as neither is sold yet. */
const hasPaid = (_readerId: string) => sql.fragment`false`;

export const FROM_STREAMS = sql.fragment`streams JOIN users AS creator ON creator.id = creator_id`;

/** Whether somebody may watch a stream, and so be in its room. False where there is none. */
export function mayWatch(executor: Executor, streamId: string, viewerId: string): Promise<boolean> {
  return executor.exists(sql.typeAlias('void')`
    SELECT FROM ${FROM_STREAMS} WHERE process_id = ${streamId} AND ${watchableBy(viewerId)}
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
