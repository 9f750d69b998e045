import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { deadlineOf } from '#workflows/collaboration/flow.ts';
import { FAILURES, Failure } from '#workflows/failures.ts';
import type { ProviderFact } from '#workflows/payment/fact.ts';
import { lockDeal, type StoredDeal } from './deals.ts';
import { closeFact, listWaitingFacts, type Outcome, type WaitingFact } from './inbox.ts';
import { accounts, transfer } from './ledger.ts';
import { isOutage, type Pool, sql, sqlState, type Transaction } from './pool.ts';
import { applyRefundOutcome, insertRefund, lockRefundOf, type RefundRow } from './refunds.ts';
import { appendOwnStep, type Origin } from './steps.ts';
import { closeTask, openTask } from './tasks.ts';

/**
 * Books every fact that waits for a deal, oldest first, each in a transaction of its own: ledger legs, step, messages
 * and outbox together. Safe to repeat and to race: a fact is booked under its deal's lock, and only while it waits.
 * One that cannot be booked is set aside, or everything done with its deal would fail before it began.
 */
export async function bookWaitingFacts(pool: Pool, conversationId: string, origin: Origin): Promise<void> {
  for (const fact of await listWaitingFacts(pool, conversationId)) await bookOrSetAside(pool, fact, origin);
}

/** The same for facts that are about no deal of ours: the money goes to suspense, and an operator is asked. */
export async function bookUnaddressedFacts(pool: Pool, origin: Origin): Promise<void> {
  for (const fact of await listWaitingFacts(pool, null)) await bookOrSetAside(pool, fact, origin);
}

async function bookOrSetAside(pool: Pool, waiting: WaitingFact, origin: Origin): Promise<void> {
  try {
    await pool.transaction((transaction) => bookFact(transaction, waiting, origin));
  } catch (error) {
    if (isPassing(error)) throw error;
    await pool.transaction((transaction) => setAside(transaction, waiting, error, origin.now));
  }
}

/** Classes of SQLSTATE that say something about the moment, not about what was asked. */
const PASSING = /^(08|25|40|53|55|57|58|XX)/;

/** Whether the same may well be booked a moment later. */
function isPassing(error: unknown): boolean {
  if (error instanceof Failure) return FAILURES[error.code].retry;
  const state = sqlState(error);
  return isOutage(error) || (state !== null && PASSING.test(state));
}

/**
 * Nothing is booked and nothing is forgotten: the fact stays, an operator is shown it, and `npm run retell` has it
 * tried again, as after a release that knows what to do with it.
 */
async function setAside(transaction: Transaction, waiting: WaitingFact, error: unknown, now: string): Promise<void> {
  if (!(await lockFact(transaction, waiting))) return;
  await openTask(transaction, {
    key: `set_aside_${waiting.id}`,
    kind: 'unmatched_capture',
    conversationId: waiting.conversation_id,
    details: {
      why: 'cannot_be_booked',
      kind: waiting.fact.kind,
      ...shown(waiting.fact),
      error: error instanceof Error ? error.message.slice(0, 500) : String(error),
    },
    now,
  });
  await closeFact(transaction, waiting.id, 'set_aside', now);
}

async function bookFact(transaction: Transaction, waiting: WaitingFact, by: Origin): Promise<void> {
  const locked = await lockFact(transaction, waiting);
  if (!locked) return;
  // The request that brought the fact began what comes of it, whoever books it.
  const origin = { ...by, correlationId: waiting.correlation_id ?? by.correlationId };
  const outcome = await book({ transaction, waiting, fact: waiting.fact, ...locked, now: by.now, origin });
  await closeFact(transaction, waiting.id, outcome, by.now);
}

type Booking = {
  transaction: Transaction;
  waiting: WaitingFact;
  fact: ProviderFact;
  stored: StoredDeal | null;
  now: string;
  origin: Origin;
};

/** Its deal, if it is about one, and then the fact itself; null where that does not wait any more. */
async function lockFact(
  transaction: Transaction,
  { id, conversation_id: conversationId }: WaitingFact,
): Promise<{ stored: StoredDeal | null } | null> {
  const stored = conversationId ? await lockDeal(transaction, conversationId) : null;
  const row = await transaction.maybeOne(sql.type(z.object({ id: z.bigint() }))`
    SELECT id FROM inbox WHERE id = ${id} AND booked_at IS NULL FOR UPDATE
  `);
  return row && { stored };
}

async function book(booking: Booking): Promise<Outcome> {
  switch (booking.fact.kind) {
    case 'captured':
      return bookCapture(booking);
    case 'failed':
      return bookFailure(booking);
    case 'refunded':
    case 'refund_failed':
      return bookRefund(booking);
    default:
      return bookChargeBack(booking);
  }
}

async function bookCapture(booking: Booking): Promise<Outcome> {
  const { transaction, fact, waiting } = booking;
  if (await isCaptureKnown(transaction, fact)) return 'known';
  const order = waiting.order_id ? await findOrderTerms(transaction, waiting.order_id) : null;
  const { stored } = booking;
  if (!stored || !order || order.amount.toString() !== fact.amount || order.currency !== fact.currency) {
    return bookSuspense(booking, order ? 'amount_or_currency_differs' : 'unknown_order');
  }
  const isDue = stored.deal.state === 'payment_pending' && !isLate(booking, stored);
  return isDue ? bookEscrow(booking, stored) : bookReturn(booking, stored);
}

function isLate({ waiting }: Booking, { deal }: StoredDeal): boolean {
  const deadline = deadlineOf(deal);
  return deadline !== null && waiting.received_at >= deadline;
}

async function bookEscrow(booking: Booking, stored: StoredDeal): Promise<Outcome> {
  const { transaction, fact, now, origin } = booking;
  const captureId = await insertCapture(booking, 'escrow');
  const amount = BigInt(fact.amount);
  await transfer(transaction, {
    key: `capture_${fact.provider}_${fact.paymentId}`,
    reason: 'payment_captured',
    conversationId: stored.deal.id,
    occurredAt: now,
    legs: [
      { account: accounts.external(fact.provider, stored.deal.id, fact.currency), amount: -amount },
      { account: accounts.escrow(stored.deal.id, fact.currency), amount },
    ],
  });
  const data = { amount: fact.amount, capture_id: captureId };
  await appendOwnStep(transaction, stored, { on: 'payment_captured', by: 'provider', data }, origin);
  return 'escrow';
}

/** Late, or second: the deal does not want it. It goes straight to clearing, promised back to whoever paid. */
async function bookReturn(booking: Booking, stored: StoredDeal): Promise<Outcome> {
  const { transaction, fact, now, origin } = booking;
  const captureId = await insertCapture(booking, 'returned');
  const amount = BigInt(fact.amount);
  await transfer(transaction, {
    key: `capture_${fact.provider}_${fact.paymentId}`,
    reason: 'payment_returned',
    conversationId: stored.deal.id,
    occurredAt: now,
    legs: [
      { account: accounts.external(fact.provider, stored.deal.id, fact.currency), amount: -amount },
      { account: accounts.refundClearing(stored.deal.id, fact.currency), amount },
    ],
  });
  // A capture that is late does not save the deal: the expiry comes first, as it would have. Both come after the
  // transfer, since a step's events lock counters, which come after accounts.
  const expires = stored.deal.state === 'payment_pending' && isLate(booking, stored);
  const current = expires
    ? await appendOwnStep(transaction, stored, { on: 'expire', by: 'system', data: {} }, origin)
    : stored;
  const data = { amount: fact.amount, capture_id: captureId };
  const after = await appendOwnStep(transaction, current, { on: 'payment_returned', by: 'provider', data }, origin);
  const promiseId = await transaction.oneFirst(sql.typeAlias('id')`
    UPDATE promises SET moved_at = ${now}::timestamptz
    WHERE conversation_id = ${stored.deal.id} AND step_n = ${after.deal.version} RETURNING id
  `);
  await insertRefund(transaction, { promiseId, captureId, amount, currency: fact.currency, now });
  return 'returned';
}

async function bookSuspense(booking: Booking, why: string): Promise<Outcome> {
  const { transaction, fact, waiting, now } = booking;
  const captureId = await insertCapture(booking, 'suspense');
  const amount = BigInt(fact.amount);
  await transfer(transaction, {
    key: `capture_${fact.provider}_${fact.paymentId}`,
    reason: 'payment_unmatched',
    conversationId: waiting.conversation_id,
    occurredAt: now,
    legs: [
      { account: accounts.external(fact.provider, captureId, fact.currency), amount: -amount },
      { account: accounts.suspense(fact.provider, fact.currency), amount },
    ],
  });
  await openTask(transaction, {
    key: `unmatched_capture_${captureId}`,
    kind: 'unmatched_capture',
    conversationId: waiting.conversation_id,
    details: { why, capture_id: captureId, ...shown(fact) },
    now,
  });
  return 'suspense';
}

async function bookFailure({ transaction, fact, stored, waiting, origin }: Booking): Promise<Outcome> {
  if (stored?.deal.state !== 'payment_pending' || !waiting.order_id) return 'noted';
  if ((await isCaptureKnown(transaction, fact)) || (await isFailureKnown(transaction, waiting))) return 'noted';
  const data = fact.reason ? { failure: fact.reason.slice(0, 200) } : {};
  await appendOwnStep(transaction, stored, { on: 'payment_failed', by: 'provider', data }, origin);
  return 'noted';
}

async function bookRefund({ transaction, fact, stored, waiting, now, origin }: Booking): Promise<Outcome> {
  const refund = await lockRefundOf(transaction, fact);
  if (!refund || refund.amount.toString() !== fact.amount || isAnother(refund, fact)) {
    // Made at the provider's dashboard, not for what we asked, or once more: our books cannot say what it was for.
    await openTask(transaction, {
      key: `unmatched_refund_${fact.provider}_${fact.refundId ?? waiting.id}`,
      kind: 'unmatched_capture',
      conversationId: waiting.conversation_id,
      details: { why: 'unknown_refund', ...shown(fact) },
      now,
    });
    return 'noted';
  }
  const attempt = Number(fact.refundKey?.split('_')[1] ?? refund.attempt);
  const status = fact.kind === 'refunded' ? 'processed' : 'failed';
  const { refundId, reason: failure, occurredAt: since } = fact;
  const told = { attempt, status, refundId, failure, since, by: 'webhook' } as const;
  return applyRefundOutcome(transaction, { refund, stored, told }, origin);
}

/** Whether the provider gave money back a second time: what we asked for has arrived, as another refund than this. */
function isAnother(refund: RefundRow, fact: ProviderFact): boolean {
  const known = refund.provider_refund_id;
  return (
    refund.status === 'processed' && fact.kind === 'refunded' && known !== null && known !== (fact.refundId ?? known)
  );
}

/** Picks the shard of what belongs to no deal. */
const NO_DEAL = '00';

/** The bank took a payment back, or did not in the end. What to do about it is an operator's decision. */
async function bookChargeBack({ transaction, fact, waiting, now }: Booking): Promise<Outcome> {
  const key = `charge_back_${fact.provider}_${fact.paymentId}`;
  const lost = fact.kind === 'charge_back_closed' && /lost/i.test(fact.reason ?? '') && fact.amount !== '0';
  if (fact.kind === 'charge_back_closed') await closeTask(transaction, key, { outcome: fact.reason }, null, now);
  if (lost) {
    const amount = BigInt(fact.amount);
    await transfer(transaction, {
      // A payment may be charged back in parts; a part that is told of twice is one.
      key: `${key}_${fact.amount}_${fact.currency}`,
      reason: 'charge_back_lost',
      // Of no deal: the same loss may be told of before its payment is known and again after, and is one all the same.
      conversationId: null,
      occurredAt: now,
      legs: [
        { account: accounts.chargeBack(fact.provider, fact.currency), amount: -amount },
        { account: accounts.external(fact.provider, NO_DEAL, fact.currency), amount },
      ],
    });
  }
  if (fact.kind === 'charge_back_opened') {
    await openTask(transaction, {
      key,
      kind: 'charge_back',
      conversationId: waiting.conversation_id,
      details: shown(fact),
      now,
    });
  }
  return 'charge_back';
}

/** What an operator is shown of a fact. */
function shown({ provider, orderId, paymentId, refundId, amount, currency, reason }: ProviderFact) {
  return {
    provider,
    order_id: orderId,
    payment_id: paymentId,
    ...(refundId && { refund_id: refundId }),
    amount_minor: amount,
    currency,
    ...(reason && { reason }),
  };
}

async function isCaptureKnown(transaction: Transaction, fact: ProviderFact): Promise<boolean> {
  const row = await transaction.maybeOne(sql.typeAlias('id')`
    SELECT id FROM captures WHERE provider = ${fact.provider} AND payment_id = ${fact.paymentId}
  `);
  return row !== null;
}

/**
 * Whether the same failure was told of by another event: an attempt to pay fails once, whatever a provider calls its
 * webhooks. The same payment may fail again, later.
 */
async function isFailureKnown(transaction: Transaction, { id, conversation_id, fact }: WaitingFact): Promise<boolean> {
  return transaction.exists(sql.typeAlias('void')`
    SELECT FROM inbox
    WHERE conversation_id = ${conversation_id} AND fact ->> 'kind' = 'failed' AND id <> ${id}
      AND booked_at IS NOT NULL AND fact ->> 'paymentId' = ${fact.paymentId}
      AND fact ->> 'occurredAt' = ${fact.occurredAt}
  `);
}

async function insertCapture(
  { transaction, fact, waiting, now }: Booking,
  disposition: 'escrow' | 'returned' | 'suspense',
): Promise<string> {
  return transaction.oneFirst(sql.typeAlias('id')`
    INSERT INTO captures (id, provider, payment_id, order_id, conversation_id, inbox_id, amount, currency, disposition, booked_at)
    VALUES (${uuid()}, ${fact.provider}, ${fact.paymentId}, ${waiting.order_id}, ${waiting.conversation_id}, ${waiting.id},
      ${fact.amount}::bigint, ${fact.currency}, ${disposition}, ${now}::timestamptz)
    RETURNING id
  `);
}

const orderTerms = z.object({ amount: z.bigint(), currency: z.string() });

async function findOrderTerms(transaction: Transaction, id: string): Promise<z.infer<typeof orderTerms> | null> {
  return transaction.maybeOne(sql.type(orderTerms)`SELECT amount, currency FROM payment_orders WHERE id = ${id}`);
}
