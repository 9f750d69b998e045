import { Failure } from '#workflows/failures.ts';
import { decidePublication } from '../event/publications.ts';
import { findStandingOfCapture, waiveDisputes } from '../payment/disputes.ts';
import { findRefund, makeRetry, settleByHand } from '../payment/refunds.ts';
import { refundFromSuspense } from '../payment/suspense.ts';
import type { Transaction } from '../pool.ts';
import { lockProcess } from '../process/processes.ts';
import { letGoOn } from '../process/promises.ts';
import type { Origin, StoredProcess } from '../process/stored.ts';
import { decideAnew, findTask, lockTask, type Task, type TaskKind } from './tasks.ts';

export const DECISIONS = ['rule', 'refund', 'retry', 'settle', 'go_on', 'approve', 'reject', 'dismiss'] as const;
export type Decision = (typeof DECISIONS)[number];

export type Decided = { decision: Decision; reason: string };
type Deciding = { task: Task; stored: StoredProcess | null; decided: Decided; by: string; origin: Origin };

type TaskEntry = {
  /** What may be decided. */
  decisions: readonly Decision[];
  /** Does it, with the process and the task locked; the decision itself is kept by the caller. */
  decide(transaction: Transaction, deciding: Deciding): Promise<void>;
};

const lookedAt: TaskEntry = { decisions: ['dismiss'], decide: async () => {} };

/** What waits for an operator, by kind: what may be decided about it, and how that is done. */
const TASKS: Record<TaskKind, TaskEntry> = {
  dispute: {
    decisions: ['rule'],
    decide() {
      throw new Error('a ruling is a step of its process, and is given at the door');
    },
  },
  unmatched_capture: {
    decisions: ['refund', 'dismiss'],
    async decide(transaction, { task, decided, origin }) {
      if (decided.decision === 'refund') {
        await refundFromSuspense(transaction, String(task.details.capture_id), origin.now);
      }
    },
  },
  stuck_refund: {
    decisions: ['retry', 'settle', 'dismiss'],
    async decide(transaction, { task, stored, decided, by, origin }) {
      const refundId = String(task.details.refund_id);
      const words = { ...decided };
      if (decided.decision === 'retry') {
        await refuseTwice(transaction, refundId);
        if (!(await makeRetry(transaction, refundId, words, by, origin.now))) throw notFailed();
      } else if (decided.decision === 'settle') {
        await refuseTwice(transaction, refundId);
        if (!(await settleByHand(transaction, refundId, stored, words, by, origin))) throw notFailed();
      }
    },
  },
  charge_back: { decisions: ['go_on', 'dismiss'], decide: decideOnDispute },
  held_up: { decisions: ['go_on'], decide: decideOnDispute },
  parked_deal: lookedAt,
  parked_command: lookedAt,
  activity_fails: lookedAt,
  order_unasked: lookedAt,
  undeliverable: {
    decisions: ['retry', 'dismiss'],
    decide: (transaction, { task, decided, origin }) =>
      decidePublication(transaction, String(task.details.message_id), decided.decision === 'dismiss', origin.now),
  },
  webhook_disabled: lookedAt,
  payout_approval: {
    decisions: ['approve', 'reject'],
    decide() {
      throw new Error('an approval is a step of its process, and is given at the door');
    },
  },
  unmatched_payout: lookedAt,
  low_float: lookedAt,
  stuck_payout: lookedAt,
  evidence_refused: lookedAt,
  difference: lookedAt,
};

/** What waits is carried out all the same: should the bank decide against us, the platform bears it. */
async function decideOnDispute(transaction: Transaction, { stored, decided, by, origin }: Deciding): Promise<void> {
  if (decided.decision !== 'go_on' || !stored) return;
  await waiveDisputes(transaction, stored.process.id, by, origin.now);
  await letGoOn(transaction, stored, { ...decided }, by, origin);
}

/** What the bank gives back, or has given back, is not given back by us too. */
async function refuseTwice(transaction: Transaction, refundId: string): Promise<void> {
  const refund = await findRefund(transaction, refundId);
  const standing = refund && (await findStandingOfCapture(transaction, refund.capture_id));
  if (standing?.holdsUp) {
    throw new Failure('CONFLICT', 'This payment is disputed at its bank: it would be given back twice.');
  }
}

function notFailed(): Failure {
  return new Failure('CONFLICT', 'This refund is not one that failed.');
}

/** What may be decided about a task. Only what lies in suspense can be given back from there. */
export function decisionsOn(task: Task): readonly Decision[] {
  const { kind, details, closed_at } = task;
  if (closed_at !== null) return isDismissedRefund(task) ? ['settle'] : [];
  return kind === 'unmatched_capture' && !details.capture_id ? ['dismiss'] : TASKS[kind].decisions;
}

/** A refund that failed is owed for as long as it has not arrived: that it was looked at does not end it. */
function isDismissedRefund({ kind, decision }: Pick<Task, 'kind' | 'decision'>): boolean {
  return kind === 'stuck_refund' && decision?.decision === 'dismiss';
}

/**
 * Decides on a task as it is under its lock, so that one of two who decide at once is told of the other. A decision that
 * was made is made: the same one again changes nothing. Whether this one changed anything. NOT_FOUND, CONFLICT,
 * VALIDATION_FAILED.
 */
export async function decideTask(
  transaction: Transaction,
  taskId: string,
  decided: Decided,
  by: string,
  origin: Origin,
): Promise<boolean> {
  const found = await findTask(transaction, taskId);
  const stored = found?.process_id ? await lockProcess(transaction, found.process_id) : null;
  const task = found && (await lockTask(transaction, found));
  if (!task) throw new Failure('NOT_FOUND', 'There is no such task.');
  const { decisions, decide } = TASKS[task.kind];
  if (task.closed_at && task.decision?.decision === decided.decision) return false;
  if (task.closed_at && !decisionsOn(task).includes(decided.decision)) {
    throw new Failure('CONFLICT', 'This task is closed already.', { details: { decision: task.decision } });
  }
  const allowed = decisionsOn(task);
  if (!allowed.includes(decided.decision)) {
    const problem = `can be ${(allowed.length > 0 ? allowed : decisions).join(' or ')} here`;
    throw new Failure('VALIDATION_FAILED', `decision ${problem}.`, {
      details: { fields: [{ field: 'decision', problem }] },
    });
  }
  await decide(transaction, { task, stored, decided, by, origin });
  await decideAnew(transaction, task.key, { ...decided }, by, origin.now);
  return true;
}
