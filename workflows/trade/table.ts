/** A trade's transition table, as its commands make it. */
import type { Row, StateFacts, Table } from '../process/table.ts';
import { COMMANDS } from './commands.ts';
import { PARTIES } from './parties.ts';
import type { State } from './states.ts';

const STATE_FACTS: Record<State, StateFacts> = {
  awaiting_payment: { awaits: 'buyer' },
  payment_confirmed: { awaits: 'seller' },
  disputed: { awaits: null },
  releasing: { awaits: null, rests: true },
  released: { awaits: null, rests: true, ends: true },
  refunded: { awaits: null, rests: true, ends: true },
  split: { awaits: null, rests: true, ends: true },
  cancelled: { awaits: null, rests: true, ends: true },
  expired: { awaits: null, rests: true, ends: true },
};

export const TRADE_TABLE: Table = {
  states: STATE_FACTS,
  parties: PARTIES,
  rows: Object.entries(COMMANDS).flatMap(([on, { rows }]) => rows.map((row): Row => ({ on, ...row }))),
};
