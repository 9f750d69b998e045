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

export type ProgramName = 'api' | 'worker';

/** A database, a Redis and a namespace of their own for programs to be started on. */
export type Ground = {
  namespace: string;
  databaseUrl: string;
  /** Listens on the port; with settings beside those of the ground. It is not waited for. */
  start(program: ProgramName, port: number, settings?: Record<string, string>): Started;
};

const READY_WITHIN_MS = 120_000;

/** With settings beside the usual ones. */
export async function openGround(settings: Record<string, string>): Promise<Ground> {
  const [databaseUrl, namespace] = [await createTestDatabase(), await createTestNamespace()];
  const environment = {
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    REDIS_URL: await createTestRedis(),
    TEMPORAL_ADDRESS: testTemporalAddress(),
    TEMPORAL_NAMESPACE: namespace,
    SANDBOX_WEBHOOK_SECRET: WEBHOOK_SECRET,
    ...settings,
  };
  return {
    ...{ databaseUrl, namespace },
    start(program, port, more = {}) {
      const main = fileURLToPath(new URL(`../${program}/main.ts`, import.meta.url));
      const at = { [program === 'api' ? 'PORT' : 'WORKER_PORT']: String(port) };
      return startProgram(main, { ...environment, ...at, ...more }, { lives: 'file' });
    },
  };
}

/** Until each is ready that was started on its port. Fails with what they said, and which of them had ended. */
export async function untilReady(started: readonly { port: number; program: Started }[]): Promise<void> {
  await until(
    () => Promise.all(started.map(({ port }) => status(`http://127.0.0.1:${port}/readyz`))),
    (all) => all.every((each) => each === 200),
    READY_WITHIN_MS,
  ).catch((error: Error) => {
    const said = started.map(({ port, program: { child, output } }) => {
      return `${port} ${child.exitCode ?? child.signalCode ?? 'runs'}: ${output()}`;
    });
    throw new Error([error.message, ...said].join('\n'));
  });
}

/** With settings beside the usual ones. */
export async function startPrograms(settings: Record<string, string> = {}): Promise<Programs> {
  const [port, workerPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const ports = { PUBLIC_URL: url, PORT: String(port), WORKER_PORT: String(workerPort) };
  const { databaseUrl, namespace, start } = await openGround({ ...ports, ...settings });
  const [api, worker] = [start('api', port), start('worker', workerPort)];
  await untilReady([
    { port, program: api },
    { port: workerPort, program: worker },
  ]);
  return {
    ...{ url, api, worker, namespace, databaseUrl },
    async end() {
      for (const { child } of [api, worker]) child.kill('SIGTERM');
      return Promise.all([api.ended, worker.ended]);
    },
  };
}
