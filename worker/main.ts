import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { type NativeConnection, Runtime } from '@temporalio/worker';
import { Redis } from 'ioredis';
import type { ActivityDeps } from '#activities/index.ts';
import { patientlyAt } from '#db/looking.ts';
import { beat } from '#db/operation/heartbeats.ts';
import { createPool } from '#db/pool.ts';
import { KeyMissing, noteKeys } from '#db/secretKeys.ts';
import { createSecrets } from '#db/secrets.ts';
import { createPayoutProviders, createProviders } from '#payments/providers.ts';
import { createFeeds } from '#prices/feeds.ts';
import { createAnswering } from '#program/answering.ts';
import { createLog } from '#program/log.ts';
import { exitSaying, orExit } from '#program/start.ts';
import { spannedByName } from '#program/trace.ts';
import { startTracing } from '#program/tracing.ts';
import { createPushServices, describeServices } from '#push/services.ts';
import { createBus } from '#realtime/bus.ts';
import { createTaken } from '#realtime/taken.ts';
import { createBacklog } from './backlog.ts';
import { hearBells } from './bells.ts';
import { startBoosts } from './boosts.ts';
import { createBroker } from './broker.ts';
import { startChargeBacks } from './chargeBacks.ts';
import { askForNamespace, createClient, readCluster } from './cluster.ts';
import { accountsOf, CODEC_PATH, createCodecServer } from './codecServer.ts';
import { patienceOf, readConfig, roomOf } from './config.ts';
import { startHousekeeping } from './housekeeping.ts';
import { startLeaderboards } from './leaderboards.ts';
import { startMatching } from './matching.ts';
import { createMetrics } from './metrics.ts';
import { startNoting } from './noting.ts';
import { startPrices } from './prices.ts';
import { startPublisher } from './publisher.ts';
import { startRelay } from './relay.ts';
import { startReplaying } from './replaying.ts';
import { startRewards } from './rewards.ts';
import { makeSchedules } from './schedules.ts';
import { createSdkMetrics } from './sdkMetrics.ts';
import { startStreams } from './streams.ts';
import { startTellings } from './tellings.ts';
import { createSenderOf, createWorkers, WorkerNotMade, type Workers } from './temporal.ts';
import { startTurns } from './turns.ts';
import { beatForBroker, createWatch } from './watch.ts';
import { readHosts } from './webhookAddress.ts';
import { startWebhookSender } from './webhookSender.ts';

/** The worker process: tells workflows what happened, runs them, and does in the world what they ask for. */

/** Before Temporal is tried again: twice as long each time, up to the most. */
const TRY_AGAIN_MS = { least: 1_000, most: 5_000 };
const BEAT_MS = 5_000;
const ANSWERS_WITHIN_MS = 3_000;
/** From being asked to end. Whatever hangs then ends with the process. */
const CLOSE_WITHIN_MS = 7_000;
/** For workflows and activities, of that: the SDK forces them after 4 s, and then waits for a Temporal that is silent. */
const DRAIN_WITHIN_MS = 5_000;
const POOL_SIZE = 12;
/** Of an activity that reads all there is, which has ten minutes. */
const LONGEST_MS = 480_000;
/** For probes alone: they are answered while all others are taken. */
const PROBE_CONNECTIONS = 1;

const config = orExit(() => readConfig(process.env));
const providers = orExit(() => createProviders(config.payments, { takesWebhooks: false }));
const payoutProviders = orExit(() => createPayoutProviders(config.payments));
const feeds = orExit(() => createFeeds(config.prices));
const services = orExit(() => createPushServices(config.push));
const stopTracing = await startTracing('worker', process.env);
const log = createLog('worker', config.LOG_LEVEL);
const metrics = createMetrics();
const sdkMetrics = createSdkMetrics(metrics.registry);
const cluster = orExit(() => readCluster(config, process.env));

Runtime.install({
  // Signals are ours to handle: Temporal's own handler would end the worker before the relay.
  shutdownSignals: [],
  logger: temporalLogger(),
  // The SDK's native part would write coloured text between our lines of JSON.
  telemetryOptions: {
    logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
    metrics: { buffer: sdkMetrics.buffer },
  },
});
const ending = new AbortController();
const asked = once(ending.signal, 'abort');
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, end);
process.on('unhandledRejection', (error) => log.error({ err: error }, 'a promise was rejected and nobody listened'));

const pool = createPool(config.DATABASE_URL, { size: POOL_SIZE });
const probePool = createPool(config.DATABASE_URL, { size: PROBE_CONNECTIONS });
const secrets = createSecrets(config.SECRETS_KEY);
if (!(await areKeysNoted())) void noteKeysWhenThere();
const bus = createBus({ redisUrl: config.REDIS_URL ?? null, log });
const taken = createTaken({ redis: bus.redis, log });
log.info({}, `push services: ${describeServices(services)}`);
const client = createClient(cluster);
pool.onHeard(bus.ring);
const backlog = createBacklog();
const relay = startRelay({
  pool,
  client,
  taskQueue: cluster.taskQueue,
  systemUserId: config.SYSTEM_USER_ID,
  log,
  metrics,
  backlog,
  now: () => new Date(),
  patience: patienceOf(config),
  publicUrl: config.PUBLIC_URL,
});
const housekeeping = startHousekeeping(pool, log, () => new Date());
const broker = config.AMQP_URL ? createBroker(config.AMQP_URL, log) : null;
const publisher = broker && startPublisher({ pool, broker, log, now: () => new Date() });
const brokerBeats = startTurns(
  async () => {
    await beatForBroker(pool, broker);
    return BEAT_MS;
  },
  (error) => {
    log.debug({ err: error }, 'no heartbeat');
    return BEAT_MS;
  },
);
// A connection of its own: what is sent once more, and its broker's pauses, hold up nothing.
const replaying = config.AMQP_URL
  ? startReplaying({ pool, broker: createBroker(config.AMQP_URL, log), log, now: () => new Date() })
  : null;
const allowedHosts = readHosts(config.WEBHOOK_ALLOWED_HOSTS);
if (allowedHosts.size > 0 && config.NODE_ENV === 'production') {
  log.warn({ hosts: [...allowedHosts] }, 'webhooks of anybody may go to these hosts, wherever they are and by http');
}
const webhooks = startWebhookSender({
  pool,
  secrets,
  log,
  now: () => new Date(),
  allowedHosts,
});
const tellings = startTellings(pool, bus.ring, log);
const noting = startNoting({
  ...{ pool, confirm: bus.confirm, log, now: () => new Date() },
  systemUserId: config.SYSTEM_USER_ID,
});
const liveStreams = startStreams({
  ...{ pool, bus, log, now: () => new Date() },
  ...{ ring: relay.ring, systemUserId: config.SYSTEM_USER_ID },
});
const leaderboards = startLeaderboards({ pool, bus, log });
const chargeBacks = startChargeBacks({ pool, ring: relay.ring, systemUserId: config.SYSTEM_USER_ID, log });
const boosts = startBoosts({
  ...{ pool, log, now: () => new Date() },
  ...{ ring: relay.ring, systemUserId: config.SYSTEM_USER_ID },
});
const rewards = startRewards(pool, log, { now: () => new Date() });
const subscriber = config.REDIS_URL
  ? new Redis(config.REDIS_URL, { maxRetriesPerRequest: null, lazyConnect: false })
  : null;
subscriber?.on('error', () => {});
const prices = startPrices({ pool, bus, feeds, log, now: () => new Date() });
const matching = startMatching({ pool, bus, log, now: () => new Date() });
if (subscriber) hearBells(subscriber, { process: relay.ring, pair: matching.ring }, log);

const codecServer = makeCodecServer();

let running: Workers | null = null;
/** Temporal has answered when it was last asked. */
let answers = false;
const look = createWatch({ probes: probePool, redis: bus.redis, hasRedis: config.REDIS_URL !== undefined, broker });
const probes = createAnswering(log, {
  '/metrics': async (_, response) => {
    sdkMetrics.take();
    response.setHeader('content-type', metrics.registry.contentType);
    response.end(await metrics.registry.metrics());
  },
  '/livez': async (_, response) => void response.end(JSON.stringify({ success: true, data: { alive: true } })),
  '/readyz': async (_, response) => {
    const isRunning = running?.isRunning() === true && answers;
    const standing = await look();
    // Without Redis and RabbitMQ workflows run and money moves; what waits for them is told of by the API's metrics.
    const success = isRunning && standing.postgres;
    response.statusCode = success ? 200 : 503;
    response.end(JSON.stringify({ success, data: { workflows: isRunning, temporal: answers, ...standing } }));
  },
  ...(codecServer && { [CODEC_PATH]: codecServer }),
}).listen(config.WORKER_PORT, config.WORKER_HOST);

const workflows = runWorkflows();
await asked;
await close();

/** Shows the Web UI what is encrypted, where its origin is set. */
function makeCodecServer() {
  const [codec] = cluster.dataConverter?.payloadCodecs ?? [];
  const { TEMPORAL_CODEC_ORIGIN: origin, PUBLIC_URL: apiUrl } = config;
  if (!codec || !origin || !apiUrl) return null;
  return createCodecServer({ codec, origin, namespace: cluster.namespace, accounts: accountsOf(apiUrl), log });
}

/**
 * Whether the database was there to be asked. A worker without a key that secrets there are sealed under says so at its
 * start, and ends.
 */
async function areKeysNoted(): Promise<boolean> {
  try {
    await noteKeys(pool, secrets, new Date().toISOString());
    return true;
  } catch (error) {
    if (error instanceof KeyMissing) exitSaying(error);
    return false;
  }
}

async function noteKeysWhenThere(): Promise<void> {
  while (!ending.signal.aborted && !(await areKeysNoted())) {
    await wait(TRY_AGAIN_MS.least, undefined, { signal: ending.signal }).catch(() => {});
  }
}

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
  const byName = spannedByName(providers.byName);
  const payouts = spannedByName(payoutProviders.payouts);
  const deps: ActivityDeps = {
    pool,
    provider: (name) => byName[name as keyof typeof byName] ?? null,
    payoutProvider: (name) => payouts[name as 'sandbox'] ?? null,
    systemUserId: config.SYSTEM_USER_ID,
    log,
    senderOf: createSenderOf({ workflowService: client.workflowService, namespace: cluster.namespace }),
    patiently: patientlyAt(config.DATABASE_URL, LONGEST_MS),
    hasBroker: Boolean(config.AMQP_URL),
    push: { services, socketHasTaken: taken.has, ringUsers: bus.ring },
  };
  let pause = TRY_AGAIN_MS.least;
  while (!ending.signal.aborted) {
    try {
      await askForNamespace(cluster);
      const workers = await createWorkers(cluster, { deps, metrics, backlog, room: roomOf(config) });
      // Made too late to be run: nobody waits for it.
      if (ending.signal.aborted) return;
      pause = TRY_AGAIN_MS.least;
      await run(workers);
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

/** Runs workers until the end, or until one fails. */
async function run(workers: Workers): Promise<void> {
  const { connection } = workers;
  running = workers;
  const beats = setInterval(() => void beatIfWell(connection), BEAT_MS);
  log.info({ address: cluster.address, namespace: cluster.namespace, taskQueue: cluster.taskQueue }, 'workflows run');
  const ends = workers.run();
  void asked.then(workers.shutdown);
  if (ending.signal.aborted) workers.shutdown();
  void beatIfWell(connection);
  void makeSchedules(client, cluster.taskQueue).catch((error: unknown) =>
    log.warn({ err: error }, 'jobs are not scheduled; the next start tries again'),
  );
  try {
    await ends;
  } finally {
    clearInterval(beats);
    running = null;
    answers = false;
    await connection.close().catch(() => {});
  }
}

/** Says that this process runs workflows, and that Temporal answers it. */
async function beatIfWell(connection: NativeConnection): Promise<void> {
  await beat(pool, 'worker').catch((error: unknown) => log.debug({ err: error }, 'no heartbeat'));
  try {
    await connection.withDeadline(Date.now() + ANSWERS_WITHIN_MS, () => connection.workflowService.getSystemInfo({}));
    answers = true;
    await beat(pool, 'temporal');
  } catch (error) {
    answers = false;
    log.debug({ err: error }, 'Temporal does not answer');
  }
}

async function close(): Promise<void> {
  log.info('closing');
  const stops = [
    housekeeping.stop(),
    relay.stop(),
    publisher?.stop(),
    brokerBeats.stop(),
    replaying?.stop(),
    webhooks.stop(),
    tellings.stop(),
    noting.stop(),
    boosts.stop(),
    liveStreams.stop(),
    leaderboards.stop(),
    chargeBacks.stop(),
    rewards.stop(),
    matching.stop(),
    prices.stop(),
  ];
  await Promise.all([drained(), ...stops]);
  probes.close();
  sdkMetrics.stop();
  subscriber?.disconnect();
  bus.close();
  // The client to Temporal is left open: a call of it may wait for its next try, which over a closed one is an exception.
  await Promise.all([pool.end(), probePool.end()]);
  await stopTracing();
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
