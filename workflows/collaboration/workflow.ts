import type { ActivityOptions } from '@temporalio/common';
import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  type LocalActivityOptions,
  patched,
  proxyActivities,
  proxyLocalActivities,
  proxySinks,
  type Sinks,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { formatRupees } from '../money.ts';
import type { CollaborationActivities, News, OpenPromise } from './activities.ts';
import { Alarm } from './alarm.ts';
import { type Attention, attentionOf, detailsOf, searchAttributesOf } from './board.ts';
import { type Deal, deadlineOf, evolve, IllegalStep, isEnded, promisesOf, type Step } from './flow.ts';
import { paymentReported, retryRefund, rule, stepped } from './messages.ts';

/** Our own short transactions: no task, no round trip through the server; tried again until Postgres is there. */
const OWN: LocalActivityOptions = {
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '500 milliseconds', maximumInterval: '10 seconds' },
};
const own = proxyLocalActivities<CollaborationActivities>(OWN);

/** Providers take their time and may be away for long. */
const PROVIDERS: ActivityOptions = {
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '2 seconds', maximumInterval: '10 minutes' },
};
const providers = proxyActivities<Pick<CollaborationActivities, 'askRefund'>>(PROVIDERS);

export interface EvolvedSinks extends Sinks {
  collaboration: {
    /** The workflow has evolved through steps: how far it is behind the door. */
    evolved(what: { conversationId: string; steps: Step[] }): void;
  };
}
const { collaboration: sink } = proxySinks<EvolvedSinks>();

export type CollaborationInput = {
  conversationId: string;
  /** Where an earlier run of the same deal stopped. */
  deal?: Deal;
};

/** How long after a refund was asked for, and no webhook came, the provider is asked what became of it. */
const REFUND_CHECKS_MS = [60_000, 300_000, 1_800_000, 3_600_000, 21_600_000];

/**
 * Search attributes are renewed at once so many times in a row; a deal at which clicks come without pause then has its
 * turn this often, and an alarm that each click need not move. Their update is a fifth of what a Signal costs the
 * server: with 20 in a row instead of 3, workflows were 1.7 times as far behind at 300 clicks a second over 64 deals.
 * What a workflow's page shows is always the newest.
 */
const SHOWN_AT_ONCE = 3;
/**
 * From half of it to one and a half times as long, each deal another. Where it was the same for all, deals that were
 * clicked together had their turn together, and all workflows were twice as far behind for three seconds of every ten.
 */
const SHOWN_EVERY_MS = 10_000;
/** For so long a step that comes may renew them in passing, before a workflow is woken for nothing else. */
const SHOWN_IN_PASSING_MS = 2_000;

/** A step that was taken so long before a run began is not what the run was begun for. */
const CAUGHT_UP_MS = 60_000;

/**
 * Events after which a run is begun anew. The server suggests it at 4,096; on a busy machine a replay of that many can
 * outlast the 5 s that the SDK gives an activation.
 */
const LONG_HISTORY = 1_000;

/**
 * The durable process behind a collaboration. It is told every step that was taken at the door and evolves through it
 * by the same machine; it holds the timers, and carries out what a step promises. What it knows it can always read
 * again from Postgres, so it may be terminated, reset, or lost with Temporal's whole store.
 */
export async function collaboration(input: CollaborationInput): Promise<{ state: string; version: number }> {
  return uncancelled(() => new Collaboration(input).run());
}

/** An operator's cancel must not leave a promise half carried out, nor a ruling: there is nothing to cancel. */
function uncancelled<T>(work: () => Promise<T>): Promise<T> {
  return CancellationScope.nonCancellable(work);
}

class Collaboration {
  readonly #id: string;
  #deal: Deal | null;
  #promises: OpenPromise[] = [];
  /** The deal's version when the promises were read. */
  #newest = 0;
  /** Of the request that brought the last step. */
  #correlationId: string | null = null;
  #told: Step[] = [];
  /** Something may have happened that no step told of. */
  #stale = true;
  #factsWait = false;
  #rang = false;
  #parked: string | null = null;
  #reported = false;
  /** Refunds that a provider is being asked for, and when to ask again about those it has not decided. */
  readonly #asking = new Set<string>();
  readonly #checks = new Map<string, { count: number; at: string }>();
  readonly #reminded = new Set<string>();
  #notBefore: string | null = null;
  /** What searches find it by. */
  #shown = '';
  #attention: Attention | null = null;
  readonly #shownEvery: number;
  /** From when that may be renewed at once; a time before now is what was saved up. */
  #showFrom = 0;
  /** When it is to be renewed at the latest; null while it is as it should be. */
  #showLatest: string | null = null;
  readonly #alarm = new Alarm(() => {
    this.#rang = true;
  });

  constructor(input: CollaborationInput) {
    this.#id = input.conversationId;
    this.#deal = input.deal ?? null;
    this.#shownEvery = Math.round(SHOWN_EVERY_MS * (0.5 + fractionOf(input.conversationId)));
    setHandler(stepped, (steps) => {
      if (steps.length === 0) this.#stale = true;
      this.#told.push(...steps);
    });
    setHandler(paymentReported, () => {
      this.#factsWait = true;
    });
    setHandler(
      rule,
      ({ release_percent, reason }) =>
        uncancelled(async () => {
          const news = await own.rule({ ...this.#asked(), release_percent, reason });
          this.#take(news);
          this.#wake();
          return { version: this.#deal?.version ?? 0, state: this.#deal?.state ?? '' };
        }),
      {
        validator: ({ release_percent, reason }) => {
          if (this.#deal?.state !== 'disputed') throw invalid('There is no dispute to rule on.');
          if (!Number.isInteger(release_percent) || release_percent < 0 || release_percent > 100) {
            throw invalid('release_percent is a whole number from 0 to 100.');
          }
          if (typeof reason !== 'string' || reason.trim() === '') throw invalid('A ruling needs a reason.');
        },
      },
    );
    setHandler(retryRefund, () =>
      uncancelled(async () => {
        const news = await own.retryRefunds(this.#asked());
        this.#take(news);
        this.#wake();
        return { retried: news.retried };
      }),
    );
  }

  /** What an operator decided is carried out at once. Histories from before that waited for the relay's word. */
  #wake(): void {
    if (patched('operators-wake')) this.#rang = true;
  }

  async run(): Promise<{ state: string; version: number }> {
    this.#deal ??= await own.readOpening({ conversationId: this.#id });
    for (;;) {
      // A promise that need not be made is not made: the SDK keeps the call stack of each, a third of a workflow's time.
      while (this.#isBehind()) this.#take(await own.readNews(this.#asked()));
      if (this.#parked !== null) {
        await this.#park(this.#parked);
        this.#show();
      } else {
        this.#show();
        if (this.#hasDue()) await this.#act();
        this.#askForRefunds();
        this.#arm();
        this.#show();
        // Once more, for what is to be shown later; where nothing is, this does nothing.
        this.#arm();
        if (this.#isIdle() && this.#isOver()) return { state: this.#deal.state, version: this.#deal.version };
        if (this.#isIdle() && isLong()) {
          await continueAsNew<typeof collaboration>({ conversationId: this.#id, deal: this.#deal });
        }
      }
      await condition(() => this.#hasWork() || (this.#isIdle() && (this.#isOver() || isLong())));
    }
  }

  /** A handler that is still at it when this is first asked has the question asked again when it is done. */
  #isIdle(): boolean {
    return this.#parked === null && !this.#hasWork() && this.#asking.size === 0 && allHandlersFinished();
  }

  #isOver(): boolean {
    return this.#deal !== null && isEnded(this.#deal) && this.#promises.length === 0;
  }

  #hasWork(): boolean {
    return this.#told.length > 0 || this.#stale || this.#factsWait || this.#rang;
  }

  #asked() {
    return {
      conversationId: this.#id,
      known: this.#deal?.version ?? 0,
      now: new Date().toISOString(),
      correlationId: this.#correlationId,
    };
  }

  /** Goes through what was told. True where that leaves a gap, or nothing was told at all: Postgres knows the rest. */
  #isBehind(): boolean {
    if (this.#parked !== null || (this.#told.length === 0 && !this.#stale)) return false;
    const told = this.#told;
    this.#told = [];
    const { gap, promised } = this.#evolve(told);
    if (this.#parked !== null) return false;
    const behind = this.#stale || gap || promised;
    this.#stale = false;
    return behind;
  }

  /** Nothing here can make sense of the deal; an operator or newer code will, from Postgres. */
  async #park(why: string): Promise<void> {
    if (!this.#reported) await own.reportParked({ ...this.#asked(), why });
    this.#reported = true;
    this.#told = [];
    this.#stale = this.#factsWait = this.#rang = false;
  }

  /** What an activity answered: steps we may know already, and all promises that are open. */
  #take(news: News): void {
    const { gap } = this.#evolve(news.steps);
    if (gap || (this.#deal?.version ?? 0) < news.version) this.#stale = true;
    // Several activities run side by side: what one read earlier may be heard later.
    if (news.version < this.#newest) return;
    this.#newest = news.version;
    this.#promises = news.promises;
    const open = new Set(news.promises.map(attemptOf));
    for (const attempt of this.#checks.keys()) if (!open.has(attempt)) this.#checks.delete(attempt);
  }

  /** `gap`: a step is missing; `promised`: one may have made a promise, and what is open is Postgres' to say. */
  #evolve(steps: readonly Step[]): { gap: boolean; promised: boolean } {
    const evolved: Step[] = [];
    const { gap, promised } = this.#evolveThrough(steps, evolved);
    // A run that is begun anew reads old steps too: how far behind the door they are says nothing.
    const since = new Date(workflowInfo().runStartTime.getTime() - CAUGHT_UP_MS).toISOString();
    const news = evolved.filter(({ at }) => at >= since);
    if (news.length > 0) sink.evolved({ conversationId: this.#id, steps: news });
    return { gap, promised };
  }

  #evolveThrough(steps: readonly Step[], evolved: Step[]): { gap: boolean; promised: boolean } {
    let promised = false;
    for (const step of [...steps].sort((one, other) => one.n - other.n)) {
      const deal = this.#deal as Deal;
      if (this.#parked !== null || step.n <= deal.version) continue;
      if (step.n > deal.version + 1) return { gap: true, promised };
      try {
        // First, since it is what finds out that a step makes no sense; then what the step promises can be asked.
        const next = evolve(deal, step);
        promised ||= promisesOf(deal.terms, step).length > 0;
        this.#deal = next;
      } catch (error) {
        if (!(error instanceof IllegalStep)) throw error;
        this.#parked = error.message;
        break;
      }
      if (this.#deal.entry !== deal.entry) this.#notBefore = null;
      this.#correlationId = step.correlation_id ?? this.#correlationId;
      evolved.push(step);
    }
    return { gap: false, promised };
  }

  #hasDue(): boolean {
    return this.#factsWait || this.#rang || this.#promises.some((each) => !each.moved);
  }

  /** Books facts, applies a deadline, sends reminders, moves promised money: all that is due now. */
  async #act(): Promise<void> {
    if (this.#factsWait) {
      this.#factsWait = false;
      this.#take(await own.bookFacts(this.#asked()));
    }
    if (this.#rang) {
      this.#rang = false;
      await this.#ring();
    }
    for (const promise of this.#promises.filter((each) => !each.moved)) {
      const summary = `${promise.kind} of ${formatRupees(BigInt(promise.amount))}`;
      const asked = { ...this.#asked(), promiseId: promise.id };
      this.#take(await own.carryPromise.executeWithOptions({ ...OWN, summary }, [asked]));
    }
  }

  async #ring(): Promise<void> {
    const deal = this.#deal as Deal;
    const now = new Date().toISOString();
    const deadline = deadlineOf(deal);
    if (deadline !== null && now >= deadline && now >= (this.#notBefore ?? now)) {
      const options = { ...OWN, summary: `${deal.state}: deadline` };
      const news = await own.expire.executeWithOptions(options, [{ ...this.#asked(), entry: deal.entry }]);
      this.#notBefore = news.notBefore;
      this.#take(news);
      return;
    }
    for (const { kind, at } of this.#reminders(deal)) {
      if (deadline === null || now < at) continue;
      this.#reminded.add(`${deal.entry}_${kind}`);
      await own.remind({ ...this.#asked(), entry: deal.entry, kind, deadline });
    }
  }

  /** Reminders of this state that were not sent: at half time, and a day before the end where that is later. */
  #reminders(deal: Deal): { kind: 'half_time' | 'last_day'; at: string }[] {
    const deadline = deadlineOf(deal);
    if (deadline === null) return [];
    const from = Date.parse(deal.entered_at);
    const to = Date.parse(deadline);
    const half = from + Math.floor((to - from) / 2);
    const day = to - 24 * 3_600_000;
    const reminders = [{ kind: 'half_time' as const, at: new Date(half).toISOString() }];
    const all = day > half ? [...reminders, { kind: 'last_day' as const, at: new Date(day).toISOString() }] : reminders;
    return all.filter(({ kind }) => !this.#reminded.has(`${deal.entry}_${kind}`));
  }

  /** Sends refunds that are due on their way, beside everything else: a provider that is away holds up nothing. */
  #askForRefunds(): void {
    const now = new Date().toISOString();
    for (const promise of this.#promises) {
      const { refund_id: id, amount } = promise;
      if (id === null || !this.#mayBeAsked(promise)) continue;
      const attempt = attemptOf(promise);
      const check = this.#checks.get(attempt);
      if (check && now < check.at) continue;
      this.#asking.add(id);
      const count = (check?.count ?? -1) + 1;
      const delay = REFUND_CHECKS_MS[Math.min(count, REFUND_CHECKS_MS.length - 1)] ?? 60_000;
      const options = { ...PROVIDERS, summary: `refund of ${formatRupees(BigInt(amount))}` };
      void providers.askRefund.executeWithOptions(options, [{ ...this.#asked(), refundId: id }]).then((news) => {
        this.#checks.set(attempt, { count, at: new Date(Date.now() + delay).toISOString() });
        this.#asking.delete(id);
        this.#take(news);
        this.#rang = true;
      });
    }
  }

  #mayBeAsked({ refund_id: id, refund_status: status }: OpenPromise): boolean {
    return id !== null && status !== 'failed' && !this.#asking.has(id);
  }

  /** Sets the one timer for whatever comes next. */
  #arm(): void {
    const deal = this.#deal as Deal;
    const deadline = deadlineOf(deal);
    const due: { at: string; summary: string }[] = this.#reminders(deal).map(({ kind, at }) => ({
      at,
      summary: `${deal.state}: ${kind} reminder`,
    }));
    if (deadline !== null) {
      const at = this.#notBefore !== null && this.#notBefore > deadline ? this.#notBefore : deadline;
      due.push({ at, summary: `${deal.state}: deadline` });
    }
    if (this.#showLatest !== null) due.push({ at: this.#showLatest, summary: 'show where it stands' });
    for (const promise of this.#promises) {
      // One that is being asked about, or has failed, is not asked about when its time comes: no timer is to ring for it.
      const check = this.#mayBeAsked(promise) ? this.#checks.get(attemptOf(promise)) : undefined;
      if (check) due.push({ at: check.at, summary: 'refund: ask what became of it' });
    }
    const [next] = due.sort((one, other) => (one.at < other.at ? -1 : 1));
    this.#alarm.set(next?.at ?? null, next?.summary ?? '');
  }

  #show(): void {
    const deal = this.#deal as Deal;
    const attention = attentionOf(deal, this.#promises, this.#parked !== null);
    setCurrentDetails(detailsOf(deal, this.#promises, attention));
    const attributes = searchAttributesOf(deal, attention);
    const shown = JSON.stringify(attributes.map(({ value }) => value));
    this.#showLatest = null;
    if (shown === this.#shown) return;
    const now = Date.now();
    // What calls for an operator, and how it ended, is not put off.
    if (now < this.#showFrom && attention === this.#attention && !this.#isOver()) {
      this.#showLatest = new Date(this.#showFrom + SHOWN_IN_PASSING_MS).toISOString();
      return;
    }
    this.#shown = shown;
    this.#attention = attention;
    this.#showFrom = Math.max(this.#showFrom, now - SHOWN_AT_ONCE * this.#shownEvery) + this.#shownEvery;
    upsertSearchAttributes(attributes);
  }
}

/** From 0 to 1, always the same for an id, whose last digits are chance. */
function fractionOf(id: string): number {
  return Number.parseInt(id.slice(-4), 16) / 0x10000;
}

function isLong(): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return historyLength >= LONG_HISTORY || continueAsNewSuggested;
}

/** What an operator has tried again is another attempt: it does not wait for when the last one was to be looked after. */
function attemptOf(promise: OpenPromise): string {
  return `${promise.refund_id}_${promise.attempt}`;
}

function invalid(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'VALIDATION_FAILED');
}
