import { refusalOf, type Tandem } from 'tandem-client';
import type { Video } from './queries.ts';

export type Earning = { what: string; points: string };
type Answer = { reward: { status: string; points: string } };

/** What an answer says was earned; null where it earns nothing. */
export function earningOf(what: string, { reward }: Answer): Earning | null {
  return reward.status === 'granted' ? { what, points: reward.points } : null;
}

/**
 * Asks for the milestones that a watch has come to and was not asked for; `asked` remembers which were. Answers what was
 * earned.
 */
export async function claim(
  tandem: Tandem,
  { video, watchId, seconds, asked }: { video: Video; watchId: string; seconds: number; asked: Set<number> },
): Promise<Earning[]> {
  const earned: Earning[] = [];
  for (const { percent, reached } of video.milestones) {
    if (reached || asked.has(percent) || seconds < (video.duration_seconds * percent) / 100) continue;
    asked.add(percent);
    try {
      const answer = await tandem.rewards.earnMilestone({ videoId: video.id, milestone: percent as 25, watchId });
      const earning = earningOf(`${percent} % watched`, answer);
      if (earning) earned.push(earning);
    } catch (error) {
      // Not so far by the server's clock: the next beat asks again.
      asked.delete(percent);
      if (refusalOf(error).code !== 'CONFLICT') throw error;
    }
  }
  return earned;
}
