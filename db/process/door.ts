import { z } from 'zod';
import { FAILURES, Failure, failureBody } from '#workflows/failures.ts';
import { machineOf } from '#workflows/kinds.ts';
import {
  type Command,
  type Decision,
  decide,
  type Process,
  type Refusal,
  type Step,
} from '#workflows/process/machine.ts';
import { noteWithin } from '../heard.ts';
import { rowsOf } from '../kinds.ts';
import { rehearse } from '../money/rehearsal.ts';
import { bookWaitingFacts } from '../payment/bookings.ts';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';
import { findHolder, refusalOf } from '../task/notes.ts';
import { type Answer, type AnswerKey, findAnswer } from './answers.ts';
import { type Append, append } from './append.ts';
import type { Via } from './kind.ts';
import { decidePrepared, isPrepared } from './prepared.ts';
import { findProcess, lockProcess } from './processes.ts';
import type { SeenProcesses } from './seen.ts';
import { expireIfDue, stepWithAll } from './step.ts';
import type { Origin, StoredProcess, Taken } from './stored.ts';

export type { Origin } from './stored.ts';

export type Caller = { accountId: string; roles: readonly string[] };

export type DoorRequest = {
  processId: string;
  /** Of this kind, or it is not there. */
  kind: string;
  caller: Caller;
  on: string;
  data: Record<string, unknown>;
  via: Via;
  key: AnswerKey | null;
  correlationId?: string | null;
};

export type DoorDeps = {
  pool: Pool;
  /** One of each a program: they hold connections and remember. */
  append: Append;
  seen: SeenProcesses;
  now: () => Date;
  systemUserId: string;
  feeBps: number;
  /** Where new orders are made. */
  provider: string;
};

export type DoorResult =
  | { kind: 'taken'; taken: Taken; stored: StoredProcess; answer: Answer; expired: boolean }
  | { kind: 'repeated'; answer: Answer }
  | { kind: 'refused'; refusal: Refusal; expired: boolean }
  /** Something was missing, or it holds already: no step was made. */
  | { kind: 'unchanged'; stored: StoredProcess; missing: string | null; answer: Answer };

/** Reads and decides without a lock this often; then under it, which always comes through. */
const OPTIMISTIC_TRIES = 4;
const MAX_TRIES = 50;

/**
 * A person's command: one step at most, decided by the pure machine on the process as it is under its row's lock.
 * Two round trips when nothing is in the way: read, then `append_step`, which refuses if the process has moved on since.
 * One, where this program wrote the last step itself and remembers the process.
 * A passed deadline and a provider's waiting fact are applied first, as steps of their own. What its kind prepares in the
 * database is prepared and decided under the lock at once.
 */
export async function takeStep(deps: DoorDeps, request: DoorRequest): Promise<DoorResult> {
  const { pool } = deps;
  const { processId } = request;
  let expired = false;
  const attempt = async (executor: Executor, stored: StoredProcess | null) =>
    attemptStep(deps, request, executor, stored, () => {
      expired = true;
    });
  const prepared = isPrepared(request.kind, request.on);
  const attemptNumber = async (tries: number): Promise<Attempt> => {
    if (tries === 0 && !prepared) return takeStepUnread(deps, request);
    if (tries <= OPTIMISTIC_TRIES && !prepared) return attempt(pool, await findProcess(pool, processId));
    return pool.transaction(async (transaction) => attempt(transaction, await lockProcess(transaction, processId)));
  };
  for (let tries = 0; tries <= MAX_TRIES; tries += 1) {
    const result = await attemptNumber(tries);
    if (result === 'repeated') {
      const answer = request.key && (await findAnswer(pool, request.key));
      if (answer) return { kind: 'repeated', answer };
    } else if (result === 'facts') {
      await bookWaitingFacts(pool, processId, originOf(deps, request));
    } else if (result !== 'again') {
      return 'expired' in result ? { ...result, expired } : result;
    }
  }
  throw tooMuch();
}

/**
 * What would come of a command: it is taken under the lock in a transaction that is undone, once `look` has seen what came
 * of it there. No key is used up. What providers said before is booked, as it would be by anybody who comes.
 */
export async function rehearseStep<Seen>(
  deps: DoorDeps,
  request: Omit<DoorRequest, 'key'>,
  look: (transaction: Transaction, result: DoorResult) => Promise<Seen>,
): Promise<Seen> {
  const apart = { ...deps, seen: NOT_TO_BE_SEEN };
  for (let tries = 0; tries <= MAX_TRIES; tries += 1) {
    const come = await rehearse(deps.pool, async (transaction) => {
      const result = await attemptWithin(apart, { ...request, key: null }, transaction);
      return result === 'facts' ? null : { seen: await look(transaction, result) };
    });
    if (come) return come.seen;
    await bookWaitingFacts(deps.pool, request.processId, originOf(deps, { ...request, key: null }));
  }
  throw tooMuch();
}

const NOT_TO_BE_SEEN: SeenProcesses = { take: () => null, put: () => {} };

async function attemptWithin(
  deps: DoorDeps,
  request: DoorRequest,
  transaction: Transaction,
): Promise<DoorResult | 'facts'> {
  for (let tries = 0; tries <= MAX_TRIES; tries += 1) {
    const stored = await lockProcess(transaction, request.processId);
    // Nobody rings for what time did: it is undone, too.
    const result = await attemptStep(deps, request, transaction, stored, () => {});
    if (result !== 'again' && result !== 'repeated') return result;
  }
  throw tooMuch();
}

function tooMuch(): Failure {
  return new Failure('UNAVAILABLE', 'Too much happens to this at once; try again.', { retryAfter: 1 });
}

function originOf(deps: DoorDeps, request: DoorRequest): Origin {
  const correlationId = request.correlationId ?? null;
  return { now: deps.now().toISOString(), systemUserId: deps.systemUserId, correlationId };
}

/** What an attempt came to: an end, or what is to be done before the next one. */
type Attempt = DoorResult | 'again' | 'repeated' | 'facts';

/**
 * The usual command: on the process as this program left it, one round trip. `again`, with nothing done, where that
 * gives no step or is out of date: refusals and expiries are decided on what was read, never on what is remembered.
 */
async function takeStepUnread(deps: DoorDeps, request: DoorRequest): Promise<Attempt> {
  const stored = deps.seen.take(request.processId);
  if (!stored || stored.process.kind !== request.kind) return 'again';
  const { process } = stored;
  const machine = machineOf(process.kind);
  const origin = originOf(deps, request);
  const deadline = machine.deadlineOf(process);
  if (deadline !== null && origin.now >= deadline) return 'again';
  const as = roleIn(stored, request.caller);
  // Whether somebody else is at it is looked up, too.
  if (as === 'admin') return 'again';
  const decision = decide(machine, process, commandOf(request, as), { now: origin.now, feeBps: deps.feeBps });
  if (!('step' in decision)) return 'again';
  return writeDecided(deps, request, deps.append, stored, as, decision.step);
}

function commandOf({ on, caller, data, correlationId }: DoorRequest, by: string): Command {
  return { on, by, actor: caller.accountId, data, correlationId: correlationId ?? null };
}

async function writeDecided(
  deps: DoorDeps,
  request: DoorRequest,
  write: Append,
  stored: StoredProcess,
  as: string,
  step: Step,
): Promise<Attempt> {
  const { systemUserId, provider } = deps;
  const { via, key } = request;
  const { answerOf } = rowsOf(stored.process.kind);
  const rows = stepWithAll(stored, step, {
    systemUserId,
    provider,
    via,
    factsFirst: true,
    answered: (taken) => key && { key, answer: answerOf(taken, as, via) },
  });
  const outcome = await write(rows);
  if (outcome !== 'written') return outcome === 'conflict' ? 'again' : 'repeated';
  const { taken, answered } = rows;
  deps.seen.put({ ...stored, process: taken.process });
  const answer = answered?.answer ?? answerOf(taken, as, via);
  return { kind: 'taken', taken, stored, answer, expired: false };
}

async function attemptStep(
  deps: DoorDeps,
  request: DoorRequest,
  executor: Executor,
  stored: StoredProcess | null,
  onExpired: () => void,
): Promise<Attempt> {
  if (!stored || stored.process.kind !== request.kind) throw notFound(request.kind);
  const as = roleIn(stored, request.caller);
  if (stored.factsWait) return 'facts';
  const origin = originOf(deps, request);
  const { now } = origin;
  if (await expireIfDue(executor, stored, origin)) {
    onExpired();
    return 'again';
  }
  const { process } = stored;
  if (isPrepared(process.kind, request.on)) {
    return attemptPrepared(deps, request, executor as Transaction, stored, { as, now });
  }
  const decided = decide(machineOf(process.kind), process, commandOf(request, as), { now, feeBps: deps.feeBps });
  return writeOrAnswer(deps, request, executor, stored, { as, decided });
}

/** What was prepared stands only where a step comes of it: thrown where the machine says otherwise, or its write does. */
class NoStep extends Error {
  readonly decided: Decision | null;
  readonly attempt: Attempt;

  constructor(decided: Decision | null, attempt: Attempt) {
    super('no step came of it');
    this.decided = decided;
    this.attempt = attempt;
  }
}

/** Prepares, decides and writes in a savepoint: whatever is not a step leaves nothing of it but its answer. */
async function attemptPrepared(
  deps: DoorDeps,
  request: DoorRequest,
  transaction: Transaction,
  stored: StoredProcess,
  { as, now }: { as: string; now: string },
): Promise<Attempt> {
  const command = { on: request.on, by: as, actor: request.caller.accountId, data: request.data };
  const origin = { now, correlationId: request.correlationId ?? null };
  try {
    return await transaction.transaction(async (nested) => {
      const savepoint = nested as Transaction;
      noteWithin(transaction, savepoint);
      const decided = await decidePrepared(savepoint, stored, command, origin, deps.feeBps);
      if (!('step' in decided)) throw new NoStep(decided, 'again');
      const attempt = await writeOrAnswer(deps, request, savepoint, stored, { as, decided });
      if (typeof attempt === 'string' || attempt.kind !== 'taken') throw new NoStep(null, attempt);
      return attempt;
    });
  } catch (error) {
    const decided = error instanceof NoStep ? error.decided : refusedBy(error);
    if (decided !== null) return writeOrAnswer(deps, request, transaction, stored, { as, decided });
    if (error instanceof NoStep) return error.attempt;
    throw error;
  }
}

/** A conflict that was met while it was prepared refuses the command like one that the machine finds. */
function refusedBy(error: unknown): { refusal: Refusal } | null {
  if (!(error instanceof Failure) || error.status !== 409) return null;
  return { refusal: { code: error.code, message: error.message, details: error.details } };
}

/** Writes the step that was decided on, or answers what else was. */
async function writeOrAnswer(
  deps: DoorDeps,
  request: DoorRequest,
  executor: Executor,
  stored: StoredProcess,
  { as, decided }: { as: string; decided: Decision },
): Promise<Attempt> {
  const { process } = stored;
  const decision = 'step' in decided ? await unlessClaimed(deps, request, executor, stored, as, decided) : decided;
  if ('missing' in decision || 'unchanged' in decision) {
    const missing = 'missing' in decision ? decision.missing : null;
    const answer = rowsOf(process.kind).unchangedOf(process, as, request.on, request.via, missing);
    return (await remember(executor, process, request.key, answer)) ?? { kind: 'unchanged', stored, missing, answer };
  }
  if ('refusal' in decision) {
    const { refusal } = decision;
    // A 409 is remembered: a delayed copy must not be applied after its sender was told no.
    if (FAILURES[refusal.code].status === 409) {
      const instead = await remember(executor, process, request.key, answerOfRefusal(refusal));
      return instead ?? { kind: 'refused', refusal, expired: false };
    }
    // Whatever is written is looked up by its key there, under the lock; only this writes nothing.
    const known = request.key && (await findAnswer(executor, request.key));
    return known ? { kind: 'repeated', answer: known } : { kind: 'refused', refusal, expired: false };
  }
  const write: Append = executor === deps.pool ? deps.append : (rows) => append(executor, rows);
  return writeDecided(deps, request, write, stored, as, decision.step);
}

/** An administrator's decision, unless another one is at the task that it would close. */
async function unlessClaimed(
  { systemUserId, provider }: DoorDeps,
  { via, caller }: DoorRequest,
  executor: Executor,
  stored: StoredProcess,
  as: string,
  decided: { step: Step },
): Promise<{ step: Step } | { refusal: Refusal }> {
  if (as !== 'admin') return decided;
  const { closes } = stepWithAll(stored, decided.step, { systemUserId, provider, via, factsFirst: true }).beside;
  const holder = closes?.tasks ? await findHolder(executor, stored.process.id, closes.tasks) : null;
  return holder === null || holder.id === caller.accountId ? decided : { refusal: refusalOf(holder) };
}

function answerOfRefusal({ code, message, details }: Refusal): Answer {
  const failure = new Failure(code, message, { details });
  return { status: failure.status, body: failureBody(failure) };
}

/** Remembers an answer that changes nothing, where there is a key. What is to be done instead of giving it, or null. */
async function remember(
  executor: Executor,
  { id, version }: Process,
  key: AnswerKey | null,
  { status, body }: Answer,
): Promise<'repeated' | 'again' | null> {
  if (!key) return null;
  const { outcome } = await executor.one(sql.type(remembered)`
    SELECT remember_answer(${id}, ${version}, ${key.accountId}, ${key.path}, ${key.key}, decode(${key.bodyHash}, 'hex'),
      ${status}, ${JSON.stringify(body)}) AS outcome
  `);
  return outcome === 'written' ? null : outcome === 'conflict' ? 'again' : 'repeated';
}

const remembered = z.object({ outcome: z.enum(['written', 'conflict', 'repeated']) });

function notFound(kind: string): Failure {
  // In words, as whoever reads one says it: what is somebody else's and what is not there are told alike.
  const words = kind.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return new Failure('NOT_FOUND', `There is no such ${words}.`);
}

/** Whom a caller is in a process; NOT_FOUND for strangers, who may not even know that it exists. */
export function roleIn({ process, seats }: Pick<StoredProcess, 'process' | 'seats'>, caller: Caller): string {
  for (const [role, userId] of Object.entries(seats)) if (userId === caller.accountId) return role;
  if (caller.roles.includes('admin')) return 'admin';
  throw notFound(process.kind);
}
