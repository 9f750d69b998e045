import { traceparent } from '#program/trace.ts';
import { later } from '#workflows/durations.ts';
import { Failure } from '#workflows/failures.ts';
import { machineOf } from '#workflows/kinds.ts';
import { clockStep } from '#workflows/process/clock.ts';
import { evolve, refuseState } from '#workflows/process/machine.ts';
import type { Transaction } from '../pool.ts';
import { append, type Beside } from '../process/append.ts';
import { type Caller, roleIn } from '../process/door.ts';
import { lockProcess } from '../process/processes.ts';
import { expireIfDue } from '../process/step.ts';
import type { Origin } from '../process/stored.ts';

const NOTHING: Beside = { speech: null, events: [], told: false, orders: [], tasks: [], closes: null };

/**
 * Moves time on for one process by a step, which is all that changes: what has fallen due by it is for the workflow that
 * hears of the step, as ever. A deadline that has passed already is applied first. NOT_FOUND for strangers,
 * FLOW_STATE_INVALID where nothing waits for time.
 */
export async function moveClock(
  transaction: Transaction,
  { processId, caller, ms }: { processId: string; caller: Caller; ms: number },
  origin: Origin,
): Promise<void> {
  const stored = await lockProcess(transaction, processId);
  if (!stored) throw new Failure('NOT_FOUND', 'There is no such process.');
  roleIn(stored, caller);
  const current = (await expireIfDue(transaction, stored, origin)) ? await lockProcess(transaction, processId) : stored;
  if (!current) throw new Failure('NOT_FOUND', 'There is no such process.');
  const { process: before } = current;
  const machine = machineOf(before.kind);
  if (machine.deadlineOf(before) === null) {
    const { message, details } = refuseState(machine, before, 'expire', 'Nothing here waits for time.').refusal;
    throw new Failure('FLOW_STATE_INVALID', message, { details });
  }
  const now = later(origin.now, before.stepped_at);
  const step = clockStep(before, { ms, now, actor: caller.accountId, correlationId: origin.correlationId });
  const process = evolve(machine, before, step);
  await append(transaction, {
    taken: { step, before, process, messages: [] },
    deadline: machine.deadlineOf(process),
    factsFirst: false,
    answered: null,
    traceparent: traceparent(),
    promises: [],
    beside: NOTHING,
  });
}
