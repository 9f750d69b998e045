/** What there is to know of a charge-back beside its process's columns, and what its steps remember. */
import type { Process, Step } from '../process/machine.ts';
import type { State } from './states.ts';

export type Statements = { readonly [By in 'payer' | 'payee' | 'admin']?: number };

export type Terms = {
  provider: string;
  /** What is disputed, in minor units of its currency, which may be one that we have no asset for. */
  amount: string;
  currency: string;
  /** Until when evidence is taken. */
  respond_by: string;
  /** The process that the payment was for; null where it is none that we know. */
  about: string | null;
  /** What was set aside of the payee's when it was opened; minor units of the process's asset. */
  frozen: string;
  /** Whether evidence is handed in; not where an operator conceded. */
  contested: boolean;
  /** How many statements each side has made. Of a charge-back from before sides were told apart it is a number, which has none. */
  statements: Statements;
  /** What the bank took in the end, in the currency; null while it has not. */
  lost: string | null;
  /** What the payee still owes of it, in the asset. */
  owed: string;
  /** What of the loss still lies in what was paid for, and may yet be made up by a refund that need not be made. */
  pending: string;
};

/** What an opening fixes. */
export type ChargeBackOpening = Pick<Terms, 'provider' | 'amount' | 'currency' | 'respond_by' | 'about'>;

/** A charge-back's process, with the words that its table has for its state. */
export type ChargeBack = Omit<Process<Terms>, 'state'> & { state: State };

/** What a step remembers of its command. */
export type ChargeBackData = {
  readonly text?: string;
  readonly reason?: string;
  /** Of a loss: what the bank took, what of it was frozen, what is owed and what is pending. */
  readonly lost?: string;
  readonly taken?: string;
  readonly owed?: string;
  readonly pending?: string;
  /** Of what was moved. */
  readonly amount?: string;
  readonly promise_id?: string;
};
export type ChargeBackStep = Step<ChargeBackData>;

/** A process of this kind, which its table keeps to these states. */
export function asChargeBack(process: Process<Terms> | Process): ChargeBack {
  return process as ChargeBack;
}

export function statementsOf({ statements }: Terms, by: string): number {
  return statements[by as keyof Statements] ?? 0;
}

export function openingTerms(opened: ChargeBackOpening, frozen: string): Terms {
  const { provider, amount, currency, respond_by, about } = opened;
  return {
    ...{ provider, amount, currency, respond_by, about, frozen },
    ...{ contested: true, statements: {}, lost: null, owed: '0', pending: '0' },
  };
}
