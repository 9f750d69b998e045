import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import type { ProviderFact } from '#workflows/payment/fact.ts';
import { accounts, transfer } from '../money/ledger.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { lockDispute } from '../process/locks.ts';
import { closeTask, openTask } from '../task/tasks.ts';

const disputeRow = z.object({
  id: z.string(),
  provider: z.string(),
  dispute_id: z.string(),
  payment_id: z.string().nullable(),
  process_id: z.string().nullable(),
  amount: z.bigint(),
  currency: z.string(),
  state: z.enum(['open', 'won', 'lost']),
  lost: z.bigint(),
  bookings: z.int(),
});
export type DisputeRow = z.infer<typeof disputeRow>;

const SELECT = sql.fragment`
  SELECT id, provider, dispute_id, payment_id, process_id, amount, currency, state, lost, bookings FROM disputes`;

/** By our own id. */
export async function findDispute(executor: Executor, id: string): Promise<DisputeRow | null> {
  return executor.maybeOne(sql.type(disputeRow)`${SELECT} WHERE id = ${id}`);
}

/** A dispute is a thing of its own, by the provider's id; where it names none, there is one a payment. */
function disputeIdOf({ disputeId, paymentId }: Pick<ProviderFact, 'disputeId' | 'paymentId'>): string {
  return disputeId ?? `of_${paymentId}`;
}

/** What a fact says of its dispute: how it stands, and what the bank has taken by then. */
type Said = { state: DisputeRow['state']; lost: bigint };

/** By what the provider says of its state, and by no word in a reason. Null: a closing whose outcome is not known. */
function saidBy({ kind, outcome, amount, deducted, reinstated }: ProviderFact): Said | null {
  if (kind !== 'charge_back_closed') return { state: 'open', lost: 0n };
  if (outcome === 'won') return { state: 'won', lost: 0n };
  if (outcome === 'lost') return { state: 'lost', lost: BigInt(amount) };
  if (outcome !== 'partly') return null;
  return { state: 'lost', lost: BigInt(deducted ?? amount) - BigInt(reinstated ?? '0') };
}

/** Disputes go on this way and never back, but one that was lost may be won after all: old letters say nothing. */
const RANK: Record<DisputeRow['state'], number> = { open: 0, lost: 1, won: 2 };

/**
 * Books what a provider says of a dispute, in whatever order it comes: what was lost goes from the world into
 * charge-backs, and comes back where it is won after all. Under its process's lock. Answers the dispute as it stands
 * now where the fact was news, else null.
 */
export async function bookDispute(
  transaction: Transaction,
  fact: ProviderFact,
  processId: string | null,
  now: string,
): Promise<DisputeRow | null> {
  const { provider, paymentId, currency } = fact;
  const disputeId = disputeIdOf(fact);
  const said = saidBy(fact);
  if (!said) throw new Failure('VALIDATION_FAILED', `How the dispute ${disputeId} ended is not said.`);
  const { rowCount } = await transaction.query(sql.typeAlias('void')`
    INSERT INTO disputes (id, provider, dispute_id, payment_id, capture_id, process_id, amount, currency, state, opened_at)
    VALUES (${uuid()}, ${provider}, ${disputeId}, ${paymentId}, (
        SELECT id FROM captures WHERE provider = ${provider} AND payment_id = ${paymentId}
      ), ${processId}, ${fact.amount}::bigint, ${currency}, 'open', ${now}::timestamptz)
    ON CONFLICT (provider, dispute_id) DO NOTHING
  `);
  const isNew = rowCount === 1;
  await lockDispute(transaction, provider, disputeId);
  const known = await transaction.one(sql.type(disputeRow)`
    ${SELECT} WHERE provider = ${provider} AND dispute_id = ${disputeId}
  `);
  // What was told of before its payment was known is of that payment's process now.
  const process_id = known.process_id ?? processId;
  const isNews = isNew || RANK[said.state] > RANK[known.state];
  const dispute = { ...known, process_id, ...(isNews ? said : {}), bookings: known.bookings };
  const moved = dispute.lost - known.lost;
  await transaction.query(sql.typeAlias('void')`
    UPDATE disputes SET process_id = ${process_id}, state = ${dispute.state}, lost = ${dispute.lost},
      bookings = bookings + ${moved === 0n ? 0 : 1},
      capture_id = coalesce(capture_id, (
        SELECT id FROM captures WHERE captures.provider = disputes.provider AND captures.payment_id = disputes.payment_id
      )),
      closed_at = CASE WHEN ${dispute.state} = 'open' THEN NULL ELSE coalesce(closed_at, ${now}::timestamptz) END
    WHERE id = ${known.id}
  `);
  if (!isNews) return process_id === known.process_id ? null : dispute;
  await askOperator(transaction, dispute, fact, now);
  if (moved !== 0n) {
    await transfer(transaction, {
      key: `dispute_${known.id}_${known.bookings + 1}`,
      reason: moved > 0n ? 'charge_back_lost' : 'charge_back_won',
      conversationId: process_id,
      occurredAt: now,
      legs: [
        { account: accounts.chargeBack(provider, currency), amount: -moved },
        { account: accounts.external(provider, process_id ?? NO_PROCESS, currency), amount: moved },
      ],
    });
  }
  return dispute;
}

/** Picks the shard of what belongs to nothing of ours. */
const NO_PROCESS = '00';

const disputeTaskKey = ({ provider, dispute_id }: Pick<DisputeRow, 'provider' | 'dispute_id'>): string =>
  `charge_back_${provider}_${dispute_id}`;

/** One that is open, and one that was lost, is on an operator's list; one that was won is off it. */
async function askOperator(
  transaction: Transaction,
  dispute: DisputeRow,
  { reason, orderId }: ProviderFact,
  now: string,
): Promise<void> {
  const key = disputeTaskKey(dispute);
  if (dispute.state === 'won') return closeTask(transaction, key, { outcome: 'won' }, null, now);
  await openTask(transaction, {
    key,
    kind: 'charge_back',
    processId: dispute.process_id,
    details: {
      provider: dispute.provider,
      dispute_id: dispute.dispute_id,
      payment_id: dispute.payment_id,
      order_id: orderId,
      state: dispute.state,
      amount_minor: dispute.amount.toString(),
      lost_minor: dispute.lost.toString(),
      currency: dispute.currency,
      ...(reason && { reason }),
    },
    now,
    anew: true,
  });
}

const standing = z.object({ holds_up: z.boolean(), lost: z.bigint(), covered: z.bigint() });
export type Standing = {
  /** Whether what is to be paid out of the payment has to wait: a dispute is open or was lost, and nobody let it go on. */
  holdsUp: boolean;
  /** What the bank took from us in the end, less what refunds that were not made cover of it. */
  uncovered: bigint;
};

/** How the payment in a process's escrow stands with its bank; null where nobody disputes it. */
export async function findStanding(executor: Executor, processId: string): Promise<Standing | null> {
  return findStandingWhere(executor, sql.fragment`process_id = ${processId} AND disposition = 'escrow'`);
}

/** The same of one payment. */
export async function findStandingOfCapture(executor: Executor, captureId: string): Promise<Standing | null> {
  return findStandingWhere(executor, sql.fragment`id = ${captureId}`);
}

async function findStandingWhere(executor: Executor, which: ReturnType<typeof sql.fragment>): Promise<Standing | null> {
  const row = await executor.maybeOne(sql.type(standing)`
    SELECT bool_or(state <> 'won' AND waived_at IS NULL) AS holds_up, coalesce(sum(lost), 0)::bigint AS lost,
      (SELECT coalesce(sum(refunds.amount), 0)::bigint FROM refunds
        WHERE refunds.capture_id = capture.id AND covers) AS covered
    FROM (SELECT id, provider, payment_id FROM captures WHERE ${which}) AS capture
    JOIN disputes ON disputes.provider = capture.provider AND disputes.payment_id = capture.payment_id
    GROUP BY capture.id
  `);
  return row && { holdsUp: row.holds_up, uncovered: row.lost - row.covered };
}

/** An operator let go on what waits for this payment's disputes, lost ones too: the platform bears it. */
export async function waiveDisputes(
  transaction: Transaction,
  processId: string,
  by: string | null,
  now: string,
): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE disputes SET waived_at = ${now}::timestamptz, waived_by = ${by}
    WHERE process_id = ${processId} AND state <> 'won' AND waived_at IS NULL
  `);
}

/** A payment that was disputed before it was told of is known now, and whose it is. */
export async function addressDisputes(
  transaction: Transaction,
  capture: { id: string; provider: string; paymentId: string | null; processId: string | null },
): Promise<void> {
  const { id, provider, paymentId, processId } = capture;
  await transaction.query(sql.typeAlias('void')`
    WITH addressed AS (
      UPDATE disputes SET capture_id = ${id}, process_id = coalesce(process_id, ${processId}::uuid)
      WHERE provider = ${provider} AND payment_id = ${paymentId}
      RETURNING provider, dispute_id, process_id
    )
    UPDATE tasks SET process_id = addressed.process_id
    FROM addressed WHERE tasks.key = 'charge_back_' || addressed.provider || '_' || addressed.dispute_id
  `);
}
