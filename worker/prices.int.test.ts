import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createPool, type Pool } from '#db/pool.ts';
import { listPrices, wantPrice } from '#db/price/prices.ts';
import { createTestDatabase } from '#local/testStack.ts';
import type { PriceFeed } from '#prices/feed.ts';
import type { LiveEvent } from '#realtime/bus.ts';
import { startPrices } from './prices.ts';

let pool: Pool;
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
    async ask(symbols) {
      asked.push(name);
      return symbols.map((symbol) => ({ symbol, price: String(100 + asked.length), change24h: '1.00', at: null }));
    },
  });
  const start = (name: string) =>
    startPrices({
      ...{ pool, log, now: () => new Date(), bus: { live: (event) => said.push(event) }, feeds: [feedOf(name)] },
      pace: { lookMs: 10, busyMs: 20, idleMs: 60_000, leaseMs: 500 },
    });
  await wantPrice(pool, 'BTC');
  const running = new Map(['one', 'other'].map((name) => [name, start(name)]));
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(5), 10_000);
  const [first = ''] = asked;
  expect(new Set(asked)).toEqual(new Set([first]));
  expect(await listPrices(pool)).toMatchObject([{ symbol: 'BTC', source: first, change_24h: '1.00' }, {}, {}]);
  expect(said[0]).toMatchObject({ rooms: ['price_BTC'], name: 'price_update', data: { symbol: 'BTC', price: '101' } });
  await running.get(first)?.stop();
  await vi.waitFor(() => expect(new Set(asked).size).toBe(2), 10_000);
  for (const each of running.values()) await each.stop();
});
