import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import {
  findBroadcast,
  insertBroadcast,
  listBroadcasts,
  stopBroadcast,
  viewBroadcast,
} from '#db/notification/broadcasts.ts';
import { notify } from '#db/notification/notify.ts';
import { listKnownUsers } from '#db/notification/readers.ts';
import { Failure } from '#workflows/failures.ts';
import { broadcastView, sendRequest } from '#workflows/notification/contract.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import { cursorKeys, decodeCursor, pageOf, pageQuery } from '../page.ts';
import { requireAdmin } from '../people/account.ts';
import { byId, tags } from './own.ts';

const sent = z
  .object({
    notified: z.int().describe('So many have it now'),
    broadcast: broadcastView.nullable().describe('How those of a role, or all, are being told'),
  })
  .meta({ id: 'SentNotification', examples: [{ notified: 2, broadcast: null }] });

/** What administrators write to people. */
export function sendRoutes(app: App, deps: Pick<Deps, 'pool' | 'now'>): void {
  const { pool } = deps;

  app.post(
    '/api/notifications/send',
    {
      schema: {
        operationId: 'notifications.send',
        tags,
        summary: 'Write to some, to a role, or to everybody',
        description:
          'Some have it with the answer. To a role or to all it is a process that goes through the accounts page by ' +
          'page: `broadcast` says how far it is, and it can be stopped. Administrators only.',
        headers: idempotencyHeaders,
        body: sendRequest,
        response: answers(
          { 200: success(sent), 202: success(sent) },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      requireAdmin(request.account);
      const { user_ids: userIds, role, title, body, data = {}, push, kind } = request.body;
      const now = deps.now().toISOString();
      const id = uuid();
      type Answer = { status: 200 | 202; body: { success: true; data: z.infer<typeof sent> } };
      return answerOnce(pool, request, reply, async (transaction): Promise<Answer> => {
        if (!userIds) {
          const asked = { id, byId: request.account.id, audience: role ?? 'all', kind, title, body, data, push, now };
          const row = await insertBroadcast(transaction, asked as Parameters<typeof insertBroadcast>[1]);
          return { status: 202, body: { success: true, data: { notified: 0, broadcast: viewBroadcast(row) } } };
        }
        const known = await listKnownUsers(transaction, userIds);
        const unknown = userIds.findIndex((userId) => !known.has(userId));
        if (unknown !== -1) throw invalidField(`user_ids.${unknown}`, 'is not an account');
        const notes = userIds.map((userId) => ({
          ...{ userId, kind, title, body, data, push },
          key: `send_${id}`,
          actorId: null,
          target: null,
        }));
        const told = await notify(transaction, notes, { now });
        return { status: 200, body: { success: true, data: { notified: told.length, broadcast: null } } };
      });
    },
  );

  broadcastRoutes(app, deps);
}

/** Announcements that are on their way to many. */
function broadcastRoutes(app: App, deps: Pick<Deps, 'pool' | 'now'>): void {
  const { pool } = deps;

  app.get(
    '/api/notifications/broadcasts',
    {
      schema: {
        operationId: 'broadcasts.list',
        tags,
        summary: 'Announcements to many, newest first',
        querystring: pageQuery,
        response: answers({ 200: list(broadcastView) }, 'UNAUTHENTICATED', 'FORBIDDEN'),
      },
    },
    async ({ account, query: { limit, cursor } }) => {
      requireAdmin(account);
      const keys = decodeCursor(cursor, cursorKeys);
      const rows = await listBroadcasts(pool, limit + 1, keys && { createdAt: keys[0], id: keys[1] });
      return pageOf(rows, limit, (row) => [row.created_at, row.id], viewBroadcast);
    },
  );

  app.get(
    '/api/notifications/broadcasts/:id',
    {
      schema: {
        operationId: 'broadcasts.get',
        tags,
        summary: 'How far an announcement is',
        params: byId,
        response: answers({ 200: success(broadcastView) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      requireAdmin(account);
      const row = await findBroadcast(pool, params.id);
      if (!row) throw new Failure('NOT_FOUND', 'There is no such announcement.');
      return { success: true as const, data: viewBroadcast(row) };
    },
  );

  app.post(
    '/api/notifications/broadcasts/:id/stop',
    {
      schema: {
        operationId: 'broadcasts.stop',
        tags,
        summary: 'Stop an announcement; whom it has reached has it',
        params: byId,
        response: answers(
          { 200: success(broadcastView) },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'NOT_FOUND',
          'FLOW_STATE_INVALID',
        ),
      },
    },
    async ({ account, params }) => {
      requireAdmin(account);
      const row = await stopBroadcast(pool, params.id, deps.now().toISOString());
      return { success: true as const, data: viewBroadcast(row) };
    },
  );
}
