import { setTimeout } from 'node:timers/promises';
import { pino } from 'pino';
import { ensureSystemUser } from '#db/accounts.ts';
import { createPool, type Pool } from '#db/pool.ts';
import { createProviders } from '#payments/providers.ts';
import { createBus } from '#realtime/bus.ts';
import { buildApp } from './app.ts';
import { type Auth, ensureAdmin } from './auth/auth.ts';
import { type Config, ConfigInvalid, readConfig } from './config.ts';
import type { Deps } from './deps.ts';
import { createMetrics } from './metrics.ts';
import { connectRedis } from './redis.ts';
import { attachSockets } from './sockets.ts';

/** The API process: reads the configuration, connects, listens, and ends in order. */

const CLOSE_WITHIN_MS = 5_000;
const TRY_AGAIN_MS = 1_000;
/** One line for so many attempts. */
const SAID_EVERY = 10;
/** Lines of the log are written together: when there are so many bytes of them, or after so long. */
const LOG_BYTES = 4_096;
const LOG_MS = 200;

const config = readConfigOrExit();
const log = pino(
  { level: config.LOG_LEVEL, base: { process: 'api', pid: process.pid } },
  pino.destination({ sync: false, minLength: LOG_BYTES, periodicFlush: LOG_MS }),
);
const providers = orExit(() => createProviders(config));

const ending = new AbortController();
/** What to close, the last opened first. */
const opened: (() => unknown)[] = [];

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void close(signal));
process.on('unhandledRejection', (error) => log.error({ err: error }, 'a promise was rejected and nobody listened'));

await start();

async function start(): Promise<void> {
  const pool = await untilThere('Postgres', () => createPool(config.DATABASE_URL, { size: config.DATABASE_POOL_SIZE }));
  opened.unshift(() => pool.end());
  const redis = config.REDIS_URL ? connectRedis(config.REDIS_URL, log) : null;
  opened.unshift(() => redis?.disconnect());
  const bus = createBus({ redisUrl: config.REDIS_URL ?? null, log });
  opened.unshift(() => bus.close());
  const deps: Deps = {
    config,
    pool,
    redis,
    bus,
    providers,
    log,
    metrics: createMetrics({ process: true }),
    now: () => new Date(),
    ringUsers: bus.ring,
    ring: bus.ringDeal,
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
  await untilThere('the schema', () => prepare(pool, app.auth));
}

/** What has to be in the database. Its tables may be late: until they are there, /readyz says so. */
async function prepare(pool: Pool, auth: Auth): Promise<void> {
  await ensureSystemUser(pool, config.SYSTEM_USER_ID);
  await auth.keys.signing();
  const { ADMIN_HANDLE: handle, ADMIN_PASSWORD: password } = config;
  if (!handle || !password || config.AUTH_ISSUER_JWKS_URL) return;
  const outcome = await ensureAdmin(pool, { handle, password });
  if (outcome === 'taken') log.error({ handle }, 'ADMIN_HANDLE is an ordinary account and stays one: choose another');
  else log.info({ handle, outcome }, 'the administrator is there');
}

/** Tries every second for as long as it takes: a part that is late is no reason to end. */
async function untilThere<T>(what: string, attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries % SAID_EVERY === 0) log.warn({ err: error }, `${what} is not there yet; trying every second`);
      // Ended meanwhile: nothing more is to be done, and the process ends.
      if (ending.signal.aborted) await new Promise(() => {});
      await setTimeout(TRY_AGAIN_MS);
    }
  }
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

function readConfigOrExit(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigInvalid)) throw error;
    return exit(error.message);
  }
}

function orExit<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    return exit((error as Error).message);
  }
}

function exit(sentences: string): never {
  process.stderr.write(`${sentences}\n`);
  process.exit(1);
}
