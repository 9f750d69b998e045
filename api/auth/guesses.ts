import { isIPv6 } from 'node:net';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, type RateLimiterRes } from 'rate-limiter-flexible';
import { Failure } from '#workflows/failures.ts';

/** How often one may guess; only failures count. `seconds` is how long a failure is remembered. */
export const LIMITS = {
  /** By handle, whether it has an account or not. */
  account: { failures: 10, seconds: 15 * 60 },
  /** An office or a mobile network shares one address. */
  address: { failures: 100, seconds: 15 * 60 },
  /** New accounts by address: twice the 300 that are promised, so that nobody who keeps to it meets a window's edge. */
  registering: { failures: 600, seconds: 60 },
};

export type Guesses = {
  /** RATE_LIMITED when this handle or address has failed too often. */
  check(handle: string, address: string): Promise<void>;
  failed(handle: string, address: string): Promise<void>;
  /** The right password: the account's failures are forgotten, the address's are not. */
  succeeded(handle: string): Promise<void>;
  /** Counts a registration. RATE_LIMITED. */
  registering(address: string): Promise<void>;
};

/** Counted in Redis for all processes together; each counts for itself while Redis is away. */
export function createGuesses(redis: Redis | null, limits = LIMITS): Guesses {
  const account = limiter(redis, 'account', limits.account);
  const address = limiter(redis, 'address', limits.address);
  const registering = limiter(redis, 'registering', limits.registering);
  return {
    async check(handle, ip) {
      const [ofAccount, ofAddress] = await Promise.all([account.get(accountKey(handle)), address.get(addressKey(ip))]);
      refuseAt(ofAccount, limits.account.failures);
      refuseAt(ofAddress, limits.address.failures);
    },
    async failed(handle, ip) {
      await Promise.all([account.penalty(accountKey(handle)), address.penalty(addressKey(ip))]);
    },
    async succeeded(handle) {
      await account.delete(accountKey(handle));
    },
    async registering(ip) {
      const counted = await registering.penalty(addressKey(ip));
      refuseAt(counted, limits.registering.failures + 1);
    },
  };
}

function limiter(redis: Redis | null, name: string, { failures, seconds }: { failures: number; seconds: number }) {
  const options = { keyPrefix: `tandem:guesses:${name}`, points: failures, duration: seconds };
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

function refuseAt(counted: RateLimiterRes | null, failures: number): void {
  if (!counted || counted.consumedPoints < failures) return;
  const retryAfter = Math.max(1, Math.ceil(counted.msBeforeNext / 1000));
  throw new Failure('RATE_LIMITED', 'Too many attempts. Try again later.', {
    retryAfter,
    details: { retry_after: retryAfter },
  });
}

function accountKey(handle: string): string {
  return handle.toLowerCase();
}

/** Who has one IPv6 address has 2^64 of them: they are counted as one. */
export function addressKey(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped) return mapped;
  if (!isIPv6(ip)) return ip;
  const [head = '', tail = ''] = ip.split('%')[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const middle = ip.includes('::') ? Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0') : [];
  const groups = [...left, ...middle, ...right].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
