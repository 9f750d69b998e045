import { z } from 'zod';
import type { Quoted } from '#workflows/price/quoted.ts';
import { type Executor, sql } from '../pool.ts';

const priceRow = z.object({
  symbol: z.string(),
  currency: z.string(),
  price: z.string().nullable(),
  change_24h: z.string().nullable(),
  source: z.string().nullable(),
  at: z.string().nullable(),
});
export type Price = z.infer<typeof priceRow>;

const COLUMNS = sql.fragment`symbol, currency, price, change_24h, source, at`;

/** So long a price is wanted after somebody looked at it or was in its room. */
const WANTED = sql.fragment`interval '1 minute'`;

/**
 * Prices that it is time to ask for: those that somebody wants, that nobody knows yet, and that were not confirmed for so
 * long. What nobody looks at costs few questions.
 */
export async function listAskedPrices(executor: Executor, idleMs: number): Promise<readonly Price[]> {
  return executor.any(sql.type(priceRow)`
    SELECT ${COLUMNS} FROM prices
    WHERE price IS NULL OR wanted_at > clock_timestamp() - ${WANTED}
      OR at <= clock_timestamp() - ${idleMs} * interval '1 ms'
    ORDER BY symbol, currency
  `);
}

/** How often it is written down that somebody wants a price, in seconds. */
const WANTED_EVERY_S = 20;

/** A coin's last price in a currency, which somebody wants; null where it is none of ours. */
export async function wantPrice(executor: Executor, { symbol, currency }: Quoted): Promise<Price | null> {
  await executor.query(sql.typeAlias('void')`
    UPDATE prices SET wanted_at = clock_timestamp()
    WHERE symbol = ${symbol} AND currency = ${currency}
      AND wanted_at < clock_timestamp() - ${WANTED_EVERY_S} * interval '1 second'
  `);
  return executor.maybeOne(sql.type(priceRow)`
    SELECT ${COLUMNS} FROM prices WHERE symbol = ${symbol} AND currency = ${currency}
  `);
}

export async function updatePrices(
  executor: Executor,
  prices: readonly (Quoted & { price: string; change24h: string | null; source: string })[],
  at: string,
): Promise<void> {
  const rows = prices.map(({ change24h: change_24h, ...price }) => ({ ...price, change_24h }));
  await executor.query(sql.typeAlias('void')`
    UPDATE prices SET price = said.price, change_24h = said.change_24h, source = said.source, at = ${at}::timestamptz
    FROM json_to_recordset(${JSON.stringify(rows)}::json)
      AS said (symbol text, currency text, price text, change_24h text, source text)
    WHERE prices.symbol = said.symbol AND prices.currency = said.currency
      AND (prices.at IS NULL OR prices.at <= ${at}::timestamptz)
  `);
}

/**
 * Makes a process the one that asks the feeds, or keeps it so, when it is time: every `busyMs` while somebody wants a
 * price, else every `idleMs`. True where it is to ask now.
 */
export async function takePolling(
  executor: Executor,
  { holder, leaseMs, busyMs, idleMs }: { holder: string; leaseMs: number; busyMs: number; idleMs: number },
): Promise<boolean> {
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    UPDATE price_poller SET holder = ${holder}, lease_until = clock_timestamp() + ${leaseMs} * interval '1 ms',
      asked_at = clock_timestamp()
    WHERE (holder = ${holder} OR lease_until < clock_timestamp())
      AND asked_at < clock_timestamp() - interval '1 ms' * CASE
        WHEN EXISTS (SELECT FROM prices WHERE price IS NULL OR wanted_at > clock_timestamp() - ${WANTED})
        THEN ${busyMs}::integer ELSE ${idleMs}::integer END
  `);
  return rowCount === 1;
}
