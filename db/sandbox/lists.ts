import { z } from 'zod';
import { type Executor, sql } from '../pool.ts';

/** What the sandbox provider lists, the oldest first, and its disputes. */

/** A page that begins after an id. */
export type Since = { since: string; until: string; after: string | null; limit: number };

const order = z.object({
  id: z.string(),
  reference: z.string(),
  status: z.enum(['open', 'paid', 'expired']),
  amount: z.bigint().transform(String),
  currency: z.string(),
  happened_at: z.string(),
});

/** Orders as they stand. */
export async function listSandboxOrdersSince(db: Executor, { since, until, after, limit }: Since) {
  return db.any(sql.type(order)`
    SELECT id, reference, amount, currency, created_at AS happened_at, CASE
      WHEN EXISTS (
        SELECT FROM sandbox_payments WHERE order_id = sandbox_orders.id AND status = 'captured' AND happens_at <= ${until}
      ) THEN 'paid' WHEN expires_at <= ${until} THEN 'expired' ELSE 'open' END AS status
    FROM sandbox_orders
    WHERE created_at >= ${since}
      AND (${after}::text IS NULL OR (created_at, id) > (SELECT created_at, id FROM sandbox_orders WHERE id = ${after}))
    ORDER BY created_at, id LIMIT ${limit}`);
}

const payment = z.object({
  id: z.string(),
  order_id: z.string(),
  reference: z.string(),
  status: z.enum(['captured', 'failed']),
  amount: z.bigint().transform(String),
  currency: z.string(),
  reason: z.string().nullable(),
  happened_at: z.string(),
});

/** Payments that have happened. */
export async function listSandboxPaymentsSince(db: Executor, { since, until, after, limit }: Since) {
  return db.any(sql.type(payment)`
    SELECT sandbox_payments.id, order_id, reference, status, sandbox_payments.amount, sandbox_payments.currency, reason,
      happens_at AS happened_at
    FROM sandbox_payments JOIN sandbox_orders ON sandbox_orders.id = order_id
    WHERE happens_at >= ${since} AND happens_at <= ${until} AND (${after}::text IS NULL
      OR (happens_at, sandbox_payments.id) > (SELECT happens_at, id FROM sandbox_payments WHERE id = ${after}))
    ORDER BY happens_at, sandbox_payments.id LIMIT ${limit}`);
}

const refund = z.object({
  id: z.string(),
  key: z.string(),
  payment_id: z.string(),
  order_id: z.string().nullable(),
  amount: z.bigint().transform(String),
  currency: z.string(),
  status: z.enum(['processed', 'failed']),
  happened_at: z.string(),
});

export async function listSandboxRefundsSince(db: Executor, { since, after, limit }: Since) {
  return db.any(sql.type(refund)`
    SELECT id, key, payment_id, order_id, amount, currency, status, created_at AS happened_at FROM sandbox_refunds
    WHERE created_at >= ${since} AND (${after}::text IS NULL
      OR (created_at, id) > (SELECT created_at, id FROM sandbox_refunds WHERE id = ${after}))
    ORDER BY created_at, id LIMIT ${limit}`);
}

const dispute = z.object({
  id: z.string(),
  payment_id: z.string(),
  order_id: z.string(),
  reference: z.string(),
  amount: z.bigint().transform(String),
  currency: z.string(),
  status: z.enum(['open', 'under_review', 'won', 'lost']),
  respond_by: z.string().nullable(),
  evidence_key: z.string().nullable(),
  happened_at: z.string(),
});
export type SandboxDispute = z.infer<typeof dispute>;

const DISPUTES = sql.fragment`
  SELECT 'dispute_' || sandbox_payments.id AS id, sandbox_payments.id AS payment_id, order_id, reference,
    sandbox_payments.amount, sandbox_payments.currency,
    CASE WHEN dispute = 'open' AND evidence IS NOT NULL THEN 'under_review' ELSE dispute END AS status, respond_by,
    evidence_key, disputed_at AS happened_at
  FROM sandbox_payments JOIN sandbox_orders ON sandbox_orders.id = order_id`;

export async function listSandboxDisputesSince(db: Executor, { since, after, limit }: Since) {
  return db.any(sql.type(dispute)`
    ${DISPUTES}
    WHERE disputed_at >= ${since} AND (${after}::text IS NULL OR (disputed_at, sandbox_payments.id)
      > (SELECT disputed_at, id FROM sandbox_payments WHERE 'dispute_' || id = ${after}))
    ORDER BY disputed_at, sandbox_payments.id LIMIT ${limit}`);
}

/** By its id, which is made from its payment's: a payment is disputed once here. */
export async function findSandboxDispute(db: Executor, id: string): Promise<SandboxDispute | null> {
  return db.maybeOne(sql.type(dispute)`
    ${DISPUTES} WHERE sandbox_payments.id = ${id.replace(/^dispute_/, '')} AND disputed_at IS NOT NULL`);
}

/** Keeps evidence, once and while nobody has decided. False where there is some already, or it is too late. */
export async function insertSandboxEvidence(
  db: Executor,
  { paymentId, key, text }: { paymentId: string; key: string; text: string },
): Promise<boolean> {
  const { rowCount } = await db.query(sql.typeAlias('void')`
    UPDATE sandbox_payments SET evidence_key = ${key}, evidence = ${text}
    WHERE id = ${paymentId} AND dispute = 'open' AND evidence IS NULL`);
  return rowCount === 1;
}
