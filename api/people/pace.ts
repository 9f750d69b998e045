import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { createLeases } from '#realtime/leases.ts';
import { Failure } from '#workflows/failures.ts';

/** How much one account may do to others. A refusal names its limit. */
export const PACE = {
  /** Written by a person; a page that sends as fast as its user types comes to a tenth of it. */
  messages: { many: 300, seconds: 60 },
  /** Shown to everybody, as bids are: who runs hundreds has hours for it. */
  campaigns: { many: 300, seconds: 60 * 60 },
  /** Asked of somebody who did not ask for it: applications to campaigns, and bids. */
  applications: { many: 300, seconds: 60 * 60 },
  /** Made, of other people. */
  rooms: { many: 100, seconds: 60 * 60 },
  /** Members added to rooms one by one. */
  members: { many: 1_000, seconds: 60 * 60 },
  /** Live events that cost others something and are kept nowhere. */
  typing: { many: 120, seconds: 60 },
  reactions: { many: 120, seconds: 60 },
  follows: { many: 600, seconds: 60 * 60 },
  /** A thumb that goes up and down as fast as it can comes to some hundreds. */
  likes: { many: 3_000, seconds: 60 },
  comments: { many: 120, seconds: 60 },
  shares: { many: 300, seconds: 60 },
  watches: { many: 600, seconds: 60 },
  /** Announced. */
  streams: { many: 60, seconds: 60 * 60 },
  /** Of one person in chats of streams, and of all in one chat. */
  chat_lines: { many: 120, seconds: 60 },
  crowd_lines: { many: 1_000, seconds: 10 },
  /** Asked of somebody who did not ask for it. */
  battles: { many: 60, seconds: 60 * 60 },
  /** Begun in a stream. */
  polls: { many: 60, seconds: 60 * 60 },
  /** Of one person, who may change their mind, and of all in one poll. */
  votes: { many: 60, seconds: 60 },
  crowd_votes: { many: 20_000, seconds: 10 },
  /** Of one person in streams, and of all in one stream. */
  questions: { many: 30, seconds: 10 * 60 },
  crowd_questions: { many: 600, seconds: 60 },
  upvotes: { many: 300, seconds: 60 },
  videos: { many: 300, seconds: 60 * 60 },
} as const;

export type Paced = keyof typeof PACE;

export type Pace = {
  /** Counts one of these. RATE_LIMITED, naming the limit, where there were too many. */
  take(accountId: string, what: Paced): Promise<void>;
  /** Counts one of these less: it was taken, and nothing came of it. */
  giveBack(accountId: string, what: Paced): Promise<void>;
};

/** Counted in Redis for all processes together; each counts for itself while Redis is away. `percent` of the usual. */
export function createPace(redis: Redis | null, percent: number): Pace {
  const limits = Object.fromEntries(
    Object.entries(PACE).map(([what, { many, seconds }]) => [
      what,
      { many: Math.max(1, Math.floor((many * percent) / 100)), seconds },
    ]),
  ) as Record<Paced, { many: number; seconds: number }>;
  const limiters = new Map(
    (Object.keys(limits) as Paced[]).map((what) => {
      const options = { keyPrefix: `tandem:pace:${what}`, points: limits[what].many, duration: limits[what].seconds };
      const memory = new RateLimiterMemory(options);
      const limiter = redis
        ? new RateLimiterRedis({
            ...options,
            storeClient: redis,
            insuranceLimiter: memory,
            rejectIfRedisNotReady: true,
          })
        : memory;
      return [what, { limiter, leases: createLeases(options.points) }] as const;
    }),
  );
  return {
    async take(accountId, what) {
      try {
        const { limiter, leases } = limiters.get(what) as NonNullable<ReturnType<typeof limiters.get>>;
        if (leases.use(accountId)) return;
        const { msBeforeNext } = await limiter.consume(accountId, leases.each);
        leases.hold(accountId, leases.each - 1, msBeforeNext);
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        const { many, seconds } = limits[what];
        const retryAfter = Math.max(1, Math.ceil(refused.msBeforeNext / 1_000));
        throw new Failure('RATE_LIMITED', `At most ${many} ${what} in ${seconds} s.`, {
          retryAfter,
          details: { limit: what, allowed: many, per_seconds: seconds, retry_after: retryAfter },
        });
      }
    },
    async giveBack(accountId, what) {
      await limiters.get(what)?.limiter.reward(accountId);
    },
  };
}

/**
 * Does what counts against all of a crowd together, where there were not too many of it. Whoever is refused for reasons of
 * their own takes nothing from the others: what `work` did not say it did is given back. Taken before it and not in it,
 * so that a flood comes to no database.
 */
export async function inCrowd<Answer>(
  pace: Pace,
  { of, what }: { of: string; what: Extract<Paced, `crowd_${string}`> },
  work: (did: () => void) => Promise<Answer>,
): Promise<Answer> {
  await pace.take(of, what);
  let isDone = false;
  try {
    return await work(() => {
      isDone = true;
    });
  } finally {
    // It is over within seconds by itself: a Redis that is away for that keeps nobody from their answer.
    if (!isDone) await pace.giveBack(of, what).catch(() => {});
  }
}
