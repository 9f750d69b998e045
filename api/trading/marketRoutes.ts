import { z } from 'zod';
import { findPair, listPairs } from '#db/trading/pairs.ts';
import { getBook, listCandles, listTickers, listTrades, type Ticker } from '#db/trading/reads.ts';
import { Failure } from '#workflows/failures.ts';
import { formatDecimal } from '#workflows/money.ts';
import { bookView, candle, type PairView, pairParam, pairView, tradeView } from '#workflows/trading/contract.ts';
import { formatLots, formatTicks, type Pair } from '#workflows/trading/pair.ts';
import { viewLevels, viewTrade } from '#workflows/trading/view.ts';
import { answers, list, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import { tradeOf } from './views.ts';

const tags = ['Trading'];
const params = z.strictObject({ pairId: pairParam });
const PAIRS = '/api/crypto/trading/pairs';
const BOOK = '/api/crypto/orderbook/:pairId';

const INTERVALS = { '1m': 60, '5m': 300, '15m': 900, '1h': 3_600, '4h': 14_400, '1d': 86_400, '1w': 604_800 } as const;
type Interval = keyof typeof INTERVALS;

async function getPair({ pool }: Pick<Deps, 'pool'>, id: string): Promise<Pair> {
  const pair = await findPair(pool, id);
  if (!pair) throw new Failure('NOT_FOUND', 'There is no such pair.');
  return pair;
}

/** What everybody who is signed in may see of pairs. */
export function marketDataRoutes(app: App, deps: Deps): void {
  pairRoutes(app, deps);
  bookRoutes(app, deps);
  tradeRoutes(app, deps);
}

function pairRoutes(app: App, { pool, now }: Deps): void {
  const viewAll = async (pairs: readonly Pair[]) => {
    const ids = pairs.map(({ id }) => id);
    const tickers = new Map((await listTickers(pool, ids, now().toISOString())).map((row) => [row.pair_id, row]));
    return pairs.map((pair) => viewPair(pair, tickers.get(pair.id) as Ticker));
  };

  app.get(
    PAIRS,
    {
      schema: {
        tags,
        operationId: 'pairs.list',
        summary: 'All pairs with their tickers',
        response: answers({ 200: success(z.array(pairView)) }, 'UNAUTHENTICATED'),
      },
    },
    async () => ok(await viewAll(await listPairs(pool))),
  );

  app.get(
    `${PAIRS}/:pairId`,
    {
      schema: {
        tags,
        operationId: 'pairs.get',
        summary: 'One pair with its ticker',
        params,
        response: answers({ 200: success(pairView) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const [view] = await viewAll([await getPair({ pool }, request.params.pairId)]);
      return ok(view as PairView);
    },
  );
}

function viewPair(pair: Pair, ticker: Ticker): PairView {
  const price = (ticks: number | null) => (ticks === null ? null : formatTicks(ticks, pair));
  const { last, first } = ticker;
  return {
    id: pair.id,
    base: pair.base,
    quote: pair.quote,
    tick: formatDecimal(pair.tick, pair.quote),
    lot: formatDecimal(pair.lot, pair.base),
    min_notional: formatDecimal(pair.minNotional, pair.quote),
    band_bps: pair.bandBps,
    status: pair.state,
    last: price(last),
    change_24h: last === null || first === null ? null : (((last - first) / first) * 100).toFixed(2),
    high_24h: price(ticker.high),
    low_24h: price(ticker.low),
    volume_24h: formatLots(ticker.lots, pair),
    quote_volume_24h: formatDecimal(ticker.cost, pair.quote),
    best_bid: price(ticker.best_bid),
    best_ask: price(ticker.best_ask),
  };
}

function bookRoutes(app: App, { pool }: Deps): void {
  app.get(
    BOOK,
    {
      schema: {
        tags,
        operationId: 'pairs.book',
        summary: 'What is offered in a pair',
        description:
          'Join the room first, then read this: apply each `book_update` whose `seq` is above the one here. ' +
          'Where a number is missing, read it again.',
        params,
        querystring: z.strictObject({ depth: z.coerce.number().int().min(1).max(1_000).default(50) }),
        response: answers({ 200: success(bookView) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const pair = await getPair({ pool }, request.params.pairId);
      const { seq, bids, asks } = await getBook(pool, pair.id, request.query.depth);
      return ok({ pairId: pair.id, seq, bids: viewLevels(bids, pair), asks: viewLevels(asks, pair) });
    },
  );
}

function tradeRoutes(app: App, { pool, now }: Deps): void {
  app.get(
    `${BOOK}/trades`,
    {
      schema: {
        tags,
        operationId: 'pairs.trades',
        summary: 'What was traded in a pair, newest first',
        params,
        querystring: pageQuery,
        response: answers({ 200: list(tradeView) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const pair = await getPair({ pool }, request.params.pairId);
      const { limit, cursor } = request.query;
      const before = decodeCursor(cursor, z.tuple([z.int().positive()]))?.[0] ?? null;
      const rows = await listTrades(pool, { pairId: pair.id, before, limit: limit + 1 });
      return pageOf(
        rows,
        limit,
        ({ n }) => [n],
        (row) => viewTrade(tradeOf(row), row.at, pair),
      );
    },
  );

  app.get(
    `${BOOK}/candles`,
    {
      schema: {
        tags,
        operationId: 'pairs.candles',
        summary: 'Prices of a pair by stretches of time, newest first',
        description: 'Stretches in which nothing was traded are left out.',
        params,
        querystring: z.strictObject({
          interval: z.enum(Object.keys(INTERVALS) as [Interval, ...Interval[]]).default('1h'),
          before: z.iso.datetime().optional().describe('Now, by default'),
          limit: z.coerce.number().int().min(1).max(100).default(100).describe('Stretches, with those left out'),
        }),
        response: answers({ 200: success(z.array(candle)) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const pair = await getPair({ pool }, request.params.pairId);
      const { interval, limit, before = new Date(now().getTime() + 1).toISOString() } = request.query;
      const rows = await listCandles(pool, { pairId: pair.id, seconds: INTERVALS[interval], before, limit });
      const price = (ticks: number) => formatTicks(ticks, pair);
      return ok(
        rows.map(({ at, open, high, low, close, lots, trades }) => ({
          ...{ at, open: price(open), high: price(high), low: price(low), close: price(close) },
          ...{ volume: formatLots(lots, pair), trades },
        })),
      );
    },
  );
}
