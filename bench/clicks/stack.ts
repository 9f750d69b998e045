import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { migrate } from '#db/migrate.ts';
import type { Part } from '#local/part.ts';
import { freePort } from '#local/ports.ts';
import { type Postgres, startPostgres } from '#local/postgres.ts';
import { startProgram } from '#local/program.ts';
import { startRedis } from '#local/redis.ts';
import { startTemporal } from '#local/temporal.ts';
import { findTemporal } from '#local/temporalProgram.ts';
import { WEBHOOK_SECRET } from './deals.ts';
import { probing } from './probe.ts';

/** The servers that are measured on, all with synced writes, and Tandem's own processes on top of them. */
export type Stack = {
  postgres: Postgres;
  redis: Part & { url: string };
  temporal: Part & { address: string };
  dir: string;
  /** Makes a database, empty or as a copy, and gives its URL. */
  createDatabase(name: string, template?: string): Promise<string>;
  /** With settings beside the usual ones, as the worker. */
  startApi(databaseUrl: string, settings?: Record<string, string>): Promise<Program>;
  startWorker(databaseUrl: string, settings?: Record<string, string>): Promise<Program>;
  stop(): Promise<void>;
};

/** An API or worker process. `probe` is asked for samples and profiles. */
export type Program = Part & { url: string; probe: string };

export async function startStack(dir: string, say: (line: string) => void): Promise<Stack> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const log = (name: string) => join(dir, `${name}.log`);
  const parts: Part[] = [];
  const keep = <P extends Part>(part: P): P => {
    parts.push(part);
    return part;
  };
  const spawned = (part: Part) => void parts.push(part);
  const stop = async () => {
    await Promise.all(parts.filter(({ name }) => name === 'api' || name === 'worker').map((part) => part.stop()));
    await Promise.all(parts.map((part) => part.stop()));
  };
  try {
    const program = await findTemporal(say);
    const [postgres, redis, temporal] = await Promise.all([
      startPostgres({ dir: join(dir, 'postgres'), port: await freePort(), log: log('postgres'), spawned }).then(keep),
      startRedis({ dir: join(dir, 'redis'), port: await freePort(), log: log('redis'), spawned }).then(keep),
      startTemporal({
        program,
        port: await freePort(),
        dbFile: join(dir, 'temporal', 'temporal.db'),
        log: log('temporal'),
        spawned,
      }).then(keep),
    ]);
    await migrate(postgres.url);

    const start = async (name: 'api' | 'worker', databaseUrl: string, settings = {}): Promise<Program> => {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const probe = await freePort();
      const part = await startProgram({
        name,
        readyUrl: name === 'api' ? `${url}/livez` : `${url}/readyz`,
        log: log(`${name}-${port}`),
        env: {
          ...process.env,
          ...probing(probe),
          // A measure has one address and few accounts, and pays at the sandbox.
          NODE_ENV: 'development',
          ACCOUNT_WRITES_PER_MINUTE: '0',
          PACE_PERCENT: '100000',
          ADDRESS_REQUESTS_PER_MINUTE: '0',
          SANDBOX_WEBHOOK_SECRET: WEBHOOK_SECRET,
          HOST: '127.0.0.1',
          PORT: String(port),
          WORKER_PORT: String(port),
          PUBLIC_URL: url,
          DATABASE_URL: databaseUrl,
          REDIS_URL: redis.url,
          TEMPORAL_ADDRESS: temporal.address,
          TEMPORAL_NAMESPACE: 'default',
          ...settings,
        },
        spawned,
      });
      return Object.assign(part, { url, probe: `http://127.0.0.1:${probe}` });
    };
    return {
      postgres,
      redis,
      temporal,
      dir,
      createDatabase: (name, template) => createDatabase(postgres.url, name, template),
      startApi: (databaseUrl, settings) => start('api', databaseUrl, settings),
      startWorker: (databaseUrl, settings) => start('worker', databaseUrl, settings),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function createDatabase(url: string, name: string, template = 'template0'): Promise<string> {
  const client = new Client({ connectionString: databaseUrl(url, 'postgres') });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  } finally {
    await client.end();
  }
  return databaseUrl(url, name);
}

export function databaseUrl(url: string, name: string): string {
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}
