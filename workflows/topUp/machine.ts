/** The pure machine of a top-up: paid by an order at a provider, credited by the fact that it was. */
import { after } from '../durations.ts';
import { formatUnits } from '../money.ts';
import { asGiven, nothing } from '../process/intake.ts';
import type { Leg, Machine, Promised } from '../process/machine.ts';
import type { Row, Table } from '../process/table.ts';
import { PARTIES, PAY_WITHIN, type Terms, type TopUpData } from './terms.ts';

const ENDED = ['paid', 'closed'] as const;

const ROWS: readonly Row[] = [
  { from: ['open'], by: ['provider'], on: 'payment_captured', to: 'paid' },
  { from: ['open'], by: ['provider'], on: 'payment_failed', to: 'same' },
  { from: ['open'], by: ['buyer'], on: 'cancel', to: 'closed' },
  { from: ['open'], by: ['system'], on: 'expire', to: 'closed' },
  { from: ['paid'], by: ['system'], on: 'credited', to: 'same' },
  { from: ENDED, by: ['provider'], on: 'payment_returned', to: 'same' },
  { from: ENDED, by: ['provider'], on: 'refund_settled', to: 'same' },
  { from: ENDED, by: ['provider'], on: 'refund_failed', to: 'same' },
];

const TABLE: Table = {
  states: {
    open: { awaits: 'buyer' },
    paid: { awaits: null, rests: true, ends: true },
    closed: { awaits: null, rests: true, ends: true },
  },
  parties: PARTIES,
  rows: ROWS,
};

const AMOUNT = /^[1-9]\d{0,15}$/;
/** What brings money, and says how much. */
const MOVES = new Set(['payment_captured', 'payment_returned', 'credited']);

export const topUpMachine: Machine<Terms> = {
  kind: 'topUp',
  summary: 'A top-up of a wallet, by payment order',
  table: TABLE,
  heldAt: 'escrow',
  opening: ({ id, variant, opened, held, asset, at }) => ({
    id,
    kind: 'topUp',
    variant,
    state: 'open',
    version: 0,
    entry: 1,
    entered_at: at,
    stepped_at: at,
    terms: opened as Terms,
    held,
    asset,
  }),
  accept: (_, command) => (command.by === 'provider' || command.on === 'credited' ? asGiven(_, command) : nothing()),
  apply: ({ terms }, { on, data }) => ({
    terms,
    ...(on === 'payment_captured' && { held: (data as TopUpData).amount as string }),
  }),
  isSound: (_, { on, data }) => {
    const { amount } = data as TopUpData;
    return !MOVES.has(on) || (typeof amount === 'string' && AMOUNT.test(amount));
  },
  promisesOf({ asset, terms }, { on, data }): Promised[] {
    const { amount = '0', capture_id } = data as TopUpData;
    if (on === 'payment_returned') return [{ kind: 'refund', amount, legs: [], capture_id: capture_id ?? null }];
    if (on !== 'payment_captured') return [];
    const legs: Leg[] = [
      { place: 'escrow', amount: `-${amount}` },
      // Money arrives as it is; what is ours is sold for it.
      { place: terms.asset === asset ? 'wallet:buyer' : 'spent', amount },
    ];
    return [{ kind: 'credit', amount, legs }];
  },
  deadlineOf: ({ state, entered_at }) => (state === 'open' ? after(entered_at, PAY_WITHIN) : null),
  remindersOf: () => [],
  boardOf: ({ terms }) => ({ lines: [`buys ${formatUnits(terms.quantity, terms.asset)}`], attention: null }),
  outlineOf: (terms) => terms,
  toldOf: ({ data }) => {
    const { amount, capture_id, promise_id } = data as TopUpData;
    return {
      ...(amount !== undefined && { amount }),
      ...(capture_id !== undefined && { capture_id }),
      ...(promise_id !== undefined && { promise_id }),
    };
  },
};
