import { type Executor, sql } from '../pool.ts';

/**
 * Whatever the sweep gave these up to, now there is something that their workflows have to look after. One that ended so
 * long ago that its row was forgotten has one again.
 */
export async function ringSoon(executor: Executor, processIds: readonly string[], at: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    INSERT INTO relays AS relay (process_id, kind, version, told, behind, deadline, look_at)
    SELECT id, kind, version, version, false, deadline, ${at}::timestamptz
    FROM processes WHERE id = ANY(${sql.array([...processIds].sort(), 'uuid')}) ORDER BY id
    ON CONFLICT (process_id) DO UPDATE SET tries = 0, ring_after = '-infinity',
      look_at = LEAST(relay.look_at, EXCLUDED.look_at)
  `);
}
