import { machineOf } from '#workflows/kinds.ts';
import { decide } from '#workflows/process/machine.ts';
import type { Pool } from '../pool.ts';
import { lockProcess } from '../process/processes.ts';
import { appendOwnStep, expireIfDue } from '../process/step.ts';
import type { Origin } from '../process/stored.ts';

/**
 * Writes down whether a stream's pictures come, as whoever looked at its room has seen it. True where that is news; asked
 * again, or about a stream that is not on air, nothing changes. What comes after the grace has passed comes too late.
 */
export async function noteMedia(pool: Pool, streamId: string, comes: boolean, origin: Origin): Promise<boolean> {
  return pool.transaction(async (transaction) => {
    const stored = await lockProcess(transaction, streamId);
    if (stored?.process.kind !== 'stream') return false;
    if (await expireIfDue(transaction, stored, origin)) return true;
    const on = comes ? 'media_back' : 'media_lost';
    const command = { on, by: 'system', actor: null, data: {} };
    const decision = decide(machineOf('stream'), stored.process, command, { now: origin.now, feeBps: 0 });
    if (!('step' in decision)) return false;
    await appendOwnStep(transaction, stored, { on, by: 'system', data: {} }, origin);
    return true;
  });
}
