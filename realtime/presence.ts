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
/** So many are looked up together. */
const TOGETHER = 100;

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

  /** One after the other; false where too many wait. */
  function queue(work: () => Promise<void>): boolean {
    if (closed || waiting >= MAX_WAITING) return false;
    waiting++;
    line = line
      .then(() => (closed ? undefined : work()))
      .catch((error) => log.debug({ err: error }, 'presence could not be told'))
      .finally(() => {
        waiting--;
      });
    return true;
  }

  /** What comes while others are looked up is looked up together: all users of a process that starts come at once. */
  function gather<Item>(work: (items: readonly Item[]) => Promise<void>): (item: Item) => void {
    const items: Item[] = [];
    const next = async () => {
      const some = items.splice(0, TOGETHER);
      if (items.length > 0 && !queue(next)) items.length = 0;
      await work(some);
    };
    return (item) => {
      if (closed || items.length >= MAX_WAITING) return;
      if (items.push(item) === 1 && !queue(next)) items.length = 0;
    };
  }

  async function tell<Name extends 'user_status_change' | 'user_offline'>(
    those: readonly { userId: string; rooms: readonly string[]; data: EventData<Name> }[],
    name: Name,
  ): Promise<void> {
    if (those.length === 0) return;
    const userIds = those.map(({ userId }) => userId);
    const others = await listCorrespondents(pool, userIds, limits.presenceAudience);
    for (const { userId, rooms, data } of those) {
      const audience = [...rooms.filter(isOfAcquaintances), ...(others.get(userId) ?? []).map(room.user)];
      if (audience.length > 0) bus.live({ rooms: audience, name, data, except: userId });
    }
  }

  /**
   * Those whom no process other than this one holds; all while Redis cannot say. To who arrives, one that stopped and
   * still expected them elsewhere is such a one: they were never told to be away.
   */
  async function nowhereElse(userIds: readonly string[], holding: boolean): Promise<ReadonlySet<string>> {
    const redis = bus.redis();
    if (redis === null || userIds.length === 0) return new Set(userIds);
    const now = Date.now();
    const steps = redis.multi();
    for (const userId of userIds) {
      const key = KEY + userId;
      steps.zrem(LEFT_KEY, userId).zremrangebyscore(key, '-inf', now);
      if (holding) steps.zadd(key, now + ENTRY_MS, self);
      else steps.zrem(key, self);
      steps.zcard(key).pexpire(key, ENTRY_MS);
    }
    const answers = (await steps.exec()) ?? [];
    const each = answers.length / userIds.length;
    return new Set(
      userIds.filter((_, at) => {
        const of = answers.slice(at * each, (at + 1) * each).map(([, answer]) => Number(answer ?? 0));
        const [expected = 0, , , count = 0] = of;
        return holding ? count <= 1 && expected === 0 : count === 0;
      }),
    );
  }

  const tellOnline = gather<string>(async (userIds) => {
    const there = [...new Set(userIds)].filter((userId) => here.has(userId));
    const alone = await nowhereElse(there, true);
    const those = there.filter((userId) => alone.has(userId));
    await tell(
      those.map((userId) => ({ userId, rooms: [], data: { userId, status: 'online' } })),
      'user_status_change',
    );
  });

  const tellOffline = gather<{ userId: string; rooms: readonly string[] }>(async (those) => {
    const gone = Map.groupBy(
      those.filter(({ userId }) => !here.has(userId) && !leaving.has(userId)),
      ({ userId }) => userId,
    );
    for (const userId of gone.keys()) held.delete(userId);
    const alone = await nowhereElse([...gone.keys()], false);
    const away = [...gone].filter(([userId]) => alone.has(userId));
    await tell(
      away.map(([userId, each]) => ({ userId, rooms: each.flatMap(({ rooms }) => rooms), data: { userId } })),
      'user_offline',
    );
  });

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
    for (const userId of (answers?.[0]?.[1] ?? []) as string[]) tellOffline({ userId, rooms: [] });
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
      tellOnline(userId);
    },
    left(userId, rooms) {
      here.delete(userId);
      if (closed) return;
      clearTimeout(leaving.get(userId));
      const timer = setTimeout(() => {
        leaving.delete(userId);
        tellOffline({ userId, rooms });
      }, limits.presenceGraceMs);
      leaving.set(userId, timer);
    },
    said(userId, status, rooms) {
      queue(() => tell([{ userId, rooms, data: { userId, status } }], 'user_status_change'));
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
