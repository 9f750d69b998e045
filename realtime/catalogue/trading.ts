import { z } from 'zod';
import { wantPrice } from '#db/price/prices.ts';
import { findPair } from '#db/trading/pairs.ts';
import { priceName, quotedOf } from '#workflows/price/quoted.ts';
import { bookUpdate, TRADING_EVENTS } from '#workflows/trading/contract.ts';
import { pairIdOf } from '#workflows/trading/pair.ts';
import { command, type Domain, event, inRoom, PERSONS } from './declaration.ts';

const symbol = z.string().regex(/^[A-Z0-9]{2,12}([-/][A-Z0-9]{2,12})?$/);

const nameOf = (id: string): string => priceName(quotedOf(id));

/** Orders, books and prices. */
export const trading = {
  name: 'trading',
  rooms: {
    trading: {
      ...{ summary: 'A pair’s book and trades.', id: symbol, strangers: true },
      mayJoin: async (pool, id) => id === pairIdOf(id) && (await findPair(pool, id)) !== null,
      missing: 'There is no such pair.',
    },
    price: {
      ...{ summary: 'What a coin costs: `BTC` in dollars, `BTC-INR` in rupees.', id: symbol, strangers: true },
      // Asked again while somebody is in it: so it is known that the price is wanted.
      mayJoin: async (pool, id) => id === nameOf(id) && (await wantPrice(pool, quotedOf(id))) !== null,
      missing: 'There is no such symbol.',
    },
  },
  events: {
    order_update: event({
      ...{ class: 'durable', from: ['Softchat'], rooms: ['user'], built: true, hears: 'whose order or trade it is' },
      summary: TRADING_EVENTS.order_update.description ?? '',
      schema: TRADING_EVENTS.order_update,
      args: ['orderId', 'status', 'data'],
      example: {
        orderId: PERSONS.thing,
        status: 'payment_confirmed',
        data: {
          kind: 'escrow',
          action: 'confirm',
          by: 'buyer',
          deadline: PERSONS.at,
          asset: 'USDT',
          held: '25.000000',
        },
      },
    }),
    price_update: event({
      ...{ class: 'live', from: ['Softchat'], rooms: ['price'], built: true, hears: 'who subscribed' },
      summary: 'A price has changed',
      schema: z.object({ symbol, price: z.string(), change: z.string() }),
      args: ['symbol', 'price', 'change'],
      example: { symbol: 'BTC', price: '65000.00', change: '1.25' },
    }),
    book_update: event({
      ...{ class: 'live', from: ['Tandem'], rooms: ['trading'], built: true, hears: 'who is in the pair’s room' },
      summary: 'A pair’s book has changed; a gap in `seq` means: read it again',
      schema: bookUpdate,
      example: {
        pairId: 'BTC-USD',
        seq: 42,
        bids: [['65000.00', '0.01200000']],
        asks: [['65010.00', '0.00000000']],
        trades: [{ id: 7, price: '65010.00', amount: '0.00100000', side: 'buy', at: PERSONS.at }],
      },
    }),
  },
  commands: {
    join_trading_room: command({
      from: ['Softchat'],
      data: z.strictObject({ tradingPairId: symbol }),
      args: ['tradingPairId'],
      answer: inRoom,
      summary: 'Follow a pair: its book and trades.',
      may: 'everybody',
      example: { data: { tradingPairId: 'BTC-USD' }, answer: { room: 'trading_BTC-USD' } },
      async handle(act, { tradingPairId }) {
        const { room } = await act.join('trading', pairIdOf(tradingPairId));
        return { room };
      },
    }),
    subscribe_prices: command({
      from: ['Softchat'],
      data: z.strictObject({ symbols: z.array(symbol).min(1).max(50) }),
      args: ['symbols'],
      answer: z.object({ rooms: z.array(z.string()) }),
      summary: 'Follow prices: of `BTC` in dollars, of `BTC-INR` in rupees.',
      may: 'everybody',
      example: { data: { symbols: ['BTC', 'ETH'] }, answer: { rooms: ['price_BTC', 'price_ETH'] } },
      async handle(act, { symbols }) {
        const rooms: string[] = [];
        for (const each of symbols) rooms.push((await act.join('price', nameOf(each))).room);
        return { rooms };
      },
    }),
  },
} satisfies Domain;
