import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Part } from '#local/part.ts';
import { freePort } from '#local/ports.ts';
import { startProgram } from '#local/program.ts';
import { DEPLOYMENT } from '#worker/cluster.ts';
import { use } from '../../journeys/releasing.ts';
import { WEBHOOK_SECRET } from '../clicks/deals.ts';
import type { Checkout } from './checkout.ts';
import type { Servers } from './servers.ts';

/** One release: its API and its worker, which begin and end as those of any deployment do. */
export type Side = {
  name: 'before' | 'today';
  /** Where its API is; null while it has none. */
  url: string | null;
  /** `local/prepare.ts` of its own checkout: its schema, and what Temporal has to know. */
  prepare(): Promise<void>;
  startApi(): Promise<void>;
  startWorker(): Promise<void>;
  /** Its workers are given all workflows from now on. */
  use(): Promise<void>;
  stopApi(): Promise<void>;
  stopWorker(): Promise<void>;
  /** Runs that could not go on and were begun anew, by all of its workers: of what, and what was wrong. */
  begunAnew(): string[];
};

export const ADMIN = { handle: 'the_admin', password: 'a password of the admin' };
const READY_WITHIN_MS = 120_000;
const STOP_MS = 10_000;
const run = promisify(execFile);

export async function openSide(
  name: Side['name'],
  checkout: Checkout,
  buildId: string,
  servers: Servers,
): Promise<Side> {
  // The same whenever it is there: its workers ask the sandbox's provider there.
  const apiPort = await freePort();
  let api: Program | null = null;
  let worker: Program | null = null;
  const env = {
    ...process.env,
    NODE_ENV: 'development',
    DATABASE_URL: servers.databaseUrl,
    REDIS_URL: servers.redisUrl,
    TEMPORAL_ADDRESS: servers.temporalAddress,
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_WORKER_BUILD_ID: buildId,
    SANDBOX_WEBHOOK_SECRET: WEBHOOK_SECRET,
    // A measure has one address and few accounts, and is in a hurry.
    ACCOUNT_WRITES_PER_MINUTE: '0',
    ADDRESS_REQUESTS_PER_MINUTE: '0',
    TRUST_PROXY: '127.0.0.1',
    PACE_PERCENT: '100000',
    OPEN_AT_ONCE_PERCENT: '100000',
    PAYOUT_HOLD: 'PT1S',
    PAYOUT_NEW_DESTINATION_HOLD: 'PT1S',
    PUBLIC_URL: `http://127.0.0.1:${apiPort}`,
    ADMIN_HANDLE: ADMIN.handle,
    ADMIN_PASSWORD: ADMIN.password,
    HOST: '127.0.0.1',
  };
  /** Its own `main.ts`, run where it lies. */
  async function start(program: 'api' | 'worker'): Promise<Program> {
    const port = program === 'api' ? apiPort : await freePort();
    const url = `http://127.0.0.1:${port}`;
    const part = await startProgram({
      name: program,
      root: checkout.folder,
      readyUrl: `${url}/readyz`,
      env: { ...env, PORT: String(port), WORKER_PORT: String(port) },
      log: join(servers.dir, `${name}-${program}-${port}.log`),
      readyWithinMs: READY_WITHIN_MS,
      stopMs: STOP_MS,
    });
    return { part, url };
  }
  const side: Side = {
    name,
    url: null,
    async prepare() {
      await run(process.execPath, ['local/prepare.ts'], { cwd: checkout.folder, env });
    },
    async startApi() {
      api = await start('api');
      side.url = api.url;
    },
    async startWorker() {
      worker = await start('worker');
    },
    use() {
      const { temporal: client } = servers;
      return use({ client, namespace: 'default', taskQueue: 'tandem' }, { deploymentName: DEPLOYMENT, buildId });
    },
    async stopApi() {
      side.url = null;
      await api?.part.stop();
      api = null;
    },
    async stopWorker() {
      await worker?.part.stop();
      worker = null;
    },
    begunAnew: () => globSync(join(servers.dir, `${name}-worker-*.log`)).flatMap(begunAnewIn),
  };
  return side;
}

type Program = { part: Part; url: string };

/** What `worker/stuck.ts` says of each. */
const BEGUN_ANEW = 'a run that could not go on was ended';

function begunAnewIn(log: string): string[] {
  const lines = readFileSync(log, 'utf8').split('\n');
  return lines
    .filter((line) => line.includes(BEGUN_ANEW))
    .map((line) => {
      const { workflow_id, problems } = JSON.parse(line);
      return `${workflow_id} (${problems.join(', ')})`;
    });
}
