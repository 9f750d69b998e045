import { findRefund } from '#db/payment/refunds.ts';
import type { RefundActivities } from '#workflows/refund/workflow.ts';
import type { ActivityDeps } from './deps.ts';
import { carryRefund } from './refund.ts';

/** What the workflow of a refund that belongs to no process has done in the world. */
export function createLooseRefundActivities(deps: ActivityDeps): RefundActivities {
  return {
    async askLooseRefund({ refundId, now }) {
      await carryRefund(deps, refundId, { now, systemUserId: deps.systemUserId, correlationId: null });
      const refund = await findRefund(deps.pool, refundId);
      return { status: refund?.status ?? 'failed' };
    },
  };
}
