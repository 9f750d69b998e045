import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { wantPrice } from '#db/price/prices.ts';
import { createTestDatabase } from '#local/testStack.ts';
import type { PriceFeed } from '#prices/feed.ts';
import type { LiveEvent } from '#realtime/bus.ts';
import { priceName } from '#workflows/price/quoted.ts';
import { startPrices } from './prices.ts';

let pool: Pool;
const BTC = { symbol: 'BTC', currency: 'USD' };
const log = pino({ level: 'silent' });

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
});
afterAll(() => pool?.end());

test('of several processes one asks, keeps what it is told and says it; another goes on when that one is gone', async () => {
  const asked: string[] = [];
  const said: LiveEvent[] = [];
  const feedOf = (name: string): PriceFeed => ({
    name,
    async ask(wanted) {
      asked.push(name);
      return wanted.map((quoted) => ({ ...quoted, price: String(100 + asked.length), change24h: '1.00', at: null }));
    },
  });
  const start = (name: string) =>
    startPrices({
      ...{ pool, log, now: () => new Date(), bus: { live: (event) => said.push(event) }, feeds: [feedOf(name)] },
      pace: { lookMs: 10, busyMs: 20, idleMs: 60_000, leaseMs: 3_000 },
    });
  await wantPrice(pool, BTC);
  const running = new Map(['one', 'other'].map((name) => [name, start(name)]));
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(5), 30_000);
  const [first = ''] = asked;
  expect(new Set(asked)).toEqual(new Set([first]));
  expect(await wantPrice(pool, BTC)).toMatchObject({ symbol: 'BTC', source: first, change_24h: '1.00' });
  const told = said.find(({ rooms: [room] }) => room === 'price_BTC');
  expect(told).toMatchObject({ name: 'price_update', data: { symbol: 'BTC', price: '101' } });
  expect(said.map(({ rooms }) => rooms[0])).toContain('price_BTC-INR');
  await running.get(first)?.stop();
  await vi.waitFor(() => expect(new Set(asked).size).toBe(2), 30_000);
  for (const each of running.values()) await each.stop();
});

test('what somebody wants is asked for often, and all the rest seldom, in every currency that is kept', async () => {
  const asked: string[][] = [];
  const feed: PriceFeed = {
    name: 'one',
    async ask(wanted) {
      asked.push(wanted.map(priceName));
      return wanted.map((quoted) => ({ ...quoted, price: '7', change24h: null, at: null }));
    },
  };
  await pool.query(sql.typeAlias('void')`UPDATE prices SET price = NULL, at = NULL, wanted_at = '-infinity'`);
  await pool.query(sql.typeAlias('void')`UPDATE price_poller SET holder = NULL, lease_until = '-infinity'`);
  await wantPrice(pool, { symbol: 'ETH', currency: 'INR' });
  const running = startPrices({
    ...{ pool, log, now: () => new Date(), bus: { live: () => {} }, feeds: [feed] },
    pace: { lookMs: 10, busyMs: 20, idleMs: 60_000, leaseMs: 3_000 },
  });
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(3), 30_000);
  await running.stop();
  expect(asked[0]).toHaveLength(9);
  expect(new Set(asked.slice(1).flat())).toEqual(new Set(['ETH-INR']));
});
