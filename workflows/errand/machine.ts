/**
 * The smallest machine there is: somebody has something held for a runner, and says when it is done. Nobody uses it but
 * the kits that prove what holds for every kind of process.
 */
import { after } from '../durations.ts';
import { nothing } from '../process/intake.ts';
import type { Leg, Machine, Process, Promised, Step } from '../process/machine.ts';
import type { Table } from '../process/table.ts';

export type ErrandTerms = { within: string };

const TABLE: Table = {
  states: {
    open: { awaits: 'runner' },
    done: { awaits: null, rests: true, ends: true },
    expired: { awaits: null, rests: true, ends: true },
  },
  parties: ['giver', 'runner'],
  rows: [
    { from: ['open'], by: ['runner', 'admin'], on: 'finish', to: 'done' },
    { from: ['open'], by: ['system'], on: 'expire', to: 'expired' },
    { from: ['done', 'expired'], by: ['system'], on: 'money_moved', to: 'same' },
  ],
};

export const errandMachine: Machine<ErrandTerms> = {
  kind: 'errand',
  summary: 'An errand, for which something is held',
  table: TABLE,
  heldAt: 'hold:giver',
  opening: ({ id, variant, opened, held, asset, at }) => ({
    id,
    kind: 'errand',
    variant,
    state: 'open',
    version: 0,
    entry: 1,
    entered_at: at,
    stepped_at: at,
    terms: opened as ErrandTerms,
    held,
    asset,
  }),
  accept: (_, { on, data }) => (on === 'money_moved' ? { data } : nothing()),
  apply: ({ terms }) => ({ terms }),
  isSound: () => true,
  promisesOf,
  deadlineOf: ({ state, entered_at, terms }) => (state === 'open' ? after(entered_at, terms.within) : null),
  updates: { finishErrand: 'finish' },
  outlineOf: (terms) => terms,
  toldOf: () => ({}),
};

/** What is held goes to the runner when it is done, and back where time was up. */
function promisesOf({ held }: Process<ErrandTerms>, { on }: Step): Promised[] {
  if (held === '0' || (on !== 'finish' && on !== 'expire')) return [];
  const legs: Leg[] = [
    { place: 'hold:giver', amount: `-${held}` },
    { place: on === 'finish' ? 'wallet:runner' : 'wallet:giver', amount: held },
  ];
  return [{ kind: on === 'finish' ? 'reward' : 'give_back', amount: held, legs }];
}
