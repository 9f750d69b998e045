import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { listEvents } from '#db/event/outbox.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { listTasks } from '#db/task/tasks.ts';
import { checkInvariants } from '#db/testing/invariants.ts';
import { giveCommands, listOutcomes, type Outcome } from '#db/trading/commands.ts';
import { findPair } from '#db/trading/pairs.ts';
import { alone, listMet } from '#db/trading/testing/alone.ts';
import { gated } from '#db/trading/testing/gate.ts';
import { emptyBook, holdBook, newTraders, orderBy, placing } from '#db/trading/testing/traders.ts';
import { releaseBooks, workBook } from '#db/trading/writer.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { type Bus, createBus } from '#realtime/bus.ts';
import { Failure } from '#workflows/failures.ts';
import type { BookUpdate } from '#workflows/trading/contract.ts';
import type { NewOrder } from '#workflows/trading/order.ts';
import type { Pair } from '#workflows/trading/pair.ts';
import { lotsOf } from '#workflows/trading/testing/lots.ts';
import { startMatching } from './matching.ts';

const PROCESS = fileURLToPath(new URL('./testing/matchingProcess.ts', import.meta.url));
const KILLS = 6;
const EACH = 40;
const FUNDS = 1_000_000_000n;
const EMPTYING = uuid();

let databaseUrl: string;
let pool: Pool;
const running: ChildProcess[] = [];
/** What ends the writers of this process, whatever they wait for. */
const endings: (() => Promise<void>)[] = [];
const log = pino({ level: 'silent' });

beforeAll(async () => {
  databaseUrl = await createTestDatabase();
  pool = createPool(databaseUrl);
});
afterEach(async () => {
  for (const child of running.splice(0)) await kill(child);
  for (const end of endings.splice(0)) await end();
});
afterAll(() => pool?.end());

function start(more: Record<string, string> = {}): ChildProcess {
  const env = { ...process.env, DATABASE_URL: databaseUrl, LEASE_MS: '1000', ...more };
  const child = spawn(process.execPath, [PROCESS], { env, stdio: 'ignore' });
  running.push(child);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const dead = once(child, 'exit');
  child.kill('SIGKILL');
  await dead;
}

const carriedOut = (pairId: string) =>
  pool.oneFirst(sql.type(z.object({ many: z.bigint() }))`
    SELECT count(*) AS many FROM trading_commands WHERE pair_id = ${pairId} AND n IS NOT NULL
  `);

/** A pair without orders, people who trade in it, and where its journal stands. */
async function openPair(id: string, many: number) {
  const pair = (await findPair(pool, id)) as Pair;
  await emptyBook(pool, pair);
  const { engine } = await holdBook(pool, pair, EMPTYING);
  await releaseBooks(pool, EMPTYING);
  return { pair, users: await newTraders(pool, many, pair, FUNDS), begin: engine.position };
}

/** The trades of these orders are those of a writer that carries them out alone, one after the other, and lives. */
async function expectTradedAsByOne(
  { pair, users, begin }: Awaited<ReturnType<typeof openPair>>,
  orders: readonly NewOrder[],
): Promise<void> {
  const commands = orders.map((order) => placing(pair, order));
  const { trades } = alone(commands, { pair, users, funds: FUNDS, begin });
  expect(trades.length).toBeGreaterThan(orders.length / 6);
  expect(await listMet(pool, pair.id, begin.trades)).toEqual(trades);
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
}

test('a writer that dies between any two writes loses no order and matches none twice', async () => {
  const opened = await openPair('BTC-USDT', 4);
  const { pair, users } = opened;
  const lots = lotsOf(8);
  const moments = ['1 drawn', '1 sent', '1 written', '2 drawn', '2 sent', '2 written'];
  const orders = Array.from({ length: moments.length * EACH }, () =>
    orderBy(lots.oneOf(users), {
      side: lots.oneOf(['buy', 'sell']),
      ticks: 95 + lots.below(10),
      lots: 1 + lots.below(9),
    }),
  );
  for (const [at, DIES_AT] of moments.entries()) {
    const before = Number(await carriedOut(pair.id));
    const exit = once(start({ DIES_AT }), 'exit');
    const given = orders.slice(at * EACH, (at + 1) * EACH).map((order) => placing(pair, order));
    await giveCommands(pool, given.slice(0, 10));
    const isWritten = async () => expect(Number(await carriedOut(pair.id))).toBeGreaterThan(before);
    await Promise.race([exit, vi.waitFor(isWritten, { timeout: 60_000, interval: 20 })]);
    await giveCommands(pool, given.slice(10));
    expect(await exit, DIES_AT).toEqual([null, 'SIGKILL']);
  }
  start();
  await vi.waitFor(async () => expect(await waitingAt(pair.id)).toBe(0n), { timeout: 60_000, interval: 50 });
  await expectTradedAsByOne(opened, orders);
});

test('writers that are killed while they write lose no order, match none twice, and trade as one that lives', async () => {
  const opened = await openPair('ETH-USDT', 6);
  const { pair, users } = opened;
  const lots = lotsOf(5);
  const orders = Array.from({ length: (KILLS + 1) * EACH }, () =>
    orderBy(lots.oneOf(users), {
      side: lots.oneOf(['buy', 'sell']),
      ticks: 90 + lots.below(20),
      lots: 1 + lots.below(9),
    }),
  );
  let child = start();
  for (let round = 0; round < KILLS; round++) {
    const before = Number(await carriedOut(pair.id));
    await giveCommands(
      pool,
      orders.slice(round * EACH, (round + 1) * EACH).map((order) => placing(pair, order)),
    );
    // In the midst of its work: some of this round is written, or all of it.
    await vi.waitFor(async () => expect(Number(await carriedOut(pair.id))).toBeGreaterThan(before), {
      timeout: 60_000,
      interval: 5,
    });
    await kill(child);
    child = start();
  }
  await giveCommands(
    pool,
    orders.slice(KILLS * EACH).map((order) => placing(pair, order)),
  );
  await vi.waitFor(async () => expect(await waitingAt(pair.id)).toBe(0n), { timeout: 60_000, interval: 50 });
  await expectTradedAsByOne(opened, orders);
});

/** A writer in this process, on a pool that a test may stand before. */
function startHere(asked: Pool = pool, bus: Bus = createBus({ redisUrl: null, log })) {
  const writer = startMatching({ pool: asked, bus, log, now: () => new Date() });
  endings.push(() => writer.stop());
  return writer;
}

const waitingAt = (pairId: string) =>
  pool.oneFirst(sql.type(z.object({ many: z.bigint() }))`
    SELECT count(*) AS many FROM trading_commands WHERE pair_id = ${pairId} AND n IS NULL
  `);

test('a command that cannot be carried out is answered so and shown to an operator, and all others go on', async () => {
  const pair = (await findPair(pool, 'USDT-INR')) as Pair;
  const [user = ''] = await newTraders(pool, 1, pair, FUNDS);
  const good = () => placing(pair, orderBy(user, { ticks: 10_000, lots: 1 }));
  const noNumber = orderBy(user, { lots: 1.5 });
  // The first throws in memory, the second is none that Postgres takes, the third is of a release that is not this one.
  const poison = [
    placing(pair, noNumber),
    placing(pair, orderBy(user, { ticks: 10_000, selfTrade: null as never })),
    { ...good(), command: { kind: 'swap', userId: user, orderId: noNumber.id, body: {} } as never },
  ];
  const given = poison.flatMap((each) => [...Array.from({ length: 20 }, good), each]);
  const ids = (await giveCommands(pool, [...given, good()])) as bigint[];
  const writer = startHere();
  await vi.waitFor(async () => expect(await waitingAt(pair.id)).toBe(0n), { timeout: 20_000, interval: 50 });
  await writer.stop();
  const outcomes = new Map((await listOutcomes(pool, ids)).map(({ id, outcome }) => [id, outcome]));
  const places = ids.flatMap((id, place) => ('refusal' in (outcomes.get(id) as Outcome) ? [place] : []));
  expect(places).toEqual([20, 41, 62]);
  for (const place of places) {
    const refusal = { code: 'INTERNAL', details: { set_aside: true } };
    expect(outcomes.get(ids[place] as bigint)).toMatchObject({ refusal });
  }
  const tasks = await listTasks(pool, { open: true, kind: 'parked_command', limit: 9, before: null });
  expect(tasks.map(({ details }) => details.command_id).sort()).toEqual(places.map((at) => String(ids[at])).sort());
  expect(tasks[0]?.details).toMatchObject({ pair: 'USDT-INR', user_id: user, error: expect.any(String) });
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
});

test('while the database is away nothing is set aside, and the writer goes on when it is back', async () => {
  const pair = (await findPair(pool, 'USDT-USD')) as Pair;
  const [user = ''] = await newTraders(pool, 1, pair, FUNDS);
  let refused = 0;
  let isAway = true;
  // The connection breaks with the first batch, and nobody is reached for a while.
  const away = async () => {
    refused++;
    throw new Failure('UNAVAILABLE', 'The database is away.', {
      cause: Object.assign(new Error(), { code: 'ECONNRESET' }),
    });
  };
  const broken = {
    ...pool,
    query: (query: Parameters<Pool['query']>[0]) =>
      isAway && query.sql.includes('write_trading_batch') ? away() : pool.query(query),
    maybeOne: (query: Parameters<Pool['maybeOne']>[0]) => (isAway && refused > 0 ? away() : pool.maybeOne(query)),
  } as Pool;
  const [id] = (await giveCommands(pool, [placing(pair, orderBy(user, { ticks: 100, lots: 1 }))])) as bigint[];
  const writer = startHere(broken);
  await vi.waitFor(() => expect(refused).toBeGreaterThan(3), { timeout: 20_000 });
  isAway = false;
  await vi.waitFor(async () => expect(await waitingAt(pair.id)).toBe(0n), { timeout: 20_000, interval: 50 });
  await writer.stop();
  expect(await listOutcomes(pool, [id as bigint])).toMatchObject([{ outcome: { order: { status: 'open' } } }]);
});

/** A writer in this process whose batches are written when they are let, what it reads, and what it says of a pair. */
function startGated(pair: Pair) {
  const slow = gated(pool, 'write_trading_batch');
  const read = new Set<bigint>();
  const watched = {
    ...slow.pool,
    any: async (query: Parameters<Pool['any']>[0]) => {
      const rows = await slow.pool.any(query);
      if (query.sql.includes('read_trading_commands')) for (const row of rows) read.add((row as { id: bigint }).id);
      return rows;
    },
  } as Pool;
  const bus = createBus({ redisUrl: null, log });
  const told: string[] = [];
  bus.listen({
    worked: (pairId, answers) => {
      if (pairId === pair.id) told.push(...answers.map(([id]) => `answer ${id}`));
    },
    live: ({ name, data }) => {
      if ((data as BookUpdate).pairId === pair.id) told.push(`${name} ${(data as BookUpdate).seq}`);
    },
  });
  endings.push(async () => slow.open());
  const writer = startHere(watched, bus);
  /** What is read is worked out in the same turn. */
  const draws = async (id: bigint) => {
    bus.ringPair(pair.id);
    await vi.waitFor(() => expect(read.has(id)).toBe(true), { timeout: 20_000, interval: 10 });
  };
  return { slow, told, writer, draws };
}

const seqOf = async (pairId: string) =>
  Number(
    await pool.oneFirst(
      sql.type(z.object({ seq: z.bigint() }))`SELECT seq FROM trading_books WHERE pair_id = ${pairId}`,
    ),
  );

async function giveOne(pair: Pair, order: NewOrder): Promise<bigint> {
  const [id] = await giveCommands(pool, [placing(pair, order)]);
  return id as bigint;
}

const heardBy = async (userId: string) =>
  (await listEvents(pool, userId, 0, 100))
    .filter(({ name }) => name === 'order_update')
    .map(({ data }) => (data as { status: string }).status);

test('while a batch is being written nothing is told of it, and what came meanwhile is told after it', async () => {
  const { pair, users } = await openPair('BTC-USD', 2);
  const [maker = '', taker = ''] = users;
  const seq = await seqOf(pair.id);
  const first = await giveOne(pair, orderBy(maker, { side: 'sell' }));
  const { slow, told, writer, draws } = startGated(pair);
  await slow.came;
  const second = await giveOne(pair, orderBy(taker));
  await draws(second);
  expect(told).toEqual([]);
  expect(await listOutcomes(pool, [first, second])).toEqual([]);
  expect([await heardBy(maker), await heardBy(taker)]).toEqual([[], []]);
  slow.open();
  const all = [`answer ${first}`, `book_update ${seq + 1}`, `answer ${second}`, `book_update ${seq + 2}`];
  await vi.waitFor(() => expect(told).toEqual(all), { timeout: 20_000 });
  await writer.stop();
  expect([await heardBy(maker), await heardBy(taker)]).toEqual([['open', 'filled'], ['filled']]);
  expect(await seqOf(pair.id)).toBe(seq + 2);
});

test('what comes all at once goes in two batches, the second of which is worked out while the first is written', async () => {
  const { pair, users } = await openPair('BTC-USD', 1);
  const seq = await seqOf(pair.id);
  const placed = Array.from({ length: 40 }, () => placing(pair, orderBy(users[0] as string)));
  const ids = (await giveCommands(pool, placed)) as bigint[];
  const { slow, told, writer, draws } = startGated(pair);
  await slow.came;
  await draws(ids[39] as bigint);
  expect(told).toEqual([]);
  slow.open();
  const answers = ids.map((id) => `answer ${id}`);
  const first = answers.slice(0, 8);
  const all = [...first, `book_update ${seq + 1}`, ...answers.slice(8), `book_update ${seq + 2}`];
  await vi.waitFor(() => expect(told).toEqual(all), { timeout: 20_000 });
  await writer.stop();
});

test('a writer whose book is taken with a batch on its way tells nothing of it, and goes on when it has the book again', async () => {
  const { pair, users } = await openPair('BTC-USD', 2);
  const [maker = '', taker = ''] = users;
  const seq = await seqOf(pair.id);
  await giveOne(pair, orderBy(maker, { side: 'sell', lots: 9 }));
  const { slow, told, writer, draws } = startGated(pair);
  await slow.came;
  const second = await giveOne(pair, orderBy(taker));
  await draws(second);
  const holder = uuid();
  const other = await holdBook(pool, pair, holder);
  expect((await workBook(pool, other, new Date().toISOString())).commands).toBe(2);
  await releaseBooks(pool, holder);
  slow.open();
  const third = await giveOne(pair, orderBy(taker, { lots: 2 }));
  await vi.waitFor(() => expect(told).toEqual([`answer ${third}`, `book_update ${seq + 2}`]), { timeout: 20_000 });
  await writer.stop();
  expect(await heardBy(maker)).toEqual(['open', 'partially_filled', 'partially_filled']);
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
});

test('a book that cannot be read keeps no other one waiting', async () => {
  const [first, pair] = [await findPair(pool, 'BTC-INR'), await findPair(pool, 'USDT-USD')] as [Pair, Pair];
  const [user = ''] = await newTraders(pool, 1, pair, FUNDS);
  let refused = 0;
  const blind = {
    ...pool,
    any: async (query: Parameters<Pool['any']>[0]) => {
      if (!query.sql.includes('FROM trading_orders') || !query.values.includes(first.id)) return pool.any(query);
      refused++;
      throw new RangeError('of a newer release');
    },
  } as Pool;
  await emptyBook(pool, first);
  const id = await giveOne(pair, orderBy(user, { ticks: 1, lots: 1 }));
  const writer = startHere(blind);
  await vi.waitFor(async () => expect(await listOutcomes(pool, [id])).toHaveLength(1), { timeout: 20_000 });
  await writer.stop();
  expect(refused).toBeGreaterThan(0);
});
