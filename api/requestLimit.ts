import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { Failure } from '#workflows/failures.ts';
import { addressKey } from './address.ts';
import type { Config } from './config.ts';

/** How many requests may come of one, whatever they are about. What one may do to others is counted by `people/pace.ts`. */

const WINDOW_S = 60;

type Of = 'account' | 'address';

type RequestLimit = {
  /** Counts a request. RATE_LIMITED where there were too many in this minute. */
  take(key: string): Promise<void>;
};

/**
 * Counted in Redis for all processes together, and here. No request waits for Redis: it is told of each, and what it
 * answers of one holds for those after it, so all processes together let through what was under way meanwhile and no
 * more. While Redis is away each process counts for itself. `perMinute` 0 counts nothing.
 */
function createRequestLimit(redis: Redis | null, of: Of, perMinute: number): RequestLimit {
  if (perMinute === 0) return { take: async () => {} };
  const options = { keyPrefix: `tandem:requests:${of}`, points: perMinute, duration: WINDOW_S };
  const here = new RateLimiterMemory(options);
  const together = redis ? new RateLimiterRedis({ ...options, storeClient: redis, rejectIfRedisNotReady: true }) : null;
  return {
    async take(key) {
      try {
        await here.consume(key);
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        throw tooMany(of, perMinute, refused.msBeforeNext);
      }
      together?.consume(key).catch((refused: unknown) => {
        // Another error is Redis being away: then what is counted here decides.
        if (refused instanceof RateLimiterRes)
          void here.block(key, Math.max(1, Math.ceil(refused.msBeforeNext / 1_000)));
      });
    },
  };
}

function tooMany(of: Of, perMinute: number, waitMs: number): Failure {
  const retryAfter = Math.max(1, Math.ceil(waitMs / 1_000));
  const what = of === 'account' ? 'requests that change something of one account' : 'requests from one address';
  return new Failure('RATE_LIMITED', `At most ${perMinute} ${what} a minute.`, {
    retryAfter,
    details: { limit: `requests_of_${of}`, allowed: perMinute, per_seconds: WINDOW_S, retry_after: retryAfter },
  });
}

/** What comes from few addresses and in any number, and has to be answered when everything else is refused. */
const UNCOUNTED = /^\/(api\/webhooks\/|(livez|readyz|metrics)$)/;

/** Before a token is looked at, and for whatever is asked: what is under `/api` is for older apps at the root as well. */
export function boundByAddress(app: FastifyInstance, redis: Redis | null, config: Config): void {
  const limit = createRequestLimit(redis, 'address', config.ADDRESS_REQUESTS_PER_MINUTE);
  app.addHook('onRequest', async ({ routeOptions, ip }) => {
    if (!UNCOUNTED.test(routeOptions.url ?? '')) await limit.take(addressKey(ip));
  });
}

/** Of a scope whose routes ask for an account; before the body is read. What only reads is bounded by its address. */
export function boundByAccount(scope: FastifyInstance, redis: Redis | null, config: Config): void {
  const limit = createRequestLimit(redis, 'account', config.ACCOUNT_WRITES_PER_MINUTE);
  scope.addHook('onRequest', async (request: FastifyRequest) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') await limit.take(request.account.id);
  });
}
