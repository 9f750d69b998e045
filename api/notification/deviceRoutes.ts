import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { type DeviceRow, deleteDevice, listDevices, registerDevice } from '#db/notification/devices.ts';
import { Failure } from '#workflows/failures.ts';
import { device, deviceRequest } from '#workflows/notification/contract.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { byId, tags } from './own.ts';
import { configuredIn } from './platforms.ts';

const platforms = z
  .object({
    fcm: z.object({ configured: z.boolean() }),
    webpush: z.object({
      configured: z.boolean(),
      public_key: z.string().nullable().describe('`applicationServerKey` for `PushManager.subscribe`'),
    }),
  })
  .meta({ id: 'PushPlatforms' });

/** Where somebody is pushed to while no page or app of theirs is connected. */
export function deviceRoutes(app: App, deps: Pick<Deps, 'pool' | 'now' | 'config'>): void {
  const { pool, now, config } = deps;
  const configured = configuredIn(config);
  const view = ({ id, platform, locale, time_zone, created_at }: DeviceRow) => ({
    ...{ id, platform, locale, time_zone, created_at },
    configured: configured[platform],
  });

  app.post(
    '/api/devices',
    {
      schema: {
        operationId: 'devices.register',
        tags,
        summary: 'Register a device for pushes',
        description:
          'Again with each start of the app: a device that is known keeps its id, and one that somebody else was signed ' +
          'in on is yours from then on. Twenty are kept, and nothing is pushed to one that you signed out on.',
        body: deviceRequest,
        response: answers({ 201: success(device) }, 'UNAUTHENTICATED'),
      },
    },
    async ({ account, body }, reply) => {
      const registered = await registerDevice(pool, {
        id: uuid(),
        user_id: account.id,
        platform: body.platform,
        token: body.platform === 'fcm' ? body.token : body.subscription.endpoint,
        keys: body.platform === 'fcm' ? null : body.subscription.keys,
        locale: body.locale ?? null,
        time_zone: body.time_zone ?? null,
        session_id: account.sessionId,
        created_at: now().toISOString(),
      });
      reply.status(201);
      return { success: true as const, data: view(registered) };
    },
  );

  app.get(
    '/api/devices',
    {
      schema: {
        operationId: 'devices.list',
        tags,
        summary: 'Your devices',
        response: answers({ 200: success(z.array(device)) }, 'UNAUTHENTICATED'),
      },
    },
    async ({ account }) => ({ success: true as const, data: (await listDevices(pool, account.id)).map(view) }),
  );

  platformsRoute(app, deps);
}

/** What can be pushed to from here. */
function platformsRoute(app: App, deps: Pick<Deps, 'pool' | 'now' | 'config'>): void {
  const { pool, config } = deps;
  const configured = configuredIn(config);

  app.get(
    '/api/devices/platforms',
    {
      schema: {
        operationId: 'devices.platforms',
        tags,
        summary: 'What this deployment can push to, and the key that browsers subscribe with',
        response: answers({ 200: success(platforms) }, 'UNAUTHENTICATED'),
      },
    },
    async () => ({
      success: true as const,
      data: {
        fcm: { configured: configured.fcm },
        webpush: { configured: configured.webpush, public_key: config.WEB_PUSH_PUBLIC_KEY ?? null },
      },
    }),
  );

  app.delete(
    '/api/devices/:id',
    {
      schema: {
        operationId: 'devices.remove',
        tags,
        summary: 'Forget a device',
        params: byId,
        response: answers({ 200: success(z.object({ id: z.string() })) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      if (!(await deleteDevice(pool, account.id, params.id))) {
        throw new Failure('NOT_FOUND', 'You have no such device.');
      }
      return { success: true as const, data: { id: params.id } };
    },
  );
}
