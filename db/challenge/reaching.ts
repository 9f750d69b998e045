import { asChallenge } from '#workflows/challenge/terms.ts';
import type { Pool } from '../pool.ts';
import { lockProcess } from '../process/processes.ts';
import { appendOwnStep, expireIfDue } from '../process/step.ts';
import type { Origin } from '../process/stored.ts';
import { progressOf } from './counting.ts';

/** Wins a challenge that has come to its target; true where it is over by that, or by its time. */
export async function winReached(pool: Pool, id: string, origin: Origin): Promise<boolean> {
  return pool.transaction(async (transaction) => {
    const stored = await lockProcess(transaction, id);
    if (stored?.process.kind !== 'challenge') return false;
    const { state, terms } = asChallenge(stored.process);
    if (state !== 'open') return false;
    if (await expireIfDue(transaction, stored, origin)) return true;
    const progress = await progressOf(transaction, id);
    if (progress < terms.target) return false;
    await appendOwnStep(transaction, stored, { on: 'reach', by: 'system', data: { progress } }, origin);
    return true;
  });
}
