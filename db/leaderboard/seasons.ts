import { z } from 'zod';
import { BOARD_KINDS, type BoardKind, seasonBefore, seasonBoard } from '#workflows/leaderboard/board.ts';
import { type Executor, type Pool, sql } from '../pool.ts';

/** Kept of each season and kind. */
const KEPT_PLACES = 100;
/** What was given in the last instant of a season may be committed a little later. */
const SETTLED_MS = 60_000;

/**
 * Ends the season that is over, where nobody has: its first places are kept, and the next has boards of its own since it
 * began. True where it was ended now; one in which nobody gave is none. However often it is asked, after whatever crash, each ends once.
 */
export async function endSeason(pool: Pool, now: string): Promise<boolean> {
  const name = seasonBefore(new Date(Date.parse(now) - SETTLED_MS).toISOString());
  return pool.transaction(async (transaction) => {
    const { rowCount } = await transaction.query(sql.typeAlias('void')`
      INSERT INTO seasons (name, ended_at) SELECT ${name}, ${now}::timestamptz
      WHERE EXISTS (SELECT FROM leaderboard_scores WHERE board = ${seasonBoard(name, 'senders')}) ON CONFLICT DO NOTHING
    `);
    if (rowCount === 0) return false;
    for (const kind of BOARD_KINDS) {
      await transaction.query(sql.typeAlias('void')`
        INSERT INTO season_standings (season, kind, rank, user_id, score)
        SELECT ${name}, ${kind}, row_number() OVER (ORDER BY score DESC, reached_at, user_id), user_id, score
        FROM leaderboard_scores WHERE board = ${seasonBoard(name, kind)}
        ORDER BY score DESC, reached_at, user_id LIMIT ${KEPT_PLACES}
      `);
    }
    return true;
  });
}

const season = z.object({ name: z.string(), ended_at: z.string() });
const standing = z.object({
  season: z.string(),
  rank: z.int(),
  user_id: z.string(),
  handle: z.string(),
  score: z.bigint().transform(Number),
});

/** Seasons that are over, latest first, each with its first places. */
export async function listSeasons(executor: Executor, kind: BoardKind, limit: number) {
  const seasons = await executor.any(sql.type(season)`
    SELECT name, ended_at FROM seasons ORDER BY name DESC LIMIT ${limit}
  `);
  const names = sql.array(
    seasons.map(({ name }) => name),
    'text',
  );
  const rows = await executor.any(sql.type(standing)`
    SELECT season, rank, user_id, handle, score FROM season_standings JOIN users ON users.id = user_id
    WHERE season = ANY(${names}) AND kind = ${kind} ORDER BY season, rank
  `);
  return seasons.map((each) => ({ ...each, places: rows.filter((row) => row.season === each.name) }));
}
