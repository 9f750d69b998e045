import type { Pool } from '../pool.ts';
import { lockProcess } from '../process/processes.ts';
import { expireIfDue } from '../process/step.ts';
import type { Origin } from '../process/stored.ts';

/** Counts a poll whose voting is over, for whoever does not want to wait until its workflow has it done. */
export async function countNow(pool: Pool, pollId: string, origin: Origin): Promise<void> {
  await pool.transaction(async (transaction) => {
    const stored = await lockProcess(transaction, pollId);
    if (stored?.process.state === 'counting') await expireIfDue(transaction, stored, origin);
  });
}
