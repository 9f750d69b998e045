import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  proxySinks,
  type Sinks,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { formatAmount } from '../money.ts';
import type { Asked, News, OpenPromise } from './activities.ts';
import { Alarm } from './alarm.ts';
import type { Standing } from './board.ts';
import { Calls, type Check } from './calls.ts';
import { evolve, isEnded, type Machine, type Process, type Step } from './machine.ts';
import { paymentReported, stepped } from './messages.ts';
import { OrderWord } from './orderWord.ts';
import { Own } from './own.ts';
import { DEFAULT_PATIENCE, type Patience } from './patience.ts';
import { reminderKey, remindersOf } from './reminders.ts';
import { Shown } from './shown.ts';
import { handleUpdates } from './updates.ts';

export interface EvolvedSinks extends Sinks {
  process: {
    /** The workflow has evolved through steps, or read how far the process is: how far it is behind the door. */
    evolved(what: { processId: string; kind: string; version: number; steps: Step[] }): void;
  };
}
const { process: sink } = proxySinks<EvolvedSinks>();

export type ProcessInput = {
  processId: string;
  patience?: Partial<Patience>;
  /** Where an earlier run of the same process stopped. */
  before?: { process: Process; reminded: string[]; checks: [string, Check][] };
};

export type ProcessEnd = { state: string; version: number };

/** A step that was taken so long before a run began is not what the run was begun for. */
const CAUGHT_UP_MS = 60_000;

/**
 * Events after which a run is begun anew. The server suggests it at 4,096; on a busy machine a replay of that many can
 * outlast the 5 s that the SDK gives an activation.
 */
const LONG_HISTORY = 1_000;

/**
 * The durable process of a kind. It is told every step that was taken at the door and evolves through it by the same
 * machine; it holds the timers, and carries out what a step promises. What it knows it can always read again from
 * Postgres, so it may be terminated, reset, or lost with Temporal's whole store.
 */
export function processOf<T>(machine: Machine<T>): (input: ProcessInput) => Promise<ProcessEnd> {
  return (input) => uncancelled(() => new Run(machine as Machine, input).run());
}

/** An operator's cancel must not leave a promise half carried out, nor a ruling: there is nothing to cancel. */
function uncancelled<T>(work: () => Promise<T>): Promise<T> {
  return CancellationScope.nonCancellable(work);
}

class Run {
  readonly #machine: Machine;
  readonly #id: string;
  readonly #patience: Patience;
  #process: Process | null;
  #promises: OpenPromise[] = [];
  #order: News['order'] = null;
  /** The process's version when promises and order were read. */
  #newest = 0;
  /** Of the request that brought the last step. */
  #correlationId: string | null = null;
  #told: Step[] = [];
  #signals = 0;
  /** Something may have happened that no step told of. */
  #stale = true;
  /** What is known makes no sense: the stored process says where it stands. */
  #lost: boolean;
  #factsWait = false;
  #rang = false;
  #parked: string | null = null;
  #reportedParked = false;
  readonly #reminded: Set<string>;
  #notBefore: string | null = null;
  readonly #alarm = new Alarm(() => {
    this.#rang = true;
  });
  readonly #own: Own;
  readonly #calls: Calls;
  readonly #word: OrderWord;
  readonly #shown: Shown;

  constructor(machine: Machine, { processId, patience, before }: ProcessInput) {
    this.#machine = machine;
    this.#id = processId;
    this.#patience = { ...DEFAULT_PATIENCE, ...patience };
    this.#process = before?.process ?? null;
    this.#lost = before === undefined;
    this.#reminded = new Set(before?.reminded);
    const asked = () => this.#asked();
    const heard = (news: News | null) => {
      if (news) this.#take(news);
      this.#rang = true;
    };
    this.#own = new Own(this.#patience, asked, () => this.#show());
    this.#calls = new Calls({ patience: this.#patience, own: this.#own, asked, heard, checks: before?.checks ?? [] });
    this.#word = new OrderWord(this.#patience, asked, heard);
    this.#shown = new Shown(machine, processId);
    setHandler(stepped, (steps) => {
      this.#signals += 1;
      if (steps.length === 0) this.#stale = true;
      this.#told.push(...steps);
    });
    setHandler(paymentReported, () => {
      this.#signals += 1;
      this.#factsWait = true;
    });
    handleUpdates({ machine, process: () => this.#process, asked, heard, within: uncancelled });
  }

  async run(): Promise<ProcessEnd> {
    for (;;) {
      await this.#catchUp();
      if (this.#parked !== null) {
        await this.#park(this.#parked);
      } else {
        this.#show();
        if (this.#hasDue()) await this.#act();
        const process = this.#process as Process;
        this.#calls.ask(this.#promises, ({ kind, amount }) => `${kind} of ${this.#amount(amount)}`);
        this.#arm();
        this.#show();
        // Once more, for what is to be shown later; where nothing is, this does nothing.
        this.#arm();
        if (this.#isIdle() && this.#isOver()) return { state: process.state, version: process.version };
        if (this.#isIdle() && this.#isLong()) await this.#beginAnew();
      }
      await condition(() => this.#hasWork() || (this.#isIdle() && (this.#isOver() || this.#isLong())));
    }
  }

  /** A handler that is still at it when this is first asked has the question asked again when it is done. */
  #isIdle(): boolean {
    const isAsking = this.#calls.isAsking || this.#word.isAsking;
    return this.#parked === null && !this.#hasWork() && !isAsking && allHandlersFinished();
  }

  #isOver(): boolean {
    return this.#process !== null && isEnded(this.#machine, this.#process) && this.#promises.length === 0;
  }

  #isLong(): boolean {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    return historyLength >= LONG_HISTORY || continueAsNewSuggested || this.#signals >= this.#patience.signals;
  }

  async #beginAnew(): Promise<void> {
    await continueAsNew<(input: ProcessInput) => Promise<ProcessEnd>>({
      processId: this.#id,
      patience: this.#patience,
      before: {
        process: this.#process as Process,
        reminded: [...this.#reminded],
        checks: this.#calls.checks,
      },
    });
  }

  #hasWork(): boolean {
    return this.#told.length > 0 || this.#stale || this.#lost || this.#factsWait || this.#rang;
  }

  #asked(): Asked {
    return {
      processId: this.#id,
      known: this.#process?.version ?? 0,
      now: new Date().toISOString(),
      correlationId: this.#correlationId,
    };
  }

  #amount(units: string): string {
    return formatAmount(BigInt(units), (this.#process as Process).asset);
  }

  /** Goes through what was told, and reads what is missing. */
  async #catchUp(): Promise<void> {
    // A promise that need not be made is not made: the SDK keeps the call stack of each, a third of a workflow's time.
    while (this.#lost || this.#isBehind()) {
      if (this.#lost && !(await this.#readStored())) return;
      this.#take(await this.#own.done('readNews', this.#asked()));
    }
  }

  /**
   * Starts from the process as it is stored, whatever steps led there: a rule that has changed since is for what comes.
   * False where the stored process itself makes no sense here.
   */
  async #readStored(): Promise<boolean> {
    const stored = await this.#own.done('readProcess', { processId: this.#id });
    this.#lost = false;
    this.#told = [];
    this.#stale = false;
    if (!this.#isKnown(stored)) {
      this.#parked = `${stored.state} at ${stored.version} is no state that this release knows`;
      return false;
    }
    if (this.#process?.entry !== stored.entry) this.#notBefore = null;
    this.#process = stored;
    this.#newest = 0;
    if (this.#parked !== null) await this.#unpark();
    return true;
  }

  #isKnown(process: Process): boolean {
    try {
      this.#machine.deadlineOf(process);
      return Object.hasOwn(this.#machine.table.states, process.state);
    } catch {
      return false;
    }
  }

  /** True where what was told leaves a gap, or nothing was told at all: Postgres knows the rest. */
  #isBehind(): boolean {
    if (this.#told.length === 0 && !this.#stale) return false;
    if (this.#parked !== null) {
      // Newer code may make sense of it.
      this.#lost = true;
      return true;
    }
    const told = this.#told;
    this.#told = [];
    const { gap, promised } = this.#evolve(told);
    const behind = this.#stale || gap || promised || this.#lost;
    this.#stale = false;
    return behind;
  }

  /** Nothing here can make sense of the process; newer code will, from Postgres. */
  async #park(why: string): Promise<void> {
    if (!this.#reportedParked) await this.#own.done('report', { ...this.#asked(), what: 'parked', why });
    this.#reportedParked = true;
    this.#told = [];
    this.#stale = this.#factsWait = this.#rang = false;
    this.#show();
  }

  async #unpark(): Promise<void> {
    this.#parked = null;
    if (this.#reportedParked) await this.#own.done('heal', { ...this.#asked(), what: 'parked' });
    this.#reportedParked = false;
  }

  /** What an activity answered: steps we may know already, and all promises that are open. */
  #take(news: News): void {
    if (this.#process === null) return;
    const before = this.#process.version;
    const { gap } = this.#evolve(news.steps);
    if (gap || this.#process.version < news.version) {
      // Where what was read leads no further, no step will: the stored process says where it stands.
      if (this.#process.version === before) this.#lost = true;
      else this.#stale = true;
    }
    // Several activities run side by side: what one read earlier may be heard later.
    if (news.version < this.#newest) return;
    this.#newest = news.version;
    this.#promises = news.promises;
    this.#order = news.order;
    this.#calls.keep(news.promises);
  }

  /** `gap`: a step is missing; `promised`: one may have made a promise, and what is open is Postgres' to say. */
  #evolve(steps: readonly Step[]): { gap: boolean; promised: boolean } {
    const evolved: Step[] = [];
    const found = this.#evolveThrough(steps, evolved);
    // A run that is begun anew reads old steps too: how far behind the door they are says nothing.
    const since = new Date(workflowInfo().runStartTime.getTime() - CAUGHT_UP_MS).toISOString();
    const { kind, version } = this.#process as Process;
    sink.evolved({ processId: this.#id, kind, version, steps: evolved.filter(({ at }) => at >= since) });
    return found;
  }

  #evolveThrough(steps: readonly Step[], evolved: Step[]): { gap: boolean; promised: boolean } {
    let promised = false;
    for (const step of [...steps].sort((one, other) => one.n - other.n)) {
      const process = this.#process as Process;
      if (this.#lost || step.n <= process.version) continue;
      if (step.n > process.version + 1) return { gap: true, promised };
      try {
        // First, since it is what finds out that a step makes no sense; then what the step promises can be asked.
        this.#process = evolve(this.#machine, process, step);
        promised ||= this.#machine.promisesOf(process, step).length > 0;
      } catch {
        // The door took it by other rules than these, or it was never taken: the stored process knows.
        this.#lost = true;
        break;
      }
      if (this.#process.entry !== process.entry) this.#notBefore = null;
      this.#correlationId = step.correlation_id ?? this.#correlationId;
      evolved.push(step);
    }
    return { gap: false, promised };
  }

  #hasDue(): boolean {
    return this.#factsWait || this.#rang || this.#promises.some(isToBeCarried);
  }

  /** Books facts, applies a deadline, sends reminders, moves promised money: all that is due now. */
  async #act(): Promise<void> {
    if (this.#factsWait) {
      this.#factsWait = false;
      this.#take(await this.#own.done('bookFacts', this.#asked()));
    }
    if (this.#rang) {
      this.#rang = false;
      await this.#ring();
    }
    for (const promise of this.#promises.filter(isToBeCarried)) {
      const summary = `${promise.kind} of ${this.#amount(promise.amount)}`;
      this.#take(await this.#own.done('carryPromise', { ...this.#asked(), promiseId: promise.id }, summary));
    }
  }

  async #ring(): Promise<void> {
    const process = this.#process as Process;
    const now = new Date().toISOString();
    const deadline = this.#machine.deadlineOf(process);
    if (deadline !== null && now >= deadline) {
      if (now >= (this.#notBefore ?? now)) await this.#passDeadline(deadline);
      return;
    }
    if (deadline === null) return;
    for (const { kind, at } of remindersOf(this.#machine, process, this.#reminded)) {
      if (now < at) continue;
      this.#reminded.add(reminderKey(process, kind));
      await this.#own.done('remind', { ...this.#asked(), entry: process.entry, kind, deadline });
    }
  }

  /** Ends the state, when its order's provider has been asked whether it was paid after all. */
  async #passDeadline(deadline: string): Promise<void> {
    // No step tells of an order, nor of a fact that waits.
    if (!this.#word.isAsking) this.#take(await this.#own.done('readNews', this.#asked()));
    const process = this.#process as Process;
    if (this.#machine.deadlineOf(process) !== deadline || this.#lost) return;
    const order = this.#order;
    const until = this.#word.waitsUntil(order, deadline);
    if (order !== null && until !== null) {
      this.#word.ask(order, deadline);
      return;
    }
    const summary = `${process.state}: deadline`;
    const news = await this.#own.done('expire', { ...this.#asked(), entry: process.entry }, summary);
    this.#notBefore = news.notBefore;
    const { entry } = process;
    this.#take(news);
    if (this.#word.isUnasked(order, deadline) && this.#process?.entry !== entry) {
      const why = `order ${order?.id} was closed although ${order?.provider} did not say whether it was paid`;
      await this.#own.done('report', { ...this.#asked(), what: 'order_unasked', why });
    }
  }

  /** Sets the one timer for whatever comes next. */
  #arm(): void {
    const process = this.#process as Process;
    const deadline = this.#machine.deadlineOf(process);
    const due = remindersOf(this.#machine, process, this.#reminded).map(({ kind, at }) => ({
      at,
      summary: `${process.state}: ${kind} reminder`,
    }));
    // While the word is awaited its answer rings.
    if (deadline !== null && !this.#word.isAsking) {
      const at = this.#notBefore !== null && this.#notBefore > deadline ? this.#notBefore : deadline;
      due.push({ at, summary: `${process.state}: deadline` });
    }
    if (this.#shown.latest !== null) due.push({ at: this.#shown.latest, summary: 'show where it stands' });
    const call = this.#calls.next(this.#promises);
    if (call !== null) due.push({ at: call, summary: 'ask what became of it' });
    const [next] = due.sort((one, other) => (one.at < other.at ? -1 : 1));
    this.#alarm.set(next?.at ?? null, next?.summary ?? '');
  }

  #show(): void {
    if (this.#process !== null) this.#shown.show(this.#process, this.#standing());
    // Before it has read anything there is nothing to show, but that it cannot read it.
    else if (this.#parked !== null) this.#shown.showParked(this.#parked);
  }

  #standing(): Standing {
    const deadline = this.#machine.deadlineOf(this.#process as Process);
    return {
      promises: this.#promises,
      parked: this.#parked,
      failing: this.#own.failing,
      awaitsWord: this.#word.isAsking && deadline !== null ? this.#word.waitsUntil(this.#order, deadline) : null,
    };
  }
}

function isToBeCarried({ moved, held_up }: OpenPromise): boolean {
  return !moved && !held_up;
}
