import type { Redis } from 'ioredis';
import { type Books, getBooks } from '#db/operation/books.ts';
import { listHeartbeats } from '#db/operation/heartbeats.ts';
import { getReadings, type Readings } from '#db/operation/readings.ts';
import type { Pool } from '#db/pool.ts';
import { findRelayLag } from '#db/process/relays.ts';
import { PROBE_MS, shared, within } from '#program/probing.ts';

/** Parts that say themselves that they work, in Postgres, every few seconds. */
const BEATING = ['worker', 'relay', 'temporal'] as const;
/** The same of what not every deployment has: a part only where it was ever heard of. */
const BEATING_SOMEWHERE = ['rabbitmq'] as const;

/** Three missed beats of 5 s: a part that is started again within 10 s is not called missing. */
const SILENT_AFTER_MS = 15_000;
/** Numbers are this old at most: some of them are counted over all that is open. */
const FRESH_MS = 1_000;

/** As they are told, too. */
export const PARTS = ['postgres', 'redis', ...BEATING, ...BEATING_SOMEWHERE] as const;
export type PartName = (typeof PARTS)[number];

/** `missing`: not ready without it; `degraded`: clicks and messages are answered, something else waits. */
export type Standing = { missing: PartName[]; degraded: PartName[]; parts: Partial<Record<PartName, boolean>> };

export type Numbers = Readings & { relay_lag_seconds: number; relay_waiting: number; books: Books };

/** What probes and scrapers ask for. However many ask at once, it is found out once for all of them. */
export type Watch = {
  /** Which parts work right now, as seen from here. Never throws. */
  parts(): Promise<Standing>;
  /** What is unfinished, as of a second ago at most; null while it cannot be read. */
  numbers(): Promise<Numbers | null>;
};

/** `probes` is a pool of its own: in the line of those who click, a busy API would take Postgres for gone. */
export function createWatch(deps: { probes: Pool; redis: Redis | null; now: () => Date }): Watch {
  let known: { numbers: Numbers; at: number } | null = null;
  return {
    parts: shared(() => lookAtParts(deps)),
    numbers: shared(async () => {
      if (known && performance.now() - known.at < FRESH_MS) return known.numbers;
      const numbers = await within(PROBE_MS, readNumbers(deps));
      known = numbers && { numbers, at: performance.now() };
      return numbers;
    }),
  };
}

async function lookAtParts(deps: { probes: Pool; redis: Redis | null }): Promise<Standing> {
  const [beats, redis] = await Promise.all([
    within(PROBE_MS, listHeartbeats(deps.probes)),
    deps.redis?.status === 'ready' ? within(PROBE_MS, deps.redis.ping()) : null,
  ]);
  const heard = new Set(beats?.filter((beat) => beat.age_ms < SILENT_AFTER_MS).map((beat) => beat.part));
  const there = BEATING_SOMEWHERE.filter((name) => beats?.some(({ part }) => part === name));
  const parts: Standing['parts'] = {
    postgres: beats !== null,
    redis: redis === 'PONG',
    ...Object.fromEntries([...BEATING, ...there].map((name) => [name, heard.has(name)])),
  };
  const down = PARTS.filter((name) => parts[name] === false);
  return {
    parts,
    missing: down.filter((name) => name === 'postgres'),
    // What beats in Postgres cannot be judged without it.
    degraded: down.filter((name) => name === 'redis' || (name !== 'postgres' && parts.postgres)),
  };
}

async function readNumbers({ probes, now }: { probes: Pool; now: () => Date }): Promise<Numbers> {
  const [readings, relay, books] = await Promise.all([
    getReadings(probes),
    findRelayLag(probes, now().toISOString()),
    getBooks(probes),
  ]);
  const lag = { relay_lag_seconds: Math.max(0, relay.seconds ?? 0), relay_waiting: Number(relay.processes) };
  return { ...readings, ...lag, books };
}
