/**
 * What an administrator writes to a role or to everybody, as a process: it goes through the accounts page by page, says
 * how far it is, and can be stopped. Each page is a step, so that it goes on where it was, whatever died.
 */
import { type Machine, refuse } from '../process/machine.ts';
import type { Table } from '../process/table.ts';

export const BROADCAST_STATES = ['sending', 'sent', 'stopped'] as const;

export const BROADCAST_TABLE = {
  states: {
    sending: { awaits: null },
    sent: { awaits: null, rests: true, ends: true },
    stopped: { awaits: null, rests: true, ends: true },
  },
  parties: [],
  rows: [
    { from: ['sending'], by: ['system'], on: 'tell_page', to: 'again' },
    { from: ['sending'], by: ['system'], on: 'finish', to: 'sent' },
    { from: ['sending'], by: ['admin'], on: 'stop', to: 'stopped' },
  ],
} as const satisfies Table;

export type BroadcastTerms = {
  /** Accounts there were when it was asked for. */
  total: number;
  /** Accounts that were told. */
  told: number;
  /** The last account told, as pages go by their ids; null before the first. */
  after: string | null;
  pages: number;
};

/** Between two pages: some 500 accounts each, so a million takes half an hour and leaves the database to others. */
export const PAGE_EVERY_MS = 1_000;
export const PAGE_SIZE = 500;

type PageData = { after: string; told: number };

function isPage(data: Readonly<Record<string, unknown>>): data is PageData & Record<string, unknown> {
  const { after, told } = data;
  return typeof after === 'string' && Number.isInteger(told) && (told as number) >= 0 && (told as number) <= PAGE_SIZE;
}

export const broadcastMachine: Machine<BroadcastTerms> = {
  kind: 'broadcast',
  summary: 'An announcement to many',
  table: BROADCAST_TABLE,
  heldAt: 'escrow',

  opening({ id, variant, opened, held, asset, at }) {
    const { total } = opened as { total: number };
    return {
      id,
      kind: 'broadcast',
      variant,
      state: 'sending',
      version: 0,
      entry: 1,
      entered_at: at,
      stepped_at: at,
      terms: { total, told: 0, after: null, pages: 0 },
      held,
      asset,
    };
  },

  accept({ terms }, { on, data }) {
    if (on !== 'tell_page') return { data: {} };
    if (!isPage(data))
      return refuse('VALIDATION_FAILED', 'A page says which account was its last, and how many it had.');
    // Told again by somebody who did not know of it.
    if (terms.after !== null && data.after <= terms.after) return { unchanged: true };
    return { data: { after: data.after, told: data.told } };
  },

  apply({ terms }, { on, data }) {
    if (on !== 'tell_page') return { terms };
    const { after, told } = data as PageData;
    return { terms: { ...terms, after, told: terms.told + told, pages: terms.pages + 1 } };
  },

  isSound({ terms }, { on, data }) {
    return on !== 'tell_page' || (isPage(data) && (terms.after === null || data.after > terms.after));
  },

  promisesOf: () => [],

  /** The next page's time. */
  deadlineOf({ state, entered_at }) {
    return state === 'sending' ? new Date(Date.parse(entered_at) + PAGE_EVERY_MS).toISOString() : null;
  },

  remindersOf: () => [],

  boardOf({ state, terms: { told, total, pages } }) {
    return {
      lines: [
        `**${told}** of ${total} accounts told, ${pages} pages`,
        state === 'sending' ? 'Stop it with the update `stop`.' : '',
      ],
      attention: null,
    };
  },

  outlineOf: (terms) => terms,
  toldOf: ({ data }) => data,

  updates: { stop: 'stop' },
};
