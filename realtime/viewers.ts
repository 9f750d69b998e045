import { randomUUID } from 'node:crypto';
import type { Bus } from './bus.ts';

/** Who watches: what is in a room now, counted anew every time and never changed by one. */
export interface Viewers {
  /** Says how many people are in these rooms of this process. Those whose count over all processes is another now. */
  tell(here: readonly Watched[]): Promise<readonly Watched[]>;
  /** How many watch, over all processes. */
  count(kind: string, id: string): Promise<number>;
}

export type Watched = { kind: string; id: string; count: number };

/** A process that says nothing for so long has nobody in its rooms. */
const BELIEVED_MS = 5_000;

/**
 * Writes what one process has, forgets what others said too long ago, and answers the sum. By Redis's clock alone, as
 * those of processes differ. `ARGV[1]` empty: only asks.
 */
const SUM = `
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
if ARGV[1] ~= '' then
  if ARGV[2] == '0' then redis.call('HDEL', KEYS[1], ARGV[1])
  else redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ':' .. string.format('%.0f', now)) end
end
local sum = 0
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local count, at = string.match(all[i + 1], '^(%d+):(%d+)$')
  if now - tonumber(at) > tonumber(ARGV[3]) then redis.call('HDEL', KEYS[1], all[i])
  else sum = sum + tonumber(count) end
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return sum`;

const made = new WeakMap<Bus, Viewers>();

/** One for each bus: routes ask for what the doors have said. */
export function viewersOf(bus: Bus): Viewers {
  let viewers = made.get(bus);
  if (viewers === undefined) {
    viewers = createViewers(bus);
    made.set(bus, viewers);
  }
  return viewers;
}

function createViewers(bus: Bus): Viewers {
  const self = randomUUID();
  const here = new Map<string, Watched>();
  const told = new Map<string, number>();

  /** Over all processes; of this one alone while Redis is away. */
  async function sum(key: string, mine: number | null): Promise<number> {
    const alone = mine ?? here.get(key)?.count ?? 0;
    const redis = bus.redis();
    if (redis === null) return alone;
    const given = [mine === null ? '' : self, String(mine ?? 0), String(BELIEVED_MS)] as const;
    return redis.eval(SUM, 1, `tandem:viewers:${key}`, ...given).then(Number, () => alone);
  }

  return {
    async tell(rooms) {
      const now = new Map(rooms.map((room) => [`${room.kind}_${room.id}`, room]));
      for (const [key, gone] of here) if (!now.has(key)) now.set(key, { ...gone, count: 0 });
      const counted = await Promise.all(
        [...now].map(async ([key, room]) => ({ key, room: { ...room, count: await sum(key, room.count) } })),
      );
      for (const [key, room] of now) {
        if (room.count > 0) here.set(key, room);
        else here.delete(key);
      }
      const changed = counted.filter(({ key, room }) => told.get(key) !== room.count);
      for (const { key, room } of counted) {
        if (here.has(key)) told.set(key, room.count);
        else told.delete(key);
      }
      return changed.map(({ room }) => room);
    },
    count: (kind, id) => sum(`${kind}_${id}`, null),
  };
}
