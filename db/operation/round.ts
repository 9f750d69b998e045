import { z } from 'zod';
import { type Executor, sql } from '../pool.ts';

/** A round of forgetting: so many rows, from where the last one stopped. */

export const round = z.object({
  rows: z.bigint().transform(Number),
  /** Where it stopped, for the next one to go on from; null where no more is there. */
  last: z.string().nullable(),
});
export type Round = z.infer<typeof round>;

export type Asked = {
  /** What is older than this instant is forgotten. */
  before: string;
  limit: number;
  /** Where the round before this one stopped. */
  after: string | null;
};

type Fragment = ReturnType<typeof sql.fragment>;

/**
 * Deletes what is oldest, by an index of its age: each round begins where the last one stopped, and not with all that
 * was deleted before it. What somebody holds is left for the next run.
 */
export function deleteOldest(
  executor: Executor,
  { before, limit, after }: Asked,
  {
    from,
    age,
    where = sql.fragment`true`,
    also,
  }: {
    from: string;
    age: Fragment;
    where?: Fragment;
    /** What goes with it: parts of the statement, that find it by `SELECT id FROM old`. */
    also?: Fragment;
  },
): Promise<Round> {
  const table = sql.identifier([from]);
  // They are locked, so that they stay where they are: no index is asked a second time for each.
  return executor.one(sql.type(round)`
    WITH old AS MATERIALIZED (
      SELECT ctid AS place, ${age} AS age${also ? sql.fragment`, id` : sql.fragment``} FROM ${table}
      WHERE ${age} < ${before}::timestamptz AND ${age} >= ${after ?? '-infinity'}::timestamptz AND ${where}
      ORDER BY ${age} LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ), ${also ? sql.fragment`${also},` : sql.fragment``} gone AS (
      DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT place FROM old))
    )
    SELECT count(*) AS rows, CASE WHEN count(*) = ${limit} THEN max(age)::text END AS last FROM old
  `);
}
