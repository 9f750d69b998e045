import type { FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { Failure, type FailureCode } from '#workflows/failures.ts';
import { addressKey } from './address.ts';
import type { Config } from './config.ts';
import { toFailure } from './failure.ts';

/** How many webhooks that nobody of ours signed may come of one address. */

const WINDOW_S = 60;
/** Of an address that sent more, so many a second are looked at all the same: well-signed ones may be among them. */
export const STILL_READ_PER_SECOND = 20;

/** What is answered to who showed nothing. What is signed and makes no sense is its provider's, and is not counted. */
const NOT_BELIEVED: readonly FailureCode[] = ['UNAUTHENTICATED', 'NOT_FOUND', 'PAYLOAD_TOO_LARGE'];

/**
 * Of a scope whose routes take webhooks; before the body is read. Counted are those that were refused, in Redis for all
 * processes together, and here; no webhook waits for Redis, which is told of each and whose answer holds for the next.
 */
export function boundRefusedWebhooks(scope: FastifyInstance, redis: Redis | null, config: Config): void {
  const perMinute = config.REFUSED_WEBHOOKS_PER_MINUTE;
  if (perMinute === 0) return;
  const options = { keyPrefix: 'tandem:webhooks:refused', points: perMinute, duration: WINDOW_S };
  const here = new RateLimiterMemory(options);
  const together = redis ? new RateLimiterRedis({ ...options, storeClient: redis, rejectIfRedisNotReady: true }) : null;
  const stillRead = new RateLimiterMemory({ points: STILL_READ_PER_SECOND, duration: 1 });

  scope.addHook('onRequest', async ({ ip }) => {
    const key = addressKey(ip);
    const refused = await here.get(key);
    if (refused === null || refused.consumedPoints < perMinute) return;
    await stillRead.consume(key).catch((full: unknown) => {
      throw full instanceof RateLimiterRes ? tooMany(perMinute) : full;
    });
  });

  scope.addHook('onError', async ({ ip }, _reply, error) => {
    if (!NOT_BELIEVED.includes(toFailure(error).code)) return;
    const key = addressKey(ip);
    await here.penalty(key);
    together?.consume(key).catch((refused: unknown) => {
      // Another error is Redis being away: then what is counted here decides.
      if (refused instanceof RateLimiterRes) void here.block(key, Math.max(1, Math.ceil(refused.msBeforeNext / 1_000)));
    });
  });
}

/** The next second has room again: a provider that shares the address comes through by trying. */
function tooMany(perMinute: number): Failure {
  return new Failure(
    'RATE_LIMITED',
    `At most ${perMinute} webhooks without a valid signature from one address a minute.`,
    {
      retryAfter: 1,
      details: { limit: 'refused_webhooks', allowed: perMinute, per_seconds: WINDOW_S, retry_after: 1 },
    },
  );
}
