import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { machineOf } from '#workflows/kinds.ts';
import type { Refusal, Step, StepData } from '#workflows/process/machine.ts';
import { retryRefund } from '../payment/refunds.ts';
import { type Pool, sql, type Transaction } from '../pool.ts';
import { findHolder, refusalOf } from '../task/notes.ts';
import { append } from './append.ts';
import { decidePrepared } from './prepared.ts';
import { listSteps, lockProcess } from './processes.ts';
import { expireIfDue, stepWithAll } from './step.ts';
import type { Origin, StoredProcess } from './stored.ts';

export type OperatorCommand = {
  processId: string;
  /** The last step that whoever asks knows of. */
  known: number;
  on: string;
  data: Readonly<Record<string, unknown>>;
  /** Who sent it: kept with the step, as there is no account behind it. */
  identity: string;
};

/** So many steps after what is known are looked through for one that was made before. */
const LOOKED_THROUGH = 1_000;

/**
 * Gives a command by `admin` for an operator who has no account here (the Temporal Web UI), once: asked again, as after
 * a crash behind the commit, it finds its own step. A deadline that has passed is applied first. Throws what the machine
 * refuses with; VALIDATION_FAILED where data is missing.
 */
export async function commandAsOperator(pool: Pool, asked: OperatorCommand, origin: Origin): Promise<void> {
  const refusal = await pool.transaction((transaction) => give(transaction, asked, origin));
  // Answered and not thrown in there: the expiry stays.
  if (refusal) throw new Failure(refusal.code, refusal.message, { details: refusal.details });
}

async function give(transaction: Transaction, asked: OperatorCommand, origin: Origin): Promise<Refusal | null> {
  const { processId, known, on, data, identity } = asked;
  const stored = await getLocked(transaction, processId);
  const steps = await listSteps(transaction, processId, known, LOOKED_THROUGH);
  const current = (await expireIfDue(transaction, stored, origin)) ? await getLocked(transaction, processId) : stored;
  const machine = machineOf(current.process.kind);
  const command = { on, by: 'admin', actor: null, data, correlationId: origin.correlationId };
  const at = { now: origin.now, feeBps: 0 };
  const decision = await decidePrepared(transaction, current, command, origin);
  if (steps.some((step) => isThis(step, asked, dataOf(machine.accept(stored.process, command, at))))) return null;
  if ('refusal' in decision) return decision.refusal;
  if ('unchanged' in decision) return null;
  if ('missing' in decision) throw new Failure('VALIDATION_FAILED', `This needs ${decision.missing}.`);
  const step: Step = { ...decision.step, data: { ...decision.step.data, identity } };
  const rows = stepWithAll(current, step, { systemUserId: origin.systemUserId, factsFirst: false });
  const { closes } = rows.beside;
  const holder = closes?.tasks ? await findHolder(transaction, processId, closes.tasks) : null;
  // Whoever sends it has no account here; one whose name is that of whoever is at it is taken for them.
  if (holder !== null && holder.handle !== identity) return refusalOf(holder);
  await append(transaction, rows);
  return null;
}

function dataOf(accepted: ReturnType<ReturnType<typeof machineOf>['accept']>): StepData | null {
  return 'data' in accepted ? accepted.data : null;
}

async function getLocked(transaction: Transaction, processId: string): Promise<StoredProcess> {
  const stored = await lockProcess(transaction, processId);
  if (!stored) throw new Failure('NOT_FOUND', 'There is no such process.');
  return stored;
}

/** Whether a step is what was asked for: one of an administrator's without an account came by this door. */
function isThis({ on, by, actor, data }: Step, asked: OperatorCommand, accepted: StepData | null): boolean {
  if (on !== asked.on || by !== 'admin' || actor !== null || data.identity !== asked.identity) return false;
  return Object.entries(accepted ?? {}).every(([key, value]) => JSON.stringify(data[key]) === JSON.stringify(value));
}

const failedCall = z.object({ id: z.string(), status: z.string() });

/**
 * Makes every call of a process that failed due again, in the name of whoever asks. Answers how many are to be asked for
 * again, whoever made them so.
 */
export async function retryCalls(pool: Pool, processId: string, identity: string, now: string): Promise<number> {
  const found = await pool.any(sql.type(failedCall)`
    SELECT refunds.id, refunds.status FROM refunds JOIN promises ON promises.id = refunds.promise_id
    WHERE promises.process_id = ${processId}
      AND (refunds.status = 'failed' OR (refunds.status = 'due' AND attempt > 1))
    LIMIT 100
  `);
  let retried = 0;
  for (const { id, status } of found) {
    if (status === 'due' || (await retryRefund(pool, id, null, now, identity))) retried += 1;
  }
  return retried;
}
