/**
 * Our own short transactions, as a workflow has them done. A few tries in place, without a task or a round trip through
 * the server; what fails then goes to the server, which tries it with a back-off of its own. In place without end, each
 * of them held one of the SDK's 40 slots for workflow tasks: forty that failed kept all others from being paid.
 */
import {
  ActivityFailure,
  type ActivityOptions,
  ApplicationFailure,
  isCancellation,
  type LocalActivityOptions,
  proxyActivities,
  proxyLocalActivities,
  TemporalFailure,
} from '@temporalio/workflow';
import type { Asked, ProcessActivities } from './activities.ts';
import type { Patience } from './patience.ts';

const IN_PLACE: LocalActivityOptions = {
  startToCloseTimeout: '5 seconds',
  scheduleToCloseTimeout: '8 seconds',
  retry: { initialInterval: '200 milliseconds', maximumAttempts: 3 },
};
const inPlace = proxyLocalActivities<ProcessActivities>(IN_PLACE);

const AT_THE_SERVER: ActivityOptions = {
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '2 seconds', maximumInterval: '2 minutes' },
};
/** After an operator was called: some twelve tries an hour, and then three events of history. */
const SELDOM: ActivityOptions = {
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '5 seconds', maximumInterval: '5 minutes', maximumAttempts: 20 },
};
const atTheServer = proxyActivities<ProcessActivities>(AT_THE_SERVER);

type Name = keyof ProcessActivities;
type Result<N extends Name> = Awaited<ReturnType<ProcessActivities[N]>>;
type Argument<N extends Name> = Parameters<ProcessActivities[N]>[0];

export class Own {
  readonly #patience: Patience;
  readonly #asked: () => Asked;
  readonly #changed: () => void;
  /** What fails, by name, and why. */
  readonly #failing = new Map<string, string>();
  #reported = false;

  /** `changed` is called when something begins to fail in vain, or goes through again. */
  constructor(patience: Patience, asked: () => Asked, changed: () => void) {
    this.#patience = patience;
    this.#asked = asked;
    this.#changed = changed;
  }

  /** What is tried in vain, for the board; null while all goes through. */
  get failing(): string | null {
    const [first] = this.#failing;
    return first ? `${first[0]}: ${first[1]}` : null;
  }

  /** Has it done, however long that takes. Throws what the activity says is not to be tried again. */
  async done<N extends Name>(name: N, argument: Argument<N>, summary?: string): Promise<Result<N>> {
    if (!this.#failing.has(name)) {
      try {
        return await execute<LocalActivityOptions, Argument<N>, Result<N>>(
          inPlace[name],
          { ...IN_PLACE, ...(summary && { summary }) },
          argument,
        );
      } catch (error) {
        refuseFinal(error);
      }
    }
    return this.#atTheServer(name, argument, summary);
  }

  async #atTheServer<N extends Name>(name: N, argument: Argument<N>, summary?: string): Promise<Result<N>> {
    let options: ActivityOptions = {
      ...AT_THE_SERVER,
      retry: { ...AT_THE_SERVER.retry, maximumAttempts: this.#patience.ownTries },
    };
    for (;;) {
      try {
        const result = await execute<ActivityOptions, Argument<N>, Result<N>>(
          atTheServer[name],
          { ...options, ...(summary && { summary }) },
          argument,
        );
        await this.goesOn(name);
        return result;
      } catch (error) {
        refuseFinal(error);
        await this.fails(name, messageOf(error));
        options = SELDOM;
      }
    }
  }

  /** Calls an operator to what is tried in vain. Postgres may be what is away: then there is nobody to call. */
  async fails(name: string, why: string): Promise<void> {
    this.#failing.set(name, why);
    this.#changed();
    this.#reported ||= await this.#said('report', { ...this.#asked(), what: 'activity_fails', why: `${name}: ${why}` });
  }

  /** It has gone through: where nothing else fails the operator is not needed any more. */
  async goesOn(name: string): Promise<void> {
    if (!this.#failing.delete(name)) return;
    this.#changed();
    if (this.#failing.size > 0 || !this.#reported) return;
    if (await this.#said('heal', { ...this.#asked(), what: 'activity_fails' })) this.#reported = false;
  }

  async #said<N extends 'report' | 'heal'>(name: N, argument: Argument<N>): Promise<boolean> {
    const options = { ...AT_THE_SERVER, retry: { ...AT_THE_SERVER.retry, maximumAttempts: 3 } };
    return execute<ActivityOptions, Argument<N>, void>(atTheServer[name], options, argument).then(
      () => true,
      () => false,
    );
  }
}

/** One activity by its name: the proxies' types know each of them alone. */
function execute<Options, A, R>(activity: unknown, options: Options, argument: A): Promise<R> {
  const named = activity as { executeWithOptions(options: Options, args: [A]): Promise<R> };
  return named.executeWithOptions(options, [argument]);
}

/** What an activity refuses for good is the caller's to hear, as it was said. What is no activity's failure is a defect. */
export function refuseFinal(error: unknown): void {
  // One in place fails without an ActivityFailure around its cause.
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
  if (cause instanceof ApplicationFailure && cause.nonRetryable) throw cause;
}

export function messageOf(error: unknown): string {
  const { cause, message } = error as { cause?: Error; message: string };
  return (cause?.message ?? message).slice(0, 300);
}
