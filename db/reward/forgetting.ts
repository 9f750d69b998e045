import { z } from 'zod';
import { type Executor, sql } from '../pool.ts';

/** What becomes of rewards' rows that nobody asks for any more: so many at a time, the oldest first. */

const many = z.object({ many: z.bigint().transform(Number) });

/** Why something earned nothing is asked while it is remembered. The sums by day still say how often. */
export async function deleteRefused(executor: Executor, before: string, limit: number): Promise<number> {
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    DELETE FROM rewards WHERE id IN (
      SELECT id FROM rewards
      WHERE (refused IS NOT NULL OR once_day IS DISTINCT FROM '-infinity'::date)
        AND refused IS NOT NULL AND judged_at < ${before}::timestamptz
      ORDER BY judged_at LIMIT ${limit}
    )
  `);
  return rowCount;
}

/**
 * What was earned and may be earned again, as a view the next day: its postings keep what it came to. What is earned once
 * for ever is known for ever, and what was corrected stays with its correction.
 */
export function sumUpGranted(executor: Executor, before: string, limit: number): Promise<number> {
  return executor.oneFirst(sql.type(many)`
    WITH old AS MATERIALIZED (
      SELECT id FROM rewards
      WHERE (refused IS NOT NULL OR once_day IS DISTINCT FROM '-infinity'::date)
        AND refused IS NULL AND judged_at < ${before}::timestamptz
        AND NOT EXISTS (SELECT FROM reward_corrections WHERE reward_id = rewards.id)
      ORDER BY judged_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ), gone AS (
      DELETE FROM rewards USING old WHERE rewards.id = old.id
      RETURNING posting, day, action, user_id, points
    ), summed AS (
      INSERT INTO reward_sums AS kept (posting, day, action, user_id, points, granted)
      SELECT posting, day, action, user_id, sum(points), count(*) FROM gone
      GROUP BY posting, day, action, user_id ORDER BY posting, day, action
      ON CONFLICT (posting, day, action) DO UPDATE SET points = kept.points + excluded.points,
        granted = kept.granted + excluded.granted
    )
    SELECT count(*) AS many FROM gone
  `);
}

/** Caps by pair are of one day. */
export async function deletePairs(executor: Executor, before: string, limit: number): Promise<number> {
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    DELETE FROM reward_pairs WHERE (user_id, day, action, other_id) IN (
      SELECT user_id, day, action, other_id FROM reward_pairs
      WHERE day < (${before}::timestamptz AT TIME ZONE 'UTC')::date ORDER BY day LIMIT ${limit}
    )
  `);
  return rowCount;
}
