import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Executor, inTransaction, sql } from '../pool.ts';
import { type Cell, openJson, type Secrets, SecretUnreadable, sealJson } from '../secrets.ts';

/** Where customers want events: their own addresses, with the secrets that they know them by. */

/** After a rotation both secrets sign for so long. */
const BOTH_SIGN_FOR = '24 hours';

const endpointRow = z.object({
  id: z.string(),
  url: z.string(),
  description: z.string(),
  event_types: z.array(z.string()).nullable(),
  /** As they are kept; see `cellOf`. */
  headers: z.unknown(),
  created_at: z.string(),
  failing_since: z.string().nullable(),
  disabled_at: z.string().nullable(),
  disabled_why: z.enum(['by_hand', 'gone', 'failing']).nullable(),
});
type Headers = Record<string, string>;
export type Endpoint = Omit<z.infer<typeof endpointRow>, 'headers'> & { headers: Headers };

const cellOf = (id: string, column: 'headers' | 'secret' | 'old_secret') => ({
  table: 'webhook_endpoints',
  column,
  id,
});

const COLUMNS = sql.fragment`id, url, description, event_types, headers, created_at, failing_since, disabled_at,
  disabled_why`;

/** A secret in the form that receivers' libraries read. */
export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

export type EndpointChange = Pick<Endpoint, 'url' | 'description' | 'event_types' | 'headers'>;

const opened = (secrets: Secrets, endpoint: z.infer<typeof endpointRow>): Endpoint => ({
  ...endpoint,
  headers: openJson(secrets, cellOf(endpoint.id, 'headers'), endpoint.headers) as Headers,
});

export async function insertEndpoint(
  executor: Executor,
  secrets: Secrets,
  endpoint: EndpointChange & { id: string; secret: string; now: string },
): Promise<void> {
  const { id, url, description, event_types, headers, secret, now } = endpoint;
  await executor.query(sql.typeAlias('void')`
    INSERT INTO webhook_endpoints (id, url, description, event_types, headers, secret, created_at)
    VALUES (${id}, ${url}, ${description}, ${event_types && sql.array(event_types, 'text')},
      ${sealJson(secrets, cellOf(id, 'headers'), headers)}::jsonb, ${secrets.seal(cellOf(id, 'secret'), secret)},
      ${now}::timestamptz)
  `);
}

export async function findEndpoint(executor: Executor, secrets: Secrets, id: string): Promise<Endpoint | null> {
  const kept = await executor.maybeOne(sql.type(endpointRow)`
    SELECT ${COLUMNS} FROM webhook_endpoints WHERE id = ${id} AND deleted_at IS NULL
  `);
  return kept && opened(secrets, kept);
}

/** The newest first. */
export async function listEndpoints(
  executor: Executor,
  secrets: Secrets,
  limit: number,
  before: string | null,
): Promise<readonly Endpoint[]> {
  const kept = await executor.any(sql.type(endpointRow)`
    SELECT ${COLUMNS} FROM webhook_endpoints
    WHERE deleted_at IS NULL AND (${before}::uuid IS NULL OR id < ${before}::uuid)
    ORDER BY id DESC LIMIT ${limit}
  `);
  return kept.map((endpoint) => opened(secrets, endpoint));
}

/** Changes what is given; false where there is none. An endpoint that is enabled again has failed at nothing. */
export async function updateEndpoint(
  executor: Executor,
  secrets: Secrets,
  id: string,
  change: EndpointChange & { disabled: boolean; now: string },
): Promise<boolean> {
  const { url, description, event_types, headers, disabled, now } = change;
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    UPDATE webhook_endpoints SET url = ${url}, description = ${description},
      event_types = ${event_types && sql.array(event_types, 'text')},
      headers = ${sealJson(secrets, cellOf(id, 'headers'), headers)}::jsonb,
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

const secretRow = z.object({ secret: z.string() });

/** From now on this one signs, and the one before it beside it for a day. False where there is no endpoint. */
export function rotateSecret(
  executor: Executor,
  secrets: Secrets,
  { id, secret, now }: { id: string; secret: string; now: string },
): Promise<boolean> {
  return inTransaction(executor, async (transaction) => {
    const before = await transaction.maybeOne(sql.type(secretRow)`
      SELECT secret FROM webhook_endpoints WHERE id = ${id} AND deleted_at IS NULL FOR NO KEY UPDATE
    `);
    if (!before) return false;
    const old = openedOrNull(secrets, cellOf(id, 'secret'), before.secret);
    // Sealed anew, as what is sealed for one column opens in no other.
    const oldKept = old && secrets.seal(cellOf(id, 'old_secret'), old);
    await transaction.query(sql.typeAlias('void')`
      UPDATE webhook_endpoints SET old_secret = ${oldKept}, secret = ${secrets.seal(cellOf(id, 'secret'), secret)},
        old_secret_until = ${now}::timestamptz + ${BOTH_SIGN_FOR}::interval
      WHERE id = ${id}
    `);
    return true;
  });
}

/** Null where it is unreadable: another secret is what mends that. */
function openedOrNull(secrets: Secrets, cell: Cell, kept: string): string | null {
  try {
    return secrets.open(cell, kept);
  } catch (error) {
    if (error instanceof SecretUnreadable) return null;
    throw error;
  }
}

/** What an endpoint is sent beside the message, as it is kept. */
type KeptSecrets = { endpoint_id: string; headers?: unknown; secret: string; old_secret: string | null };

/** What its messages are signed with, the newest first, and the headers that it asked for. SecretUnreadable as of `open`. */
export function openSecrets(
  secrets: Secrets,
  { endpoint_id: id, headers, secret, old_secret }: KeptSecrets,
): { signing: string[]; headers: Headers } {
  return {
    signing: [
      secrets.open(cellOf(id, 'secret'), secret),
      ...(old_secret === null ? [] : [secrets.open(cellOf(id, 'old_secret'), old_secret)]),
    ],
    headers: openJson(secrets, cellOf(id, 'headers'), headers) as Headers,
  };
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
