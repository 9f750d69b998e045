import { z } from 'zod';
import { type Executor, sql } from '../pool.ts';

/** Keeps, by minute, the most that watched streams at once. What is no stream is passed over. */
export async function noteViewers(
  executor: Executor,
  counts: readonly { id: string; viewers: number }[],
  now: string,
): Promise<void> {
  if (counts.length === 0) return;
  // In the order of ids, as locks are taken.
  const rows = [...counts].sort((one, other) => (one.id < other.id ? -1 : 1));
  const ids = sql.array(
    rows.map(({ id }) => id),
    'uuid',
  );
  const viewers = sql.array(
    rows.map((row) => row.viewers),
    'int4',
  );
  await executor.query(sql.typeAlias('void')`
    INSERT INTO stream_viewers (stream_id, minute, viewers)
    SELECT id, date_trunc('minute', ${now}::timestamptz, 'UTC'), count FROM unnest(${ids}, ${viewers}) AS seen (id, count)
    WHERE EXISTS (SELECT FROM streams WHERE process_id = id)
    ON CONFLICT (stream_id, minute) DO UPDATE SET viewers = greatest(stream_viewers.viewers, excluded.viewers)
  `);
}

const minute = z.object({ minute: z.string(), viewers: z.int() });

/** How many watched a stream, by minute, where that changed; the earliest first, a day at most. */
export function listViewers(executor: Executor, streamId: string) {
  return executor.any(sql.type(minute)`
    SELECT minute, viewers FROM stream_viewers WHERE stream_id = ${streamId} ORDER BY minute LIMIT 1500
  `);
}
