/** Offers whose fiat is paid outside of Tandem: what a part of one costs, and whether it may be taken. */

import { ASSETS, type Asset, formatDecimal } from '../money.ts';
import type { Side } from './book.ts';
import type { Refusal } from './journal.ts';

export const OFFER_STATES = ['open', 'paused', 'cancelled'] as const;
export type OfferState = (typeof OFFER_STATES)[number];

export type Offer = {
  id: string;
  userId: string;
  /** What its maker does: who sells has the asset held when somebody takes it. */
  side: Side;
  asset: Asset;
  currency: string;
  amount: bigint;
  least: bigint;
  most: bigint;
  /** Of one whole of the asset; null where it follows the feed. */
  price: string | null;
  marginBps: number | null;
  paymentMethods: readonly string[];
  state: OfferState;
  expiresAt: string | null;
  /** Off the book: in trades that are under way, or were released. */
  taken: bigint;
};

const CENTS = 2;

/** Decimal text with at most two decimals, in cents. */
const centsOf = (text: string): bigint => {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole) * 100n + BigInt(fraction.slice(0, CENTS).padEnd(CENTS, '0'));
};

/** What one whole of the asset costs now: the offer's own price, or the feed's by its margin; null where that is unknown. */
export function priceOf({ price, marginBps }: Pick<Offer, 'price' | 'marginBps'>, feed: string | null): string | null {
  if (price !== null) return price;
  if (feed === null || marginBps === null) return null;
  return textOf((centsOf(feed) * BigInt(10_000 + marginBps)) / 10_000n);
}

/** What a part costs at a price, to the cent, rounded up: nobody sells for less than the price. */
export function costOf(amount: bigint, asset: Asset, price: string): string {
  const whole = 10n ** BigInt(ASSETS[asset]);
  return textOf((centsOf(price) * amount + whole - 1n) / whole);
}

const textOf = (cents: bigint): string => `${cents / 100n}.${(cents % 100n).toString().padStart(CENTS, '0')}`;

export const onBook = ({ amount, taken }: Pick<Offer, 'amount' | 'taken'>): bigint => amount - taken;

/** Why somebody may not take so much of an offer now; null where he may. */
export function refusalOfTake(
  offer: Offer,
  { userId, amount, paymentMethod, now }: { userId: string; amount: bigint; paymentMethod: string; now: string },
): Refusal | null {
  const refuse = (code: Refusal['code'], message: string, details: Refusal['details'] = {}) => ({
    code,
    message,
    details,
  });
  const text = (units: bigint) => formatDecimal(units, offer.asset);
  if (userId === offer.userId) return refuse('FORBIDDEN', 'One account cannot trade with itself.');
  const isOver = offer.expiresAt !== null && offer.expiresAt <= now;
  if (offer.state !== 'open' || isOver) {
    const current_state = isOver ? 'expired' : offer.state;
    return refuse('FLOW_STATE_INVALID', 'This offer cannot be taken now.', { current_state, required_state: 'open' });
  }
  if (amount < offer.least || amount > offer.most) {
    const [min, max] = [text(offer.least), text(offer.most)];
    return refuse('VALIDATION_FAILED', `amount is outside of ${min} to ${max}.`, {
      fields: [{ field: 'amount', problem: `is outside of ${min} to ${max}` }],
    });
  }
  if (!offer.paymentMethods.includes(paymentMethod)) {
    return refuse('VALIDATION_FAILED', 'payment_method is none of the offer’s.', {
      fields: [{ field: 'payment_method', problem: `is none of ${offer.paymentMethods.join(', ')}` }],
    });
  }
  if (amount > onBook(offer)) {
    const left = text(onBook(offer));
    return refuse('LIMIT_REACHED', `Of this offer ${left} is left.`, { limit: 'offer', left });
  }
  return null;
}
