import { sql } from '../../pool.ts';

/** What somebody made, watched, said and earned with videos. */
export function videoSections(userId: string) {
  return {
    videos: sql.fragment`
      SELECT id, title, description, media_url, thumbnail_url, category, tags, ads, created_at, deleted_at FROM videos
      WHERE creator_id = ${userId} ORDER BY created_at, id`,
    video_likes: sql.fragment`SELECT video_id, at FROM video_likes WHERE user_id = ${userId} ORDER BY at`,
    video_comments: sql.fragment`
      SELECT id, video_id, parent_id, text, at, deleted_at FROM video_comments WHERE user_id = ${userId} ORDER BY at, id`,
    video_shares: sql.fragment`SELECT video_id, channel, at FROM video_shares WHERE user_id = ${userId} ORDER BY at, id`,
    watches: sql.fragment`
      SELECT video_id, started_at, watched_ms, counted_at FROM watches WHERE user_id = ${userId} ORDER BY started_at, id`,
    rewards: sql.fragment`
      SELECT id::text AS id, action, target, points::text AS points, refused, at FROM rewards
      WHERE user_id = ${userId} ORDER BY rewards.id`,
    recommendations: sql.fragment`
      SELECT list_id, n, kind, at, shown FROM recommendation_pages WHERE user_id = ${userId} ORDER BY at, n`,
    milestones: sql.fragment`
      SELECT milestone, progress::text AS progress, reached_at FROM creator_milestones
      WHERE creator_id = ${userId} ORDER BY reached_at, milestone`,
    reward_corrections: sql.fragment`
      SELECT id, reward_id::text AS reward_id, points::text AS points, taken::text AS taken, reason, corrected_at
      FROM reward_corrections WHERE user_id = ${userId} ORDER BY corrected_at, id`,
  };
}
