import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import type { Ad } from '#workflows/video/watch.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';

/** Videos: made, found, taken away. Who may see one is asked here, for all that is done with it. */

const count = z.bigint().transform(Number);

const ad = z.object({ ad_id: z.string(), at_seconds: z.number(), duration_seconds: z.number() });

const videoRow = z.object({
  id: z.string(),
  creator_id: z.string(),
  creator_handle: z.string(),
  title: z.string(),
  description: z.string(),
  duration_ms: z.int(),
  media_url: z.string(),
  thumbnail_url: z.string().nullable(),
  category: z.string(),
  tags: z.array(z.string()),
  ads: z.array(ad),
  created_at: z.string(),
});
export type VideoRow = z.infer<typeof videoRow>;

const VIDEO = sql.fragment`
  videos.id, creator_id, creator.handle AS creator_handle, title, description, duration_ms, media_url, thumbnail_url,
  category, tags, ads, videos.created_at`;
const FROM_VIDEOS = sql.fragment`videos JOIN users AS creator ON creator.id = creator_id`;

/** Whom a video's creator has to do with: nobody has blocked the other, and a private account's are its followers'. */
export const visibleTo = (readerId: string) => sql.fragment`
  (creator.id = ${readerId} OR (
    NOT EXISTS (SELECT FROM blocks WHERE (blocker_id = ${readerId} AND blocked_id = creator.id)
      OR (blocker_id = creator.id AND blocked_id = ${readerId}))
    AND (NOT creator.private
      OR EXISTS (SELECT FROM follows WHERE follower_id = ${readerId} AND followed_id = creator.id))
  ))`;

/** A video that the reader may see; NOT_FOUND for others. */
export async function getVideo(executor: Executor, id: string, readerId: string, isAdmin = false): Promise<VideoRow> {
  const found = await executor.maybeOne(sql.type(videoRow)`
    SELECT ${VIDEO} FROM ${FROM_VIDEOS}
    WHERE videos.id = ${id} AND videos.deleted_at IS NULL AND (${isAdmin} OR ${visibleTo(readerId)})
  `);
  if (!found) throw noVideo();
  return found;
}

/** Whether somebody may be in a video's room. */
export function canSeeVideo(executor: Executor, id: string, readerId: string): Promise<boolean> {
  return executor.exists(sql.typeAlias('void')`
    SELECT FROM ${FROM_VIDEOS} WHERE videos.id = ${id} AND videos.deleted_at IS NULL AND ${visibleTo(readerId)}
  `);
}

export function noVideo(): Failure {
  return new Failure('NOT_FOUND', 'There is no such video.');
}

export type NewVideo = Omit<VideoRow, 'creator_handle'> & { ads: readonly Ad[] };

export async function insertVideo(executor: Executor, row: NewVideo): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    INSERT INTO videos (id, creator_id, title, description, duration_ms, media_url, thumbnail_url, category, tags, ads,
      created_at)
    VALUES (${row.id}, ${row.creator_id}, ${row.title}, ${row.description}, ${row.duration_ms}, ${row.media_url},
      ${row.thumbnail_url}, ${row.category}, ${sql.array(row.tags, 'text')}, ${JSON.stringify(row.ads)}::jsonb,
      ${row.created_at})
  `);
}

/** Takes a video away: nobody sees it any more, and its links go. NOT_FOUND where it is not the creator's. */
export async function deleteVideo(transaction: Transaction, id: string, creatorId: string, now: string): Promise<void> {
  const { rowCount } = await transaction.query(sql.typeAlias('void')`
    UPDATE videos SET deleted_at = ${now} WHERE id = ${id} AND creator_id = ${creatorId} AND deleted_at IS NULL
  `);
  if (rowCount === 0) throw noVideo();
}

export type VideoPage = {
  readerId: string;
  creatorId: string | null;
  category: string | null;
  limit: number;
  start: { at: string; id: string } | null;
};

/** Videos that the reader may see, latest first. */
export function listVideos(
  executor: Executor,
  { readerId, creatorId, category, limit, start }: VideoPage,
): Promise<readonly VideoRow[]> {
  return executor.any(sql.type(videoRow)`
    SELECT ${VIDEO} FROM ${FROM_VIDEOS}
    WHERE videos.deleted_at IS NULL AND ${visibleTo(readerId)}
      AND (${creatorId}::uuid IS NULL OR creator_id = ${creatorId}::uuid)
      AND (${category}::text IS NULL OR category = ${category}::text)
      AND (${start?.id ?? null}::uuid IS NULL
        OR (videos.created_at, videos.id) < (${start?.at ?? null}::timestamptz, ${start?.id ?? null}::uuid))
    ORDER BY videos.created_at DESC, videos.id DESC LIMIT ${limit}
  `);
}

const counts = z.object({ id: z.string(), views: count, likes: count, shares: count, comments: count });
export type VideoCounts = Omit<z.infer<typeof counts>, 'id'>;

/** Exact: what a transaction did that is over is in it. */
export async function countsOf(executor: Executor, ids: readonly string[]): Promise<ReadonlyMap<string, VideoCounts>> {
  const rows = await executor.any(sql.type(counts)`
    SELECT id, coalesce(sum(views), 0)::bigint AS views, coalesce(sum(likes), 0)::bigint AS likes,
      coalesce(sum(shares), 0)::bigint AS shares, coalesce(sum(comments), 0)::bigint AS comments
    FROM unnest(${sql.array([...ids], 'uuid')}) AS id LEFT JOIN video_counts ON video_id = id
    GROUP BY id
  `);
  return new Map(rows.map(({ id, ...row }) => [id, row]));
}

/** Of these videos, those that somebody likes. */
export async function listLiked(executor: Executor, ids: readonly string[], userId: string): Promise<Set<string>> {
  const liked = await executor.anyFirst(sql.typeAlias('id')`
    SELECT video_id AS id FROM video_likes
    WHERE user_id = ${userId} AND video_id = ANY(${sql.array([...ids], 'uuid')})
  `);
  return new Set(liked);
}
