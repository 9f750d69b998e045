/** What a deal's command is: one entry holds all that there is to say of it. */
import type { Accepted, Circumstances, Command, Refusal } from '../../process/machine.ts';
import type { AllowedAction } from '../contract.ts';
import type { DealKind, Party, Role } from '../parties.ts';
import type { State } from '../states.ts';
import type { Deal, DealData, DealStep, Terms } from '../terms.ts';

export type CommandRow = {
  /** Where it may be given; the first state is the command's own. */
  from: readonly State[];
  by: readonly Role[];
  /** Where it leads. `same` stays, without entering the state anew. */
  to: State | 'same';
  /** Only in deals of this kind. */
  variant?: DealKind;
};

/** What a text input may be about. */
const INPUT_TYPES = [
  'project_details',
  'price_offer',
  'negotiation',
  'final_offer',
  'revision_feedback',
  'dispute_statement',
] as const;
export type InputType = (typeof INPUT_TYPES)[number];

export type Button = {
  text: string;
  style: AllowedAction['style'];
  /** What has to be filled in. */
  field: NonNullable<AllowedAction['input_field']> | null;
  /** As which text input it may be sent; `alone` where there is no button to press. */
  input: { type: InputType; alone: boolean } | null;
  /** The price that it accepts, in paise: sent back with the click, so that a newer offer is not accepted by accident. */
  standing: ((terms: Terms) => string | null) | null;
  /** It leaves the deal instead of answering what is asked. */
  isWayOut: boolean;
};

export type Tidings = {
  before: Deal;
  step: DealStep;
  deal: Deal;
  /** "The influencer", where a side did it. */
  who: string;
};

/** What is read of it in the conversation; null where nothing is. */
export type Sentences = {
  /** The actor's own words. */
  own: ((data: DealData) => string | null) | null;
  /** What its actor alone reads; null where no side gives it. */
  audit: ((before: Deal, data: DealData) => string) | null;
  /** What both sides read. */
  news: ((told: Tidings) => string) | null;
  /** Whom the news concern where neither side did it and nobody is asked. */
  concerns: Party;
};

export type CommandEntry = {
  rows: readonly CommandRow[];
  /** Null for what nobody presses or writes. */
  button: Button | null;
  /** Why it makes no sense just now, though the table allows it; null where it does. */
  idle: ((deal: Deal, now: string) => { refusal: Refusal } | null) | null;
  /** What it brings with it, checked and in one form. */
  takes: (deal: Deal, command: Command, at: Circumstances) => Accepted;
  /** The amounts that its step has to carry. */
  carries: readonly ('price' | 'amount')[];
  /** What changes in the terms. */
  changes: (terms: Terms, step: DealStep) => Partial<Terms>;
  /** What it has held from now on; null where it brings no money. */
  holds: ((data: DealData) => string) | null;
  says: Sentences;
  /** Whether it renews the question of the state that it stays in. */
  asksAgain: boolean;
};

export const NO_CHANGE = (): Partial<Terms> => ({});

/** An entry: what most commands have none of may be left out. What speaks or decides may not. */
export function command(
  entry: Pick<CommandEntry, 'rows' | 'button' | 'takes' | 'changes' | 'says'> & Partial<CommandEntry>,
): CommandEntry {
  return { idle: null, carries: [], holds: null, asksAgain: false, ...entry };
}
