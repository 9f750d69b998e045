import { z } from 'zod';
import { METRICS, type Metric, MILESTONE_REWARD, type Milestone, reachedBy } from '#workflows/creator/milestones.ts';
import { formatDecimal } from '#workflows/money.ts';
import { accounts, transferAll } from '../money/ledger.ts';
import { eventsOfTransfer } from '../money/walletEvents.ts';
import { notify } from '../notification/notify.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';

const count = z.bigint().transform(Number);
const progressRow = z.object({ followers: count, views: count, likes: count, videos: count });

/** What somebody has of each metric. */
export function getProgress(executor: Executor, creatorId: string): Promise<Record<Metric, number>> {
  return executor.one(sql.type(progressRow)`
    SELECT coalesce((SELECT followers FROM follow_counts WHERE user_id = ${creatorId}), 0)::bigint AS followers,
      coalesce(sum(counted.views), 0)::bigint AS views, coalesce(sum(counted.likes), 0)::bigint AS likes,
      count(*) FILTER (WHERE videos.deleted_at IS NULL) AS videos
    FROM videos LEFT JOIN LATERAL (
      SELECT sum(views) AS views, sum(likes) AS likes FROM video_counts WHERE video_id = videos.id
    ) AS counted ON true
    WHERE creator_id = ${creatorId}
  `);
}

const reachedRow = z.object({ milestone: z.string(), reached_at: z.string() });

/** Milestones that were reached, and when. */
export async function listReachedMilestones(
  executor: Executor,
  creatorId: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await executor.any(sql.type(reachedRow)`
    SELECT milestone, reached_at FROM creator_milestones WHERE creator_id = ${creatorId}
  `);
  return new Map(rows.map(({ milestone, reached_at }) => [milestone, reached_at]));
}

const followersRow = z.object({ followers: z.int() });

async function progressOf(executor: Executor, creatorId: string, metrics: readonly Metric[]) {
  if (metrics.length !== 1 || metrics[0] !== 'followers') return getProgress(executor, creatorId);
  const row = await executor.maybeOne(sql.type(followersRow)`
    SELECT followers FROM follow_counts WHERE user_id = ${creatorId}
  `);
  return { followers: row?.followers ?? 0 };
}

/**
 * Notes what somebody has reached by now: each once, told once and paid once, however many look at the same time. Last in
 * its transaction. So many were new.
 */
export async function reachMilestones(
  transaction: Transaction,
  creatorId: string,
  { metrics = METRICS, now }: { metrics?: readonly Metric[]; now: string },
): Promise<number> {
  const progress: Partial<Record<Metric, number>> = await progressOf(transaction, creatorId, metrics);
  const known = await listReachedMilestones(transaction, creatorId);
  const wanted = reachedBy(progress).filter(({ id }) => !known.has(id));
  if (wanted.length === 0) return 0;
  const rows = wanted.map(({ id, metric }) => ({ milestone: id, progress: progress[metric] }));
  const made = await transaction.anyFirst(sql.typeAlias('id')`
    INSERT INTO creator_milestones (creator_id, milestone, progress, reached_at)
    SELECT ${creatorId}::uuid, milestone, progress, ${now}::timestamptz
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS reached (milestone text, progress bigint) ORDER BY milestone
    ON CONFLICT DO NOTHING RETURNING milestone AS id
  `);
  const reached = wanted.filter(({ id }) => made.includes(id));
  if (reached.length > 0) await tell(transaction, creatorId, { reached, progress, now });
  return reached.length;
}

async function tell(
  transaction: Transaction,
  creatorId: string,
  { reached, progress, now }: { reached: readonly Milestone[]; progress: Partial<Record<Metric, number>>; now: string },
): Promise<void> {
  const { asset, amount } = MILESTONE_REWARD;
  const moves = reached.map(({ id, title }) => ({
    ...{ key: `milestone_${creatorId}_${id}`, reason: 'milestone', conversationId: null, occurredAt: now },
    legs: [
      { account: accounts.issuance(asset, creatorId), amount: -amount },
      { account: accounts.wallet(creatorId, asset), amount },
    ],
    more: { memo: title },
  }));
  await transferAll(transaction, moves);
  const reward = { asset, amount: formatDecimal(amount, asset) };
  const notes = reached.map(({ id, title }) => ({
    ...{ userId: creatorId, kind: 'creator_milestone' as const, key: `milestone_${id}`, actorId: null },
    ...{ target: { type: 'milestone', id }, title, body: `${reward.amount} ${asset} for a milestone` },
    data: { milestoneId: id },
  }));
  const beside = reached.map((milestone) => ({
    user_id: creatorId,
    name: 'milestone_reached' as const,
    data: {
      creatorId,
      milestone: { ...milestone, progress: progress[milestone.metric] ?? 0, reached_at: now, reward },
    },
  }));
  const moved = [];
  for (const move of moves) moved.push(...(await eventsOfTransfer(transaction, move)));
  await notify(transaction, notes, { now, beside: [...moved, ...beside] });
}
