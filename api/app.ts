import type { FastifyInstance, RouteOptions } from 'fastify';
import { getUser } from '#db/accounts.ts';
import { storeWebhook } from '#db/inbox.ts';
import { secretList } from '#payments/providers.ts';
import { reconciliationRoutes } from './admin/reconciliation.ts';
import { adminRoutes } from './admin/routes.ts';
import { requireAccount } from './auth/account.ts';
import { type Auth, createAuth } from './auth/auth.ts';
import { accountRoutes, signInRoutes } from './auth/routes.ts';
import { demoRoutes } from './console/demoRoutes.ts';
import { serveConsole } from './console/serve.ts';
import type { Deps } from './deps.ts';
import { serveDocs } from './docs/openapi.ts';
import { eventRoutes } from './events/routes.ts';
import { type App, buildFrame } from './frame.ts';
import { bidRoutes } from './market/bidRoutes.ts';
import { campaignRoutes } from './market/campaignRoutes.ts';
import { conversationRoutes } from './messages/conversationRoutes.ts';
import { doorRoutes } from './messages/doorRoutes.ts';
import { flowRoutes, stepRoutes } from './messages/flowRoutes.ts';
import { speechRoutes } from './messages/speechRoutes.ts';
import { operationsRoutes } from './operations/routes.ts';
import { paymentRoutes } from './payments/routes.ts';
import { sandboxService } from './sandbox/service.ts';
import { walletRoutes } from './wallet/routes.ts';
import { webhookRoutes } from './webhooks/routes.ts';

export type { App } from './frame.ts';

declare module 'fastify' {
  interface FastifyInstance {
    auth: Auth;
  }
}

/** The API as a whole, not listening yet. `app.auth` is there for the sockets' doors; `onRoute` hears of every route. */
export async function buildApp(deps: Deps, onRoute: (route: RouteOptions) => void = () => {}): Promise<App> {
  const app = await buildFrame(deps);
  app.addHook('onRoute', onRoute);
  const auth = createAuth(deps);
  app.decorate('auth', auth);
  await serveDocs(app);

  // For everybody.
  await app.register(async (open: App) => {
    signInRoutes(open, auth);
    operationsRoutes(open, deps);
    flowRoutes(open);
    demoRoutes(open, deps.config);
  });

  // For those with an access token.
  await app.register(async (members: App) => {
    requireAccount(members as FastifyInstance, auth.verify);
    accountRoutes(members, (id) => getUser(deps.pool, id));
    campaignRoutes(members, deps);
    bidRoutes(members, deps);
    conversationRoutes(members, deps);
    speechRoutes(members, deps);
    doorRoutes(members, deps);
    stepRoutes(members, deps);
    eventRoutes(members, deps);
    walletRoutes(members, deps);
    paymentRoutes(members, deps);
    adminRoutes(members, deps);
    reconciliationRoutes(members, deps);
  });

  // For payment providers, and the one we play ourselves.
  await app.register(
    webhookRoutes({
      providers: deps.providers.byName,
      now: deps.now,
      store: async (webhook) => {
        const { conversationIds } = await storeWebhook(deps.pool, { ...webhook, now: deps.now });
        for (const id of conversationIds) deps.ring(id);
      },
    }),
  );
  if (deps.providers.byName.sandbox) {
    await app.register(
      sandboxService({
        pool: deps.pool,
        publicUrl: () => deps.config.PUBLIC_URL ?? app.listeningOrigin,
        secrets: secretList(deps.config.SANDBOX_WEBHOOK_SECRET),
        now: deps.now,
      }),
      { prefix: '/sandbox' },
    );
  }

  await serveConsole(app);

  return app;
}
