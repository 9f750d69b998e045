/** What may be done with a deal: every command with its entry, and the transition table that they make together. */
import { lookupIn, type Row, type Table } from '../process/table.ts';
import { AGREEING } from './commands/agreeing.ts';
import { DISPUTING } from './commands/disputing.ts';
import type { CommandEntry, InputType } from './commands/entry.ts';
import { HAPPENING } from './commands/happening.ts';
import { WORKING } from './commands/working.ts';
import { PARTIES } from './parties.ts';
import { STATE_ENTRIES } from './stateEntries.ts';
import { STATES } from './states.ts';

/** Their order is the order in which a page shows buttons. */
const COMMANDS = { ...AGREEING, ...WORKING, ...DISPUTING, ...HAPPENING };
export type CommandName = keyof typeof COMMANDS;
export const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];

const entries = Object.entries(COMMANDS) as [CommandName, CommandEntry][];

function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

/** The entry of a command of this table. Undefined for other names, which garbage may have. */
export function entryOf(on: string): CommandEntry | undefined {
  return isCommandName(on) ? COMMANDS[on] : undefined;
}

export const TRANSITIONS: readonly Row[] = entries.flatMap(([on, { rows }]) => rows.map((row) => ({ ...row, on })));

export const DEAL_TABLE: Table = {
  states: Object.fromEntries(
    STATES.map((state) => {
      const { awaits, within, ends } = STATE_ENTRIES[state];
      return [
        state,
        { awaits, ...(within === null && { rests: true as const }), ...(ends && { ends: true as const }) },
      ];
    }),
  ),
  parties: PARTIES,
  rows: TRANSITIONS,
};

/** Every state a command belongs to, its own first. */
export function statesOf(on: CommandName): readonly string[] {
  return lookupIn(DEAL_TABLE).statesOf(on);
}

/** Who may ever give a command. */
export function rolesOf(on: CommandName): readonly string[] {
  return lookupIn(DEAL_TABLE).rolesOf(on);
}

/** The buttons people press: what a click may name. The rest of the commands are inputs, providers' facts and effects. */
export const BUTTONS: readonly CommandName[] = entries.flatMap(([on, { button }]) =>
  button && !button.input?.alone ? on : [],
);

/** What a text input of a type says, as a command. */
export const INPUTS = Object.fromEntries(
  entries.flatMap(([on, { button }]) => (button?.input ? [[button.input.type, on]] : [])),
) as Record<InputType, CommandName>;

export type { InputType } from './commands/entry.ts';
export { DEAL_KINDS, type DealKind, OTHER, PARTIES, type Party, ROLES, type Role } from './parties.ts';
export { awaitingRole } from './stateEntries.ts';
export { AFTER_PAYMENT, ANSWERING, type ChatStatus, chatStatus, STATES, type State } from './states.ts';
