import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '#db/migrate.ts';
import { forgetOtherPostgres, reachOursDirectly } from './environment.ts';
import type { Part } from './part.ts';
import { freePort } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { identify, isRunning } from './process.mjs';
import { fetchRedis, findRedis, startRedis } from './redis.ts';
import { startTemporal } from './temporal.ts';
import { startTemporalOnPostgres } from './temporalOnPostgres.ts';
import { findClusterPrograms, findTemporal } from './temporalProgram.ts';
import { temporalInTests } from './testTemporal.ts';

/** What a test file is told about the servers of this run; `testStack.ts` makes something of it. */
export interface TestServers {
  /** The database `postgres`, for making others. */
  readonly postgresUrl: string;
  /** Migrated and empty; every test database is a copy. */
  readonly templateDatabase: string;
  readonly redisUrl: string;
  readonly temporalAddress: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    readonly tandem: TestServers;
  }
}

const PREFIX = 'tandem-test-';

/**
 * Vitest's global set-up of the integration tests: a Postgres, a Redis and a Temporal server of this run's own, on
 * free ports, with nothing kept. They end with the run; when it is killed, the kernel ends them.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  removeLeftovers();
  reachOursDirectly();
  forgetOtherPostgres();
  const dir = mkdtempSync(join(tmpdir(), PREFIX));
  writeFileSync(join(dir, 'owner.json'), JSON.stringify(identify(process.pid)));
  mkdirSync(join(dir, 'logs'));
  const log = (name: string) => join(dir, 'logs', `${name}.log`);
  const parts: Part[] = [];
  const stop = async () => {
    await Promise.all(parts.map((part) => part.stop()));
    rmSync(dir, { recursive: true, force: true });
  };
  // Parts that started while another failed have to end as well: nothing is left out of `parts`.
  const started = await Promise.allSettled([
    startTestPostgres(dir, log('postgres'), parts),
    startTestRedis(dir, log('redis'), parts),
    startTestTemporal(dir, log, parts),
  ]);
  const failed = started.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  const [postgres, redis, temporal] = started.map((one) => (one as PromiseFulfilledResult<unknown>).value) as [
    Pick<TestServers, 'postgresUrl' | 'templateDatabase'>,
    string,
    string,
  ];
  project.provide('tandem', { ...postgres, redisUrl: redis, temporalAddress: temporal });
  return stop;
}

async function startTestPostgres(dir: string, log: string, parts: Part[]) {
  const options = { dir: join(dir, 'postgres'), port: await freePort(), log };
  const postgres = await startPostgres({ ...options, durable: false, forTests: true });
  parts.push(postgres);
  await migrate(postgres.url);
  const { href: postgresUrl } = Object.assign(new URL(postgres.url), { pathname: '/postgres' });
  const client = new Client({ connectionString: postgresUrl });
  await client.connect();
  // Nobody may stay connected to a database that is copied.
  await client.query('ALTER DATABASE tandem ALLOW_CONNECTIONS false');
  await client.end();
  return { postgresUrl, templateDatabase: 'tandem' };
}

async function startTestRedis(dir: string, log: string, parts: Part[]): Promise<string> {
  if (findRedis() === null) {
    const reason = await fetchRedis(console.log);
    if (reason !== null) throw new Error(`The tests need Redis, and it could not be fetched (${reason}): install it.`);
  }
  const redis = await startRedis({ dir: join(dir, 'redis'), port: await freePort(), log, durable: false });
  parts.push(redis);
  return redis.url;
}

async function startTestTemporal(dir: string, log: (name: string) => string, parts: Part[]): Promise<string> {
  const temporal =
    temporalInTests() === 'postgres'
      ? await startClusterServer(dir, log, parts)
      : await startTemporal({
          program: await findTemporal(console.log),
          port: await freePort(),
          log: log('temporal'),
          forTests: true,
        });
  parts.push(temporal);
  return temporal.address;
}

/** With a Postgres to itself, whose connections nobody else takes. */
async function startClusterServer(dir: string, log: (name: string) => string, parts: Part[]) {
  const programs = await findClusterPrograms(console.log);
  const folder = join(dir, 'temporal-postgres');
  const postgres = await startPostgres({
    dir: folder,
    port: await freePort(),
    log: log('temporal-postgres'),
    durable: false,
  });
  parts.push(postgres);
  return startTemporalOnPostgres({
    programs,
    postgresUrl: postgres.url,
    dir: join(dir, 'temporal'),
    log: log('temporal'),
  });
}

/** Folders of runs that were killed; their servers ended with them. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    const file = join(folder, 'owner.json');
    try {
      if (existsSync(file) && !isRunning(JSON.parse(readFileSync(file, 'utf8')))) {
        rmSync(folder, { recursive: true, force: true });
      }
    } catch {
      // Another user's, or just being made.
    }
  }
}
