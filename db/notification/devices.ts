import { z } from 'zod';
import { PLATFORMS } from '#workflows/notification/contract.ts';
import { type Executor, type Pool, sql } from '../pool.ts';

const deviceRow = z.object({
  id: z.string(),
  user_id: z.string(),
  platform: z.enum(PLATFORMS),
  /** A registration token, or a subscription's endpoint. */
  token: z.string(),
  keys: z.object({ p256dh: z.string(), auth: z.string() }).nullable(),
  locale: z.string().nullable(),
  time_zone: z.string().nullable(),
  /** The login that registered it; null where an outside issuer keeps them. */
  session_id: z.string().nullable(),
  created_at: z.string(),
});
export type DeviceRow = z.infer<typeof deviceRow>;
export type NewDevice = DeviceRow;

const DEVICE = sql.fragment`id, user_id, platform, token, keys, locale, time_zone, session_id, created_at`;

/** Nobody has signed out there. */
const SIGNED_IN = sql.fragment`
  NOT EXISTS (SELECT FROM sessions WHERE sessions.id = session_id AND ended_at IS NOT NULL)
`;

/** Devices that one may have; with one more the one registered first is forgotten. */
const MAX_DEVICES = 20;

/**
 * Registers a device. One that is known is this user's from now on, whoever was signed in there before, and keeps its id
 * where it was theirs already.
 */
export function registerDevice(pool: Pool, device: NewDevice): Promise<DeviceRow> {
  return pool.transaction(async (transaction) => {
    const registered = await transaction.one(sql.type(deviceRow)`
      INSERT INTO devices AS known (id, user_id, platform, token, keys, locale, time_zone, session_id, created_at)
      VALUES (${device.id}, ${device.user_id}, ${device.platform}, ${device.token},
        ${device.keys && JSON.stringify(device.keys)}, ${device.locale}, ${device.time_zone},
        ${device.session_id}, ${device.created_at})
      ON CONFLICT (platform, sha256(token::bytea)) DO UPDATE SET
        id = CASE WHEN known.user_id = EXCLUDED.user_id THEN known.id ELSE EXCLUDED.id END,
        user_id = EXCLUDED.user_id, keys = EXCLUDED.keys, locale = EXCLUDED.locale, time_zone = EXCLUDED.time_zone,
        session_id = EXCLUDED.session_id, created_at = EXCLUDED.created_at
      RETURNING ${DEVICE}
    `);
    await transaction.query(sql.typeAlias('void')`
      DELETE FROM devices WHERE id IN (
        SELECT id FROM devices WHERE user_id = ${device.user_id} ORDER BY created_at DESC, id DESC OFFSET ${MAX_DEVICES}
      )
    `);
    return registered;
  });
}

/** Those that somebody is signed in on, registered last first. */
export function listDevices(executor: Executor, userId: string): Promise<readonly DeviceRow[]> {
  return executor.any(sql.type(deviceRow)`
    SELECT ${DEVICE} FROM devices WHERE user_id = ${userId} AND ${SIGNED_IN}
    ORDER BY created_at DESC, id DESC LIMIT ${MAX_DEVICES}
  `);
}

/** False where the user has no such device. */
export async function deleteDevice(executor: Executor, userId: string, id: string): Promise<boolean> {
  const deleted = await executor.maybeOne(sql.typeAlias('id')`
    DELETE FROM devices WHERE id = ${id} AND user_id = ${userId} RETURNING id
  `);
  return deleted !== null;
}

/** Of these users, those who have one. */
export async function listWithDevice(executor: Executor, userIds: readonly string[]): Promise<ReadonlySet<string>> {
  return new Set(
    await executor.anyFirst(sql.typeAlias('id')`
      SELECT DISTINCT user_id AS id FROM devices WHERE user_id = ANY(${sql.array([...userIds], 'uuid')})
        AND ${SIGNED_IN}
    `),
  );
}
