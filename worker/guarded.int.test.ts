import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { freePort } from '#local/ports.ts';
import { registerSearchAttributes } from '#local/searchAttributes.ts';
import { createTestDatabase, createTestNamespace, testTemporalAddress } from '#local/testStack.ts';
import { makeCertificate } from '#payments/testing/certificate.ts';
import { type Started, startProgram, status } from '#program/testing/programs.ts';
import { readCluster } from './cluster.ts';
import { type Guard, startGuard } from './testing/guard.ts';

// A cluster that lets in only who shows a certificate of ours, and who knows its key.

vi.setConfig({ testTimeout: 180_000 });

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const DEADLINE = { timeout: 80_000, interval: 50 };
const [from, to] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 3_600_000)];
const certificate = (name: string) => makeCertificate(name, from, to);
const pemOf = ({ privateKey }: ReturnType<typeof certificate>) =>
  privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function openGuard() {
  const [ours, theirs] = [certificate('temporal.internal'), certificate('worker.internal')];
  const guard = await startGuard(testTemporalAddress(), ours, theirs);
  closing.push(guard.close);
  const environment = {
    TEMPORAL_ADDRESS: `127.0.0.1:${guard.port}`,
    TEMPORAL_NAMESPACE: await createTestNamespace(),
    TEMPORAL_API_KEY: 'the key of this cluster',
    TEMPORAL_TLS_SERVER_CA_CERT_DATA: ours.pem,
    TEMPORAL_TLS_SERVER_NAME: 'temporal.internal',
    TEMPORAL_TLS_CLIENT_CERT_DATA: theirs.pem,
    TEMPORAL_TLS_CLIENT_KEY_DATA: pemOf(theirs),
  };
  return { guard, environment };
}

async function startWorker(environment: Record<string, string>): Promise<Started & { probe: string }> {
  const port = await freePort();
  const worker = startProgram(MAIN, {
    WORKER_PORT: String(port),
    DATABASE_URL: await createTestDatabase(),
    SANDBOX_WEBHOOK_SECRET: 'a secret',
    PUBLIC_URL: 'http://127.0.0.1:3000',
    ...environment,
  });
  closing.push(async () => {
    worker.child.kill('SIGTERM');
    await worker.ended;
  });
  return { ...worker, probe: `http://127.0.0.1:${port}` };
}

const hasCalled = ({ calls }: Guard, name: string) => calls.some(({ path }) => path.endsWith(`/${name}`));

test('a worker with certificate and key polls there and calls there, and shows its key every time', async () => {
  const { guard, environment } = await openGuard();
  const worker = await startWorker(environment);
  await vi.waitFor(async () => expect(await status(`${worker.probe}/readyz`)).toBe(200), DEADLINE);
  // By the worker's kind of connection, and by the client's.
  for (const name of ['PollWorkflowTaskQueue', 'PollActivityTaskQueue', 'CreateSchedule', 'ListWorkflowExecutions']) {
    await vi.waitFor(() => expect(hasCalled(guard, name)).toBe(true), DEADLINE);
  }
  expect(guard.calls.filter(({ key }) => key !== 'Bearer the key of this cluster')).toEqual([]);
});

test('a worker with a certificate of somebody else never comes in, and says so', async () => {
  const { guard, environment } = await openGuard();
  const stranger = certificate('worker.internal');
  const worker = await startWorker({
    ...environment,
    TEMPORAL_TLS_CLIENT_CERT_DATA: stranger.pem,
    TEMPORAL_TLS_CLIENT_KEY_DATA: pemOf(stranger),
  });
  await vi.waitFor(() => expect(worker.output()).toContain('workflows cannot run'), DEADLINE);
  expect(await status(`${worker.probe}/readyz`)).toBe(503);
  expect(guard.calls).toEqual([]);
});

test('search attributes are registered there by the same settings', async () => {
  const { guard, environment } = await openGuard();
  await registerSearchAttributes(readCluster({ ...environment, TEMPORAL_TASK_QUEUE: '' }, environment));
  expect(hasCalled(guard, 'ListSearchAttributes')).toBe(true);
});
