import type { DisputeOutcome, DisputeState, ProviderFact } from '#workflows/payment/fact.ts';

type Known = Pick<ProviderFact, 'kind' | 'provider' | 'amount' | 'currency' | 'occurredAt'>;

/**
 * One fact, with null for whatever the webhook did not name; none when it would move nothing (a capture or refund of
 * zero): there is nothing to book, and no ledger takes an empty transfer.
 */
export function neutralFact(fact: Known & Partial<ProviderFact>): ProviderFact[] {
  const moves = fact.kind === 'captured' || fact.kind === 'refunded' || fact.kind === 'payout_processed';
  if (moves && fact.amount === '0') return [];
  const { kind, provider, amount, currency, occurredAt, ...rest } = fact;
  const { orderId, reference, paymentId, refundId, refundKey, reason, ...own } = rest;
  return [
    {
      kind,
      provider,
      orderId: orderId ?? null,
      reference: reference ?? null,
      paymentId: paymentId ?? null,
      refundId: refundId ?? null,
      refundKey: refundKey ?? null,
      amount,
      currency,
      occurredAt,
      reason: reason ?? null,
      ...own,
    },
  ];
}

/** The kind of fact that a refund in this state is; null while nothing came of it. */
export function refundKind(state: unknown): 'refunded' | 'refund_failed' | null {
  return state === 'processed' ? 'refunded' : state === 'failed' ? 'refund_failed' : null;
}

/** What a dispute in this state is: the kind of its fact, and its outcome, null while there is none. */
export function disputeStanding(state: DisputeState): {
  kind: 'charge_back_opened' | 'charge_back_updated' | 'charge_back_closed';
  state: DisputeState;
  outcome: DisputeOutcome | null;
} {
  if (state === 'open') return { kind: 'charge_back_opened', state, outcome: null };
  if (state === 'under_review') return { kind: 'charge_back_updated', state, outcome: null };
  return { kind: 'charge_back_closed', state, outcome: state };
}

/** The kind of fact that a payout in this state is; null while nothing came of it. */
export function payoutKind(state: unknown): 'payout_processed' | 'payout_failed' | 'payout_reversed' | null {
  if (state === 'processed') return 'payout_processed';
  if (state === 'reversed') return 'payout_reversed';
  return state === 'failed' || state === 'cancelled' ? 'payout_failed' : null;
}
