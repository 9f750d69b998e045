import { machineOf } from '#workflows/kinds.ts';
import { type Command, type Decision, decide } from '#workflows/process/machine.ts';
import { rowsOf } from '../kinds.ts';
import type { Transaction } from '../pool.ts';
import type { Origin, StoredProcess } from './stored.ts';

type Given = Omit<Command, 'correlationId'>;

/** Whether a kind has something done in the database before a command of its is decided. */
export function isPrepared(kind: string, on: string): boolean {
  return rowsOf(kind).prepares?.[on] !== undefined;
}

/**
 * Decides a command with what its kind prepares for it, under the process's lock. What was set aside for it is to be
 * undone where it comes to no step: by whoever calls, as the step's own write may be refused too.
 */
export async function decidePrepared(
  transaction: Transaction,
  stored: StoredProcess,
  command: Given,
  { now, correlationId }: Pick<Origin, 'now' | 'correlationId'>,
  feeBps = 0,
): Promise<Decision> {
  const { process } = stored;
  const machine = machineOf(process.kind);
  const at = { now, feeBps };
  const asked = { ...command, correlationId };
  const bare = decide(machine, process, asked, at);
  const prepare = rowsOf(process.kind).prepares?.[command.on];
  // What lacks its data may be what is prepared.
  if (!prepare || 'refusal' in bare || 'unchanged' in bare) return bare;
  const data = await prepare(transaction, stored, { now });
  return decide(machine, process, { ...asked, data: { ...command.data, ...data } }, at);
}
