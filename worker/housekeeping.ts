import type { Logger } from 'pino';
import { sweepMoney } from '#db/money/sweep.ts';
import type { Pool } from '#db/pool.ts';
import { startTurns, type Turns } from './turns.ts';

const HOUR_MS = 3_600_000;

/** Gives back holds that have ended and takes points that have, every hour. Several workers doing so do no harm. */
export function startHousekeeping(pool: Pool, log: Logger, now: () => Date): Turns {
  async function sweep(): Promise<number> {
    const { holds, wallets } = await sweepMoney(pool, now().toISOString());
    if (holds + wallets > 0) log.info({ holds, wallets }, 'holds and points that had ended were given back or taken');
    return HOUR_MS;
  }

  return startTurns(sweep, (error) => {
    log.warn({ err: error }, 'holds and points that have ended could not be given back or taken');
    return HOUR_MS;
  });
}
