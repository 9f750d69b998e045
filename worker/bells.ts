import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { z } from 'zod';
import { findParties } from '#db/deals.ts';
import type { Pool } from '#db/pool.ts';
import { DEALS_CHANNEL } from '#realtime/bus.ts';

const bell = z.object({ deals: z.array(z.string()) });

/** Hears the API's bells. What is lost while Redis is away, the sweep finds. */
export function hearDeals(redis: Redis, ring: (conversationId: string) => void, log: Logger): void {
  redis.on('message', (_channel, text) => {
    try {
      for (const conversationId of bell.parse(JSON.parse(text)).deals) ring(conversationId);
    } catch (error) {
      log.warn({ err: error }, 'a bell was not understood');
    }
  });
  redis.on('ready', () => {
    redis.subscribe(DEALS_CHANNEL).catch((error: unknown) => log.warn({ err: error }, 'bells are not heard'));
  });
}

const REMEMBERED = 10_000;

/** Rings for both sides of a deal; who they are never changes, so it is remembered. */
export function createPartyBell(pool: Pool, ringUsers: (userIds: readonly string[]) => void) {
  const known = new Map<string, readonly string[]>();
  return (conversationId: string): void => {
    const parties = known.get(conversationId);
    if (parties) {
      ringUsers(parties);
      return;
    }
    findParties(pool, conversationId).then(
      (found) => {
        if (known.size >= REMEMBERED) known.clear();
        if (found) known.set(conversationId, found);
        if (found) ringUsers(found);
      },
      // Their sockets look by themselves within a second.
      () => {},
    );
  };
}
