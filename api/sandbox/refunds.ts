import type { Pool } from '#db/pool.ts';
import {
  findSandboxRefund,
  getSandboxRefunded,
  insertSandboxDelivery,
  insertSandboxRefund,
  lockSandboxPayment,
  type SandboxRefund,
} from '#db/sandbox/provider.ts';
import type { SandboxRefundView } from '#payments/sandbox.ts';
import { Failure } from '#workflows/failures.ts';
import { eventDelivery, sandboxId } from './events.ts';

/** A payment whose id starts so can be asked to be refunded, and the refund then fails. */
const FAILING_PAYMENT = 'pay_refundfails';

/** A payment whose id starts so is never refunded: asking is refused. */
const REFUSING_PAYMENT = 'pay_refundrefused';

export type RefundOrder = Pick<SandboxRefund, 'key' | 'paymentId' | 'orderId' | 'amount' | 'currency' | 'reason'>;

/**
 * Refunds once per key and owes the webhook that says so, in one transaction. Any payment id is known: whoever has the
 * webhook secret may have announced it. Of a payment the sandbox took itself no more is refunded than was paid.
 * Throws Failure: IDEMPOTENCY_MISMATCH (key used for something else), CONFLICT (more than is left), FORBIDDEN.
 */
export async function refundOnce(
  pool: Pool,
  asked: RefundOrder,
  now: Date,
): Promise<{ refund: SandboxRefund; made: boolean }> {
  return await pool.transaction(async (transaction) => {
    const payment = await lockSandboxPayment(transaction, asked.paymentId);
    const refund: SandboxRefund = {
      ...asked,
      orderId: asked.orderId ?? payment?.orderId ?? null,
      id: sandboxId('rfnd'),
      status: asked.paymentId.startsWith(FAILING_PAYMENT) ? 'failed' : 'processed',
      createdAt: now.toISOString(),
    };
    const refunded = payment ? await getSandboxRefunded(transaction, payment.id) : 0n;

    if (!(await insertSandboxRefund(transaction, refund))) {
      const existing = await findSandboxRefund(transaction, asked.key);
      if (!existing || !isSame(existing, asked)) {
        throw new Failure('IDEMPOTENCY_MISMATCH', 'This key was used for another refund.');
      }
      return { refund: existing, made: false };
    }
    // Judged after the key, so that a repeat is answered with what was done; a throw takes the row back.
    if (asked.paymentId.startsWith(REFUSING_PAYMENT)) {
      throw new Failure('FORBIDDEN', 'This payment cannot be refunded.');
    }
    if (payment && (payment.status !== 'captured' || payment.happensAt > refund.createdAt)) {
      throw new Failure('CONFLICT', 'This payment was not captured.');
    }
    if (payment && (payment.currency !== asked.currency || refunded + asked.amount > payment.amount)) {
      throw new Failure(
        'CONFLICT',
        `Of this payment ${payment.amount - refunded} ${payment.currency} are left to refund.`,
      );
    }
    const { paymentId, orderId, amount, currency, id, key } = refund;
    const data = { order_id: orderId, payment_id: paymentId, amount, currency, refund_id: id, refund_key: key };
    const delivery =
      refund.status === 'failed'
        ? eventDelivery('refund.failed', { ...data, reason: failedRefundReason('failed') }, now, now)
        : eventDelivery('refund.processed', data, now, now);
    await insertSandboxDelivery(transaction, delivery);
    return { refund, made: true };
  });
}

export function refundView({ id, key, status }: SandboxRefund): SandboxRefundView {
  return { id, key, status, reason: failedRefundReason(status) };
}

export function failedRefundReason(status: SandboxRefund['status']): string | null {
  return status === 'failed' ? 'The payer’s bank sent it back.' : null;
}

function isSame(refund: SandboxRefund, asked: RefundOrder): boolean {
  return refund.paymentId === asked.paymentId && refund.amount === asked.amount && refund.currency === asked.currency;
}
