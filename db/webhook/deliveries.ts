import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import type { CreditOrBoostEvent } from '#workflows/boost/contract.ts';
import { type Asked, deleteOldest, type Round } from '../operation/round.ts';
import { type Executor, type Pool, sql } from '../pool.ts';

/** What customers' endpoints are to be told, and what came of each try. */

const AT_ONCE = 200;
/** Of one endpoint at once, so that one that is slow does not have all of what can be under way. */
const EACH_AT_ONCE = 10;

const undelivered = z.object({
  id: z.bigint(),
  key: z.string(),
  event: z.custom<CreditOrBoostEvent>(),
});

/**
 * Gives what happened to the endpoints that want it: once, whoever does it, and in the transaction that notes so. Answers
 * how many events there were; as many as are taken at once means that there may be more.
 */
export async function deliverPublications(
  pool: Pool,
  bodyOf: (event: CreditOrBoostEvent) => string,
  now: string,
): Promise<number> {
  return pool.transaction(async (transaction) => {
    const found = await transaction.any(sql.type(undelivered)`
      SELECT id, key, event FROM publications WHERE delivered_at IS NULL ORDER BY id LIMIT ${AT_ONCE}
      FOR UPDATE SKIP LOCKED
    `);
    for (const { key, event } of found) {
      await insertDeliveries(transaction, { messageId: key, type: event.type, body: () => bodyOf(event), now });
    }
    await transaction.query(sql.typeAlias('void')`
      UPDATE publications SET delivered_at = ${now}::timestamptz
      WHERE id = ANY(${sql.array(
        found.map(({ id }) => id),
        'int8',
      )})
    `);
    return found.length;
  });
}

const wanting = z.object({ id: z.string() });

async function insertDeliveries(
  executor: Executor,
  { messageId, type, body, now }: { messageId: string; type: string; body: () => string; now: string },
): Promise<void> {
  const endpoints = await executor.any(sql.type(wanting)`
    SELECT id FROM webhook_endpoints
    WHERE disabled_at IS NULL AND deleted_at IS NULL AND (event_types IS NULL OR ${type} = ANY(event_types))
  `);
  if (endpoints.length === 0) return;
  let text: string;
  try {
    text = body();
  } catch {
    // An event without its form: the broker's task tells of it.
    return;
  }
  for (const { id } of endpoints) await insertDelivery(executor, { endpointId: id, messageId, type, body: text, now });
}

/** One message to one endpoint; where it was sent there before it is sent again. Answers its delivery. */
export async function insertDelivery(
  executor: Executor,
  delivery: { endpointId: string; messageId: string; type: string; body: string; now: string },
): Promise<string> {
  const { endpointId, messageId, type, body, now } = delivery;
  const row = await executor.one(sql.type(wanting)`
    INSERT INTO webhook_deliveries AS kept (id, endpoint_id, message_id, type, body, try_after, made_at)
    VALUES (${uuid()}, ${endpointId}, ${messageId}, ${type}, ${body}, ${now}::timestamptz, ${now}::timestamptz)
    ON CONFLICT (endpoint_id, message_id) DO UPDATE SET status = 'waiting', tries = 0, try_after = EXCLUDED.try_after,
      ended_at = NULL
    RETURNING id
  `);
  return row.id;
}

const dueRow = z.object({
  id: z.string(),
  endpoint_id: z.string(),
  message_id: z.string(),
  type: z.string(),
  body: z.string(),
  tries: z.int(),
  url: z.string(),
  /** These three as they are kept; see `openSecrets`. */
  headers: z.unknown(),
  secret: z.string(),
  old_secret: z.string().nullable(),
  disabled: z.boolean(),
});
export type Due = z.infer<typeof dueRow>;

/** Takes what is to be sent now, so many; nobody else takes it until `until`. */
export async function claimDeliveries(
  executor: Executor,
  { now, until, limit }: { now: string; until: string; limit: number },
): Promise<readonly Due[]> {
  return executor.any(sql.type(dueRow)`
    WITH due AS (
      SELECT id, endpoint_id, row_number() OVER (PARTITION BY endpoint_id ORDER BY try_after, id) AS place
      FROM (
        SELECT id, endpoint_id, try_after FROM webhook_deliveries
        WHERE status = 'waiting' AND try_after <= ${now}::timestamptz ORDER BY try_after, id LIMIT ${20 * limit}
      ) AS first
    ), claimed AS (
      UPDATE webhook_deliveries SET try_after = ${until}::timestamptz, tries = tries + 1
      WHERE id IN (
        SELECT id FROM webhook_deliveries
        WHERE id IN (SELECT id FROM due WHERE place <= ${EACH_AT_ONCE} LIMIT ${limit}) FOR UPDATE SKIP LOCKED
      ) AND status = 'waiting' AND try_after <= ${now}::timestamptz
      RETURNING id, endpoint_id, message_id, type, body, tries
    )
    SELECT claimed.*, url, headers, secret,
      CASE WHEN old_secret_until > ${now}::timestamptz THEN old_secret END AS old_secret,
      disabled_at IS NOT NULL AS disabled
    FROM claimed JOIN webhook_endpoints ON webhook_endpoints.id = endpoint_id
  `);
}

export type Attempt = {
  at: string;
  tookMs: number;
  requestHeaders: Record<string, string>;
  /** Of the answer; null where there was none. */
  status: number | null;
  answer: string | null;
  failure: string | null;
};

/** What came of a try. `again`: when the next is; null where there is none. */
export async function setTried(
  executor: Executor,
  id: string,
  attempt: Attempt | null,
  outcome: { status: 'waiting'; again: string } | { status: 'arrived' | 'failed' | 'dropped' },
  now: string,
): Promise<void> {
  if (attempt) {
    const { at, tookMs, requestHeaders, status, answer, failure } = attempt;
    await executor.query(sql.typeAlias('void')`
      INSERT INTO webhook_attempts (delivery_id, n, at, took_ms, request_headers, status, answer, failure)
      SELECT ${id}, count(*) + 1, ${at}::timestamptz, ${tookMs}, ${sql.jsonb(requestHeaders)}, ${status}, ${answer},
        ${failure}
      FROM webhook_attempts WHERE delivery_id = ${id}
    `);
  }
  const again = outcome.status === 'waiting' ? outcome.again : null;
  await executor.query(sql.typeAlias('void')`
    UPDATE webhook_deliveries SET status = ${outcome.status}, try_after = coalesce(${again}::timestamptz, try_after),
      ended_at = CASE WHEN ${again}::timestamptz IS NULL THEN ${now}::timestamptz END
    WHERE id = ${id}
  `);
}

const deliveryRow = z.object({
  id: z.string(),
  message_id: z.string(),
  type: z.string(),
  body: z.string(),
  status: z.enum(['waiting', 'arrived', 'failed', 'dropped']),
  tries: z.int(),
  try_after: z.string(),
  made_at: z.string(),
  ended_at: z.string().nullable(),
});
export type Delivery = z.infer<typeof deliveryRow>;

const DELIVERY = sql.fragment`id, message_id, type, body, status, tries, try_after, made_at, ended_at`;

/** Of an endpoint, the newest first. */
export async function listDeliveries(
  executor: Executor,
  endpointId: string,
  filter: { status: string | null; limit: number; before: string | null },
): Promise<readonly Delivery[]> {
  return executor.any(sql.type(deliveryRow)`
    SELECT ${DELIVERY} FROM webhook_deliveries
    WHERE endpoint_id = ${endpointId} AND (${filter.status}::text IS NULL OR status = ${filter.status})
      AND (${filter.before}::uuid IS NULL OR id < ${filter.before}::uuid)
    ORDER BY id DESC LIMIT ${filter.limit}
  `);
}

export async function findDelivery(executor: Executor, endpointId: string, id: string): Promise<Delivery | null> {
  return executor.maybeOne(sql.type(deliveryRow)`
    SELECT ${DELIVERY} FROM webhook_deliveries WHERE id = ${id} AND endpoint_id = ${endpointId}
  `);
}

const attemptRow = z.object({
  n: z.int(),
  at: z.string(),
  took_ms: z.int(),
  request_headers: z.record(z.string(), z.string()),
  status: z.int().nullable(),
  answer: z.string().nullable(),
  failure: z.string().nullable(),
});

/** Every try of a delivery, the first first. */
export async function listAttempts(executor: Executor, id: string): Promise<readonly z.infer<typeof attemptRow>[]> {
  return executor.any(sql.type(attemptRow)`
    SELECT n, at, took_ms, request_headers, status, answer, failure FROM webhook_attempts
    WHERE delivery_id = ${id} ORDER BY n LIMIT 100
  `);
}

/**
 * Has everything since an instant sent again that did not arrive: what failed or was dropped, and what happened while the
 * endpoint was not there to be told. Answers how many.
 */
export async function recoverSince(
  executor: Executor,
  endpointId: string,
  { since, now, bodyOf }: { since: string; now: string; bodyOf: (event: CreditOrBoostEvent) => string },
): Promise<number> {
  const failed = await executor.query(sql.typeAlias('void')`
    UPDATE webhook_deliveries SET status = 'waiting', tries = 0, try_after = ${now}::timestamptz, ended_at = NULL
    WHERE endpoint_id = ${endpointId} AND made_at >= ${since}::timestamptz AND status IN ('failed', 'dropped')
  `);
  const missed = await executor.any(sql.type(undelivered)`
    SELECT publications.id, key, event FROM publications
    JOIN webhook_endpoints ON webhook_endpoints.id = ${endpointId}
    WHERE occurred_at >= ${since}::timestamptz AND delivered_at IS NOT NULL
      AND (event_types IS NULL OR event ->> 'type' = ANY(event_types))
      AND NOT EXISTS (SELECT FROM webhook_deliveries WHERE endpoint_id = ${endpointId} AND message_id = key)
    ORDER BY publications.id LIMIT ${RECOVERED_AT_MOST}
  `);
  for (const { key, event } of missed) {
    await insertDelivery(executor, { endpointId, messageId: key, type: event.type, body: bodyOf(event), now });
  }
  return failed.rowCount + missed.length;
}

/** By one call; who missed more asks again. */
export const RECOVERED_AT_MOST = 10_000;

/** Forgets deliveries, with their tries, that ended before an instant. */
export function deleteDeliveries(executor: Executor, asked: Asked): Promise<Round> {
  return deleteOldest(executor, asked, {
    from: 'webhook_deliveries',
    age: sql.fragment`ended_at`,
    where: sql.fragment`status <> 'waiting'`,
  });
}
