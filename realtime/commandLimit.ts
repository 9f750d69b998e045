import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { Failure } from '#workflows/failures.ts';
import type { Bus } from './bus.ts';
import { createLeases } from './leases.ts';

/** Redis answers within some ms; what takes longer hangs, and the limit is no reason to wait for it. */
const ANSWER_WITHIN_MS = 250;
/** And it is not asked again for this long. */
const PAUSE_MS = 2_000;

export interface CommandLimit {
  /** Counts one more command of a user. RATE_LIMITED when there were too many. */
  take(userId: string): Promise<void>;
}

/** So many commands a minute of one user, counted in Redis for all processes together; each by itself while it is away. */
export function createCommandLimit(bus: Bus, perMinute: number): CommandLimit {
  const options = { keyPrefix: 'tandem:commands', points: perMinute, duration: 60 };
  const alone = new RateLimiterMemory(options);
  const leases = createLeases(perMinute);
  let together: RateLimiterRedis | null = null;
  let pausedUntil = 0;

  /** Milliseconds to wait, 0 for none; null while Redis cannot say. */
  async function countTogether(userId: string): Promise<number | null> {
    const redis = bus.redis();
    if (redis === null || performance.now() < pausedUntil) return null;
    together ??= new RateLimiterRedis({
      ...options,
      storeClient: redis,
      // Who is over the limit is not asked about again until it has passed.
      inMemoryBlockOnConsumed: perMinute + 1,
      rejectIfRedisNotReady: true,
    });
    const late = Promise.withResolvers<null>();
    const timer = setTimeout(late.resolve, ANSWER_WITHIN_MS, null);
    try {
      const taken = await Promise.race([together.consume(userId, leases.each), late.promise]);
      if (taken !== null) {
        leases.hold(userId, leases.each - 1, taken.msBeforeNext);
        return 0;
      }
    } catch (refused) {
      if (refused instanceof RateLimiterRes) return Math.max(1, refused.msBeforeNext);
    } finally {
      clearTimeout(timer);
    }
    pausedUntil = performance.now() + PAUSE_MS;
    return null;
  }

  async function countAlone(userId: string): Promise<number> {
    const { consumedPoints, msBeforeNext } = await alone.penalty(userId);
    return consumedPoints > perMinute ? Math.max(1, msBeforeNext) : 0;
  }

  return {
    async take(userId) {
      if (leases.use(userId)) return;
      const wait = (await countTogether(userId)) ?? (await countAlone(userId));
      if (wait === 0) return;
      throw new Failure('RATE_LIMITED', `At most ${perMinute} commands a minute of one user.`, {
        retryAfter: Math.ceil(wait / 1000),
      });
    },
  };
}
