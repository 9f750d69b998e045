import { z } from 'zod';
import type { Level } from '#workflows/trading/book.ts';
import { type Executor, sql } from '../pool.ts';

/** What everybody may see of a pair: its book, its trades, and what they come to. */

const whole = z.bigint().transform(Number);
const levels = z.custom<Level[]>();
const bookRow = z.object({ seq: whole, bids: levels, asks: levels });

/** The best `depth` prices of both sides, and the number of the change that made it so, at one instant. */
export function getBook(executor: Executor, pairId: string, depth: number): Promise<z.infer<typeof bookRow>> {
  const side = (name: 'buy' | 'sell', order: ReturnType<typeof sql.fragment>) => sql.fragment`(
    SELECT coalesce(json_agg(json_build_array(ticks, lots) ORDER BY ticks ${order}), '[]') FROM (
      SELECT ticks, sum(lots - filled)::bigint AS lots FROM trading_orders
      WHERE pair_id = book.pair_id AND side = ${name} AND state IN ('open', 'partially_filled')
      GROUP BY ticks ORDER BY ticks ${order} LIMIT ${depth}
    ) AS level
  )`;
  return executor.one(sql.type(bookRow)`
    SELECT seq, ${side('buy', sql.fragment`DESC`)} AS bids, ${side('sell', sql.fragment`ASC`)} AS asks
    FROM trading_books AS book WHERE pair_id = ${pairId}
  `);
}

const tradeRow = z.object({
  n: whole,
  ticks: whole,
  lots: whole,
  cost: z.bigint(),
  maker_fee: z.bigint(),
  taker_fee: z.bigint(),
  maker_order_id: z.string(),
  taker_order_id: z.string(),
  maker_id: z.string(),
  taker_id: z.string(),
  taker_side: z.enum(['buy', 'sell']),
  at: z.string(),
});
export type TradeRow = z.infer<typeof tradeRow>;

const TRADE = sql.fragment`n, ticks, lots, cost, maker_fee, taker_fee, maker_order_id, taker_order_id, maker_id, taker_id,
  taker_side, at`;

/** A pair's trades, the newest first. */
export function listTrades(
  executor: Executor,
  { pairId, before, limit }: { pairId: string; before: number | null; limit: number },
): Promise<readonly TradeRow[]> {
  return executor.any(sql.type(tradeRow)`
    SELECT ${TRADE} FROM trading_trades
    WHERE pair_id = ${pairId} AND (${before}::bigint IS NULL OR n < ${before}::bigint) ORDER BY n DESC LIMIT ${limit}
  `);
}

/** What was traded of these orders, in its order. */
export function listTradesOfOrders(executor: Executor, ids: readonly string[]): Promise<readonly TradeRow[]> {
  const asked = sql.array([...ids], 'uuid');
  return executor.any(sql.type(tradeRow)`
    SELECT ${TRADE} FROM trading_trades
    WHERE maker_order_id = ANY(${asked}) OR taker_order_id = ANY(${asked}) ORDER BY pair_id, n
  `);
}

const candleRow = z.object({
  at: z.string(),
  open: whole,
  high: whole,
  low: whole,
  close: whole,
  lots: whole,
  trades: whole,
});

/** What was traded in each stretch of so many seconds in which something was, the newest first. Stretches begin at midnight (UTC). */
export function listCandles(
  executor: Executor,
  asked: { pairId: string; seconds: number; before: string; limit: number },
): Promise<readonly z.infer<typeof candleRow>[]> {
  const { pairId, seconds, before, limit } = asked;
  return executor.any(sql.type(candleRow)`
    SELECT date_bin(${seconds} * interval '1 second', at, timestamptz '2024-01-01T00:00:00Z')::timestamptz(3) AS at,
      (array_agg(ticks ORDER BY n))[1] AS open, max(ticks) AS high, min(ticks) AS low,
      (array_agg(ticks ORDER BY n DESC))[1] AS close, sum(lots)::bigint AS lots, count(*) AS trades
    FROM trading_trades AS trade
    WHERE pair_id = ${pairId} AND trade.at < ${before}::timestamptz
      AND trade.at >= ${before}::timestamptz - ${limit * seconds} * interval '1 second'
    GROUP BY 1 ORDER BY 1 DESC LIMIT ${limit}
  `);
}

const tickerRow = z.object({
  pair_id: z.string(),
  last: whole.nullable(),
  first: whole.nullable(),
  high: whole.nullable(),
  low: whole.nullable(),
  lots: whole,
  cost: z.bigint(),
  best_bid: whole.nullable(),
  best_ask: whole.nullable(),
});
export type Ticker = z.infer<typeof tickerRow>;

/** What pairs came to in the day before an instant. `first` is the price that held when it began. */
export function listTickers(executor: Executor, pairIds: readonly string[], now: string): Promise<readonly Ticker[]> {
  const since = sql.fragment`${now}::timestamptz - interval '1 day'`;
  return executor.any(sql.type(tickerRow)`
    SELECT book.pair_id, book.last_ticks AS last, day.high, day.low, day.lots, day.cost,
      coalesce(
        (SELECT ticks FROM trading_trades AS trade WHERE trade.pair_id = book.pair_id AND trade.at <= ${since}
          ORDER BY trade.at DESC, n DESC LIMIT 1),
        (SELECT ticks FROM trading_trades AS trade WHERE trade.pair_id = book.pair_id ORDER BY n LIMIT 1)
      ) AS first,
      (SELECT max(ticks) FROM trading_orders AS orders
        WHERE orders.pair_id = book.pair_id AND side = 'buy' AND state IN ('open', 'partially_filled')) AS best_bid,
      (SELECT min(ticks) FROM trading_orders AS orders
        WHERE orders.pair_id = book.pair_id AND side = 'sell' AND state IN ('open', 'partially_filled')) AS best_ask
    FROM trading_books AS book
    CROSS JOIN LATERAL (
      SELECT max(ticks) AS high, min(ticks) AS low, coalesce(sum(lots), 0)::bigint AS lots,
        coalesce(sum(cost), 0)::bigint AS cost
      FROM trading_trades AS trade
      WHERE trade.pair_id = book.pair_id AND trade.at > ${since} AND trade.at <= ${now}::timestamptz
    ) AS day
    WHERE book.pair_id = ANY(${sql.array([...pairIds], 'text')}) ORDER BY book.pair_id
  `);
}
