import { z } from 'zod';
import type { ProviderFact } from '#workflows/payment/fact.ts';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';
import { openTask } from '../task/tasks.ts';

/**
 * What a provider lists, compared with the books: both ways, of what is neither too old to be listed nor so new that its
 * webhook may be under way.
 */

/**
 * What was listed of a thing, in the words of the books; amounts in minor units. What is `young` is no difference, but is
 * listed.
 */
export type Listed = {
  id: string;
  reference: string | null;
  amount: string;
  currency: string;
  state: string;
  young: boolean;
};

export type Window = { provider: string; from: string; until: string };

const difference = z.object({
  what: z.string(),
  id: z.string(),
  ours: z.string().nullable(),
  theirs: z.string().nullable(),
});
export type Difference = z.infer<typeof difference>;

/** How a thing stands, in one text that is compared and shown. */
const SAYS = sql.fragment`amount || ' ' || currency || ' ' || state`;

/** An order is a row here for as long at most before it is one there: what it is for does not wait longer to be paid. */
const MADE_BEFORE = 'P90D';

/** Which of them are booked, by the provider's id or by ours; those that are `either` are paid, and lately. */
const BOOKED = {
  order: ({ provider, from, until }: Window) => sql.fragment`
    SELECT provider_order_id AS id, payment_orders.id::text AS reference, payment_orders.amount::text, currency,
      CASE WHEN paid.at IS NULL THEN 'open' WHEN paid.at <= ${until}::timestamptz THEN 'paid' ELSE 'either' END AS state,
      provider_order_id IS NOT NULL AND created_at BETWEEN ${from}::timestamptz AND ${until}::timestamptz AS within
    FROM payment_orders CROSS JOIN LATERAL (
      SELECT min(booked_at) AS at FROM captures WHERE captures.order_id = payment_orders.id
    ) AS paid
    WHERE provider = ${provider} AND created_at >= ${from}::timestamptz - ${MADE_BEFORE}::interval`,
  payment: ({ provider, from, until }: Window) => sql.fragment`
    SELECT payment_id AS id, order_id::text AS reference, amount::text, currency, 'captured' AS state,
      booked_at BETWEEN ${from}::timestamptz AND ${until}::timestamptz AS within
    FROM captures WHERE provider = ${provider}`,
  refund: ({ provider, from, until }: Window) => sql.fragment`
    SELECT provider_refund_id AS id, refunds.id || '_' || attempt AS reference, refunds.amount::text, refunds.currency,
      CASE WHEN covers OR by_hand THEN 'elsewhere' ELSE status END AS state,
      NOT covers AND NOT by_hand AND status = 'processed'
        AND settled_at BETWEEN ${from}::timestamptz AND ${until}::timestamptz AS within
    FROM refunds JOIN captures ON captures.id = capture_id WHERE provider = ${provider}`,
  dispute: ({ provider, from, until }: Window) => sql.fragment`
    SELECT dispute_id AS id, NULL AS reference, amount::text, currency, state,
      dispute_id NOT LIKE 'of\_%' AND opened_at BETWEEN ${from}::timestamptz AND ${until}::timestamptz AS within
    FROM disputes WHERE provider = ${provider}`,
  payout: ({ provider, from, until }: Window) => sql.fragment`
    SELECT provider_payout_id AS id, process_id::text AS reference, net::text AS amount, currency,
      CASE WHEN status IN ('due', 'asked', 'pending') THEN 'pending' ELSE status END AS state,
      provider_payout_id IS NOT NULL AND asked_at BETWEEN ${from}::timestamptz AND ${until}::timestamptz AS within
    FROM payouts WHERE provider = ${provider}`,
} as const;
export type Thing = keyof typeof BOOKED;

/**
 * Where the books and the list do not say the same: what is listed and not booked, booked otherwise, or booked and not
 * listed, where `both` is asked for.
 */
export async function findDifferences(
  executor: Executor,
  thing: Thing,
  window: Window,
  listed: readonly Listed[],
  both: boolean,
): Promise<readonly Difference[]> {
  return executor.any(sql.type(difference)`
    WITH listed AS (
      SELECT id, reference, amount, currency, state, young FROM jsonb_to_recordset(${sql.jsonb(listed as never)})
        AS each (id text, reference text, amount text, currency text, state text, young boolean)
    ), booked AS (${BOOKED[thing](window)})
    SELECT CASE WHEN booked.state IS NULL THEN 'not_booked' ELSE 'booked_otherwise' END AS what, listed.id,
      (SELECT ${SAYS} FROM (SELECT booked.amount, booked.currency, booked.state) AS one) AS ours,
      (SELECT ${SAYS} FROM (SELECT listed.amount, listed.currency, listed.state) AS one) AS theirs
    FROM listed LEFT JOIN booked ON booked.id = listed.id OR booked.reference = listed.reference
    WHERE NOT young AND (listed.amount, listed.currency, listed.state) IS DISTINCT FROM
      (booked.amount, booked.currency, CASE booked.state WHEN 'either' THEN listed.state ELSE booked.state END)
    UNION ALL
    SELECT 'not_listed', coalesce(booked.id, booked.reference),
      (SELECT ${SAYS} FROM (SELECT booked.amount, booked.currency, booked.state) AS one), NULL
    FROM booked
    WHERE ${both} AND within
      AND NOT EXISTS (SELECT FROM listed WHERE listed.id = booked.id OR listed.reference = booked.reference)
    ORDER BY 1, 2 LIMIT 1000
  `);
}

/** Asks an operator about each, once: what was looked at is not asked about again. Answers how many are new. */
export async function reportDifferences(
  pool: Pool,
  provider: string,
  thing: Thing,
  differences: readonly Difference[],
  now: string,
): Promise<number> {
  let many = 0;
  for (const { what, id, ours, theirs } of differences) {
    const key = `difference_${provider}_${thing}_${id}_${what}`;
    const isNew = await pool.transaction(async (transaction) => {
      if (await isKnown(transaction, key)) return false;
      const details = { what, thing, provider, id, ours, theirs };
      await openTask(transaction, { key, kind: 'difference', processId: null, details, now });
      return true;
    });
    if (isNew) many += 1;
  }
  return many;
}

async function isKnown(transaction: Transaction, key: string): Promise<boolean> {
  return transaction.exists(sql.typeAlias('void')`SELECT FROM tasks WHERE key = ${key}`);
}

/** A fact as it is compared. */
export function listedFact(fact: ProviderFact): Omit<Listed, 'young'> | null {
  const { kind, amount, currency, paymentId, refundId, refundKey, disputeId, state } = fact;
  if (kind === 'captured' && paymentId) return { id: paymentId, reference: null, amount, currency, state: 'captured' };
  if ((kind === 'refunded' || kind === 'refund_failed') && refundId) {
    return {
      id: refundId,
      reference: refundKey,
      amount,
      currency,
      state: kind === 'refunded' ? 'processed' : 'failed',
    };
  }
  if (!kind.startsWith('charge_back') || !disputeId) return null;
  const stands = state === 'won' ? 'won' : state === 'lost' || state === 'partly' ? 'lost' : 'open';
  return { id: disputeId, reference: null, amount, currency, state: stands };
}
