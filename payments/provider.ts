import type { Minor } from '#workflows/money.ts';
import type { ProviderFact, ProviderName } from '#workflows/payment/fact.ts';

/**
 * The one port to every payment provider. Calls go out with a key of ours and are safe to repeat; facts come in as
 * webhooks, and whatever a webhook did not bring can be asked for.
 */
export type PaymentProvider = {
  readonly name: ProviderName;

  /**
   * Makes the provider's order for one of ours; called again with the same id it answers with the same order.
   * Throws ProviderUnavailable, ProviderRefused.
   */
  createOrder(order: NewOrder): Promise<ProviderOrder>;

  /**
   * Checks who sent a webhook and when, over the bytes as they came, and translates it. A type we have no use for
   * has no facts and is still to be stored. Throws WebhookRejected.
   */
  verifyWebhook(rawBody: Buffer, headers: WebhookHeaders, now: Date): VerifiedWebhook;

  /**
   * Gives money back, once per key however often it is called: a repeat answers with the refund that is there, a
   * failed one included. Another attempt after a failure takes another key. Throws ProviderUnavailable (ask
   * findRefund or call again with the same key), ProviderRefused (nothing was done, and repeating does not help).
   */
  refund(refund: NewRefund): Promise<Refund>;

  /** What became of a refund; null where the provider has none under this key. Throws as refund. */
  findRefund(refund: { key: string; paymentId: string; refundId: string | null }): Promise<Refund | null>;

  /**
   * What became of an order: its status and the captures and failures it has seen, for the webhook that never came.
   * Throws ProviderUnavailable, ProviderRefused (`NOT_FOUND` for an order the provider does not know).
   */
  findOrder(providerOrderId: string): Promise<{ status: OrderStatus; payments: ProviderFact[] }>;
};

export type OrderStatus = 'open' | 'paid' | 'expired';

export type NewOrder = {
  /** Our id of the order, a UUID: the key under which the provider makes it once. */
  id: string;
  amount: Minor;
  currency: 'INR' | 'USD';
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

export type RefundStatus = 'processed' | 'pending' | 'failed';

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
