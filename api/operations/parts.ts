import type { Redis } from 'ioredis';
import { listHeartbeats } from '#db/heartbeats.ts';
import type { Pool } from '#db/pool.ts';

/** Parts that say themselves that they work, in Postgres, every few seconds. */
const BEATING = ['worker', 'relay', 'temporal'] as const;

/** Three missed beats of 5 s: a part that is started again within 10 s is not called missing. */
const SILENT_AFTER_MS = 15_000;
/** A probe that waits longer is one that failed. */
const PROBE_MS = 2_000;

export type PartName = 'postgres' | 'redis' | (typeof BEATING)[number];

/** `missing`: not ready without it; `degraded`: clicks and messages are answered, something else waits. */
export type Standing = { missing: PartName[]; degraded: PartName[]; parts: Record<PartName, boolean> };

/** Which parts work right now, as seen from here. Never throws. */
export async function lookAtParts(deps: { pool: Pool; redis: Redis | null }): Promise<Standing> {
  const [beats, redis] = await Promise.all([
    within(PROBE_MS, listHeartbeats(deps.pool)),
    deps.redis?.status === 'ready' ? within(PROBE_MS, deps.redis.ping()) : null,
  ]);
  const heard = new Set(beats?.filter((beat) => beat.age_ms < SILENT_AFTER_MS).map((beat) => beat.part));
  const parts = {
    postgres: beats !== null,
    redis: redis === 'PONG',
    worker: heard.has('worker'),
    relay: heard.has('relay'),
    temporal: heard.has('temporal'),
  };
  const down = (Object.keys(parts) as PartName[]).filter((name) => !parts[name]);
  return {
    parts,
    missing: down.filter((name) => name === 'postgres'),
    // What beats in Postgres cannot be judged without it.
    degraded: down.filter((name) => name === 'redis' || (name !== 'postgres' && parts.postgres)),
  };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null);
  });
  try {
    return await Promise.race([work, late]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
