import { z } from 'zod';
import { STEPS } from '#workflows/video/watch.ts';
import { type Executor, sql } from '../pool.ts';

/** How a video does, from its counts by day: rows are summed, and nobody who watched is counted again. */

const count = z.bigint().transform(Number);

const dayRow = z.object({
  day: z.string(),
  views: count,
  likes: count,
  shares: count,
  comments: count,
  watched_ms: count,
  ad_views: count,
  creator_points: z.bigint(),
  viewer_points: z.bigint(),
});
export type VideoDay = z.infer<typeof dayRow>;

/** Latest first; a day without anything is left out. */
export function listVideoDays(executor: Executor, videoId: string): Promise<readonly VideoDay[]> {
  return executor.any(sql.type(dayRow)`
    SELECT day, coalesce(done.views, 0) AS views, coalesce(done.likes, 0) AS likes, coalesce(done.shares, 0) AS shares,
      coalesce(done.comments, 0) AS comments, coalesce(done.watched_ms, 0) AS watched_ms,
      coalesce(done.ad_views, 0) AS ad_views, coalesce(paid.creator_points, 0) AS creator_points,
      coalesce(paid.viewer_points, 0) AS viewer_points
    FROM (
      SELECT day, sum(views)::bigint AS views, sum(likes)::bigint AS likes, sum(shares)::bigint AS shares,
        sum(comments)::bigint AS comments, sum(watched_ms)::bigint AS watched_ms, sum(ad_views)::bigint AS ad_views
      FROM video_days WHERE video_id = ${videoId} GROUP BY day
    ) AS done
    FULL JOIN (SELECT * FROM reward_videos WHERE video_id = ${videoId}) AS paid USING (day)
    ORDER BY day DESC
  `);
}

const stepRow = z.object({ step: z.int(), viewers: count });

/** How many viewers there were, and which part of them watched one, two … twentieths of it in one sitting. */
export async function getRetention(
  executor: Executor,
  videoId: string,
): Promise<{ viewers: number; retention: number[] }> {
  const rows = await executor.any(sql.type(stepRow)`
    SELECT step, sum(viewers)::bigint AS viewers FROM video_retention WHERE video_id = ${videoId} GROUP BY step
  `);
  const viewers = rows.reduce((sum, row) => sum + row.viewers, 0);
  const came = (step: number) =>
    rows.filter((row) => row.step >= step).reduce((sum, row) => sum + row.viewers, 0) / Math.max(1, viewers);
  return { viewers, retention: Array.from({ length: STEPS }, (_, place) => Math.round(came(place) * 10_000) / 10_000) };
}
