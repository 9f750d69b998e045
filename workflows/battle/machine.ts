/** The pure machine of a battle: two creators against each other for a while, and what each of them put up for it. */
import { asGiven, nothing } from '../process/intake.ts';
import { type Accepted, type Leg, type Machine, type Promised, refuse } from '../process/machine.ts';
import type { Table } from '../process/table.ts';
import { NO_TALLIES, winnerOf } from './scoring.ts';
import { type BattleOpening, PARTIES, type Party, type Tallies, type Terms } from './terms.ts';

/** What is not accepted by then is not. */
export const ANSWER_MS = 60_000;
export const SHORTEST_SECONDS = 10;
export const LONGEST_SECONDS = 3_600;

const TABLE: Table = {
  states: {
    invited: { awaits: 'opponent' },
    running: { awaits: null },
    ended: { awaits: null, rests: true, ends: true },
    declined: { awaits: null, rests: true, ends: true },
    cancelled: { awaits: null, rests: true, ends: true },
    expired: { awaits: null, rests: true, ends: true },
  },
  parties: PARTIES,
  rows: [
    { from: ['invited'], by: ['opponent'], on: 'accept', to: 'running' },
    { from: ['invited'], by: ['opponent'], on: 'decline', to: 'declined' },
    { from: ['invited'], by: ['challenger', 'admin'], on: 'cancel', to: 'cancelled' },
    { from: ['running'], by: ['admin'], on: 'cancel', to: 'cancelled' },
    { from: ['invited'], by: ['system'], on: 'expire', to: 'expired' },
    { from: ['running'], by: ['system'], on: 'expire', to: 'ended' },
    { from: ['invited'], by: ['system'], on: 'close', to: 'cancelled' },
    { from: ['running'], by: ['system'], on: 'close', to: 'ended' },
    { from: ['ended'], by: ['system'], on: 'stakes_paid', to: 'same' },
    { from: ['ended', 'declined', 'cancelled', 'expired'], by: ['system'], on: 'stakes_returned', to: 'same' },
  ],
};

const AMOUNT = /^\d{1,16}$/;

export const battleMachine: Machine<Terms> = {
  kind: 'battle',
  summary: 'A battle between two creators',
  table: TABLE,
  heldAt: 'escrow',
  openAtOnce: 1_000,

  opening({ id, variant, opened, held, asset, at }) {
    return {
      ...{ id, variant, held, asset, kind: 'battle', state: 'invited', version: 0, entry: 1 },
      ...{ entered_at: at, stepped_at: at },
      terms: { ...(opened as BattleOpening), stake: held, result: null },
    };
  },

  accept(process, command) {
    switch (command.on) {
      case 'accept':
      case 'decline':
        return nothing();
      case 'cancel':
        return process.state === 'running' && command.data.tallies !== undefined
          ? readTallies(command.data)
          : nothing();
      case 'expire':
      case 'close':
        return process.state === 'running' ? readTallies(command.data) : nothing();
      default:
        return asGiven(process, command);
    }
  },

  apply({ terms, held, state }, { on, data }) {
    // The opponent's lies beside the challenger's from now on.
    if (on === 'accept') return { terms, held: (BigInt(held) + BigInt(terms.stake)).toString() };
    const { tallies = null, forfeited_by = null } = data as Counted;
    if (state !== 'running' || tallies === null) return { terms };
    return { terms: { ...terms, result: { tallies, winner: winnerBy(on, tallies, forfeited_by), forfeited_by } } };
  },

  isSound({ state }, { on, data }) {
    if (on === 'stakes_paid' || on === 'stakes_returned') {
      return typeof data.amount === 'string' && AMOUNT.test(data.amount);
    }
    if (state !== 'running') return true;
    const { tallies, forfeited_by = null } = data;
    const isCounted = on === 'cancel' && tallies === undefined ? true : areTallies(tallies);
    return isCounted && (forfeited_by === null || isParty(forfeited_by));
  },

  promisesOf(process, step) {
    const { held, terms, state } = process;
    if (held === '0' || step.on === 'accept') return [];
    if (state === 'invited') return [promised('give_back', held, [['challenger', held]])];
    const { tallies = NO_TALLIES, forfeited_by = null } = step.data as Counted;
    const winner = winnerBy(step.on, tallies, forfeited_by);
    if (winner !== null) return [promised('pay', held, [[winner, held]])];
    return [promised('give_back', held, [...PARTIES.map((party) => [party, terms.stake] as const)])];
  },

  deadlineOf({ state, entered_at, terms }) {
    if (state === 'invited') return after(entered_at, terms.answer_within);
    return state === 'running' ? after(entered_at, terms.lasts) : null;
  },

  // It is over in minutes: whoever is asked has been told.
  remindersOf: () => [],

  boardOf: ({ terms, asset }) => ({
    lines: [`each put up ${terms.stake === '0' ? 'nothing' : `${terms.stake} ${asset}`}`],
    attention: null,
  }),

  updates: { cancelBattle: 'cancel' },
  outlineOf: (terms) => terms,
  toldOf: ({ data: { tallies, forfeited_by, amount, promise_id } }) => ({
    ...(tallies !== undefined && { tallies }),
    ...(forfeited_by !== undefined && { forfeited_by }),
    ...(amount !== undefined && { amount }),
    ...(promise_id !== undefined && { promise_id }),
  }),
};

/** What the end of one brings with it. */
type Counted = { tallies?: Tallies; forfeited_by?: Party | null };

/** Of one that was called off nobody is the winner. */
function winnerBy(on: string, tallies: Tallies, forfeitedBy: Party | null): Party | null {
  return on === 'cancel' ? null : winnerOf(tallies, forfeitedBy);
}

/** All of it leaves by one transfer. */
function promised(kind: string, held: string, to: readonly (readonly [Party, string])[]): Promised {
  const legs: Leg[] = to.map(([party, amount]) => ({ place: `wallet:${party}`, amount }));
  return { kind, amount: held, legs: [{ place: 'escrow', amount: `-${held}` }, ...legs] };
}

/** Counted by us, and by nobody who asks: without them nobody wins. */
function readTallies({ tallies, forfeited_by = null }: Readonly<Record<string, unknown>>): Accepted {
  if (tallies === undefined) return { missing: 'tallies' };
  if (!areTallies(tallies) || (forfeited_by !== null && !isParty(forfeited_by))) {
    return refuse('VALIDATION_FAILED', 'tallies are what the two have.', { field: 'tallies' });
  }
  return { data: { tallies, ...(forfeited_by !== null && { forfeited_by }) } };
}

function areTallies(value: unknown): value is Tallies {
  if (typeof value !== 'object' || value === null) return false;
  const of = value as Readonly<Record<string, unknown>>;
  return Object.keys(of).length === PARTIES.length && PARTIES.every((party) => isTally(of[party]));
}

function isTally(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { votes, tokens, ...others } = value as Record<string, unknown>;
  return isCount(votes) && isCount(tokens) && Object.keys(others).length === 0;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}

function isParty(value: unknown): value is Party {
  return (PARTIES as readonly unknown[]).includes(value);
}

function after(instant: string, ms: number): string {
  return new Date(Date.parse(instant) + ms).toISOString();
}

/** Who has to have put up what: nothing where it is no stake. */
export function stakeLegs(party: Party, stake: string): readonly Leg[] {
  if (stake === '0') return [];
  return [
    { place: `wallet:${party}`, amount: `-${stake}` },
    { place: 'escrow', amount: stake },
  ];
}
