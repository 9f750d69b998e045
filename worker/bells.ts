import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { z } from 'zod';
import { DEALS_CHANNEL, PAIRS_CHANNEL } from '#realtime/bus.ts';

const bell = z.object({ deals: z.array(z.string()), facts: z.boolean().default(false) });
const pairBell = z.object({ pair: z.string() });

/** Hears the API's bells. What is lost while Redis is away, the sweeps find. */
export function hearBells(
  redis: Redis,
  ring: { process: (processId: string, first: boolean) => void; pair: (pairId: string) => void },
  log: Logger,
): void {
  redis.on('message', (channel, text) => {
    try {
      const json: unknown = JSON.parse(text);
      if (channel === PAIRS_CHANNEL) ring.pair(pairBell.parse(json).pair);
      else {
        const { deals, facts } = bell.parse(json);
        for (const processId of deals) ring.process(processId, facts);
      }
    } catch (error) {
      log.warn({ err: error }, 'a bell was not understood');
    }
  });
  redis.on('ready', () => {
    redis
      .subscribe(DEALS_CHANNEL, PAIRS_CHANNEL)
      .catch((error: unknown) => log.warn({ err: error }, 'bells are not heard'));
  });
}
