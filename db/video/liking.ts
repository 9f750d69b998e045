import { z } from 'zod';
import { takeBack } from '../notification/notify.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { noVideo, visibleTo } from './videos.ts';

/**
 * Likes. A video that a million people like is liked in one statement a like, which holds one of eight rows for as long as
 * its commit takes; what is earned by it, and that its creator is told, is gathered later (`db/reward/`).
 */

export type Liking = { videoId: string; userId: string; now: string };

const outcome = z.object({ creator_id: z.string(), changed: z.boolean(), counted: z.string().nullable() });

/** Likes a video. False where one did; NOT_FOUND where one may not see it. */
export async function like(executor: Executor, { videoId, userId, now }: Liking): Promise<boolean> {
  const found = await executor.maybeOne(sql.prepared('like_video', outcome)`
    WITH seen AS MATERIALIZED (
      SELECT videos.id, creator_id FROM videos JOIN users AS creator ON creator.id = creator_id
      WHERE videos.id = ${videoId} AND videos.deleted_at IS NULL AND ${visibleTo(userId)}
    ), liked AS (
      INSERT INTO video_likes (video_id, user_id, at) SELECT id, ${userId}::uuid, ${now}::timestamptz FROM seen
      ON CONFLICT DO NOTHING RETURNING video_id
    ), acted AS (
      INSERT INTO reward_acts (user_id, action, actor_id, creator_id, target, gathered, following, followers, at)
      SELECT act.user_id, act.action, ${userId}, creator_id, video_id, act.gathered, coalesce(counted.following, 0),
        coalesce(counted.followers, 0), ${now}::timestamptz
      FROM liked JOIN seen ON true
      CROSS JOIN LATERAL (VALUES (${userId}::uuid, 'video_liked', false), (creator_id, 'like_received', true))
        AS act (user_id, action, gathered)
      LEFT JOIN follow_counts AS counted ON counted.user_id = act.user_id
    )
    SELECT creator_id, EXISTS (SELECT FROM liked) AS changed,
      (SELECT count_video(video_id, ${now}, 0, 1, 0, 0)::text FROM liked) AS counted
    FROM seen
  `);
  if (!found) throw noVideo();
  return found.changed;
}

/** What the notification of a like is known by: an unlike takes back that one. */
export function likeKey(userId: string, videoId: string): string {
  return `like_${userId}_${videoId}`;
}

/** Likes it no longer. False where one did not. Last in its transaction: it takes back what its creator was told. */
export async function unlike(transaction: Transaction, { videoId, userId, now }: Liking): Promise<boolean> {
  const found = await transaction.maybeOne(sql.type(outcome)`
    WITH seen AS MATERIALIZED (
      SELECT videos.id, creator_id FROM videos JOIN users AS creator ON creator.id = creator_id
      WHERE videos.id = ${videoId} AND videos.deleted_at IS NULL AND ${visibleTo(userId)}
    ), gone AS (
      DELETE FROM video_likes USING seen WHERE video_id = seen.id AND user_id = ${userId} RETURNING video_id
    )
    SELECT creator_id, EXISTS (SELECT FROM gone) AS changed,
      (SELECT count_video(video_id, ${now}, 0, -1, 0, 0)::text FROM gone) AS counted
    FROM seen
  `);
  if (!found) throw noVideo();
  if (found.changed && found.creator_id !== userId) {
    await takeBack(transaction, { userId: found.creator_id, key: likeKey(userId, videoId), now });
  }
  return found.changed;
}
