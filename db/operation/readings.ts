import { z } from 'zod';
import { type Executor, sql } from '../pool.ts';

const readings = z.object({
  webhook_lag_seconds: z.number(),
  inbox_waiting: z.number(),
  promises_open: z.number(),
  promise_age_seconds: z.number(),
  refunds_open: z.number(),
  tasks_open: z.number(),
  deals_open: z.number(),
  publications_waiting: z.number(),
  publication_lag_seconds: z.number(),
  deliveries_waiting: z.number(),
  delivery_lag_seconds: z.number(),
  pushes_waiting: z.number(),
  push_lag_seconds: z.number(),
});
export type Readings = z.infer<typeof readings>;

/** Counted exactly up to so many: beyond it an operator looks at the trend, and counting a million takes a quarter second. */
const COUNTED = 10_000;

const upTo = (rows: ReturnType<typeof sql.fragment>) =>
  sql.fragment`(SELECT count(*) FROM (${rows} LIMIT ${COUNTED}) AS counted)::integer`;

/** How long ago that was; 0 for what is still to come, or is not. */
const since = (instant: ReturnType<typeof sql.fragment>) =>
  sql.fragment`greatest(0, coalesce(extract(epoch FROM clock_timestamp() - ${instant}), 0))::double precision`;

/** Where there is no RabbitMQ, nobody is to be told by it. */
const HAS_BROKER = sql.fragment`EXISTS (SELECT FROM heartbeats WHERE part = 'rabbitmq')`;

/**
 * What an operator wants to see move: each is one look at a partial index of what is unfinished, and counts up to 10,000.
 * Lag and age are of the oldest webhook that waits to be booked and of the oldest promise that has not moved, 0 when
 * there is none. A delivery that failed at its customer's is late from when it is tried again, a push of quiet hours
 * from their end.
 */
export async function getReadings(executor: Executor): Promise<Readings> {
  return executor.one(sql.type(readings)`
    SELECT
      coalesce((SELECT extract(epoch FROM clock_timestamp() - min(received_at)) FROM (
        SELECT received_at FROM inbox WHERE booked_at IS NULL LIMIT ${COUNTED}
      ) AS waiting), 0)::double precision AS webhook_lag_seconds,
      ${upTo(sql.fragment`SELECT FROM inbox WHERE booked_at IS NULL`)} AS inbox_waiting,
      ${upTo(sql.fragment`SELECT FROM promises WHERE done_at IS NULL`)} AS promises_open,
      coalesce(extract(epoch FROM clock_timestamp() - (
        SELECT made_at FROM promises WHERE moved_at IS NULL ORDER BY made_at LIMIT 1
      )), 0)::double precision AS promise_age_seconds,
      ${upTo(sql.fragment`SELECT FROM refunds WHERE status <> 'processed'`)} AS refunds_open,
      ${upTo(sql.fragment`SELECT FROM tasks WHERE closed_at IS NULL`)} AS tasks_open,
      -- Whatever has a deadline is in the index of look_at; what has none any more stays there until that has passed.
      ${upTo(sql.fragment`SELECT FROM relays WHERE look_at IS NOT NULL AND deadline IS NOT NULL`)} AS deals_open,
      ${upTo(sql.fragment`SELECT FROM publications WHERE published_at IS NULL AND ${HAS_BROKER}`)}
        AS publications_waiting,
      ${since(sql.fragment`(
        SELECT occurred_at FROM publications WHERE published_at IS NULL AND ${HAS_BROKER} ORDER BY id LIMIT 1
      )`)} AS publication_lag_seconds,
      ${upTo(sql.fragment`SELECT FROM webhook_deliveries WHERE status = 'waiting'`)} AS deliveries_waiting,
      ${since(sql.fragment`least(
        (SELECT try_after FROM webhook_deliveries WHERE status = 'waiting' ORDER BY try_after LIMIT 1),
        -- Of these it is not known yet to whom they go.
        (SELECT occurred_at FROM publications WHERE delivered_at IS NULL ORDER BY id LIMIT 1)
      )`)} AS delivery_lag_seconds,
      ${upTo(sql.fragment`SELECT FROM pushes WHERE outcome IS NULL`)} AS pushes_waiting,
      ${since(sql.fragment`(SELECT due FROM pushes WHERE outcome IS NULL ORDER BY due LIMIT 1)`)} AS push_lag_seconds
  `);
}
