/** What providers are asked to do for promises: refunds and payouts, each on its provider's own task queue. */
import { type ActivityOptions, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Asked, Call, News, OpenPromise, ProviderActivities } from './activities.ts';
import { messageOf, type Own } from './own.ts';
import type { Patience } from './patience.ts';
import { providerQueue } from './queues.ts';

const PROVIDERS: ActivityOptions = {
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '2 seconds', maximumInterval: '2 minutes' },
};
const providers = proxyActivities<ProviderActivities>(PROVIDERS);

/** How long after a call was made, and no webhook came, the provider is asked what became of it. */
const CHECKS_MS = [60_000, 300_000, 1_800_000, 3_600_000, 21_600_000];
/** The same where it could not be asked at all. */
const TRIED_AGAIN_MS = [60_000, 300_000, 900_000, 3_600_000];

/** When to ask again about an attempt that its provider has not decided; `vain`: so often it could not be asked. */
export type Check = { count: number; at: string; vain: number };

export type CallsOptions = {
  patience: Patience;
  own: Own;
  asked: () => Asked;
  /** Called with the answer, or with null where there was none. */
  heard: (news: News | null) => void;
  /** Checks of an earlier run. */
  checks: readonly [string, Check][];
};

export class Calls {
  readonly #options: CallsOptions;
  readonly #asking = new Set<string>();
  readonly #checks: Map<string, Check>;

  constructor(options: CallsOptions) {
    this.#options = options;
    this.#checks = new Map(options.checks);
  }

  get isAsking(): boolean {
    return this.#asking.size > 0;
  }

  /** For the next run: it is not to ask anew what was asked just now. */
  get checks(): [string, Check][] {
    return [...this.#checks];
  }

  /** Forgets the checks of what is not open any more. */
  keep(promises: readonly OpenPromise[]): void {
    const open = new Set(promises.flatMap(({ call }) => (call ? attemptOf(call) : [])));
    for (const attempt of this.#checks.keys()) if (!open.has(attempt)) this.#checks.delete(attempt);
  }

  /** Asks for what is due, beside everything else: a provider that is away holds up nothing. */
  ask(promises: readonly OpenPromise[], describe: (promise: OpenPromise) => string): void {
    const now = new Date().toISOString();
    for (const promise of promises) {
      const { call } = promise;
      if (call === null || !this.#mayBeAsked(call)) continue;
      const check = this.#checks.get(attemptOf(call));
      if (check && now < check.at) continue;
      this.#asking.add(call.id);
      void this.#carry(call, check ?? { count: 0, at: now, vain: 0 }, describe(promise));
    }
  }

  /** When to ask next, about what may be asked then. */
  next(promises: readonly OpenPromise[]): string | null {
    const due = promises.flatMap(({ call }) => {
      // One that is being asked about, or has failed, is not asked about when its time comes: no timer is to ring for it.
      const check = call && this.#mayBeAsked(call) ? this.#checks.get(attemptOf(call)) : undefined;
      return check ? check.at : [];
    });
    return due.sort()[0] ?? null;
  }

  #mayBeAsked({ id, status }: Call): boolean {
    return status !== 'failed' && !this.#asking.has(id);
  }

  async #carry(call: Call, { count, vain }: Check, summary: string): Promise<void> {
    const { patience, own, asked, heard } = this.#options;
    const name = `${call.kind} at ${call.provider}`;
    const options: ActivityOptions = {
      ...PROVIDERS,
      taskQueue: providerQueue(workflowInfo().taskQueue, call.provider),
      retry: { ...PROVIDERS.retry, maximumAttempts: patience.callTries },
      summary,
    };
    let news: News | null = null;
    try {
      news = await providers.askCall.executeWithOptions(options, [
        { ...asked(), call: { id: call.id, kind: call.kind } },
      ]);
      this.#checks.set(attemptOf(call), { count: count + 1, at: later(CHECKS_MS, count), vain: 0 });
      await own.goesOn(name);
    } catch (error) {
      this.#checks.set(attemptOf(call), { count, at: later(TRIED_AGAIN_MS, vain), vain: vain + 1 });
      await own.fails(name, messageOf(error));
    } finally {
      this.#asking.delete(call.id);
      heard(news);
    }
  }
}

/** What an operator has tried again is another attempt: it does not wait for when the last one was to be looked after. */
function attemptOf({ id, attempt }: Call): string {
  return `${id}_${attempt}`;
}

function later(delays: readonly number[], count: number): string {
  const ms = delays[Math.min(count, delays.length - 1)] ?? 60_000;
  return new Date(Date.now() + ms).toISOString();
}
