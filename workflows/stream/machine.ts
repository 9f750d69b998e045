/** The pure machine of a stream: announced, on air while its pictures come, over, put away. It holds no money. */
import { later } from '../durations.ts';
import { earlier } from '../process/clock.ts';
import { asGiven, nothing } from '../process/intake.ts';
import { type Accepted, type Machine, type Process, refuse } from '../process/machine.ts';
import type { Table } from '../process/table.ts';
import { PARTIES, type StreamOpening, type Terms } from './terms.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A stream without pictures for this long is over; whoever comes back before that is in the same stream. */
export const GRACE_MS = 2 * MINUTE_MS;
/** Nobody streams for longer in one piece. */
export const LONGEST_MS = DAY_MS;
/** Who has not begun by then does not come. */
export const SHOW_UP_MS = DAY_MS;
/** Between the end and the archive: time for its recording to be made. */
export const ARCHIVE_MS = HOUR_MS;
/** How far ahead a stream may be announced: with the time to show up, as long as any process may wait. */
export const AHEAD_MS = 365 * DAY_MS;
/** Followers are reminded this long before it begins. */
const REMINDED_MS = 10 * MINUTE_MS;

const TABLE: Table = {
  states: {
    scheduled: { awaits: 'creator' },
    live: { awaits: 'creator' },
    ended: { awaits: null },
    archived: { awaits: null, rests: true, ends: true },
    cancelled: { awaits: null, rests: true, ends: true },
  },
  parties: PARTIES,
  rows: [
    { from: ['scheduled'], by: ['creator'], on: 'start', to: 'live' },
    { from: ['scheduled'], by: ['system'], on: 'reschedule', to: 'again' },
    { from: ['scheduled'], by: ['creator', 'admin'], on: 'cancel', to: 'cancelled' },
    { from: ['live'], by: ['creator', 'admin'], on: 'end', to: 'ended' },
    { from: ['live'], by: ['system'], on: 'media_lost', to: 'again' },
    { from: ['live'], by: ['system'], on: 'media_back', to: 'again' },
    { from: ['ended'], by: ['creator'], on: 'archive', to: 'archived' },
    { from: ['scheduled'], by: ['system'], on: 'expire', to: 'cancelled' },
    { from: ['live'], by: ['system'], on: 'expire', to: 'ended' },
    { from: ['ended'], by: ['system'], on: 'expire', to: 'archived' },
  ],
};

export const streamMachine: Machine<Terms> = {
  kind: 'stream',
  summary: 'A live stream',
  table: TABLE,
  heldAt: 'escrow',
  openAtOnce: 1_000,

  opening({ id, variant, opened, held, asset, at }) {
    return {
      ...{ id, variant, held, asset, kind: 'stream', state: 'scheduled', version: 0, entry: 1 },
      ...{ entered_at: at, stepped_at: at },
      terms: { ...(opened as StreamOpening), started_at: null, silent_since: null },
    };
  },

  accept(process, command, { now }) {
    switch (command.on) {
      case 'reschedule':
        return readStart(command.data, now);
      case 'media_lost':
        return process.terms.silent_since === null ? nothing() : { unchanged: true };
      case 'media_back':
        return process.terms.silent_since === null ? { unchanged: true } : nothing();
      case 'start':
      case 'cancel':
      case 'end':
      case 'archive':
      case 'expire':
        return nothing();
      default:
        return asGiven(process, command);
    }
  },

  apply({ terms }, { on, at, data }) {
    switch (on) {
      case 'start':
        // Until the first picture comes it is silent, where somebody watches.
        return { terms: { ...terms, started_at: at, silent_since: terms.watched ? at : null } };
      case 'reschedule':
        return { terms: { ...terms, starts_at: data.starts_at as string } };
      case 'media_lost':
        return { terms: { ...terms, silent_since: at } };
      case 'media_back':
        return { terms: { ...terms, silent_since: null } };
      default:
        return { terms };
    }
  },

  isSound: (_, { on, data }) => on !== 'reschedule' || isInstant(data.starts_at),
  promisesOf: () => [],
  deadlineOf,

  remindersOf({ state, terms, entered_at }) {
    if (state !== 'scheduled' || terms.starts_at === null) return [];
    const at = after(terms.starts_at, -REMINDED_MS);
    return at > entered_at ? [{ kind: 'starts_soon', at }] : [];
  },

  boardOf: ({ terms }) => ({
    lines: [terms.silent_since === null ? 'pictures come, or nobody watches' : `silent since ${terms.silent_since}`],
    attention: null,
  }),

  clockMoved: (terms, ms) => ({
    ...terms,
    starts_at: earlier(terms.starts_at, ms),
    started_at: earlier(terms.started_at, ms),
    silent_since: earlier(terms.silent_since, ms),
  }),
  updates: { endStream: 'end', cancelStream: 'cancel' },
  outlineOf: (terms) => terms,
  toldOf: ({ data }) => (data.starts_at === undefined ? {} : { starts_at: data.starts_at }),
};

function deadlineOf({ state, entered_at, terms }: Process<Terms>): string | null {
  switch (state) {
    case 'scheduled':
      return after(later(terms.starts_at ?? entered_at, entered_at), SHOW_UP_MS);
    case 'live': {
      const longest = after(terms.started_at ?? entered_at, LONGEST_MS);
      if (terms.silent_since === null) return longest;
      const silent = after(terms.silent_since, GRACE_MS);
      return earliest(silent, longest);
    }
    case 'ended':
      return after(entered_at, ARCHIVE_MS);
    default:
      return null;
  }
}

function earliest(one: string, other: string): string {
  return later(one, other) === one ? other : one;
}

function after(instant: string, ms: number): string {
  return new Date(Date.parse(instant) + ms).toISOString();
}

/** As we write instants: `toISOString`. */
function isInstant(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-/.test(value) && isSameInstant(value);
}

function isSameInstant(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text;
}

function readStart({ starts_at }: Readonly<Record<string, unknown>>, now: string): Accepted {
  if (starts_at === undefined || starts_at === null) return { missing: 'starts_at' };
  const field = { field: 'starts_at' };
  if (!isInstant(starts_at)) return refuse('VALIDATION_FAILED', 'starts_at is an instant in UTC.', field);
  if (Date.parse(starts_at) > Date.parse(now) + AHEAD_MS) {
    return refuse('VALIDATION_FAILED', 'starts_at is at most 365 days ahead.', field);
  }
  return { data: { starts_at } };
}
