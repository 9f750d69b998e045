import { z } from 'zod';
import { type Executor, sql } from '../pool.ts';

const event = z.object({
  id: z.bigint().transform(String),
  provider: z.string(),
  event_id: z.string(),
  type: z.string(),
  fact: z.string(),
  process_id: z.string().nullable(),
  received_at: z.string(),
  booked_at: z.string().nullable(),
  outcome: z.string().nullable(),
});
export type ProviderEvent = z.infer<typeof event>;

export type ProviderEventFilter = {
  /** Whether it waits to be booked, or was set aside because it could not be. */
  only: 'waiting' | 'set_aside' | null;
  search: { text: string; id: string | null } | null;
  limit: number;
  before: string | null;
};

/** What providers told, one fact a row, the newest first, with what became of each. */
export async function listProviderEvents(
  executor: Executor,
  { only, search, limit, before }: ProviderEventFilter,
): Promise<readonly ProviderEvent[]> {
  const found = search
    ? sql.fragment`(webhooks.event_id = ${search.text} OR process_id = ${search.id}::uuid OR order_id = ${search.id}::uuid)`
    : sql.fragment`true`;
  const which = {
    waiting: sql.fragment`booked_at IS NULL`,
    set_aside: sql.fragment`outcome = 'set_aside'`,
    all: sql.fragment`true`,
  }[only ?? 'all'];
  return executor.any(sql.type(event)`
    SELECT inbox.id, provider, event_id, type, fact ->> 'kind' AS fact, process_id, inbox.received_at, booked_at, outcome
    FROM inbox JOIN webhooks ON webhooks.id = webhook_id
    WHERE (${before}::bigint IS NULL OR inbox.id < ${before}::bigint) AND ${which} AND ${found}
    ORDER BY inbox.id DESC LIMIT ${limit}
  `);
}
