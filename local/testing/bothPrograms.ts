import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, vi } from 'vitest';
import { type Started, startProgram, status } from '#program/testing/programs.ts';
import { freePort } from '../ports.ts';
import { createTestDatabase, createTestNamespace, createTestRedis, testTemporalAddress } from '../testStack.ts';

/** A real API and a real worker as processes of their own, on the tests' servers. */
export type BothPrograms = {
  urls: { api: string; worker: string };
  databaseUrl: string;
  started: { api: Started; worker: Started };
  end(): Promise<void>;
};

type Environment = Record<string, string>;

const PATIENCE = { timeout: 120_000, interval: 200 };
const mainOf = (name: string) => fileURLToPath(new URL(join('../..', name, 'main.ts'), import.meta.url));

/** They live no longer than the file that starts them. What is given to one of them goes before what is given to both. */
export async function startBoth(more: Environment = {}, only: { api?: Environment; worker?: Environment } = {}) {
  const [port, workerPort] = [await freePort(), await freePort()];
  const env = {
    NODE_ENV: 'test',
    DATABASE_URL: await createTestDatabase(),
    REDIS_URL: await createTestRedis(),
    TEMPORAL_ADDRESS: testTemporalAddress(),
    TEMPORAL_NAMESPACE: await createTestNamespace(),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    PORT: String(port),
    WORKER_PORT: String(workerPort),
    SANDBOX_WEBHOOK_SECRET: 'a secret of the tests',
    ...more,
  };
  const start = (name: 'api' | 'worker') => startProgram(mainOf(name), { ...env, ...only[name] }, { lives: 'file' });
  const started = { api: start('api'), worker: start('worker') };
  const urls = { api: env.PUBLIC_URL, worker: `http://127.0.0.1:${workerPort}` };
  await vi.waitFor(async () => {
    for (const url of Object.values(urls)) expect(await status(`${url}/readyz`)).toBe(200);
  }, PATIENCE);
  return {
    urls,
    databaseUrl: env.DATABASE_URL,
    started,
    async end() {
      for (const { child, ended } of Object.values(started)) {
        child.kill('SIGTERM');
        await ended;
      }
    },
  } satisfies BothPrograms;
}
