import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import type { ProviderFact, ProviderName } from '#workflows/payment/fact.ts';
import { lockDeal, type StoredDeal } from './deals.ts';
import { type Outcome, refundIdOf } from './inbox.ts';
import { accounts, transfer } from './ledger.ts';
import { type Executor, type Pool, sql, type Transaction } from './pool.ts';
import { appendOwnStep, type Origin } from './steps.ts';
import { closeTask, openTask } from './tasks.ts';

export type RefundStatus = 'due' | 'asked' | 'pending' | 'processed' | 'failed';

const refundRow = z.object({
  id: z.string(),
  promise_id: z.string().nullable(),
  capture_id: z.string(),
  conversation_id: z.string().nullable(),
  provider: z.custom<ProviderName>(),
  payment_id: z.string(),
  provider_order_id: z.string().nullable(),
  amount: z.bigint(),
  currency: z.string(),
  attempt: z.int(),
  provider_refund_id: z.string().nullable(),
  status: z.custom<RefundStatus>(),
});
export type RefundRow = z.infer<typeof refundRow>;

const SELECT = sql.fragment`
  SELECT refunds.id, refunds.promise_id, refunds.capture_id, captures.conversation_id, captures.provider,
    captures.payment_id, payment_orders.provider_order_id, refunds.amount, refunds.currency, refunds.attempt,
    refunds.provider_refund_id, refunds.status
  FROM refunds
  JOIN captures ON captures.id = refunds.capture_id
  LEFT JOIN payment_orders ON payment_orders.id = captures.order_id`;

/** The key a provider knows an attempt by: derived, so that asking again is asking once. 38 characters. */
export function refundKey(refund: Pick<RefundRow, 'id' | 'attempt'>): string {
  return `${refund.id}_${refund.attempt}`;
}

export async function insertRefund(
  transaction: Transaction,
  refund: { promiseId: string | null; captureId: string; amount: bigint; currency: string; now: string },
): Promise<string> {
  return transaction.oneFirst(sql.typeAlias('id')`
    INSERT INTO refunds (id, promise_id, capture_id, amount, currency, status, created_at)
    VALUES (${uuid()}, ${refund.promiseId}, ${refund.captureId}, ${refund.amount}, ${refund.currency}, 'due', ${refund.now}::timestamptz)
    RETURNING id
  `);
}

export async function findRefund(executor: Executor, id: string): Promise<RefundRow | null> {
  return executor.maybeOne(sql.type(refundRow)`${SELECT} WHERE refunds.id = ${id}`);
}

/**
 * The refund of ours that a provider's fact is about: by our key or the provider's id, else by the payment and the
 * amount, one that is open before one that is done.
 */
export async function findRefundOf(executor: Executor, fact: ProviderFact): Promise<RefundRow | null> {
  return executor.maybeOne(sql.type(refundRow)`
    ${SELECT}
    WHERE captures.provider = ${fact.provider} AND (
      refunds.provider_refund_id = ${fact.refundId}
      OR refunds.id = ${refundIdOf(fact)}::uuid
      OR (captures.payment_id = ${fact.paymentId} AND refunds.amount = ${fact.amount}::bigint)
    )
    ORDER BY
      (refunds.provider_refund_id = ${fact.refundId} OR refunds.id = ${refundIdOf(fact)}::uuid)
        IS TRUE DESC,
      refunds.status = 'processed', refunds.created_at
    LIMIT 1
  `);
}

/** Notes that a provider is about to be asked: the row is there before the call. Null when there is nothing to ask. */
export async function claimRefund(pool: Pool, id: string, now: string): Promise<RefundRow | null> {
  const row = await pool.maybeOne(sql.typeAlias('id')`
    UPDATE refunds SET status = 'asked', asked_at = ${now}::timestamptz
    WHERE id = ${id} AND status IN ('due', 'asked', 'pending') RETURNING id
  `);
  return row && findRefund(pool, id);
}

export type RefundOutcome = {
  status: 'processed' | 'pending' | 'failed';
  refundId: string | null;
  failure: string | null;
};

/** Books what a provider answered to our asking for an attempt, as its webhook would have been. */
export async function settleRefund(
  pool: Pool,
  asked: Pick<RefundRow, 'id' | 'attempt' | 'conversation_id'>,
  outcome: RefundOutcome,
  origin: Origin,
): Promise<void> {
  await pool.transaction(async (transaction) => {
    const stored = asked.conversation_id ? await lockDeal(transaction, asked.conversation_id) : null;
    const refund = await findRefund(transaction, asked.id);
    if (!refund) throw new Error(`no refund ${asked.id}`);
    await applyRefundOutcome(transaction, { refund, stored, attempt: asked.attempt, ...outcome }, origin);
  });
}

/**
 * Under the deal's lock: moves the money out of clearing once, closes the promise, tells both sides. `attempt` is which
 * the outcome is of.
 */
export async function applyRefundOutcome(
  transaction: Transaction,
  input: RefundOutcome & { refund: RefundRow; stored: StoredDeal | null; attempt: number },
  origin: Origin,
): Promise<Outcome> {
  const { refund, stored } = input;
  const { now } = origin;
  const taskKey = `stuck_refund_${refund.id}`;
  // An earlier attempt's, heard after the next one was made, says nothing about that one, unless the money arrived.
  if (input.attempt !== refund.attempt && input.status !== 'processed') return 'noted';
  if (refund.status === 'processed') return 'known';
  if (input.status === 'pending') {
    // The answer that it was taken is overtaken by the webhook that it failed.
    if (refund.status === 'failed') return 'known';
    await setRefund(transaction, refund, 'pending', input, now);
    return 'noted';
  }
  if (input.status === 'failed') {
    if (refund.status === 'failed') return 'known';
    await setRefund(transaction, refund, 'failed', input, now);
    if (stored) {
      const data = { amount: refund.amount.toString(), failure: input.failure?.slice(0, 200) ?? 'refused' };
      await appendOwnStep(transaction, stored, { on: 'refund_failed', by: 'provider', data }, origin);
    }
    await openTask(transaction, {
      key: taskKey,
      kind: 'stuck_refund',
      conversationId: refund.conversation_id,
      details: {
        refund_id: refund.id,
        provider: refund.provider,
        payment_id: refund.payment_id,
        amount_minor: refund.amount.toString(),
        currency: refund.currency,
        failure: input.failure,
      },
      now,
    });
    return 'refund_failed';
  }
  await setRefund(transaction, refund, 'processed', input, now);
  await transfer(transaction, {
    key: `refund_settled_${refund.id}`,
    reason: 'refund_settled',
    conversationId: refund.conversation_id,
    occurredAt: now,
    legs: [
      {
        account: accounts.refundClearing(refund.conversation_id ?? refund.capture_id, refund.currency),
        amount: -refund.amount,
      },
      {
        account: accounts.external(refund.provider, refund.conversation_id ?? refund.capture_id, refund.currency),
        amount: refund.amount,
      },
    ],
  });
  if (refund.promise_id) {
    await transaction.query(sql.typeAlias('void')`
      UPDATE promises SET done_at = ${now}::timestamptz WHERE id = ${refund.promise_id} AND done_at IS NULL
    `);
  }
  if (stored) {
    const data = { amount: refund.amount.toString(), ...(refund.promise_id && { promise_id: refund.promise_id }) };
    await appendOwnStep(transaction, stored, { on: 'refund_settled', by: 'provider', data }, origin);
  }
  await closeTask(transaction, taskKey, { outcome: 'processed' }, null, now);
  return 'settled';
}

async function setRefund(
  transaction: Transaction,
  refund: RefundRow,
  status: RefundStatus,
  input: { refundId: string | null; failure: string | null },
  now: string,
): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE refunds SET status = ${status}, provider_refund_id = coalesce(${input.refundId}, provider_refund_id),
      failure = ${status === 'failed' ? (input.failure ?? 'refused') : null},
      settled_at = CASE WHEN ${status} = 'processed' THEN ${now}::timestamptz END
    WHERE id = ${refund.id}
  `);
}

/** After a failure: the next attempt, under a new key, is due. False when the refund is not one that failed. */
export async function retryRefund(pool: Pool, id: string, by: string | null, now: string): Promise<boolean> {
  return pool.transaction(async (transaction) => {
    const row = await transaction.maybeOne(sql.typeAlias('id')`
      UPDATE refunds SET status = 'due', attempt = attempt + 1, failure = NULL, provider_refund_id = NULL
      WHERE id = ${id} AND status = 'failed' RETURNING id
    `);
    if (!row) return false;
    await closeTask(transaction, `stuck_refund_${id}`, { retry: true }, by, now);
    // The sweep gave this deal up to its backoff; now there is something to do.
    await transaction.query(sql.typeAlias('void')`
      UPDATE relays SET ring_after = '-infinity', tries = 0
      FROM refunds JOIN captures ON captures.id = refunds.capture_id
      WHERE refunds.id = ${id} AND relays.conversation_id = captures.conversation_id
    `);
    return true;
  });
}
