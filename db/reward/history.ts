import { z } from 'zod';
import { ACTION_NAMES, type Action } from '#workflows/reward/actions.ts';
import { REFUSALS } from '#workflows/reward/judge.ts';
import { MILESTONES } from '#workflows/video/watch.ts';
import { type Executor, sql } from '../pool.ts';

/** What somebody earned, as it is read: from rows by their keys and sums that were made when it was posted. */

const count = z.bigint().transform(Number);

const rewardRow = z.object({
  id: z.string(),
  action: z.enum(ACTION_NAMES),
  version: z.int(),
  target: z.string(),
  points: z.bigint(),
  refused: z.enum(REFUSALS).nullable(),
  posting: z.string().nullable(),
  at: z.string(),
});
export type RewardRow = z.infer<typeof rewardRow>;

const REWARD = sql.fragment`id::text AS id, action, version, target, points, refused, posting, at`;

/** What became of somebody's acts, latest first. */
export function listRewards(
  executor: Executor,
  userId: string,
  { before, limit }: { before: string | null; limit: number },
): Promise<readonly RewardRow[]> {
  return executor.any(sql.type(rewardRow)`
    SELECT ${REWARD} FROM rewards WHERE user_id = ${userId} AND (${before}::bigint IS NULL OR rewards.id < ${before}::bigint)
    ORDER BY rewards.id DESC LIMIT ${limit}
  `);
}

export type Asked = { id: string | null; action: Action | null; target: string | null };

/** Of somebody's acts those that are asked about, latest first. */
export function listAsked(
  executor: Executor,
  userId: string,
  { id, action, target }: Asked,
  limit: number,
): Promise<readonly RewardRow[]> {
  return executor.any(sql.type(rewardRow)`
    SELECT ${REWARD} FROM rewards
    WHERE user_id = ${userId} AND (${id}::bigint IS NULL OR rewards.id = ${id}::bigint)
      AND (${action}::text IS NULL OR action = ${action}::text)
      AND (${target}::text IS NULL OR target = ${target}::text)
    ORDER BY rewards.id DESC LIMIT ${limit}
  `);
}

const waitingRow = z.object({ id: z.string(), action: z.enum(ACTION_NAMES), target: z.string(), at: z.string() });
export type WaitingRow = z.infer<typeof waitingRow>;

/** Acts that wait to be judged. */
export function listWaiting(executor: Executor, userId: string, limit: number): Promise<readonly WaitingRow[]> {
  return executor.any(sql.type(waitingRow)`
    SELECT id::text AS id, action, target, at FROM reward_acts WHERE user_id = ${userId} ORDER BY gathered, reward_acts.id
    LIMIT ${limit}
  `);
}

const dayRow = z.object({
  action: z.enum(ACTION_NAMES),
  points: z.bigint(),
  granted: count,
  refused: count,
  today: z.bigint(),
});
export type EarnedByAction = z.infer<typeof dayRow>;

/** What somebody earned by each action, in all and on a day. */
export function listEarnedByAction(
  executor: Executor,
  userId: string,
  today: string,
): Promise<readonly EarnedByAction[]> {
  return executor.any(sql.type(dayRow)`
    SELECT action, sum(points)::bigint AS points, sum(granted)::bigint AS granted, sum(refused)::bigint AS refused,
      coalesce(sum(points) FILTER (WHERE day = ${today}::date), 0)::bigint AS today
    FROM reward_days WHERE user_id = ${userId} GROUP BY action ORDER BY action
  `);
}

const personRow = z.object({
  earned: z.bigint(),
  debt: z.bigint(),
  streak: z.int(),
  longest: z.int(),
  streak_day: z.string().nullable(),
  time_zone: z.string(),
});
export type RewardPerson = z.infer<typeof personRow>;

/** What somebody earned in all and owes, and their streak; zeros for who never did anything. */
export function getRewardPerson(executor: Executor, userId: string): Promise<RewardPerson> {
  return executor.one(sql.type(personRow)`
    SELECT coalesce(earned, 0) AS earned, coalesce(debt, 0) AS debt, coalesce(streak, 0) AS streak,
      coalesce(longest, 0) AS longest, streak_day, time_zone
    FROM users LEFT JOIN reward_people ON user_id = users.id WHERE users.id = ${userId}
  `);
}

const targetRow = z.object({ target: z.string() });

/** Milestones of these videos that somebody was paid for, as "<video>/<percent>". */
export async function listReached(
  executor: Executor,
  videoIds: readonly string[],
  userId: string,
): Promise<ReadonlySet<string>> {
  const targets = videoIds.flatMap((id) => MILESTONES.map((percent) => `${id}/${percent}`));
  const rows = await executor.any(sql.type(targetRow)`
    SELECT target FROM rewards
    WHERE actor_id = ${userId} AND action = 'watch_milestone' AND target = ANY(${sql.array(targets, 'text')})
      AND refused IS NULL
  `);
  return new Set(rows.map(({ target }) => target));
}
