/** How long somebody has watched: by our clock, and never more than a player says. All times in ms. */

/** Beats that come sooner after what was counted last are not counted. */
export const BEAT_MS = 5_000;
/** Of a pause between two signs of life at most so much is given: who is silent longer is not watching. */
const LONGEST_GAP_MS = 15_000;
/** A view is so long, or this part of the video, whichever is shorter. */
const VIEW_MS = 5_000;
const VIEW_PART = 0.3;
/** A player's clock and ours may differ by so much. */
const SLACK_MS = 250;

export const MILESTONES = [25, 50, 75, 100] as const;
export type Milestone = (typeof MILESTONES)[number];

/** Steps of retention: twentieths of a video. */
export const STEPS = 20;

export type Watched = { creditedAt: string; positionMs: number; watchedMs: number };

/** What time passed since the last that was given, and may be given now. */
function passed({ creditedAt }: Watched, now: string): number {
  return Math.min(LONGEST_GAP_MS, Math.max(0, Date.parse(now) - Date.parse(creditedAt)));
}

/**
 * A player's beat: what it has played since the last one, at most what our clock says passed. Null where it comes too
 * soon to be counted.
 */
export function beatOn(watched: Watched, positionMs: number, now: string, durationMs: number): Watched | null {
  const since = passed(watched, now);
  if (since < BEAT_MS) return null;
  return played(watched, since, positionMs, now, durationMs);
}

function played(watched: Watched, since: number, positionMs: number, now: string, durationMs: number): Watched {
  const forward = Math.max(0, positionMs - watched.positionMs);
  const given = Math.min(since, forward, Math.max(0, durationMs - watched.watchedMs));
  return { creditedAt: now, positionMs: Math.min(positionMs, durationMs), watchedMs: watched.watchedMs + given };
}

/** How much has to be watched for a milestone. */
export function neededFor(milestone: Milestone, durationMs: number): number {
  return Math.ceil((durationMs * milestone) / 100);
}

/** A player that says it came to a milestone; null where it cannot have by our clock. */
export function reach(watched: Watched, milestone: Milestone, now: string, durationMs: number): Watched | null {
  const needed = neededFor(milestone, durationMs);
  if (watched.watchedMs >= needed) return watched;
  const since = passed(watched, now);
  const missing = needed - watched.watchedMs;
  if (missing > since + SLACK_MS) return null;
  const given = Math.min(missing, since);
  const creditedAt = now > watched.creditedAt ? now : watched.creditedAt;
  return { creditedAt, positionMs: Math.max(watched.positionMs, needed), watchedMs: watched.watchedMs + given };
}

export type Ad = { ad_id: string; at_seconds: number; duration_seconds: number };

/** An ad that was shown: the time it takes has passed, and was given to nothing else. Null where it cannot have been. */
export function seeAd(watched: Watched, ad: Ad, now: string): Watched | null {
  const since = Math.max(0, Date.parse(now) - Date.parse(watched.creditedAt));
  if (watched.watchedMs + SLACK_MS < ad.at_seconds * 1_000 - BEAT_MS) return null;
  return since + SLACK_MS < ad.duration_seconds * 1_000 ? null : { ...watched, creditedAt: now };
}

/** Whether it is long enough to count as a view. */
export function isView(watchedMs: number, durationMs: number): boolean {
  return watchedMs + SLACK_MS >= Math.min(VIEW_MS, durationMs * VIEW_PART);
}

/** How many twentieths were watched. */
export function stepsOf(watchedMs: number, durationMs: number): number {
  return Math.min(STEPS, Math.floor((watchedMs * STEPS) / durationMs));
}
