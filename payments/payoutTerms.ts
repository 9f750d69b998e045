import type { NewPayout, Payout, PayoutProvider } from './payout.ts';
import { ProviderRefused, ProviderUnavailable } from './provider.ts';

/** Refuses a payout that cannot be made. Throws ProviderRefused: CURRENCY_NOT_TAKEN, BELOW_MINIMUM. */
export function payoutWithin({ name, terms }: Pick<PayoutProvider, 'name' | 'terms'>, payout: NewPayout): void {
  const found = Object.hasOwn(terms, payout.currency) ? terms[payout.currency] : undefined;
  if (!found) throw new ProviderRefused(name, 'CURRENCY_NOT_TAKEN', `${payout.currency} is not paid out here`);
  if (payout.amount < found.minPayout) {
    const least = `${found.minPayout} ${payout.currency}`;
    throw new ProviderRefused(name, 'BELOW_MINIMUM', `a payout is of ${least} minor units or more`);
  }
}

/** Makes a payout; one that may have been carried out without our hearing of it is `unknown`. Other errors pass. */
export async function unknownUnlessRefused(make: () => Promise<Payout>): Promise<Payout> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof ProviderUnavailable) || error.outcome !== 'unknown') throw error;
    return { status: 'unknown', payoutId: null, reason: error.message };
  }
}
