import { z } from 'zod';
import {
  countNotifications,
  findNotification,
  listNotifications,
  type Mark,
  markNotification,
  markUpTo,
  type NotificationRow,
  viewOf,
} from '#db/notification/inbox.ts';
import { listDeliveries, snooze } from '#db/notification/pushes.ts';
import { id, instant } from '#workflows/deal/contract.ts';
import { counts, delivery, kind, notification } from '#workflows/notification/contract.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import { byId, noSuch, ofUser, requireOwn, tags } from './own.ts';

const flag = z.enum(['true', 'false']).default('false');

const position = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const upTo = z
  .strictObject({
    up_to: id.optional().describe('The last one to be marked'),
    position: position.optional().describe('The same by its `position` as you saw it: right also where it grew since'),
  })
  .refine((body) => body.up_to === undefined || body.position === undefined, 'has one of up_to and position')
  .nullish()
  .meta({ examples: [{ position: 41 }] });
type UpTo = z.infer<typeof upTo>;

const marked = z.object({ marked: z.int(), ...counts.shape }).meta({ id: 'NotificationsMarked' });

/** A snooze is not a calendar. */
const LONGEST_SNOOZE_MS = 366 * 24 * 3_600_000;

/** What somebody was told: read, counted, marked, put away. */
export function inboxRoutes(app: App, deps: Pick<Deps, 'pool' | 'now'>): void {
  const { pool } = deps;
  const now = () => deps.now().toISOString();

  app.get(
    '/api/notifications/:userId',
    {
      schema: {
        operationId: 'notifications.list',
        tags,
        summary: 'Your notifications, newest first',
        description: 'Those that are snoozed, put away or taken back are not among them.',
        params: ofUser,
        querystring: pageQuery.extend({
          unread: flag.describe('Only what you have not read'),
          archived: flag.describe('What you have put away, instead'),
          kind: kind.optional(),
        }),
        response: answers({ 200: list(notification) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params, query }) => {
      requireOwn(account, params.userId);
      const { limit, cursor, unread, archived, kind: only } = query;
      const keys = decodeCursor(cursor, z.tuple([position]));
      const rows = await listNotifications(pool, params.userId, {
        unread: unread === 'true',
        archived: archived === 'true',
        kind: only ?? null,
        before: keys?.[0] ?? null,
        limit: limit + 1,
        now: now(),
      });
      return pageOf(rows, limit, (row) => [row.position], viewOf);
    },
  );

  app.get(
    '/api/notifications/:userId/unread-count',
    {
      schema: {
        operationId: 'notifications.counts',
        tags,
        summary: 'How many you have not read, and of those not seen',
        description: 'Always as many as the list has.',
        params: ofUser,
        response: answers({ 200: success(counts) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      requireOwn(account, params.userId);
      return { success: true as const, data: await countNotifications(pool, params.userId, now()) };
    },
  );

  markRoutes(app, deps);
  ownRoutes(app, deps);
}

/** What becomes of what one was told: seen, read, put away. */
function markRoutes(app: App, deps: Pick<Deps, 'pool' | 'now'>): void {
  app.put(
    '/api/notifications/:id/read',
    {
      schema: {
        operationId: 'notifications.read',
        tags,
        summary: 'Mark one as read, or all of yours',
        description:
          'The id is a notification’s, or your own: then all are marked, or all up to one. What came after that one ' +
          'stays as it is.',
        params: byId,
        body: upTo,
        response: answers({ 200: success(marked) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params, body }) => ({
      success: true as const,
      data:
        params.id === account.id
          ? await markAll(deps, account.id, 'read', body)
          : await markOne(deps, account.id, params.id, 'read'),
    }),
  );

  app.put(
    '/api/notifications/:id/seen',
    {
      schema: {
        operationId: 'notifications.see',
        tags,
        summary: 'Say that one was on your screen, or all of them',
        description: 'Seen is not read: it takes the number from the bell and leaves the notification unread.',
        params: byId,
        body: upTo,
        response: answers({ 200: success(marked) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params, body }) => ({
      success: true as const,
      data:
        params.id === account.id
          ? await markAll(deps, account.id, 'seen', body)
          : await markOne(deps, account.id, params.id, 'seen'),
    }),
  );

  for (const [path, mark, operationId, summary] of [
    ['archive', 'archived', 'notifications.archive', 'Put one away: it leaves the list and the counts'],
    ['unread', 'unread', 'notifications.unread', 'Mark one as not read after all'],
  ] as const) {
    app.put(
      `/api/notifications/:id/${path}`,
      {
        schema: {
          operationId,
          tags,
          summary,
          params: byId,
          response: answers({ 200: success(marked) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
        },
      },
      async ({ account, params }) => ({
        success: true as const,
        data: await markOne(deps, account.id, params.id, mark),
      }),
    );
  }
}

/** What is asked of one notification beside that. */
function ownRoutes(app: App, deps: Pick<Deps, 'pool' | 'now'>): void {
  const { pool } = deps;

  app.put(
    '/api/notifications/:id/snooze',
    {
      schema: {
        operationId: 'notifications.snooze',
        tags,
        summary: 'Hide one until later',
        description: 'It leaves the list, and is back then: unread, above all others, and told anew.',
        params: byId,
        body: z.strictObject({ until: instant }).meta({ examples: [{ until: '2026-03-02T09:00:00.000Z' }] }),
        response: answers({ 200: success(counts) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params, body }) => {
      const at = deps.now().toISOString();
      // In the one form that instants are compared in.
      const until = new Date(body.until).toISOString();
      const ahead = Date.parse(until) - Date.parse(at);
      if (ahead <= 0) throw invalidField('until', 'is not in the future');
      if (ahead > LONGEST_SNOOZE_MS) throw invalidField('until', 'is more than 366 days away');
      if (!(await snooze(pool, { userId: account.id, id: params.id, until, now: at }))) throw noSuch();
      return { success: true as const, data: await countNotifications(pool, account.id, at) };
    },
  );

  app.get(
    '/api/notifications/:id/deliveries',
    {
      schema: {
        operationId: 'notifications.deliveries',
        tags,
        summary: 'Where a notification went, and why not elsewhere',
        description:
          'Answers “why did I not get it?”: the inbox first, then each push and what the push services said of each ' +
          'device. For its reader and for administrators.',
        params: byId,
        response: answers({ 200: success(z.array(delivery)) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      const found = given(await findNotification(pool, params.id));
      requireOwn(account, found.user_id);
      return { success: true as const, data: await listDeliveries(pool, found) };
    },
  );
}

async function markAll({ pool, now }: Pick<Deps, 'pool' | 'now'>, userId: string, mark: 'seen' | 'read', body: UpTo) {
  const last =
    body?.up_to !== undefined ? { id: body.up_to } : body?.position !== undefined ? { position: body.position } : null;
  const at = now().toISOString();
  const many = await markUpTo(pool, userId, mark, last, at);
  return { marked: many, ...(await countNotifications(pool, userId, at)) };
}

async function markOne({ pool, now }: Pick<Deps, 'pool' | 'now'>, userId: string, notificationId: string, mark: Mark) {
  const at = now().toISOString();
  if (!(await markNotification(pool, userId, notificationId, mark, at))) throw noSuch();
  return { marked: 1, ...(await countNotifications(pool, userId, at)) };
}

function given(found: NotificationRow | null): NotificationRow {
  if (!found) throw noSuch();
  return found;
}
