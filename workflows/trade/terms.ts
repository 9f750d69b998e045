/** What there is to know of a trade beside its process's columns, and what its steps remember. */
import { earlier } from '../process/clock.ts';
import type { Process, Step } from '../process/machine.ts';
import type { Party } from './parties.ts';
import type { Policy } from './policy.ts';
import type { State } from './states.ts';

export type Terms = {
  policy: Policy;
  /** What is paid outside of Tandem for the whole, in `currency`: decimal text as the parties agreed on it. */
  price: string;
  currency: string;
  payment_method: string;
  /** The offer that it was taken from, where it was. */
  offer_id?: string;
  /** The amount that was put into escrow, in minor units: what remains to be read when nothing is held any more. */
  amount: string;
  /** The buyer took back that he had paid: he may do so once. */
  unconfirmed: boolean;
  /** Who asks to call it off together. */
  cancel_asked_by: Party | null;
  /** How often it was asked, by both sides together. */
  cancel_asks: number;
  dispute: {
    /** `system` where the seller was silent. */
    opened_by: Party | 'system';
    reason: string;
    /** When each side first said anything: opened it, gave evidence, wrote a statement. */
    spoke: Record<Party, string | null>;
    /** When each side first wrote a statement. */
    stated: Record<Party, string | null>;
    /** Of evidence and statements, of both sides together. */
    papers: number;
  } | null;
  /** How a dispute ended. */
  ruling: { release_percent: number; reason: string; by: string } | null;
};

/** What an opening fixes. */
export type TradeOpening = Pick<Terms, 'policy' | 'price' | 'currency' | 'payment_method' | 'offer_id'>;

/** A trade's process, with the words that its table has for its state. */
export type Trade = Omit<Process<Terms>, 'state' | 'variant'> & { state: State; variant: null };

/** What a step remembers of its command. */
export type TradeData = {
  readonly reason?: string;
  readonly text?: string;
  readonly links?: readonly string[];
  readonly release_percent?: number;
  /** Of promises: what was moved, in minor units. */
  readonly amount?: string;
  readonly promise_id?: string;
};

export type TradeStep = Step<TradeData>;

/** A process of this kind, which its table keeps to these states. */
export function asTrade(process: Process<Terms> | Process): Trade {
  return process as Trade;
}

export function openingTerms(opening: TradeOpening, amount: string): Terms {
  const { policy, price, currency, payment_method, offer_id } = opening;
  return {
    policy,
    price,
    currency,
    payment_method,
    ...(offer_id !== undefined && { offer_id }),
    amount,
    unconfirmed: false,
    cancel_asked_by: null,
    cancel_asks: 0,
    dispute: null,
    ruling: null,
  };
}

/** The same terms without what people wrote: a workflow needs none of it. */
export function withoutTexts(terms: Terms): Terms {
  const { dispute, ruling } = terms;
  return {
    ...terms,
    payment_method: '',
    // Where nobody opened it, nobody wrote why: the step makes it, in the workflow too.
    dispute: dispute && { ...dispute, reason: dispute.opened_by === 'system' ? dispute.reason : '' },
    ruling: ruling && { ...ruling, reason: '' },
  };
}

/** The same where time was moved on: whoever spoke did so that much earlier. */
export function spokeEarlier(terms: Terms, ms: number): Terms {
  const { dispute } = terms;
  if (!dispute) return terms;
  const moved = ({ buyer, seller }: Record<Party, string | null>) => ({
    buyer: earlier(buyer, ms),
    seller: earlier(seller, ms),
  });
  return { ...terms, dispute: { ...dispute, spoke: moved(dispute.spoke), stated: moved(dispute.stated) } };
}

/** What a workflow is told of a step's data: what its machine reckons with. */
export function toldData({ release_percent, amount, promise_id }: TradeData): TradeData {
  return {
    ...(release_percent !== undefined && { release_percent }),
    ...(amount !== undefined && { amount }),
    ...(promise_id !== undefined && { promise_id }),
  };
}
