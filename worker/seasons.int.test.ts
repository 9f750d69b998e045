import { fileURLToPath } from 'node:url';
import { Client, Connection, ScheduleOverlapPolicy, TerminatedFailure, WorkflowFailedError } from '@temporalio/client';
import { Redis } from 'ioredis';
import { Client as PgClient } from 'pg';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { newUser } from '#db/deal/testing/dealing.ts';
import { listPlaces } from '#db/leaderboard/ranking.ts';
import { score } from '#db/leaderboard/scoring.ts';
import { listSeasons } from '#db/leaderboard/seasons.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { freePort } from '#local/ports.ts';
import { createTestDatabase, createTestNamespace, createTestRedis, testTemporalAddress } from '#local/testStack.ts';
import { type Started, startProgram, status } from '#program/testing/programs.ts';
import { lookAt } from '#realtime/boards.ts';
import { BOARD_KINDS, type BoardKind, seasonBefore, seasonBoard, seasonOf } from '#workflows/leaderboard/board.ts';
import { openWay } from './testing/way.ts';

// The end of a season, by its Schedule on the real server, while workers are killed over it.

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const SCHEDULE = 'tandem-end_season';
const WAIT = { timeout: 60_000, interval: 50 };

let connection: Connection;
beforeAll(async () => {
  connection = await Connection.connect({ address: testTemporalAddress() });
});
afterAll(() => connection?.close());
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Place = {
  databaseUrl: string;
  pool: Pool;
  redis: Redis;
  client: Client;
  startWorker(temporal: string): Promise<Started>;
};

async function openPlace(): Promise<Place> {
  const [databaseUrl, redisUrl, namespace] = [
    ...[await createTestDatabase(), await createTestRedis(), await createTestNamespace()],
  ] as [string, string, string];
  const pool = createPool(databaseUrl);
  const redis = new Redis(redisUrl);
  closing.push(
    () => pool.end(),
    () => redis.disconnect(),
  );
  return {
    ...{ databaseUrl, pool, redis, client: new Client({ connection, namespace }) },
    async startWorker(address) {
      const port = await freePort();
      const worker = startProgram(MAIN, {
        ...{ NODE_ENV: 'test', DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, WORKER_PORT: String(port) },
        ...{ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace },
        ...{ SANDBOX_WEBHOOK_SECRET: 'a secret', PUBLIC_URL: 'http://127.0.0.1:3000' },
      });
      await vi.waitFor(async () => expect(await status(`http://127.0.0.1:${port}/readyz`)).toBe(200), WAIT);
      return worker;
    },
  };
}

const now = () => new Date().toISOString();
const give = (pool: Pool, season: string, userId: string, tokens: number) =>
  pool.transaction((transaction) =>
    score(
      transaction,
      BOARD_KINDS.map((kind) => ({ board: seasonBoard(season, kind), userId, tokens: BigInt(tokens) })),
      now(),
    ),
  );

/** Somebody waits for the table of seasons. */
const isWaitedFor = (pool: Pool) =>
  pool.exists(sql.typeAlias('void')`
    SELECT FROM pg_locks WHERE NOT granted AND relation = 'seasons'::regclass
  `);
const isWrittenIn = (pool: Pool) =>
  pool.exists(sql.typeAlias('void')`
    SELECT FROM pg_locks WHERE granted AND mode = 'RowExclusiveLock' AND relation = 'seasons'::regclass
  `);

/** Has the Schedule come round once more, and answers what came of it. */
async function comesRound({ client }: Place): Promise<string[]> {
  const known = new Set((await runsOf(client)).map(({ runId }) => runId));
  await client.schedule.getHandle(SCHEDULE).trigger(ScheduleOverlapPolicy.ALLOW_ALL);
  const fresh = await vi.waitFor(async () => {
    const runs = (await runsOf(client)).filter(({ runId }) => !known.has(runId));
    expect(runs.length).toBeGreaterThan(0);
    return runs;
  }, WAIT);
  const results = await Promise.all(fresh.map(({ id, runId }) => saidBy(client, id, runId)));
  return results.flat();
}

/** What a run said at its end; nothing where its task had gone to the worker that was killed, and it was given up. */
async function saidBy(client: Client, id: string, runId: string): Promise<string[]> {
  try {
    return (await client.workflow.getHandle(id, runId).result()) as string[];
  } catch (error) {
    if (error instanceof WorkflowFailedError && error.cause instanceof TerminatedFailure) return [];
    throw error;
  }
}

async function runsOf(client: Client): Promise<{ id: string; runId: string }[]> {
  const { info } = await client.schedule.getHandle(SCHEDULE).describe();
  return info.recentActions.map(({ action: { workflow } }) => ({
    ...{ id: workflow.workflowId, runId: workflow.firstExecutionRunId },
  }));
}

async function scheduled(client: Client): Promise<string[]> {
  const found: string[] = [];
  for await (const { scheduleId } of client.schedule.list()) if (scheduleId === SCHEDULE) found.push(scheduleId);
  return found;
}

const placesOf = async (pool: Pool, season: string, kind: BoardKind) =>
  (await listPlaces(pool, seasonBoard(season, kind), 0, 100)).map(({ user_id, score: points }) => [user_id, points]);
const standing = z.object({ many: z.bigint().transform(Number) });

test.for([
  { moment: 'before it is committed', isKept: false },
  { moment: 'after it is committed and before Temporal hears of it', isKept: true },
])('a season is ended once, though its worker is killed $moment and another comes', async ({ isKept }) => {
  const place = await openPlace();
  const { pool, redis, client } = place;
  const [last, current] = [seasonBefore(now()), seasonOf(now())];
  const people = await Promise.all(Array.from({ length: 5 }, () => newUser(pool, 'influencer')));
  for (const [at, userId] of people.entries()) await give(pool, last, userId, 10 * (at + 1));
  await give(pool, current, people[0] as string, 7);

  const way = await openWay(testTemporalAddress());
  closing.push(way.close);
  const first = await place.startWorker(way.address);
  await vi.waitFor(async () => expect(await scheduled(client)).toEqual([SCHEDULE]), WAIT);
  const holder = new PgClient({ connectionString: place.databaseUrl });
  await holder.connect();
  closing.push(() => holder.end());
  await holder.query('BEGIN; LOCK TABLE seasons IN SHARE MODE');
  await client.schedule.getHandle(SCHEDULE).trigger(ScheduleOverlapPolicy.ALLOW_ALL);
  await vi.waitFor(async () => expect(await isWaitedFor(pool)).toBe(true), WAIT);
  way.freeze();
  const kill = async () => {
    first.child.kill('SIGKILL');
    await first.ended;
  };
  if (!isKept) await kill();
  await holder.query('COMMIT');
  if (isKept) {
    await vi.waitFor(async () => expect(await listSeasons(pool, 'senders', 9)).toHaveLength(1), WAIT);
    await kill();
  } else {
    // What was under way is taken back once Postgres sees that nobody is there.
    await vi.waitFor(
      async () => expect([await isWaitedFor(pool), await isWrittenIn(pool)]).toEqual([false, false]),
      WAIT,
    );
    expect(await listSeasons(pool, 'senders', 9)).toEqual([]);
  }

  await place.startWorker(testTemporalAddress());
  const came: string[] = [];
  while (came.length < 3) came.push(...(await comesRound(place)));
  expect(came.filter((said) => said === 'a season was ended').length).toBeLessThanOrEqual(isKept ? 0 : 1);
  expect(came.at(-1)).toBe('none was to be ended');
  // The one that was there, as it is wanted, and no second.
  expect(await scheduled(client)).toEqual([SCHEDULE]);
  const { spec } = await client.schedule.getHandle(SCHEDULE).describe();
  expect(spec.intervals).toMatchObject([{ every: 10 * 60_000 }]);

  await give(pool, current, people[1] as string, 3);
  for (const kind of BOARD_KINDS) {
    const [kept, ...others] = await listSeasons(pool, kind, 9);
    expect(others).toEqual([]);
    expect(kept?.name).toBe(last);
    expect(kept?.places.map(({ user_id, score: points }) => [user_id, points])).toEqual(
      await placesOf(pool, last, kind),
    );
    // The board began anew with the season, and goes on: it has what was given since, each once.
    await vi.waitFor(async () => {
      const shown = await lookAt(pool, redis, { board: seasonBoard(current, kind), limit: 9, around: null });
      expect(shown.map(({ user_id, score: points }) => [user_id, points])).toEqual([
        [people[0], 7],
        [people[1], 3],
      ]);
    }, WAIT);
  }
  expect(await pool.oneFirst(sql.type(standing)`SELECT count(*) AS many FROM season_standings`)).toBe(
    people.length * BOARD_KINDS.length,
  );
});

/** Without a sign of life a job would be its dead worker's for ten minutes. */
const TAKEN_UP_WITHIN_MS = 110_000;

test('a round whose worker is killed at work is brought to its end by another, long before its time is over', async () => {
  const place = await openPlace();
  const { pool, client } = place;
  await give(pool, seasonBefore(now()), await newUser(pool, 'influencer'), 10);
  const first = await place.startWorker(testTemporalAddress());
  await vi.waitFor(async () => expect(await scheduled(client)).toEqual([SCHEDULE]), WAIT);
  const holder = new PgClient({ connectionString: place.databaseUrl });
  await holder.connect();
  closing.push(() => holder.end());
  await holder.query('BEGIN; LOCK TABLE seasons IN SHARE MODE');
  await client.schedule.getHandle(SCHEDULE).trigger(ScheduleOverlapPolicy.ALLOW_ALL);
  await vi.waitFor(async () => expect(await isWaitedFor(pool)).toBe(true), WAIT);
  const [round] = await runsOf(client);
  first.child.kill('SIGKILL');
  await first.ended;
  const killed = performance.now();
  await place.startWorker(testTemporalAddress());
  await holder.query('COMMIT');
  // Who is dead may have ended it with what was under way.
  const ended = expect.stringMatching(/^(a season was ended|none was to be ended)$/);
  expect(await saidBy(client, round?.id as string, round?.runId as string)).toEqual([ended]);
  expect(await listSeasons(pool, 'senders', 9)).toHaveLength(1);
  expect(performance.now() - killed).toBeLessThan(TAKEN_UP_WITHIN_MS);
});
