import { v7 as uuid } from 'uuid';
import { traceparent } from '#program/trace.ts';
import { machineOf } from '#workflows/kinds.ts';
import { decide, evolve, type Promised, type Step } from '#workflows/process/machine.ts';
import { announce } from '../event/announce.ts';
import { rowsOf } from '../kinds.ts';
import { transferAll } from '../money/ledger.ts';
import { eventsOfTransfer } from '../money/walletEvents.ts';
import { type Executor, inTransaction, type Transaction } from '../pool.ts';
import { append, type NewPromise, type StepRows } from './append.ts';
import { isAwaited } from './awaited.ts';
import type { Circumstance, KindRows, Via } from './kind.ts';
import { lockProcess } from './processes.ts';
import type { Origin, StoredProcess, Taken } from './stored.ts';

export type WriteOptions = {
  systemUserId: string;
  via?: Via | null;
  /** Where an order is made that the step asks for. */
  provider?: string;
  /** Refuse when a provider's fact waits to be booked. */
  factsFirst: boolean;
  /** What is remembered under which key; made when the step is known, since the step is part of it. */
  answered?: (taken: Taken) => StepRows['answered'];
};

/** A decided step with everything that comes with it. */
export function stepWithAll(stored: StoredProcess, step: Step, options: WriteOptions): StepRows {
  const before = stored.process;
  const machine = machineOf(before.kind);
  const process = evolve(machine, before, step);
  const { systemUserId, via = null, provider = '' } = options;
  const at: Circumstance = { systemUserId, via, provider };
  const beside = rowsOf(before.kind).besideOf(stored, step, process, at);
  const taken: Taken = { step, before, process, messages: beside.speech?.messages ?? [] };
  return {
    taken,
    deadline: machine.deadlineOf(process),
    factsFirst: options.factsFirst,
    answered: options.answered?.(taken) ?? null,
    traceparent: traceparent(),
    promises: machine.promisesOf(before, step).map((promised) => promiseOf(stored, promised)),
    beside,
  };
}

function promiseOf({ process, captureId }: StoredProcess, promised: Promised): NewPromise {
  const { kind, amount, legs } = promised;
  const isGivenBack = legs.some(({ place }) => place === 'refund');
  return {
    id: uuid(),
    kind,
    amount,
    asset: process.asset,
    legs,
    capture_id: promised.capture_id ?? (isGivenBack ? captureId : null),
  };
}

/**
 * Applies a deadline that has passed, as a step of its own; false when none has, or its kind has it wait. The process may be stale: then the
 * write conflicts and the caller reads again.
 */
export async function expireIfDue(executor: Executor, stored: StoredProcess, origin: Origin): Promise<boolean> {
  const { now, systemUserId, correlationId } = origin;
  const machine = machineOf(stored.process.kind);
  const deadline = machine.deadlineOf(stored.process);
  if (deadline === null || now < deadline) return false;
  const { atDeadline, moveAtDeadline } = rowsOf(stored.process.kind);
  if (moveAtDeadline) {
    const { id, entry } = stored.process;
    const work = (transaction: Transaction) => moveIfDue(transaction, { id, entry, moveAtDeadline }, origin);
    return inTransaction(executor, work);
  }
  const what = (await atDeadline?.(executor, stored, now)) ?? 'expire';
  if (what === 'wait') return false;
  const { on, data } = what === 'expire' ? { on: what, data: {} } : what;
  const command = { on, by: 'system', actor: null, data, correlationId };
  const decision = decide(machine, stored.process, command, { now, feeBps: 0 });
  if (!('step' in decision)) return false;
  await append(executor, stepWithAll(stored, decision.step, { systemUserId, factsFirst: true }));
  return true;
}

/** The same with what is moved by it, in one transaction: what is due is looked at again once the process is locked. */
async function moveIfDue(
  transaction: Transaction,
  { id, entry, moveAtDeadline }: { id: string; entry: number } & Required<Pick<KindRows, 'moveAtDeadline'>>,
  origin: Origin,
): Promise<boolean> {
  const stored = await lockProcess(transaction, id);
  // Whoever was faster may have had the next deadline begin: that is looked at by whoever comes to it.
  if (!stored || stored.factsWait || stored.process.entry !== entry) return false;
  const deadline = machineOf(stored.process.kind).deadlineOf(stored.process);
  if (deadline === null || origin.now < deadline) return false;
  const { on, data, moves, tells } = await moveAtDeadline(transaction, stored, origin.now);
  await transferAll(transaction, moves);
  await appendOwnStep(transaction, stored, { on, by: 'system', data }, origin);
  const told = [];
  for (const move of moves) told.push(...(await eventsOfTransfer(transaction, move)));
  await announce(transaction, [...told, ...tells]);
  return true;
}

/** What one waited for after its deadline is there: it goes on now, by a step that its workflow is told. Locked. */
export async function goOnAfterDeadline(
  transaction: Transaction,
  stored: StoredProcess,
  origin: Origin,
): Promise<StoredProcess> {
  const { process } = stored;
  const { goesOn: on } = rowsOf(process.kind);
  const deadline = machineOf(process.kind).deadlineOf(process);
  const waits = on !== undefined && deadline !== null && deadline <= origin.now && isAwaited(process, on);
  return waits ? appendOwnStep(transaction, stored, { on, by: 'system', data: {} }, origin) : stored;
}

/** Appends a step that is not a person's. The process is locked and the machine agrees, or this is a defect and throws. */
export async function appendOwnStep(
  transaction: Transaction,
  stored: StoredProcess,
  { on, by, data }: { on: string; by: 'provider' | 'system'; data: Record<string, unknown> },
  { now, systemUserId, correlationId }: Origin,
): Promise<StoredProcess> {
  const { process } = stored;
  const command = { on, by, actor: null, data, correlationId };
  const decision = decide(machineOf(process.kind), process, command, { now, feeBps: 0 });
  if (!('step' in decision)) throw new Error(`${on} does not fit ${process.kind} ${process.id} in ${process.state}`);
  const rows = stepWithAll(stored, decision.step, { systemUserId, factsFirst: false });
  if ((await append(transaction, rows)) !== 'written') throw new Error(`${process.id} moved under its lock`);
  return { ...stored, process: rows.taken.process };
}
