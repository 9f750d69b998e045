import type { FastifyRequest } from 'fastify';
import type { Executor } from '#db/pool.ts';
import type { Answer, AnswerKey } from '#db/process/answers.ts';
import { createAppender } from '#db/process/append.ts';
import { type Caller, type DoorDeps, type DoorResult, rehearseStep, takeStep } from '#db/process/door.ts';
import type { Via } from '#db/process/kind.ts';
import { createSeenProcesses } from '#db/process/seen.ts';
import { Failure } from '#workflows/failures.ts';
import type { Refusal } from '#workflows/process/machine.ts';
import { feeBpsOf, fixesPrice } from '../deal/commission.ts';
import type { Deps } from '../deps.ts';
import { answerKey } from '../idempotency.ts';
import { isRehearsal } from '../money/posting.ts';

/** A person's command to a process. */
export type Given = {
  kind: string;
  processId: string;
  caller: Caller;
  on: string;
  data: Record<string, unknown>;
  via: Via;
  key: AnswerKey | null;
  /** Only to be rehearsed: it is answered as it would be, and nothing is kept. */
  rehearsed?: boolean;
  /** What is answered in place of a step's own answer, of which this is the data; it sees what the step has written. */
  view?: (executor: Executor, data: unknown) => Promise<object>;
  /** Of the request, for the logs of everybody who comes after. */
  correlationId: string;
};

export type GivenAnswer = Answer & {
  repeated: boolean;
  /** Whether something was missing, so that nothing changed. */
  lacks: boolean;
};

/** Gives a command and answers what it came to; a refusal is thrown as a Failure. */
export type Give = (given: Given) => Promise<GivenAnswer>;

/** The one way of all kinds. Made once a program, as what it needs holds connections and remembers. */
export function createGive(deps: Deps): Give {
  const doorDeps: DoorDeps = {
    pool: deps.pool,
    append: createAppender(deps.pool),
    seen: createSeenProcesses(),
    now: deps.now,
    systemUserId: deps.config.SYSTEM_USER_ID,
    feeBps: deps.config.PLATFORM_FEE_BPS,
    provider: deps.providers.current.name,
  };
  return async (given) => {
    const door = { ...doorDeps, feeBps: await feeBpsFor(deps, given) };
    if (given.rehearsed)
      return rehearseStep(door, given, (transaction, result) => answerOf(transaction, given, result));
    const result = await takeStep(door, given);
    ring(deps, result, given.processId);
    if (result.kind === 'taken') note(deps, given, result);
    return answerOf(deps.pool, given, result);
  };
}

/** A refusal is thrown as a Failure; one that was remembered is a whole answer. */
async function answerOf(executor: Executor, { view }: Given, result: DoorResult): Promise<GivenAnswer> {
  if (result.kind === 'refused') throw failureOf(result.refusal);
  const lacks = result.kind === 'unchanged' && result.missing !== null;
  const { status, body } = result.answer;
  const viewed = view && status === 200 && !lacks;
  return {
    status,
    body: viewed ? { success: true, data: await view(executor, (body as { data: unknown }).data) } : body,
    ...{ repeated: result.kind === 'repeated', lacks },
  };
}

/** Looked up only where a price is agreed on: every other click has one round trip less. */
async function feeBpsFor({ pool, config, now }: Deps, { kind, processId, on }: Given): Promise<number> {
  if (!fixesPrice(kind, on)) return config.PLATFORM_FEE_BPS;
  return feeBpsOf(pool, processId, now().toISOString(), config.PLATFORM_FEE_BPS);
}

/** What a request says of who gives what, whatever the command is. */
export function givenBy(request: FastifyRequest): Pick<Given, 'caller' | 'key' | 'rehearsed' | 'correlationId'> {
  const { account } = request;
  return {
    rehearsed: isRehearsal(request),
    caller: { accountId: account.id, roles: account.roles },
    key: answerKey(request),
    correlationId: request.id,
  };
}

/** A step of time's may be committed even where the command was refused. */
function ring(deps: Deps, result: DoorResult, processId: string): void {
  if (result.kind === 'taken' || (result.kind === 'refused' && result.expired)) deps.ring(processId);
}

function note({ metrics, log }: Deps, given: Given, { taken }: Extract<DoorResult, { kind: 'taken' }>): void {
  const { on, processId, correlationId, caller } = given;
  const { n, to } = taken.step;
  metrics.transitions.inc({ command: on });
  log.info(
    { correlation_id: correlationId, process_id: processId, user_id: caller.accountId, n, on, state: to },
    'step taken',
  );
}

function failureOf({ code, message, details }: Refusal): Failure {
  return new Failure(code, message, { details });
}
