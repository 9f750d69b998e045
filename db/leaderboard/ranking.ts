import { z } from 'zod';
import { type Executor, sql } from '../pool.ts';

/** Ranks as Postgres has them: what Redis is made from, and what is answered while it is away. */

const ranked = z.object({
  rank: z.bigint().transform(Number),
  user_id: z.string(),
  score: z.bigint().transform(Number),
});
export type Ranked = z.infer<typeof ranked>;

/** Places from one on (from 0): the highest score first, of two alike who had it first. */
export function listPlaces(executor: Executor, board: string, from: number, limit: number): Promise<readonly Ranked[]> {
  return executor.any(sql.type(ranked)`
    SELECT (${from}::integer + row_number() OVER ())::bigint AS rank, user_id, score FROM (
      SELECT user_id, score FROM leaderboard_scores WHERE board = ${board}
      ORDER BY score DESC, reached_at, user_id OFFSET ${from} LIMIT ${limit}
    ) AS places
  `);
}

const place = z.object({ place: z.bigint().transform(Number), total: z.bigint().transform(Number) });

/** Somebody's place (from 0) and how many there are; null where they are not on the board. */
export function findPlace(executor: Executor, board: string, userId: string) {
  return executor.maybeOne(sql.type(place)`
    SELECT (SELECT count(*) FROM leaderboard_scores AS other WHERE other.board = ${board}
        AND (-other.score, other.reached_at, other.user_id) < (-own.score, own.reached_at, own.user_id)) AS place,
      (SELECT count(*) FROM leaderboard_scores WHERE board = ${board}) AS total
    FROM leaderboard_scores AS own WHERE board = ${board} AND user_id = ${userId}
  `);
}

const named = z.object({ id: z.string(), handle: z.string() });

export async function handlesOf(executor: Executor, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await executor.any(sql.type(named)`
    SELECT id, handle FROM users WHERE id = ANY(${sql.array([...ids], 'uuid')})
  `);
  return new Map(rows.map(({ id, handle }) => [id, handle]));
}
