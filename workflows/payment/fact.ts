/**
 * What a payment provider told us, in one neutral form. Every adapter translates its own webhooks, and what it answers
 * when asked, into these; the inbox stores them, a Signal carries them to the workflow, an activity books them. Plain
 * JSON: amounts are decimal strings of minor units, instants ISO strings.
 *
 * A fact says how one object of the provider's (a payment, a refund, a dispute, a payout) stood when it was told. Facts
 * come in any order and more than once: which of two about one object is the later is read from `state`, by
 * isLaterState, and never from clocks.
 */
const FACT_KINDS = [
  'captured',
  'failed',
  /** A payment that is under way: approved, or seen and not yet final. Nothing is to be booked. */
  'pending',
  'refunded',
  'refund_failed',
  'charge_back_opened',
  /** A dispute moved without an outcome: under review, money withheld or given back meanwhile. */
  'charge_back_updated',
  'charge_back_closed',
  'payout_processed',
  'payout_failed',
  'payout_reversed',
  /** What a payee still has to show before money may be paid out. */
  'account_updated',
] as const;

export type FactKind = (typeof FACT_KINDS)[number];

export const PROVIDERS = ['sandbox', 'razorpay', 'stripe', 'flutterwave', 'paypal', 'coinbase'] as const;
export type ProviderName = (typeof PROVIDERS)[number];

/** How a dispute ended for us. `won`: nothing is taken in the end; `partly`: less than was disputed. */
export type DisputeOutcome = 'won' | 'lost' | 'partly';

export type RefundState = 'pending' | 'processed' | 'failed';
export type PayoutState = 'queued' | 'pending' | 'processed' | 'failed' | 'cancelled' | 'reversed';
export type DisputeState = 'open' | 'under_review' | DisputeOutcome;
export type ObjectState = RefundState | PayoutState | DisputeState;

export type ProviderFact = {
  kind: FactKind;
  provider: ProviderName;
  /** The provider's id of the order, null where the webhook names none. */
  orderId: string | null;
  /**
   * Our own id of the order, where the provider carries it back: it finds the order when orderId cannot. Of a payout,
   * our id of the payout.
   */
  reference: string | null;
  /** The provider's id of the payment. */
  paymentId: string | null;
  /** For refunds: the provider's id of the refund, and the key we gave when we asked for it (null if asked elsewhere). */
  refundId: string | null;
  refundKey: string | null;
  /** Minor units as a decimal string, e.g. "500050". Of a dispute what is disputed. */
  amount: string;
  /** ISO 4217 upper case, e.g. "INR", or a coin's name. May be one we have no asset for; XXX where no money is meant. */
  currency: string;
  /** The provider's clock. For people and for reports: it orders nothing. */
  occurredAt: string;
  reason: string | null;

  /** Of a refund, dispute or payout: what the object is by now. */
  state?: ObjectState;

  /** Of a charge-back: the provider's id of the dispute. A payment may have several, each with an outcome of its own. */
  disputeId?: string;
  /** From the provider's status alone; null while there is none. */
  outcome?: DisputeOutcome | null;
  /** Until when the provider takes evidence. */
  respondBy?: string | null;
  /** What has been taken from us for this dispute so far, and given back, in `currency`; null where it does not say. */
  deducted?: string | null;
  reinstated?: string | null;

  /** Of a payout: the provider's id of it. */
  payoutId?: string;

  /** Of an account of a payee. */
  accountId?: string;
  kyc?: Kyc;

  /** What was paid where that is not what was priced: a coin's amount as decimal text, with all its digits. */
  paid?: { amount: string; currency: string };
};

/** Whether a payee may be paid, and if not, the way out. */
export type Kyc = {
  status: 'none' | 'pending' | 'under_review' | 'verified' | 'restricted';
  /** What is asked for now, was asked for and is late, and will be asked for. */
  currently_due: string[];
  past_due: string[];
  eventually_due: string[];
  deadline: string | null;
  disabled_reason: string | null;
};

/**
 * How far along an object is. A provider moves its objects this way and never back, with one exception: a dispute that
 * was lost may be won after all.
 */
const RANKS: Record<ObjectState, number> = {
  queued: 0,
  pending: 1,
  open: 1,
  under_review: 2,
  processed: 2,
  lost: 3,
  partly: 3,
  failed: 4,
  cancelled: 4,
  reversed: 4,
  won: 4,
};

/**
 * Whether `state` is told of an object later than `known`, in whatever order the two arrived: `failed` after
 * `processed` is money that came back, `processed` after `failed` is an old letter.
 */
export function isLaterState(state: ObjectState, known: ObjectState | null): boolean {
  return known === null || RANKS[state] > RANKS[known];
}
