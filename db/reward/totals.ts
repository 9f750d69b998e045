import { z } from 'zod';
import { ACTION_NAMES } from '#workflows/reward/actions.ts';
import { REFUSALS } from '#workflows/reward/judge.ts';
import { type Executor, sql } from '../pool.ts';

/** What all rewards come to, from sums by day. */

const totalRow = z.object({
  day: z.string(),
  action: z.enum(ACTION_NAMES),
  outcome: z.enum(['granted', ...REFUSALS]),
  many: z.bigint().transform(Number),
  points: z.bigint(),
});
export type RewardTotal = z.infer<typeof totalRow>;

/** From one day to another, both of them in it, latest first. */
export function listTotals(executor: Executor, from: string, to: string): Promise<readonly RewardTotal[]> {
  return executor.any(sql.type(totalRow)`
    SELECT day, action, outcome, many, points FROM reward_totals WHERE day BETWEEN ${from}::date AND ${to}::date
    ORDER BY day DESC, action, outcome
  `);
}

const earner = z.object({ user_id: z.string(), handle: z.string(), points: z.bigint() });

export function listTopEarners(
  executor: Executor,
  { from, to, limit }: { from: string; to: string; limit: number },
): Promise<readonly z.infer<typeof earner>[]> {
  return executor.any(sql.type(earner)`
    SELECT user_id, handle, points FROM (
      SELECT user_id, sum(points)::bigint AS points FROM reward_days WHERE day BETWEEN ${from}::date AND ${to}::date
      GROUP BY user_id HAVING sum(points) > 0 ORDER BY points DESC, user_id LIMIT ${limit}
    ) AS top JOIN users ON users.id = user_id ORDER BY points DESC, user_id
  `);
}
