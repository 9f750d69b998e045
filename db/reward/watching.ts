import { Failure } from '#workflows/failures.ts';
import type { Verdict } from '#workflows/reward/judge.ts';
import { type Ad, type Milestone, neededFor, reach, seeAd } from '#workflows/video/watch.ts';
import type { Transaction } from '../pool.ts';
import type { VideoRow } from '../video/videos.ts';
import { countAdView, keepWatch, lockWatch, watchedOf } from '../video/watches.ts';
import { insertActs } from './acts.ts';
import { collectOwn } from './collecting.ts';

/** What is earned by watching: only for time that passed by our clock, and once. */

export type Watching = { watchId: string; userId: string; now: string };

/** A part of a video that was watched. CONFLICT where our clock says that it cannot have been. */
export async function earnMilestone(
  transaction: Transaction,
  video: VideoRow,
  { milestone, watchId, userId, now }: Watching & { milestone: Milestone },
): Promise<Verdict> {
  const watch = await lockWatch(transaction, { id: watchId, videoId: video.id, userId });
  const watched = watchedOf(watch);
  const next = reach(watched, milestone, now, video.duration_ms);
  if (!next) {
    const details = {
      watched_seconds: watched.watchedMs / 1_000,
      needed_seconds: neededFor(milestone, video.duration_ms) / 1_000,
    };
    throw new Failure('CONFLICT', 'So much of the video was not watched yet.', { details });
  }
  await keepWatch(transaction, video, watch, { next, now });
  return earnOwn(transaction, video, { action: 'watch_milestone', thing: String(milestone), userId, now });
}

/** An ad that was shown to its end. NOT_FOUND; CONFLICT where its time has not passed. */
export async function earnAdView(
  transaction: Transaction,
  video: VideoRow,
  { adId, watchId, userId, now }: Watching & { adId: string },
): Promise<Verdict> {
  const ad = video.ads.find(({ ad_id }) => ad_id === adId) as Ad | undefined;
  if (!ad) throw new Failure('NOT_FOUND', 'There is no such ad in this video.');
  const watch = await lockWatch(transaction, { id: watchId, videoId: video.id, userId });
  const next = seeAd(watchedOf(watch), ad, now);
  if (!next) {
    const details = { at_seconds: ad.at_seconds, duration_seconds: ad.duration_seconds };
    throw new Failure('CONFLICT', 'The ad was not shown to its end yet.', { details });
  }
  await keepWatch(transaction, video, watch, { next, now });
  const verdict = await earnOwn(transaction, video, { action: 'ad_view', thing: adId, userId, now });
  if (verdict.refused !== 'already_earned') await countAdView(transaction, video.id, now);
  return verdict;
}

type Earned = { action: 'watch_milestone' | 'ad_view'; thing: string; userId: string; now: string };

async function earnOwn(
  transaction: Transaction,
  video: VideoRow,
  { action, thing, userId, now }: Earned,
): Promise<Verdict> {
  const target = `${video.id}/${thing}`;
  await insertActs(transaction, [{ action, actorId: userId, creatorId: video.creator_id, target, now }]);
  return ofMine(await collectOwn(transaction, userId, now), { action, target });
}

/** Of what was judged just now the last of an action and target: others of the same person may have waited. */
export function ofMine(verdicts: readonly Verdict[], { action, target }: { action: string; target: string }): Verdict {
  const mine = verdicts.findLast(({ act }) => act.action === action && act.target === target);
  if (!mine) throw new Error(`${action} of ${target} was not judged`);
  return mine;
}
