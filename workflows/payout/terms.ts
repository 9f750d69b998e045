/** What there is to know of a payout beside its process's columns, and what its steps remember. */
import type { Process, Step } from '../process/machine.ts';
import type { State, Variant } from './states.ts';

export type Terms = {
  /** Minor units: what leaves the wallet, what of it is ours, what arrives. As the estimate said, and never otherwise. */
  gross: string;
  fee: string;
  net: string;
  /** ISO 8601: how long it may be taken back before it goes. */
  hold_for: string;
  provider: string;
  destination_id: string;
  /** What it waited for is there: it goes now. */
  cleared: boolean;
  /** Why it was cancelled, failed or came back, as whoever did it says. */
  reason: string | null;
};

/** What an opening fixes. */
export type PayoutOpening = Omit<Terms, 'gross' | 'cleared' | 'reason'>;

/** A payout's process, with the words that its table has for its state. */
export type Payout = Omit<Process<Terms>, 'state' | 'variant'> & { state: State; variant: Variant };

/** What a step remembers of its command. */
export type PayoutData = {
  readonly reason?: string;
  /** Of promises and of what a provider did: what was moved, in minor units. */
  readonly amount?: string;
  readonly promise_id?: string;
};
export type PayoutStep = Step<PayoutData>;

/** A process of this kind, which its table keeps to these states. */
export function asPayout(process: Process<Terms> | Process): Payout {
  return process as Payout;
}

export function openingTerms(opened: PayoutOpening, gross: string): Terms {
  const { fee, net, hold_for, provider, destination_id } = opened;
  return { gross, fee, net, hold_for, provider, destination_id, cleared: false, reason: null };
}
