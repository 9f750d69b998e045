import { z } from 'zod';
import { type Executor, sql } from '../pool.ts';

/** A part says that it works. Twice a silence limit is often enough: see the readers. */
export async function beat(executor: Executor, part: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    INSERT INTO heartbeats (part, beat_at) VALUES (${part}, clock_timestamp())
    ON CONFLICT (part) DO UPDATE SET beat_at = greatest(heartbeats.beat_at, EXCLUDED.beat_at)
  `);
}

/** A part that should be there, and may never have been heard. */
export async function expectPart(executor: Executor, part: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    INSERT INTO heartbeats (part, beat_at) VALUES (${part}, 'epoch') ON CONFLICT (part) DO NOTHING
  `);
}

/** A part that this deployment has no more: forgotten once nobody has heard it for a minute, as an older release may. */
export async function forgetPart(executor: Executor, part: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    DELETE FROM heartbeats WHERE part = ${part} AND beat_at < clock_timestamp() - interval '1 minute'
  `);
}

const heartbeat = z.object({ part: z.string(), age_ms: z.number() });

/** How long ago each part was last heard, in ms by Postgres' clock, which all share. */
export async function listHeartbeats(executor: Executor): Promise<readonly z.infer<typeof heartbeat>[]> {
  return executor.any(sql.type(heartbeat)`
    SELECT part, (extract(epoch FROM clock_timestamp() - beat_at) * 1000)::double precision AS age_ms
    FROM heartbeats
    ORDER BY part
    LIMIT 100
  `);
}
