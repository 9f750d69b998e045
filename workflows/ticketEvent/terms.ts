/** What there is to know of an event beside its process's columns. */
import type { Process } from '../process/machine.ts';

export const STATES = ['on_sale', 'started', 'refunding', 'settled', 'cancelled'] as const;
export type State = (typeof STATES)[number];

/** Who has a ticket is no party: there are as many as there are seats. */
export const PARTIES = ['creator'] as const;

/** ISO 8601: so long after it began what was paid is held, for it may not have taken place. */
export const SETTLE_AFTER = 'P1D';
/** Until so long before it begins whoever has a ticket may give it back. */
export const GIVEN_BACK_UNTIL = 'PT24H';
/** How far ahead one may be announced: with the day after it, as long as any process may wait. */
export const AHEAD_MS = 365 * 24 * 3_600_000;
export const MOST_SEATS = 100_000;

export type TicketEventOpening = {
  title: string;
  /** ISO. */
  starts_at: string;
  capacity: number;
  /** Of one ticket, in minor units of the process's asset; 0 where it is free. */
  price: string;
  /** The creator's part of it, in basis points. */
  share_bps: number;
};

export type Terms = TicketEventOpening & {
  /** Tickets that are valid. */
  sold: number;
};

/** An event's process, with the words that its table has for its state. */
export type TicketEvent = Omit<Process<Terms>, 'state'> & { state: State };

/** A process of this kind, which its table keeps to these states. */
export function asTicketEvent(process: Process<Terms> | Process): TicketEvent {
  return process as TicketEvent;
}

export type TicketEventData = {
  /** Of some that are refunded: how many. */
  readonly tickets?: number;
  /** Of what was moved. */
  readonly amount?: string;
  readonly promise_id?: string;
};
