import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newUser } from '#db/deal/testing/dealing.ts';
import { listPlaces } from '#db/leaderboard/ranking.ts';
import { type Scored, score } from '#db/leaderboard/scoring.ts';
import { endSeason, listSeasons } from '#db/leaderboard/seasons.ts';
import { createPool, type Pool } from '#db/pool.ts';
import { createTestDatabase, createTestRedis } from '#local/testStack.ts';
import { BOARD_KINDS, boardOf } from '#workflows/leaderboard/board.ts';
import { lookAt, showScores, showUnshown } from './boards.ts';

let pool: Pool;
let redis: Redis;
let people: string[];
beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  redis = new Redis(await createTestRedis());
  people = await Promise.all(Array.from({ length: 9 }, () => newUser(pool, 'influencer')));
});
afterAll(async () => {
  redis?.disconnect();
  await pool?.end();
});

const START = Date.parse('2026-11-25T09:00:00.000Z');
const at = (ms: number) => new Date(START + ms).toISOString();
const newBoard = () => `stream:${randomUUID()}:senders`;

const count = (scored: Scored[], ms: number) => pool.transaction((transaction) => score(transaction, scored, at(ms)));
const top = (board: string, around: string | null = null, limit = 100) => lookAt(pool, redis, { board, limit, around });

const moves = fc.array(
  fc.record({ who: fc.nat(8), tokens: fc.integer({ min: -3, max: 4 }), ms: fc.nat(3), shown: fc.boolean() }),
  { minLength: 1, maxLength: 40 },
);

test('Redis has the places that Postgres has, whatever it was told late, twice or not at all', async () => {
  await fc.assert(
    fc.asyncProperty(moves, async (all) => {
      const board = newBoard();
      let now = 0;
      const late: Awaited<ReturnType<typeof count>>[] = [];
      await top(board);
      for (const { who, tokens, ms, shown } of all) {
        now += ms;
        const rows = await count([{ board, userId: people[who] as string, tokens: BigInt(tokens) }], now);
        if (shown) await showScores(redis, rows);
        else late.unshift(rows);
      }
      for (const rows of late) await showScores(redis, rows);
      await showUnshown(pool, redis);
      expect(await top(board)).toEqual(await listPlaces(pool, board, 0, 100));
    }),
    { numRuns: 25 },
  );
});

test('a board that Redis lost, in whole or in part, is made anew from Postgres', async () => {
  const board = newBoard();
  const scored = people.map((userId, place) => ({ board, userId, tokens: BigInt(10 + (place % 3)) }));
  await showScores(redis, await count(scored, 0));
  const before = await top(board);
  expect(before).toHaveLength(people.length);
  await redis.flushdb();
  expect(await top(board)).toEqual(before);
  await redis.del(`tandem:board:${board}`);
  expect(await top(board)).toEqual(before);
  await redis.zrem(`tandem:board:${board}`, (await redis.zrange(`tandem:board:${board}`, '0', '0'))[0] as string);
  expect(await top(board)).toEqual(before);
});

test('a season that Redis is lost in the middle of goes on with every place, ends once with them, and the next is empty', async () => {
  const now = at(0);
  const boards = BOARD_KINDS.map((kind) => boardOf('season', kind, { now, streamId: null }));
  const give = (who: number, tokens: number, ms: number) =>
    count(
      boards.map((board) => ({ board, userId: people[who] as string, tokens: BigInt(tokens) })),
      ms,
    );
  const expectWhole = async () => {
    for (const board of boards) expect(await top(board)).toEqual(await listPlaces(pool, board, 0, 100));
  };
  for (const [who] of people.entries()) await showScores(redis, await give(who, 10 + who, who));
  await expectWhole();
  await redis.flushdb();
  // Whoever gives first finds nothing there, and what they bring is no whole board.
  await showScores(redis, await give(0, 100, 50));
  await expectWhole();
  // One process counts while it is away, and another has it again before that was told.
  await give(1, 200, 60);
  await redis.flushdb();
  await Promise.all([top(boards[0] as string), give(2, 300, 70).then((rows) => showScores(redis, rows))]);
  await showUnshown(pool, redis);
  await expectWhole();
  const before = await Promise.all(boards.map((board) => listPlaces(pool, board, 0, 100)));
  expect(before[0]?.slice(0, 3).map(({ user_id }) => user_id)).toEqual([people[2], people[1], people[0]]);

  await redis.flushdb();
  const next = '2027-01-01T00:10:00.000Z';
  const ends = await Promise.all(Array.from({ length: 4 }, () => endSeason(pool, next)));
  expect(ends.filter(Boolean)).toHaveLength(1);
  for (const [place, kind] of BOARD_KINDS.entries()) {
    const [kept] = await listSeasons(pool, kind, 1);
    expect(kept?.places.map(({ user_id, score: points }) => [user_id, points])).toEqual(
      before[place]?.map(({ user_id, score: points }) => [user_id, points]),
    );
    expect(await top(boardOf('season', kind, { now: next, streamId: null }))).toEqual([]);
  }
  await expectWhole();
});

test('around somebody are their neighbours, full at both edges, and without Redis the same', async () => {
  const board = newBoard();
  await count(
    people.map((userId, place) => ({ board, userId, tokens: BigInt(100 - place) })),
    0,
  );
  const ranks = async (who: number, limit: number) => {
    const looked = { board, limit, around: people[who] as string };
    const [shown, kept] = [await lookAt(pool, redis, looked), await lookAt(pool, null, looked)];
    expect(shown).toEqual(kept);
    return shown.map(({ rank }) => rank);
  };
  expect(await ranks(0, 3)).toEqual([1, 2, 3]);
  expect(await ranks(1, 3)).toEqual([1, 2, 3]);
  expect(await ranks(4, 3)).toEqual([4, 5, 6]);
  expect(await ranks(8, 3)).toEqual([7, 8, 9]);
  expect(await ranks(8, 100)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(await top(board, randomUUID())).toEqual([]);
});

test('a score of nothing has its rank', async () => {
  const board = newBoard();
  await count([{ board, userId: people[0] as string, tokens: 0n }], 0);
  expect(await top(board)).toEqual([{ rank: 1, user_id: people[0], score: 0 }]);
});
