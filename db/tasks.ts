import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { type Executor, sql, type Transaction } from './pool.ts';

export type TaskKind = 'dispute' | 'unmatched_capture' | 'stuck_refund' | 'charge_back' | 'parked_deal';

/** Asks an operator to look at something, once per key; asked again after it was closed, it is open again. */
export async function openTask(
  executor: Executor,
  task: { key: string; kind: TaskKind; conversationId: string | null; details: Record<string, unknown>; now: string },
): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    INSERT INTO tasks (id, key, kind, conversation_id, details, opened_at)
    VALUES (${uuid()}, ${task.key}, ${task.kind}, ${task.conversationId}, ${sql.jsonb(task.details as never)}, ${task.now}::timestamptz)
    ON CONFLICT (key) DO UPDATE SET details = EXCLUDED.details, opened_at = EXCLUDED.opened_at, closed_at = NULL,
      decision = NULL, decided_by = NULL
    WHERE tasks.closed_at IS NOT NULL
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

const taskRow = z.object({
  id: z.string(),
  key: z.string(),
  kind: z.custom<TaskKind>(),
  conversation_id: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
  opened_at: z.string(),
  closed_at: z.string().nullable(),
  decision: z.record(z.string(), z.unknown()).nullable(),
  decided_by: z.string().nullable(),
});
export type Task = z.infer<typeof taskRow>;

const COLUMNS = sql.fragment`id, key, kind, conversation_id, details, opened_at, closed_at, decision, decided_by`;

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
 * A task that is to be decided about, locked until the transaction ends: nobody else decides meanwhile. The refund that
 * one is about is locked first, since what its provider says is booked in that order.
 */
export async function lockTask(transaction: Transaction, id: string): Promise<Task | null> {
  await transaction.query(sql.typeAlias('void')`
    SELECT FROM refunds
    WHERE id = (SELECT (details ->> 'refund_id')::uuid FROM tasks WHERE id = ${id} AND kind = 'stuck_refund')
    FOR NO KEY UPDATE
  `);
  return transaction.maybeOne(sql.type(taskRow)`SELECT ${COLUMNS} FROM tasks WHERE id = ${id} FOR UPDATE`);
}
