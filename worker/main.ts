import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { type NativeConnection, Runtime, type Worker } from '@temporalio/worker';
import { Redis } from 'ioredis';
import { beat } from '#db/heartbeats.ts';
import { createPool } from '#db/pool.ts';
import { createProviders } from '#payments/providers.ts';
import { createLog } from '#program/log.ts';
import { orExit } from '#program/start.ts';
import { createBus } from '#realtime/bus.ts';
import { createBacklog } from './backlog.ts';
import { createPartyBell, hearDeals } from './bells.ts';
import { readConfig } from './config.ts';
import { startHousekeeping } from './housekeeping.ts';
import { createMetrics } from './metrics.ts';
import { startRelay } from './relay.ts';
import { createClient, createWorker } from './temporal.ts';

/** The worker process: tells workflows what happened, runs them, and does in the world what they ask for. */

const TRY_AGAIN_MS = 1_000;
const BEAT_MS = 5_000;
const CLOSE_WITHIN_MS = 7_000;
const POOL_SIZE = 12;

const config = orExit(() => readConfig(process.env));
const providers = orExit(() => createProviders(config.payments));
const log = createLog('worker', config.LOG_LEVEL);
const metrics = createMetrics();
const place = {
  address: config.TEMPORAL_ADDRESS,
  namespace: config.TEMPORAL_NAMESPACE,
  taskQueue: config.TEMPORAL_TASK_QUEUE,
};

Runtime.install({
  // Signals are ours to handle: Temporal's own handler would end the worker before the relay.
  shutdownSignals: [],
  logger: temporalLogger(),
  // The SDK's native part would write coloured text between our lines of JSON.
  telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
});
const ending = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => ending.abort());
process.on('unhandledRejection', (error) => log.error({ err: error }, 'a promise was rejected and nobody listened'));

const pool = createPool(config.DATABASE_URL, { size: POOL_SIZE });
const bus = createBus({ redisUrl: config.REDIS_URL ?? null, log });
const client = await createClient(place);
const ringParties = createPartyBell(pool, bus.ring);
const backlog = createBacklog();
const relay = startRelay({
  pool,
  client,
  taskQueue: place.taskQueue,
  systemUserId: config.SYSTEM_USER_ID,
  log,
  metrics,
  backlog,
  now: () => new Date(),
});
const housekeeping = startHousekeeping(pool, log, () => new Date());
const subscriber = config.REDIS_URL
  ? new Redis(config.REDIS_URL, { maxRetriesPerRequest: null, lazyConnect: false })
  : null;
subscriber?.on('error', () => {});
if (subscriber) hearDeals(subscriber, relay.ring, log);

let running: Worker | null = null;
const probes = createServer(async (request, response) => {
  const path = request.url?.split('?')[0];
  const isRunning = running?.getState() === 'RUNNING';
  if (path === '/metrics') {
    response.setHeader('content-type', metrics.registry.contentType);
    response.end(await metrics.registry.metrics());
  } else if (path === '/livez' || path === '/readyz') {
    response.statusCode = path === '/livez' || isRunning ? 200 : 503;
    response.end(JSON.stringify({ success: response.statusCode === 200, data: { workflows: isRunning } }));
  } else {
    response.statusCode = 404;
    response.end();
  }
}).listen(config.WORKER_PORT, config.WORKER_HOST);

await runWorkflows();
await close();

/** Runs the worker until the end; one that fails, as when Temporal was away too long, is made anew. */
async function runWorkflows(): Promise<void> {
  while (!ending.signal.aborted) {
    let connection: NativeConnection | null = null;
    try {
      const made = await createWorker(
        place,
        {
          pool,
          provider: (name) => providers.byName[name as keyof typeof providers.byName] ?? null,
          systemUserId: config.SYSTEM_USER_ID,
          log,
          ring: ringParties,
        },
        metrics,
        backlog.evolved,
      );
      connection = made.connection;
      running = made.worker;
      const beats = setInterval(() => void beatIfWell(made.connection), BEAT_MS);
      void beatIfWell(made.connection);
      log.info(place, 'workflows run');
      try {
        await made.worker.runUntil(
          new Promise<void>((resolve) => ending.signal.addEventListener('abort', () => resolve())),
        );
      } finally {
        clearInterval(beats);
      }
    } catch (error) {
      log.warn({ err: error }, 'Temporal is away; trying again');
      await wait(TRY_AGAIN_MS);
    } finally {
      running = null;
      await connection?.close().catch(() => {});
    }
  }
}

/** Says that this process runs workflows, and that Temporal answers it. */
async function beatIfWell(connection: NativeConnection): Promise<void> {
  try {
    await beat(pool, 'worker');
    await connection.withDeadline(Date.now() + 3_000, () => connection.workflowService.getSystemInfo({}));
    await beat(pool, 'temporal');
  } catch (error) {
    log.debug({ err: error }, 'no heartbeat');
  }
}

async function close(): Promise<void> {
  log.info('closing');
  setTimeout(() => process.exit(1), CLOSE_WITHIN_MS).unref();
  probes.close();
  await Promise.all([housekeeping.stop(), relay.stop()]);
  subscriber?.disconnect();
  bus.close();
  await client.connection.close();
  await pool.end();
  log.info('closed');
  process.exit(0);
}

/** Temporal's own lines, in our format. */
function temporalLogger() {
  const write = (level: 'trace' | 'debug' | 'info' | 'warn' | 'error') => (message: string, meta?: object) =>
    log[level]({ ...meta }, message);
  return {
    log: (level: string, message: string, meta?: object) =>
      log[level.toLowerCase() === 'warn' ? 'warn' : level.toLowerCase() === 'error' ? 'error' : 'debug'](
        { ...meta },
        message,
      ),
    trace: write('trace'),
    debug: write('debug'),
    info: write('debug'),
    warn: write('warn'),
    error: write('error'),
  };
}
