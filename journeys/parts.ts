import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { type ActivityInterceptorsFactory, IllegalStateError, Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { type ActivityDeps, createActivities, createCalls } from '#activities/index.ts';
import { buildApp } from '#api/app.ts';
import { readConfig } from '#api/config.ts';
import type { Deps } from '#api/deps.ts';
import { createMetrics } from '#api/metrics.ts';
import { ensureAdmin } from '#api/people/auth.ts';
import { attachSockets } from '#api/sockets.ts';
import { seedGifts } from '#db/gift/catalogue.ts';
import { createPool, type Pool } from '#db/pool.ts';
import { createSecrets } from '#db/secrets.ts';
import { freePort } from '#local/ports.ts';
import { createTestDatabase, createTestNamespace, testTemporalAddress } from '#local/testStack.ts';
import type { PayoutProvider } from '#payments/payout.ts';
import type { PaymentProvider } from '#payments/provider.ts';
import { createPayoutProviders, createProviders } from '#payments/providers.ts';
import { createBus } from '#realtime/bus.ts';
import { createBacklog } from '#worker/backlog.ts';
import type { Cluster, Release } from '#worker/cluster.ts';
import { startMatching } from '#worker/matching.ts';
import { createMetrics as createWorkerMetrics, type Metrics } from '#worker/metrics.ts';
import { type Relay, startRelay } from '#worker/relay.ts';
import { startStreams } from '#worker/streams.ts';
import { createSenderOf, createWorkers, type Room } from '#worker/temporal.ts';
import { parseWorkflowId, workflowIdOf } from '#workflows/ids.ts';
import type { Patience } from '#workflows/process/patience.ts';
import { FROM_ONE_ADDRESS, type Person, signIn, WEBHOOK_SECRET } from './person.ts';

/** Where a process may die: each is asked at its moment, and what it throws is a crash there. */
export type Faults = {
  /** Before a Signal leaves the relay, and after Temporal has taken it but before the relay hears so. */
  signal?: ((moment: 'leaves' | 'taken', processId: string) => void | Promise<void>) | undefined;
  /** After an activity's transaction is committed, before its workflow hears so. */
  effected?: ((processId: string) => void) | undefined;
  /** Around every try of an activity: before it does anything, and after all that it does. By workflow, as `ids.ts` names it. */
  activity?: ((moment: 'begins' | 'done', name: string, workflowId: string) => void) | undefined;
  /** What stands between us and the payment provider, for the API and for the worker. */
  provider?: ((real: PaymentProvider) => PaymentProvider) | undefined;
  payouts?: ((real: PayoutProvider) => PayoutProvider) | undefined;
};

/** Every part of Tandem on real servers, in this process: an API that listens, a worker, a relay. */
export type Parts = {
  url: string;
  pool: Pool;
  deps: Deps;
  databaseUrl: string;
  namespace: string;
  taskQueue: string;
  client: Client;
  /** What its workers and its relay measure. */
  metrics: Metrics;
  /** The API's clock: how far it is ahead of the true one, or where it stands still. */
  clock: { offsetMs: number; stopped: Date | null };
  faults: Faults;
  /** The workflows' activities, to be called as a workflow would. */
  activities: ReturnType<typeof createActivities> & ReturnType<typeof createCalls>;
  /** Workflows run and are told, or not: a door answers either way. Of today's release, or of the one in a file. */
  startWorker(workflowsPath?: string): Promise<void>;
  stopWorker(): Promise<void>;
  startRelay(): void;
  stopRelay(): Promise<void>;
  relay(): Relay | null;
  admin(): Promise<Person>;
  workflowOf(processId: string, kind?: string): ReturnType<Client['workflow']['getHandle']>;
  /** Has the clock of a process's workflow run ahead whenever there is nothing to do but wait. */
  skipTime(processId: string, kind?: string): Promise<void>;
  close(): Promise<void>;
};

// Temporal's own lines, some ten a worker, would bury those of the tests.
Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } });

const ADMIN = { handle: 'the_admin', password: 'a password of the admin' };

export type PartsOptions = {
  /** Without it workflows neither run nor are told, until `startWorker`. */
  worker?: boolean;
  env?: Record<string, string>;
  /** With what its workflows bear, instead of what is usual. */
  patience?: Partial<Patience>;
  signalsAhead?: number;
  /** A place whose database this one shares: a second API process, say of the next release. */
  beside?: Parts;
  /** Its workers take what those of that place take, too. */
  sharesQueue?: boolean;
  /** How much a worker does at once. */
  room?: Partial<Room>;
  /** The release that its workers call themselves. */
  release?: Release;
  /** What Temporal keeps is under a key. */
  dataConverter?: DataConverter;
};

export async function openParts(options: PartsOptions = {}): Promise<Parts> {
  const databaseUrl = options.beside?.databaseUrl ?? (await createTestDatabase());
  const namespace = options.beside?.namespace ?? (await createTestNamespace());
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = configOf(databaseUrl, port, options.env);
  const log = pino({ level: config.LOG_LEVEL });
  const pool = createPool(databaseUrl, { size: 10, openPercent: config.OPEN_AT_ONCE_PERCENT });
  const bus = createBus({ redisUrl: null, log });
  const clock: Parts['clock'] = { offsetMs: 0, stopped: null };
  const faults: Faults = {};
  const where = clusterOf(namespace, options);
  const metrics = createWorkerMetrics();
  const connection = Connection.lazy({ address: where.address });
  const client = new Client({ connection, ...at(where) });
  const deps = depsOf({ config, pool, bus, log, clock, faults }, (id) => runs.relay()?.ring(id));
  const app = await buildApp(deps);
  await app.listen({ port, host: '127.0.0.1' });
  const sockets = attachSockets(app, deps);
  await seedGifts(pool, deps.now().toISOString());
  const turns = [startMatching, startStreams].map((start) => start({ ...deps, systemUserId: config.SYSTEM_USER_ID }));

  const senderOf = createSenderOf({ workflowService: client.workflowService, namespace });
  const activityDeps = activityDepsOf(deps, faults, senderOf);

  const runs = createRuns({
    where,
    metrics,
    room: options.room,
    relay: {
      pool,
      client: createRelayClient(connection, where, faults),
      systemUserId: config.SYSTEM_USER_ID,
      log,
      patience: options.patience,
      signalsAhead: options.signalsAhead,
    },
    ...{ worker: activityDeps, faults },
  });
  let admin: Promise<Person> | null = null;
  if (options.worker !== false) await runs.startWorker();
  return {
    url,
    pool,
    deps,
    databaseUrl,
    namespace,
    taskQueue: where.taskQueue,
    client,
    metrics,
    clock,
    faults,
    activities: { ...createActivities(activityDeps), ...createCalls(activityDeps) },
    ...runs,
    admin() {
      admin ??= ensureAdmin(pool, ADMIN).then(() => signIn(url, ADMIN.handle, ADMIN.password));
      return admin;
    },
    workflowOf: (processId, kind = 'deal') => client.workflow.getHandle(workflowIdOf(kind, processId)),
    skipTime: (processId, kind = 'deal') => skipTime(client, namespace, workflowIdOf(kind, processId)),
    async close() {
      faults.signal = faults.effected = faults.activity = faults.provider = faults.payouts = undefined;
      await runs.stopWorker();
      await Promise.all(turns.map((each) => each.stop()));
      await sockets.close();
      await app.close();
      bus.close();
      await connection.close();
      await pool.end();
    },
  };
}

function clusterOf(namespace: string, { beside, sharesQueue, dataConverter, release }: PartsOptions): Cluster {
  return {
    address: testTemporalAddress(),
    namespace,
    taskQueue: (sharesQueue ? beside?.taskQueue : null) ?? `queue-${randomUUID()}`,
    ...(dataConverter && { dataConverter }),
    ...(release && { release }),
  };
}

function configOf(databaseUrl: string, port: number, env: PartsOptions['env']) {
  return readConfig({
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    SANDBOX_WEBHOOK_SECRET: WEBHOOK_SECRET,
    LOG_LEVEL: process.env.JOURNEY_LOG ?? 'fatal',
    ...FROM_ONE_ADDRESS,
    ...env,
  });
}

type Given = Pick<Deps, 'config' | 'pool' | 'bus' | 'log'> & Pick<Parts, 'clock' | 'faults'>;

function depsOf({ config, pool, bus, log, clock, faults }: Given, ring: Deps['ring']): Deps {
  return {
    config,
    pool,
    probes: pool,
    inbox: pool,
    redis: null,
    bus,
    providers: faultyProviders(config, faults),
    payoutProviders: faultyPayoutProviders(config, faults),
    secrets: createSecrets(config.SECRETS_KEY),
    supervisor: null,
    log,
    metrics: createMetrics(),
    now: () => clock.stopped ?? new Date(Date.now() + clock.offsetMs),
    ring,
    ringFact: ring,
    ringUsers: (userIds, told) => bus.ring(userIds, told),
  };
}

function activityDepsOf(deps: Deps, faults: Faults, senderOf: ActivityDeps['senderOf']): ActivityDeps {
  return {
    pool: deps.pool,
    provider: (name) => deps.providers.byName[name as 'sandbox'] ?? null,
    payoutProvider: (name) => deps.payoutProviders.payouts[name as 'sandbox'] ?? null,
    systemUserId: deps.config.SYSTEM_USER_ID,
    log: deps.log,
    committed: (processId) => faults.effected?.(processId),
    senderOf,
    patiently: (work) => work(deps.pool),
  };
}

function faultyProviders(config: Deps['config'], faults: Faults): Deps['providers'] {
  const { current, byName } = createProviders(config);
  const between = (real: PaymentProvider) => faultyBetween(real, faults);
  return {
    current: between(current),
    byName: Object.fromEntries(
      Object.entries(byName).map(([name, provider]) => [name, between(provider)]),
    ) as typeof byName,
  };
}

function faultyPayoutProviders(config: Deps['config'], faults: Faults): Deps['payoutProviders'] {
  const { payouts, kyc } = createPayoutProviders(config);
  const between = Object.entries(payouts).map(([name, provider]) => [name, faultyPayouts(provider, faults)]);
  return { payouts: Object.fromEntries(between) as typeof payouts, kyc };
}

async function skipTime(client: Client, namespace: string, workflowId: string): Promise<void> {
  await client.workflowService.updateWorkflowExecutionOptions({
    namespace,
    workflowExecution: { workflowId },
    workflowExecutionOptions: { timeSkippingConfig: { enabled: true } },
    updateMask: { paths: ['time_skipping_config'] },
  });
}

type RunsParts = {
  where: Cluster;
  metrics: Metrics;
  room: Partial<Room> | undefined;
  relay: Pick<
    Parameters<typeof startRelay>[0],
    'pool' | 'client' | 'systemUserId' | 'log' | 'patience' | 'signalsAhead'
  >;
  worker: ActivityDeps;
  faults: Faults;
};

type Runs = Pick<Parts, 'startWorker' | 'stopWorker' | 'startRelay' | 'stopRelay' | 'relay'>;

/** Worker and relay, started and stopped as often as a test likes. */
function createRuns({ where, metrics, room, faults, ...parts }: RunsParts): Runs {
  const backlog = createBacklog();
  let running: { worker: { end(): Promise<void> } | null; relay: Relay | null } = { worker: null, relay: null };

  function startRelayHere(): void {
    const relay = startRelay({
      ...parts.relay,
      taskQueue: where.taskQueue,
      metrics,
      backlog,
      now: () => new Date(),
    });
    running = { ...running, relay };
  }

  async function stopRelay(): Promise<void> {
    const { relay } = running;
    running = { ...running, relay: null };
    await relay?.stop();
  }

  async function startWorkflows(workflowsPath?: string): Promise<void> {
    const worker = await runWorkflows(where, {
      deps: parts.worker,
      metrics,
      backlog,
      around: aroundActivities(faults),
      ...(room && { room }),
      ...(workflowsPath && { workflowsPath }),
    });
    running = { ...running, worker };
  }

  async function stopWorker(): Promise<void> {
    await stopRelay();
    const { worker } = running;
    running = { ...running, worker: null };
    await worker?.end();
  }

  async function startWorker(workflowsPath?: string): Promise<void> {
    // One at a time: a second would go on with what the first has in memory when that is stopped.
    if (!running.worker) await startWorkflows(workflowsPath);
    if (!running.relay) startRelayHere();
  }

  return { startWorker, stopWorker, startRelay: startRelayHere, stopRelay, relay: () => running.relay };
}

function aroundActivities(faults: Faults): ActivityInterceptorsFactory {
  return ({ info: { activityType, workflowExecution } }) => ({
    inbound: {
      async execute(input, next) {
        const workflowId = workflowExecution?.workflowId ?? '';
        faults.activity?.('begins', activityType, workflowId);
        const done = await next(input);
        faults.activity?.('done', activityType, workflowId);
        return done;
      },
    },
  });
}

const at = ({ namespace, dataConverter }: Cluster) => ({ namespace, ...(dataConverter && { dataConverter }) });

/** The relay's own, so that what tests send themselves meets no fault. */
function createRelayClient(connection: Connection, where: Cluster, faults: Faults): Client {
  return new Client({
    connection,
    ...at(where),
    interceptors: {
      workflow: [
        {
          async signalWithStart(input, next) {
            const id = parseWorkflowId(input.options.workflowId)?.id ?? '';
            await faults.signal?.('leaves', id);
            const runId = await next(input);
            await faults.signal?.('taken', id);
            return runId;
          },
        },
      ],
    },
  });
}

function faultyPayouts(real: PayoutProvider, faults: Faults): PayoutProvider {
  return new Proxy(real, { get: (_, name) => Reflect.get(faults.payouts?.(real) ?? real, name) });
}

function faultyBetween(real: PaymentProvider, faults: Faults): PaymentProvider {
  return new Proxy(real, { get: (_, name) => Reflect.get(faults.provider?.(real) ?? real, name) });
}

async function runWorkflows(...[where, parts]: Parameters<typeof createWorkers>): Promise<{ end(): Promise<void> }> {
  const workers = await createWorkers(where, parts);
  const run = workers.run();
  // Told of when it is ended.
  run.catch(() => {});
  return {
    async end() {
      workers.shutdown();
      try {
        await run;
        await workers.connection.close();
      } catch (error) {
        // The SDK counts its own references too early when activities fail while it shuts down: one stop in ten.
        // It polls no more; a process would end here.
        if (!(error instanceof IllegalStateError)) throw error;
      }
    },
  };
}
