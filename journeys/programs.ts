import { fileURLToPath } from 'node:url';
import { freePort } from '#local/ports.ts';
import { createTestDatabase, createTestNamespace, createTestRedis, testTemporalAddress } from '#local/testStack.ts';
import { type Started, startProgram, status } from '#program/testing/programs.ts';
import { until, WEBHOOK_SECRET } from './person.ts';

/** An API and a worker as processes of their own, on real servers; they end with the file. */
export type Programs = {
  url: string;
  api: Started;
  worker: Started;
  namespace: string;
  databaseUrl: string;
  /** Ends both in order, as a release does. Answers with what: 0 where all was well. */
  end(): Promise<(number | null)[]>;
};

const READY_WITHIN_MS = 120_000;

/** With settings beside the usual ones. */
export async function startPrograms(settings: Record<string, string> = {}): Promise<Programs> {
  const [port, workerPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const [databaseUrl, namespace] = [await createTestDatabase(), await createTestNamespace()];
  const environment = {
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    REDIS_URL: await createTestRedis(),
    TEMPORAL_ADDRESS: testTemporalAddress(),
    TEMPORAL_NAMESPACE: namespace,
    PUBLIC_URL: url,
    PORT: String(port),
    WORKER_PORT: String(workerPort),
    SANDBOX_WEBHOOK_SECRET: WEBHOOK_SECRET,
    ...settings,
  };
  const start = (program: string) =>
    startProgram(fileURLToPath(new URL(`../${program}/main.ts`, import.meta.url)), environment, { lives: 'file' });
  const [api, worker] = [start('api'), start('worker')];
  await until(
    async () => [await status(`${url}/readyz`), await status(`http://127.0.0.1:${workerPort}/readyz`)],
    (both) => both.every((each) => each === 200),
    READY_WITHIN_MS,
  ).catch((error: Error) => {
    throw new Error(`${error.message}\n${api.output()}\n${worker.output()}`);
  });
  return {
    url,
    api,
    worker,
    namespace,
    databaseUrl,
    async end() {
      for (const { child } of [api, worker]) child.kill('SIGTERM');
      return Promise.all([api.ended, worker.ended]);
    },
  };
}
