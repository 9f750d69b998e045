/** What there is to know of a subscription beside its process's columns. */
import type { Process } from '../process/machine.ts';

export const STATES = ['awaiting_payment', 'active', 'due', 'past_due', 'ending', 'closed', 'ended', 'lapsed'] as const;
export type State = (typeof STATES)[number];

/** The giver is there where it is a gift. */
export const PARTIES = ['subscriber', 'creator', 'giver'] as const;

/** How its first month is paid for; every other one is paid for in tokens. */
export const PAID_BY = ['tokens', 'order'] as const;

/** ISO 8601: how long the order of a first month may be paid. */
export const PAY_WITHIN = 'PT24H';
/** So long before it is renewed the subscriber is told, with the price. */
export const NOTICE = 'P7D';
/** Whoever was told later than this pays what they paid before. */
export const LEAST_NOTICE = 'P1D';
/** A month that could not be paid for is tried again so often, for so long. */
export const TRY_EVERY = 'PT12H';
export const TRY_FOR = 'P3D';

export type SubscriptionOpening = {
  /** The creator's word for what is bought. */
  tier: string;
  /** What a month costs, in TOKEN. */
  price: string;
  /** The creator's part of it, in basis points. */
  share_bps: number;
  /** Of an order for the first month: what is paid, in minor units of the process's asset. Null where tokens are. */
  order_price: string | null;
  /** It is not renewed by itself. */
  gift: boolean;
};

export type Terms = SubscriptionOpening & {
  /** When its first month began; null while that is not paid for. */
  began_at: string | null;
  /** Until which of its months it is paid for, counted from there. */
  months: number;
  /** When that ends; null while nothing is paid for. */
  paid_until: string | null;
  /** By how much a sandbox has moved its time on, in ms: months are counted on the calendar all the same. */
  ahead_ms: number;
  /** What the next month will cost, as the subscriber was told; null where they were not yet. */
  next_price: string | null;
  /** Since when a month could not be paid for; null where it could. */
  failed_at: string | null;
};

/** A subscription's process, with the words that its table has for its state. */
export type Subscription = Omit<Process<Terms>, 'state'> & { state: State };

/** A process of this kind, which its table keeps to these states. */
export function asSubscription(process: Process<Terms> | Process): Subscription {
  return process as Subscription;
}

export type SubscriptionData = {
  /** Of a provider's fact, and of what was moved. */
  readonly amount?: string;
  readonly capture_id?: string;
  readonly promise_id?: string;
  readonly failure?: string;
  /** Of a renewal: what it cost, and until which month it is paid for. Of a notice: what it will cost. */
  readonly price?: string;
  readonly months?: number;
};

/** The creator's part of a price, rounded down; the rest is the platform's. */
export function shareOf(price: bigint, shareBps: number): bigint {
  return (price * BigInt(shareBps)) / 10_000n;
}
