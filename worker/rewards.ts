import type { Logger } from 'pino';
import { reachMilestones } from '#db/creator/milestones.ts';
import type { Pool } from '#db/pool.ts';
import { type Collected, collectNext } from '#db/reward/collecting.ts';

/** From the end of one turn to the next: so long a like's point is under way at most, beside the work itself. */
const PAUSE_MS = 250;

/**
 * Judges what people did and posts what it earned, turn after turn. Several workers do no harm: one person's acts are one's
 * at a time, and the others pass them over. Whatever dies, what was not committed is found again.
 */
export function startRewards(
  pool: Pool,
  log: Logger,
  { now, pauseMs = PAUSE_MS, gatherMs }: { now: () => Date; pauseMs?: number; gatherMs?: number },
): { stop(): Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let turning = turn();

  async function turn(): Promise<void> {
    try {
      await collectRound();
    } catch (error) {
      log.warn({ err: error }, 'what was earned could not be posted; trying again');
    }
    if (stopped) return;
    timer = setTimeout(() => {
      turning = turn();
    }, pauseMs);
    timer.unref();
  }

  /** Once through all who have something waiting; whoever has more views and likes may have reached something. */
  async function collectRound(): Promise<void> {
    const gather = gatherMs === undefined ? {} : { gatherMs };
    for (let last: string | null = null, more = true; more && !stopped; more = last !== null) {
      const at = now().toISOString();
      const collected: Collected = await collectNext(pool, last, { now: at, ...gather });
      for (const userId of collected.done) {
        await pool.transaction((transaction) => reachMilestones(transaction, userId, { now: at }));
      }
      last = collected.last;
    }
  }

  return {
    /** After the transaction that is under way. */
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await turning;
    },
  };
}
