/** The pure machine of a payout: money that leaves a wallet for an account outside, and may come back. */
import { after } from '../durations.ts';
import { formatUnits, isAsset } from '../money.ts';
import type { Leg, Machine, Process, Promised, Step } from '../process/machine.ts';
import { entryOf } from './commands.ts';
import { DECIDE_WITHIN } from './policy.ts';
import { PAYOUT_TABLE } from './table.ts';
import { asPayout, openingTerms, type PayoutData, type PayoutOpening, type PayoutStep, type Terms } from './terms.ts';

const AMOUNT = /^\d{1,16}$/;

export const payoutMachine: Machine<Terms> = {
  kind: 'payout',
  summary: 'A payout from a wallet to an account outside',
  table: PAYOUT_TABLE,
  heldAt: 'hold:payee',

  opening: ({ id, variant, opened, held, asset, at }) => ({
    id,
    kind: 'payout',
    variant,
    state: 'requested',
    version: 0,
    entry: 1,
    entered_at: at,
    stepped_at: at,
    terms: openingTerms(opened as PayoutOpening, held),
    held,
    asset,
  }),

  accept: (process, command) => entryOf(command.on)?.takes(asPayout(process), command) ?? { data: {} },

  apply: ({ terms }, step) => ({ terms: { ...terms, ...entryOf(step.on)?.changes(step as PayoutStep) } }),

  isSound: ({ asset }, { on, data }) => {
    const { reason, amount } = data as PayoutData;
    if (!isAsset(asset) || (reason !== undefined && typeof reason !== 'string')) return false;
    return !isMoved(on) || (typeof amount === 'string' && AMOUNT.test(amount));
  },

  promisesOf(process, step) {
    const moves = movesOf(process, step);
    return moves === null || process.held === '0' ? [] : [moved(process, moves)];
  },

  deadlineOf({ state, variant, entered_at, terms }) {
    if (state === 'requested') return variant === 'four_eyes' ? after(entered_at, DECIDE_WITHIN) : entered_at;
    if (state === 'held') return terms.cleared ? entered_at : after(entered_at, terms.hold_for);
    return null;
  },

  // It asks nobody for anything that they could be reminded of.
  remindersOf: () => [],

  boardOf: ({ state, variant, asset, terms }) => ({
    lines: [`fee: ${formatUnits(terms.fee, asset)}, arrives: ${formatUnits(terms.net, asset)}, by ${terms.provider}`],
    attention: state === 'requested' && variant === 'four_eyes' ? 'approval' : null,
  }),

  outlineOf: (terms) => ({ ...terms, destination_id: '', reason: null }),
  toldOf: ({ data }) => {
    const { amount, promise_id } = data as PayoutData;
    return { ...(amount !== undefined && { amount }), ...(promise_id !== undefined && { promise_id }) };
  },

  updates: { cancelPayout: 'cancel' },
};

function isMoved(on: string): boolean {
  return on.startsWith('money_') || on.startsWith('payout_');
}

/** What a step does with what is held: a deadline sends it on from the hold window, and back from where it was to be looked at. */
function movesOf(process: Process<Terms>, step: Step): 'send' | 'give_back' | null {
  if (step.on !== 'expire') return entryOf(step.on)?.moves ?? null;
  if (process.state === 'held') return 'send';
  return process.variant === 'four_eyes' ? 'give_back' : null;
}

function moved({ held }: Process<Terms>, kind: 'send' | 'give_back'): Promised {
  const legs: Leg[] = [
    { place: 'hold:payee', amount: `-${held}` },
    { place: kind === 'send' ? 'payout' : 'wallet:payee', amount: held },
  ];
  return { kind, amount: held, legs };
}
