import { Failure } from '#workflows/failures.ts';
import { machineOf } from '#workflows/kinds.ts';
import { decide } from '#workflows/process/machine.ts';
import type { Transaction } from '../pool.ts';
import { lockProcess } from '../process/processes.ts';
import { appendOwnStep, expireIfDue } from '../process/step.ts';
import type { Origin } from '../process/stored.ts';
import { requireCreator } from './streams.ts';
import { noStream } from './watching.ts';

/**
 * Puts off a stream that has not begun, for its creator: no button of its process, as its page asks for the instant.
 * NOT_FOUND; FLOW_STATE_INVALID once it has begun.
 */
export async function rescheduleStream(
  transaction: Transaction,
  { id, creatorId, startsAt }: { id: string; creatorId: string; startsAt: string },
  origin: Origin,
): Promise<void> {
  await requireCreator(transaction, id, creatorId);
  const before = await lockProcess(transaction, id);
  const isOver = before !== null && (await expireIfDue(transaction, before, origin));
  const stored = isOver ? await lockProcess(transaction, id) : before;
  if (!stored) throw noStream();
  const step = { on: 'reschedule', by: 'system' as const, data: { starts_at: startsAt } };
  const command = { ...step, actor: null, correlationId: origin.correlationId };
  const decision = decide(machineOf('stream'), stored.process, command, { now: origin.now, feeBps: 0 });
  if ('refusal' in decision) {
    const { code, message, details } = decision.refusal;
    throw new Failure(code, message, { details });
  }
  await appendOwnStep(transaction, stored, step, origin);
}
