/** How orders, offers, trades and books are seen by people. */
import { ASSETS, formatDecimal } from '../money.ts';
import type { Level } from './book.ts';
import type { BookUpdate, FillView, OfferUpdate, OfferView, OrderView, SpotUpdate, TradeView } from './contract.ts';
import type { BookChange, Trade, Worked } from './journal.ts';
import { type Offer, onBook, priceOf, statusOf } from './offer.ts';
import { isOpen, leftOf, type Order } from './order.ts';
import { formatLots, formatTicks, type Pair } from './pair.ts';

/** What of an order everybody who hears of it is told. */
function viewSize(order: Order, pair: Pair): Pick<OrderView, 'price' | 'amount' | 'filled' | 'remaining'> {
  return {
    price: order.ticks === null ? null : formatTicks(order.ticks, pair),
    amount: formatLots(order.lots, pair),
    filled: formatLots(order.filled, pair),
    remaining: formatLots(isOpen(order) ? leftOf(order) : 0, pair),
  };
}

export function viewOrder(order: Order, pair: Pair): OrderView {
  const quote = (units: bigint) => formatDecimal(units, pair.quote);
  return {
    id: order.id,
    pairId: pair.id,
    kind: 'spot',
    side: order.side,
    type: order.type,
    ...viewSize(order, pair),
    averagePrice: order.filled === 0 ? null : averageOf(order, pair),
    cost: quote(order.cost),
    fee: quote(order.fee),
    held: formatDecimal(order.held, order.side === 'buy' ? pair.quote : pair.base),
    timeInForce: order.timeInForce,
    postOnly: order.postOnly,
    selfTradePrevention: order.selfTrade,
    expiresAt: order.expiresAt,
    maxSpend: order.maxSpend === null ? null : quote(order.maxSpend),
    clientOrderId: order.clientOrderId,
    status: order.state,
    reason: order.reason,
    createdAt: order.madeAt,
    updatedAt: order.updatedAt,
  };
}

/** For one whole of the base, rounded down. */
function averageOf({ cost, filled }: Order, pair: Pair): string {
  const whole = 10n ** BigInt(ASSETS[pair.base]);
  return formatDecimal((cost * whole) / (BigInt(filled) * pair.lot), pair.quote);
}

/** A trade as one of its two sees it. */
export function viewFill(trade: Trade, at: string, role: 'maker' | 'taker', pair: Pair): FillView {
  return {
    trade: trade.n,
    price: formatTicks(trade.ticks, pair),
    amount: formatLots(trade.lots, pair),
    cost: formatDecimal(trade.cost, pair.quote),
    fee: formatDecimal(role === 'maker' ? trade.makerFee : trade.takerFee, pair.quote),
    role,
    at,
  };
}

export function viewTrade(trade: Pick<Trade, 'n' | 'ticks' | 'lots' | 'takerSide'>, at: string, pair: Pair): TradeView {
  return {
    id: trade.n,
    price: formatTicks(trade.ticks, pair),
    amount: formatLots(trade.lots, pair),
    side: trade.takerSide,
    at,
  };
}

export const viewLevels = (levels: readonly Level[], pair: Pair): [string, string][] =>
  levels.map(([ticks, lots]) => [formatTicks(ticks, pair), formatLots(lots, pair)]);

export function viewChange(change: BookChange, seq: number, worked: readonly Worked[], pair: Pair): BookUpdate {
  return {
    pairId: pair.id,
    seq,
    bids: viewLevels(change.bids, pair),
    asks: viewLevels(change.asks, pair),
    trades: worked.flatMap(({ trades, at }) => trades.map((trade) => viewTrade(trade, at, pair))),
  };
}

/** What one order's owner hears of a command: how the order stands, and what of it was traded. */
export function updateOf(order: Order, { command, trades, order: about, at }: Worked, pair: Pair): SpotUpdate {
  const role = about?.id === order.id ? 'taker' : 'maker';
  const own = trades.filter(({ makerOrderId, takerOrderId }) => [makerOrderId, takerOrderId].includes(order.id));
  const action = !isOpen(order) ? 'ended' : own.length > 0 ? 'traded' : command.kind === 'place' ? 'placed' : 'amended';
  const { side, type, reason } = order;
  const fills = own.map((trade) => viewFill(trade, at, role, pair));
  return {
    orderId: order.id,
    status: order.state,
    data: { kind: 'spot', pairId: pair.id, action, side, type, ...viewSize(order, pair), reason, fills },
  };
}

export function viewOffer(offer: Offer, now: string): OfferView {
  const { id, asset, currency, side, marginBps, policy, expiresAt } = offer;
  const text = (units: bigint) => formatDecimal(units, asset);
  const status = statusOf(offer, now);
  return {
    ...{ id, pairId: `${asset}-${currency}`, kind: 'p2p', makerId: offer.userId, side, type: 'limit' },
    ...{ price: priceOf(offer), marginBps, amount: text(offer.amount), released: text(offer.gone) },
    remaining: text(status === 'open' || status === 'paused' ? onBook(offer) : 0n),
    ...{ min: text(offer.least), max: text(offer.most), paymentMethods: [...offer.paymentMethods], policy },
    ...{ status, expiresAt, createdAt: offer.madeAt, updatedAt: offer.updatedAt },
  };
}

export type OfferAction = OfferUpdate['data']['action'];

/** What an offer's maker hears of it. */
export function updateOfOffer(offer: Offer, action: OfferAction, now: string, tradeId: string | null): OfferUpdate {
  const { pairId, side, price, amount, remaining, released, status } = viewOffer(offer, now);
  return {
    orderId: offer.id,
    status,
    data: { kind: 'p2p', pairId, action, side, price, amount, remaining, released, tradeId },
  };
}
