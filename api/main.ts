import { setTimeout } from 'node:timers/promises';
import { seedGifts } from '#db/gift/catalogue.ts';
import { createLine } from '#db/line.ts';
import { updateLotRule } from '#db/money/lots.ts';
import { ensureSystemUser } from '#db/people/accounts.ts';
import { createPool, type Pool } from '#db/pool.ts';
import { KeyMissing, noteKeys } from '#db/secretKeys.ts';
import { createSecrets } from '#db/secrets.ts';
import { createPayoutProviders, createProviders } from '#payments/providers.ts';
import { createLog } from '#program/log.ts';
import { exitSaying, orExit } from '#program/start.ts';
import { spannedByName, spannedMethods } from '#program/trace.ts';
import { startTracing } from '#program/tracing.ts';
import { createBus } from '#realtime/bus.ts';
import { buildApp } from './app.ts';
import { readConfig } from './config.ts';
import type { Deps } from './deps.ts';
import { createMetrics } from './metrics.ts';
import { type Auth, ensureAdmin } from './people/auth.ts';
import { connectRedis } from './redis.ts';
import { connectSupervisor } from './sandbox/supervisor.ts';
import { attachSockets } from './sockets.ts';

/** The API process: reads the configuration, connects, listens, and ends in order. */

/** One for the parts, one for the numbers; each is asked once for all who ask. */
const PROBE_CONNECTIONS = 2;
/** A webhook is stored in a few milliseconds, so that these take some hundreds a second. */
const INBOX_CONNECTIONS = 2;
const CLOSE_WITHIN_MS = 5_000;
const TRY_AGAIN_MS = 1_000;
/** One line for so many attempts. */
const SAID_EVERY = 10;

const config = orExit(() => readConfig(process.env));
const stopTracing = await startTracing('api', process.env);
const log = createLog('api', config.LOG_LEVEL);
const providers = orExit(() => createProviders(config));
const payoutProviders = orExit(() => createPayoutProviders(config));
const secrets = createSecrets(config.SECRETS_KEY);

const ending = new AbortController();
/** What to close, the last opened first. */
const opened: (() => unknown)[] = [stopTracing];

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void close(signal));
process.on('unhandledRejection', (error) => log.error({ err: error }, 'a promise was rejected and nobody listened'));

await start();

async function start(): Promise<void> {
  const metrics = createMetrics({ process: true, line: () => line });
  const line = createLine({
    places: config.DATABASE_POOL_SIZE,
    longest: config.DATABASE_QUEUE_LENGTH,
    patienceMs: config.DATABASE_QUEUE_MS,
    shed: (why) => metrics.shed.inc({ why }),
  });
  const pool = createPool(config.DATABASE_URL, {
    size: config.DATABASE_POOL_SIZE,
    line,
    openPercent: config.OPEN_AT_ONCE_PERCENT,
  });
  opened.unshift(() => pool.end());
  // Before anybody is answered, where the database is there; otherwise as soon as it is: see `prepare`.
  await noteKeys(pool, secrets, new Date().toISOString()).catch(endWithoutKey);
  const probes = createPool(config.DATABASE_URL, { size: PROBE_CONNECTIONS });
  opened.unshift(() => probes.end());
  const inbox = createPool(config.DATABASE_URL, { size: INBOX_CONNECTIONS });
  opened.unshift(() => inbox.end());
  const redis = config.REDIS_URL ? connectRedis(config.REDIS_URL, log) : null;
  opened.unshift(() => redis?.disconnect());
  const bus = createBus({ redisUrl: config.REDIS_URL ?? null, log });
  opened.unshift(() => bus.close());
  const deps: Deps = {
    config,
    pool,
    probes,
    inbox,
    redis,
    bus,
    providers: {
      current: spannedMethods(providers.current.name, providers.current),
      byName: spannedByName(providers.byName),
    },
    payoutProviders: { ...payoutProviders, payouts: spannedByName(payoutProviders.payouts) },
    secrets,
    supervisor: config.NODE_ENV === 'production' ? null : connectSupervisor(process),
    log,
    metrics,
    now: () => new Date(),
    ringUsers: bus.ring,
    ring: bus.ringDeal,
    ringFact: bus.ringFact,
  };
  const app = await buildApp(deps);
  opened.unshift(() => app.close());
  const sockets = attachSockets(app, deps);
  opened.unshift(() => sockets.close());
  try {
    await app.listen({ port: config.PORT, host: config.HOST });
  } catch (error) {
    log.fatal({ err: error }, `cannot listen on ${config.HOST}:${config.PORT}`);
    process.exit(1);
  }
  await prepare(pool, app.auth);
}

/** Without a key that secrets are sealed under nobody could sign in: that is said at the start, and ends the program. */
function endWithoutKey(error: unknown): void {
  if (error instanceof KeyMissing) exitSaying(error);
}

/** Writes what has to be in the database. That may be late, or lack its tables: until then /readyz says so. */
async function prepare(pool: Pool, auth: Auth): Promise<void> {
  for (let tries = 0; !ending.signal.aborted; tries++) {
    try {
      await noteKeys(pool, secrets, new Date().toISOString());
      await ensureSystemUser(pool, config.SYSTEM_USER_ID);
      await seedGifts(pool, new Date().toISOString());
      for (const { asset, ...rule } of config.POINTS_LIFETIMES) await updateLotRule(pool, asset, rule);
      await auth.keys.signing();
      return await prepareAdmin(pool);
    } catch (error) {
      endWithoutKey(error);
      if (tries % SAID_EVERY === 0) log.warn({ err: error }, 'the database is not ready yet; trying every second');
      await setTimeout(TRY_AGAIN_MS, undefined, { signal: ending.signal }).catch(() => {});
    }
  }
}

async function prepareAdmin(pool: Pool): Promise<void> {
  const { ADMIN_HANDLE: handle, ADMIN_PASSWORD: password } = config;
  if (!handle || !password || config.AUTH_ISSUER_JWKS_URL) return;
  const outcome = await ensureAdmin(pool, { handle, password });
  if (outcome === 'taken') log.error({ handle }, 'ADMIN_HANDLE is an ordinary account and stays one: choose another');
  else log.info({ handle, outcome }, 'the administrator is there');
}

async function close(signal: string): Promise<void> {
  if (ending.signal.aborted) return;
  ending.abort();
  log.info({ signal }, 'closing');
  const last = setTimeout(CLOSE_WITHIN_MS, undefined, { ref: false }).then(() => {
    log.error('what was under way did not end in time');
    process.exit(1);
  });
  for (const end of opened) await Promise.race([end(), last]);
  log.info('closed');
  process.exit(0);
}
