/**
 * The one machine that every kind of process is an instance of. `decide` says whether a command may be given now and
 * what step it makes; `evolve` takes a process through a step. The door decides, the workflow evolves, and both do it
 * with this file. A kind says only what is its own: its table, what a command brings, what a step changes and promises.
 */
import { later } from '../durations.ts';
import type { FailureCode } from '../failures.ts';
import type { Asset } from '../money.ts';
import { CLOCK_MOVED, earlier, movedMs } from './clock.ts';
import { lookupIn, type Table } from './table.ts';

/** What a machine is about, as the database keeps it. Amounts are decimal text of minor units, instants ISO text. */
export type Process<Terms = unknown> = {
  id: string;
  kind: string;
  /** Which of a kind's ways this one goes; null where there is one. */
  variant: string | null;
  state: string;
  /** Number of the last step. */
  version: number;
  /** How many times a state was entered: what a deadline belongs to. */
  entry: number;
  entered_at: string;
  /** Time of the last step; none is before its predecessor. */
  stepped_at: string;
  /** Everything the machine needs beside these columns. */
  terms: Terms;
  /** Held for it and not yet promised to anybody, in `asset`. */
  held: string;
  asset: Asset;
};

/** What a step remembers of its command: checked, and in one form. Plain JSON. */
export type StepData = Readonly<Record<string, unknown>>;

export type Command = {
  on: string;
  by: string;
  /** The account behind it; null for providers and time. */
  actor: string | null;
  data: Readonly<Record<string, unknown>>;
  /** Of the request that brought it. */
  correlationId?: string | null;
};

export type Step<Data = StepData> = {
  n: number;
  on: string;
  by: string;
  actor: string | null;
  from: string;
  to: string;
  at: string;
  data: Data;
  /** Of the request that began it, for the logs; null for what time does. */
  correlation_id: string | null;
};

/**
 * Where money lies or goes. `escrow`: held for this process; `wallet:<party>` and `hold:<party>`: what is a party's, free
 * or held; `fee`: the platform's; `spent`: paid to us for
 * what is ours to sell; `refund`, `payout`: what a provider is asked to give back or to pay out.
 */
export type Place = 'escrow' | 'fee' | 'spent' | 'refund' | 'payout' | `wallet:${string}` | `hold:${string}`;
/** A positive amount arrives at the place, a negative one leaves it. */
export type Leg = { place: Place; amount: string };

/** What a step obliges us to do with money. Legs sum to zero; carrying a promise out is making that one transfer. */
export type Promised = {
  /** What the step that tells of it is about: `release`, `refund`, `payout`, … Also the reason of its transfer. */
  kind: string;
  amount: string;
  legs: readonly Leg[];
  /** Of a refund: the captured payment that it gives back; null for the one that is in escrow. */
  capture_id?: string | null;
};

export type Reminder = {
  kind: string;
  /** When it is due. */
  at: string;
};

export type Refusal = { code: FailureCode; message: string; details: Record<string, unknown> };
/** The command lacks the data that its button asks for: nothing changes, the caller is shown the field. */
export type Missing = { missing: string };
/** It was asked for before and holds already: nothing changes, and that is no mistake. */
export type Unchanged = { unchanged: true };
export type Accepted = { data: StepData } | { refusal: Refusal } | Missing | Unchanged;
export type Decision = { step: Step } | { refusal: Refusal } | Missing | Unchanged;

/** Where a process stands when a command comes: `now` ISO, `feeBps` what an agreement made now would fix. */
export type Circumstances = { now: string; feeBps: number };

/** What an opening fixes. */
export type Opened = {
  id: string;
  variant: string | null;
  /** As `processes` keeps them from the opening on. */
  opened: unknown;
  /** Held by the opening's own transaction. */
  held: string;
  asset: Asset;
  at: string;
};

/** So many of a kind an account may have open that it opened itself, where its machine says no other number. */
export const OPEN_AT_ONCE = 10_000;

/**
 * A kind. Methods are asked about its own processes alone; type parameters end here, and the mechanism is written
 * against strings as its SQL is.
 */
export interface Machine<Terms = unknown> {
  readonly kind: string;
  /** What its workflows are called in the Temporal Web UI. */
  readonly summary: string;
  readonly table: Table;
  /** Where what is held lies until it is promised to somebody. */
  readonly heldAt: Place;
  /** So many of them an account may have open that it opened itself; OPEN_AT_ONCE where this is left out. */
  readonly openAtOnce?: number;
  /** The process before its first step. */
  opening(row: Opened): Process<Terms>;
  /** What a command brings with it, checked against the process and put into one form. */
  accept(process: Process<Terms>, command: Command, at: Circumstances): Accepted;
  /** Whether a command that the table allows makes no sense just now, as a round too many: no button is shown for it. */
  isIdle?(process: Process<Terms>, on: string, now: string, by: string): boolean;
  /** What a step changes. Promised money is no longer held: the mechanism sees to that. */
  apply(process: Process<Terms>, step: Step): { terms: Terms; held?: string };
  /** Whether a step carries its amounts and parts in the one form that they have. */
  isSound(process: Process<Terms>, step: Step): boolean;
  /** What a step obliges us to do with money, given the process before it. The parts add up to what was held. */
  promisesOf(process: Process<Terms>, step: Step): Promised[];
  /** The instant at which the state ends by itself; null where it rests. */
  deadlineOf(process: Process<Terms>): string | null;
  /** Reminders of this state, in their order; half time and the last day where this is left out. */
  remindersOf?(process: Process<Terms>): Reminder[];
  /** Lines for the operator beside those that all kinds have, and what calls for one. No personal data. */
  boardOf?(process: Process<Terms>): { lines: string[]; attention: string | null };
  /** The terms with every instant that a deadline is reckoned from moved back; left out where they have none. */
  clockMoved?(terms: Terms, ms: number): Terms;
  /** Updates that an operator may send from the Web UI: a command by `admin` each. */
  readonly updates?: Readonly<Record<string, string>>;
  /**
   * What its workflow is told of terms and of a step's data: what `evolve`, deadlines and promises need, and nothing that
   * people wrote. Evolving these comes to the same states, deadlines and promises as evolving the whole.
   */
  outlineOf(terms: Terms): Terms;
  toldOf(step: Step): StepData;
}

export function decide<T>(machine: Machine<T>, process: Process<T>, command: Command, at: Circumstances): Decision {
  const table = lookupIn(machine.table);
  const roles = table.rolesOf(command.on);
  if (!roles.includes(command.by)) {
    return refuse('FORBIDDEN', `Only the ${roles.join(' or the ').replaceAll('_', ' ')} can do this.`, {
      required_role: roles[0],
      required_roles: roles,
    });
  }
  const row = table.findRow(process.state, command.on, process.variant);
  if (!row?.by.includes(command.by)) return refuseState(machine, process, command.on);
  const now = later(at.now, process.stepped_at);
  const accepted = machine.accept(process, command, { ...at, now });
  if (!('data' in accepted)) return accepted;
  const { on, by, actor } = command;
  return {
    step: {
      n: process.version + 1,
      on,
      by,
      actor,
      from: process.state,
      to: row.to === 'same' || row.to === 'again' ? process.state : row.to,
      at: now,
      data: accepted.data,
      correlation_id: command.correlationId ?? null,
    },
  };
}

export function refuse(
  code: FailureCode,
  message: string,
  details: Record<string, unknown> = {},
): { refusal: Refusal } {
  return { refusal: { code, message, details } };
}

export function refuseState<T>(
  machine: Machine<T>,
  process: Process<T>,
  on: string,
  message?: string,
): { refusal: Refusal } {
  const states = lookupIn(machine.table).statesOf(on);
  return refuse(
    'FLOW_STATE_INVALID',
    message ?? `This cannot be done while the ${machine.kind} is in ${process.state}.`,
    { current_state: process.state, required_state: states[0], required_states: states },
  );
}

/** Thrown by `evolve` for a step that the table does not know: the workflow parks the process, it never guesses. */
export class IllegalStep extends Error {
  override readonly name = 'IllegalStep';
}

/** The process after a step. Throws IllegalStep, and nothing else, when the step does not fit it. */
export function evolve<T>(machine: Machine<T>, process: Process<T>, step: Step): Process<T> {
  if (step.on === CLOCK_MOVED) return evolveClock(machine, process, step);
  const row = lookupIn(machine.table).findRow(process.state, step.on, process.variant);
  const stays = row?.to === 'same' || row?.to === 'again';
  const to = stays ? process.state : row?.to;
  const fits =
    step.n === process.version + 1 && step.from === process.state && step.to === to && row?.by.includes(step.by);
  if (!row || !fits || !isInTime(process, step) || !machine.isSound(process, step)) throw illegal(process, step);
  const entered = row.to !== 'same';
  const applied = machine.apply(process, step);
  const held = applied.held ?? process.held;
  return {
    ...process,
    state: step.to,
    version: step.n,
    entry: entered ? process.entry + 1 : process.entry,
    entered_at: entered ? step.at : process.entered_at,
    stepped_at: step.at,
    terms: applied.terms,
    held: (BigInt(held) - promisedFrom(machine, process, step)).toString(),
  };
}

function illegal({ state, version }: Process, { n, on, by }: Step): IllegalStep {
  return new IllegalStep(`step ${JSON.stringify([n, on, by])} does not fit ${state} at ${version}`);
}

/** Only what ends by itself is moved on: nothing else is reckoned from when a state was entered. */
function evolveClock<T>(machine: Machine<T>, process: Process<T>, step: Step): Process<T> {
  const ms = isInTime(process, step) ? movedMs(step) : null;
  const fits = step.n === process.version + 1 && step.from === process.state && machine.deadlineOf(process) !== null;
  if (ms === null || !fits) throw illegal(process, step);
  return {
    ...process,
    version: step.n,
    entered_at: earlier(process.entered_at, ms),
    stepped_at: step.at,
    terms: machine.clockMoved?.(process.terms, ms) ?? process.terms,
  };
}

/** How much of what is held a step promises to somebody. */
function promisedFrom<T>(machine: Machine<T>, process: Process<T>, step: Step): bigint {
  let sum = 0n;
  for (const { legs } of machine.promisesOf(process, step)) {
    for (const { place, amount } of legs) if (place === machine.heldAt) sum -= BigInt(amount);
  }
  return sum;
}

function isInTime({ stepped_at }: Process, { at, data }: Step): boolean {
  return !Number.isNaN(Date.parse(at)) && at >= stepped_at && typeof data === 'object' && data !== null;
}

/** Whether the process has nothing more to wait for. */
export function isEnded<T>(machine: Machine<T>, process: Process<T>): boolean {
  return machine.table.states[process.state]?.ends === true;
}

/** Whose turn it is; null where nobody's, or everybody's. */
export function awaitedRole<T>(machine: Machine<T>, process: Process<T>): string | null {
  return machine.table.states[process.state]?.awaits ?? null;
}

/** Everything a role may do now, in the table's order: what a page may show as buttons. */
export function allowedCommands<T>(machine: Machine<T>, process: Process<T>, role: string, now: string): string[] {
  const rows = lookupIn(machine.table).rowsIn(process.state, process.variant);
  return [...rows]
    .filter(([on, row]) => row.by.includes(role) && !machine.isIdle?.(process, on, now, role))
    .map(([on]) => on);
}

/** A process as its workflow knows it: no texts, no accounts. */
export function outlined<T>(machine: Machine<T>, process: Process<T>): Process<T> {
  return { ...process, terms: machine.outlineOf(process.terms) };
}

/** A step as a workflow is told of it: no texts, no accounts. */
export function toldStep<T>(machine: Machine<T>, step: Step): Step {
  return { ...step, actor: null, data: step.on === CLOCK_MOVED ? step.data : machine.toldOf(step) };
}
