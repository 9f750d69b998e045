/**
 * Which durable events somebody's connection has acknowledged: what a socket took is not pushed to a device as well.
 * Doors say what was taken, in any process; whoever pushes asks. Kept in Redis for a while and nowhere else: while that
 * is away, or has forgotten, nothing was taken, and somebody hears a thing twice rather than not at all.
 */
import type { Redis } from 'ioredis';
import type { Log } from './deps.ts';

export interface Taken {
  /** A client of this user has this event, and all before it. */
  took(userId: string, seq: number): void;
  /** Whether any client of the user has it. */
  has(userId: string, seq: number): Promise<boolean>;
  close(): void;
}

const KEY = 'tandem:taken:';
/** Longer than a push waits to be carried out, snoozes and quiet hours aside. */
const KEPT_MS = 30 * 60_000;
/** What is taken meanwhile goes to Redis together. */
const FLUSH_MS = 100;
/** Users whose word may wait; past this it is lost, and they are pushed to. */
const MAX_WAITING = 50_000;

export function createTaken({ redis, log }: { redis: () => Redis | null; log: Log }): Taken {
  const waiting = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;

  function flush(): void {
    timer = null;
    const to = redis();
    const taken = [...waiting];
    waiting.clear();
    if (to === null) return;
    const pipeline = to.pipeline();
    // A set of one, as a sorted set alone keeps the greater of two numbers by itself.
    for (const [userId, seq] of taken) pipeline.zadd(KEY + userId, 'GT', seq, 'seq').pexpire(KEY + userId, KEPT_MS);
    pipeline.exec().catch((error: unknown) => log.debug({ err: error }, 'what was taken could not be kept'));
  }

  return {
    took(userId, seq) {
      if (waiting.size >= MAX_WAITING && !waiting.has(userId)) return;
      waiting.set(userId, Math.max(seq, waiting.get(userId) ?? 0));
      timer ??= setTimeout(flush, FLUSH_MS);
    },
    async has(userId, seq) {
      const from = redis();
      if (from === null) return false;
      try {
        const taken = await from.zscore(KEY + userId, 'seq');
        return taken !== null && Number(taken) >= seq;
      } catch (error) {
        log.debug({ err: error }, 'Redis could not say what was taken');
        return false;
      }
    },
    close() {
      if (timer === null) return;
      clearTimeout(timer);
      flush();
    },
  };
}
