import type { Redis } from 'ioredis';
import { findPlace, listPlaces, type Ranked } from '#db/leaderboard/ranking.ts';
import { listScores, listUnshown, noteShown, type ScoreRow } from '#db/leaderboard/scoring.ts';
import type { Executor } from '#db/pool.ts';
import { windowAround } from '#workflows/leaderboard/board.ts';

/**
 * Gives a board somebody's score: in `KEYS[1]` a sorted set, whose members begin with how early the score was reached, and
 * in `KEYS[2]` whose member is which, with its version. What is older than what is there changes nothing.
 */
const GIVE = `
for i = 1, #ARGV, 4 do
  local had = redis.call('HGET', KEYS[2], ARGV[i])
  local version = had and tonumber(string.match(had, '^(%d+) '))
  if not version or version < tonumber(ARGV[i + 3]) then
    if had then redis.call('ZREM', KEYS[1], string.match(had, ' (.*)$')) end
    redis.call('ZADD', KEYS[1], ARGV[i + 1], ARGV[i + 2])
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 3] .. ' ' .. ARGV[i + 2])
  end
end
for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, 691200) end`;

/** After every instant there will be: members are in the order of how long before it they were reached. */
const END_MS = 9_999_999_999_999;
const READY = 'ready';
const PAGE = 1_000;
/** Scores that Redis is given at once at most, where it was not given them before. */
export const SHOWN_TOGETHER = PAGE;
/** A board that nobody counts on or looks at is forgotten, and made anew when somebody does. As in the script. */
const KEPT_SECONDS = 8 * 86_400;

const keysOf = (board: string) => [`tandem:board:${board}`, `tandem:board:${board}:members`] as const;
/** Highest first, so of two alike the greater name: the earlier instant, and then the lower id. */
const memberOf = ({ user_id, reached_at }: ScoreRow) =>
  `${String(END_MS - Date.parse(reached_at)).padStart(13, '0')}|${inverted(user_id)}|${user_id}`;
/** An id's digits turned round, so that what was lower is higher. */
const inverted = (id: string) => id.replaceAll(/[0-9a-f]/g, (digit) => (15 - Number.parseInt(digit, 16)).toString(16));
const userIn = (member: string) => member.slice(member.lastIndexOf('|') + 1);

/** Gives Redis what was counted, after its commit, in one write. What fails is given by the worker. */
export async function showScores(redis: Redis | null, rows: readonly ScoreRow[]): Promise<void> {
  if (redis === null || rows.length === 0) return;
  if (!('giveScores' in redis)) redis.defineCommand('giveScores', { numberOfKeys: 2, lua: GIVE });
  const boards = Map.groupBy(rows, (row) => row.board);
  const given = await redis
    .pipeline(
      [...boards].map(([board, theirs]) => [
        ...['giveScores', ...keysOf(board)],
        ...theirs.flatMap((row) => [row.user_id, String(row.score), memberOf(row), String(row.version)]),
      ]),
    )
    .exec();
  for (const [error] of given ?? []) if (error) throw error;
}

/** From one time that Redis is given what was counted to the next, in ms: a popular creator's score changes more often. */
const SHOWN_EVERY_MS = 100;

/** What Redis is to be given next: of each place the latest. `given`: what is being given. */
type Showing = { rows: Map<string, ScoreRow>; given: Promise<void>; timer: NodeJS.Timeout | null };
const showings = new WeakMap<Redis, Showing>();

/** The same a moment later, with what is counted meanwhile; the first at once. */
export function showSoon(redis: Redis | null, rows: readonly ScoreRow[], failed: (error: unknown) => void): void {
  if (redis === null || rows.length === 0) return;
  const showing = showings.get(redis) ?? { rows: new Map(), given: Promise.resolve(), timer: null };
  showings.set(redis, showing);
  for (const row of rows) {
    const key = `${row.board} ${row.user_id}`;
    const had = showing.rows.get(key);
    if (!had || had.version < row.version) showing.rows.set(key, row);
  }
  if (showing.timer !== null) return;
  const give = () => {
    showing.timer = null;
    if (showing.rows.size === 0) return;
    showing.given = showNow(redis, showing).catch(failed);
    showing.timer = setTimeout(give, SHOWN_EVERY_MS).unref();
  };
  give();
}

function showNow(redis: Redis, showing: Showing): Promise<void> {
  const rows = [...showing.rows.values()];
  showing.rows.clear();
  return showScores(redis, rows);
}

/** What was counted in this process is seen by whoever looks in it. */
async function shown(redis: Redis): Promise<void> {
  const showing = showings.get(redis);
  if (!showing) return;
  await showing.given;
  if (showing.rows.size > 0) await showNow(redis, showing);
}

/** Gives Redis what it may not have; how many there were. Nothing while it is away: the rows wait. */
export async function showUnshown(executor: Executor, redis: Redis | null): Promise<number> {
  if (redis === null) return 0;
  const rows = await listUnshown(executor, SHOWN_TOGETHER);
  if (rows.length === 0) return 0;
  await showScores(redis, rows);
  await noteShown(executor, rows);
  return rows.length;
}

/** Whether a board is whole in Redis: both keys there, and as many in the one as in the other. */
async function isWhole(redis: Redis, board: string): Promise<boolean> {
  const [set, members] = keysOf(board);
  const [ready, many, known] = await Promise.all([redis.hget(members, READY), redis.zcard(set), redis.hlen(members)]);
  return ready !== null && many === known - 1;
}

/** Makes a board from Postgres, where Redis lost it. What is counted meanwhile is newer and stays. */
async function rebuild(executor: Executor, redis: Redis, board: string): Promise<void> {
  const keys = keysOf(board);
  await redis.del(...keys);
  let after: string | null = null;
  do {
    const rows: readonly ScoreRow[] = await listScores(executor, board, { after, limit: PAGE });
    if (rows.length > 0) await showScores(redis, rows);
    after = rows.length === PAGE ? (rows.at(-1)?.user_id ?? null) : null;
  } while (after !== null);
  await redis.hset(keys[1], READY, '0 ');
}

export type Looked = { board: string; limit: number; around: string | null };

/** Places of a board: its first, or those around somebody; none where they are not on it. */
export async function lookAt(executor: Executor, redis: Redis | null, looked: Looked): Promise<readonly Ranked[]> {
  if (redis !== null) {
    try {
      return await lookInRedis(executor, redis, looked);
    } catch {
      // Redis went away in the middle of it: Postgres knows as well.
    }
  }
  const { board, limit, around } = looked;
  if (around === null) return listPlaces(executor, board, 0, limit);
  const found = await findPlace(executor, board, around);
  return found ? listPlaces(executor, board, windowAround(found.place, limit, found.total), limit) : [];
}

async function lookInRedis(executor: Executor, redis: Redis, { board, limit, around }: Looked): Promise<Ranked[]> {
  await shown(redis);
  if (!(await isWhole(redis, board))) await rebuild(executor, redis, board);
  const [set, members] = keysOf(board);
  await Promise.all([redis.expire(set, KEPT_SECONDS), redis.expire(members, KEPT_SECONDS)]);
  const from = around === null ? 0 : await beginAround(redis, board, around, limit);
  if (from === null) return [];
  const found = await redis.zrevrange(set, from, from + limit - 1, 'WITHSCORES');
  return Array.from({ length: found.length / 2 }, (_, at) => ({
    ...{ rank: from + at + 1, user_id: userIn(found[2 * at] as string), score: Number(found[2 * at + 1]) },
  }));
}

async function beginAround(redis: Redis, board: string, userId: string, limit: number): Promise<number | null> {
  const [set, members] = keysOf(board);
  const member = (await redis.hget(members, userId))?.replace(/^\d+ /, '');
  if (member === undefined) return null;
  const [place, total] = await Promise.all([redis.zrevrank(set, member), redis.zcard(set)]);
  return place === null ? null : windowAround(place, limit, total);
}
