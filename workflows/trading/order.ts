/** Orders of a book: their words, and what each has to have set aside. */
import { shareRoundedDown } from '../money.ts';
import type { SelfTrade, Side } from './book.ts';
import { notionalOf, type Pair } from './pair.ts';

export const ORDER_TYPES = ['limit', 'market'] as const;
/** Until cancelled; what is there now, the rest not; all of it now or nothing; until an instant. */
export const TIMES_IN_FORCE = ['GTC', 'IOC', 'FOK', 'GTD'] as const;
export const ORDER_STATES = ['open', 'partially_filled', 'filled', 'cancelled', 'expired'] as const;
export type OrderState = (typeof ORDER_STATES)[number];

/** Why an order ended before all of it was traded. */
export const END_REASONS = [
  ...(['asked', 'operator', 'time', 'no_liquidity', 'fill_or_kill'] as const),
  ...(['budget', 'self_trade'] as const),
] as const;
export type EndReason = (typeof END_REASONS)[number];

export type NewOrder = {
  id: string;
  userId: string;
  side: Side;
  type: (typeof ORDER_TYPES)[number];
  /** Of a market order the worst price that it takes; null for any. */
  ticks: number | null;
  /** All of it, with what is traded. */
  lots: number;
  timeInForce: (typeof TIMES_IN_FORCE)[number];
  postOnly: boolean;
  selfTrade: SelfTrade;
  expiresAt: string | null;
  /** What a market order may spend at most, fees included, in minor units of the quote. */
  maxSpend: bigint | null;
  clientOrderId: string | null;
  /** Fees, as they were when it came. */
  makerBps: number;
  takerBps: number;
};

export type Order = NewOrder & {
  filled: number;
  /** What was paid or received for what is traded, and the fees of that, in minor units of the quote. */
  cost: bigint;
  fee: bigint;
  /** What is set aside for what is left: of a purchase in the quote, of a sale in the base. */
  held: bigint;
  state: OrderState;
  reason: EndReason | null;
  /** The number in the journal by which it took its place among others of its price. */
  rank: number;
  madeAt: string;
  updatedAt: string;
};

export const isOpen = ({ state }: Pick<Order, 'state'>): boolean => state === 'open' || state === 'partially_filled';

export const leftOf = ({ lots, filled }: Pick<Order, 'lots' | 'filled'>): number => lots - filled;

/**
 * What is set aside for so many lots of an order at its price: of a purchase the price and the fee, of a sale what is
 * sold. Fees are rounded down, each trade's by itself: together they are never more than this.
 */
export function holdOf(pair: Pair, side: Side, ticks: number, lots: number, bps: number): bigint {
  if (side === 'sell') return BigInt(lots) * pair.lot;
  const notional = notionalOf(pair, ticks, lots);
  return notional + shareRoundedDown(notional, bps);
}
