import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { type NativeConnection, Runtime, type Worker } from '@temporalio/worker';
import { Redis } from 'ioredis';
import type { ActivityDeps } from '#activities/index.ts';
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
import { askForNamespace, createClient, createWorker, WorkerNotMade } from './temporal.ts';

/** The worker process: tells workflows what happened, runs them, and does in the world what they ask for. */

/** Before Temporal is tried again: twice as long each time, up to the most. */
const TRY_AGAIN_MS = { least: 1_000, most: 5_000 };
const BEAT_MS = 5_000;
/** From being asked to end. Whatever hangs then ends with the process. */
const CLOSE_WITHIN_MS = 7_000;
/** For workflows and activities, of that: the SDK forces them after 4 s, and then waits for a Temporal that is silent. */
const DRAIN_WITHIN_MS = 5_000;
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
const asked = once(ending.signal, 'abort');
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, end);
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

const workflows = runWorkflows();
await asked;
await close();

/** Begins the end, once. */
function end(): void {
  if (ending.signal.aborted) return;
  ending.abort();
  setTimeout(() => {
    log.error('what was under way did not end in time');
    process.exit(1);
  }, CLOSE_WITHIN_MS);
}

/** Runs workflows until the end; a worker that fails, as when Temporal was away too long, is made anew. */
async function runWorkflows(): Promise<void> {
  const deps: ActivityDeps = {
    pool,
    provider: (name) => providers.byName[name as keyof typeof providers.byName] ?? null,
    systemUserId: config.SYSTEM_USER_ID,
    log,
    ring: ringParties,
  };
  let pause = TRY_AGAIN_MS.least;
  while (!ending.signal.aborted) {
    try {
      await askForNamespace(place);
      const { worker, connection } = await createWorker(place, deps, metrics, backlog.evolved);
      // Made too late to be run: nobody waits for it.
      if (ending.signal.aborted) return;
      pause = TRY_AGAIN_MS.least;
      await run(worker, connection);
    } catch (error) {
      if (ending.signal.aborted) return;
      if (error instanceof WorkerNotMade) {
        log.fatal({ err: error }, 'workflows cannot run in this process; ending, to be started anew');
        process.exitCode = 1;
        return end();
      }
      log.warn({ err: error, pause_ms: pause }, 'workflows cannot run; trying again');
      await wait(pause, undefined, { signal: ending.signal }).catch(() => {});
      pause = Math.min(2 * pause, TRY_AGAIN_MS.most);
    }
  }
}

/** Runs one worker until the end, or until it fails. */
async function run(worker: Worker, connection: NativeConnection): Promise<void> {
  running = worker;
  const beats = setInterval(() => void beatIfWell(connection), BEAT_MS);
  void beatIfWell(connection);
  log.info(place, 'workflows run');
  try {
    await worker.runUntil(asked);
  } finally {
    clearInterval(beats);
    running = null;
    await connection.close().catch(() => {});
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
  await Promise.all([drained(), housekeeping.stop(), relay.stop()]);
  probes.close();
  subscriber?.disconnect();
  bus.close();
  await client.connection.close();
  await pool.end();
  log.info('closed');
  process.exit();
}

/** Workflows and activities have ended, or had their time. What is only being connected is not waited for. */
async function drained(): Promise<void> {
  if (!running) return;
  await Promise.race([workflows, wait(DRAIN_WITHIN_MS)]);
  if (running) log.warn('workflows and activities did not end in time');
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
