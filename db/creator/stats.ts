import { z } from 'zod';
import type { EARNINGS } from '#workflows/creator/contract.ts';
import { type Executor, sql } from '../pool.ts';

/** How a creator does: from the ledger and from what was done by day; nothing is counted beside them for this. */

const count = z.bigint().transform(Number);

const activityRow = z.object({
  views: count,
  watched_ms: count,
  likes: count,
  comments: count,
  shares: count,
});
export type Activity = z.infer<typeof activityRow>;

/** What was done with somebody's videos from one day to before another. */
export function getActivity(executor: Executor, creatorId: string, from: string, before: string): Promise<Activity> {
  return executor.one(sql.type(activityRow)`
    SELECT coalesce(sum(done.views), 0)::bigint AS views, coalesce(sum(done.watched_ms), 0)::bigint AS watched_ms,
      coalesce(sum(done.likes), 0)::bigint AS likes, coalesce(sum(done.comments), 0)::bigint AS comments,
      coalesce(sum(done.shares), 0)::bigint AS shares
    FROM videos JOIN video_days AS done ON video_id = videos.id
    WHERE creator_id = ${creatorId} AND day >= ${from}::date AND day < ${before}::date
  `);
}

const followersRow = z.object({ total: z.int(), gained: count, lost: count });

/** All followers there are, and how many came and went since a day. */
export function getFollowers(
  executor: Executor,
  creatorId: string,
  from: string,
): Promise<z.infer<typeof followersRow>> {
  return executor.one(sql.type(followersRow)`
    SELECT coalesce((SELECT followers FROM follow_counts WHERE user_id = ${creatorId}), 0) AS total,
      coalesce(sum(gained), 0)::bigint AS gained, coalesce(sum(lost), 0)::bigint AS lost
    FROM follow_days WHERE user_id = ${creatorId} AND day >= ${from}::date
  `);
}

type Earning = (typeof EARNINGS)[number];

/** Transfers by which somebody earns, as what. A correction is less of the same. */
const EARNED_BY: Record<string, Earning> = {
  reward: 'rewards',
  reward_correction: 'rewards',
  tip: 'tips',
  gift_sent: 'gifts',
  money_released: 'deals',
  subscription: 'subscriptions',
  creator_paid: 'tickets',
  milestone: 'milestones',
};

const earnedRow = z.object({ reason: z.string(), asset: z.string(), amount: z.bigint() });
export type Earned = { kind: Earning; asset: string; amount: bigint };

/** What came to somebody's wallets since an instant, by kind and asset: the ledger's own entries. */
export async function listEarnings(executor: Executor, creatorId: string, since: string): Promise<Earned[]> {
  const rows = await executor.any(sql.type(earnedRow)`
    SELECT reason, asset, sum(entry.amount)::bigint AS amount
    FROM ledger_accounts AS account
    JOIN ledger_entries AS entry
      ON entry.account_id = account.id AND account_version > ledger_version_at(account.id, ${since})
    JOIN ledger_transfers AS transfer ON transfer.id = entry.transfer_id
    WHERE owner_id = ${creatorId} AND kind = 'wallet' AND reason = ANY(${sql.array(Object.keys(EARNED_BY), 'text')})
      AND (entry.amount > 0 OR reason = 'reward_correction')
    GROUP BY reason, asset
  `);
  const sums = new Map<string, Earned>();
  for (const { reason, asset, amount } of rows) {
    const kind = EARNED_BY[reason] as Earning;
    const key = `${kind} ${asset}`;
    const sum = sums.get(key) ?? { kind, asset, amount: 0n };
    sum.amount += amount;
    sums.set(key, sum);
  }
  return [...sums.values()].sort((one, other) =>
    `${one.kind} ${one.asset}` < `${other.kind} ${other.asset}` ? -1 : 1,
  );
}

const dealsRow = z.object({ many: count });

/** Deals in which somebody worked and was paid since an instant. */
export async function countDeals(executor: Executor, userId: string, since: string): Promise<number> {
  return executor.oneFirst(sql.type(dealsRow)`
    SELECT count(DISTINCT seats.process_id) AS many
    FROM seats JOIN promises ON promises.process_id = seats.process_id
    WHERE seats.user_id = ${userId} AND seats.role = 'influencer' AND promises.kind = 'release' AND done_at >= ${since}
  `);
}

export const TOP_BY = ['views', 'likes', 'earnings'] as const;

const topRow = z.object({
  video_id: z.string(),
  title: z.string(),
  thumbnail_url: z.string().nullable(),
  views: count,
  likes: count,
  earnings: z.bigint(),
  created_at: z.string(),
});

/** The videos of somebody's that come to most. */
export function listTop(
  executor: Executor,
  creatorId: string,
  { by, limit }: { by: (typeof TOP_BY)[number]; limit: number },
): Promise<readonly z.infer<typeof topRow>[]> {
  return executor.any(sql.type(topRow)`
    SELECT videos.id AS video_id, title, thumbnail_url, coalesce(counted.views, 0)::bigint AS views,
      coalesce(counted.likes, 0)::bigint AS likes, coalesce(paid.points, 0)::bigint AS earnings, created_at
    FROM videos
    LEFT JOIN LATERAL (
      SELECT sum(views) AS views, sum(likes) AS likes FROM video_counts WHERE video_id = videos.id
    ) AS counted ON true
    LEFT JOIN LATERAL (
      SELECT sum(creator_points) AS points FROM reward_videos WHERE video_id = videos.id
    ) AS paid ON true
    WHERE creator_id = ${creatorId} AND deleted_at IS NULL
    ORDER BY ${sql.identifier([by])} DESC, created_at DESC, videos.id DESC LIMIT ${limit}
  `);
}
