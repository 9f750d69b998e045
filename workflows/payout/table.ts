/** A payout's transition table, as its commands make it. */
import type { Row, StateFacts, Table } from '../process/table.ts';
import { COMMANDS } from './commands.ts';
import { PARTIES } from './parties.ts';
import type { State } from './states.ts';

const STATE_FACTS: Record<State, StateFacts> = {
  requested: { awaits: null },
  held: { awaits: null },
  processing: { awaits: null, rests: true },
  paid: { awaits: null, rests: true, ends: true },
  cancelled: { awaits: null, rests: true, ends: true },
  failed: { awaits: null, rests: true, ends: true },
  reversed: { awaits: null, rests: true, ends: true },
};

export const PAYOUT_TABLE: Table = {
  states: STATE_FACTS,
  parties: PARTIES,
  rows: Object.entries(COMMANDS).flatMap(([on, { rows }]) => rows.map((row): Row => ({ on, ...row }))),
};
