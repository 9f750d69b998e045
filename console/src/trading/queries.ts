import { queryOptions } from '@tanstack/react-query';
import type { Data } from 'tandem-client';
import type { Session } from '../session/session.ts';

export type Pair = Data<'pairs.get'>;
export type Book = Data<'pairs.book'>;
export type Candle = Data<'pairs.candles'>[number];
export type Offer = Data<'offers.list'>['data'][number];
export type Interval = '1m' | '15m' | '1h' | '1d';

export const tradingKey = (userId: string) => [userId, 'trading'];
export const pairKey = (userId: string, pair: string) => [...tradingKey(userId), 'pair', pair];

const LEVELS = 25;
const CANDLES = 60;

export function pairsQuery({ tandem, user }: Session) {
  return queryOptions({
    queryKey: [...tradingKey(user.id), 'pairs'],
    queryFn: () => tandem.pairs.list(),
  });
}

export function bookQuery({ tandem, user }: Session, pair: string) {
  return queryOptions({
    queryKey: [...pairKey(user.id, pair), 'book'],
    queryFn: () => tandem.pairs.book(pair, { depth: LEVELS }),
  });
}

export function tradesQuery({ tandem, user }: Session, pair: string) {
  return queryOptions({
    queryKey: [...pairKey(user.id, pair), 'trades'],
    queryFn: async () => (await tandem.pairs.trades(pair, { limit: 20 })).data,
  });
}

/** Oldest first. */
export function candlesQuery({ tandem, user }: Session, pair: string, interval: Interval) {
  return queryOptions({
    queryKey: [...pairKey(user.id, pair), 'candles', interval],
    queryFn: async () => (await tandem.pairs.candles(pair, { interval, limit: CANDLES })).toReversed(),
  });
}

export function ordersQuery({ tandem, user }: Session, pairId: string) {
  return queryOptions({
    queryKey: [...tradingKey(user.id), 'orders', pairId],
    queryFn: async () => (await tandem.orders.list({ pairId, limit: 20 })).data,
  });
}

export function offersQuery({ tandem, user }: Session, pairId: string) {
  return queryOptions({
    queryKey: [...tradingKey(user.id), 'offers', pairId],
    queryFn: async () => (await tandem.offers.list({ pairId, limit: 50 })).data,
  });
}
