/** What there is to know of a deal beside its process's columns, and what its steps remember. */
import type { Process, Step } from '../process/machine.ts';
import type { DealKind, Party } from './parties.ts';
import type { Policy } from './policy.ts';
import type { State } from './states.ts';

/** Amounts in paise. */
export type Terms = {
  policy: Policy;
  /** Asked for in the application or offered with the connection. */
  proposed: string;
  /** The brand owner's standing offer. */
  offer: string | null;
  /** The influencer's standing counter-offer. */
  counter: string | null;
  rounds: number;
  revisions: number;
  details: string | null;
  agreed: string | null;
  /** Fixed with the agreed price. */
  fee_bps: number | null;
  /** Whether an order was asked for, so that asking again makes no second step. */
  ordered: boolean;
  work: Work | null;
  dispute: { opened_by: Party; reason: string; statements: number } | null;
  /** How a dispute ended. */
  ruling: { release_percent: number; reason: string; by: string } | null;
  /** Why the deal closed, for people. */
  closed_by: string | null;
};

export type Work = { deliverables: string; description: string; submission_notes: string; submitted_at: string };

/** What an opening fixes: `proposed` in paise. */
export type DealOpening = { policy: Policy; proposed: string };

/** A deal's process, with the words that its table has for its state and its way. */
export type Deal = Omit<Process<Terms>, 'state' | 'variant'> & { state: State; variant: DealKind };

/** What a step remembers of its command. Amounts in paise. */
export type DealData = {
  readonly price?: string;
  readonly fee_bps?: number;
  readonly details?: string;
  readonly feedback?: string;
  readonly reason?: string;
  readonly statement?: string;
  readonly work?: Work;
  readonly amount?: string;
  readonly release_percent?: number;
  /** Of promises: what it was about. */
  readonly promise_id?: string;
  readonly capture_id?: string;
  readonly failure?: string;
};

export type DealStep = Step<DealData>;

/** A process of this kind, which its table keeps to these states and variants. */
export function asDeal(process: Process<Terms> | Process): Deal {
  return process as Deal;
}

/** The terms of a deal that has just opened. */
export function openingTerms({ policy, proposed }: DealOpening): Terms {
  return {
    policy,
    proposed,
    offer: null,
    counter: null,
    rounds: 0,
    revisions: 0,
    details: null,
    agreed: null,
    fee_bps: null,
    ordered: false,
    work: null,
    dispute: null,
    ruling: null,
    closed_by: null,
  };
}

/** The same terms without what people wrote: a workflow needs none of it. */
export function withoutTexts(terms: Terms): Terms {
  const { dispute, ruling } = terms;
  return {
    ...terms,
    details: null,
    work: null,
    dispute: dispute && { ...dispute, reason: '' },
    ruling: ruling && { ...ruling, reason: '' },
  };
}

const TOLD = ['price', 'fee_bps', 'amount', 'release_percent'] as const satisfies readonly (keyof DealData)[];

/** What a workflow is told of a step's data: what its machine reckons with. */
export function toldData(data: DealData): DealData {
  return Object.fromEntries(TOLD.flatMap((key) => (data[key] === undefined ? [] : [[key, data[key]]])));
}
