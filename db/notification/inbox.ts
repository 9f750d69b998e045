/** A person's inbox: read, counted, marked. What is told is written by `notify.ts`. */
import { z } from 'zod';
import type { NotificationCounts, NotificationView } from '#workflows/notification/contract.ts';
import { KIND_NAMES, type Kind } from '#workflows/notification/kinds.ts';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';

const number = z.bigint().transform(Number);

export const notificationRow = z.object({
  id: z.string(),
  user_id: z.string(),
  kind: z.enum(KIND_NAMES),
  object: z.string(),
  title: z.string(),
  body: z.string(),
  data: z.record(z.string(), z.unknown()),
  actor_id: z.string().nullable(),
  actor_handle: z.string().nullable(),
  count: z.int(),
  position: number,
  listed: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
  open_until: z.string().nullable(),
  seen_at: z.string().nullable(),
  read_at: z.string().nullable(),
  archived_at: z.string().nullable(),
  snoozed_until: z.string().nullable(),
  withdrawn_at: z.string().nullable(),
});
export type NotificationRow = z.infer<typeof notificationRow>;

export const NOTIFICATION = sql.fragment`
  notification.id, user_id, kind, object, title, body, data, actor_id, actor.handle AS actor_handle, count, position,
  listed, notification.created_at, updated_at, open_until, seen_at, read_at, archived_at, snoozed_until, withdrawn_at
`;
export const FROM_NOTIFICATIONS = sql.fragment`
  notifications AS notification LEFT JOIN users AS actor ON actor.id = actor_id
`;

/** What stands in the list: shown there, neither taken back nor put away nor snoozed. */
const inList = (now: string) => sql.fragment`
  listed AND withdrawn_at IS NULL AND archived_at IS NULL AND (snoozed_until IS NULL OR snoozed_until <= ${now})
`;

export function viewOf(row: NotificationRow): NotificationView {
  const cut = row.object.indexOf('/');
  return {
    id: row.id,
    kind: row.kind,
    title: row.title,
    body: row.body,
    data: row.data,
    actor: row.actor_id === null ? null : { id: row.actor_id, handle: row.actor_handle ?? '' },
    target: cut === -1 ? null : { type: row.object.slice(0, cut), id: row.object.slice(cut + 1) },
    count: row.count,
    position: row.position,
    created_at: row.created_at,
    updated_at: row.updated_at,
    seen_at: row.seen_at,
    read_at: row.read_at,
    archived_at: row.archived_at,
    snoozed_until: row.snoozed_until,
  };
}

export type ListAsked = {
  unread: boolean;
  kind: Kind | null;
  /** What was put away, instead of what is in the list. */
  archived: boolean;
  /** Those below this position; null from the newest on. */
  before: number | null;
  limit: number;
  now: string;
};

/** Newest first. */
export function listNotifications(
  executor: Executor,
  userId: string,
  { unread, kind, archived, before, limit, now }: ListAsked,
): Promise<readonly NotificationRow[]> {
  const which = archived ? sql.fragment`listed AND withdrawn_at IS NULL AND archived_at IS NOT NULL` : inList(now);
  return executor.any(sql.type(notificationRow)`
    SELECT ${NOTIFICATION} FROM ${FROM_NOTIFICATIONS}
    WHERE user_id = ${userId} AND ${which}
      AND (NOT ${unread}::boolean OR read_at IS NULL)
      AND (${kind}::text IS NULL OR kind = ${kind})
      AND (${before}::bigint IS NULL OR position < ${before})
    ORDER BY position DESC
    LIMIT ${limit}
  `);
}

/** Of what is in the list. */
export async function countNotifications(executor: Executor, userId: string, now: string): Promise<NotificationCounts> {
  return executor.one(sql.type(z.object({ unread: z.int(), unseen: z.int() }))`
    SELECT count(*)::integer AS unread, (count(*) FILTER (WHERE seen_at IS NULL))::integer AS unseen
    FROM notifications
    WHERE user_id = ${userId} AND read_at IS NULL AND ${inList(now)}
  `);
}

/** Whose it is, also when it was put away. */
export function findNotification(executor: Executor, id: string): Promise<NotificationRow | null> {
  return executor.maybeOne(sql.type(notificationRow)`
    SELECT ${NOTIFICATION} FROM ${FROM_NOTIFICATIONS} WHERE notification.id = ${id}
  `);
}

/** From here on nothing else is written into these inboxes until the transaction ends. Sorted: that is the order. */
export async function lockInboxes(
  transaction: Transaction,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await transaction.any(sql.type(z.object({ user_id: z.string(), position: number }))`
    INSERT INTO inboxes AS inbox (user_id)
    SELECT user_id FROM unnest(${sql.array([...new Set(userIds)].sort(), 'uuid')}) AS asked (user_id) ORDER BY user_id
    ON CONFLICT (user_id) DO UPDATE SET position = inbox.position
    RETURNING user_id, position
  `);
  return new Map(rows.map(({ user_id, position }) => [user_id, position]));
}

/** Without making one: who was never told anything has none. */
async function lockInbox(transaction: Transaction, userId: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`SELECT FROM inboxes WHERE user_id = ${userId} FOR NO KEY UPDATE`);
}

export type Mark = 'seen' | 'read' | 'archived' | 'unread';

/** Marks one; false where it is not this user's. Doing it again changes nothing. */
export function markNotification(pool: Pool, userId: string, id: string, mark: Mark, now: string): Promise<boolean> {
  return pool.transaction(async (transaction) => {
    await lockInbox(transaction, userId);
    const set = {
      seen: sql.fragment`seen_at = coalesce(seen_at, ${now})`,
      // What is read is not to come back.
      read: sql.fragment`seen_at = coalesce(seen_at, ${now}), read_at = coalesce(read_at, ${now}), snoozed_until = NULL`,
      archived: sql.fragment`archived_at = coalesce(archived_at, ${now}), snoozed_until = NULL`,
      unread: sql.fragment`read_at = NULL`,
    }[mark];
    const marked = await transaction.maybeOne(sql.typeAlias('id')`
      UPDATE notifications SET ${set} WHERE id = ${id} AND user_id = ${userId} AND withdrawn_at IS NULL RETURNING id
    `);
    return marked !== null;
  });
}

/**
 * Marks all in the list as seen or read, or all up to a place in it: what came after is as it was. How many had not been.
 */
export function markUpTo(
  pool: Pool,
  userId: string,
  mark: 'seen' | 'read',
  upTo: { id: string } | { position: number } | null,
  now: string,
): Promise<number> {
  return pool.transaction(async (transaction) => {
    await lockInbox(transaction, userId);
    const last =
      upTo === null
        ? sql.fragment`9223372036854775807`
        : 'position' in upTo
          ? sql.fragment`${upTo.position}::bigint`
          : sql.fragment`(SELECT position FROM notifications WHERE id = ${upTo.id} AND user_id = ${userId})`;
    const set =
      mark === 'read'
        ? sql.fragment`seen_at = coalesce(seen_at, ${now}), read_at = ${now}, snoozed_until = NULL`
        : sql.fragment`seen_at = ${now}`;
    const column = mark === 'read' ? sql.fragment`read_at` : sql.fragment`seen_at`;
    const marked = await transaction.any(sql.typeAlias('id')`
      UPDATE notifications SET ${set}
      WHERE user_id = ${userId} AND ${column} IS NULL AND position <= ${last} AND ${inList(now)}
      RETURNING id
    `);
    return marked.length;
  });
}
