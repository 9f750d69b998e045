import type { Minor } from '#workflows/money.ts';
import type { ProviderFact, ProviderName, RefundState } from '#workflows/payment/fact.ts';

/**
 * The one port to every payment provider. Calls go out with a key of ours and are safe to repeat; facts come in as
 * webhooks, and whatever a webhook did not bring can be asked for.
 */
export type PaymentProvider = {
  readonly name: ProviderName;

  /** What it takes, by currency. An order or refund beyond these is refused before it is asked for. */
  readonly terms: Terms;

  /**
   * Makes the provider's order for one of ours; called again with the same id it answers with the same order.
   * Throws ProviderUnavailable, ProviderRefused.
   */
  createOrder(order: NewOrder): Promise<ProviderOrder>;

  /**
   * Checks who sent a webhook and when, over the bytes as they came, and translates it. A type we have no use for
   * has no facts and is still to be stored. Some providers have to be asked meanwhile, for less than ASK_BACK_MS.
   * Throws WebhookRejected, and ProviderUnavailable where that question was not answered: let it be delivered again.
   */
  verifyWebhook(rawBody: Buffer, headers: WebhookHeaders, now: Date): Promise<VerifiedWebhook>;

  /**
   * Gives money back, once per key however often it is called: a repeat answers with the refund that is there, a
   * failed one included. Another attempt after a failure takes another key. Throws ProviderUnavailable (ask
   * findRefund or call again with the same key), ProviderRefused (nothing was done, and repeating does not help;
   * BELOW_MINIMUM and REFUNDS_NOT_POSSIBLE are for somebody to settle by hand).
   */
  refund(refund: NewRefund): Promise<Refund>;

  /** What became of a refund; null where the provider has none under this key. Throws as refund. */
  findRefund(refund: { key: string; paymentId: string; refundId: string | null }): Promise<Refund | null>;

  /**
   * What became of an order: its status and every payment it has seen, captured, failed or pending, each as a fact with
   * the times of the provider's own object: for the webhook that never came. PayPal is told to take what the payer has
   * approved. Throws ProviderUnavailable, ProviderRefused (`NOT_FOUND` for an order the provider does not know).
   */
  findOrder(providerOrderId: string): Promise<FoundOrder>;

  /** How a dispute stands. Throws as refund; `NOT_FOUND`, `NOT_SUPPORTED`. */
  findDispute(disputeId: string): Promise<ProviderFact>;

  /**
   * Hands in what speaks for us, once: providers pass it on to the bank and take no more afterwards. Answers how the
   * dispute stands then. Throws as refund; `NOT_SUPPORTED`, `TOO_MUCH_EVIDENCE`.
   */
  submitEvidence(evidence: Evidence): Promise<ProviderFact>;

  /** What was made since an instant, or a little before it, in no promised order. Throws ProviderUnavailable. */
  listPayments(since: Date): AsyncIterable<ProviderFact>;
  listRefunds(since: Date): AsyncIterable<ProviderFact>;
  listDisputes(since: Date): AsyncIterable<ProviderFact>;

  /**
   * Orders made since an instant, or a little before it, each as it stands, paid or not. Null where the provider keeps no
   * list of them: there, only what was paid is told of. Throws ProviderUnavailable.
   */
  readonly listOrders: ((since: Date) => AsyncIterable<ListedOrder>) | null;
};

/** How long a provider may be asked back while it waits for the answer to its webhook, in ms. */
export const ASK_BACK_MS = 700;

/** Smallest amounts in minor units; a refund of null is none that can be made. */
export type Terms = Readonly<Record<string, { minOrder: bigint; minRefund: bigint | null }>>;

export type FoundOrder = { status: OrderStatus; payments: ProviderFact[] };

export type Evidence = {
  /** Letters, digits, `-` and `_`: two calls under one key are one. */
  key: string;
  disputeId: string;
  /** What happened, told for a bank's clerk. */
  text: string;
  files: EvidenceFile[];
};

export type EvidenceFile = { name: string; mediaType: 'application/pdf' | 'image/png' | 'image/jpeg'; bytes: Buffer };

export type OrderStatus = 'open' | 'paid' | 'expired';

/** One order as it stands: the provider's id of it, ours, and what it is of, in minor units. */
export type ListedOrder = {
  providerOrderId: string;
  reference: string | null;
  amount: string;
  currency: string;
  status: OrderStatus;
  createdAt: string;
};

export type NewOrder = {
  /** Our id of the order, a UUID: the key under which the provider makes it once. */
  id: string;
  amount: Minor;
  /** One of the provider's terms. */
  currency: string;
  /** One line the payer reads. */
  description: string;
  customer?: { name?: string; email?: string; contact?: string };
  /** When we stop waiting (ISO). Providers keep to it as far as they can; a later capture is ours to refund. */
  expiresAt: string | null;
  /** Where the provider's page leads back to. */
  successUrl?: string;
  cancelUrl?: string;
};

export type ProviderOrder = {
  providerOrderId: string;
  /** The provider's own page to pay on, null where the payer's page embeds the checkout instead. */
  checkoutUrl: string | null;
  /** When the provider itself stops taking payments for it (ISO), null when it never does. */
  expiresAt: string | null;
  /** What Razorpay's checkout script is opened with. */
  razorpayConfig?: RazorpayConfig;
};

export type RazorpayConfig = {
  order_id: string;
  /** Paise. */
  amount: number;
  currency: string;
  key_id: string;
  name: string;
  description: string;
  prefill?: { name?: string; email?: string; contact?: string };
  theme?: { color: string };
};

export type WebhookHeaders = Record<string, string | string[] | undefined>;

export type VerifiedWebhook = {
  /** The provider's id of the event: one event delivered twice has it twice. */
  eventId: string;
  type: string;
  facts: ProviderFact[];
};

export type NewRefund = {
  /** Derived from what is refunded and why, never random: letters, digits, `-` and `_`, 10 to 255 of them. */
  key: string;
  paymentId: string;
  providerOrderId: string | null;
  amount: Minor;
  currency: string;
  /** For the provider's books. Part of the request: a repeat brings the same one. */
  reason: string;
};

export type RefundStatus = RefundState;

export type Refund = { refundId: string | null; status: RefundStatus; reason?: string };

/**
 * The provider could not be asked, or did not answer in time. `unknown`: it may have done what was asked;
 * `not_done`: it has not.
 */
export class ProviderUnavailable extends Error {
  readonly provider: ProviderName;
  readonly outcome: 'unknown' | 'not_done';

  constructor(provider: ProviderName, outcome: 'unknown' | 'not_done', message: string, cause?: unknown) {
    super(`${provider}: ${message}`, cause === undefined ? undefined : { cause });
    this.name = 'ProviderUnavailable';
    this.provider = provider;
    this.outcome = outcome;
  }
}

/** The provider answered, and its answer is no. `code` is the provider's own, or one of ours in upper case. */
export class ProviderRefused extends Error {
  readonly provider: ProviderName;
  readonly code: string;

  constructor(provider: ProviderName, code: string, message: string, cause?: unknown) {
    super(`${provider}: ${message} (${code})`, cause === undefined ? undefined : { cause });
    this.name = 'ProviderRefused';
    this.provider = provider;
    this.code = code;
  }
}

export type WebhookRejection = 'signature' | 'timestamp' | 'malformed';

/** A delivery that is not believed (signature, timestamp) or not understood (malformed). The message is for the log. */
export class WebhookRejected extends Error {
  readonly reason: WebhookRejection;

  constructor(reason: WebhookRejection, message: string) {
    super(message);
    this.name = 'WebhookRejected';
    this.reason = reason;
  }
}
