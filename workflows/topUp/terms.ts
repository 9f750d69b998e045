/** The words of a top-up: something of ours that is bought with money from outside. */
import type { Asset } from '../money.ts';
import type { Process } from '../process/machine.ts';

export const STATES = ['open', 'paid', 'closed'] as const;
export type State = (typeof STATES)[number];

export const PARTIES = ['buyer'] as const;

/** ISO 8601: how long it may be paid. */
export const PAY_WITHIN = 'PT24H';

export type Terms = {
  /** What arrives in the wallet, in its minor units. */
  asset: Asset;
  quantity: string;
  /** What is paid for it, in minor units of the process's own asset. */
  price: string;
};
export type TopUp = Omit<Process<Terms>, 'state' | 'variant'> & { state: State; variant: null };
export type TopUpData = {
  readonly amount?: string;
  readonly capture_id?: string;
  readonly promise_id?: string;
  readonly failure?: string;
};

/** A process of this kind, which its table keeps to these states. */
export function asTopUp(process: Process<Terms> | Process): TopUp {
  return process as TopUp;
}
