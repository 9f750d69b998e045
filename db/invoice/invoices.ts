import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import type { Asset } from '#workflows/money.ts';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';

export const INVOICE_KINDS = ['deal', 'deal_fee', 'payout_fee', 'payout_fee_back'] as const;
type InvoiceKind = (typeof INVOICE_KINDS)[number];

const dueRow = z.object({
  id: z.bigint(),
  kind: z.custom<InvoiceKind>(),
  process_id: z.string(),
  at: z.string(),
  issuer_id: z.string().nullable(),
  billed_id: z.string().nullable(),
  asset: z.string(),
  amount: z.bigint(),
});
type Due = z.infer<typeof dueRow>;

/**
 * Numbers what is to be invoiced, in the order in which it was noted: one at a time over all programs, so that no number
 * is left out whoever dies. Of a fee of nothing there is none. Answers how many were issued.
 */
export async function issueInvoices(pool: Pool, limit = 500): Promise<number> {
  return pool.transaction(async (transaction) => {
    await transaction.query(sql.typeAlias('void')`SELECT FROM pg_advisory_xact_lock(hashtext('invoices'), 0)`);
    const due = await listDue(transaction, limit);
    let issued = 0;
    for (const each of due) {
      if (each.amount !== 0n && each.billed_id !== null) {
        await issue(transaction, each);
        issued += 1;
      }
    }
    await transaction.query(sql.typeAlias('void')`
      DELETE FROM invoices_due WHERE id = ANY(${sql.array(
        due.map(({ id }) => id),
        'int8',
      )})
    `);
    return issued;
  });
}

/** Of a deal what was released, from whoever was paid to whoever paid; of a fee what we kept, from us to whoever bore it. */
async function listDue(transaction: Transaction, limit: number): Promise<readonly Due[]> {
  return transaction.any(sql.type(dueRow)`
    SELECT due.id, due.kind, due.process_id, due.at,
      CASE due.kind WHEN 'deal' THEN payee.user_id END AS issuer_id,
      CASE due.kind WHEN 'deal' THEN payer.user_id WHEN 'deal_fee' THEN payee.user_id ELSE payouts.user_id END AS billed_id,
      coalesce(payouts.currency, release.asset) AS asset,
      CASE due.kind WHEN 'deal' THEN release.amount WHEN 'deal_fee' THEN release.fee
        WHEN 'payout_fee' THEN payouts.fee ELSE -payouts.fee END AS amount
    FROM (SELECT * FROM invoices_due ORDER BY id LIMIT ${limit}) AS due
    LEFT JOIN payouts ON payouts.process_id = due.process_id AND due.kind LIKE 'payout%'
    LEFT JOIN LATERAL (
      SELECT promises.asset, promises.amount, coalesce((
        SELECT sum(leg.amount) FROM json_to_recordset(legs) AS leg (place text, amount bigint) WHERE place = 'fee'
      ), 0)::bigint AS fee
      FROM promises WHERE promises.process_id = due.process_id AND promises.kind = 'release' AND due.kind LIKE 'deal%'
      LIMIT 1
    ) AS release ON true
    LEFT JOIN seats AS payer ON payer.process_id = due.process_id AND payer.role = 'brand_owner'
    LEFT JOIN seats AS payee ON payee.process_id = due.process_id AND payee.role = 'influencer'
    ORDER BY due.id
  `);
}

async function issue(transaction: Transaction, due: Due): Promise<void> {
  const { kind, process_id, at, issuer_id, billed_id, asset, amount } = due;
  const issuer = issuer_id ?? 'platform';
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO invoices (id, issuer, number, kind, process_id, issuer_id, billed_id, asset, amount, corrects, issued_at)
    SELECT ${uuid()}, ${issuer}, coalesce(max(number), 0) + 1, ${kind}, ${process_id}, ${issuer_id}, ${billed_id},
      ${asset}, ${amount}, (
        SELECT id FROM invoices WHERE kind = 'payout_fee' AND process_id = ${process_id} AND ${kind} = 'payout_fee_back'
      ), ${at}::timestamptz
    FROM invoices WHERE issuer = ${issuer}
  `);
}

const invoiceRow = z.object({
  id: z.string(),
  issuer: z.string(),
  number: z.int(),
  kind: z.enum(INVOICE_KINDS),
  process_id: z.string(),
  issuer_id: z.string().nullable(),
  billed_id: z.string(),
  asset: z.custom<Asset>(),
  amount: z.bigint(),
  corrects: z.string().nullable(),
  issued_at: z.string(),
  issuer_handle: z.string().nullable(),
  billed_handle: z.string(),
});
export type Invoice = z.infer<typeof invoiceRow>;

const SELECT = sql.fragment`
  SELECT invoices.id, issuer, number, kind, process_id, issuer_id, billed_id, asset, amount, corrects, issued_at,
    issuers.handle AS issuer_handle, billed.handle AS billed_handle
  FROM invoices LEFT JOIN users AS issuers ON issuers.id = issuer_id JOIN users AS billed ON billed.id = billed_id`;

/** What somebody issued or was billed for, the newest first; everybody's where nobody is named. */
export async function listInvoices(
  executor: Executor,
  { userId, limit, before }: { userId: string | null; limit: number; before: string | null },
): Promise<readonly Invoice[]> {
  return executor.any(sql.type(invoiceRow)`
    ${SELECT}
    WHERE (${userId}::uuid IS NULL OR issuer_id = ${userId} OR billed_id = ${userId})
      AND (${before}::uuid IS NULL OR invoices.id < ${before}::uuid)
    ORDER BY invoices.id DESC LIMIT ${limit}
  `);
}

export async function findInvoice(executor: Executor, id: string): Promise<Invoice | null> {
  return executor.maybeOne(sql.type(invoiceRow)`${SELECT} WHERE invoices.id = ${id}`);
}
