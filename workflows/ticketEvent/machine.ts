/**
 * The pure machine of an event that tickets are sold for. What is paid for them is held until it has taken place; where
 * it does not, all of it goes back, so many holders at a time.
 */
import { after } from '../durations.ts';
import { earlier } from '../process/clock.ts';
import { asGiven, nothing } from '../process/intake.ts';
import type { Accepted, Leg, Machine, Process, Promised, Step } from '../process/machine.ts';
import { refuse } from '../process/machine.ts';
import type { Table } from '../process/table.ts';
import { PARTIES, SETTLE_AFTER, type Terms, type TicketEventData, type TicketEventOpening } from './terms.ts';

const OPEN = ['on_sale', 'started'] as const;

const TABLE: Table = {
  states: {
    on_sale: { awaits: null },
    started: { awaits: null },
    refunding: { awaits: null },
    settled: { awaits: null, rests: true, ends: true },
    cancelled: { awaits: null, rests: true, ends: true },
  },
  parties: PARTIES,
  rows: [
    { from: OPEN, by: ['system'], on: 'sell', to: 'same' },
    { from: OPEN, by: ['system'], on: 'take_back', to: 'same' },
    { from: OPEN, by: ['creator', 'admin', 'system'], on: 'cancel', to: 'refunding' },
    { from: ['refunding'], by: ['system'], on: 'refund_some', to: 'again' },
    { from: ['on_sale'], by: ['system'], on: 'expire', to: 'started' },
    { from: ['started'], by: ['system'], on: 'expire', to: 'settled' },
    { from: ['refunding'], by: ['system'], on: 'expire', to: 'cancelled' },
    { from: ['settled'], by: ['system'], on: 'creator_paid', to: 'same' },
  ],
};

const AMOUNT = /^[1-9]\d{0,15}$/;

export const ticketEventMachine: Machine<Terms> = {
  kind: 'ticketEvent',
  summary: 'An event that tickets are sold for',
  table: TABLE,
  heldAt: 'escrow',

  opening: ({ id, variant, opened, held, asset, at }) => ({
    ...{ id, variant, held, asset, kind: 'ticketEvent', state: 'on_sale', version: 0, entry: 1 },
    ...{ entered_at: at, stepped_at: at },
    terms: { ...(opened as TicketEventOpening), sold: 0 },
  }),

  accept({ terms }, command) {
    switch (command.on) {
      case 'sell':
        return terms.sold < terms.capacity ? nothing() : soldOut(terms);
      case 'take_back':
        return terms.sold > 0 ? nothing() : refuse('NOT_FOUND', 'There is no such ticket.');
      case 'refund_some': {
        const { tickets } = command.data as TicketEventData;
        return isSome(tickets, terms) ? { data: { tickets } } : refuse('CONFLICT', 'There are not so many tickets.');
      }
      case 'cancel':
      case 'expire':
        return nothing();
      default:
        return asGiven(null, command);
    }
  },

  apply(process, { on, from, data }) {
    const { sold } = process.terms;
    if (on === 'sell') return holding(process, sold + 1);
    if (on === 'take_back') return holding(process, sold - 1);
    if (on === 'refund_some') return holding(process, sold - ((data as TicketEventData).tickets ?? 0));
    return on === 'expire' && from === 'refunding' ? holding(process, 0) : { terms: process.terms };
  },

  isSound({ terms }, { on, data }) {
    const { tickets, amount } = data as TicketEventData;
    if (on === 'sell') return terms.sold < terms.capacity;
    if (on === 'take_back') return terms.sold > 0;
    if (on === 'refund_some') return isSome(tickets, terms);
    return on !== 'creator_paid' || (typeof amount === 'string' && AMOUNT.test(amount));
  },

  promisesOf(process, step) {
    return step.on === 'expire' && process.state === 'started' && process.held !== '0' ? [payOut(process)] : [];
  },

  deadlineOf({ state, entered_at, terms }) {
    if (state === 'on_sale') return terms.starts_at;
    if (state === 'started') return after(terms.starts_at, SETTLE_AFTER);
    // The next holders, at once.
    return state === 'refunding' ? entered_at : null;
  },

  remindersOf: () => [],
  boardOf: ({ terms }) => ({ lines: [`${terms.sold} of ${terms.capacity} tickets`], attention: null }),
  clockMoved: (terms, ms) => ({ ...terms, starts_at: earlier(terms.starts_at, ms) }),
  updates: { cancelEvent: 'cancel' },
  outlineOf: (terms) => ({ ...terms, title: '' }),
  toldOf,
};

function soldOut({ capacity, sold }: Terms): Accepted {
  return refuse('LIMIT_REACHED', 'All tickets are sold.', { capacity, sold });
}

/** Some, but not the last: those are given back by the step that ends it. */
function isSome(tickets: unknown, { sold }: Terms): tickets is number {
  return Number.isInteger(tickets) && (tickets as number) > 0 && (tickets as number) < sold;
}

/** With so many tickets, what is paid for them is held. */
function holding({ terms }: Process<Terms>, sold: number): { terms: Terms; held: string } {
  return { terms: { ...terms, sold }, held: (BigInt(terms.price) * BigInt(sold)).toString() };
}

/** The creator's part, rounded down, is the creator's, the rest the platform's. One transfer. */
function payOut({ held, terms }: Process<Terms>): Promised {
  const all = BigInt(held);
  const share = (all * BigInt(terms.share_bps)) / 10_000n;
  const legs: Leg[] = [{ place: 'escrow', amount: `-${held}` }];
  if (share > 0n) legs.push({ place: 'wallet:creator', amount: share.toString() });
  if (all > share) legs.push({ place: 'fee', amount: (all - share).toString() });
  return { kind: 'pay_creator', amount: held, legs };
}

function toldOf({ data }: Step): Step['data'] {
  const { tickets, amount, promise_id } = data as TicketEventData;
  return {
    ...(tickets !== undefined && { tickets }),
    ...(amount !== undefined && { amount }),
    ...(promise_id !== undefined && { promise_id }),
  };
}
