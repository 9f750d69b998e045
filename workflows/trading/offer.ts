/** Offers whose fiat is paid outside: what a part of one costs, what of it is on the book, and whether it may be taken. */
import { ASSETS, type Asset, formatDecimal } from '../money.ts';
import { type Policy, releasedOf } from '../trade/policy.ts';
import type { Side } from './book.ts';
import type { Refusal } from './journal.ts';

export const OFFER_STATES = ['open', 'paused', 'cancelled'] as const;
export type OfferState = (typeof OFFER_STATES)[number];
/** As people see one: `filled` where all of it was released, `expired` where its time is up. */
export const OFFER_STATUSES = ['open', 'paused', 'filled', 'cancelled', 'expired'] as const;
type OfferStatus = (typeof OFFER_STATUSES)[number];

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
  policy: Policy;
  state: OfferState;
  expiresAt: string | null;
  madeAt: string;
  updatedAt: string;
  /** Off the book: in trades that are under way, or gone. */
  taken: bigint;
  /** Of that what buyers have by now: it does not come back. */
  gone: bigint;
  /** What one whole of the asset costs by the feeds, in the offer's currency; null where nobody knows, or not any more. */
  feed: string | null;
};

/** How the trade of a part stands: what it says of the part is all that there is to know of it. */
type Part = { amount: bigint; state: string; releasePercent: number };

/**
 * Of a part that was taken: what is off the book, and what is gone for good. What a trade gave back is on the book again,
 * whoever ended it; where it was split, so is the seller's share.
 */
export function standingOfPart({ amount, state, releasePercent }: Part): { taken: bigint; gone: bigint } {
  if (state === 'cancelled' || state === 'expired' || state === 'refunded') return { taken: 0n, gone: 0n };
  if (state === 'released') return { taken: amount, gone: amount };
  if (state !== 'split') return { taken: amount, gone: 0n };
  const released = releasedOf(amount, releasePercent);
  return { taken: released, gone: released };
}

export function statusOf({ state, expiresAt, gone, amount }: Offer, now: string): OfferStatus {
  if (state === 'cancelled') return 'cancelled';
  if (gone >= amount) return 'filled';
  return expiresAt !== null && expiresAt <= now ? 'expired' : state;
}

/** What can be taken of an offer while it is open. */
export const onBook = ({ amount, taken }: Pick<Offer, 'amount' | 'taken'>): bigint => amount - taken;

const CENTS = 2;

/** Decimal text in cents; what is less than one is cut off. */
const centsOf = (text: string): bigint => {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole) * 100n + BigInt(fraction.slice(0, CENTS).padEnd(CENTS, '0'));
};

const textOf = (cents: bigint): string => `${cents / 100n}.${(cents % 100n).toString().padStart(CENTS, '0')}`;

/** What one whole of the asset costs now: the offer's own price, or the feed's by its margin; null where that is unknown. */
export function priceOf({ price, marginBps, feed }: Pick<Offer, 'price' | 'marginBps' | 'feed'>): string | null {
  if (price !== null) return price;
  if (feed === null || marginBps === null) return null;
  const cents = (centsOf(feed) * BigInt(10_000 + marginBps)) / 10_000n;
  return cents > 0n ? textOf(cents) : null;
}

/** What a part costs at a price, to the cent, rounded up: nobody sells for less than the price. */
export function costOf(amount: bigint, asset: Asset, price: string): string {
  const whole = 10n ** BigInt(ASSETS[asset]);
  return textOf((centsOf(price) * amount + whole - 1n) / whole);
}

const refuse = (code: Refusal['code'], message: string, details: Refusal['details'] = {}): Refusal => ({
  code,
  message,
  details,
});
const invalid = (field: string, problem: string): Refusal =>
  refuse('VALIDATION_FAILED', `${field} ${problem}.`, { fields: [{ field, problem }] });

export type Taking = {
  userId: string;
  amount: bigint;
  paymentMethod: string;
  /** What the taker saw that one whole costs; null where he takes it at whatever it is. */
  price: string | null;
  now: string;
};

/** Why somebody may not take so much of an offer now; null where he may. */
export function refusalOfTake(offer: Offer, { userId, amount, paymentMethod, price, now }: Taking): Refusal | null {
  const text = (units: bigint) => formatDecimal(units, offer.asset);
  if (userId === offer.userId) return refuse('FORBIDDEN', 'One account cannot trade with itself.');
  const status = statusOf(offer, now);
  if (status !== 'open') {
    const details = { current_state: status, required_state: 'open' };
    return refuse('FLOW_STATE_INVALID', 'This offer cannot be taken now.', details);
  }
  if (amount < offer.least || amount > offer.most) {
    return invalid('amount', `is outside of ${text(offer.least)} to ${text(offer.most)}`);
  }
  if (!offer.paymentMethods.includes(paymentMethod)) {
    return invalid('payment_method', `is none of ${offer.paymentMethods.join(', ')}`);
  }
  if (amount > onBook(offer)) {
    const left = text(onBook(offer));
    return refuse('LIMIT_REACHED', `Of this offer ${left} is left.`, { limit: 'offer', left });
  }
  const standing = priceOf(offer);
  if (price !== null && standing !== null && centsOf(price) !== centsOf(standing)) {
    return refuse('OFFER_STALE', `One costs ${standing} by now.`, { price: standing });
  }
  return null;
}

/** What is to be otherwise of an offer; null of each that stays. */
export type OfferChange = { amount: bigint | null; price: string | null; state: OfferState | null };

/**
 * An offer as its maker wants it now, or why it cannot be so. Parts that were taken go on as they were agreed on: what is
 * in them is the least that the whole comes to.
 */
export function changedOffer(offer: Offer, { amount, price, state }: OfferChange, now: string): Offer | Refusal {
  const status = statusOf(offer, now);
  if (status !== 'open' && status !== 'paused') {
    return refuse('FLOW_STATE_INVALID', 'This offer is over.', { current_state: status, required_state: 'open' });
  }
  if (price !== null && offer.marginBps !== null) return invalid('price', 'is that of the feeds here, by a margin');
  const whole = amount ?? offer.amount;
  const text = (units: bigint) => formatDecimal(units, offer.asset);
  if (whole < offer.least) return invalid('amount', `is less than is taken at once, which is ${text(offer.least)}`);
  if (whole < offer.taken) {
    const taken = text(offer.taken);
    return refuse('CONFLICT', `Of this offer ${taken} is taken: its amount has to be as much.`, { taken });
  }
  // Where all of it may be taken at once, so may all of it be after.
  const most = offer.most === offer.amount ? whole : offer.most;
  return { ...offer, amount: whole, most, price: price ?? offer.price, state: state ?? offer.state, updatedAt: now };
}
