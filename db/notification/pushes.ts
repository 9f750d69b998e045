/** Pushes that are due: claimed, and what became of each. Sending is the caller's, between the two, under no lock. */
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import type { DeliveryView } from '#workflows/notification/contract.ts';
import { KIND_NAMES, kindFacts } from '#workflows/notification/kinds.ts';
import { DEVICE_OUTCOMES, type DeviceOutcome, type DuePush, planPush } from '#workflows/notification/pushing.ts';
import { announce } from '../event/announce.ts';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';
import { type DeviceRow, listDevices } from './devices.ts';
import { FROM_NOTIFICATIONS, lockInboxes, NOTIFICATION, type NotificationRow, notificationRow } from './inbox.ts';
import { eventsOf, noteSeq } from './notify.ts';
import { findPreferences } from './preferences.ts';

const pushRow = z.object({
  id: z.string(),
  notification_id: z.string(),
  user_id: z.string(),
  kind: z.enum(KIND_NAMES),
  cause: z.enum(['new', 'snooze']),
  seq: z.bigint().transform(Number).nullable(),
  created_at: z.string(),
  due: z.string(),
  attempts: z.int(),
  begun_at: z.string().nullable(),
  outcome: z.string().nullable(),
});
type PushRow = z.infer<typeof pushRow>;
const PUSH = sql.fragment`id, notification_id, user_id, kind, cause, seq, created_at, due, attempts, begun_at, outcome`;

/** A push to be sent now, and where to. */
export type ClaimedPush = {
  id: string;
  attempts: number;
  notification: NotificationRow;
  to: readonly DeviceRow[];
  /** Of devices that are left alone for now, the earliest instant at which one is not. */
  quietUntil: string | null;
};

/** What a claim comes to: something to be sent, or when it is to be looked at again; null for never. */
export type Claim = { push: ClaimedPush } | { later: string | null };

/**
 * Whoever claimed a push has it for so long: others wait, and should it die, one of them goes on. Longer than an attempt
 * may take.
 */
export const LEASE_MS = 150_000;

/** How long after its workflow was told a push that is still due is told again. */
const TELL_AGAIN = sql.fragment`interval '1 minute'`;

/** Users with a push that is due and that no workflow was told of lately, those waiting longest first. */
export function listDuePushes(executor: Executor, now: string, limit: number): Promise<readonly string[]> {
  return executor.anyFirst(sql.typeAlias('id')`
    SELECT user_id AS id FROM (
      SELECT user_id, due FROM pushes
      WHERE outcome IS NULL AND due <= ${now} AND (told_at IS NULL OR told_at < ${now}::timestamptz - ${TELL_AGAIN})
      ORDER BY due LIMIT ${4 * limit}
    ) AS waiting
    GROUP BY user_id ORDER BY min(due) LIMIT ${limit}
  `);
}

/** Their workflows were told of what was due then. */
export async function setPushesTold(executor: Executor, userIds: readonly string[], now: string): Promise<void> {
  if (userIds.length === 0) return;
  await executor.query(sql.typeAlias('void')`
    UPDATE pushes SET told_at = ${now}
    WHERE user_id = ANY(${sql.array([...userIds], 'uuid')}) AND outcome IS NULL AND due <= ${now}
  `);
}

/** One user's pushes that are due, oldest first. */
export function listDuePushesOf(
  executor: Executor,
  userId: string,
  now: string,
  limit: number,
): Promise<readonly string[]> {
  return executor.anyFirst(sql.typeAlias('id')`
    SELECT id FROM pushes WHERE user_id = ${userId} AND outcome IS NULL AND due <= ${now} ORDER BY due, id LIMIT ${limit}
  `);
}

const numberOf = z.object({ seq: z.bigint().transform(Number).nullable(), user_id: z.string() });

/** Whose a push is, and the event a socket may have had instead, where there is one; null where there is no such push. */
export async function findPushEvent(
  executor: Executor,
  pushId: string,
): Promise<{ userId: string; seq: number | null } | null> {
  const row = await executor.maybeOne(sql.type(numberOf)`SELECT seq, user_id FROM pushes WHERE id = ${pushId}`);
  return row && { userId: row.user_id, seq: row.seq };
}

/**
 * Decides about a push that is due, under its user's lock: what is not to be sent is ended here, and what is to be sent
 * is the caller's alone for a while. A snoozed notification is back in the list from here on.
 */
export function claimPush(
  pool: Pool,
  { pushId, socketHadIt, now }: { pushId: string; socketHadIt: boolean; now: string },
): Promise<Claim> {
  return pool.transaction(async (transaction) => {
    const asked = await transaction.maybeOne(sql.type(pushRow)`SELECT ${PUSH} FROM pushes WHERE id = ${pushId}`);
    if (!asked) return { later: null };
    await lockInboxes(transaction, [asked.user_id]);
    const push = await transaction.one(sql.type(pushRow)`SELECT ${PUSH} FROM pushes WHERE id = ${pushId}`);
    if (push.outcome !== null) return { later: null };
    if (push.due > now) return { later: push.due };
    let notification = await getNotification(transaction, push.notification_id);
    const returns = push.cause === 'snooze' && notification.snoozed_until === push.due;
    if (returns) notification = await bringBack(transaction, notification, now);
    const devices = await listDevices(transaction, push.user_id);
    const done = await listDone(transaction, pushId);
    const due: DuePush = {
      kind: push.kind,
      createdAt: returns ? push.due : push.created_at,
      attempts: push.attempts,
      takenBack: notification.withdrawn_at !== null,
      attended: isAttended(notification) || (push.cause === 'snooze' && !returns),
      preferences: await findPreferences(transaction, push.user_id),
      // What has just been brought back was on no socket yet.
      socketHadIt: socketHadIt && !returns,
      sentOfKind: await countBegun(transaction, push, now),
      devices: devices.map(({ id, time_zone }) => ({ id, timeZone: time_zone, done: done.has(id) })),
    };
    const plan = planPush(due, now);
    if (plan.do === 'end') {
      // Of those it was sent to, no other answer comes; that none of them took it is no success.
      const reached = [...done.values()].includes('sent');
      const outcome = plan.outcome === 'sent' && !reached ? 'failed' : plan.outcome;
      await endPush(transaction, pushId, outcome, outcome === plan.outcome ? plan.why : 'no device took it', now);
      return { later: null };
    }
    for (const { id, until } of plan.quiet) {
      const device = devices.find((each) => each.id === id);
      if (device)
        await insertDelivery(transaction, { pushId, device, outcome: 'quiet_hours', why: `until ${until}`, now });
    }
    const quietUntil = plan.quiet.map(({ until }) => until).sort()[0] ?? null;
    if (plan.to.length === 0) {
      await transaction.query(sql.typeAlias('void')`UPDATE pushes SET due = ${quietUntil} WHERE id = ${pushId}`);
      return { later: quietUntil };
    }
    const leased = new Date(Date.parse(now) + LEASE_MS).toISOString();
    await transaction.query(sql.typeAlias('void')`
      UPDATE pushes
      SET begun_at = coalesce(begun_at, ${now}), attempts = attempts + 1, due = ${leased} WHERE id = ${pushId}
    `);
    const to = devices.filter(({ id }) => plan.to.includes(id));
    return { push: { id: pushId, attempts: push.attempts + 1, notification, to, quietUntil } };
  });
}

/** It was on a screen, or its reader has done something about it. */
function isAttended({ listed, seen_at, read_at, archived_at, snoozed_until }: NotificationRow): boolean {
  return listed && (seen_at !== null || read_at !== null || archived_at !== null || snoozed_until !== null);
}

function getNotification(executor: Executor, id: string): Promise<NotificationRow> {
  return executor.one(sql.type(notificationRow)`
    SELECT ${NOTIFICATION} FROM ${FROM_NOTIFICATIONS} WHERE notification.id = ${id}
  `);
}

/** The end of a snooze: unread, above all others, and told as though it had come just now. */
async function bringBack(transaction: Transaction, row: NotificationRow, now: string): Promise<NotificationRow> {
  await transaction.query(sql.typeAlias('void')`
    WITH moved AS (
      UPDATE inboxes SET position = position + 1 WHERE user_id = ${row.user_id} RETURNING position
    )
    UPDATE notifications
    SET snoozed_until = NULL, seen_at = NULL, read_at = NULL, updated_at = ${now}, position = moved.position
    FROM moved WHERE id = ${row.id}
  `);
  // From here on it is like any other, and as old as its return.
  await transaction.query(sql.typeAlias('void')`
    UPDATE pushes SET cause = 'new', created_at = due WHERE notification_id = ${row.id} AND outcome IS NULL
  `);
  const back = await getNotification(transaction, row.id);
  await announce(transaction, eventsOf(back));
  await noteSeq(transaction, [row.id]);
  return back;
}

const doneRow = z.object({ device_id: z.string(), outcome: z.enum(DEVICE_OUTCOMES) });

/** Devices that have had their last word about a push. */
async function listDone(executor: Executor, pushId: string): Promise<ReadonlyMap<string, DeviceOutcome>> {
  const rows = await executor.any(sql.type(doneRow)`
    SELECT device_id, outcome FROM deliveries
    WHERE push_id = ${pushId} AND outcome IN ('sent', 'gone', 'failed', 'not_configured')
  `);
  return new Map(rows.map(({ device_id, outcome }) => [device_id, outcome]));
}

async function countBegun(executor: Executor, { id, user_id, kind }: PushRow, now: string): Promise<number> {
  const { throttle } = kindFacts(kind);
  if (!throttle) return 0;
  const since = new Date(Date.parse(now) - throttle.perMs).toISOString();
  return executor.oneFirst(sql.type(z.object({ many: z.int() }))`
    SELECT count(*)::integer AS many FROM pushes
    WHERE user_id = ${user_id} AND kind = ${kind} AND begun_at > ${since} AND id <> ${id}
  `);
}

async function endPush(executor: Executor, id: string, outcome: string, why: string, now: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE pushes SET outcome = ${outcome}, why = ${why}, done_at = ${now} WHERE id = ${id} AND outcome IS NULL
  `);
}

/** What a push service said of one device. `gone`: the device is forgotten. */
export async function recordDelivery(
  pool: Pool,
  delivery: { pushId: string; device: DeviceRow; outcome: DeviceOutcome; why: string; now: string },
): Promise<void> {
  await pool.transaction(async (transaction) => {
    await insertDelivery(transaction, delivery);
    // Registered anew meanwhile, under another token or by somebody else, it is another one.
    if (delivery.outcome === 'gone') {
      const { id, token } = delivery.device;
      await transaction.query(sql.typeAlias('void')`DELETE FROM devices WHERE id = ${id} AND token = ${token}`);
    }
  });
}

async function insertDelivery(
  executor: Executor,
  { pushId, device, outcome, why, now }: Parameters<typeof recordDelivery>[1],
): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    INSERT INTO deliveries (id, push_id, device_id, platform, outcome, why, at)
    VALUES (${uuid()}, ${pushId}, ${device.id}, ${device.platform}, ${outcome}, ${why}, ${now})
  `);
}

/** After its messages left: `later` is when it is looked at again; null where every device has had its last word. */
export async function finishPush(
  pool: Pool,
  { pushId, reached, later, now }: { pushId: string; reached: boolean; later: string | null; now: string },
): Promise<void> {
  if (later !== null) {
    await pool.query(sql.typeAlias('void')`
      UPDATE pushes SET due = ${later} WHERE id = ${pushId} AND outcome IS NULL
    `);
    return;
  }
  const before = reached ? true : [...(await listDone(pool, pushId)).values()].includes('sent');
  await endPush(pool, pushId, before ? 'sent' : 'failed', before ? 'a push service took it' : 'no device took it', now);
}

/** Puts a notification out of the list until then; false where it is not this user's, or was taken back. */
export function snooze(
  pool: Pool,
  { userId, id, until, now }: { userId: string; id: string; until: string; now: string },
): Promise<boolean> {
  return pool.transaction(async (transaction) => {
    await lockInboxes(transaction, [userId]);
    const row = await transaction.maybeOne(sql.type(notificationRow)`
      SELECT ${NOTIFICATION} FROM ${FROM_NOTIFICATIONS}
      WHERE notification.id = ${id} AND user_id = ${userId} AND withdrawn_at IS NULL AND listed
    `);
    if (!row) return false;
    await transaction.query(sql.typeAlias('void')`
      UPDATE notifications
      SET snoozed_until = ${until}, seen_at = NULL, read_at = NULL, archived_at = NULL
      WHERE id = ${id}
    `);
    // What waits to be pushed of it now would come before its time.
    await transaction.query(sql.typeAlias('void')`
      UPDATE pushes SET outcome = 'read', why = 'it was snoozed', done_at = ${now}
      WHERE notification_id = ${id} AND outcome IS NULL
    `);
    await transaction.query(sql.typeAlias('void')`
      INSERT INTO pushes (id, notification_id, user_id, kind, cause, created_at, due)
      VALUES (${uuid()}, ${id}, ${userId}, ${row.kind}, 'snooze', ${now}, ${until})
    `);
    return true;
  });
}

const deliveryRow = z.object({
  channel: z.literal('push'),
  platform: z.string().nullable(),
  device_id: z.string().nullable(),
  outcome: z.string(),
  why: z.string(),
  at: z.string(),
});

const LOG_LIMIT = 200;

/** Why somebody got a notification, or did not: the inbox first, then each push with what its devices' services said. */
export async function listDeliveries(executor: Executor, row: NotificationRow): Promise<DeliveryView[]> {
  const rows = await executor.any(sql.type(deliveryRow)`
    SELECT 'push' AS channel, NULL AS platform, NULL AS device_id, coalesce(outcome, 'waiting') AS outcome,
      coalesce(why, 'until ' || to_char(due AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) AS why,
      coalesce(done_at, created_at) AS at
    FROM pushes WHERE notification_id = ${row.id}
    UNION ALL
    SELECT 'push', platform, device_id, deliveries.outcome, deliveries.why, at
    FROM deliveries JOIN pushes ON pushes.id = push_id WHERE notification_id = ${row.id}
    ORDER BY at, platform NULLS LAST
    LIMIT ${LOG_LIMIT}
  `);
  const inApp = row.withdrawn_at
    ? { outcome: 'taken_back', why: 'what it was about was taken back', at: row.withdrawn_at }
    : row.listed
      ? { outcome: 'listed', why: 'it is in the inbox', at: row.created_at }
      : { outcome: 'off', why: 'the inbox is off for this kind', at: row.created_at };
  return [{ channel: 'in_app', platform: null, device_id: null, ...inApp }, ...rows] as DeliveryView[];
}
