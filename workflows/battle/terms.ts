/** What there is to know of a battle beside its process's columns. */
import type { Process } from '../process/machine.ts';

export const STATES = ['invited', 'running', 'ended', 'declined', 'cancelled', 'expired'] as const;
export type State = (typeof STATES)[number];

export const PARTIES = ['challenger', 'opponent'] as const;
export type Party = (typeof PARTIES)[number];

export const OTHER: Readonly<Record<Party, Party>> = { challenger: 'opponent', opponent: 'challenger' };

/** What one of the two has: people who voted, and tokens they were given. */
export type Tally = { votes: number; tokens: number };
export type Tallies = Readonly<Record<Party, Tally>>;

export type BattleOpening = {
  /** Where it is fought; null: in no stream. */
  stream_id: string | null;
  /** From the moment it is accepted, in ms. */
  lasts: number;
  /** How long the opponent has to answer, in ms. */
  answer_within: number;
};

export type Result = {
  tallies: Tallies;
  /** Null: a tie, or nobody's. */
  winner: Party | null;
  /** Whose stream ended before the battle did. */
  forfeited_by: Party | null;
};

export type Terms = BattleOpening & {
  /** Of each of the two, in minor units: what remains to be read when nothing is held any more. */
  stake: string;
  /** Once it has begun and is over; null before that, and where it never began. */
  result: Result | null;
};

/** A battle's process, with the words that its table has for its state. */
export type Battle = Omit<Process<Terms>, 'state'> & { state: State };

/** A process of this kind, which its table keeps to these states. */
export function asBattle(process: Process<Terms> | Process): Battle {
  return process as Battle;
}
