import type { Kyc, ProviderName } from '#workflows/payment/fact.ts';

/**
 * Who may be paid. A payee's papers are shown to a provider and never to us; we hear how they stand, and what is
 * missing. Whoever may not be paid is always told a way out: something that is due, or that it is looked at.
 */
export type KycProvider = {
  readonly name: ProviderName;

  /**
   * Begins, or goes on: answers the provider's page where the payee is asked, null where there is nothing to ask. The
   * same key is the same account. Throws ProviderUnavailable, ProviderRefused.
   */
  start(payee: KycStart): Promise<{ accountId: string; url: string | null; kyc: Kyc }>;

  /** How an account stands. Throws ProviderUnavailable, ProviderRefused (`NOT_FOUND`). */
  status(accountId: string): Promise<Kyc>;
};

export type KycStart = {
  /** Derived from our id of the payee. */
  key: string;
  /** Our id of the payee: comes back with what the provider tells of the account. */
  reference: string;
  /** From an earlier start; null at first. */
  accountId: string | null;
  name: string;
  email: string | null;
  /** ISO 3166, e.g. "IN". */
  country: string;
  returnUrl: string;
};

/** Sandbox accounts are verified at once: their id is made from the payee's. */
export function sandboxKyc(): KycProvider {
  const verified: Kyc = {
    status: 'verified',
    currently_due: [],
    past_due: [],
    eventually_due: [],
    deadline: null,
    disabled_reason: null,
  };
  return {
    name: 'sandbox',
    start: async ({ reference }) => ({ accountId: `sandbox_${reference}`, url: null, kyc: verified }),
    status: async () => verified,
  };
}
