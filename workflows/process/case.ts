/**
 * How any process is shown to people: one form for all kinds, made from the kind's table and from the words that it hands
 * in. What may be done is the machine's to say; what it is called and what it does with money is the kind's.
 */
import { type Asset, formatAmount } from '../money.ts';
import { CLOCK_MOVED } from './clock.ts';
import {
  allowedCommands,
  awaitedRole,
  type Circumstances,
  isEnded,
  type Machine,
  type Process,
  type Step,
} from './machine.ts';

/** Who looks: a party by its role, or an administrator, who sees everything. */
export type Viewer = string;

export type Style = 'success' | 'danger' | 'primary' | 'secondary' | 'warning';

/** What has to be filled in. `amount` is read as people write money, `percent` is a whole number, `links` a list of texts. */
export type Field = {
  id: string;
  label: string;
  type: 'text' | 'textarea' | 'amount' | 'percent' | 'links';
  required: boolean;
  max_length: number | null;
};

/** What a page shows for a command. */
export type CaseButton = {
  label: string;
  style: Style;
  fields: readonly Field[];
  /** Sent along as it is: what was seen when it was pressed, so that nothing newer is agreed to by accident. */
  data: Readonly<Record<string, string>>;
  /** It answers nothing that is asked: a page shows it beside the rest. */
  aside: boolean;
};

export type CaseAction = {
  name: string;
  label: string;
  style: Style;
  input: readonly Field[] | null;
  data: Readonly<Record<string, string>>;
  aside: boolean;
  /** Who gets what, net of fees, in a sentence to whoever looks; null where it moves and promises no money. */
  consequence: string | null;
};

export type Outcome = { name: string; label: string; tone: 'good' | 'neutral' | 'bad' };
export type Phase = { name: string; label: string; states: readonly string[] };
export type Fact = { label: string; text: string };

/** What a process is about, where that lies beside it: a title, and a text that belongs to it. */
export type About = { title: string | null; text: string | null };

export type Said = { sentence: string; text: string | null; links: readonly string[] };

/** The words of a kind: one entry, and all there is to say for it to be listed, looked at and acted on. */
export interface CaseWords<Terms = unknown> {
  /** What one of them is called. */
  readonly label: string;
  /** By role. */
  readonly parties: Readonly<Record<string, string>>;
  /** The way through it, for a bar; every state lies in one. */
  readonly phases: readonly Phase[];
  /** Where each of its ways begins. */
  readonly opens: readonly { variant: string | null; state: string }[];
  /** By state. */
  readonly states: Readonly<Record<string, string>>;
  titleOf(process: Process<Terms>, about: About): string;
  /** What it is worth, in minor units of its asset; null while nothing is agreed or asked. */
  valueOf(process: Process<Terms>): string | null;
  /** How it came out; null while it goes on. */
  outcomeOf(process: Process<Terms>): Outcome | null;
  /** What a viewer is asked; null where nothing is. */
  askOf(process: Process<Terms>, viewer: Viewer): { title: string; subtitle: string } | null;
  /** What a command looks like; null for what nobody presses. Whether it may be given is not its business. */
  buttonOf(process: Process<Terms>, on: string): CaseButton | null;
  /** What a command would do with money, with what is filled in so far. */
  consequenceOf(process: Process<Terms>, viewer: Viewer, given: Given, at: Circumstances): string | null;
  /** What happens to money where everybody is silent; null where nothing does. */
  silenceOf(process: Process<Terms>, viewer: Viewer, at: Circumstances): string | null;
  /** Every instant at which something changes by itself, in their order. */
  instantsOf(process: Process<Terms>): readonly { name: string; label: string; at: string }[];
  factsFor(process: Process<Terms>, viewer: Viewer, about: About, now: string): readonly Fact[];
  /** A step as a viewer reads it. */
  saidOf(step: Step, viewer: Viewer): Said;
  /** How a command is told of in the kind's own events. */
  viaOf(on: string): Readonly<Record<string, string>>;
}

export type Given = { on: string; data: Readonly<Record<string, unknown>> };

/** Everything a viewer may do now, in the table's order. */
export function actionsFor<T>(
  machine: Machine<T>,
  words: CaseWords<T>,
  process: Process<T>,
  viewer: Viewer,
  at: Circumstances,
): CaseAction[] {
  return allowedCommands(machine, process, viewer, at.now).flatMap((name) => {
    const button = words.buttonOf(process, name);
    if (!button) return [];
    const { label, style, fields, data, aside } = button;
    const consequence = words.consequenceOf(process, viewer, { on: name, data }, at);
    return [{ name, label, style, input: fields.length > 0 ? fields : null, data, aside, consequence }];
  });
}

/** Where a process stands in its kind's way. */
export function phaseOf(words: Pick<CaseWords, 'phases'>, state: string): Phase {
  const found = words.phases.find(({ states }) => states.includes(state));
  if (!found) throw new RangeError(`${state} is in no phase`);
  return found;
}

/** Every state in which somebody's turn it is, with their role. */
export function turnsOf<T>(machine: Machine<T>): { state: string; role: string }[] {
  return Object.entries(machine.table.states).flatMap(([state, { awaits }]) =>
    awaits === null ? [] : [{ state, role: awaits }],
  );
}

/** What all kinds say alike of a process as it stands. */
export function standingOf<T>(machine: Machine<T>, words: CaseWords<T>, process: Process<T>) {
  const awaiting = awaitedRole(machine, process);
  return {
    state: process.state,
    state_label: words.states[process.state] ?? process.state,
    phase: phaseOf(words, process.state).name,
    outcome: words.outcomeOf(process),
    ended: isEnded(machine, process),
    awaiting,
    deadline: machine.deadlineOf(process),
    value: moneyOf(words.valueOf(process), process.asset),
    held: process.held === '0' ? [] : [{ asset: process.asset, amount: process.held }],
  };
}

/** As people write it: without zeros that say nothing. */
export function shownAmount(units: bigint, asset: Asset): string {
  return formatAmount(units, asset)
    .replace(/(\.\d*?)0+(?= |$)/, '$1')
    .replace(/\.(?= |$)/, '');
}

function moneyOf(units: string | null, asset: Asset): { asset: Asset; amount: string } | null {
  return units === null ? null : { asset, amount: units };
}

/** What every kind's history says of time that was moved on. */
export function saidOf(words: Pick<CaseWords, 'saidOf'>, step: Step, viewer: Viewer): Said {
  if (step.on !== CLOCK_MOVED) return words.saidOf(step, viewer);
  const hours = Number((step.data as { ms: number }).ms) / 3_600_000;
  const by = hours >= 48 ? `${round(hours / 24)} days` : hours >= 1 ? `${round(hours)} h` : `${round(hours * 60)} min`;
  return { sentence: `The sandbox’s clock was moved on by ${by}.`, text: null, links: [] };
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
