import { z } from 'zod';
import type { PayoutState } from '#workflows/payment/fact.ts';
import { type Pool, sql, type Transaction } from '../pool.ts';
import { insertSandboxDelivery, type NewSandboxDelivery } from './provider.ts';

/** The sandbox provider's payouts, each kept with the webhooks that tell of it, or neither. */

const payoutRow = z.object({
  id: z.string(),
  key: z.string(),
  reference: z.string(),
  account: z.string(),
  amount: z.bigint(),
  currency: z.string(),
  status: z.custom<PayoutState>(),
  reason: z.string().nullable(),
  createdAt: z.string(),
});
export type SandboxPayoutRow = z.infer<typeof payoutRow>;

const COLUMNS = sql.fragment`id, key, reference, account, amount, currency, status, reason, created_at AS "createdAt"`;

/** Writes a payout and its webhooks unless its key or its reference has one; answers the one that is there then. */
export async function insertSandboxPayout(
  pool: Pool,
  payout: SandboxPayoutRow,
  deliveries: readonly NewSandboxDelivery[],
): Promise<{ payout: SandboxPayoutRow; made: boolean }> {
  return pool.transaction(async (transaction) => {
    const { id, key, reference, account, amount, currency, status, reason, createdAt } = payout;
    const { rowCount } = await transaction.query(sql.typeAlias('void')`
      INSERT INTO sandbox_payouts (id, key, reference, account, amount, currency, status, reason, created_at)
      VALUES (${id}, ${key}, ${reference}, ${account}, ${amount}, ${currency}, ${status}, ${reason}, ${createdAt})
      ON CONFLICT DO NOTHING
    `);
    if (rowCount === 1) await deliver(transaction, deliveries);
    // A statement of its own: it has to see what another call committed while this one waited for it.
    const kept = await transaction.one(sql.type(payoutRow)`
      SELECT ${COLUMNS} FROM sandbox_payouts WHERE key = ${key} OR reference = ${reference}
      ORDER BY key = ${key} DESC LIMIT 1
    `);
    return { payout: kept, made: rowCount === 1 };
  });
}

export async function findSandboxPayout(pool: Pool, reference: string): Promise<SandboxPayoutRow | null> {
  return pool.maybeOne(sql.type(payoutRow)`SELECT ${COLUMNS} FROM sandbox_payouts WHERE reference = ${reference}`);
}

/** Moves a payout on if it is in one of these states; answers it as it is then, null where there is none. */
export async function moveSandboxPayout(
  pool: Pool,
  id: string,
  from: readonly PayoutState[],
  to: Pick<SandboxPayoutRow, 'status' | 'reason'>,
  deliveries: readonly NewSandboxDelivery[],
): Promise<SandboxPayoutRow | null> {
  return pool.transaction(async (transaction) => {
    const { rowCount } = await transaction.query(sql.typeAlias('void')`
      UPDATE sandbox_payouts SET status = ${to.status}, reason = ${to.reason}
      WHERE id = ${id} AND status = ANY(${sql.array([...from], 'text')})
    `);
    if (rowCount === 1) await deliver(transaction, deliveries);
    return transaction.maybeOne(sql.type(payoutRow)`SELECT ${COLUMNS} FROM sandbox_payouts WHERE id = ${id}`);
  });
}

/** Those made since an instant, the oldest first, from the one after `after` on. */
export async function listSandboxPayouts(
  pool: Pool,
  page: { since: string; after: string | null; limit: number },
): Promise<readonly SandboxPayoutRow[]> {
  return pool.any(sql.type(payoutRow)`
    SELECT ${COLUMNS} FROM sandbox_payouts
    WHERE created_at >= ${page.since}::timestamptz AND (${page.after}::text IS NULL
      OR (created_at, id) > (SELECT created_at, id FROM sandbox_payouts WHERE id = ${page.after}))
    ORDER BY created_at, id LIMIT ${page.limit}
  `);
}

/** What has left in a currency, or is about to. */
export async function sumSandboxPayouts(pool: Pool, currency: string): Promise<bigint> {
  return pool.oneFirst(sql.type(z.object({ total: z.bigint() }))`
    SELECT coalesce(sum(amount), 0)::bigint AS total FROM sandbox_payouts
    WHERE currency = ${currency} AND status IN ('pending', 'processed')
  `);
}

async function deliver(transaction: Transaction, deliveries: readonly NewSandboxDelivery[]): Promise<void> {
  for (const delivery of deliveries) await insertSandboxDelivery(transaction, delivery);
}
