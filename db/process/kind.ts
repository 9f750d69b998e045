import type { Process, Step, StepData } from '#workflows/process/machine.ts';
import type { Announcement } from '../event/announce.ts';
import type { Transfer } from '../money/ledger.ts';
import type { Executor, Transaction } from '../pool.ts';
import type { Answer } from './answers.ts';
import type { Beside } from './append.ts';
import type { Said, StoredProcess, Taken } from './stored.ts';

/** How a person gave a command, in the words of its kind. */
export type Via = Readonly<Record<string, string>>;

/** In whose name a step speaks, how it was given, and the provider that a new order is made at. */
export type Circumstance = { systemUserId: string; via: Via | null; provider: string };

/** What people are told without a step: messages in the conversation, and events. */
export type Note = { messages: readonly Said[]; events: readonly Announcement[] };

/**
 * What the database half of the mechanism asks of a kind: what a step writes beside itself, and the words. Whom it may
 * concern is the machine's; where the rows go is the mechanism's.
 */
export type KindRows = {
  /** What a step brings, given the process before and after it. */
  besideOf(stored: StoredProcess, step: Step, process: Process, at: Circumstance): Beside;
  /** By a promise's kind: the command that tells of its having been carried out. Also the reason of its transfer. */
  tells: Readonly<Record<string, string>>;
  /** Whether those whose wallets a promise moved are told of their balance too, in its transaction. They are seated. */
  tellsWallets?: boolean;
  /** What is moved in the transaction of a promise and is no leg of it, as what is sold for what was paid. */
  alongside?(stored: StoredProcess, promise: { kind: string }, now: string): readonly Transfer[];
  /**
   * By a command's name: what is done in its step's own transaction before it is decided, under the process's lock, such
   * as setting aside what whoever gives it puts in. What it answers lies over what the command brought. A Failure refuses
   * the command; where no step comes of it, all of it is undone.
   */
  prepares?: Readonly<Record<string, Prepare>>;
  /**
   * What is done where a deadline has passed; `expire` where this is left out. `wait`: for something that only the
   * database knows of, so it is asked again later. Else a command of the system's, with what it brings.
   */
  atDeadline?(executor: Executor, stored: StoredProcess, now: string): Promise<AtDeadline>;
  /**
   * The same for a kind that moves money of others at its deadlines, as nobody can promise what may not be there: what is
   * found and written in this transaction is about the process as it stands, which is locked, and is moved and told of
   * together with the step.
   */
  moveAtDeadline?(transaction: Transaction, stored: StoredProcess, now: string): Promise<Moving>;
  /** The command of the system's by which one that waited after its deadline goes on. */
  goesOn?: string;
  /** What an operator rules on a dispute by; null where there are none. */
  rules: string | null;
  /** What whoever gave a command is answered. Remembered with it. */
  answerOf(taken: Taken, as: string, via: Via): Answer;
  /** The same of what changes nothing: data was missing, or it holds already. */
  unchangedOf(process: Process, as: string, on: string, via: Via, missing: string | null): Answer;
  /** That an answer is waited for. */
  remindOf(stored: StoredProcess, reminder: { kind: string; deadline: string }, at: Told): Note;
  /** That what was promised waits for its payment's dispute, or goes on. */
  heldUpOf(stored: StoredProcess, what: 'held_up' | 'goes_on', at: Told): Note;
  /** That a payment was of another amount than was asked for. */
  differsOf(stored: StoredProcess, payment: { amount: string; currency: string }, at: Told): Note;
};
export type Prepare = (transaction: Transaction, stored: StoredProcess, at: { now: string }) => Promise<StepData>;
export type AtDeadline = 'expire' | 'wait' | { on: string; data: Record<string, unknown> };
/** A command of the system's, with the transfers that it tells of, and what people are told beside its step. */
export type Moving = {
  on: string;
  data: Record<string, unknown>;
  moves: readonly Transfer[];
  tells: readonly Announcement[];
};
export type Told = { now: string; systemUserId: string };
