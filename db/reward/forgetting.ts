import { type Asked, deleteOldest, type Round, round } from '../operation/round.ts';
import { type Executor, sql } from '../pool.ts';

/** What becomes of rewards' rows that nobody asks for any more: so many at a time, the oldest first. */

/** Why something earned nothing is asked while it is remembered. The sums by day still say how often. */
export function deleteRefused(executor: Executor, asked: Asked): Promise<Round> {
  return deleteOldest(executor, asked, {
    from: 'rewards',
    age: sql.fragment`judged_at`,
    where: sql.fragment`refused IS NOT NULL`,
  });
}

/**
 * What was earned and may be earned again, as a view the next day: its postings keep what it came to. What is earned once
 * for ever is known for ever, and what was corrected stays with its correction.
 */
export function sumUpGranted(executor: Executor, { before, limit, after }: Asked): Promise<Round> {
  return executor.one(sql.type(round)`
    WITH old AS MATERIALIZED (
      SELECT id, judged_at FROM rewards
      WHERE refused IS NULL AND once_day IS DISTINCT FROM '-infinity'::date
        AND judged_at < ${before}::timestamptz AND judged_at >= ${after ?? '-infinity'}::timestamptz
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
    SELECT count(*) AS rows, CASE WHEN count(*) = ${limit} THEN max(judged_at)::text END AS last FROM old
  `);
}

/** Caps by pair are of one day. */
export function deletePairs(executor: Executor, asked: Asked): Promise<Round> {
  return deleteOldest(executor, asked, {
    from: 'reward_pairs',
    age: sql.fragment`day`,
  });
}
