import { z } from 'zod';
import { type Executor, sql, type Transaction } from '../pool.ts';

/** So much more, or less, for somebody on a board. */
export type Scored = { board: string; userId: string; tokens: bigint };

export const scoreRow = z.object({
  board: z.string(),
  user_id: z.string(),
  score: z.int(),
  reached_at: z.string(),
  version: z.int(),
});
export type ScoreRow = z.infer<typeof scoreRow>;
const storedRow = scoreRow.extend({ score: z.bigint().transform(Number) });

/** Counts on boards, in the transaction of what is counted. The scores after it, for Redis once it is committed. */
export function score(transaction: Transaction, scored: readonly Scored[], now: string): Promise<readonly ScoreRow[]> {
  return transaction.any(sql.prepared('score', storedRow)`
    SELECT board, user_id, score, reached_at, version FROM score_on_boards(${scoreColumns(scored)}, ${now}::timestamptz)
  `);
}

/** As `score_on_boards` takes it: rows are locked in one order, so that nobody waits for each other in a circle. */
export function scoreColumns(scored: readonly Scored[]) {
  const sorted = summed(scored);
  const of = (column: (row: Scored) => string, type: string) => sql.array(sorted.map(column), type);
  return sql.fragment`${of(({ board }) => board, 'text')}, ${of(({ userId }) => userId, 'uuid')},
    ${of(({ tokens }) => tokens.toString(), 'int8')}`;
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

/**
 * Scores that Redis may not have been given yet, and that have stood for a moment: what is counted on again and again is
 * given by whoever counts, and noting each time that it was would be half of what counting costs.
 */
export function listUnshown(executor: Executor, limit: number): Promise<readonly ScoreRow[]> {
  return executor.any(sql.type(storedRow)`
    SELECT board, user_id, score, reached_at, version FROM leaderboard_scores
    WHERE shown <> version AND NOT reached_at BETWEEN clock_timestamp() - interval '2 s' AND clock_timestamp()
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
  return executor.any(sql.type(storedRow)`
    SELECT board, user_id, score, reached_at, version FROM leaderboard_scores
    WHERE board = ${board} AND (${after}::uuid IS NULL OR user_id > ${after}::uuid) ORDER BY user_id LIMIT ${limit}
  `);
}
