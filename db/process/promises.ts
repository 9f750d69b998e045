import { z } from 'zod';
import type { Leg, Process } from '#workflows/process/machine.ts';
import { rowsOf } from '../kinds.ts';
import { type Transfer, transferAll } from '../money/ledger.ts';
import { tellOfTransfer } from '../money/walletEvents.ts';
import { findStanding } from '../payment/disputes.ts';
import { duePayout } from '../payment/payouts.ts';
import { coverRefund, insertRefund } from '../payment/refunds.ts';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';
import { closeTask, openTask } from '../task/tasks.ts';
import { writeNote } from './notes.ts';
import { accountsOf } from './places.ts';
import { lockProcess } from './processes.ts';
import { ringSoon } from './ringing.ts';
import { appendOwnStep } from './step.ts';
import type { Origin, StoredProcess } from './stored.ts';

const promiseRow = z.object({
  id: z.string(),
  kind: z.string(),
  amount: z.bigint(),
  asset: z.custom<Process['asset']>(),
  legs: z.custom<readonly Leg[]>(),
  capture_id: z.string().nullable(),
  moved_at: z.string().nullable(),
  held_up_at: z.string().nullable(),
});
type PromiseRow = z.infer<typeof promiseRow>;

/**
 * Carries out a promise, once: its legs as one transfer, the step that tells of it, and, where a leg goes to a provider,
 * the row by which that is asked. One transaction; called again it changes nothing. What is to be paid out of a payment
 * that is disputed at its bank waits, and both sides and an operator are told: the money may be taken from us.
 */
export async function carryPromise(pool: Pool, processId: string, promiseId: string, origin: Origin): Promise<void> {
  await pool.transaction(async (transaction) => {
    const stored = await lockProcess(transaction, processId);
    const promise = await findPromise(transaction, processId, promiseId);
    if (!stored || !promise || promise.moved_at) return;
    const standing = takesFromEscrow(promise) ? await findStanding(transaction, processId) : null;
    const isCovered = standing !== null && isGivenBack(promise) && promise.amount <= standing.uncovered;
    if (standing?.holdsUp && !isCovered) return holdUp(transaction, stored, promise, origin);
    await move(transaction, stored, promise, isCovered, origin);
  });
}

const takesFromEscrow = ({ legs }: PromiseRow) => legs.some(({ place }) => place === 'escrow');
const isGivenBack = ({ legs }: PromiseRow) => legs.some(({ place }) => place === 'refund');
const isPaidOut = ({ legs }: PromiseRow) => legs.some(({ place, amount }) => place === 'payout' && BigInt(amount) > 0n);

async function move(
  transaction: Transaction,
  stored: StoredProcess,
  promise: PromiseRow,
  isCovered: boolean,
  origin: Origin,
): Promise<void> {
  const { process } = stored;
  const { now } = origin;
  const { id, kind, amount, asset, legs } = promise;
  const { tells: tellings, tellsWallets = false, alongside } = rowsOf(process.kind);
  const tells = tellings[kind];
  if (!tells) throw new RangeError(`${process.kind} has no step that tells of ${kind}`);
  const move: Transfer = {
    key: `${kind}_${id}`,
    reason: tells,
    conversationId: process.id,
    occurredAt: now,
    legs: accountsOf(legs, { ...stored, process: { ...process, asset } }),
  };
  const moves = [move, ...(alongside?.(stored, { kind }, now) ?? [])];
  await transferAll(transaction, moves);
  const called = isGivenBack(promise) || isPaidOut(promise);
  await transaction.query(sql.typeAlias('void')`
    UPDATE promises SET moved_at = ${now}::timestamptz, held_up_at = NULL,
      done_at = CASE WHEN ${!called} THEN ${now}::timestamptz END
    WHERE id = ${id}
  `);
  if (isPaidOut(promise)) await duePayout(transaction, process.id, id);
  const refundId = isGivenBack(promise)
    ? await insertRefund(transaction, {
        promiseId: id,
        captureId: promise.capture_id as string,
        amount,
        currency: asset,
        now,
      })
    : null;
  const data = { amount: arrived(legs).toString(), promise_id: id };
  const after = await appendOwnStep(transaction, stored, { on: tells, by: 'system', data }, origin);
  if (tellsWallets) for (const each of moves) await tellOfTransfer(transaction, each);
  // The bank has given this back already: what it took from us is what was to be refunded.
  if (refundId && isCovered) await coverRefund(transaction, refundId, after, origin);
}

/** What reached those it was promised to: what the platform keeps is not said to them. */
function arrived(legs: readonly Leg[]): bigint {
  return legs
    .filter(({ place, amount }) => place !== 'fee' && BigInt(amount) > 0n)
    .reduce((sum, { amount }) => sum + BigInt(amount), 0n);
}

async function holdUp(
  transaction: Transaction,
  stored: StoredProcess,
  promise: PromiseRow,
  { now, systemUserId }: Origin,
): Promise<void> {
  if (promise.held_up_at) return;
  const { id } = stored.process;
  await transaction.query(sql.typeAlias('void')`
    UPDATE promises SET held_up_at = ${now}::timestamptz WHERE id = ${promise.id}
  `);
  await openTask(transaction, {
    key: heldUpKey(id),
    kind: 'held_up',
    processId: id,
    details: { promise: promise.kind, amount_minor: promise.amount.toString(), asset: promise.asset },
    now,
  });
  const note = rowsOf(stored.process.kind).heldUpOf(stored, 'held_up', { now, systemUserId });
  await writeNote(transaction, id, note, now);
}

const heldUpKey = (processId: string): string => `held_up_${processId}`;

/**
 * What waited for a dispute goes on: it was won, or an operator decided so. Under the process's lock; its workflow is
 * rung for. Last in its transaction. False where nothing waited.
 */
export async function letGoOn(
  transaction: Transaction,
  stored: StoredProcess,
  decision: Record<string, unknown>,
  decidedBy: string | null,
  { now, systemUserId }: Pick<Origin, 'now' | 'systemUserId'>,
): Promise<boolean> {
  const { id, kind } = stored.process;
  const { rowCount } = await transaction.query(sql.typeAlias('void')`
    UPDATE promises SET held_up_at = NULL WHERE process_id = ${id} AND held_up_at IS NOT NULL
  `);
  await closeTask(transaction, heldUpKey(id), decision, decidedBy, now);
  if (rowCount === 0) return false;
  await ringSoon(transaction, [id], now);
  await writeNote(transaction, id, rowsOf(kind).heldUpOf(stored, 'goes_on', { now, systemUserId }), now);
  return true;
}

async function findPromise(transaction: Transaction, processId: string, id: string): Promise<PromiseRow | null> {
  return transaction.maybeOne(sql.type(promiseRow)`
    SELECT id, kind, amount, asset, legs, capture_id, moved_at, held_up_at FROM promises
    WHERE id = ${id} AND process_id = ${processId}
  `);
}

const age = z.object({ seconds: z.number().nullable() });

/** Age in seconds of the oldest promise whose money has not moved; null where there is none. */
export async function findOldestPromise(executor: Executor, now: string): Promise<number | null> {
  const { seconds } = await executor.one(sql.type(age)`
    SELECT extract(epoch FROM ${now}::timestamptz - (
      SELECT made_at FROM promises WHERE moved_at IS NULL ORDER BY made_at LIMIT 1
    ))::float8 AS seconds
  `);
  return seconds;
}
