import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import type { ProviderName } from '#workflows/payment/fact.ts';
import { type Executor, sql } from '../pool.ts';

const destinationRow = z.object({
  id: z.string(),
  user_id: z.string(),
  provider: z.custom<ProviderName>(),
  details: z.record(z.string(), z.string()),
  label: z.string(),
  status: z.enum(['pending', 'valid', 'invalid', 'failed']),
  holder: z.string().nullable(),
  check_id: z.string().nullable(),
  reason: z.string().nullable(),
  created_at: z.string(),
  checked_at: z.string().nullable(),
});
export type DestinationRow = z.infer<typeof destinationRow>;

const COLUMNS = sql.fragment`id, user_id, provider, details, label, status, holder, check_id, reason, created_at, checked_at`;

/** Kept before its provider is asked about it: under its id it is one there, however often that is. */
export async function insertDestination(
  executor: Executor,
  destination: { userId: string; provider: ProviderName; details: object; label: string; now: string },
): Promise<DestinationRow> {
  const { userId, provider, details, label, now } = destination;
  return executor.one(sql.type(destinationRow)`
    INSERT INTO payout_destinations (id, user_id, provider, details, label, status, created_at)
    VALUES (${uuid()}, ${userId}, ${provider}, ${sql.jsonb(details as never)}, ${label}, 'pending', ${now}::timestamptz)
    RETURNING ${COLUMNS}
  `);
}

/** What its provider says of it. */
export async function setChecked(
  executor: Executor,
  id: string,
  checked: {
    status: 'pending' | 'valid' | 'invalid';
    name: string | null;
    checkId: string | null;
    reason: string | null;
  },
  now: string,
): Promise<DestinationRow> {
  return executor.one(sql.type(destinationRow)`
    UPDATE payout_destinations SET status = ${checked.status}, holder = coalesce(${checked.name}, holder),
      check_id = ${checked.checkId}, reason = ${checked.reason}, checked_at = ${now}::timestamptz
    WHERE id = ${id} RETURNING ${COLUMNS}
  `);
}

/** Somebody's, whoever asks for it; null where it is another's or none. */
export async function findDestination(executor: Executor, userId: string, id: string): Promise<DestinationRow | null> {
  return executor.maybeOne(sql.type(destinationRow)`
    SELECT ${COLUMNS} FROM payout_destinations WHERE id = ${id} AND user_id = ${userId} AND removed_at IS NULL
  `);
}

/** The newest first. */
export async function listDestinations(
  executor: Executor,
  userId: string,
  limit: number,
  before: string | null,
): Promise<readonly DestinationRow[]> {
  return executor.any(sql.type(destinationRow)`
    SELECT ${COLUMNS} FROM payout_destinations
    WHERE user_id = ${userId} AND removed_at IS NULL AND (${before}::uuid IS NULL OR id < ${before}::uuid)
    ORDER BY id DESC LIMIT ${limit}
  `);
}
