import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Executor, sql } from '../pool.ts';

/** Where customers want events: their own addresses, with the secrets that they know them by. */

/** After a rotation both secrets sign for so long. */
const BOTH_SIGN_FOR = '24 hours';

const endpointRow = z.object({
  id: z.string(),
  url: z.string(),
  description: z.string(),
  event_types: z.array(z.string()).nullable(),
  headers: z.record(z.string(), z.string()),
  created_at: z.string(),
  failing_since: z.string().nullable(),
  disabled_at: z.string().nullable(),
  disabled_why: z.enum(['by_hand', 'gone', 'failing']).nullable(),
});
export type Endpoint = z.infer<typeof endpointRow>;

const COLUMNS = sql.fragment`id, url, description, event_types, headers, created_at, failing_since, disabled_at,
  disabled_why`;

/** A secret in the form that receivers' libraries read. */
export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

export type EndpointChange = Pick<Endpoint, 'url' | 'description' | 'event_types' | 'headers'>;

export async function insertEndpoint(
  executor: Executor,
  endpoint: EndpointChange & { id: string; secret: string; now: string },
): Promise<void> {
  const { id, url, description, event_types, headers, secret, now } = endpoint;
  await executor.query(sql.typeAlias('void')`
    INSERT INTO webhook_endpoints (id, url, description, event_types, headers, secret, created_at)
    VALUES (${id}, ${url}, ${description}, ${event_types && sql.array(event_types, 'text')}, ${sql.jsonb(headers)},
      ${secret}, ${now}::timestamptz)
  `);
}

export async function findEndpoint(executor: Executor, id: string): Promise<Endpoint | null> {
  return executor.maybeOne(sql.type(endpointRow)`
    SELECT ${COLUMNS} FROM webhook_endpoints WHERE id = ${id} AND deleted_at IS NULL
  `);
}

/** The newest first. */
export async function listEndpoints(
  executor: Executor,
  limit: number,
  before: string | null,
): Promise<readonly Endpoint[]> {
  return executor.any(sql.type(endpointRow)`
    SELECT ${COLUMNS} FROM webhook_endpoints
    WHERE deleted_at IS NULL AND (${before}::uuid IS NULL OR id < ${before}::uuid)
    ORDER BY id DESC LIMIT ${limit}
  `);
}

/** Changes what is given; false where there is none. An endpoint that is enabled again has failed at nothing. */
export async function updateEndpoint(
  executor: Executor,
  id: string,
  change: EndpointChange & { disabled: boolean; now: string },
): Promise<boolean> {
  const { url, description, event_types, headers, disabled, now } = change;
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    UPDATE webhook_endpoints SET url = ${url}, description = ${description},
      event_types = ${event_types && sql.array(event_types, 'text')}, headers = ${sql.jsonb(headers)},
      disabled_at = CASE WHEN ${disabled} THEN coalesce(disabled_at, ${now}::timestamptz) END,
      disabled_why = CASE WHEN ${disabled} THEN coalesce(disabled_why, 'by_hand') END,
      failing_since = CASE WHEN ${disabled} THEN failing_since END
    WHERE id = ${id} AND deleted_at IS NULL
  `);
  return rowCount === 1;
}

/** What was kept of it stays to be read; nothing is sent there any more. */
export async function deleteEndpoint(executor: Executor, id: string, now: string): Promise<boolean> {
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    UPDATE webhook_endpoints SET deleted_at = ${now}::timestamptz, disabled_at = coalesce(disabled_at, ${now}::timestamptz),
      disabled_why = coalesce(disabled_why, 'by_hand')
    WHERE id = ${id} AND deleted_at IS NULL
  `);
  return rowCount === 1;
}

/** From now on this one signs, and the one before it beside it for a day. False where there is no endpoint. */
export async function rotateSecret(executor: Executor, id: string, secret: string, now: string): Promise<boolean> {
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    UPDATE webhook_endpoints SET old_secret = secret, secret = ${secret},
      old_secret_until = ${now}::timestamptz + ${BOTH_SIGN_FOR}::interval
    WHERE id = ${id} AND deleted_at IS NULL
  `);
  return rowCount === 1;
}

/** It does not want to hear from us, or nobody has been there for days. False where it was disabled already. */
export async function disableEndpoint(
  executor: Executor,
  id: string,
  why: 'gone' | 'failing',
  now: string,
): Promise<boolean> {
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    UPDATE webhook_endpoints SET disabled_at = ${now}::timestamptz, disabled_why = ${why}
    WHERE id = ${id} AND disabled_at IS NULL
  `);
  return rowCount === 1;
}

const failing = z.object({ failing_since: z.string() });

/** Notes that a try failed: answers since when all have. */
export async function noteFailure(executor: Executor, id: string, now: string): Promise<string> {
  const row = await executor.one(sql.type(failing)`
    UPDATE webhook_endpoints SET failing_since = coalesce(failing_since, ${now}::timestamptz) WHERE id = ${id}
    RETURNING failing_since
  `);
  return row.failing_since;
}

export async function noteArrival(executor: Executor, id: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE webhook_endpoints SET failing_since = NULL WHERE id = ${id} AND failing_since IS NOT NULL
  `);
}
