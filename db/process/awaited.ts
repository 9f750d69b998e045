import { machineOf } from '#workflows/kinds.ts';
import type { Process } from '#workflows/process/machine.ts';
import { lookupIn } from '#workflows/process/table.ts';

/** Whether a process takes a command in the state it is in. */
export function isAwaited({ kind, state, variant }: Process, on: string): boolean {
  return lookupIn(machineOf(kind).table).findRow(state, on, variant) !== null;
}
