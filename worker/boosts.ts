import type { Logger } from 'pino';
import { expireOverdue } from '#db/boost/boosts.ts';
import type { Pool } from '#db/pool.ts';
import { startTurns, type Turns } from './turns.ts';

const TURN_MS = 500;
const AT_ONCE = 256;

export type Boosting = {
  pool: Pool;
  ring: (processId: string) => void;
  systemUserId: string;
  log: Logger;
  now: () => Date;
};

/**
 * Ends boosts whose time is up and whose workflows have not come to it: where a thousand end within one second, those
 * take half a minute. What a boost ranked by goes with the step, so nobody is ranked by time that is over. The workflow
 * hears of the step as of any other. Several workers do no harm: each boost ends once.
 */
export function startBoosts({ pool, ring, systemUserId, log, now }: Boosting): Turns {
  async function turn(): Promise<number> {
    const origin = { now: now().toISOString(), systemUserId, correlationId: null };
    const ended = await expireOverdue(pool, origin, AT_ONCE, 'just_over');
    for (const processId of ended) ring(processId);
    return ended.length === AT_ONCE ? 0 : TURN_MS;
  }

  return startTurns(turn, (error) => {
    log.warn({ err: error }, 'boosts whose time is up could not be ended; trying again');
    return TURN_MS;
  });
}
