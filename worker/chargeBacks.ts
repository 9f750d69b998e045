import type { Logger } from 'pino';
import { followDisputes } from '#db/chargeBack/following.ts';
import type { Pool } from '#db/pool.ts';

/** From a bank's word to what is frozen for it, at most. */
const LOOK_EVERY_MS = 1_000;

/** Has a charge-back follow each dispute as soon as it is booked. Several workers do no harm: each is followed once. */
export function startChargeBacks(deps: {
  pool: Pool;
  ring: (processId: string) => void;
  systemUserId: string;
  log: Pick<Logger, 'warn'>;
  now?: () => Date;
}): { stop(): Promise<void> } {
  const { pool, ring, systemUserId, log, now = () => new Date() } = deps;
  let looking: Promise<void> | null = null;
  const timer = setInterval(() => {
    looking ??= look().finally(() => {
      looking = null;
    });
  }, LOOK_EVERY_MS);
  timer.unref();

  async function look(): Promise<void> {
    try {
      const origin = { now: now().toISOString(), systemUserId, correlationId: null };
      for (const processId of await followDisputes(pool, origin)) ring(processId);
    } catch (error) {
      log.warn({ err: error }, 'disputes could not be followed; trying again');
    }
  }

  return {
    /** After the look that is under way. */
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}
