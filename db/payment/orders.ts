import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { asUuid } from '#workflows/ids.ts';
import { machineOf } from '#workflows/kinds.ts';
import type { ProviderName } from '#workflows/payment/fact.ts';
import { type Executor, type Pool, sql } from '../pool.ts';
import { isAwaited } from '../process/awaited.ts';
import { lockProcess } from '../process/processes.ts';

const orderRow = z.object({
  id: z.string(),
  process_id: z.string(),
  payer_id: z.string(),
  provider: z.custom<ProviderName>(),
  amount: z.bigint(),
  currency: z.string(),
  description: z.string(),
  provider_order_id: z.string().nullable(),
  checkout_url: z.string().nullable(),
  razorpay_config: z.record(z.string(), z.unknown()).nullable(),
  expires_at: z.string().nullable(),
  created_at: z.string(),
  closed_at: z.string().nullable(),
  /** When its capture was booked into escrow. */
  paid_at: z.string().nullable(),
});
/** An order as we keep it; `provider_order_id` is null until the provider has answered. `amount` in minor units. */
export type OrderRow = z.infer<typeof orderRow>;

const COLUMNS = sql.fragment`
  id, process_id, payer_id, provider, amount, currency, description, provider_order_id, checkout_url,
  razorpay_config, expires_at, created_at, closed_at,
  (SELECT booked_at FROM captures WHERE order_id = payment_orders.id AND disposition = 'escrow') AS paid_at`;

/** The order that a process is being paid by; null where none is open. */
export async function findOpenOrder(executor: Executor, processId: string): Promise<OrderRow | null> {
  return executor.maybeOne(sql.type(orderRow)`
    SELECT ${COLUMNS} FROM payment_orders WHERE process_id = ${processId} AND closed_at IS NULL
  `);
}

/** An order by our id or by the provider's. */
export async function findOrder(executor: Executor, id: string): Promise<OrderRow | null> {
  return executor.maybeOne(sql.type(orderRow)`
    SELECT ${COLUMNS} FROM payment_orders WHERE id = ${asUuid(id)}::uuid OR provider_order_id = ${id} LIMIT 1
  `);
}

/**
 * For `claimMs`, longer than the calls may take, nobody else calls the provider for this order; null where somebody
 * does, or it is made already.
 */
export async function claimOrder(executor: Executor, id: string, now: Date, claimMs: number): Promise<OrderRow | null> {
  return executor.maybeOne(sql.type(orderRow)`
    UPDATE payment_orders SET claimed_until = ${new Date(now.getTime() + claimMs).toISOString()}::timestamptz
    WHERE id = ${id} AND provider_order_id IS NULL
      AND (claimed_until IS NULL OR claimed_until < ${now.toISOString()}::timestamptz)
    RETURNING ${COLUMNS}
  `);
}

/** Lets go of a claim after the provider could not be reached, so that asking again need not wait for it to run out. */
export async function releaseOrder(executor: Executor, id: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`UPDATE payment_orders SET claimed_until = NULL WHERE id = ${id}`);
}

/**
 * Keeps what the provider answered. An order that was filled before stays as it is and is what is answered: it was
 * shown, and what comes now, to somebody whose claim had run out, was not.
 */
export async function fillOrder(
  executor: Executor,
  id: string,
  answer: { providerOrderId: string; checkoutUrl: string | null; razorpayConfig: unknown; expiresAt: string | null },
): Promise<OrderRow> {
  const filled = await executor.maybeOne(sql.type(orderRow)`
    UPDATE payment_orders SET provider_order_id = ${answer.providerOrderId}, checkout_url = ${answer.checkoutUrl},
      razorpay_config = ${answer.razorpayConfig ? sql.jsonb(answer.razorpayConfig as never) : null},
      expires_at = coalesce(${answer.expiresAt}::timestamptz, expires_at), claimed_until = NULL
    WHERE id = ${id} AND provider_order_id IS NULL RETURNING ${COLUMNS}
  `);
  // A statement of its own: it has to see what another claimant committed while the first waited for it.
  return filled ?? executor.one(sql.type(orderRow)`SELECT ${COLUMNS} FROM payment_orders WHERE id = ${id}`);
}

/**
 * The open order of a process that waits for payment, or a new one where the provider's has run out. Null when it
 * does not wait for payment any more. No new one is made while a provider's fact waits to be booked.
 */
export async function renewOrder(pool: Pool, processId: string, now: string): Promise<OrderRow | null> {
  return pool.transaction(async (transaction) => {
    const stored = await lockProcess(transaction, processId);
    if (!stored || !isAwaited(stored.process, 'payment_captured')) return null;
    const open = await findOpenOrder(transaction, processId);
    if (!open || open.expires_at === null || now < open.expires_at || stored.factsWait) return open;
    await transaction.query(sql.typeAlias('void')`
      UPDATE payment_orders SET closed_at = ${now}::timestamptz WHERE id = ${open.id}
    `);
    return transaction.one(sql.type(orderRow)`
      INSERT INTO payment_orders (id, process_id, payer_id, provider, amount, currency, description, expires_at, created_at)
      VALUES (${uuid()}, ${processId}, ${open.payer_id}, ${open.provider}, ${open.amount}, ${open.currency},
        ${open.description}, ${machineOf(stored.process.kind).deadlineOf(stored.process)}::timestamptz, ${now}::timestamptz)
      RETURNING ${COLUMNS}
    `);
  });
}

/** An order that the provider has made, to ask what became of it; null where it is not made, or unknown. */
export async function findOrderToAsk(executor: Executor, id: string): Promise<OrderRow | null> {
  return executor.maybeOne(sql.type(orderRow)`
    SELECT ${COLUMNS} FROM payment_orders WHERE id = ${id} AND provider_order_id IS NOT NULL
  `);
}

/** The provider has said what became of an order. */
export async function setAsked(executor: Executor, id: string, now: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE payment_orders SET asked_at = ${now}::timestamptz,
      asked_again = closed_at IS NOT NULL AND ${now}::timestamptz >= closed_at + interval '1 day'
    WHERE id = ${id}
  `);
}

const orderToAsk = z.object({ id: z.string(), process_id: z.string(), provider: z.custom<ProviderName>() });

/**
 * Orders that were closed a day ago and were not asked about since: a webhook may have been lost, and what was paid is
 * then known to nobody but the provider. The first closed first.
 */
export async function listOrdersToAsk(
  executor: Executor,
  now: string,
  limit: number,
): Promise<{ id: string; processId: string; provider: ProviderName }[]> {
  const rows = await executor.any(sql.type(orderToAsk)`
    SELECT id, process_id, provider FROM payment_orders
    WHERE closed_at IS NOT NULL AND provider_order_id IS NOT NULL AND NOT asked_again
      AND closed_at <= ${now}::timestamptz - interval '1 day'
    ORDER BY closed_at LIMIT ${limit}
  `);
  return rows.map(({ process_id: processId, ...row }) => ({ ...row, processId }));
}
