/** The pure machine of a boost: credits that are held while something is shown before others, and used up by time. */
import { earlier } from '../process/clock.ts';
import { asGiven, nothing } from '../process/intake.ts';
import type { Leg, Machine, Process, Promised, Step } from '../process/machine.ts';
import type { Table } from '../process/table.ts';
import { leftOf } from './score.ts';
import { type BoostOpening, expiresAt, PARTIES, type Terms } from './terms.ts';

const TABLE: Table = {
  states: {
    active: { awaits: null },
    expired: { awaits: null, rests: true, ends: true },
    cancelled: { awaits: null, rests: true, ends: true },
  },
  parties: PARTIES,
  rows: [
    { from: ['active'], by: ['booster', 'admin'], on: 'cancel', to: 'cancelled' },
    { from: ['active'], by: ['system'], on: 'expire', to: 'expired' },
    { from: ['expired'], by: ['system'], on: 'credits_used', to: 'same' },
    { from: ['cancelled'], by: ['system'], on: 'credits_settled', to: 'same' },
  ],
};

const AMOUNT = /^\d{1,16}$/;

export const boostMachine: Machine<Terms> = {
  kind: 'boost',
  summary: 'A boost of a profile, a gig or a clan',
  table: TABLE,
  heldAt: 'hold:booster',

  opening({ id, variant, opened, held, asset, at }) {
    return {
      id,
      kind: 'boost',
      variant,
      state: 'active',
      version: 0,
      entry: 1,
      entered_at: at,
      stepped_at: at,
      terms: { ...(opened as BoostOpening), starts_at: at, amount: held, refunded: null },
      held,
      asset,
    };
  },

  accept(process, command, { now }) {
    switch (command.on) {
      case 'cancel':
        return { data: { refunded: leftAt(process, now).toString() } };
      case 'expire':
        return nothing();
      default:
        return asGiven(process, command);
    }
  },

  apply({ terms }, { on, data }) {
    if (on === 'cancel') return { terms: { ...terms, refunded: String(data.refunded) } };
    return { terms: on === 'expire' ? { ...terms, refunded: '0' } : terms };
  },

  // What is given back follows from the instant alone: a step that says otherwise is none of ours.
  isSound(process, { on, at, data }) {
    if (on === 'cancel') return data.refunded === leftAt(process, at).toString();
    return on === 'expire' || (typeof data.amount === 'string' && AMOUNT.test(data.amount));
  },

  promisesOf(process, step) {
    if (process.held === '0') return [];
    if (step.on === 'expire') return [shared('use', process, 0n)];
    return step.on === 'cancel' ? [shared('settle', process, leftAt(process, step.at))] : [];
  },

  deadlineOf: (process) => (process.state === 'active' ? expiresAt(process.terms) : null),

  // Nobody is asked for anything, so nobody is reminded.
  remindersOf: () => [],

  boardOf: ({ terms }) => ({ lines: [`boosts a ${terms.target} for ${terms.duration} h`], attention: null }),

  clockMoved: (terms, ms) => ({ ...terms, starts_at: earlier(terms.starts_at, ms) }),
  updates: { cancelBoost: 'cancel' },
  // Of a profile the target is somebody's account.
  outlineOf: (terms) => ({ ...terms, target_id: '' }),
  toldOf,
};

function leftAt({ held, terms }: Process<Terms>, now: string): bigint {
  return leftOf(BigInt(held), { from: terms.starts_at, lasts: terms.lasts, now });
}

/** What was used is the platform's, what is left the booster's. One transfer. */
function shared(kind: string, { held }: Process<Terms>, left: bigint): Promised {
  const used = BigInt(held) - left;
  const legs: Leg[] = [{ place: 'hold:booster', amount: `-${held}` }];
  if (used > 0n) legs.push({ place: 'fee', amount: used.toString() });
  if (left > 0n) legs.push({ place: 'wallet:booster', amount: left.toString() });
  return { kind, amount: held, legs };
}

function toldOf({ data }: Step): Step['data'] {
  const { refunded, amount, promise_id } = data;
  return {
    ...(refunded !== undefined && { refunded }),
    ...(amount !== undefined && { amount }),
    ...(promise_id !== undefined && { promise_id }),
  };
}
