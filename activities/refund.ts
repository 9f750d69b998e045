import { ApplicationFailure } from '@temporalio/activity';
import { claimRefund, type RefundOutcome, type RefundRow, refundKey, settleRefund } from '#db/payment/refunds.ts';
import type { Origin } from '#db/process/stored.ts';
import { type PaymentProvider, ProviderRefused, type Refund } from '#payments/provider.ts';
import { minor } from '#workflows/money.ts';
import type { ActivityDeps } from './deps.ts';

/** Asks a refund's provider for it, or what became of it, and books the answer. Throws while it cannot be reached. */
export async function carryRefund(
  deps: Pick<ActivityDeps, 'pool' | 'provider'>,
  refundId: string,
  origin: Origin,
): Promise<void> {
  const refund = await claimRefund(deps.pool, refundId, origin.now);
  if (refund) await settleRefund(deps.pool, refund, await askProvider(deps, refund), origin);
}

async function askProvider(deps: Pick<ActivityDeps, 'provider'>, refund: RefundRow): Promise<RefundOutcome> {
  const provider = deps.provider(refund.provider);
  if (!provider) throw ApplicationFailure.retryable(`${refund.provider} is not configured here`, 'UNAVAILABLE');
  // What cannot be asked about is not known to have failed: a question that is refused is asked again.
  const made = await findMade(provider, refund);
  if (made) return outcomeOf(made);
  try {
    return outcomeOf(
      await provider.refund({
        key: refundKey(refund),
        paymentId: refund.payment_id,
        providerOrderId: refund.provider_order_id,
        amount: minor(refund.amount),
        currency: refund.currency,
        reason: 'requested_by_customer',
      }),
    );
  } catch (error) {
    if (!(error instanceof ProviderRefused)) throw error;
    // Its no is final for this attempt; an operator decides about the next.
    return { status: 'failed', refundId: null, failure: error.message };
  }
}

/**
 * What the provider has made of a refund already: of this attempt where it said so before, else of an earlier one that
 * was called failed and was not. To ask for another beside that would be to pay twice.
 */
async function findMade(provider: PaymentProvider, refund: RefundRow): Promise<Refund | null> {
  const { payment_id: paymentId, provider_refund_id: refundId } = refund;
  if (refundId !== null) return provider.findRefund({ key: refundKey(refund), paymentId, refundId });
  for (let attempt = refund.attempt - 1; attempt > 0; attempt -= 1) {
    const key = refundKey({ id: refund.id, attempt });
    const earlier = await provider.findRefund({ key, paymentId, refundId: null }).catch(noneOfUnknown);
    if (earlier && earlier.status !== 'failed') return earlier;
  }
  return null;
}

/** Of a payment that the provider does not know it has no refunds either. */
function noneOfUnknown(error: unknown): null {
  if (error instanceof ProviderRefused && error.code === 'NOT_FOUND') return null;
  throw error;
}

function outcomeOf({ status, refundId, reason }: Refund): RefundOutcome {
  return { status, refundId, failure: reason ?? null };
}
