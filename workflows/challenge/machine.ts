/** The pure machine of a challenge: what a stream's crowd is to come to together, within a time. It holds no money. */
import { type Accepted, type Machine, type Process, refuse } from '../process/machine.ts';
import type { Table } from '../process/table.ts';
import { type ChallengeOpening, PARTIES, type Terms } from './terms.ts';

export const SHORTEST_SECONDS = 10;
export const LONGEST_SECONDS = 86_400;

const TABLE: Table = {
  states: {
    open: { awaits: null },
    won: { awaits: null, rests: true, ends: true },
    lost: { awaits: null, rests: true, ends: true },
    stopped: { awaits: null, rests: true, ends: true },
  },
  parties: PARTIES,
  rows: [
    { from: ['open'], by: ['creator', 'admin'], on: 'stop', to: 'stopped' },
    { from: ['open'], by: ['system'], on: 'reach', to: 'won' },
    { from: ['open'], by: ['system'], on: 'close', to: 'lost' },
    { from: ['open'], by: ['system'], on: 'expire', to: 'lost' },
  ],
};

export const challengeMachine: Machine<Terms> = {
  kind: 'challenge',
  summary: 'A challenge in a live stream',
  table: TABLE,
  heldAt: 'escrow',
  openAtOnce: 1_000,

  opening({ id, variant, opened, held, asset, at }) {
    return {
      ...{ id, variant, held, asset, kind: 'challenge', state: 'open', version: 0, entry: 1 },
      ...{ entered_at: at, stepped_at: at },
      terms: { ...(opened as ChallengeOpening), progress: null },
    };
  },

  accept: (process, { on, data }) => (on === 'reach' ? readReached(process, data) : readProgress(process, data)),
  apply: ({ terms }, { data }) => ({ terms: { ...terms, progress: (data.progress as number | undefined) ?? 0 } }),
  isSound: ({ terms }, { on, data }) =>
    on === 'reach'
      ? isCount(data.progress) && data.progress >= terms.target
      : data.progress === undefined || (isCount(data.progress) && data.progress < terms.target),
  promisesOf: () => [],
  deadlineOf,
  // Nobody is asked for anything.
  remindersOf: () => [],
  boardOf: ({ terms }) => ({
    lines: [`${terms.target} ${terms.type} within ${terms.lasts / 1_000} s`],
    attention: null,
  }),

  updates: { stopChallenge: 'stop' },
  outlineOf: (terms) => terms,
  toldOf: ({ data: { progress } }) => (progress === undefined ? {} : { progress }),
};

function deadlineOf({ state, entered_at, terms }: Process<Terms>): string | null {
  return state === 'open' ? new Date(Date.parse(entered_at) + terms.lasts).toISOString() : null;
}

/** Counted by us, and by nobody who asks. What has come to its target is won, and neither lost nor stopped. */
function readProgress({ terms }: Process<Terms>, { progress }: Readonly<Record<string, unknown>>): Accepted {
  if (progress === undefined) return { data: {} };
  if (!isCount(progress)) return refuse('VALIDATION_FAILED', 'progress is a whole number.', { field: 'progress' });
  if (progress >= terms.target) return refuse('CONFLICT', 'It has come to its target.', { progress });
  return { data: { progress } };
}

function readReached({ terms }: Process<Terms>, data: Readonly<Record<string, unknown>>): Accepted {
  const { progress } = data;
  if (progress === undefined) return { missing: 'progress' };
  if (isCount(progress) && progress >= terms.target) return { data: { progress } };
  return refuse('VALIDATION_FAILED', 'It has not come to its target.', { field: 'progress' });
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}
