import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { isView, stepsOf, type Watched } from '#workflows/video/watch.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { insertActs } from '../reward/acts.ts';
import type { VideoRow } from './videos.ts';

/** Watching: one sitting at a time of one viewer before one video, under the lock of its row. */

const watchRow = z.object({
  id: z.string(),
  video_id: z.string(),
  user_id: z.string(),
  credited_at: z.string(),
  position_ms: z.int(),
  watched_ms: z.int(),
  counted_at: z.string().nullable(),
  replaced_at: z.string().nullable(),
});
export type WatchRow = z.infer<typeof watchRow>;

/** Begins a watch. An older one of the same viewer and video is over: time passes in one of them alone. */
export async function beginWatch(
  transaction: Transaction,
  { id, videoId, userId, now }: { id: string; videoId: string; userId: string; now: string },
): Promise<void> {
  await transaction.query(
    sql.unsafe`SELECT pg_advisory_xact_lock(hashtextextended(${`watch ${videoId} ${userId}`}, 0))`,
  );
  await transaction.query(sql.typeAlias('void')`
    UPDATE watches SET replaced_at = ${now} WHERE video_id = ${videoId} AND user_id = ${userId} AND replaced_at IS NULL
  `);
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO watches (id, video_id, user_id, started_at, credited_at)
    VALUES (${id}, ${videoId}, ${userId}, ${now}, ${now})
  `);
}

/** One's own watch of a video, to be changed. NOT_FOUND, and CONFLICT where another was begun after it. */
export async function lockWatch(
  transaction: Transaction,
  { id, videoId, userId }: { id: string; videoId: string; userId: string },
): Promise<WatchRow> {
  const found = await transaction.maybeOne(sql.type(watchRow)`
    SELECT id, video_id, user_id, credited_at, position_ms, watched_ms, counted_at, replaced_at
    FROM watches WHERE id = ${id} AND video_id = ${videoId} AND user_id = ${userId} FOR NO KEY UPDATE
  `);
  if (!found) throw new Failure('NOT_FOUND', 'There is no such watch.');
  if (found.replaced_at) throw new Failure('CONFLICT', 'You began to watch this video anew: this watch is over.');
  return found;
}

export function watchedOf({ credited_at, position_ms, watched_ms }: WatchRow): Watched {
  return { creditedAt: credited_at, positionMs: position_ms, watchedMs: watched_ms };
}

const viewer = z.object({ steps: z.int().nullable() });

/** Keeps how far a watch is; once long enough, it counts as a view, with what is earned by one. Whether it does. */
export async function keepWatch(
  transaction: Transaction,
  video: VideoRow,
  watch: WatchRow,
  { next, now }: { next: Watched; now: string },
): Promise<boolean> {
  const counts = isView(next.watchedMs, video.duration_ms);
  const isNew = counts && watch.counted_at === null;
  await transaction.query(sql.typeAlias('void')`
    UPDATE watches SET credited_at = ${next.creditedAt}, position_ms = ${next.positionMs},
      watched_ms = ${next.watchedMs}, counted_at = ${isNew ? now : watch.counted_at}
    WHERE id = ${watch.id}
  `);
  if (isNew) {
    const act = { actorId: watch.user_id, creatorId: video.creator_id, target: video.id, now };
    await insertActs(transaction, [
      { ...act, action: 'video_viewed' },
      { ...act, action: 'view_received' },
    ]);
  }
  if (counts) await retain(transaction, video, watch.user_id, next.watchedMs);
  const more = next.watchedMs - watch.watched_ms;
  if (isNew || more > 0) {
    await transaction.query(sql.typeAlias('void')`
      SELECT FROM count_video(${video.id}, ${now}, ${isNew ? 1 : 0}, 0, 0, 0, ${more})
    `);
  }
  return counts;
}

/** Notes how far somebody came, where that is further than before. */
async function retain(transaction: Transaction, video: VideoRow, userId: string, watchedMs: number): Promise<void> {
  const steps = stepsOf(watchedMs, video.duration_ms);
  const before = await transaction.maybeOne(sql.type(viewer)`
    WITH before AS (SELECT steps FROM video_viewers WHERE video_id = ${video.id} AND user_id = ${userId})
    INSERT INTO video_viewers AS viewer (video_id, user_id, steps) VALUES (${video.id}, ${userId}, ${steps})
    ON CONFLICT (video_id, user_id) DO UPDATE SET steps = EXCLUDED.steps WHERE viewer.steps < EXCLUDED.steps
    RETURNING (SELECT steps FROM before) AS steps
  `);
  if (!before) return;
  await transaction.query(sql.typeAlias('void')`
    SELECT FROM retain_video(${video.id}, ${before.steps}::smallint, ${steps}::smallint)
  `);
}

/** An ad of a video was shown to its end. */
export async function countAdView(executor: Executor, videoId: string, now: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`SELECT FROM count_video(${videoId}, ${now}, 0, 0, 0, 0, 0, 1)`);
}
