import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import type { ProviderFact, ProviderName } from '#workflows/payment/fact.ts';
import { cutTo } from '#workflows/text.ts';
import { type Account, accounts, transfer } from '../money/ledger.ts';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';
import { lockRefundRow } from '../process/locks.ts';
import { lockProcess } from '../process/processes.ts';
import { ringSoon } from '../process/ringing.ts';
import { appendOwnStep } from '../process/step.ts';
import type { Origin, StoredProcess } from '../process/stored.ts';
import { closeTask, openTask } from '../task/tasks.ts';
import { type Outcome, refundIdOf } from './inbox.ts';

export type RefundStatus = 'due' | 'asked' | 'pending' | 'processed' | 'failed';

const refundRow = z.object({
  id: z.string(),
  promise_id: z.string().nullable(),
  capture_id: z.string(),
  process_id: z.string().nullable(),
  provider: z.custom<ProviderName>(),
  payment_id: z.string(),
  provider_order_id: z.string().nullable(),
  amount: z.bigint(),
  currency: z.string(),
  attempt: z.int(),
  provider_refund_id: z.string().nullable(),
  status: z.custom<RefundStatus>(),
  /** How often it had arrived, and was sent back. */
  reversals: z.int(),
  /** Whether it came to its end without its provider: paid by hand, or by what its bank took. */
  by_ourselves: z.boolean(),
});
export type RefundRow = z.infer<typeof refundRow>;

const SELECT = sql.fragment`
  SELECT refunds.id, refunds.promise_id, refunds.capture_id, captures.process_id, captures.provider,
    captures.payment_id, payment_orders.provider_order_id, refunds.amount, refunds.currency, refunds.attempt,
    refunds.provider_refund_id, refunds.status, by_hand OR covers AS by_ourselves,
    (SELECT count(*)::integer FROM refund_reversals WHERE refund_id = refunds.id) AS reversals
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

/** The same, and nobody else changes it before this transaction is over. After the process's lock, before any other. */
async function lockRefund(transaction: Transaction, id: string): Promise<RefundRow | null> {
  await lockRefundRow(transaction, id);
  return findRefund(transaction, id);
}

/**
 * The refund of ours that a provider's fact is about, locked: by our key or the provider's id, else by the payment and
 * the amount, one that is open before one that is done. A refund that the provider has another id for is another one.
 */
export async function lockRefundOf(transaction: Transaction, fact: ProviderFact): Promise<RefundRow | null> {
  const { provider, refundId, paymentId, amount } = fact;
  const found = await transaction.maybeOne(sql.typeAlias('id')`
    SELECT refunds.id FROM (
      SELECT 1 AS rank, id FROM refunds WHERE provider_refund_id = ${refundId}
      UNION ALL
      SELECT 1, id FROM refunds WHERE id = ${refundIdOf(fact)}::uuid
      UNION ALL
      SELECT 2, refunds.id FROM captures JOIN refunds ON refunds.capture_id = captures.id
      WHERE captures.provider = ${provider} AND captures.payment_id = ${paymentId}
        AND refunds.amount = ${amount}::bigint
        AND (refunds.provider_refund_id IS NULL OR ${refundId}::text IS NULL)
    ) AS known
    JOIN refunds USING (id)
    JOIN captures ON captures.id = refunds.capture_id AND captures.provider = ${provider}
    ORDER BY rank, refunds.status = 'processed', refunds.created_at
    LIMIT 1
  `);
  return found && lockRefund(transaction, found.id);
}

/**
 * Notes that a provider is about to be asked: the row is there before the call. Null when there is nothing to ask, or
 * the payment is disputed at its bank, which may give it back itself: then nobody asks for it a second time.
 */
export async function claimRefund(pool: Pool, id: string, now: string): Promise<RefundRow | null> {
  const row = await pool.maybeOne(sql.typeAlias('id')`
    UPDATE refunds SET status = 'asked', asked_at = ${now}::timestamptz
    WHERE id = ${id} AND (status IN ('asked', 'pending') OR (status = 'due' AND NOT EXISTS (
      SELECT FROM captures JOIN disputes
        ON disputes.provider = captures.provider AND disputes.payment_id = captures.payment_id
      WHERE captures.id = refunds.capture_id AND disputes.state <> 'won' AND waived_at IS NULL
    ))) RETURNING id
  `);
  return row && findRefund(pool, id);
}

export type RefundOutcome = {
  status: 'processed' | 'pending' | 'failed';
  refundId: string | null;
  failure: string | null;
};
type Told = RefundOutcome & {
  /** Which attempt it is of. */
  attempt: number;
  /** Since when it is so, by the provider's clock, for people: it orders nothing. */
  since: string;
  /** A webhook is of some time; an answer is of when it was asked for, which is after the attempt was made. */
  by: 'webhook' | 'answer';
};

/** Books what a provider answered to our asking for an attempt, as its webhook would have been. */
export async function settleRefund(
  pool: Pool,
  asked: Pick<RefundRow, 'id' | 'attempt' | 'process_id'>,
  outcome: RefundOutcome,
  origin: Origin,
): Promise<void> {
  await pool.transaction(async (transaction) => {
    const stored = asked.process_id ? await lockProcess(transaction, asked.process_id) : null;
    const refund = await lockRefund(transaction, asked.id);
    if (!refund) throw new Error(`no refund ${asked.id}`);
    const told = { ...outcome, attempt: asked.attempt, since: origin.now, by: 'answer' } as const;
    await applyRefundOutcome(transaction, { refund, stored, told }, origin);
  });
}

type Settling = { refund: RefundRow; stored: StoredProcess | null; told: Told };

/**
 * Under the locks of the process and the refund: moves the money out of clearing once, closes the promise, tells both
 * sides. One that had arrived and was sent back by the bank is taken back, and can be tried again.
 */
export async function applyRefundOutcome(
  transaction: Transaction,
  settling: Settling,
  origin: Origin,
): Promise<Outcome> {
  const { refund, told } = settling;
  if (refund.status === 'processed') {
    return isSentBack(refund, told) ? takeBack(transaction, settling, origin) : 'known';
  }
  // An earlier attempt's, heard after the next one was made, says nothing about that one, unless the money arrived.
  if (told.attempt !== refund.attempt && told.status !== 'processed') return 'noted';
  switch (told.status) {
    case 'pending':
      // The answer that it was taken is overtaken by the webhook that it failed.
      if (refund.status === 'failed') return 'known';
      await setRefund(transaction, settling, origin);
      return 'noted';
    case 'failed':
      if (refund.status === 'failed') return 'known';
      await fail(transaction, settling, origin);
      return 'refund_failed';
    default:
      if (await isOvertaken(transaction, refund, told)) return 'known';
      await settle(transaction, settling, origin);
      return 'settled';
  }
}

/**
 * Whether the very refund that arrived has failed since. A provider moves a refund on and never back, so of two letters
 * about one refund this is the later, whatever the clocks say: those of two machines differ, and a second is long. What
 * we ended ourselves had failed before: that is only told once more.
 */
function isSentBack(refund: RefundRow, { status, refundId }: Told): boolean {
  if (refund.by_ourselves) return false;
  return status === 'failed' && refundId !== null && refundId === refund.provider_refund_id;
}

/**
 * Whether the very refund that is said to have arrived is known to have failed: then that is an old letter, or an old
 * answer. What a provider answers about it when it is asked for the next attempt is not: it was asked after that. What
 * it said of an earlier attempt stands in the inbox alone.
 */
async function isOvertaken(transaction: Transaction, refund: RefundRow, told: Told): Promise<boolean> {
  const { refundId } = told;
  if (refundId === null) return false;
  if (refund.status === 'failed' && refundId === refund.provider_refund_id) return true;
  if (told.by === 'answer' && told.attempt === refund.attempt) return false;
  return transaction.exists(sql.typeAlias('void')`
    SELECT FROM inbox
    WHERE fact ->> 'kind' = 'refund_failed' AND fact ->> 'refundId' = ${refundId}
      AND fact ->> 'provider' = ${refund.provider} AND booked_at IS NOT NULL AND outcome <> 'set_aside'
  `);
}

async function settle(transaction: Transaction, settling: Settling, origin: Origin): Promise<void> {
  const { refund, stored } = settling;
  const { now } = origin;
  await setRefund(transaction, settling, origin);
  await closeTask(transaction, taskKeyOf(refund), { outcome: 'processed' }, null, now);
  await moveMoney(transaction, refund, 'refund_settled', now, 'asked');
  await closePromise(transaction, refund, now);
  if (stored) await tellSettled(transaction, refund, stored, origin);
}

async function closePromise(transaction: Transaction, refund: RefundRow, now: string): Promise<void> {
  if (!refund.promise_id) return;
  await transaction.query(sql.typeAlias('void')`
    UPDATE promises SET done_at = ${now}::timestamptz WHERE id = ${refund.promise_id} AND done_at IS NULL
  `);
}

async function tellSettled(
  transaction: Transaction,
  refund: RefundRow,
  stored: StoredProcess,
  origin: Origin,
): Promise<void> {
  const data = { amount: refund.amount.toString(), ...(refund.promise_id && { promise_id: refund.promise_id }) };
  await appendOwnStep(transaction, stored, { on: 'refund_settled', by: 'provider', data }, origin);
}

/** The money is at the provider again, and owed again. */
async function takeBack(transaction: Transaction, settling: Settling, origin: Origin): Promise<Outcome> {
  const { refund, told } = settling;
  const { now } = origin;
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO refund_reversals (refund_id, n, provider_refund_id, occurred_at)
    VALUES (${refund.id}, ${refund.reversals + 1}, ${told.refundId}, ${told.since}::timestamptz)
  `);
  await moveMoney(transaction, refund, 'refund_reversed', now, 'asked');
  await transaction.query(sql.typeAlias('void')`UPDATE promises SET done_at = NULL WHERE id = ${refund.promise_id}`);
  await fail(transaction, settling, origin);
  return 'refund_reversed';
}

/** Both sides are told, and an operator decides about the next attempt. */
async function fail(transaction: Transaction, settling: Settling, origin: Origin): Promise<void> {
  const { refund, stored, told } = settling;
  await setRefund(transaction, settling, origin);
  await openTask(transaction, {
    key: taskKeyOf(refund),
    kind: 'stuck_refund',
    processId: refund.process_id,
    details: {
      refund_id: refund.id,
      provider: refund.provider,
      payment_id: refund.payment_id,
      amount_minor: refund.amount.toString(),
      currency: refund.currency,
      failure: told.failure,
    },
    now: origin.now,
  });
  if (stored) {
    const data = { amount: refund.amount.toString(), failure: told.failure ? cutTo(told.failure, 200) : 'refused' };
    await appendOwnStep(transaction, stored, { on: 'refund_failed', by: 'provider', data }, origin);
  }
}

const taskKeyOf = ({ id }: Pick<RefundRow, 'id'>): string => `stuck_refund_${id}`;

/** Out of clearing into the world, or back. A refund goes back and forth as often as its bank has it do. */
async function moveMoney(
  transaction: Transaction,
  refund: RefundRow,
  reason: 'refund_settled' | 'refund_reversed',
  now: string,
  how: 'asked' | 'by_hand' | 'covers',
): Promise<void> {
  const owner = refund.process_id ?? refund.capture_id;
  const amount = reason === 'refund_settled' ? refund.amount : -refund.amount;
  await transfer(transaction, {
    key: refund.reversals === 0 ? `${reason}_${refund.id}` : `${reason}_${refund.id}_${refund.reversals}`,
    reason,
    conversationId: refund.process_id,
    occurredAt: now,
    legs: [
      { account: accounts.refundClearing(owner, refund.currency), amount: -amount },
      { account: outsideOf(refund, owner, how), amount },
    ],
  });
}

/** What was paid by hand left by no provider; what covers a charge-back makes up for that. */
function outsideOf({ provider, currency }: RefundRow, owner: string, how: 'asked' | 'by_hand' | 'covers'): Account {
  if (how === 'covers') return accounts.chargeBack(provider, currency);
  return accounts.external(how === 'by_hand' ? 'by_hand' : provider, owner, currency);
}

async function setRefund(transaction: Transaction, { refund, told }: Settling, { now }: Origin): Promise<void> {
  const { status, refundId, failure } = told;
  await transaction.query(sql.typeAlias('void')`
    UPDATE refunds SET status = ${status}, provider_refund_id = coalesce(${refundId}, provider_refund_id),
      failure = ${status === 'failed' ? (failure ?? 'refused') : null},
      settled_at = CASE WHEN ${status} = 'processed' THEN ${now}::timestamptz END
    WHERE id = ${refund.id}
  `);
}

/**
 * The bank has given the money back itself, by a dispute that it decided against us: the refund is at its end without
 * anybody being asked, and what was to be refunded makes up for what was taken. Under the locks of process and refund.
 */
export async function coverRefund(
  transaction: Transaction,
  refundId: string,
  stored: StoredProcess | null,
  origin: Origin,
): Promise<void> {
  await endByOurselves(transaction, refundId, stored, origin, 'covers', { outcome: 'covered' }, null);
}

/** An operator has paid it by another way. False when it is no refund that is due or failed. */
export async function settleByHand(
  transaction: Transaction,
  refundId: string,
  stored: StoredProcess | null,
  decision: Record<string, unknown>,
  by: string | null,
  origin: Origin,
): Promise<boolean> {
  return endByOurselves(transaction, refundId, stored, origin, 'by_hand', decision, by);
}

async function endByOurselves(
  transaction: Transaction,
  refundId: string,
  stored: StoredProcess | null,
  { now, systemUserId, correlationId }: Origin,
  how: 'covers' | 'by_hand',
  decision: Record<string, unknown>,
  by: string | null,
): Promise<boolean> {
  const refund = await lockRefund(transaction, refundId);
  if (!refund || (refund.status !== 'due' && refund.status !== 'failed')) return false;
  await transaction.query(sql.typeAlias('void')`
    UPDATE refunds SET status = 'processed', settled_at = ${now}::timestamptz, failure = NULL,
      covers = ${how === 'covers'}, by_hand = ${how === 'by_hand'}
    WHERE id = ${refundId}
  `);
  await closeTask(transaction, taskKeyOf(refund), decision, by, now);
  await moveMoney(transaction, refund, 'refund_settled', now, how);
  await closePromise(transaction, refund, now);
  if (stored) await tellSettled(transaction, refund, stored, { now, systemUserId, correlationId });
  return true;
}

/** After a failure: the next attempt, under a new key, is due. False when the refund is not one that failed. */
export async function retryRefund(
  pool: Pool,
  id: string,
  by: string | null,
  now: string,
  identity: string | null = null,
): Promise<boolean> {
  const decision = { decision: 'retry', ...(identity && { identity }) };
  return pool.transaction(async (transaction) => {
    await lockRefundRow(transaction, id);
    return makeRetry(transaction, id, decision, by, now);
  });
}

/** The same in a transaction of the caller's, with what was decided: it is kept with the task. */
export async function makeRetry(
  transaction: Transaction,
  id: string,
  decision: Record<string, unknown>,
  by: string | null,
  now: string,
): Promise<boolean> {
  const row = await transaction.maybeOne(sql.type(z.object({ process_id: z.string().nullable() }))`
    UPDATE refunds SET status = 'due', attempt = attempt + 1, failure = NULL, provider_refund_id = NULL
    FROM captures WHERE captures.id = refunds.capture_id AND refunds.id = ${id} AND status = 'failed'
    RETURNING captures.process_id
  `);
  if (!row) return false;
  await closeTask(transaction, taskKeyOf({ id }), decision, by, now);
  // The sweep gave this process up to its backoff; now there is something to do.
  if (row.process_id) await ringSoon(transaction, [row.process_id], now);
  return true;
}
