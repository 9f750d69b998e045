import { z } from 'zod';
import { asChargeBack, type ChargeBackStep } from '#workflows/chargeBack/terms.ts';
import { evidenceFor, textIn } from '#workflows/chargeBack/view.ts';
import type { ProviderName } from '#workflows/payment/fact.ts';
import { cutTo } from '#workflows/text.ts';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';
import { findProcess, listSteps, lockProcess } from '../process/processes.ts';
import { appendOwnStep } from '../process/step.ts';
import type { Origin, StoredProcess } from '../process/stored.ts';
import { openTask } from '../task/tasks.ts';
import { listWholeFiles, type WholeFile } from './files.ts';

/** Of one whose handing in was never answered: under its key it is handed in once. */
const ASKED_AGAIN_AFTER = '10 minutes';
const STEPS_AT_MOST = 500;
/** What a bank's clerk reads. */
const TEXT_MAX = 20_000;

const isDue = (now: string) => sql.fragment`(evidence IS NULL
  OR (evidence = 'asked' AND evidence_at <= ${now}::timestamptz - ${ASKED_AGAIN_AFTER}::interval))`;

/** Charge-backs whose evidence is to be handed in, the oldest first. */
export async function listEvidenceDue(executor: Executor, now: string, limit: number): Promise<readonly string[]> {
  return executor.anyFirst(sql.typeAlias('id')`
    SELECT process_id AS id FROM charge_backs JOIN processes ON processes.id = process_id
    WHERE state = 'submitted' AND ${isDue(now)}
    ORDER BY process_id LIMIT ${limit}
  `);
}

const claimed = z.object({
  provider: z.custom<ProviderName>(),
  dispute_id: z.string(),
  payment_id: z.string().nullable(),
  payment_process_id: z.string().nullable(),
  due: z.boolean(),
});
export type ClaimedEvidence = {
  key: string;
  provider: ProviderName;
  disputeId: string;
  text: string;
  files: readonly WholeFile[];
};

/** What is to be handed in, written down as asked for before it is. Null where nothing is. */
export async function claimEvidence(pool: Pool, processId: string, origin: Origin): Promise<ClaimedEvidence | null> {
  return pool.transaction(async (transaction) => {
    const stored = await lockProcess(transaction, processId);
    if (stored?.process.state !== 'submitted') return null;
    const row = await transaction.one(sql.type(claimed)`
      SELECT charge_backs.provider, disputes.dispute_id, payment_id, payment_process_id, ${isDue(origin.now)} AS due
      FROM charge_backs JOIN disputes ON disputes.id = charge_backs.dispute_id
      WHERE charge_backs.process_id = ${processId}
    `);
    // Somebody else has it.
    if (!row.due) return null;
    // Nobody contests it; or its provider has no name for the dispute that could be asked by.
    const isNone = !asChargeBack(stored.process).terms.contested || row.dispute_id.startsWith('of_');
    await setEvidence(transaction, processId, isNone ? 'none' : 'asked', origin.now);
    if (isNone) return null;
    const text = await evidenceText(transaction, stored, row);
    const files = await listWholeFiles(transaction, processId);
    return { key: `evidence_${processId}`, provider: row.provider, disputeId: row.dispute_id, text, files };
  });
}

async function setEvidence(executor: Executor, processId: string, evidence: string, now: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE charge_backs SET evidence = ${evidence}, evidence_at = ${now}::timestamptz WHERE process_id = ${processId}
  `);
}

/** What was paid for and what was done about it, by our books, and then what people say. */
async function evidenceText(
  executor: Executor,
  { process }: StoredProcess,
  { payment_id, payment_process_id }: z.infer<typeof claimed>,
): Promise<string> {
  const { terms } = asChargeBack(process);
  const steps = (await listSteps(executor, process.id, 0, STEPS_AT_MOST)) as ChargeBackStep[];
  const paid = payment_process_id === null ? null : await findProcess(executor, payment_process_id);
  const done = paid ? await listSteps(executor, paid.process.id, 0, STEPS_AT_MOST) : [];
  const lines = [
    `Payment ${payment_id}: ${textIn(terms.amount, terms.currency)} ${terms.currency} is disputed.`,
    ...(paid ? [`It was paid for a ${paid.process.kind}, ${paid.process.id}, which is in ${paid.process.state}.`] : []),
    ...done.map(({ at, on, by }) => `${at}: ${on.replaceAll('_', ' ')}, by the ${by.replaceAll('_', ' ')}`),
    ...payerLast(evidenceFor('admin', steps)).map(({ by, at, text }) => `${at}, the ${by} says: ${text}`),
  ];
  return cutTo(lines.join('\n'), TEXT_MAX);
}

/** What is cut off for its length are words of whoever had the money taken back. */
function payerLast<Said extends { by: string }>(all: readonly Said[]): readonly Said[] {
  return [...all].sort((one, other) => Number(one.by === 'payer') - Number(other.by === 'payer'));
}

/** What came of handing it in; where the provider takes none, an operator is told. */
export async function endEvidence(
  pool: Pool,
  processId: string,
  outcome: { status: 'sent' } | { status: 'refused'; why: string },
  origin: Origin,
): Promise<void> {
  await pool.transaction(async (transaction) => {
    const stored = await lockProcess(transaction, processId);
    if (!stored) return;
    await setEvidence(transaction, processId, outcome.status, origin.now);
    if (outcome.status === 'refused') await tellOperator(transaction, processId, outcome.why, origin.now);
    else if (stored.process.state === 'submitted') {
      await appendOwnStep(transaction, stored, { on: 'evidence_sent', by: 'system', data: {} }, origin);
    }
  });
}

async function tellOperator(transaction: Transaction, processId: string, why: string, now: string): Promise<void> {
  await openTask(transaction, {
    key: `evidence_refused_${processId}`,
    kind: 'evidence_refused',
    processId,
    details: { why: cutTo(why, 500) },
    now,
  });
}

const asked = z.object({ process_id: z.string(), provider: z.custom<ProviderName>(), dispute_id: z.string() });

/** Disputes without a word, to be asked about: an hour after they were handed in, then after 2, 4, … hours, then daily. */
export async function claimDisputesToAsk(
  executor: Executor,
  now: string,
  limit: number,
): Promise<readonly z.infer<typeof asked>[]> {
  return executor.any(sql.type(asked)`
    UPDATE charge_backs SET asked = asked + 1, asked_at = ${now}::timestamptz
    FROM disputes
    WHERE disputes.id = charge_backs.dispute_id AND disputes.dispute_id NOT LIKE 'of\_%' AND charge_backs.process_id IN (
      SELECT process_id FROM charge_backs JOIN processes ON processes.id = process_id
      WHERE state IN ('submitted', 'undecided') AND evidence IN ('sent', 'refused', 'none')
        AND coalesce(asked_at, evidence_at) + least(2 ^ asked, 24) * interval '1 hour' <= ${now}::timestamptz
      ORDER BY process_id LIMIT ${limit}
    )
    RETURNING charge_backs.process_id, charge_backs.provider, disputes.dispute_id
  `);
}
