import { randomUUID } from 'node:crypto';
import { listCorrespondents } from '#db/audience.ts';
import type { Pool } from '#db/pool.ts';
import type { Bus } from './bus.ts';
import type { EventData } from './catalogue.ts';
import type { Log } from './deps.ts';
import type { Limits } from './limits.ts';
import { room } from './rooms.ts';

export interface Presence {
  /** A user's first connection to this process. */
  arrived(userId: string): void;
  /** A user's last connection to this process has gone; `rooms` are those it was in. */
  left(userId: string, rooms: readonly string[]): void;
  /** A user says how they are. */
  said(userId: string, status: string, rooms: readonly string[]): void;
  close(): void;
}

const KEY = 'tandem:presence:';
/** A process that has died is believed to hold its users for at most this long. */
const ENTRY_MS = 75_000;
const REFRESH_MS = 25_000;
/** Announcements that may wait; presence is a hint, and past this a flood of arrivals is worth none. */
const MAX_WAITING = 2_000;

/**
 * Who is there, told to the people they talk with: those with a conversation with them (the latest 100) and those in a
 * conversation room with them. A hint: processes agree through Redis, and each goes by itself while that is away; a
 * process that dies says nothing for its users.
 */
export function createPresence(options: { pool: Pool; bus: Bus; limits: Limits; log: Log }): Presence {
  const { pool, bus, limits, log } = options;
  const self = randomUUID();
  const here = new Set<string>();
  const leaving = new Map<string, NodeJS.Timeout>();
  let waiting = 0;
  let line = Promise.resolve();

  /** One after the other: a process that restarts has all its users arrive at once, each with a query. */
  function queue(work: () => Promise<void>): void {
    if (waiting >= MAX_WAITING) return;
    waiting++;
    line = line
      .then(work)
      .catch((error) => log.debug({ err: error }, 'presence could not be told'))
      .finally(() => {
        waiting--;
      });
  }

  async function tell<Name extends 'user_status_change' | 'user_offline'>(
    userId: string,
    rooms: readonly string[],
    name: Name,
    data: EventData<Name>,
  ): Promise<void> {
    const others = await listCorrespondents(pool, userId, limits.presenceAudience);
    const audience = [...rooms.filter((name) => name !== room.user(userId)), ...others.map(room.user)];
    if (audience.length > 0) bus.live({ rooms: audience, name, data, except: userId });
  }

  /** How many processes other than this one hold the user; 0 while Redis cannot say. */
  async function elsewhere(userId: string, holding: boolean): Promise<number> {
    const redis = bus.redis();
    if (redis === null) return 0;
    const key = KEY + userId;
    const now = Date.now();
    const steps = redis.multi().zremrangebyscore(key, '-inf', now);
    if (holding) steps.zadd(key, now + ENTRY_MS, self).pexpire(key, ENTRY_MS);
    else steps.zrem(key, self);
    const answers = await steps.zcard(key).exec();
    const count = Number(answers?.at(-1)?.[1] ?? 0);
    return holding ? Math.max(0, count - 1) : count;
  }

  const refresh = setInterval(() => {
    const redis = bus.redis();
    if (redis === null || here.size === 0) return;
    const pipeline = redis.pipeline();
    const until = Date.now() + ENTRY_MS;
    for (const userId of here) pipeline.zadd(KEY + userId, until, self).pexpire(KEY + userId, ENTRY_MS);
    pipeline.exec().catch(() => {});
  }, REFRESH_MS);

  return {
    arrived(userId) {
      here.add(userId);
      const timer = leaving.get(userId);
      if (timer !== undefined) {
        clearTimeout(timer);
        leaving.delete(userId);
        return;
      }
      queue(async () => {
        if (!here.has(userId) || (await elsewhere(userId, true)) > 0) return;
        await tell(userId, [], 'user_status_change', { userId, status: 'online' });
      });
    },
    left(userId, rooms) {
      here.delete(userId);
      clearTimeout(leaving.get(userId));
      const timer = setTimeout(() => {
        leaving.delete(userId);
        queue(async () => {
          if (here.has(userId) || (await elsewhere(userId, false)) > 0) return;
          await tell(userId, rooms, 'user_offline', { userId });
        });
      }, limits.presenceGraceMs);
      leaving.set(userId, timer);
    },
    said(userId, status, rooms) {
      queue(() => tell(userId, rooms, 'user_status_change', { userId, status }));
    },
    close() {
      clearInterval(refresh);
      for (const timer of leaving.values()) clearTimeout(timer);
      leaving.clear();
    },
  };
}
