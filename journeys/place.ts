import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { IllegalStateError, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { type ActivityDeps, createActivities } from '#activities/index.ts';
import { buildApp } from '#api/app.ts';
import { ensureAdmin } from '#api/auth/auth.ts';
import { readConfig } from '#api/config.ts';
import type { Deps } from '#api/deps.ts';
import { createMetrics } from '#api/metrics.ts';
import { attachSockets } from '#api/sockets.ts';
import { createPool, type Pool } from '#db/pool.ts';
import { freePort } from '#local/ports.ts';
import { createTestDatabase, createTestNamespace, testTemporalAddress } from '#local/testStack.ts';
import type { PaymentProvider } from '#payments/provider.ts';
import { createProviders } from '#payments/providers.ts';
import { createBus } from '#realtime/bus.ts';
import { createBacklog } from '#worker/backlog.ts';
import { createPartyBell } from '#worker/bells.ts';
import { createMetrics as createWorkerMetrics } from '#worker/metrics.ts';
import { type Relay, startRelay } from '#worker/relay.ts';
import { createWorker, workerOptions } from '#worker/temporal.ts';
import { collaborationId, conversationOf } from '#workflows/ids.ts';
import { type Person, signIn, WEBHOOK_SECRET } from './person.ts';

/** Where a process may die: each is asked at its moment, and what it throws is a crash there. */
export type Faults = {
  /** Before a Signal leaves the relay, and after Temporal has taken it but before the relay hears so. */
  signal?: ((moment: 'leaves' | 'taken', conversationId: string) => void | Promise<void>) | undefined;
  /** After an activity's transaction is committed, before its workflow hears so. */
  effected?: ((conversationId: string) => void) | undefined;
  /** What stands between us and the payment provider, for the API and for the worker. */
  provider?: ((real: PaymentProvider) => PaymentProvider) | undefined;
};

/** Every part of Tandem on real servers, in this process: an API that listens, a worker, a relay. */
export type Place = {
  url: string;
  pool: Pool;
  deps: Deps;
  databaseUrl: string;
  namespace: string;
  client: Client;
  /** The API's clock: how far it is ahead of the true one, or where it stands still. */
  clock: { offsetMs: number; stopped: Date | null };
  faults: Faults;
  /** The workflows' activities, to be called as a workflow would. */
  activities: ReturnType<typeof createActivities>;
  /** Workflows run and are told, or not: a door answers either way. Of today's release, or of the one in a file. */
  startWorker(workflowsPath?: string): Promise<void>;
  stopWorker(): Promise<void>;
  startRelay(): void;
  stopRelay(): Promise<void>;
  relay(): Relay | null;
  admin(): Promise<Person>;
  workflowOf(conversationId: string): ReturnType<Client['workflow']['getHandle']>;
  /** Has the clock of a deal's workflow run ahead whenever there is nothing to do but wait. */
  skipTime(conversationId: string): Promise<void>;
  close(): Promise<void>;
};

// Temporal's own lines, some ten a worker, would bury those of the tests.
Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } });

const ADMIN = { handle: 'the_admin', password: 'a password of the admin' };

export type PlaceOptions = {
  /** Without it workflows neither run nor are told, until `startWorker`. */
  worker?: boolean;
  env?: Record<string, string>;
  /** A place whose database this one shares: a second API process, say of the next release. */
  beside?: Place;
};

export async function openPlace(options: PlaceOptions = {}): Promise<Place> {
  const databaseUrl = options.beside?.databaseUrl ?? (await createTestDatabase());
  const namespace = options.beside?.namespace ?? (await createTestNamespace());
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = readConfig({
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    PORT: String(port),
    PUBLIC_URL: url,
    SANDBOX_WEBHOOK_SECRET: WEBHOOK_SECRET,
    LOG_LEVEL: process.env.JOURNEY_LOG ?? 'fatal',
    ...options.env,
  });
  const log = pino({ level: config.LOG_LEVEL });
  const pool = createPool(databaseUrl, { size: 10 });
  const bus = createBus({ redisUrl: null, log });
  const clock: Place['clock'] = { offsetMs: 0, stopped: null };
  const faults: Faults = {};
  const where = { address: testTemporalAddress(), namespace, taskQueue: `queue-${randomUUID()}` };
  const connection = Connection.lazy({ address: where.address });
  const client = new Client({ connection, namespace });
  /** The relay's own, so that what tests send themselves meets no fault. */
  const relayClient = new Client({
    connection,
    namespace,
    interceptors: {
      workflow: [
        {
          async signalWithStart(input, next) {
            const id = conversationOf(input.options.workflowId) ?? '';
            await faults.signal?.('leaves', id);
            const runId = await next(input);
            await faults.signal?.('taken', id);
            return runId;
          },
        },
      ],
    },
  });
  const providers = createProviders(config);
  const between = (real: PaymentProvider): PaymentProvider =>
    new Proxy(real, { get: (_, name) => Reflect.get(faults.provider?.(real) ?? real, name) });
  const byName = Object.fromEntries(
    Object.entries(providers.byName).map(([name, provider]) => [name, between(provider)]),
  ) as typeof providers.byName;
  let running: { worker: { end(): Promise<void> } | null; relay: Relay | null } = { worker: null, relay: null };
  const deps: Deps = {
    config,
    pool,
    redis: null,
    bus,
    providers: { current: between(providers.current), byName },
    log,
    metrics: createMetrics(),
    now: () => clock.stopped ?? new Date(Date.now() + clock.offsetMs),
    ring: (conversationId) => running.relay?.ring(conversationId),
    ringUsers: (userIds) => bus.ring(userIds),
  };
  const app = await buildApp(deps);
  await app.listen({ port, host: '127.0.0.1' });
  const sockets = attachSockets(app, deps);

  const ringParties = createPartyBell(pool, bus.ring);
  const activityDeps: ActivityDeps = {
    pool,
    provider: (name) => byName[name as 'sandbox'] ?? null,
    systemUserId: config.SYSTEM_USER_ID,
    log,
    ring(conversationId) {
      faults.effected?.(conversationId);
      ringParties(conversationId);
    },
  };

  const backlog = createBacklog();

  function startRelayHere(): void {
    const relay = startRelay({
      pool,
      client: relayClient,
      taskQueue: where.taskQueue,
      systemUserId: config.SYSTEM_USER_ID,
      log,
      metrics: createWorkerMetrics(),
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

  async function otherWorker(workflowsPath: string): ReturnType<typeof createWorker> {
    const native = await NativeConnection.connect({ address: where.address });
    const options = workerOptions(activityDeps, createWorkerMetrics(), backlog.evolved);
    const { taskQueue } = where;
    return {
      worker: await Worker.create({ ...options, connection: native, namespace, taskQueue, workflowsPath }),
      connection: native,
    };
  }

  async function startWorkflows(workflowsPath?: string): Promise<void> {
    const { worker, connection: native } = await (workflowsPath
      ? otherWorker(workflowsPath)
      : createWorker(where, activityDeps, createWorkerMetrics(), backlog.evolved));
    const run = worker.run();
    running = {
      ...running,
      worker: {
        async end() {
          worker.shutdown();
          try {
            await run;
            await native.close();
          } catch (error) {
            // The SDK counts its own references too early when activities fail while it shuts down: one stop in ten.
            // It polls no more; a process would end here.
            if (!(error instanceof IllegalStateError)) throw error;
          }
        },
      },
    };
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

  let admin: Promise<Person> | null = null;
  if (options.worker !== false) await startWorker();
  return {
    url,
    pool,
    deps,
    databaseUrl,
    namespace,
    client,
    clock,
    faults,
    activities: createActivities(activityDeps),
    startWorker,
    stopWorker,
    startRelay: startRelayHere,
    stopRelay,
    relay: () => running.relay,
    admin() {
      admin ??= ensureAdmin(pool, ADMIN).then(() => signIn(url, ADMIN.handle, ADMIN.password));
      return admin;
    },
    workflowOf: (conversationId) => client.workflow.getHandle(collaborationId(conversationId)),
    async skipTime(conversationId) {
      await client.workflowService.updateWorkflowExecutionOptions({
        namespace,
        workflowExecution: { workflowId: collaborationId(conversationId) },
        workflowExecutionOptions: { timeSkippingConfig: { enabled: true } },
        updateMask: { paths: ['time_skipping_config'] },
      });
    },
    async close() {
      faults.signal = faults.effected = faults.provider = undefined;
      await stopWorker();
      await sockets.close();
      await app.close();
      bus.close();
      await connection.close();
      await pool.end();
    },
  };
}
