/** Answers and events of trading as zod schemas; OpenAPI and AsyncAPI are made from them. */
import { z } from 'zod';
import { ASSETS, type Asset } from '../money.ts';
import { TRADE_EVENTS, tradePolicy } from '../trade/contract.ts';
import { SELF_TRADE } from './book.ts';
import { OFFER_STATUSES } from './offer.ts';
import { END_REASONS, ORDER_STATES, ORDER_TYPES, TIMES_IN_FORCE } from './order.ts';
import { PAIR_STATES } from './pair.ts';

const id = z.uuid();
const instant = z.iso.datetime();
const decimal = z.string().meta({ examples: ['0.05'] });

export const pairId = z
  .string()
  .regex(/^[A-Z0-9]{2,12}[-/][A-Z0-9]{2,12}$/i, 'is not a pair such as BTC-USD')
  .meta({ examples: ['BTC-USD'] });
/** In a path: what is no pair is none that is there. */
export const pairParam = z
  .string()
  .max(64)
  .meta({ examples: ['BTC-USD'] });
const asset = z.enum(Object.keys(ASSETS) as [Asset, ...Asset[]]);
export const side = z.enum(['buy', 'sell']).meta({ id: 'OrderSide' });
export const orderState = z.enum(ORDER_STATES).meta({ id: 'OrderStatus' });
const orderType = z.enum(ORDER_TYPES);
export const timeInForce = z.enum(TIMES_IN_FORCE).meta({ id: 'TimeInForce' });
export const selfTrade = z.enum(SELF_TRADE).meta({ id: 'SelfTradePrevention' });
export const pairState = z.enum(PAIR_STATES).meta({ id: 'PairStatus' });

export const pairView = z
  .object({
    id: z.string(),
    base: asset,
    quote: asset,
    tick: decimal.describe('Prices are multiples of it'),
    lot: decimal.describe('Amounts are multiples of it'),
    min_notional: decimal.describe('What an order comes to at least, in the quote'),
    band_bps: z.int().nullable().describe('How far from the last price another may be, in basis points'),
    status: pairState,
    last: decimal.nullable(),
    change_24h: decimal.nullable().describe('In per cent'),
    high_24h: decimal.nullable(),
    low_24h: decimal.nullable(),
    volume_24h: decimal.describe('In the base'),
    quote_volume_24h: decimal,
    best_bid: decimal.nullable(),
    best_ask: decimal.nullable(),
  })
  .meta({ id: 'TradingPair' });
export type PairView = z.infer<typeof pairView>;

export const fill = z
  .object({
    trade: z.int().describe('Its number among the trades of the pair'),
    price: decimal,
    amount: decimal,
    cost: decimal,
    fee: decimal,
    role: z.enum(['maker', 'taker']),
    at: instant,
  })
  .meta({ id: 'Fill' });
export type FillView = z.infer<typeof fill>;

export const orderView = z
  .object({
    id,
    pairId: z.string(),
    kind: z.literal('spot'),
    side,
    type: orderType,
    price: decimal.nullable(),
    amount: decimal,
    filled: decimal,
    remaining: decimal.describe('What is still in the book; nothing where the order is over'),
    averagePrice: decimal.nullable(),
    cost: decimal.describe('What is paid or received for what is traded, in the quote'),
    fee: decimal.describe('In the quote'),
    held: decimal.describe('What is set aside for it: in the quote where it buys, in the base where it sells'),
    timeInForce,
    postOnly: z.boolean(),
    selfTradePrevention: selfTrade,
    expiresAt: instant.nullable(),
    maxSpend: decimal.nullable(),
    clientOrderId: z.string().nullable(),
    status: orderState,
    reason: z.enum(END_REASONS).nullable().describe('Why it ended before all of it was traded'),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: 'Order' });
export type OrderView = z.infer<typeof orderView>;

/** An offer whose fiat is paid outside of Tandem. */
export const offerView = z
  .object({
    id,
    pairId: z.string(),
    kind: z.literal('p2p'),
    makerId: id,
    side,
    type: z.literal('limit'),
    price: decimal.nullable().describe('Of one of the asset, now; null where it follows prices that nobody knows'),
    marginBps: z.int().nullable().describe('How far it follows the price of the feeds, in basis points'),
    amount: decimal,
    remaining: decimal.describe('What is on the book: not in a trade that is under way, and not released'),
    released: decimal.describe('What buyers have of it by now'),
    min: decimal,
    max: decimal,
    paymentMethods: z.array(z.string()),
    policy: tradePolicy,
    status: z.enum(OFFER_STATUSES).meta({ id: 'OfferStatus' }),
    expiresAt: instant.nullable(),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: 'Offer' });
export type OfferView = z.infer<typeof offerView>;

const level = z
  .array(decimal)
  .length(2)
  .describe('[price, amount]')
  .meta({ examples: [['65000.00', '0.05000000']] });
export const bookView = z
  .object({
    pairId: z.string(),
    seq: z.int().describe('The next `book_update` of the room has the number that follows'),
    bids: z.array(level).describe('The best price first'),
    asks: z.array(level),
  })
  .meta({ id: 'OrderBook' });

export const tradeView = z
  .object({ id: z.int(), price: decimal, amount: decimal, side: side.describe('Of who took'), at: instant })
  .meta({ id: 'TradeView' });
export type TradeView = z.infer<typeof tradeView>;

export const candle = z
  .object({
    at: instant.describe('When it begins'),
    open: decimal,
    high: decimal,
    low: decimal,
    close: decimal,
    volume: decimal.describe('In the base'),
    trades: z.int(),
  })
  .meta({ id: 'Candle' });

const spotUpdate = z
  .object({
    kind: z.literal('spot'),
    pairId: z.string(),
    action: z.enum(['placed', 'amended', 'traded', 'ended']),
    side,
    type: orderType,
    price: decimal.nullable(),
    amount: decimal,
    filled: decimal,
    remaining: decimal,
    reason: z.enum(END_REASONS).nullable(),
    fills: z.array(fill).describe('What was traded of it now'),
  })
  .meta({ id: 'SpotOrderUpdate' });

const offerUpdate = z
  .object({
    kind: z.literal('p2p'),
    pairId: z.string(),
    action: z.enum(['placed', 'amended', 'paused', 'resumed', 'taken', 'cancelled']),
    side,
    price: decimal.nullable(),
    amount: decimal,
    remaining: decimal,
    released: decimal,
    tradeId: id.nullable().describe('Where a part was taken: the trade that holds it, whose own updates tell its end'),
  })
  .meta({ id: 'OfferUpdate' });

/** Durable: what becomes of one's orders and offers, and of trades held in escrow. */
export const TRADING_EVENTS = {
  order_update: z
    .object({
      orderId: id,
      status: z.string(),
      data: z.discriminatedUnion('kind', [TRADE_EVENTS.order_update.shape.data, spotUpdate, offerUpdate]),
    })
    .describe('An order, an offer or a trade of yours moved on'),
} as const;
export type OfferUpdate = { orderId: string; status: string; data: z.infer<typeof offerUpdate> };
export type SpotUpdate = { orderId: string; status: string; data: z.infer<typeof spotUpdate> };

/** Live: what changed in a book. An amount of zero: nothing is offered at this price any more. */
export const bookUpdate = z.object({
  pairId: z.string(),
  seq: z.int(),
  bids: z.array(level),
  asks: z.array(level),
  trades: z.array(tradeView),
});
export type BookUpdate = z.infer<typeof bookUpdate>;
