import type { ProviderFact } from '#workflows/payment/fact.ts';

type Known = Pick<ProviderFact, 'kind' | 'provider' | 'amount' | 'currency' | 'occurredAt'>;

/**
 * One fact, with null for whatever the webhook did not name; none when it would move nothing (a capture or refund of
 * zero): there is nothing to book, and no ledger takes an empty transfer.
 */
export function neutralFact(fact: Known & Partial<ProviderFact>): ProviderFact[] {
  const moves = fact.kind === 'captured' || fact.kind === 'refunded';
  if (moves && fact.amount === '0') return [];
  return [
    {
      kind: fact.kind,
      provider: fact.provider,
      orderId: fact.orderId ?? null,
      reference: fact.reference ?? null,
      paymentId: fact.paymentId ?? null,
      refundId: fact.refundId ?? null,
      refundKey: fact.refundKey ?? null,
      amount: fact.amount,
      currency: fact.currency,
      occurredAt: fact.occurredAt,
      reason: fact.reason ?? null,
    },
  ];
}
