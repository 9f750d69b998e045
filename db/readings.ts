import { z } from 'zod';
import { type Executor, sql } from './pool.ts';

const readings = z.object({
  webhook_lag_seconds: z.number(),
  inbox_waiting: z.number(),
  promises_open: z.number(),
  refunds_open: z.number(),
  tasks_open: z.number(),
  deals_open: z.number(),
});
export type Readings = z.infer<typeof readings>;

/**
 * What an operator wants to see move: each is one look at a partial index of what is unfinished. The lag is the age of
 * the oldest webhook that waits to be booked, 0 when none does.
 */
export async function getReadings(executor: Executor): Promise<Readings> {
  return executor.one(sql.type(readings)`
    SELECT
      coalesce((SELECT extract(epoch FROM clock_timestamp() - min(received_at)) FROM inbox WHERE booked_at IS NULL), 0)
        ::double precision AS webhook_lag_seconds,
      (SELECT count(*) FROM inbox WHERE booked_at IS NULL)::integer AS inbox_waiting,
      (SELECT count(*) FROM promises WHERE done_at IS NULL)::integer AS promises_open,
      (SELECT count(*) FROM refunds WHERE status <> 'processed')::integer AS refunds_open,
      (SELECT count(*) FROM tasks WHERE closed_at IS NULL)::integer AS tasks_open,
      -- Whatever has a deadline is in the index of look_at; what has none any more stays there until that has passed.
      (SELECT count(*) FROM relays WHERE look_at IS NOT NULL AND deadline IS NOT NULL)::integer AS deals_open
  `);
}
