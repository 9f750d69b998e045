/**
 * What a payment provider told us, in one neutral form. Every adapter translates its own webhooks into these; the
 * inbox stores them, a Signal carries them to the workflow, an activity books them. Plain JSON: amounts are decimal
 * strings of minor units, instants ISO strings.
 */
export const FACT_KINDS = [
  'captured',
  'failed',
  'refunded',
  'refund_failed',
  'charge_back_opened',
  'charge_back_closed',
] as const;

export type FactKind = (typeof FACT_KINDS)[number];

export const PROVIDERS = ['sandbox', 'razorpay', 'stripe'] as const;
export type ProviderName = (typeof PROVIDERS)[number];

export type ProviderFact = {
  kind: FactKind;
  provider: ProviderName;
  /** The provider's id of the order, null where the webhook names none. */
  orderId: string | null;
  /** Our own id of the order, where the provider carries it back: it finds the order when orderId cannot. */
  reference: string | null;
  /** The provider's id of the payment. */
  paymentId: string | null;
  /** For refunds: the provider's id of the refund, and the key we gave when we asked for it (null if asked elsewhere). */
  refundId: string | null;
  refundKey: string | null;
  /** Minor units as a decimal string, e.g. "500050". */
  amount: string;
  /** ISO 4217 upper case, e.g. "INR". May be one we have no asset for. */
  currency: string;
  /** The provider's clock. */
  occurredAt: string;
  reason: string | null;
};
