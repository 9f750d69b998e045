import { pino } from 'pino';
import type { Pool } from '#db/pool.ts';
import { createSecrets } from '#db/secrets.ts';
import { createPayoutProviders, createProviders } from '#payments/providers.ts';
import { createBus } from '#realtime/bus.ts';
import { type App, type Building, buildApp } from '../app.ts';
import { readConfig } from '../config.ts';
import { createMetrics } from '../metrics.ts';

/**
 * The whole app for reading its routes: it is asked nothing, and so it needs no server, and no pool either (making one
 * connects). To be closed.
 */
export async function buildUnasked(building: Building = { described: true }): Promise<App> {
  const config = readConfig({
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
    PUBLIC_URL: 'http://127.0.0.1:3000',
    SANDBOX_WEBHOOK_SECRET: 'signs nothing',
  });
  const log = pino({ level: 'silent' });
  const app = await buildApp(
    {
      config,
      // What an app takes of it before it is asked anything.
      pool: { size: 0, onHeard() {} } as unknown as Pool,
      probes: undefined as unknown as Pool,
      inbox: undefined as unknown as Pool,
      redis: null,
      bus: createBus({ redisUrl: null, log }),
      providers: createProviders(config),
      payoutProviders: createPayoutProviders(config),
      secrets: createSecrets(config.SECRETS_KEY),
      supervisor: null,
      log,
      metrics: createMetrics(),
      now: () => new Date(),
      ring: () => {},
      ringFact: () => {},
      ringUsers: () => {},
    },
    building,
  );
  await app.ready();
  return app;
}
