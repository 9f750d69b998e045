import type { Logger } from 'pino';
import type { Pool } from '#db/pool.ts';
import { SHOWN_TOGETHER, showUnshown } from '#realtime/boards.ts';
import type { Bus } from '#realtime/bus.ts';
import { startTurns, type Turns } from './turns.ts';

const TURN_MS = 500;

/** Gives Redis the scores that it was not given by whoever counted them: their process died, or Redis was away. */
export function startLeaderboards({ pool, bus, log }: { pool: Pool; bus: Bus; log: Logger }): Turns {
  async function turn(stopping: AbortSignal): Promise<number> {
    while (!stopping.aborted && (await showUnshown(pool, bus.redis())) === SHOWN_TOGETHER);
    return TURN_MS;
  }

  return startTurns(turn, (error) => {
    log.debug({ err: error }, 'Redis was not given its scores; trying again');
    return 4 * TURN_MS;
  });
}
