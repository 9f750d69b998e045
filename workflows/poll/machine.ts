/**
 * The pure machine of a poll: open while one may vote, then counted, then closed. It holds no money. A vote is no step:
 * whoever votes shares the process's row, and the step that ends the voting waits for them. So what is counted after that
 * step is every vote and no other, and the tally is a fact of the step that closes it.
 */
import { asGiven, nothing } from '../process/intake.ts';
import type { Machine, Process } from '../process/machine.ts';
import type { Table } from '../process/table.ts';
import { PARTIES, type PollOpening, type Terms } from './terms.ts';

const TABLE: Table = {
  states: {
    open: { awaits: null },
    counting: { awaits: null },
    closed: { awaits: null, rests: true, ends: true },
  },
  parties: PARTIES,
  rows: [
    { from: ['open'], by: ['creator'], on: 'close', to: 'counting' },
    { from: ['open'], by: ['system'], on: 'stream_ended', to: 'counting' },
    { from: ['open'], by: ['system'], on: 'expire', to: 'counting' },
    { from: ['counting'], by: ['system'], on: 'expire', to: 'closed' },
  ],
};

export const pollMachine: Machine<Terms> = {
  kind: 'poll',
  summary: 'A poll in a live stream',
  table: TABLE,
  heldAt: 'escrow',
  openAtOnce: 1_000,

  opening({ id, variant, opened, held, asset, at }) {
    return {
      ...{ id, variant, held, asset, kind: 'poll', state: 'open', version: 0, entry: 1 },
      ...{ entered_at: at, stepped_at: at },
      terms: { ...(opened as PollOpening), ended_by: null, counts: null },
    };
  },

  // Whoever counts brings the tally; nothing else brings anything.
  accept: (process, command) => (process.state === 'counting' ? asGiven(process, command) : nothing()),

  apply({ state, terms }, { on, data }) {
    if (state === 'counting') return { terms: { ...terms, counts: data.counts as number[] } };
    return { terms: { ...terms, ended_by: ENDED_BY[on] ?? null } };
  },

  isSound: ({ state, terms }, { data }) => state !== 'counting' || isTally(data.counts, terms.options),
  promisesOf: () => [],
  deadlineOf,
  // Who has not voted needs no word: the poll is before them.
  remindersOf: () => [],
  outlineOf: (terms) => terms,
  toldOf: ({ data }) => (data.counts === undefined ? {} : { counts: data.counts }),
};

const ENDED_BY: Readonly<Record<string, Terms['ended_by']>> = {
  close: 'creator',
  stream_ended: 'stream',
  expire: 'time',
};

/** Nothing is waited for before the counting: it is due at once, and done by whoever comes first. */
function deadlineOf({ state, entered_at, terms }: Process<Terms>): string | null {
  if (state === 'open') return new Date(Date.parse(entered_at) + terms.duration_seconds * 1_000).toISOString();
  return state === 'counting' ? entered_at : null;
}

function isTally(counts: unknown, options: number): boolean {
  if (!Array.isArray(counts) || counts.length !== options) return false;
  return counts.every((votes) => Number.isSafeInteger(votes) && votes >= 0 && !Object.is(votes, -0));
}
