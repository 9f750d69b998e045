import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { lockTaskRow } from '../process/locks.ts';
import { findTask, type Task } from './tasks.ts';

/** What administrators say about a task, and who is at it. */

const noteRow = z.object({
  kind: z.enum(['note', 'claim', 'unclaim', 'decision', 'opened_anew']),
  by_id: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
  at: z.string(),
});
export type Note = z.infer<typeof noteRow>;

/** The first first; what is beyond a thousand is somebody's novel. */
export async function listNotes(executor: Executor, taskId: string): Promise<readonly Note[]> {
  return executor.any(sql.type(noteRow)`
    SELECT kind, by_id, data, at FROM task_notes WHERE task_id = ${taskId} ORDER BY id LIMIT 1000
  `);
}

async function insertNote(
  executor: Executor,
  note: { taskId: string; kind: Note['kind']; by: string; data: Record<string, unknown>; now: string },
): Promise<void> {
  const { taskId, kind, by, data, now } = note;
  await executor.query(sql.typeAlias('void')`
    INSERT INTO task_notes (task_id, kind, by_id, data, at)
    VALUES (${taskId}, ${kind}, ${by}, ${sql.jsonb(data as never)}, ${now}::timestamptz)
  `);
}

/** Says something about a task, be it closed. NOT_FOUND. */
export async function addNote(
  transaction: Transaction,
  taskId: string,
  { text, by, now }: { text: string; by: string; now: string },
): Promise<void> {
  await getLocked(transaction, taskId);
  await insertNote(transaction, { taskId, kind: 'note', by, data: { text }, now });
}

/** Takes a task up, or lays it down (`by` null): claimed again by the same, nothing changes. NOT_FOUND, CONFLICT. */
export async function setClaim(
  transaction: Transaction,
  taskId: string,
  { claims, by, now }: { claims: boolean; by: string; now: string },
): Promise<void> {
  const task = await getLocked(transaction, taskId);
  if (task.closed_at !== null) throw new Failure('CONFLICT', 'This task is closed already.');
  await refuseClaimed(transaction, task, by);
  if ((task.claimed_by === by) === claims) return;
  await transaction.query(sql.typeAlias('void')`
    UPDATE tasks SET claimed_by = ${claims ? by : null}, claimed_at = ${claims ? now : null}::timestamptz
    WHERE id = ${taskId}
  `);
  await insertNote(transaction, { taskId, kind: claims ? 'claim' : 'unclaim', by, data: {}, now });
}

/** CONFLICT where somebody else is at it, who is named. */
export async function refuseClaimed(executor: Executor, { claimed_by }: Task, by: string): Promise<void> {
  if (claimed_by === null || claimed_by === by) return;
  const { handle } = await executor.one(sql.type(z.object({ handle: z.string() }))`
    SELECT handle FROM users WHERE id = ${claimed_by}
  `);
  const { code, message, details } = refusalOf({ id: claimed_by, handle });
  throw new Failure(code, message, { details });
}

const holder = z.object({ id: z.string(), handle: z.string() });
type Holder = z.infer<typeof holder>;

/** Who is at the open task of a kind that a process has; null where nobody is. */
export async function findHolder(executor: Executor, processId: string, kind: string): Promise<Holder | null> {
  return executor.maybeOne(sql.type(holder)`
    SELECT users.id, handle FROM tasks JOIN users ON users.id = claimed_by
    WHERE process_id = ${processId} AND kind = ${kind} AND closed_at IS NULL ORDER BY claimed_at LIMIT 1
  `);
}

/** What somebody else is told who would decide meanwhile. */
export function refusalOf({ id, handle }: Holder) {
  const details = { claimed_by: id, claimed_by_handle: handle };
  return { code: 'CONFLICT' as const, message: `${handle} is at this task.`, details };
}

async function getLocked(transaction: Transaction, taskId: string): Promise<Task> {
  await lockTaskRow(transaction, taskId);
  const task = await findTask(transaction, taskId);
  if (!task) throw new Failure('NOT_FOUND', 'There is no such task.');
  return task;
}
