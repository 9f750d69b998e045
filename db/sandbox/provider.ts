import { z } from 'zod';
import { type Executor, sql } from '../pool.ts';

/** The sandbox provider's own store: orders, payments, refunds, and webhooks owed. See migrations/0003_sandbox.sql. */

const orderRow = z.object({
  id: z.string(),
  reference: z.string(),
  amount: z.bigint(),
  currency: z.string(),
  description: z.string(),
  customerName: z.string().nullable(),
  successUrl: z.string().nullable(),
  cancelUrl: z.string().nullable(),
  expiresAt: z.string().nullable(),
  createdAt: z.string(),
});
export type SandboxOrder = z.infer<typeof orderRow>;

const orderColumns = sql.fragment`id, reference, amount, currency, description, customer_name AS "customerName",
  success_url AS "successUrl", cancel_url AS "cancelUrl", expires_at AS "expiresAt", created_at AS "createdAt"`;

const paymentRow = z.object({
  id: z.string(),
  orderId: z.string(),
  amount: z.bigint(),
  currency: z.string(),
  status: z.enum(['captured', 'failed']),
  reason: z.string().nullable(),
  dispute: z.enum(['open', 'won', 'lost']).nullable(),
  happensAt: z.string(),
  createdAt: z.string(),
});
export type SandboxPayment = z.infer<typeof paymentRow>;

const paymentColumns = sql.fragment`id, order_id AS "orderId", amount, currency, status, reason, dispute,
  happens_at AS "happensAt", created_at AS "createdAt"`;

const refundRow = z.object({
  id: z.string(),
  key: z.string(),
  paymentId: z.string(),
  orderId: z.string().nullable(),
  amount: z.bigint(),
  currency: z.string(),
  reason: z.string(),
  status: z.enum(['processed', 'failed']),
  createdAt: z.string(),
});
export type SandboxRefund = z.infer<typeof refundRow>;

const refundColumns = sql.fragment`id, key, payment_id AS "paymentId", order_id AS "orderId", amount, currency, reason,
  status, created_at AS "createdAt"`;

const deliveryRow = z.object({
  id: z.string(),
  orderId: z.string().nullable(),
  type: z.string(),
  body: z.string(),
  attempts: z.int(),
  deliverAt: z.string(),
  giveUpAt: z.string(),
  endedAt: z.string().nullable(),
  lastAnswer: z.string().nullable(),
  createdAt: z.string(),
});
export type SandboxDelivery = z.infer<typeof deliveryRow>;

const deliveryColumns = sql.fragment`id, order_id AS "orderId", type, body, attempts, deliver_at AS "deliverAt",
  give_up_at AS "giveUpAt", ended_at AS "endedAt", last_answer AS "lastAnswer", created_at AS "createdAt"`;

/** A webhook to be sent from `deliverAt` on; its id is the event's. */
export type NewSandboxDelivery = Pick<
  SandboxDelivery,
  'id' | 'orderId' | 'type' | 'body' | 'deliverAt' | 'giveUpAt' | 'createdAt'
>;

/** Writes an order unless its reference has one. */
export async function insertSandboxOrder(db: Executor, order: SandboxOrder): Promise<void> {
  await db.query(sql.typeAlias('void')`
    INSERT INTO sandbox_orders (id, reference, amount, currency, description, customer_name, success_url, cancel_url,
      expires_at, created_at)
    VALUES (${order.id}, ${order.reference}, ${order.amount}, ${order.currency}, ${order.description},
      ${order.customerName}, ${order.successUrl}, ${order.cancelUrl}, ${order.expiresAt}, ${order.createdAt})
    ON CONFLICT ON CONSTRAINT sandbox_orders_reference_once DO NOTHING`);
}

export async function getSandboxOrderByReference(db: Executor, reference: string): Promise<SandboxOrder> {
  return await db.one(sql.type(orderRow)`SELECT ${orderColumns} FROM sandbox_orders WHERE reference = ${reference}`);
}

export async function findSandboxOrder(db: Executor, id: string): Promise<SandboxOrder | null> {
  return await db.maybeOne(sql.type(orderRow)`SELECT ${orderColumns} FROM sandbox_orders WHERE id = ${id}`);
}

/** Locks an order against other clicks on its checkout page. */
export async function lockSandboxOrder(db: Executor, id: string): Promise<SandboxOrder | null> {
  return await db.maybeOne(
    sql.type(orderRow)`SELECT ${orderColumns} FROM sandbox_orders WHERE id = ${id} FOR NO KEY UPDATE`,
  );
}

/** An order's payments, the first one first, those announced for later included. */
export async function listSandboxPayments(
  db: Executor,
  orderId: string,
  limit: number,
): Promise<readonly SandboxPayment[]> {
  return await db.any(sql.type(paymentRow)`
    SELECT ${paymentColumns} FROM sandbox_payments WHERE order_id = ${orderId}
    ORDER BY created_at, id LIMIT ${limit}`);
}

export async function insertSandboxPayment(db: Executor, payment: SandboxPayment): Promise<void> {
  await db.query(sql.typeAlias('void')`
    INSERT INTO sandbox_payments (id, order_id, amount, currency, status, reason, happens_at, created_at)
    VALUES (${payment.id}, ${payment.orderId}, ${payment.amount}, ${payment.currency}, ${payment.status},
      ${payment.reason}, ${payment.happensAt}, ${payment.createdAt})`);
}

export async function updateSandboxDispute(
  db: Executor,
  paymentId: string,
  dispute: 'open' | 'won' | 'lost',
  opened: { at: string; respondBy: string } | null,
): Promise<void> {
  await db.query(sql.typeAlias('void')`
    UPDATE sandbox_payments SET dispute = ${dispute},
      disputed_at = coalesce(${opened?.at ?? null}::timestamptz, disputed_at),
      respond_by = coalesce(${opened?.respondBy ?? null}::timestamptz, respond_by)
    WHERE id = ${paymentId}`);
}

/** Locks a payment against other refunds of it; null for one that the sandbox did not take itself. */
export async function lockSandboxPayment(db: Executor, id: string): Promise<SandboxPayment | null> {
  return await db.maybeOne(
    sql.type(paymentRow)`SELECT ${paymentColumns} FROM sandbox_payments WHERE id = ${id} FOR NO KEY UPDATE`,
  );
}

/** What has been refunded of a payment, failed refunds left out. */
export async function getSandboxRefunded(db: Executor, paymentId: string): Promise<bigint> {
  return await db.oneFirst(sql.type(z.object({ total: z.bigint() }))`
    SELECT coalesce(sum(amount), 0)::bigint AS total FROM sandbox_refunds
    WHERE payment_id = ${paymentId} AND status <> 'failed'`);
}

/** Writes a refund unless its key has one; says whether it did. */
export async function insertSandboxRefund(db: Executor, refund: SandboxRefund): Promise<boolean> {
  const { rowCount } = await db.query(sql.typeAlias('void')`
    INSERT INTO sandbox_refunds (id, key, payment_id, order_id, amount, currency, reason, status, created_at)
    VALUES (${refund.id}, ${refund.key}, ${refund.paymentId}, ${refund.orderId}, ${refund.amount}, ${refund.currency},
      ${refund.reason}, ${refund.status}, ${refund.createdAt})
    ON CONFLICT ON CONSTRAINT sandbox_refunds_key_once DO NOTHING`);
  return rowCount === 1;
}

export async function findSandboxRefund(db: Executor, key: string): Promise<SandboxRefund | null> {
  return await db.maybeOne(sql.type(refundRow)`SELECT ${refundColumns} FROM sandbox_refunds WHERE key = ${key}`);
}

export async function insertSandboxDelivery(db: Executor, delivery: NewSandboxDelivery): Promise<void> {
  await db.query(sql.typeAlias('void')`
    INSERT INTO sandbox_deliveries (id, order_id, type, body, deliver_at, give_up_at, created_at)
    VALUES (${delivery.id}, ${delivery.orderId}, ${delivery.type}, ${delivery.body}, ${delivery.deliverAt},
      ${delivery.giveUpAt}, ${delivery.createdAt})`);
}

/** An order's webhooks, the first one first. */
export async function listSandboxDeliveries(
  db: Executor,
  orderId: string,
  limit: number,
): Promise<readonly SandboxDelivery[]> {
  return await db.any(sql.type(deliveryRow)`
    SELECT ${deliveryColumns} FROM sandbox_deliveries WHERE order_id = ${orderId}
    ORDER BY created_at, id LIMIT ${limit}`);
}

/**
 * Takes due webhooks for one attempt, each until `leaseUntil`: no other process tries them before then, and somebody
 * will afterwards unless the attempt is recorded. Oldest first.
 */
export async function claimSandboxDeliveries(
  db: Executor,
  now: string,
  leaseUntil: string,
  limit: number,
): Promise<readonly SandboxDelivery[]> {
  return await db.any(sql.type(deliveryRow)`
    UPDATE sandbox_deliveries SET attempts = attempts + 1, deliver_at = ${leaseUntil}
    WHERE id IN (
      SELECT id FROM sandbox_deliveries WHERE ended_at IS NULL AND deliver_at <= ${now}
      ORDER BY deliver_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
    )
    RETURNING ${deliveryColumns}`);
}

/** Records an attempt: ended (delivered or given up), or to be tried again at `deliverAt`. */
export async function updateSandboxDelivery(
  db: Executor,
  id: string,
  attempt: { answer: string; endedAt: string | null; deliverAt: string },
): Promise<void> {
  await db.query(sql.typeAlias('void')`
    UPDATE sandbox_deliveries
    SET last_answer = ${attempt.answer}, ended_at = ${attempt.endedAt}, deliver_at = ${attempt.deliverAt}
    WHERE id = ${id} AND ended_at IS NULL`);
}
