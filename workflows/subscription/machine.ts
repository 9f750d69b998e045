/** The pure machine of a subscription: paid for by the month, renewed on the day it began, until nobody pays any more. */
import { after, before, later } from '../durations.ts';
import { earlier } from '../process/clock.ts';
import { asGiven, nothing } from '../process/intake.ts';
import type { Leg, Machine, Process, Promised, Step } from '../process/machine.ts';
import { refuseState } from '../process/machine.ts';
import type { Row, Table } from '../process/table.ts';
import { monthsAfter, monthToPay } from './months.ts';
import {
  LEAST_NOTICE,
  NOTICE,
  PARTIES,
  PAY_WITHIN,
  type SubscriptionData,
  type SubscriptionOpening,
  type Terms,
  TRY_EVERY,
  TRY_FOR,
} from './terms.ts';

/** In which the order of its first month is not awaited: a payment that comes then goes back. */
const AFTER_ORDER = ['active', 'due', 'past_due', 'ending', 'closed', 'ended', 'lapsed'] as const;

const ROWS: readonly Row[] = [
  { from: ['awaiting_payment'], by: ['provider'], on: 'payment_captured', to: 'active' },
  { from: ['awaiting_payment'], by: ['provider'], on: 'payment_failed', to: 'same' },
  { from: ['active', 'due'], by: ['subscriber', 'admin'], on: 'cancel', to: 'ending' },
  { from: ['past_due'], by: ['subscriber', 'admin'], on: 'cancel', to: 'ended' },
  { from: ['awaiting_payment'], by: ['subscriber', 'admin'], on: 'cancel', to: 'closed' },
  { from: ['ending'], by: ['subscriber'], on: 'resume', to: 'active' },
  { from: ['due', 'past_due'], by: ['system'], on: 'renew', to: 'active' },
  { from: ['past_due'], by: ['system'], on: 'retry', to: 'again' },
  { from: ['active', 'due'], by: ['system'], on: 'withdraw', to: 'ending' },
  { from: ['awaiting_payment'], by: ['system'], on: 'expire', to: 'closed' },
  { from: ['active'], by: ['system'], on: 'expire', to: 'due' },
  { from: ['due'], by: ['system'], on: 'expire', to: 'past_due' },
  { from: ['past_due'], by: ['system'], on: 'expire', to: 'lapsed' },
  { from: ['ending'], by: ['system'], on: 'expire', to: 'ended' },
  { from: AFTER_ORDER, by: ['system'], on: 'credited', to: 'same' },
  { from: AFTER_ORDER, by: ['provider'], on: 'payment_returned', to: 'same' },
  { from: AFTER_ORDER, by: ['provider'], on: 'refund_settled', to: 'same' },
  { from: AFTER_ORDER, by: ['provider'], on: 'refund_failed', to: 'same' },
];

const TABLE: Table = {
  states: {
    awaiting_payment: { awaits: 'subscriber' },
    active: { awaits: null },
    due: { awaits: null },
    past_due: { awaits: null },
    ending: { awaits: null },
    closed: { awaits: null, rests: true, ends: true },
    ended: { awaits: null, rests: true, ends: true },
    lapsed: { awaits: null, rests: true, ends: true },
  },
  parties: PARTIES,
  rows: ROWS,
};

const AMOUNT = /^[1-9]\d{0,15}$/;
/** What brings money, and says how much. */
const MOVES = new Set(['payment_captured', 'payment_returned', 'credited']);
const isAmount = (units: unknown): units is string => typeof units === 'string' && AMOUNT.test(units);

export const subscriptionMachine: Machine<Terms> = {
  kind: 'subscription',
  summary: 'A subscription to a creator',
  table: TABLE,
  heldAt: 'escrow',

  opening({ id, variant, opened, held, asset, at }) {
    const asked = opened as SubscriptionOpening;
    const isPaid = asked.order_price === null;
    const begun = isPaid ? firstMonth(at) : { began_at: null, months: 0, paid_until: null };
    return {
      ...{ id, variant, held, asset, kind: 'subscription', version: 0, entry: 1, entered_at: at, stepped_at: at },
      state: isPaid ? (asked.gift ? 'ending' : 'active') : 'awaiting_payment',
      terms: { ...asked, ...begun, ahead_ms: 0, next_price: null, failed_at: null },
    };
  },

  accept(process, command, { now }) {
    switch (command.on) {
      case 'cancel':
      case 'retry':
      case 'withdraw':
        return nothing();
      case 'resume':
        return process.terms.gift
          ? refuseState(subscriptionMachine, process, 'resume', 'A gift is not renewed; subscribe when it has ended.')
          : nothing();
      case 'renew':
        return { data: renewalAt(process.terms, now) };
      case 'expire':
        return { data: isAmount(command.data.price) ? { price: command.data.price } : {} };
      default:
        return asGiven(process, command);
    }
  },

  // It is not renewed, and so not resumed.
  isIdle: ({ terms }, on) => on === 'resume' && terms.gift,

  apply: ({ terms, state }, step) => ({
    terms: { ...terms, ...changed(terms, state, step) },
    ...(step.on === 'payment_captured' && { held: (step.data as SubscriptionData).amount as string }),
  }),

  // What a renewal costs and how far it reaches follows from the instant alone: a step that says otherwise is none of ours.
  isSound({ terms, state }, { on, at, data }) {
    const { amount, price, months } = data as SubscriptionData;
    if (state !== 'awaiting_payment' && state !== 'closed' && terms.began_at === null) return false;
    if (on === 'resume') return !terms.gift;
    if (on === 'expire') return price === undefined || isAmount(price);
    if (on !== 'renew') return !MOVES.has(on) || isAmount(amount);
    const owed = renewalAt(terms, at);
    return price === owed.price && months === owed.months;
  },

  promisesOf(_, { on, data }): Promised[] {
    const { amount = '0', capture_id } = data as SubscriptionData;
    if (on === 'payment_returned') return [{ kind: 'refund', amount, legs: [], capture_id: capture_id ?? null }];
    if (on !== 'payment_captured') return [];
    // What is bought is tokens, which are the creator's at once: see what is moved alongside.
    const legs: Leg[] = [
      { place: 'escrow', amount: `-${amount}` },
      { place: 'spent', amount },
    ];
    return [{ kind: 'credit', amount, legs }];
  },

  deadlineOf,
  // That it is to be renewed is a step, as what it will cost is a part of that.
  remindersOf: () => [],

  boardOf: ({ terms }) => ({
    lines: [`${terms.price} TOKEN a month, ${terms.months} months until ${terms.paid_until ?? 'it is paid for'}`],
    attention: null,
  }),

  clockMoved: (terms, ms) => ({
    ...terms,
    paid_until: earlier(terms.paid_until, ms),
    failed_at: earlier(terms.failed_at, ms),
    ahead_ms: terms.ahead_ms + ms,
  }),
  updates: { cancelSubscription: 'cancel' },
  // A tier is called what its creator likes.
  outlineOf: (terms) => ({ ...terms, tier: '' }),
  toldOf({ data }) {
    const { amount, capture_id, promise_id, price, months } = data as SubscriptionData;
    return {
      ...(amount !== undefined && { amount }),
      ...(capture_id !== undefined && { capture_id }),
      ...(promise_id !== undefined && { promise_id }),
      ...(price !== undefined && { price }),
      ...(months !== undefined && { months }),
    };
  },
};

function firstMonth(at: string): Pick<Terms, 'began_at' | 'months' | 'paid_until'> {
  return { began_at: at, months: 1, paid_until: monthsAfter(at, 1) };
}

/** What is owed by whoever renews it at an instant: the month that this is in, and what the subscriber was told. */
export function renewalAt(
  { began_at, months, ahead_ms, price, next_price }: Terms,
  now: string,
): { months: number; price: string } {
  return { months: monthToPay(began_at ?? now, months, earlier(now, -ahead_ms)), price: next_price ?? price };
}

function changed(terms: Terms, state: string, { on, at, data }: Step): Partial<Terms> {
  const { price, months = 0 } = data as SubscriptionData;
  switch (on) {
    case 'payment_captured':
      return firstMonth(at);
    case 'renew': {
      const paid_until = earlier(monthsAfter(terms.began_at ?? at, months), terms.ahead_ms);
      return { months, paid_until, price: price ?? terms.price, next_price: null, failed_at: null };
    }
    case 'resume':
      return { next_price: null };
    case 'expire':
      if (state === 'active') return { next_price: told(terms, at, price) };
      return state === 'due' ? { failed_at: at } : {};
    default:
      return {};
  }
}

/** What the next month costs: the price of the day, if there is time to think about it. */
function told({ price, paid_until }: Terms, at: string, today = price): string {
  return at > before(paid_until ?? at, LEAST_NOTICE) ? price : today;
}

function deadlineOf({ state, entered_at, terms }: Process<Terms>): string | null {
  const { failed_at } = terms;
  const paidUntil = terms.paid_until ?? entered_at;
  switch (state) {
    case 'awaiting_payment':
      return after(entered_at, PAY_WITHIN);
    case 'active':
      return before(paidUntil, NOTICE);
    case 'due':
    case 'ending':
      return paidUntil;
    case 'past_due': {
      const [again, end] = [after(entered_at, TRY_EVERY), after(failed_at ?? entered_at, TRY_FOR)];
      return later(again, end) === again ? end : again;
    }
    default:
      return null;
  }
}
