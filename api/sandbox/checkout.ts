import type { Pool } from '#db/pool.ts';
import {
  insertSandboxDelivery,
  insertSandboxPayment,
  listSandboxPayments,
  lockSandboxOrder,
  type SandboxOrder,
  type SandboxPayment,
  updateSandboxDispute,
} from '#db/sandbox/provider.ts';
import { eventDelivery, sandboxId } from './events.ts';

/** What the checkout page's buttons do. */
export const BUTTONS = [
  'pay',
  'fail',
  'pay_twice',
  'pay_late',
  'charge_back',
  'charge_back_won',
  'charge_back_lost',
] as const;
export type Button = (typeof BUTTONS)[number];

/** Payments an order may see, failed ones included: more is somebody leaning on a button. */
export const MAX_PAYMENTS = 50;

/** How long after its deadline a late payment comes. */
const LATE_BY_MS = 1_000;
/** Evidence is taken for so long. */
const RESPOND_WITHIN_MS = 7 * 86_400_000;

export type Standing = {
  order: SandboxOrder;
  payments: readonly SandboxPayment[];
  status: 'open' | 'paid' | 'expired';
  /** When a payment that was announced for later will happen (ISO). */
  announcedFor: string | null;
  offered: Button[];
};

/** Where an order stands at an instant, and which buttons it offers. */
export function standing(order: SandboxOrder, payments: readonly SandboxPayment[], now: Date): Standing {
  const at = now.toISOString();
  const happened = payments.filter((payment) => payment.happensAt <= at);
  const captured = happened.filter((payment) => payment.status === 'captured');
  const announced = payments.find((payment) => payment.happensAt > at);
  const past = order.expiresAt !== null && order.expiresAt <= at;
  const unpaid = captured.length === 0;
  const room = payments.length + 2 <= MAX_PAYMENTS && !announced;
  const offers: Record<Button, boolean> = {
    pay: room && unpaid && !past,
    fail: room && unpaid && !past,
    pay_twice: room && !past,
    pay_late: room && order.expiresAt !== null,
    charge_back: captured.some((payment) => payment.dispute === null),
    charge_back_won: captured.some((payment) => payment.dispute === 'open'),
    charge_back_lost: captured.some((payment) => payment.dispute === 'open'),
  };
  return {
    order,
    payments: happened,
    status: unpaid ? (past ? 'expired' : 'open') : 'paid',
    announcedFor: announced?.happensAt ?? null,
    offered: BUTTONS.filter((button) => offers[button]),
  };
}

/**
 * Presses a button: what happens and the webhooks that will tell of it are one transaction. False when there is no such
 * order or the button is not offered as things stand (a double click): nothing is done then.
 */
export async function press(pool: Pool, orderId: string, button: Button, now: Date): Promise<boolean> {
  return await pool.transaction(async (transaction) => {
    const order = await lockSandboxOrder(transaction, orderId);
    if (!order) return false;
    const payments = await listSandboxPayments(transaction, orderId, MAX_PAYMENTS);
    const { offered } = standing(order, payments, now);
    if (!offered.includes(button)) return false;

    const pay = async (status: 'captured' | 'failed', happensAt: Date, reason: string | null) => {
      const id = sandboxId('pay');
      const { amount, currency } = order;
      await insertSandboxPayment(transaction, {
        id,
        orderId,
        amount,
        currency,
        status,
        reason,
        dispute: null,
        happensAt: happensAt.toISOString(),
        createdAt: now.toISOString(),
      });
      const data = { order_id: orderId, payment_id: id, amount, currency, reference: order.reference };
      const type = status === 'captured' ? 'payment.captured' : 'payment.failed';
      await insertSandboxDelivery(
        transaction,
        eventDelivery(type, reason ? { ...data, reason } : data, happensAt, now),
      );
    };

    const dispute = async (from: 'open' | null, to: 'open' | 'won' | 'lost', reason: string) => {
      const disputed = payments.findLast((payment) => payment.status === 'captured' && payment.dispute === from);
      if (!disputed) return;
      const respondBy = new Date(now.getTime() + RESPOND_WITHIN_MS);
      const opened = to === 'open' ? { at: now.toISOString(), respondBy: respondBy.toISOString() } : null;
      await updateSandboxDispute(transaction, disputed.id, to, opened);
      const { amount, currency } = disputed;
      const data = { order_id: orderId, payment_id: disputed.id, amount, currency, reference: order.reference, reason };
      const until = opened && { respond_by: Math.floor(respondBy.getTime() / 1_000) };
      const type = to === 'open' ? 'dispute.created' : 'dispute.closed';
      await insertSandboxDelivery(
        transaction,
        eventDelivery(type, { ...data, ...until, dispute_id: `dispute_${disputed.id}` }, now, now),
      );
    };

    const unpaid = !payments.some((payment) => payment.status === 'captured');
    switch (button) {
      case 'pay':
        await pay('captured', now, null);
        break;
      case 'fail':
        await pay('failed', now, 'The card was declined.');
        break;
      case 'pay_twice':
        if (unpaid) await pay('captured', now, null);
        await pay('captured', now, null);
        break;
      case 'pay_late': {
        const late = Date.parse(order.expiresAt ?? '') + LATE_BY_MS;
        await pay('captured', new Date(Math.max(late, now.getTime())), null);
        break;
      }
      case 'charge_back':
        await dispute(null, 'open', 'The payer says that nothing was delivered.');
        break;
      case 'charge_back_won':
        await dispute('open', 'won', 'won');
        break;
      case 'charge_back_lost':
        await dispute('open', 'lost', 'lost');
        break;
    }
    return true;
  });
}
