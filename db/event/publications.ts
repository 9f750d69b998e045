import { z } from 'zod';
import type { CreditOrBoostEvent } from '#workflows/boost/contract.ts';
import { type Asked, deleteOldest, type Round } from '../operation/round.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';

/** The second outbox: what other services are to hear of. Small, and never read out of people's. */

export const CREDIT_EXCHANGE = 'credit_events';
export const ROUTING_KEYS = ['boost.event', 'credit.event'] as const;
export type RoutingKey = (typeof ROUTING_KEYS)[number];

export type Publication = {
  routingKey: RoutingKey;
  /** What it is about, as "gig/<id>": of one and the same, they are published in their order. */
  about: string;
  event: CreditOrBoostEvent;
};

/** Has other services told, each event once by its id. */
export async function publish(transaction: Transaction, publications: readonly Publication[]): Promise<void> {
  for (const { routingKey, about, event } of publications) {
    await transaction.query(sql.typeAlias('void')`
      INSERT INTO publications (exchange, routing_key, key, about, event, occurred_at)
      VALUES (${CREDIT_EXCHANGE}, ${routingKey}, ${event.eventId}, ${about}, ${sql.jsonb(event as never)},
        ${event.timestamp}::timestamptz)
      ON CONFLICT (key) DO NOTHING
    `);
  }
}

/**
 * Forgets what happened before an instant and was told, to other services and to customers. What never will be goes as
 * well, where there is no broker; where there is one that is away, or refuses, it waits for as long as it takes.
 */
export function deletePublications(
  executor: Executor,
  asked: Asked,
  { hasBroker }: { hasBroker: boolean },
): Promise<Round> {
  return deleteOldest(executor, asked, {
    from: 'publications',
    age: sql.fragment`occurred_at`,
    where: sql.fragment`delivered_at IS NOT NULL AND (published_at IS NOT NULL OR (NOT ${hasBroker} AND tries = 0))`,
  });
}

const claimedRow = z.object({
  id: z.bigint(),
  exchange: z.string(),
  routing_key: z.string(),
  key: z.string(),
  about: z.string(),
  event: z.custom<CreditOrBoostEvent>(),
  occurred_at: z.string(),
  tries: z.int(),
});
export type Claimed = z.infer<typeof claimedRow>;

const CLAIMED = sql.fragment`id, exchange, routing_key, publications.key, about, event, occurred_at, tries`;

/**
 * Takes up to `limit` to be published, of each that they are about the oldest alone, so that the next of it is not taken
 * before this one is published. Nobody else takes them until `until`, by when whoever took them has to be done.
 */
export async function claimPublications(
  executor: Executor,
  { now, until, limit }: { now: string; until: string; limit: number },
): Promise<readonly Claimed[]> {
  const rows = await executor.any(sql.type(claimedRow)`
    UPDATE publications SET try_after = ${until}::timestamptz, tries = tries + 1
    WHERE id IN (
      SELECT id FROM publications AS waiting
      WHERE published_at IS NULL AND try_after <= ${now}::timestamptz AND NOT EXISTS (
        SELECT FROM publications AS earlier
        WHERE earlier.about = waiting.about AND earlier.published_at IS NULL AND earlier.id < waiting.id
      )
      ORDER BY id LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ) AND published_at IS NULL AND try_after <= ${now}::timestamptz
    RETURNING ${CLAIMED}
  `);
  return [...rows].sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** The broker has taken them. */
export async function setPublished(executor: Executor, ids: readonly bigint[], now: string): Promise<void> {
  if (ids.length === 0) return;
  await executor.query(sql.typeAlias('void')`
    UPDATE publications SET published_at = ${now}::timestamptz, failure = NULL
    WHERE id = ANY(${sql.array([...ids], 'int8')}) AND published_at IS NULL
  `);
}

/** It did not: tried again from `after` on, and not before. */
export async function setUnpublished(executor: Executor, id: bigint, failure: string, after: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE publications SET failure = ${failure.slice(0, 300)}, try_after = ${after}::timestamptz
    WHERE id = ${id} AND published_at IS NULL
  `);
}

/** An operator has it tried again now; or passes over it, so that what comes after it goes on. */
export async function decidePublication(
  executor: Executor,
  key: string,
  passOver: boolean,
  now: string,
): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE publications SET try_after = ${now}::timestamptz,
      published_at = CASE WHEN ${passOver} THEN ${now}::timestamptz END
    WHERE key = ${key} AND published_at IS NULL
  `);
}

/** Those that happened from one instant until another, whether published or not, in their order. */
export async function listPublications(
  executor: Executor,
  range: {
    from: string;
    until: string;
    routingKey: string | null;
    about: string | null;
    after: { at: string; id: bigint } | null;
    limit: number;
  },
): Promise<readonly Claimed[]> {
  const { from, until, routingKey, about, after, limit } = range;
  return executor.any(sql.type(claimedRow)`
    SELECT ${CLAIMED} FROM publications
    WHERE occurred_at >= ${from}::timestamptz AND occurred_at < ${until}::timestamptz
      AND (${routingKey}::text IS NULL OR routing_key = ${routingKey})
      AND (${about}::text IS NULL OR about = ${about})
      AND (${after?.at ?? null}::timestamptz IS NULL
        OR (occurred_at, id) > (${after?.at ?? null}::timestamptz, ${after?.id ?? null}::bigint))
    ORDER BY occurred_at, id LIMIT ${limit}
  `);
}
