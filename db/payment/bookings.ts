import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { machineOf } from '#workflows/kinds.ts';
import type { ProviderFact } from '#workflows/payment/fact.ts';
import { cutTo } from '#workflows/text.ts';
import { rowsOf } from '../kinds.ts';
import { accounts, transfer } from '../money/ledger.ts';
import { isPassing } from '../passing.ts';
import { type Pool, sql, type Transaction } from '../pool.ts';
import { isAwaited } from '../process/awaited.ts';
import { lockFactRow } from '../process/locks.ts';
import { writeNote } from '../process/notes.ts';
import { lockProcess } from '../process/processes.ts';
import { letGoOn } from '../process/promises.ts';
import { appendOwnStep } from '../process/step.ts';
import type { Origin, StoredProcess } from '../process/stored.ts';
import { openTask } from '../task/tasks.ts';
import { addressDisputes, bookDispute, findStandingOfCapture } from './disputes.ts';
import { addressFact, closeFact, findAddress, listWaitingFacts, type Outcome, type WaitingFact } from './inbox.ts';
import { bookPapers } from './payees.ts';
import { bookPayout } from './payouts.ts';
import { applyRefundOutcome, coverRefund, insertRefund, lockRefundOf, type RefundRow } from './refunds.ts';

/**
 * Books every fact that waits for a process, oldest first, each in a transaction of its own: ledger legs, step, messages
 * and outbox together. Safe to repeat and to race: a fact is booked under its process's lock, and only while it waits.
 * One that cannot be booked is set aside, or everything done with its process would fail before it began.
 */
export async function bookWaitingFacts(pool: Pool, processId: string, origin: Origin): Promise<void> {
  for (const fact of await listWaitingFacts(pool, processId)) await bookOrSetAside(pool, fact, origin);
}

/** The same for facts that are about nothing of ours: the money goes to suspense, and an operator is asked. */
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

/**
 * Nothing is booked and nothing is forgotten: the fact stays, an operator is shown it, and `npm run retell` has it
 * tried again, as after a release that knows what to do with it.
 */
async function setAside(transaction: Transaction, known: WaitingFact, error: unknown, now: string): Promise<void> {
  const locked = await lockFact(transaction, known);
  if (!locked) return;
  const { waiting } = locked;
  await openTask(transaction, {
    key: `set_aside_${waiting.id}`,
    kind: 'unmatched_capture',
    processId: waiting.process_id,
    details: {
      why: 'cannot_be_booked',
      kind: waiting.fact.kind,
      ...shown(waiting.fact),
      error: error instanceof Error ? cutTo(error.message, 500) : String(error),
    },
    now,
  });
  await closeFact(transaction, waiting.id, 'set_aside', now);
}

async function bookFact(transaction: Transaction, known: WaitingFact, by: Origin): Promise<void> {
  const locked = await lockFact(transaction, known);
  if (!locked) return;
  const { waiting } = locked;
  // The request that brought the fact began what comes of it, whoever books it.
  const origin = { ...by, correlationId: waiting.correlation_id ?? by.correlationId };
  const outcome = await book({ transaction, fact: waiting.fact, ...locked, now: by.now, origin });
  await closeFact(transaction, waiting.id, outcome, by.now);
}

type Booking = {
  transaction: Transaction;
  waiting: WaitingFact;
  fact: ProviderFact;
  stored: StoredProcess | null;
  now: string;
  origin: Origin;
};

/**
 * Its process, if it is about one, and then the fact itself; null where that does not wait any more. What came before
 * its payment was known here may be about one by now.
 */
async function lockFact(
  transaction: Transaction,
  known: WaitingFact,
): Promise<{ waiting: WaitingFact; stored: StoredProcess | null } | null> {
  const found = known.process_id ? null : await findAddress(transaction, known.fact);
  const processId = known.process_id ?? found?.processId ?? null;
  const stored = processId ? await lockProcess(transaction, processId) : null;
  if (!(await lockFactRow(transaction, known.id))) return null;
  if (!found?.processId) return { waiting: known, stored };
  await addressFact(transaction, known.id, found);
  return { waiting: { ...known, process_id: processId, order_id: known.order_id ?? found.orderId }, stored };
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
    case 'charge_back_opened':
    case 'charge_back_updated':
    case 'charge_back_closed':
      return bookChargeBack(booking);
    case 'payout_processed':
    case 'payout_failed':
    case 'payout_reversed':
      return bookPayout(booking.transaction, booking.stored, booking.fact, booking.origin);
    case 'account_updated':
      return bookPapers(booking.transaction, booking.fact, booking.origin);
    default:
      return 'noted';
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
  const isDue = isAwaited(stored.process, 'payment_captured') && !isLate(booking, stored);
  return isDue ? bookEscrow(booking, stored) : bookReturn(booking, stored);
}

function isLate({ waiting }: Booking, { process }: StoredProcess): boolean {
  const deadline = machineOf(process.kind).deadlineOf(process);
  return deadline !== null && waiting.received_at >= deadline;
}

async function bookEscrow(booking: Booking, stored: StoredProcess): Promise<Outcome> {
  const { transaction, fact, now, origin } = booking;
  const captureId = await insertCapture(booking, 'escrow');
  const amount = BigInt(fact.amount);
  await transfer(transaction, {
    key: `capture_${fact.provider}_${fact.paymentId}`,
    reason: 'payment_captured',
    conversationId: stored.process.id,
    occurredAt: now,
    legs: [
      { account: accounts.external(fact.provider, stored.process.id, fact.currency), amount: -amount },
      { account: accounts.escrow(stored.process.id, fact.currency), amount },
    ],
  });
  const data = { amount: fact.amount, capture_id: captureId };
  await appendOwnStep(transaction, stored, { on: 'payment_captured', by: 'provider', data }, origin);
  return 'escrow';
}

/** Late, or second: nobody waits for it. It goes straight to clearing, promised back to whoever paid. */
async function bookReturn(booking: Booking, stored: StoredProcess): Promise<Outcome> {
  const { transaction, fact, now, origin } = booking;
  const captureId = await insertCapture(booking, 'returned');
  const amount = BigInt(fact.amount);
  await transfer(transaction, {
    key: `capture_${fact.provider}_${fact.paymentId}`,
    reason: 'payment_returned',
    conversationId: stored.process.id,
    occurredAt: now,
    legs: [
      { account: accounts.external(fact.provider, stored.process.id, fact.currency), amount: -amount },
      { account: accounts.refundClearing(stored.process.id, fact.currency), amount },
    ],
  });
  // A capture that is late does not save it: the expiry comes first, as it would have. Both come after the
  // transfer, since a step's events lock counters, which come after accounts.
  const expires = isAwaited(stored.process, 'payment_captured') && isLate(booking, stored);
  const current = expires
    ? await appendOwnStep(transaction, stored, { on: 'expire', by: 'system', data: {} }, origin)
    : stored;
  const data = { amount: fact.amount, capture_id: captureId };
  const after = await appendOwnStep(transaction, current, { on: 'payment_returned', by: 'provider', data }, origin);
  const promiseId = await transaction.oneFirst(sql.typeAlias('id')`
    UPDATE promises SET moved_at = ${now}::timestamptz
    WHERE process_id = ${stored.process.id} AND step_n = ${after.process.version} RETURNING id
  `);
  await insertRefund(transaction, { promiseId, captureId, amount, currency: fact.currency, now });
  return 'returned';
}

async function bookSuspense(booking: Booking, why: string): Promise<Outcome> {
  const { transaction, fact, waiting, stored, now, origin } = booking;
  const captureId = await insertCapture(booking, 'suspense');
  const amount = BigInt(fact.amount);
  await transfer(transaction, {
    key: `capture_${fact.provider}_${fact.paymentId}`,
    reason: 'payment_unmatched',
    conversationId: waiting.process_id,
    occurredAt: now,
    legs: [
      { account: accounts.external(fact.provider, captureId, fact.currency), amount: -amount },
      { account: accounts.suspense(fact.provider, fact.currency), amount },
    ],
  });
  await openTask(transaction, {
    key: `unmatched_capture_${captureId}`,
    kind: 'unmatched_capture',
    processId: waiting.process_id,
    details: { why, capture_id: captureId, ...shown(fact) },
    now,
  });
  if (stored && why === 'amount_or_currency_differs') {
    const at = { now, systemUserId: origin.systemUserId };
    await writeNote(transaction, stored.process.id, rowsOf(stored.process.kind).differsOf(stored, fact, at), now);
  }
  return 'suspense';
}

async function bookFailure({ transaction, fact, stored, waiting, origin }: Booking): Promise<Outcome> {
  if (!stored || !isAwaited(stored.process, 'payment_failed') || !waiting.order_id) return 'noted';
  if ((await isCaptureKnown(transaction, fact)) || (await isFailureKnown(transaction, waiting))) return 'noted';
  const data = fact.reason ? { failure: cutTo(fact.reason, 200) } : {};
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
      processId: waiting.process_id,
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

/**
 * Whether the provider gave money back a second time: what we asked for has arrived, as another refund than this, or we
 * had ended it ourselves.
 */
function isAnother(refund: RefundRow, fact: ProviderFact): boolean {
  if (refund.status !== 'processed' || fact.kind !== 'refunded') return false;
  const known = refund.provider_refund_id;
  return known === null ? refund.by_ourselves : known !== (fact.refundId ?? known);
}

/**
 * The bank was asked to take a payment back, or decided so. What is still to be paid out of it waits; what was to be
 * given back and is taken by the bank is given back by that; what is to be done beside is an operator's decision.
 */
async function bookChargeBack({ transaction, fact, waiting, stored, now, origin }: Booking): Promise<Outcome> {
  const dispute = await bookDispute(transaction, fact, waiting.process_id, now);
  if (!dispute) return 'known';
  if (dispute.state === 'lost') await coverRefunds(transaction, fact, stored, origin);
  if (dispute.state === 'won' && stored) await letGoOn(transaction, stored, { outcome: 'won' }, null, origin);
  return 'charge_back';
}

/** Refunds of a payment that nobody has asked for yet, or that the provider refuses, as far as the bank made them. */
async function coverRefunds(
  transaction: Transaction,
  { provider, paymentId }: ProviderFact,
  stored: StoredProcess | null,
  origin: Origin,
): Promise<void> {
  const refunds = await transaction.any(sql.type(coverable)`
    SELECT refunds.id, refunds.amount, capture_id FROM refunds JOIN captures ON captures.id = capture_id
    WHERE captures.provider = ${provider} AND payment_id = ${paymentId} AND status IN ('due', 'failed')
    ORDER BY refunds.created_at LIMIT 100
  `);
  let current = stored;
  for (const { id, amount, capture_id } of refunds) {
    const standing = await findStandingOfCapture(transaction, capture_id);
    if (!standing || amount > standing.uncovered) continue;
    await coverRefund(transaction, id, current, origin);
    current = current && (await lockProcess(transaction, current.process.id));
  }
}

const coverable = z.object({ id: z.string(), amount: z.bigint(), capture_id: z.string() });

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
async function isFailureKnown(transaction: Transaction, { id, process_id, fact }: WaitingFact): Promise<boolean> {
  return transaction.exists(sql.typeAlias('void')`
    SELECT FROM inbox
    WHERE process_id = ${process_id} AND fact ->> 'kind' = 'failed' AND id <> ${id}
      AND booked_at IS NOT NULL AND fact ->> 'paymentId' = ${fact.paymentId}
      AND fact ->> 'occurredAt' = ${fact.occurredAt}
  `);
}

async function insertCapture(
  { transaction, fact, waiting, now }: Booking,
  disposition: 'escrow' | 'returned' | 'suspense',
): Promise<string> {
  const id = await transaction.oneFirst(sql.typeAlias('id')`
    INSERT INTO captures (id, provider, payment_id, order_id, process_id, inbox_id, amount, currency, disposition, booked_at)
    VALUES (${uuid()}, ${fact.provider}, ${fact.paymentId}, ${waiting.order_id}, ${waiting.process_id}, ${waiting.id},
      ${fact.amount}::bigint, ${fact.currency}, ${disposition}, ${now}::timestamptz)
    RETURNING id
  `);
  const { provider, paymentId } = fact;
  await addressDisputes(transaction, { id, provider, paymentId, processId: waiting.process_id });
  return id;
}

const orderTerms = z.object({ amount: z.bigint(), currency: z.string() });

async function findOrderTerms(transaction: Transaction, id: string): Promise<z.infer<typeof orderTerms> | null> {
  return transaction.maybeOne(sql.type(orderTerms)`SELECT amount, currency FROM payment_orders WHERE id = ${id}`);
}
