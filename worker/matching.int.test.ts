import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { checkInvariants } from '#db/invariants.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { listTasks } from '#db/task/tasks.ts';
import { giveCommands, listOutcomes, type Outcome } from '#db/trading/commands.ts';
import { findPair } from '#db/trading/pairs.ts';
import { newTraders, orderBy, placing } from '#db/trading/testing/traders.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { createBus } from '#realtime/bus.ts';
import { Failure } from '#workflows/failures.ts';
import { Engine } from '#workflows/trading/engine.ts';
import type { NewOrder } from '#workflows/trading/order.ts';
import type { Pair } from '#workflows/trading/pair.ts';
import { lotsOf } from '#workflows/trading/testing/lots.ts';
import { Wallets } from '#workflows/trading/till.ts';
import { startMatching } from './matching.ts';

const PROCESS = fileURLToPath(new URL('./testing/matchingProcess.ts', import.meta.url));
const KILLS = 6;
const EACH = 40;

let databaseUrl: string;
let pool: Pool;
const running: ChildProcess[] = [];

beforeAll(async () => {
  databaseUrl = await createTestDatabase();
  pool = createPool(databaseUrl);
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await pool?.end();
});

function start(more: Record<string, string> = {}): ChildProcess {
  const env = { ...process.env, DATABASE_URL: databaseUrl, LEASE_MS: '1000', ...more };
  const child = spawn(process.execPath, [PROCESS], { env, stdio: 'ignore' });
  running.push(child);
  return child;
}

const carriedOut = (pairId: string) =>
  pool.oneFirst(sql.type(z.object({ many: z.bigint() }))`
    SELECT count(*) AS many FROM trading_commands WHERE pair_id = ${pairId} AND n IS NOT NULL
  `);

/** The trades of these orders are those of a writer that carries them out alone, one after the other, and lives. */
async function expectTradedAsByOne(pair: Pair, users: readonly string[], orders: readonly NewOrder[]): Promise<void> {
  const alone = new Engine(pair, { n: 0, trades: 0, last: null, clock: '1970-01-01T00:00:00.000Z' }, []);
  const wallets = new Wallets();
  for (const user of users) for (const asset of [pair.base, pair.quote]) wallets.set(user, asset, 1_000_000_000n);
  const expected = orders.flatMap(
    (order) =>
      alone.work(
        { kind: 'place', userId: order.userId, orderId: order.id, body: order },
        wallets,
        new Date().toISOString(),
      ).trades,
  );
  const made = await pool.any(sql.type(z.object({ maker: z.string(), taker: z.string(), lots: z.bigint() }))`
    SELECT maker_order_id AS maker, taker_order_id AS taker, lots FROM trading_trades
    WHERE pair_id = ${pair.id} ORDER BY n
  `);
  expect(made.length).toBeGreaterThan(orders.length / 6);
  expect(made).toEqual(
    expected.map(({ makerOrderId: maker, takerOrderId: taker, lots: many }) => ({ maker, taker, lots: BigInt(many) })),
  );
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
}

test('a writer that dies between any two writes loses no order and matches none twice', async () => {
  const pair = (await findPair(pool, 'BTC-USDT')) as Pair;
  const users = await newTraders(pool, 4, pair, 1_000_000_000n);
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
  const last = start();
  await vi.waitFor(async () => expect(await waitingAt(pair.id)).toBe(0n), { timeout: 60_000, interval: 50 });
  await expectTradedAsByOne(pair, users, orders);
  const dead = once(last, 'exit');
  last.kill('SIGKILL');
  await dead;
});

test('writers that are killed while they write lose no order, match none twice, and trade as one that lives', async () => {
  const pair = (await findPair(pool, 'ETH-USDT')) as Pair;
  const users = await newTraders(pool, 6, pair, 1_000_000_000n);
  const lots = lotsOf(5);
  const orders = Array.from({ length: (KILLS + 1) * EACH }, () =>
    orderBy(lots.oneOf(users), {
      side: lots.oneOf(['buy', 'sell']),
      ticks: 90 + lots.below(20),
      lots: 1 + lots.below(9),
    }),
  );
  let child = start();
  for (let kill = 0; kill < KILLS; kill++) {
    const before = Number(await carriedOut(pair.id));
    await giveCommands(
      pool,
      orders.slice(kill * EACH, (kill + 1) * EACH).map((order) => placing(pair, order)),
    );
    // In the midst of its work: some of this round is written, or all of it.
    await vi.waitFor(async () => expect(Number(await carriedOut(pair.id))).toBeGreaterThan(before), {
      timeout: 60_000,
      interval: 5,
    });
    const dead = once(child, 'exit');
    child.kill('SIGKILL');
    await dead;
    child = start();
  }
  await giveCommands(
    pool,
    orders.slice(KILLS * EACH).map((order) => placing(pair, order)),
  );
  await vi.waitFor(async () => expect(Number(await carriedOut(pair.id))).toBe(orders.length), {
    timeout: 60_000,
    interval: 50,
  });
  await expectTradedAsByOne(pair, users, orders);
  const dead = once(child, 'exit');
  child.kill('SIGKILL');
  await dead;
});

/** A writer in this process, on a pool that a test may stand before. */
function startHere(asked: Pool = pool) {
  const log = pino({ level: 'silent' });
  return startMatching({ pool: asked, bus: createBus({ redisUrl: null, log }), log, now: () => new Date() });
}

const waitingAt = (pairId: string) =>
  pool.oneFirst(sql.type(z.object({ many: z.bigint() }))`
    SELECT count(*) AS many FROM trading_commands WHERE pair_id = ${pairId} AND n IS NULL
  `);

test('a command that cannot be carried out is answered so and shown to an operator, and all others go on', async () => {
  const pair = (await findPair(pool, 'USDT-INR')) as Pair;
  const [user = ''] = await newTraders(pool, 1, pair, 1_000_000_000n);
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
  const [user = ''] = await newTraders(pool, 1, pair, 1_000_000_000n);
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
