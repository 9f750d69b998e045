import { type Executor, sql } from '../pool.ts';
import { insertActs } from '../reward/acts.ts';
import type { VideoRow } from './videos.ts';

export type NewShare = { id: string; userId: string; channel: string | null; now: string };

/** Notes that somebody passed a video on. The caller has seen that they may see it. */
export async function share(
  executor: Executor,
  video: VideoRow,
  { id, userId, channel, now }: NewShare,
): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    INSERT INTO video_shares (id, video_id, user_id, channel, at)
    VALUES (${id}, ${video.id}, ${userId}, ${channel}, ${now})
  `);
  const act = { actorId: userId, creatorId: video.creator_id, target: video.id, now };
  await insertActs(executor, [
    { ...act, action: 'video_shared' },
    { ...act, action: 'share_received' },
  ]);
  await executor.query(sql.typeAlias('void')`SELECT FROM count_video(${video.id}, ${now}, 0, 0, 1, 0)`);
}
