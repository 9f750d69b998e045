import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, type RateLimiterRes } from 'rate-limiter-flexible';
import { Failure } from '#workflows/failures.ts';
import { addressKey } from '../address.ts';

/** How often one may try. `seconds` is how long a try is remembered. */
export const TRIES = {
  /** Failures by handle, whether it has an account or not. */
  account: { tries: 10, seconds: 15 * 60 },
  /** Failures by address: an office or a mobile network shares one. */
  address: { tries: 100, seconds: 15 * 60 },
  /** Sign-ins, right or wrong: each costs a hash, and a right one a session. */
  signingInAs: { tries: 120, seconds: 60 },
  signingInFrom: { tries: 1_200, seconds: 60 },
  /** New accounts by address: twice the 300 that are promised, so that nobody who keeps to it meets a window's edge. */
  registering: { tries: 600, seconds: 60 },
};

export type Guesses = {
  /** RATE_LIMITED when this handle or address has failed too often. */
  check(handle: string, address: string): Promise<void>;
  /** The same, and counts a sign-in. */
  signingIn(handle: string, address: string): Promise<void>;
  failed(handle: string, address: string): Promise<void>;
  /** The right password: the account's failures are forgotten, the address's are not. */
  succeeded(handle: string): Promise<void>;
  /** Counts a registration. RATE_LIMITED. */
  registering(address: string): Promise<void>;
};

/** Counted in Redis for all processes together; each counts for itself while Redis is away. */
export function createGuesses(redis: Redis | null, limits = TRIES): Guesses {
  const account = limiter(redis, 'account', limits.account);
  const address = limiter(redis, 'address', limits.address);
  const signingInAs = limiter(redis, 'signingInAs', limits.signingInAs);
  const signingInFrom = limiter(redis, 'signingInFrom', limits.signingInFrom);
  const registering = limiter(redis, 'registering', limits.registering);

  async function check(handle: string, ip: string): Promise<void> {
    const [ofAccount, ofAddress] = await Promise.all([account.get(accountKey(handle)), address.get(addressKey(ip))]);
    refuseAt(ofAccount, limits.account.tries);
    refuseAt(ofAddress, limits.address.tries);
  }

  return {
    check,
    async signingIn(handle, ip) {
      await check(handle, ip);
      const [as, from] = await Promise.all([
        signingInAs.penalty(accountKey(handle)),
        signingInFrom.penalty(addressKey(ip)),
      ]);
      refuseAt(as, limits.signingInAs.tries + 1);
      refuseAt(from, limits.signingInFrom.tries + 1);
    },
    async failed(handle, ip) {
      await Promise.all([account.penalty(accountKey(handle)), address.penalty(addressKey(ip))]);
    },
    async succeeded(handle) {
      await account.delete(accountKey(handle));
    },
    async registering(ip) {
      const counted = await registering.penalty(addressKey(ip));
      refuseAt(counted, limits.registering.tries + 1);
    },
  };
}

function limiter(redis: Redis | null, name: string, { tries, seconds }: { tries: number; seconds: number }) {
  const options = { keyPrefix: `tandem:guesses:${name}`, points: tries, duration: seconds };
  const memory = new RateLimiterMemory(options);
  if (!redis) return memory;
  return new RateLimiterRedis({
    ...options,
    storeClient: redis,
    insuranceLimiter: memory,
    // Without this a guess waits for a Redis that is away.
    rejectIfRedisNotReady: true,
  });
}

function refuseAt(counted: RateLimiterRes | null, tries: number): void {
  if (!counted || counted.consumedPoints < tries) return;
  const retryAfter = Math.max(1, Math.ceil(counted.msBeforeNext / 1000));
  throw new Failure('RATE_LIMITED', 'Too many attempts. Try again later.', {
    retryAfter,
    details: { retry_after: retryAfter },
  });
}

function accountKey(handle: string): string {
  return handle.toLowerCase();
}
