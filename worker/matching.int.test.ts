import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { checkInvariants } from '#db/invariants.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { giveCommands } from '#db/trading/commands.ts';
import { findPair } from '#db/trading/pairs.ts';
import { newTraders, orderBy, placing } from '#db/trading/testing/traders.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { Engine } from '#workflows/trading/engine.ts';
import type { Pair } from '#workflows/trading/pair.ts';
import { lotsOf } from '#workflows/trading/testing/lots.ts';
import { Wallets } from '#workflows/trading/till.ts';

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

function start(): ChildProcess {
  const env = { ...process.env, DATABASE_URL: databaseUrl, LEASE_MS: '1000' };
  const child = spawn(process.execPath, [PROCESS], { env, stdio: 'ignore' });
  running.push(child);
  return child;
}

const carriedOut = () =>
  pool.oneFirst(
    sql.type(z.object({ many: z.bigint() }))`SELECT count(*) AS many FROM trading_commands WHERE n IS NOT NULL`,
  );

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
    const before = Number(await carriedOut());
    await giveCommands(
      pool,
      orders.slice(kill * EACH, (kill + 1) * EACH).map((order) => placing(pair, order)),
    );
    // In the midst of its work: some of this round is written, or all of it.
    await vi.waitFor(async () => expect(Number(await carriedOut())).toBeGreaterThan(before), {
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
  await vi.waitFor(async () => expect(Number(await carriedOut())).toBe(orders.length), {
    timeout: 60_000,
    interval: 50,
  });
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
    SELECT maker_order_id AS maker, taker_order_id AS taker, lots FROM trading_trades ORDER BY n
  `);
  expect(made.length).toBeGreaterThan(50);
  expect(made).toEqual(
    expected.map(({ makerOrderId: maker, takerOrderId: taker, lots: many }) => ({ maker, taker, lots: BigInt(many) })),
  );
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
});
