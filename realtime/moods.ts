import { MOODS, type Mood, moodOf, WINDOW_MS } from '#workflows/stream/mood.ts';
import type { Bus } from './bus.ts';

/** How a stream's viewers feel, over a sliding window and all processes. A hint, kept nowhere else. */
export interface Moods {
  /** Somebody reacts. It is in what is felt here at once, and elsewhere a moment later. */
  react(streamId: string, mood: Mood): void;
  /** What is felt now. */
  state(streamId: string): Promise<MoodState>;
  /** How often anybody has reacted in a stream, as far as is remembered: from nothing again where Redis was lost. */
  total(streamId: string): Promise<number>;
  /** Of these streams the ones where it is another than was told here before. */
  changed(streamIds: readonly string[]): Promise<readonly (MoodState & { streamId: string })[]>;
}

export type MoodState = { mood: Mood | null; counts: Record<string, number>; total: number };

const SECOND_MS = 1_000;
const BUCKETS = WINDOW_MS / SECOND_MS;

/** A stream lasts a day at most. */
const TOTAL_SECONDS = 25 * 3_600;

/** So many more of each mood in this second, by Redis's clock, forgotten with the window; and as many more of all. */
const REACT = `
local key = KEYS[1] .. ':' .. redis.call('TIME')[1]
for i = 3, #ARGV, 2 do
  redis.call('HINCRBY', key, ARGV[i], ARGV[i + 1])
  redis.call('INCRBY', KEYS[1] .. ':total', ARGV[i + 1])
end
redis.call('EXPIRE', key, ARGV[1])
redis.call('EXPIRE', KEYS[1] .. ':total', ARGV[2])`;

/** What people react with gathers for so long before Redis is given it, in ms: what is felt is told once a second. */
const GATHERED_MS = 250;

/** The moods of the last so many seconds, each with how many. */
const STATE = `
local now = tonumber(redis.call('TIME')[1])
local found = {}
for second = now - ARGV[1] + 1, now do
  for _, each in ipairs(redis.call('HGETALL', KEYS[1] .. ':' .. string.format('%d', second))) do table.insert(found, each) end
end
return found`;

const made = new WeakMap<Bus, Moods>();

/** One for each bus: routes ask for what the doors have heard. */
export function moodsOf(bus: Bus): Moods {
  let moods = made.get(bus);
  if (moods === undefined) {
    moods = createMoods(bus);
    made.set(bus, moods);
  }
  return moods;
}

function createMoods(bus: Bus): Moods {
  /** While Redis is away: what was said in this process, by stream, the latest last. */
  const alone = new Map<string, { mood: Mood; at: number }[]>();
  const told = new Map<string, string>();
  /** Likewise, of every stream that somebody reacted in. */
  const totals = new Map<string, number>();
  const keyOf = (streamId: string) => `tandem:mood:{${streamId}}`;
  /** What Redis was not given yet, by stream: of each mood how many. */
  let gathered = new Map<string, Map<Mood, number>>();
  let timer: NodeJS.Timeout | null = null;
  let giving: Promise<void> = Promise.resolve();

  /** Gives Redis what has gathered; what it does not take is forgotten, as a hint may be. */
  function give(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (gathered.size > 0) {
      const all = gathered;
      gathered = new Map();
      giving = giveAll(all);
    }
    return giving;
  }

  async function giveAll(all: ReadonlyMap<string, ReadonlyMap<Mood, number>>): Promise<void> {
    const redis = bus.redis();
    await Promise.all(
      [...all].map(async ([streamId, counts]) => {
        const said = [...counts].flatMap(([mood, many]) => [mood, String(many)]);
        await redis?.eval(REACT, 1, keyOf(streamId), String(BUCKETS + 1), String(TOTAL_SECONDS), ...said);
      }),
    ).catch(() => {});
  }

  function lately(streamId: string): { mood: Mood; at: number }[] {
    const since = performance.now() - WINDOW_MS;
    const kept = (alone.get(streamId) ?? []).filter(({ at }) => at > since);
    if (kept.length > 0) alone.set(streamId, kept);
    else alone.delete(streamId);
    return kept;
  }

  function sum(pairs: readonly (readonly [string, number])[]): MoodState {
    const counts: Record<string, number> = {};
    for (const [mood, many] of pairs) counts[mood] = (counts[mood] ?? 0) + many;
    const total = Object.values(counts).reduce((all, many) => all + many, 0);
    return { mood: moodOf(counts), counts, total };
  }

  const moods: Moods = {
    react(streamId, mood) {
      if (bus.redis() !== null) {
        const counts = gathered.get(streamId) ?? new Map<Mood, number>();
        gathered.set(streamId, counts.set(mood, (counts.get(mood) ?? 0) + 1));
        timer ??= setTimeout(give, GATHERED_MS).unref();
        return;
      }
      alone.set(streamId, [...lately(streamId), { mood, at: performance.now() }]);
      totals.set(streamId, (totals.get(streamId) ?? 0) + 1);
    },
    async total(streamId) {
      const redis = bus.redis();
      if (redis === null) return totals.get(streamId) ?? 0;
      await give();
      return Number((await redis.get(`${keyOf(streamId)}:total`)) ?? 0);
    },
    async state(streamId) {
      const redis = bus.redis();
      if (redis === null) return sum(lately(streamId).map(({ mood }) => [mood, 1]));
      await give();
      const found = (await redis.eval(STATE, 1, keyOf(streamId), String(BUCKETS))) as string[];
      return sum(MOODS.map((mood) => [mood, manyOf(found, mood)] as const).filter(([, many]) => many > 0));
    },
    async changed(streamIds) {
      for (const streamId of told.keys()) if (!streamIds.includes(streamId)) told.delete(streamId);
      const states = await Promise.all(
        streamIds.map(async (streamId) => ({ streamId, ...(await moods.state(streamId)) })),
      );
      return states.filter(({ streamId, ...state }) => {
        const text = JSON.stringify(state);
        const isNew = told.has(streamId) ? told.get(streamId) !== text : state.total > 0;
        told.set(streamId, text);
        return isNew;
      });
    },
  };
  return moods;
}

/** Pairs of a name and a number, one after the other. */
function manyOf(found: readonly string[], mood: Mood): number {
  return found.reduce((sum, name, at) => (at % 2 === 0 && name === mood ? sum + Number(found[at + 1]) : sum), 0);
}
