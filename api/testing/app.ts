import { Redis } from 'ioredis';
import { pino } from 'pino';
import { createPool } from '#db/pool.ts';
import { createSecrets } from '#db/secrets.ts';
import { createPayoutProviders, createProviders } from '#payments/providers.ts';
import { createBus } from '#realtime/bus.ts';
import { type App, buildApp } from '../app.ts';
import { readConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import { createMetrics } from '../metrics.ts';

/** What a production is started with at least, for `env`: a provider of its own, and nothing of the sandbox's. */
export const PRODUCTION = {
  NODE_ENV: 'production',
  SECRETS_KEY: '7Z0tJ6mGk1xq0k2b0C0Qv3M4m1c9o8Qy5i5e3fJmZk0=',
  SANDBOX_WEBHOOK_SECRET: '',
  PAYMENT_PROVIDER: 'stripe',
  STRIPE_SECRET_KEY: 'sk_live_of_the_tests',
  STRIPE_WEBHOOK_SECRET: 'whsec_of_the_tests_alone',
};

/** An app on a real database and, where there is one, a real Redis, with a clock that a test can move. */
export type TestApp = {
  app: App;
  deps: Deps;
  /** Deals that were rung for, in order. */
  rung: string[];
  clock: { now: Date };
  /** Log lines as they were written. */
  log: Record<string, unknown>[];
  close(): Promise<void>;
};

export async function startTestApp(options: {
  databaseUrl: string;
  redisUrl?: string;
  env?: Record<string, string>;
  clock?: { now: Date };
  deps?: Partial<Deps>;
}): Promise<TestApp> {
  const config = readConfig({
    NODE_ENV: 'test',
    DATABASE_URL: options.databaseUrl,
    PUBLIC_URL: 'http://127.0.0.1:3000',
    REDIS_URL: options.redisUrl ?? '',
    SANDBOX_WEBHOOK_SECRET: 'a secret of the tests',
    ...options.env,
  });
  const clock = options.clock ?? { now: new Date() };
  const lines: Record<string, unknown>[] = [];
  const rung: string[] = [];
  const redis = options.redisUrl
    ? new Redis(options.redisUrl, { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 1_000 })
    : null;
  redis?.on('error', () => {});
  if (redis && redis.status !== 'ready') await new Promise<void>((resolve) => redis.once('ready', () => resolve()));
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const deps: Deps = {
    config,
    pool: options.deps?.pool ?? createPool(options.databaseUrl, { size: 5, openPercent: config.OPEN_AT_ONCE_PERCENT }),
    probes: createPool(options.databaseUrl, { size: 2 }),
    inbox: createPool(options.databaseUrl, { size: 2 }),
    redis,
    bus: createBus({ redisUrl: options.redisUrl ?? null, log }),
    providers: createProviders(config),
    payoutProviders: createPayoutProviders(config),
    secrets: createSecrets(config.SECRETS_KEY),
    supervisor: null,
    log,
    metrics: createMetrics(),
    now: () => new Date(clock.now),
    ring: (conversationId) => rung.push(conversationId),
    ringFact: (processId) => rung.push(processId),
    ringUsers: (userIds, told) => deps.bus.ring(userIds, told),
    ...options.deps,
  };
  const app = await buildApp(deps);
  await app.ready();
  return {
    app,
    deps,
    rung,
    clock,
    log: lines,
    async close() {
      await app.close();
      deps.bus.close();
      redis?.disconnect();
      await Promise.all([deps.pool.end(), deps.probes.end(), deps.inbox.end()]);
    },
  };
}
