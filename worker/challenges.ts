import { noteLikes, noteProgress, noteViewers, progressOf, takeDue } from '#db/challenge/counting.ts';
import { winReached } from '#db/challenge/reaching.ts';
import { listUnrewarded, rewardChallenge } from '#db/challenge/rewarding.ts';
import type { Pool } from '#db/pool.ts';
import type { Origin } from '#db/process/stored.ts';
import type { Bus } from '#realtime/bus.ts';
import { moodsOf } from '#realtime/moods.ts';
import { viewersOf } from '#realtime/viewers.ts';
import { inChunks } from './turns.ts';

type Looking = { pool: Pool; bus: Bus; ring: (processId: string) => void };

/**
 * Looks how far challenges are that are open: their rooms are told where that has changed, and one that has come to its
 * target is won. Who watches and reacts is asked of Redis, all else is in the rows.
 */
export async function lookAtChallenges({ pool, bus, ring }: Looking, origin: Origin, limit: number): Promise<void> {
  for (const due of await takeDue(pool, origin.now, limit)) {
    const { id, stream_id: streamId, type, target } = due;
    if (type === 'viewers') await noteViewers(pool, id, await viewersOf(bus).count('stream', streamId));
    if (type === 'likes') await noteLikes(pool, due, await moodsOf(bus).total(streamId), origin.now);
    const progress = await progressOf(pool, id);
    if (await noteProgress(pool, due, progress)) {
      const data = { streamId, challengeId: id, progress, target };
      bus.live({ rooms: [`stream_${streamId}`], name: 'challenge:update', data });
    }
    if (progress >= target && (await winReached(pool, id, origin))) ring(id);
  }
}

/** Grants what is gained by challenges that were won. */
export async function rewardChallenges(pool: Pool, now: string, limit: number, stopping: AbortSignal): Promise<void> {
  for (const { id } of await listUnrewarded(pool, limit)) {
    await inChunks(stopping, async () => {
      const rewarded = await pool.transaction((transaction) => rewardChallenge(transaction, id, now));
      return rewarded?.more ?? false;
    });
  }
}
