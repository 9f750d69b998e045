import type { Minor } from '#workflows/money.ts';
import type { PayoutState, ProviderName } from '#workflows/payment/fact.ts';

/**
 * The one port to every provider that pays money out. Its rule is one sentence: what is not known to have failed may
 * have been paid. What became of a payout comes as a webhook too, by the payment port of the same provider.
 */
export type PayoutProvider = {
  readonly name: ProviderName;

  /** Smallest payouts in minor units, by currency. */
  readonly terms: Readonly<Record<string, { minPayout: bigint }>>;

  /**
   * Whether money sent there would arrive, and with whom: asked before a destination is first used, and asked again
   * with `checkId` while the answer is `pending`. Throws ProviderUnavailable, ProviderRefused.
   */
  checkDestination(check: DestinationCheck): Promise<CheckedDestination>;

  /**
   * Pays out, once per key and reference however often it is called; one that failed, was cancelled or came back stays
   * so under them, and another try takes others. An answer that did not come is `unknown`: ask findPayout, or call again
   * with the same payout. `queued` without an id is made when it is called for again. Throws ProviderUnavailable where nothing can have been done, and
   * ProviderRefused: nothing was done and repeating does not help (BELOW_MINIMUM, CURRENCY_NOT_TAKEN,
   * DESTINATION_INVALID, IDEMPOTENCY_MISMATCH, or the provider's own code).
   */
  createPayout(payout: NewPayout): Promise<Payout>;

  /** What became of a payout; null where the provider has none of this reference. Throws ProviderUnavailable. */
  findPayout(payout: { reference: string; payoutId: string | null }): Promise<Payout | null>;

  /**
   * Stops a payout that has not left yet. Throws ProviderRefused: `TOO_LATE`, NOT_FOUND. After ProviderUnavailable it
   * may be stopped or not: ask.
   */
  cancelPayout(payout: { key: string; reference: string; payoutId: string }): Promise<Payout>;

  /** What there is to pay out from. Throws ProviderUnavailable. */
  balance(currency: string): Promise<Minor>;

  /** Payouts made since an instant, or a little before it, in whatever state. Throws ProviderUnavailable. */
  listPayouts(since: Date): AsyncIterable<ListedPayout>;
};

/** Where money goes. */
export type Destination =
  | { kind: 'sandbox'; account: string }
  | { kind: 'bank'; holder: string; accountNumber: string; ifsc: string }
  | { kind: 'upi'; holder: string; address: string }
  | { kind: 'stripe'; account: string };

export type DestinationCheck = {
  /** Our id of the destination: under it, the provider keeps it once. */
  id: string;
  destination: Destination;
  /** From an answer that was pending. */
  checkId: string | null;
};

export type CheckedDestination = {
  status: 'valid' | 'invalid' | 'pending';
  /** Whose it is, as the bank or the provider names them; null where it does not say. */
  name: string | null;
  checkId: string | null;
  reason: string | null;
};

export type NewPayout = {
  /** Derived from the money reserved for it, never from the attempt: letters, digits, `-` and `_`, 10 to 255. */
  key: string;
  amount: Minor;
  currency: string;
  /** Our id of the destination, and what it is. */
  destinationId: string;
  destination: Destination;
  /** Our id of the payout: comes back in webhooks, and finds it. At most 40 characters. */
  reference: string;
  /** What the payee reads on a statement. */
  narration: string;
};

export type PayoutStatus = PayoutState | 'unknown';

export type Payout = {
  status: PayoutStatus;
  /** The provider's id of it, null as long as it is not known. */
  payoutId: string | null;
  reason: string | null;
};

/** One payout as it stands. */
export type ListedPayout = {
  payoutId: string;
  reference: string | null;
  amount: string;
  currency: string;
  status: PayoutStatus;
  createdAt: string;
};
