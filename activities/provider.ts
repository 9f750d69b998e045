import { ApplicationFailure } from '@temporalio/activity';
import { claimRefund, type RefundOutcome, type RefundRow, refundKey, settleRefund } from '#db/refunds.ts';
import type { Origin } from '#db/steps.ts';
import { ProviderRefused } from '#payments/provider.ts';
import { minor } from '#workflows/money.ts';
import type { ActivityDeps } from './deps.ts';

/** Asks a refund's provider for it, or what became of it, and books the answer. Throws while it cannot be reached. */
export async function carryRefund(deps: ActivityDeps, refundId: string, origin: Origin): Promise<void> {
  const refund = await claimRefund(deps.pool, refundId, origin.now);
  if (refund) await settleRefund(deps.pool, refund, await askProvider(deps, refund), origin);
}

async function askProvider(deps: ActivityDeps, refund: RefundRow): Promise<RefundOutcome> {
  const provider = deps.provider(refund.provider);
  if (!provider) throw ApplicationFailure.retryable(`${refund.provider} is not configured here`, 'UNAVAILABLE');
  const key = refundKey(refund);
  const { payment_id: paymentId, provider_order_id: providerOrderId, provider_refund_id: refundId } = refund;
  try {
    const known = refundId === null ? null : await provider.findRefund({ key, paymentId, refundId });
    const answer =
      known ??
      (await provider.refund({
        key,
        paymentId,
        providerOrderId,
        amount: minor(refund.amount),
        currency: refund.currency,
        reason: 'requested_by_customer',
      }));
    return { status: answer.status, refundId: answer.refundId, failure: answer.reason ?? null };
  } catch (error) {
    if (!(error instanceof ProviderRefused)) throw error;
    // Its no is final for this attempt; an operator decides about the next.
    return { status: 'failed', refundId: null, failure: error.message };
  }
}
