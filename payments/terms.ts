import { type NewOrder, type NewRefund, type PaymentProvider, ProviderRefused, type Terms } from './provider.ts';

type Provider = Pick<PaymentProvider, 'name' | 'terms'>;

/** Refuses an order that the provider would not take. Throws ProviderRefused: CURRENCY_NOT_TAKEN, BELOW_MINIMUM. */
export function orderWithin({ name, terms }: Provider, { amount, currency }: NewOrder): void {
  const term = termOf(terms, currency);
  if (!term) throw new ProviderRefused(name, 'CURRENCY_NOT_TAKEN', `${currency} is not taken here`);
  if (amount < term.minOrder) {
    const least = `${term.minOrder} ${currency}`;
    throw new ProviderRefused(name, 'BELOW_MINIMUM', `an order is of ${least} minor units or more`);
  }
}

/**
 * The same for a refund: BELOW_MINIMUM, REFUNDS_NOT_POSSIBLE; what is left over is then settled by hand. What came in a
 * currency that no order of ours was in may be given back in it: the provider has it.
 */
export function refundWithin({ name, terms }: Provider, { amount, currency }: NewRefund): void {
  const possible = Object.values(terms).some((term) => term.minRefund !== null);
  const minRefund = termOf(terms, currency)?.minRefund ?? (possible ? 0n : null);
  if (minRefund === null) {
    throw new ProviderRefused(name, 'REFUNDS_NOT_POSSIBLE', 'what was paid here can only be sent back by hand');
  }
  if (amount < minRefund) {
    const least = `${minRefund} ${currency}`;
    throw new ProviderRefused(name, 'BELOW_MINIMUM', `a refund is of ${least} minor units or more`);
  }
}

function termOf(terms: Terms, currency: string): Terms[string] | undefined {
  return Object.hasOwn(terms, currency) ? terms[currency] : undefined;
}
