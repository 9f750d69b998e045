import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Pool } from '#db/pool.ts';
import { listCorrespondents } from '#db/talk/audience.ts';
import type { Bus } from './bus.ts';
import { type EventData, ROOMS } from './catalogue.ts';
import type { Log } from './deps.ts';
import type { Limits } from './limits.ts';
import { room, roomIn } from './rooms.ts';

export interface Presence {
  /** A user's first connection to this process. */
  arrived(userId: string): void;
  /** A user's last connection to this process has gone; `rooms` are those it was in. */
  left(userId: string, rooms: readonly string[]): void;
  /** A user says how they are. */
  said(userId: string, status: string, rooms: readonly string[]): void;
  /** Hands this process's users over to the others. The bus is closed after it. */
  close(): Promise<void>;
}

/** Before a user's id: the processes that hold the user, each until when. */
const KEY = 'tandem:presence:';
/** Users of processes that stopped in order, each until when they are expected elsewhere. */
const LEFT_KEY = 'tandem:presence-left';
/** A process that has died is believed to hold its users for at most this long. */
const ENTRY_MS = 75_000;
const REFRESH_MS = 25_000;
/** A stop waits no longer for a Redis that hangs. */
const CLOSE_WITHIN_MS = 500;
/** Announcements that may wait; presence is a hint, and past this a flood of arrivals is worth none. */
const MAX_WAITING = 2_000;

/**
 * Who is there, told to the people they talk with: those with a conversation with them (the latest 100) and those in a
 * conversation room with them. A hint: processes agree through Redis, and each goes by itself while that is away. One
 * that stops in order leaves its users to the others, who tell of those that do not come back; one that dies says
 * nothing for its users.
 */
export function createPresence(options: { pool: Pool; bus: Bus; limits: Limits; log: Log }): Presence {
  const { pool, bus, limits, log } = options;
  const self = randomUUID();
  const here = new Set<string>();
  const leaving = new Map<string, NodeJS.Timeout>();
  /** Those here, and those whose leaving is not told yet. */
  const held = new Set<string>();
  let closed = false;
  let waiting = 0;
  let line = Promise.resolve();

  /** One after the other: a process that restarts has all its users arrive at once, each with a query. */
  function queue(work: () => Promise<void>): void {
    if (closed || waiting >= MAX_WAITING) return;
    waiting++;
    line = line
      .then(() => (closed ? undefined : work()))
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
    const audience = [...rooms.filter(isOfAcquaintances), ...others.map(room.user)];
    if (audience.length > 0) bus.live({ rooms: audience, name, data, except: userId });
  }

  /**
   * How many processes other than this one hold the user; 0 while Redis cannot say. To who arrives, one that stopped
   * and still expected them elsewhere is such a one: they were never told to be away.
   */
  async function elsewhere(userId: string, holding: boolean): Promise<number> {
    const redis = bus.redis();
    if (redis === null) return 0;
    const key = KEY + userId;
    const now = Date.now();
    const steps = redis.multi().zrem(LEFT_KEY, userId).zremrangebyscore(key, '-inf', now);
    if (holding) steps.zadd(key, now + ENTRY_MS, self).pexpire(key, ENTRY_MS);
    else steps.zrem(key, self);
    const answers = await steps.zcard(key).exec();
    const expected = Number(answers?.[0]?.[1] ?? 0);
    const count = Number(answers?.at(-1)?.[1] ?? 0);
    return holding ? Math.max(0, count - 1) + expected : count;
  }

  function tellOffline(userId: string, rooms: readonly string[]): void {
    queue(async () => {
      if (here.has(userId) || leaving.has(userId)) return;
      held.delete(userId);
      if ((await elsewhere(userId, false)) > 0) return;
      await tell(userId, rooms, 'user_offline', { userId });
    });
  }

  /** Those who were expected from a process that stopped, and did not come. One process alone is given each. */
  async function tellAbsent(): Promise<void> {
    const redis = bus.redis();
    if (redis === null) return;
    const now = Date.now();
    const answers = await redis
      .multi()
      .zrangebyscore(LEFT_KEY, '-inf', now)
      .zremrangebyscore(LEFT_KEY, '-inf', now)
      .exec();
    for (const userId of (answers?.[0]?.[1] ?? []) as string[]) tellOffline(userId, []);
  }

  const refresh = setInterval(() => {
    const redis = bus.redis();
    if (redis === null || here.size === 0) return;
    const pipeline = redis.pipeline();
    const until = Date.now() + ENTRY_MS;
    for (const userId of here) pipeline.zadd(KEY + userId, until, self).pexpire(KEY + userId, ENTRY_MS);
    pipeline.exec().catch(() => {});
  }, REFRESH_MS);
  /** How long a user has to come back from a process that stops, and how often those who did not are looked for. */
  const comeBackMs = limits.reconnectSpreadMs + limits.presenceGraceMs;
  const absent = setInterval(() => queue(tellAbsent), comeBackMs);

  return {
    arrived(userId) {
      here.add(userId);
      held.add(userId);
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
      if (closed) return;
      clearTimeout(leaving.get(userId));
      const timer = setTimeout(() => {
        leaving.delete(userId);
        tellOffline(userId, rooms);
      }, limits.presenceGraceMs);
      leaving.set(userId, timer);
    },
    said(userId, status, rooms) {
      queue(() => tell(userId, rooms, 'user_status_change', { userId, status }));
    },
    async close() {
      closed = true;
      clearInterval(refresh);
      clearInterval(absent);
      for (const timer of leaving.values()) clearTimeout(timer);
      leaving.clear();
      const redis = bus.redis();
      if (redis === null || held.size === 0) return;
      const pipeline = redis.pipeline();
      const until = Date.now() + comeBackMs;
      for (const userId of held) pipeline.zrem(KEY + userId, self).zadd(LEFT_KEY, until, userId);
      held.clear();
      // With no process left, nobody asks for them: what is old by then is worth nothing.
      pipeline.pexpire(LEFT_KEY, ENTRY_MS);
      await Promise.race([pipeline.exec().catch(() => {}), wait(CLOSE_WITHIN_MS, undefined, { ref: false })]);
    },
  };
}

/** Campaigns' and bids' rooms are open to strangers, and one's own is nobody else's. */
function isOfAcquaintances(name: string): boolean {
  const kind = roomIn(name)?.kind;
  return kind !== undefined && kind !== 'user' && ROOMS[kind]?.strangers !== true;
}
