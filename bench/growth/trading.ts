import type { Client } from 'pg';
import { listOpenOrders, listOrders } from '#db/trading/orders.ts';
import { getBook, listCandles, listTickers, listTrades, listTradesOfOrders } from '#db/trading/reads.ts';
import type { Hot } from './asking.ts';
import { AGENCY, inPieces, type Size } from './size.ts';

/** Orders of one pair, of which a twentieth lies in the book and the others were traded two by two; and what is asked of them. */

const PAIR = 'BTC-USD';
/** To each deal. */
const ORDERS_EACH = 2;
/** Of twenty these two lie in the book. */
const RESTS = 'n % 20 < 2 AND n % 40 < 20';

export async function fillOrders(client: Client, { open }: Size, people: number): Promise<string> {
  const orders = 2 * open * ORDERS_EACH;
  await inPieces(orders, 10_000, (from, to) => client.query(ORDERS, [from, to, people, orders]));
  // Postgres knows nothing of rows that were just written, and would look at all of them for each.
  await client.query('ANALYZE trading_orders');
  await client.query(TRADES, [PAIR]);
  await client.query(BOOK, [PAIR]);
  return `${orders} orders`;
}

/** What the orders in the book hold, by the ledger's own function. */
export async function holdForOrders(client: Client, { open }: Size): Promise<void> {
  await inPieces(2 * open * ORDERS_EACH, 20_000, (from, to) => client.query(HELD, [from + 1, to + 1]));
}

/** Each by a command of its own: as the journal numbers them, and evenly over the time. */
const ORDERS = `
  WITH numbered AS MATERIALIZED (
    SELECT n, ${RESTS} AS rests, growth_person(CASE WHEN n % ${AGENCY} = 0 THEN 0 ELSE n % $3::int END) AS user_id,
      now() - interval '399 days' + n * interval '399 days' / $4::bigint AS at
    FROM generate_series($1::bigint, $2::bigint) AS n
  ), orders AS MATERIALIZED (
    SELECT *, growth_id(at, 3000000000 + n) AS id, CASE WHEN n % 2 = 0 OR rests THEN 'sell' ELSE 'buy' END AS side,
      CASE WHEN rests THEN 7000 + n % 500 ELSE 6000 + n / 2 % 500 END AS ticks FROM numbered
  ), given AS (
    INSERT INTO trading_commands (pair_id, user_id, order_id, kind, body, given_at, n, at, outcome)
    SELECT '${PAIR}', user_id, id, 'place', '{}', at, n + 1, at, '{}' FROM orders ORDER BY n
  )
  INSERT INTO trading_orders (id, pair_id, user_id, side, type, ticks, lots, filled, cost, fee, held, time_in_force, post_only,
    self_trade, maker_bps, taker_bps, state, rank, made_at, updated_at)
  SELECT orders.id, '${PAIR}', user_id, side, 'limit', ticks, 2, CASE WHEN rests THEN 0 ELSE 2 END,
    CASE WHEN rests THEN 0 ELSE 2 * ticks END, 0, CASE WHEN rests THEN 2 * lot ELSE 0 END, 'GTC', false, 'expire_taker', 0, 0,
    CASE WHEN rests THEN 'open' ELSE 'filled' END, n + 1, at, at
  FROM orders JOIN trading_pairs AS pair ON pair.id = '${PAIR}' ORDER BY n`;

/** Of two that follow each other the second has taken the first. */
const TRADES = `
  INSERT INTO trading_trades (pair_id, n, command_n, maker_order_id, taker_order_id, maker_id, taker_id, taker_side, ticks, lots,
    cost, maker_fee, taker_fee, at)
  SELECT $1, row_number() OVER (ORDER BY taker.rank), taker.rank, maker.id, taker.id, maker.user_id, taker.user_id, 'buy',
    maker.ticks, 2, maker.cost, 0, 0, taker.made_at
  FROM trading_orders AS taker JOIN trading_orders AS maker ON maker.pair_id = taker.pair_id AND maker.rank = taker.rank - 1
  WHERE taker.pair_id = $1 AND taker.side = 'buy' ORDER BY taker.rank`;

const BOOK = `
  UPDATE trading_books SET n = (SELECT max(n) FROM trading_commands WHERE pair_id = $1), clock = now(),
    trades = (SELECT max(n) FROM trading_trades WHERE pair_id = $1),
    last_ticks = (SELECT ticks FROM trading_trades WHERE pair_id = $1 ORDER BY n DESC LIMIT 1)
  WHERE pair_id = $1`;

const HELD = `
  SELECT count(ledger_transfer('growth_order_' || id, 'test_money', NULL, made_at, ARRAY['hold/' || user_id, 'issuance/BTC'],
    '{hold,issuance}', '{BTC,BTC}', ARRAY[user_id, NULL]::uuid[], ARRAY[held, -held]))
  FROM trading_orders WHERE held > 0 AND rank BETWEEN $1::bigint AND $2::bigint`;

const asked = (userId: string) => ({ userId, pairId: null, clientOrderId: null, before: null, limit: 51 });
const OPEN = ['open', 'partially_filled'] as const;
const OVER = ['filled', 'cancelled', 'expired'] as const;

export const TRADING: readonly Hot[] = [
  { name: 'the book of a pair', used: 'always', ask: (pool) => getBook(pool, PAIR, 50) },
  { name: 'a book, read by its writer', used: 'at a start', ask: (pool) => listOpenOrders(pool, PAIR) },
  {
    name: 'open orders of a person',
    used: 'every page',
    ask: (pool, { somebody }) => listOrders(pool, { ...asked(somebody), states: OPEN }),
  },
  {
    name: 'orders of an agency that are over',
    used: 'every page',
    ask: async (pool, { agency }) => {
      const orders = await listOrders(pool, { ...asked(agency), states: OVER });
      return listTradesOfOrders(
        pool,
        orders.map(({ order }) => order.id),
      );
    },
  },
  {
    name: 'trades of a pair',
    used: 'every page',
    ask: (pool) => listTrades(pool, { pairId: PAIR, before: null, limit: 51 }),
  },
  {
    name: 'candles of a pair, by the minute',
    used: 'every page',
    ask: (pool, { now }) => listCandles(pool, { pairId: PAIR, seconds: 60, before: now, limit: 500 }),
  },
  {
    name: 'candles of a pair, by the day',
    used: 'every page',
    ask: (pool, { now }) => listCandles(pool, { pairId: PAIR, seconds: 86_400, before: now, limit: 365 }),
  },
  { name: 'tickers', used: 'always', ask: (pool, { now }) => listTickers(pool, [PAIR], now) },
];
