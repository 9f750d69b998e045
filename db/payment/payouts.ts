import { z } from 'zod';
import { isLaterState, type PayoutState, type ProviderFact, type ProviderName } from '#workflows/payment/fact.ts';
import { cutTo } from '#workflows/text.ts';
import { accounts, type Leg, type Transfer, transfer } from '../money/ledger.ts';
import { tellOfTransfer } from '../money/walletEvents.ts';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';
import { lockPayoutRow } from '../process/locks.ts';
import { lockProcess } from '../process/processes.ts';
import { appendOwnStep } from '../process/step.ts';
import type { Origin, StoredProcess } from '../process/stored.ts';
import { closeTask, openTask } from '../task/tasks.ts';
import type { Outcome } from './inbox.ts';

export type PayoutStatus = 'reserved' | 'due' | 'asked' | 'pending' | 'processed' | 'failed' | 'reversed';
/** Why one is not asked for, though it is due. */
export type WaitsFor = 'funds' | 'operator' | 'kyc';

const payoutRow = z.object({
  process_id: z.string(),
  promise_id: z.string().nullable(),
  user_id: z.string(),
  destination_id: z.string(),
  provider: z.custom<ProviderName>(),
  currency: z.string(),
  gross: z.bigint(),
  fee: z.bigint(),
  net: z.bigint(),
  status: z.custom<PayoutStatus>(),
  waits_for: z.custom<WaitsFor>().nullable(),
  provider_payout_id: z.string().nullable(),
  failure: z.string().nullable(),
});
export type PayoutRow = z.infer<typeof payoutRow>;

const SELECT = sql.fragment`
  SELECT process_id, promise_id, user_id, destination_id, provider, currency, gross, fee, net, status, waits_for,
    provider_payout_id, failure
  FROM payouts`;

/** The key a provider knows it by: of the money that is reserved, whoever asks for it and however often. 43 characters. */
export function payoutKey({ process_id }: Pick<PayoutRow, 'process_id'>): string {
  return `payout_${process_id}`;
}

/** Why a provider's no is asked again, under the same key: it did nothing, and says that it may a little later. */
export const ASKED_AGAIN = new Set(['RATE_LIMITED', 'SERVER_BUSY']);
/** The same, until there is enough to pay out from: that is for an operator to see to, and not for the payee to lose. */
export const TOO_LITTLE = new Set(['INSUFFICIENT_BALANCE', 'balance_insufficient']);
export const ATTEMPTS_AT_MOST = 5;

async function findPayout(executor: Executor, processId: string): Promise<PayoutRow | null> {
  return executor.maybeOne(sql.type(payoutRow)`${SELECT} WHERE process_id = ${processId}`);
}

async function lockPayout(transaction: Transaction, processId: string): Promise<PayoutRow | null> {
  await lockPayoutRow(transaction, processId);
  return findPayout(transaction, processId);
}

/** The money is in clearing: its provider is to be asked. In the transaction that moved it there. */
export async function duePayout(transaction: Transaction, processId: string, promiseId: string): Promise<void> {
  await transaction.oneFirst(sql.typeAlias('id')`
    UPDATE payouts SET status = 'due', promise_id = ${promiseId}
    WHERE process_id = ${processId} AND status = 'reserved' RETURNING process_id AS id
  `);
}

const claimed = payoutRow.extend({
  details: z.unknown(),
  paused: z.boolean(),
  verified: z.boolean(),
  /** Calls that were made before this one. */
  attempts: z.int(),
});
export type ClaimedPayout = z.infer<typeof claimed>;

/**
 * What is to be asked of a provider: null where there is nothing to ask. One that nobody was asked for yet does not leave
 * while payouts are paused, or its payee may not be paid; what may have left is asked about all the same.
 */
export async function claimPayout(pool: Pool, processId: string): Promise<ClaimedPayout | null> {
  const row = await pool.maybeOne(sql.type(claimed)`
    SELECT payouts.process_id, promise_id, payouts.user_id, destination_id, payouts.provider, currency, gross, fee, net,
      payouts.status, waits_for, provider_payout_id, failure, payout_destinations.details,
      EXISTS (SELECT FROM payout_pauses WHERE ended_at IS NULL) AS paused,
      coalesce(kyc ->> 'status' = 'verified', false) AS verified,
      (SELECT count(*)::integer FROM payout_attempts WHERE process_id = payouts.process_id) AS attempts
    FROM payouts
    JOIN payout_destinations ON payout_destinations.id = destination_id
    LEFT JOIN payees ON payees.user_id = payouts.user_id
    WHERE payouts.process_id = ${processId} AND payouts.status IN ('due', 'asked', 'pending')
  `);
  if (row?.status !== 'due') return row;
  const waitsFor = row.paused ? 'operator' : row.verified ? null : 'kyc';
  if (waitsFor === null) return row;
  await setWaits(pool, processId, waitsFor);
  return null;
}

/** Says why one that is due is not asked for; null when it is. */
async function setWaits(executor: Executor, processId: string, waitsFor: WaitsFor | null): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE payouts SET waits_for = ${waitsFor}
    WHERE process_id = ${processId} AND waits_for IS DISTINCT FROM ${waitsFor}::text
  `);
}

/**
 * Writes down a call before it is made: from now on the money may have left, whatever is heard. Answers its number; null
 * where the payout came to its end meanwhile.
 */
export async function beginAttempt(pool: Pool, processId: string, now: string): Promise<number | null> {
  return pool.transaction(async (transaction) => {
    const payout = await lockPayout(transaction, processId);
    if (!payout || !['due', 'asked', 'pending'].includes(payout.status)) return null;
    await transaction.query(sql.typeAlias('void')`
      UPDATE payouts SET status = CASE WHEN status = 'due' THEN 'asked' ELSE status END, waits_for = NULL,
        asked_at = ${now}::timestamptz
      WHERE process_id = ${processId}
    `);
    return transaction.oneFirst(sql.type(z.object({ n: z.int() }))`
      INSERT INTO payout_attempts (process_id, n, asked_at)
      SELECT ${processId}, coalesce(max(n), 0) + 1, ${now}::timestamptz FROM payout_attempts
      WHERE process_id = ${processId} RETURNING n
    `);
  });
}

export async function endAttempt(
  executor: Executor,
  attempt: { processId: string; n: number; outcome: string; detail: string | null; now: string },
): Promise<void> {
  const { processId, n, outcome, detail, now } = attempt;
  await executor.query(sql.typeAlias('void')`
    UPDATE payout_attempts SET answered_at = ${now}::timestamptz, outcome = ${outcome},
      detail = ${detail && cutTo(detail, 500)}
    WHERE process_id = ${processId} AND n = ${n}
  `);
}

/**
 * Every call so far did nothing, and its provider says so: the payout is due again, as if nobody had been asked. Not where
 * one of them was never answered.
 */
export async function undoAsking(executor: Executor, processId: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE payouts SET status = 'due', waits_for = NULL
    WHERE process_id = ${processId} AND status = 'asked' AND provider_payout_id IS NULL AND NOT EXISTS (
      SELECT FROM payout_attempts
      WHERE process_id = ${processId} AND (outcome IS NULL OR outcome NOT IN ('not_done', 'refused'))
    )
  `);
}

/** How often its provider said no to it, and not only for now that it was away or had too little. */
export async function countRefusals(executor: Executor, processId: string): Promise<number> {
  return executor.oneFirst(sql.type(z.object({ many: z.int() }))`
    SELECT count(*)::integer AS many FROM payout_attempts WHERE process_id = ${processId} AND outcome = 'refused'
  `);
}

/** Whether a call was made of which it is not known that it did nothing: then no refusal of another says anything. */
export async function mayHaveLeft(executor: Executor, processId: string): Promise<boolean> {
  return executor.exists(sql.typeAlias('void')`
    SELECT FROM payout_attempts
    WHERE process_id = ${processId} AND (outcome IS NULL OR outcome NOT IN ('not_done', 'refused'))
  `);
}

/** It goes on by itself no more, or has not for long: the reserve stays, and somebody looks. */
export async function reportStuck(pool: Pool, payout: PayoutRow, why: string, now: string): Promise<void> {
  await openTask(pool, {
    key: `stuck_payout_${payout.process_id}`,
    kind: 'stuck_payout',
    processId: payout.process_id,
    details: { why, provider: payout.provider, amount_minor: payout.net.toString(), currency: payout.currency },
    now,
  });
}

/** What a provider says of a payout. */
export type ToldPayout = {
  state: PayoutState;
  payoutId: string | null;
  reason: string | null;
  /** Whether where it was to go is to blame. */
  destinationFailed: boolean;
};

/** Books what a provider answered, as its webhook would have been. */
export async function settlePayout(pool: Pool, processId: string, told: ToldPayout, origin: Origin): Promise<void> {
  await pool.transaction(async (transaction) => {
    const stored = await lockProcess(transaction, processId);
    if (stored) await applyPayoutOutcome(transaction, stored, told, origin);
  });
}

/** A fact about a payout of ours, under its process's lock. */
export async function bookPayout(
  transaction: Transaction,
  stored: StoredProcess | null,
  fact: ProviderFact,
  origin: Origin,
): Promise<Outcome> {
  const payout = stored && (await findPayout(transaction, stored.process.id));
  const isOurs = payout && payout.net.toString() === fact.amount && payout.currency === fact.currency;
  if (!isOurs) {
    await openTask(transaction, {
      key: `unmatched_payout_${fact.provider}_${fact.payoutId ?? fact.reference}`,
      kind: 'unmatched_payout',
      processId: stored?.process.id ?? null,
      details: {
        why: payout ? 'amount_or_currency_differs' : 'unknown_payout',
        provider: fact.provider,
        provider_payout_id: fact.payoutId ?? null,
        reference: fact.reference,
        state: fact.state ?? fact.kind,
        amount_minor: fact.amount,
        currency: fact.currency,
      },
      now: origin.now,
    });
    return 'noted';
  }
  const state = STATE_OF[fact.kind as keyof typeof STATE_OF];
  const { payoutId = null, reason } = fact;
  const told = { state, payoutId, reason, destinationFailed: state !== 'processed' };
  return applyPayoutOutcome(transaction, stored, told, origin);
}

const STATE_OF = { payout_processed: 'processed', payout_failed: 'failed', payout_reversed: 'reversed' } as const;

/**
 * Under its process's lock: once paid, once back, whatever comes how often and in which order. `failed` after it was paid
 * is money that came back; `reversed` before anybody said that it was paid says that too.
 */
async function applyPayoutOutcome(
  transaction: Transaction,
  stored: StoredProcess,
  told: ToldPayout,
  origin: Origin,
): Promise<Outcome> {
  const payout = await lockPayout(transaction, stored.process.id);
  if (!payout) throw new Error(`no payout of ${stored.process.id}`);
  if (payout.status === 'reserved') return contradict(transaction, payout, told, origin);
  if (payout.status === 'failed') {
    return told.state === 'processed' && told.payoutId !== payout.provider_payout_id
      ? contradict(transaction, payout, told, origin)
      : 'known';
  }
  if (!isLaterState(told.state, KNOWN_AS[payout.status])) return 'known';
  const settling = { payout, stored, told, origin };
  switch (told.state) {
    case 'queued':
    case 'pending':
      await setPayout(transaction, settling, told.payoutId === null ? payout.status : 'pending');
      if (told.state === 'queued') await setWaits(transaction, payout.process_id, 'funds');
      return 'noted';
    case 'processed':
      await pay(transaction, settling);
      return 'settled';
    case 'failed':
    case 'cancelled':
      if (payout.status !== 'processed') {
        await fail(transaction, settling);
        return 'payout_failed';
      }
      await takeBack(transaction, settling);
      return 'payout_reversed';
    default: {
      const paid = payout.status === 'processed' ? stored : await pay(transaction, settling);
      await takeBack(transaction, { ...settling, stored: paid });
      return 'payout_reversed';
    }
  }
}

const KNOWN_AS: Record<Exclude<PayoutStatus, 'reserved' | 'failed'>, PayoutState | null> = {
  due: null,
  asked: null,
  pending: 'queued',
  processed: 'processed',
  reversed: 'reversed',
};

type Settling = { payout: PayoutRow; stored: StoredProcess; told: ToldPayout; origin: Origin };

async function pay(transaction: Transaction, settling: Settling): Promise<StoredProcess> {
  const { payout, stored, origin } = settling;
  await setPayout(transaction, settling, 'processed');
  await closeTasks(transaction, payout, 'paid', origin.now);
  await transfer(transaction, moveOf(payout, 'payout_paid', origin.now));
  await closePromise(transaction, payout, origin.now);
  const data = { amount: payout.net.toString(), promise_id: payout.promise_id };
  return appendOwnStep(transaction, stored, { on: 'payout_paid', by: 'provider', data }, origin);
}

async function fail(transaction: Transaction, settling: Settling): Promise<void> {
  await comeBack(transaction, settling, 'failed', 'payout_failed');
  await closePromise(transaction, settling.payout, settling.origin.now);
}

async function takeBack(transaction: Transaction, settling: Settling): Promise<void> {
  await comeBack(transaction, settling, 'reversed', 'payout_reversed');
}

async function comeBack(
  transaction: Transaction,
  settling: Settling,
  status: 'failed' | 'reversed',
  on: 'payout_failed' | 'payout_reversed',
): Promise<void> {
  const { payout, stored, told, origin } = settling;
  await setPayout(transaction, settling, status);
  if (told.destinationFailed) await failDestination(transaction, payout, told, origin.now);
  await closeTasks(transaction, payout, status, origin.now);
  const move = moveOf(payout, on, origin.now);
  await transfer(transaction, move);
  const reason = cutTo(told.reason || 'The provider does not say why.', 200);
  const data = { amount: payout.gross.toString(), reason, promise_id: payout.promise_id };
  await appendOwnStep(transaction, stored, { on, by: 'provider', data }, origin);
  await tellOfTransfer(transaction, move, [{ name: 'wallet_update', userId: payout.user_id, reason: on }]);
}

/** What has left, or come back: in whole, the fee too. */
function moveOf(payout: PayoutRow, reason: 'payout_paid' | 'payout_failed' | 'payout_reversed', now: string): Transfer {
  const { process_id: id, provider, currency, gross, fee, net, user_id } = payout;
  const clearing = accounts.payoutClearing(id, currency);
  const outside = accounts.external(provider, id, currency);
  const wallet = { account: accounts.wallet(user_id, currency), amount: gross };
  const ours = accounts.fee(id, currency);
  const legs: Record<typeof reason, Leg[]> = {
    payout_paid: [
      { account: clearing, amount: -gross },
      { account: outside, amount: net },
      { account: ours, amount: fee },
    ],
    payout_failed: [{ account: clearing, amount: -gross }, wallet],
    payout_reversed: [{ account: outside, amount: -net }, { account: ours, amount: -fee }, wallet],
  };
  return { key: `${reason}_${id}`, reason, conversationId: id, occurredAt: now, legs: legs[reason] };
}

async function setPayout(
  transaction: Transaction,
  { payout, told, origin }: Settling,
  status: PayoutStatus,
): Promise<void> {
  const failure = status === 'failed' || status === 'reversed' ? (told.reason ?? 'refused') : null;
  await transaction.query(sql.typeAlias('void')`
    UPDATE payouts SET status = ${status}, waits_for = NULL, failure = ${failure && cutTo(failure, 500)},
      provider_payout_id = coalesce(${told.payoutId}, provider_payout_id),
      settled_at = CASE WHEN ${status} IN ('processed', 'failed', 'reversed') THEN ${origin.now}::timestamptz END
    WHERE process_id = ${payout.process_id}
  `);
}

async function closePromise(transaction: Transaction, { promise_id }: PayoutRow, now: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE promises SET done_at = ${now}::timestamptz WHERE id = ${promise_id} AND done_at IS NULL
  `);
}

/** Nothing is paid there by itself again, before it was checked anew. */
async function failDestination(
  transaction: Transaction,
  { destination_id }: PayoutRow,
  { reason }: ToldPayout,
  now: string,
): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE payout_destinations SET status = 'failed', reason = ${reason && cutTo(reason, 500)},
      checked_at = ${now}::timestamptz
    WHERE id = ${destination_id}
  `);
}

/** The provider says that it paid what it had refused, or was never asked for: the books cannot say so, and somebody looks. */
async function contradict(
  transaction: Transaction,
  payout: PayoutRow,
  told: ToldPayout,
  { now }: Origin,
): Promise<Outcome> {
  await openTask(transaction, {
    key: `unmatched_payout_${payout.provider}_${told.payoutId ?? payout.process_id}`,
    kind: 'unmatched_payout',
    processId: payout.process_id,
    details: {
      why: payout.status === 'failed' ? 'paid_after_it_was_refused' : 'never_asked_for',
      provider: payout.provider,
      provider_payout_id: told.payoutId,
      state: told.state,
      amount_minor: payout.net.toString(),
      currency: payout.currency,
    },
    now,
  });
  return 'noted';
}

async function closeTasks(transaction: Transaction, payout: PayoutRow, outcome: string, now: string): Promise<void> {
  for (const key of [`stuck_payout_${payout.process_id}`, floatTaskKey(payout)].sort()) {
    await closeTask(transaction, key, { outcome }, null, now);
  }
}

const floatTaskKey = ({ provider, currency }: Pick<PayoutRow, 'provider' | 'currency'>): string =>
  `low_float_${provider}_${currency}`;

/** What there is to pay out from does not cover it: it waits, and an operator is told. */
export async function waitForFunds(
  pool: Pool,
  payout: PayoutRow,
  available: bigint | null,
  now: string,
): Promise<void> {
  await setWaits(pool, payout.process_id, 'funds');
  await openTask(pool, {
    key: floatTaskKey(payout),
    kind: 'low_float',
    processId: null,
    details: {
      provider: payout.provider,
      currency: payout.currency,
      available_minor: available?.toString() ?? null,
      needed_minor: payout.net.toString(),
    },
    now,
    anew: true,
  });
}
