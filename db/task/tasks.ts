import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { lockRefundRow, lockTaskRow } from '../process/locks.ts';

export const TASK_KINDS = [
  'dispute',
  'unmatched_capture',
  'stuck_refund',
  'charge_back',
  'held_up',
  'parked_deal',
  'parked_command',
  'activity_fails',
  'order_unasked',
  'undeliverable',
  'webhook_disabled',
  'payout_approval',
  'unmatched_payout',
  'low_float',
  'stuck_payout',
  'evidence_refused',
  'difference',
] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

export type NewTask = {
  /** Derived from what it is about: asking twice makes one task. */
  key: string;
  kind: TaskKind;
  processId: string | null;
  details: Record<string, unknown>;
  now: string;
  /** Whether details that are told later replace those of a task that is open. */
  anew?: boolean;
};

/** Asks an operator to look at something, once per key; asked again after it was closed, it is open again. */
export async function openTask(executor: Executor, task: NewTask): Promise<void> {
  const { key, kind, processId, details, now, anew = false } = task;
  await executor.query(sql.typeAlias('void')`
    INSERT INTO tasks (id, key, kind, process_id, details, opened_at)
    VALUES (${uuid()}, ${key}, ${kind}, ${processId}, ${sql.jsonb(details as never)}, ${now}::timestamptz)
    ON CONFLICT (key) DO UPDATE SET details = EXCLUDED.details,
      process_id = coalesce(tasks.process_id, EXCLUDED.process_id),
      opened_at = CASE WHEN tasks.closed_at IS NULL THEN tasks.opened_at ELSE EXCLUDED.opened_at END,
      closed_at = NULL, decision = NULL, decided_by = NULL,
      claimed_by = CASE WHEN tasks.closed_at IS NULL THEN tasks.claimed_by END,
      claimed_at = CASE WHEN tasks.closed_at IS NULL THEN tasks.claimed_at END
    WHERE tasks.closed_at IS NOT NULL OR ${anew}
  `);
}

/** Closes a task by key; nothing happens where it is closed or was never opened. */
export async function closeTask(
  executor: Executor,
  key: string,
  decision: Record<string, unknown>,
  decidedBy: string | null,
  now: string,
): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE tasks SET closed_at = ${now}::timestamptz, decision = ${sql.jsonb(decision as never)}, decided_by = ${decidedBy}
    WHERE key = ${key} AND closed_at IS NULL
  `);
}

/** A decision about a task that was closed with another: what is decided in the end is what is kept. */
export async function decideAnew(
  executor: Executor,
  key: string,
  decision: Record<string, unknown>,
  decidedBy: string | null,
  now: string,
): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE tasks SET closed_at = ${now}::timestamptz, decision = ${sql.jsonb(decision as never)}, decided_by = ${decidedBy}
    WHERE key = ${key}
  `);
}

const taskRow = z.object({
  id: z.string(),
  key: z.string(),
  kind: z.custom<TaskKind>(),
  process_id: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
  opened_at: z.string(),
  closed_at: z.string().nullable(),
  decision: z.record(z.string(), z.unknown()).nullable(),
  decided_by: z.string().nullable(),
  claimed_by: z.string().nullable(),
  claimed_at: z.string().nullable(),
});
export type Task = z.infer<typeof taskRow>;

const COLUMNS = sql.fragment`id, key, kind, process_id, details, opened_at, closed_at, decision, decided_by, claimed_by,
  claimed_at`;

/** Tasks, newest first; `before` is the last one's opened_at and id. */
export async function listTasks(
  executor: Executor,
  filter: { open: boolean; kind: TaskKind | null; limit: number; before: { openedAt: string; id: string } | null },
): Promise<readonly Task[]> {
  return executor.any(sql.type(taskRow)`
    SELECT ${COLUMNS} FROM tasks
    WHERE (closed_at IS NULL) = ${filter.open} AND (${filter.kind}::text IS NULL OR kind = ${filter.kind})
      AND (${filter.before?.id ?? null}::uuid IS NULL
        OR (opened_at, id) < (${filter.before?.openedAt ?? null}::timestamptz, ${filter.before?.id ?? null}::uuid))
    ORDER BY opened_at DESC, id DESC LIMIT ${filter.limit}
  `);
}

export async function findTask(executor: Executor, id: string): Promise<Task | null> {
  return executor.maybeOne(sql.type(taskRow)`SELECT ${COLUMNS} FROM tasks WHERE id = ${id}`);
}

/**
 * A task that is to be decided about, locked until the transaction ends: nobody else decides meanwhile. What it is about
 * is locked first, since what happens to that is booked in this order.
 */
export async function lockTask(transaction: Transaction, { id, kind, details }: Task): Promise<Task | null> {
  if (kind === 'stuck_refund') await lockRefundRow(transaction, String(details.refund_id));
  await lockTaskRow(transaction, id);
  return findTask(transaction, id);
}
