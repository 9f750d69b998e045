import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterEach, expect, test, vi } from 'vitest';
import { migrate } from '#db/migrate.ts';
import { listHeartbeats } from '#db/operation/heartbeats.ts';
import { createPool } from '#db/pool.ts';
import { freePort } from '#local/ports.ts';
import { startPostgres } from '#local/postgres.ts';
import { startRedis } from '#local/redis.ts';
import { createTestDatabase, createTestNamespace, testTemporalAddress } from '#local/testStack.ts';
import { type Started, startProgram, status } from '#program/testing/programs.ts';
import { JOBS } from '#workflows/operation/workflow.ts';
import { openRabbit } from './testing/rabbit.ts';
import { openWay as openFreezable, type Way } from './testing/way.ts';

vi.setConfig({ testTimeout: 90_000 });

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const DEADLINE = { timeout: 40_000, interval: 50 };
/** What a worker may take to end: its own limit, and a second for this machine. */
const END_MS = 8_000;

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function openWay(to: string | null, port = 0): Promise<Way> {
  const way = await openFreezable(to, port);
  closing.push(way.close);
  return way;
}

/** A worker with a database of its own, and its probes' address. */
async function startWorker(environment: Record<string, string>): Promise<Started & { probe: string }> {
  const port = await freePort();
  const worker = startProgram(MAIN, {
    WORKER_PORT: String(port),
    DATABASE_URL: await createTestDatabase(),
    SANDBOX_WEBHOOK_SECRET: 'a secret',
    PUBLIC_URL: 'http://127.0.0.1:3000',
    ...environment,
  });
  return { ...worker, probe: `http://127.0.0.1:${port}` };
}

/** Asks it to end. Answers its exit code; null when it did not end in time. */
async function end(worker: Started): Promise<number | null> {
  worker.child.kill('SIGTERM');
  const limit = AbortSignal.timeout(END_MS);
  return Promise.race([worker.ended, once(limit, 'abort').then(() => null)]);
}

const untilReady = (probe: string) =>
  vi.waitFor(async () => expect(await status(`${probe}/readyz`)).toBe(200), DEADLINE);

/** How often it has found that it cannot run workflows, and goes on. */
const tries = (worker: Started) => worker.output().split('trying again').length - 1;

/** Where a link leads; nowhere when it is gone already. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return 'socket:gone';
  }
}

test('a worker without configuration says in one sentence a variable what is wrong, and ends with 1', async () => {
  const { ended, output } = startProgram(MAIN, { WORKER_PORT: 'three', LOG_LEVEL: 'loud' });
  expect(await ended).toBe(1);
  expect(output().trim().split('\n')).toEqual([
    'DATABASE_URL is not set.',
    'LOG_LEVEL can be trace, debug, info, warn, error, fatal, silent.',
    'WORKER_PORT is not a number.',
  ]);
});

test('a worker that starts before Postgres and Temporal lives, is not ready, and ends with 0 when asked to', async () => {
  const nobody = await freePort();
  const worker = await startWorker({
    DATABASE_URL: `postgres://tandem@127.0.0.1:${nobody}/tandem`,
    TEMPORAL_ADDRESS: `127.0.0.1:${nobody}`,
  });
  await vi.waitFor(async () => expect(await status(`${worker.probe}/livez`)).toBe(200), DEADLINE);
  await vi.waitFor(() => expect(worker.output()).toContain('workflows cannot run'), DEADLINE);
  await vi.waitFor(() => expect(worker.output()).toContain('the sweep failed'), DEADLINE);
  expect(await status(`${worker.probe}/readyz`)).toBe(503);
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
});

test('a worker that is asked to end has its workflows end in order, and ends with 0', async () => {
  const worker = await startWorker({
    TEMPORAL_ADDRESS: testTemporalAddress(),
    TEMPORAL_NAMESPACE: await createTestNamespace(),
  });
  await untilReady(worker.probe);
  expect(await end(worker)).toBe(0);
  expect(worker.output()).toContain('"closed"');
  expect(worker.output()).not.toContain('did not end in time');
});

test('a worker that is asked to end while it is being made ends with 0', async () => {
  const way = await openWay(testTemporalAddress());
  const worker = await startWorker({ TEMPORAL_ADDRESS: way.address, TEMPORAL_NAMESPACE: await createTestNamespace() });
  await way.connected;
  expect(await end(worker)).toBe(0);
  expect(worker.output()).toContain('"closed"');
});

test('a worker that connects to a Temporal which takes its connection and stays silent ends when asked to', async () => {
  const way = await openWay(null);
  const worker = await startWorker({ TEMPORAL_ADDRESS: way.address });
  await way.connected;
  expect(await end(worker)).toBe(0);
  expect(worker.output()).toContain('"closed"');
});

test('a worker whose Temporal freezes ends when asked to, and its relay and its pool in order', async () => {
  const way = await openWay(testTemporalAddress());
  const worker = await startWorker({ TEMPORAL_ADDRESS: way.address, TEMPORAL_NAMESPACE: await createTestNamespace() });
  await untilReady(worker.probe);
  way.freeze();
  expect(await end(worker)).toBe(0);
  expect(worker.output()).toContain('"closed"');
});

test('a worker whose Temporal does not answer says that it is not ready', async () => {
  const way = await openWay(testTemporalAddress());
  const worker = await startWorker({ TEMPORAL_ADDRESS: way.address, TEMPORAL_NAMESPACE: await createTestNamespace() });
  await untilReady(worker.probe);
  way.freeze();
  await vi.waitFor(async () => expect(await status(`${worker.probe}/readyz`)).toBe(503), DEADLINE);
  expect(await status(`${worker.probe}/livez`)).toBe(200);
  await end(worker);
});

test('a worker says which of its servers are there: without Postgres it is not ready, without Redis or RabbitMQ it is', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tandem-worker-'));
  const at = async (name: string) => ({ dir: join(dir, name), port: await freePort(), log: join(dir, `${name}.log`) });
  const [postgresAt, redisAt] = [
    { ...(await at('postgres')), durable: false },
    { ...(await at('redis')), durable: false },
  ];
  mkdirSync(redisAt.dir);
  let [postgres, redis] = [await startPostgres(postgresAt), await startRedis(redisAt)];
  const rabbit = await openRabbit();
  await migrate(postgres.url);
  const pool = createPool(postgres.url, { size: 1 });
  const worker = await startWorker({
    ...{ DATABASE_URL: postgres.url, REDIS_URL: redis.url, AMQP_URL: rabbit.url },
    ...{ TEMPORAL_ADDRESS: testTemporalAddress(), TEMPORAL_NAMESPACE: await createTestNamespace() },
  });
  const says = (parts: Record<string, boolean>) =>
    vi.waitFor(async () => {
      const answer = await fetch(`${worker.probe}/readyz`);
      const { success, data } = (await answer.json()) as { success: boolean; data: Record<string, boolean> };
      expect(data).toMatchObject(parts);
      expect([answer.status, success]).toEqual(data.postgres && data.temporal ? [200, true] : [503, false]);
    }, DEADLINE);
  const ages = async () =>
    Object.fromEntries((await listHeartbeats(pool)).map(({ part, age_ms }) => [part, age_ms] as const));
  const [all, beaten] = [{ workflows: true, temporal: true, postgres: true }, 10_000];
  try {
    await says({ ...all, redis: true, rabbitmq: true });
    await vi.waitFor(async () => expect((await ages()).rabbitmq).toBeLessThan(beaten), DEADLINE);
    await rabbit.kill();
    await says({ ...all, redis: true, rabbitmq: false });
    await vi.waitFor(() => expect(worker.output()).toContain('nothing can be published now'), DEADLINE);
    await vi.waitFor(async () => expect((await ages()).rabbitmq).toBeGreaterThan(beaten), DEADLINE);
    await redis.stop();
    await says({ ...all, redis: false, rabbitmq: false });
    await postgres.stop();
    await says({ postgres: false, redis: false, rabbitmq: false });
    expect(await status(`${worker.probe}/livez`)).toBe(200);
    [postgres, redis] = [await startPostgres(postgresAt), await startRedis(redisAt)];
    await rabbit.start();
    await says({ ...all, redis: true, rabbitmq: true });
    await vi.waitFor(() => expect(worker.output()).toContain('events are published again'), DEADLINE);
    expect(worker.output().match(/nothing can be published now/g)).toHaveLength(1);
    expect(await end(worker)).toBe(0);
  } finally {
    worker.child.kill('SIGKILL');
    await pool.end();
    await Promise.all([postgres.stop(), redis.stop(), rabbit.close()]);
    rmSync(dir, { recursive: true, force: true });
  }
}, 240_000);

test("a worker shows what Temporal's SDK measures, and schedules the jobs of operators, under a key of its own", async () => {
  const namespace = await createTestNamespace();
  const key = randomBytes(32).toString('base64');
  const worker = await startWorker({
    TEMPORAL_ADDRESS: testTemporalAddress(),
    TEMPORAL_NAMESPACE: namespace,
    TEMPORAL_CODEC_KEY: key,
    WORKER_WORKFLOW_SLOTS: '17',
    WORKER_ACTIVITY_SLOTS: '19',
    PROVIDER_SLOTS: '3',
  });
  await untilReady(worker.probe);
  const metrics = async () => (await fetch(`${worker.probe}/metrics`)).text();
  await vi.waitFor(async () => expect(await metrics()).toMatch(/^temporal_worker_task_slots_available/m), DEADLINE);
  expect(await metrics()).toContain('tandem_oldest_promise_seconds');
  const slots = (type: string, queue: string) =>
    new RegExp(
      `^temporal_worker_task_slots_available\\{(?=.*worker_type="${type}")(?=.*task_queue="${queue}").*\\} (\\d+)$`,
      'm',
    );
  const slotsOf = async (type: string, queue: string) => slots(type, queue).exec(await metrics())?.[1];
  await vi.waitFor(async () => {
    expect(await slotsOf('WorkflowWorker', 'tandem')).toBe('17');
    expect(await slotsOf('ActivityWorker', 'tandem')).toBe('19');
    expect(await slotsOf('ActivityWorker', 'tandem-sandbox')).toBe('3');
  }, DEADLINE);
  const connection = await Connection.connect({ address: testTemporalAddress() });
  const client = new Client({ connection, namespace });
  const scheduled = async () => {
    const found: string[] = [];
    for await (const { scheduleId } of client.schedule.list()) found.push(scheduleId);
    return found.sort();
  };
  await vi.waitFor(async () => expect(await scheduled()).toEqual(JOBS.map((job) => `tandem-${job}`).sort()), DEADLINE);
  await client.schedule.getHandle('tandem-check_books').trigger();
  await vi.waitFor(async () => {
    const runs: string[] = [];
    for await (const run of client.workflow.list({ query: "WorkflowType = 'job'" })) runs.push(run.status.name);
    expect(runs).toContain('COMPLETED');
  }, DEADLINE);
  await connection.close();
  expect(await end(worker)).toBe(0);
});

test('a worker that the SDK refuses to make says so and ends with 1, to be started anew', async () => {
  const worker = await startWorker({
    TEMPORAL_ADDRESS: testTemporalAddress(),
    TEMPORAL_NAMESPACE: await createTestNamespace(),
    // Names that begin so are the server's own.
    TEMPORAL_TASK_QUEUE: '__temporal_tandem',
  });
  expect(await worker.ended).toBe(1);
  expect(worker.output()).toContain('to be started anew');
  expect(worker.output()).toContain('__temporal_');
  expect(worker.output()).toContain('"closed"');
});

test('a worker that started before Temporal runs workflows when that has come', async () => {
  const port = await freePort();
  const worker = await startWorker({
    TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
    TEMPORAL_NAMESPACE: await createTestNamespace(),
  });
  await vi.waitFor(() => expect(tries(worker)).toBeGreaterThan(1), DEADLINE);
  await openWay(testTemporalAddress(), port);
  await untilReady(worker.probe);
  expect(await end(worker)).toBe(0);
});

test.runIf(process.platform === 'linux')(
  'a worker whose namespace is not there leaves nothing behind a try',
  async () => {
    const worker = await startWorker({ TEMPORAL_ADDRESS: testTemporalAddress(), TEMPORAL_NAMESPACE: 'nosuch' });
    const proc = `/proc/${worker.child.pid}`;
    const held = () => ({
      // Sockets come and go with the pool's connections.
      descriptors: readdirSync(`${proc}/fd`).filter((name) => !linkOf(`${proc}/fd/${name}`).startsWith('socket:'))
        .length,
      threads: readdirSync(`${proc}/task`).length,
    });
    await vi.waitFor(() => expect(tries(worker)).toBeGreaterThanOrEqual(1), DEADLINE);
    const first = held();
    await vi.waitFor(() => expect(tries(worker)).toBeGreaterThanOrEqual(4), DEADLINE);
    expect(held()).toEqual(first);
    expect(worker.output()).toContain('Namespace nosuch is not found');
    expect(await end(worker)).toBe(0);
  },
);
