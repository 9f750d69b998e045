import type { Logger } from 'pino';
import type { Pool } from '#db/pool.ts';
import { listUntold, tellNext } from '#db/talk/tellings.ts';
import { inChunks, startTurns, type Turns } from './turns.ts';

/** Whoever spoke tells the members themselves; this finds what a process left that died over it. */
const SWEEP_MS = 2_000;
/** Rooms in one sweep. */
const ROOMS = 32;

/**
 * Goes on telling rooms' members what was said there, wherever that was left. Several workers do no harm: one at a time
 * tells in a room, and the others pass it over.
 */
export function startTellings(pool: Pool, ringUsers: (userIds: readonly string[]) => void, log: Logger): Turns {
  async function sweep(stopping: AbortSignal): Promise<number> {
    for (const conversationId of await listUntold(pool, ROOMS)) await tell(conversationId, stopping);
    return SWEEP_MS;
  }

  /** Ends after the chunk that is under way. */
  async function tell(conversationId: string, stopping: AbortSignal): Promise<void> {
    await inChunks(stopping, async () => {
      const chunk = await pool.transaction((transaction) => tellNext(transaction, conversationId, { wait: false }));
      ringUsers(chunk?.users ?? []);
      return chunk?.more ?? false;
    });
  }

  return startTurns(sweep, (error) => {
    log.warn({ err: error }, 'rooms’ members could not be told; trying again');
    return SWEEP_MS;
  });
}
