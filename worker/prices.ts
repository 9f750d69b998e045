import type { Logger } from 'pino';
import { v7 as uuid } from 'uuid';
import type { Pool } from '#db/pool.ts';
import { listAskedPrices, takePolling, updatePrices } from '#db/price/prices.ts';
import type { PriceFeed } from '#prices/feed.ts';
import { createRound } from '#prices/round.ts';
import type { Bus } from '#realtime/bus.ts';
import { priceName } from '#workflows/price/quoted.ts';

/** How often it is looked whether it is time to ask. */
const LOOK_MS = 1_000;
/** Between two questions while somebody wants a price, and while nobody does. */
const BUSY_MS = 10_000;
const IDLE_MS = 60_000;
/** Another process asks when the one that did was not heard of for so long. */
const LEASE_MS = 70_000;

/** Asks the feeds for prices, where no other process does, keeps them and tells who follows them. */
export function startPrices(deps: {
  pool: Pool;
  bus: Pick<Bus, 'live'>;
  feeds: readonly PriceFeed[];
  log: Logger;
  now: () => Date;
  pace?: { lookMs: number; busyMs: number; idleMs: number; leaseMs: number };
}): { stop(): Promise<void> } {
  const { pool, bus, feeds, log, now } = deps;
  const { lookMs, ...pace } = deps.pace ?? { lookMs: LOOK_MS, busyMs: BUSY_MS, idleMs: IDLE_MS, leaseMs: LEASE_MS };
  const holder = uuid();
  const failed = (error: Error) => log.warn({ err: error }, 'a feed of prices fails; it is left alone for a while');
  const round = createRound({ feeds, now, failed });
  let asking: Promise<void> | null = null;
  const timer = setInterval(() => {
    asking ??= ask().finally(() => {
      asking = null;
    });
  }, lookMs);
  timer.unref();

  async function ask(): Promise<void> {
    try {
      if (!(await takePolling(pool, { holder, ...pace }))) return;
      const known = await listAskedPrices(pool, pace.idleMs);
      const last = new Map(
        known.flatMap((each) => (each.price === null ? [] : [[priceName(each), each.price] as const])),
      );
      const wanted = known.map(({ symbol, currency }) => ({ symbol, currency }));
      const chosen = await round.ask(wanted, last);
      await updatePrices(pool, chosen, now().toISOString());
      for (const quote of chosen) {
        const name = priceName(quote);
        if (quote.price === last.get(name)) continue;
        const data = { symbol: name, price: quote.price, change: quote.change24h ?? '0.00' };
        bus.live({ rooms: [`price_${name}`], name: 'price_update', data });
      }
    } catch (error) {
      log.warn({ err: error }, 'prices could not be kept; trying again');
    }
  }

  return {
    async stop() {
      clearInterval(timer);
      await asking;
    },
  };
}
