import { z } from 'zod';
import { type Executor, sql, type Transaction } from '../pool.ts';

/** So much more, or less, for somebody on a board. */
export type Scored = { board: string; userId: string; tokens: bigint };

const scoreRow = z.object({
  board: z.string(),
  user_id: z.string(),
  score: z.bigint().transform(Number),
  reached_at: z.string(),
  version: z.int(),
});
export type ScoreRow = z.infer<typeof scoreRow>;

/**
 * Counts on boards, in the transaction of what is counted. Rows are locked in the order of boards and people, so that two
 * who count at once do not wait for each other in a circle. The scores after it, for Redis once it is committed.
 */
export async function score(
  transaction: Transaction,
  scored: readonly Scored[],
  now: string,
): Promise<readonly ScoreRow[]> {
  const sorted = summed(scored);
  return transaction.any(sql.prepared('score', scoreRow)`
    INSERT INTO leaderboard_scores AS kept (board, user_id, score, reached_at)
    SELECT board, user_id, tokens, ${now}::timestamptz FROM unnest(
      ${sql.array(
        sorted.map(({ board }) => board),
        'text',
      )}, ${sql.array(
        sorted.map(({ userId }) => userId),
        'uuid',
      )}, ${sql.array(
        sorted.map(({ tokens }) => tokens.toString()),
        'int8',
      )}
    ) AS scored (board, user_id, tokens)
    ON CONFLICT (board, user_id) DO UPDATE SET score = kept.score + excluded.score,
      reached_at = greatest(kept.reached_at, excluded.reached_at), version = kept.version + 1
    RETURNING board, user_id, score, reached_at, version
  `);
}

/** One row a board and person, in the order of locks: of somebody who was given much at once the sum. */
function summed(scored: readonly Scored[]): Scored[] {
  const rows = new Map<string, Scored>();
  for (const one of scored) {
    const tokens = one.tokens + (rows.get(keyOf(one))?.tokens ?? 0n);
    rows.set(keyOf(one), { ...one, tokens });
  }
  return [...rows].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
}

const keyOf = ({ board, userId }: Scored) => `${board}\n${userId}`;

/** Scores that Redis may not have been given yet. */
export function listUnshown(executor: Executor, limit: number): Promise<readonly ScoreRow[]> {
  return executor.any(sql.type(scoreRow)`
    SELECT board, user_id, score, reached_at, version FROM leaderboard_scores WHERE shown <> version
    ORDER BY board, user_id LIMIT ${limit}
  `);
}

/** Notes that Redis was given these; what has changed since is to be given again. */
export async function noteShown(executor: Executor, rows: readonly ScoreRow[]): Promise<void> {
  const of = <Value extends string | number>(column: (row: ScoreRow) => Value, type: string) =>
    sql.array(rows.map(column), type);
  await executor.query(sql.typeAlias('void')`
    UPDATE leaderboard_scores AS kept SET shown = given.version
    FROM unnest(${of(({ board }) => board, 'text')}, ${of(({ user_id }) => user_id, 'uuid')},
      ${of(({ version }) => version, 'int4')}) AS given (board, user_id, version)
    WHERE kept.board = given.board AND kept.user_id = given.user_id AND kept.shown < given.version
  `);
}

/** A board's scores after somebody's id, to make it anew. */
export function listScores(
  executor: Executor,
  board: string,
  { after, limit }: { after: string | null; limit: number },
): Promise<readonly ScoreRow[]> {
  return executor.any(sql.type(scoreRow)`
    SELECT board, user_id, score, reached_at, version FROM leaderboard_scores
    WHERE board = ${board} AND (${after}::uuid IS NULL OR user_id > ${after}::uuid) ORDER BY user_id LIMIT ${limit}
  `);
}
