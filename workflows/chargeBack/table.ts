/** A charge-back's transition table, as its commands make it. */
import type { Row, StateFacts, Table } from '../process/table.ts';
import { COMMANDS } from './commands.ts';
import { PARTIES } from './parties.ts';
import type { State } from './states.ts';

const STATE_FACTS: Record<State, StateFacts> = {
  open: { awaits: 'payee' },
  submitted: { awaits: null },
  undecided: { awaits: null, rests: true, ends: true },
  won: { awaits: null, rests: true, ends: true },
  lost: { awaits: null },
  settled: { awaits: null, rests: true, ends: true },
};

export const CHARGE_BACK_TABLE: Table = {
  states: STATE_FACTS,
  parties: PARTIES,
  rows: Object.entries(COMMANDS).flatMap(([on, { rows }]) => rows.map((row): Row => ({ on, ...row }))),
};
