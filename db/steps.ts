import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { eventsFor, type Via } from '#workflows/collaboration/announcements.ts';
import {
  type Command,
  type Deal,
  deadlineOf,
  decide,
  evolve,
  type Missing,
  promisesOf,
  type Refusal,
  type Step,
  type StepData,
} from '#workflows/collaboration/flow.ts';
import { answersQuestion, linesOf } from '#workflows/collaboration/script.ts';
import { type CommandName, PARTIES, type Party } from '#workflows/collaboration/table.ts';
import { FAILURES, Failure } from '#workflows/failures.ts';
import { announced, inOrder } from './announce.ts';
import { type Answer, type AnswerKey, findAnswer } from './answers.ts';
import { type Append, append, type NewOrder, type StepRows, type Taken } from './append.ts';
import { findDeal, lockDeal, type StoredDeal } from './deals.ts';
import { messageOf } from './messages.ts';
import { type Executor, type Pool, sql, type Transaction } from './pool.ts';
import type { SeenDeals } from './seenDeals.ts';

/** When something of ours happens, in whose name it speaks, and the request that began it. */
export type Origin = { now: string; systemUserId: string; correlationId: string | null };

export type WriteOptions = {
  systemUserId: string;
  via?: Via;
  /** Refuse when a provider's fact waits to be booked. */
  factsFirst: boolean;
  order?: NewOrder | null;
  /** What is remembered under which key; made when the step is known, since the step is part of it. */
  answered?: (taken: Taken) => StepRows['answered'];
};

/** A decided step with everything that comes with it. */
export function stepWithAll(stored: StoredDeal, step: Step, options: WriteOptions): StepRows {
  const before = stored.deal;
  const deal = evolve(before, step);
  const messages = linesOf(before, step, deal).map((line) =>
    messageOf(line, {
      conversationId: before.id,
      parties: stored.parties,
      actorId: step.actor,
      systemUserId: options.systemUserId,
      at: step.at,
    }),
  );
  const taken: Taken = { step, before, deal, messages };
  const asking = messages.findIndex((message) => message.action_required);
  return {
    taken,
    factsFirst: options.factsFirst,
    asks: answersQuestion(before, deal, step) ? asking + 1 : null,
    action: messages[asking]?.action_data ?? null,
    answered: options.answered?.(taken) ?? null,
    events: inOrder(
      PARTIES.map((side) => {
        const userId = stored.parties[side];
        return announced(userId, eventsFor(side, userId, step, deal, messages, options.via ?? null));
      }).filter(({ many }) => many > 0),
    ),
    more: moreOf(stored, step, options.order ?? null),
  };
}

/** What few steps bring along; null for the others. */
function moreOf({ deal, captureId }: StoredDeal, step: Step, order: NewOrder | null) {
  const promises = promisesOf(deal.terms, step).map((promise) => ({
    ...promise,
    id: uuid(),
    asset: 'INR',
    capture_id: promise.kind === 'refund' ? (step.data.capture_id ?? captureId) : null,
  }));
  const tasks = step.on === 'open_dispute' ? [disputeTask(deal.id, step)] : [];
  if (promises.length === 0 && tasks.length === 0 && !order) return null;
  return { promises, tasks, orders: order ? [order] : [] };
}

function disputeTask(conversationId: string, step: Step) {
  return {
    id: uuid(),
    key: `dispute_${conversationId}_${step.n}`,
    kind: 'dispute',
    details: { opened_by: step.by, reason: step.data.reason },
  };
}

export type Caller = { accountId: string; roles: readonly string[] };

export type DoorRequest = {
  conversationId: string;
  caller: Caller;
  on: Command['on'];
  data: Record<string, unknown>;
  via: NonNullable<Via>;
  key: AnswerKey | null;
  correlationId?: string | null;
};

export type DoorDeps = {
  pool: Pool;
  append: Append;
  seen: SeenDeals;
  now: () => Date;
  systemUserId: string;
  feeBps: number;
  /** Books the facts that wait for a deal, before anything else is decided about it. */
  bookWaiting: (conversationId: string, origin: Origin) => Promise<void>;
  /** For `proceed_to_payment`: the order that the step makes. */
  newOrder: (stored: StoredDeal, now: string) => NewOrder;
  answer: (taken: Taken, party: Party | 'admin', via: NonNullable<Via>) => Answer;
  refuse: (refusal: Refusal) => Answer;
  /** For what changes nothing: a click that lacks its data, or payment asked for again. */
  unchanged: (
    deal: Deal,
    as: Party | 'admin',
    request: Pick<DoorRequest, 'on' | 'via'>,
    missing: Missing['missing'] | null,
  ) => Answer;
};

export type DoorResult =
  | { kind: 'taken'; taken: Taken; stored: StoredDeal; answer: Answer; expired: boolean }
  | { kind: 'repeated'; answer: Answer }
  | { kind: 'refused'; refusal: Refusal; expired: boolean }
  | { kind: 'missing'; missing: Missing['missing']; deal: Deal; as: Party | 'admin'; now: string }
  /** Payment was asked for before: the order is there, no second step is made. */
  | { kind: 'ordered'; stored: StoredDeal; as: Party };

/** Reads and decides without a lock this often; then under it, which always comes through. */
const OPTIMISTIC_TRIES = 4;
const MAX_TRIES = 50;

/**
 * A click or an input: one step at most, decided by the pure machine on the deal as it is under the row's lock.
 * Two round trips when nothing is in the way: read, then `append_step`, which refuses if the deal has moved on since.
 * One, where this process wrote the last step itself and remembers the deal.
 * A passed deadline and a provider's waiting fact are applied first, as steps of their own.
 */
export async function takeStep(deps: DoorDeps, request: DoorRequest): Promise<DoorResult> {
  const { pool } = deps;
  let expired = false;
  const attempt = async (executor: Executor, stored: StoredDeal | null) =>
    attemptStep(deps, request, executor, stored, () => {
      expired = true;
    });
  const attemptNumber = async (tries: number): Promise<Attempt> => {
    if (tries === 0) return takeStepUnread(deps, request);
    if (tries <= OPTIMISTIC_TRIES) return attempt(pool, await findDeal(pool, request.conversationId));
    return pool.transaction(async (transaction) =>
      attempt(transaction, await lockDeal(transaction, request.conversationId)),
    );
  };
  for (let tries = 0; tries <= MAX_TRIES; tries += 1) {
    const result = await attemptNumber(tries);
    if (result === 'repeated') {
      const answer = request.key && (await findAnswer(pool, request.key));
      if (answer) return { kind: 'repeated', answer };
    } else if (result === 'facts') {
      await deps.bookWaiting(request.conversationId, originOf(deps, request));
    } else if (result !== 'again') {
      return 'expired' in result ? { ...result, expired } : result;
    }
  }
  throw new Failure('UNAVAILABLE', 'Too much happens to this deal at once; try again.', { retryAfter: 1 });
}

function originOf(deps: DoorDeps, request: DoorRequest): Origin {
  const correlationId = request.correlationId ?? null;
  return { now: deps.now().toISOString(), systemUserId: deps.systemUserId, correlationId };
}

/** What an attempt came to: an end, or what is to be done before the next one. */
type Attempt = DoorResult | 'again' | 'repeated' | 'facts';

/**
 * The usual click: on the deal as this process left it, one round trip. `again`, with nothing done, where that gives no
 * step or is out of date: refusals and expiries are decided on what was read, never on what is remembered.
 */
async function takeStepUnread(deps: DoorDeps, request: DoorRequest): Promise<Attempt> {
  const stored = deps.seen.take(request.conversationId);
  if (!stored) return 'again';
  const { deal } = stored;
  const origin = originOf(deps, request);
  const deadline = deadlineOf(deal);
  if ((deadline !== null && origin.now >= deadline) || isOrdered(stored, request)) return 'again';
  const as = roleIn(stored, request.caller);
  const decision = decide(deal, commandOf(request, as), { now: origin.now, feeBps: deps.feeBps });
  if (!('step' in decision)) return 'again';
  return writeDecided(deps, request, deps.append, stored, as, decision.step);
}

/** Whether payment was asked for before, and is asked for again. */
function isOrdered({ deal, parties }: StoredDeal, { on, caller }: DoorRequest): boolean {
  return (
    on === 'proceed_to_payment' &&
    caller.accountId === parties.brand_owner &&
    deal.state === 'payment_pending' &&
    deal.terms.ordered
  );
}

function commandOf({ on, caller, data, correlationId }: DoorRequest, by: Party | 'admin'): Command {
  return { on, by, actor: caller.accountId, data, correlationId: correlationId ?? null };
}

async function writeDecided(
  deps: DoorDeps,
  request: DoorRequest,
  append: Append,
  stored: StoredDeal,
  as: Party | 'admin',
  step: Step,
): Promise<Attempt> {
  const { systemUserId } = deps;
  const order = request.on === 'proceed_to_payment' ? deps.newOrder(stored, step.at) : null;
  const rows = stepWithAll(stored, step, {
    systemUserId,
    via: request.via,
    factsFirst: true,
    order,
    answered: (taken) => request.key && { key: request.key, answer: deps.answer(taken, as, request.via) },
  });
  const outcome = await append(rows);
  if (outcome !== 'written') return outcome === 'conflict' ? 'again' : 'repeated';
  const { taken, answered } = rows;
  deps.seen.put({ ...stored, deal: taken.deal });
  const answer = answered?.answer ?? deps.answer(taken, as, request.via);
  return { kind: 'taken', taken, stored, answer, expired: false };
}

async function attemptStep(
  deps: DoorDeps,
  request: DoorRequest,
  executor: Executor,
  stored: StoredDeal | null,
  onExpired: () => void,
): Promise<Attempt> {
  if (!stored) throw notFound();
  const as = roleIn(stored, request.caller);
  if (stored.factsWait) return 'facts';
  const origin = originOf(deps, request);
  const { now } = origin;
  if (await expireIfDue(executor, stored, origin)) {
    onExpired();
    return 'again';
  }
  const { deal } = stored;
  if (isOrdered(stored, request)) {
    const instead = await remember(executor, deal, request.key, () => deps.unchanged(deal, as, request, null));
    return instead ?? { kind: 'ordered', stored, as: 'brand_owner' };
  }
  const decision = decide(deal, commandOf(request, as), { now, feeBps: deps.feeBps });
  if ('missing' in decision) {
    const { missing } = decision;
    const instead = await remember(executor, deal, request.key, () => deps.unchanged(deal, as, request, missing));
    return instead ?? { kind: 'missing', missing, deal, as, now };
  }
  if ('refusal' in decision) {
    const { refusal } = decision;
    // A 409 is remembered: a delayed copy must not be applied after its sender was told no.
    if (FAILURES[refusal.code].status === 409) {
      const instead = await remember(executor, deal, request.key, () => deps.refuse(refusal));
      return instead ?? { kind: 'refused', refusal, expired: false };
    }
    // Whatever is written is looked up by its key there, under the lock; only this writes nothing.
    const known = request.key && (await findAnswer(executor, request.key));
    return known ? { kind: 'repeated', answer: known } : { kind: 'refused', refusal, expired: false };
  }
  const write: Append = executor === deps.pool ? deps.append : (rows) => append(executor, rows);
  return writeDecided(deps, request, write, stored, as, decision.step);
}

/** Remembers an answer that changes nothing, where there is a key. What is to be done instead of giving it, or null. */
async function remember(
  executor: Executor,
  { id, version }: Deal,
  key: AnswerKey | null,
  answer: () => Answer,
): Promise<'repeated' | 'again' | null> {
  if (!key) return null;
  const { status, body } = answer();
  const { outcome } = await executor.one(sql.type(remembered)`
    SELECT remember_answer(${id}, ${version}, ${key.accountId}, ${key.path}, ${key.key}, decode(${key.bodyHash}, 'hex'),
      ${status}, ${JSON.stringify(body)}) AS outcome
  `);
  return outcome === 'written' ? null : outcome === 'conflict' ? 'again' : 'repeated';
}

const remembered = z.object({ outcome: z.enum(['written', 'conflict', 'repeated']) });

/**
 * Applies a deadline that has passed, as a step of its own; false when none has. The deal may be stale: then the write
 * conflicts and the caller reads again.
 */
export async function expireIfDue(executor: Executor, stored: StoredDeal, origin: Origin): Promise<boolean> {
  const { now, systemUserId, correlationId } = origin;
  const deadline = deadlineOf(stored.deal);
  if (deadline === null || now < deadline) return false;
  const decision = decide(
    stored.deal,
    { on: 'expire', by: 'system', actor: null, data: {}, correlationId },
    { now, feeBps: 0 },
  );
  if (!('step' in decision)) return false;
  await append(executor, stepWithAll(stored, decision.step, { systemUserId, factsFirst: true }));
  return true;
}

/** Appends a step that is not a person's. The deal is locked and the machine agrees, or this is a defect and throws. */
export async function appendOwnStep(
  transaction: Transaction,
  stored: StoredDeal,
  { on, by, data }: { on: CommandName; by: 'provider' | 'system'; data: StepData },
  { now, systemUserId, correlationId }: Origin,
): Promise<StoredDeal> {
  const command = { on, by, actor: null, data: { ...data }, correlationId };
  const decision = decide(stored.deal, command, { now, feeBps: 0 });
  if (!('step' in decision)) throw new Error(`${on} does not fit deal ${stored.deal.id} in ${stored.deal.state}`);
  const rows = stepWithAll(stored, decision.step, { systemUserId, factsFirst: false });
  if ((await append(transaction, rows)) !== 'written') throw new Error(`deal ${stored.deal.id} moved under its lock`);
  return { ...stored, deal: rows.taken.deal };
}

function notFound(): Failure {
  return new Failure('NOT_FOUND', 'There is no such conversation.');
}

/** Whom a caller is in a deal; NOT_FOUND for strangers, who may not even know that it exists. */
export function roleIn(stored: Pick<StoredDeal, 'parties'>, caller: Caller): Party | 'admin' {
  if (caller.accountId === stored.parties.brand_owner) return 'brand_owner';
  if (caller.accountId === stored.parties.influencer) return 'influencer';
  if (caller.roles.includes('admin')) return 'admin';
  throw notFound();
}
