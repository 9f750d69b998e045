import { z } from 'zod';
import type { Executor } from '#db/pool.ts';
import { decisionsOn } from '#db/task/decisions.ts';
import { findTask, TASK_KINDS, type Task } from '#db/task/tasks.ts';
import { id, instant } from '#workflows/deal/contract.ts';
import { Failure } from '#workflows/failures.ts';

export const task = z
  .object({
    id,
    kind: z.enum(TASK_KINDS),
    conversation_id: id.nullable(),
    details: z.record(z.string(), z.unknown()).describe('What it is about; amounts in minor units'),
    decisions: z.array(z.string()).describe('What may be decided'),
    claimed_by: id.nullable().describe('Who is at it'),
    claimed_at: instant.nullable(),
    opened_at: instant,
    closed_at: instant.nullable(),
    decision: z.record(z.string(), z.unknown()).nullable(),
    decided_by: id.nullable(),
  })
  .meta({ id: 'Task' });

export function givenTask(found: Task | null): Task {
  if (!found) throw new Failure('NOT_FOUND', 'There is no such task.');
  return found;
}

/** NOT_FOUND. */
export async function getTaskView(executor: Executor, taskId: string): Promise<z.infer<typeof task>> {
  return viewTask(givenTask(await findTask(executor, taskId)));
}

export function viewTask(found: Task): z.infer<typeof task> {
  const { key: _, process_id: conversation_id, ...row } = found;
  return { ...row, conversation_id, decisions: [...decisionsOn(found)] };
}
