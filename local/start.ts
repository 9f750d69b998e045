import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { migrate } from '#db/migrate.ts';
import { buildConsole } from './consoleBuild.ts';
import { Home, HomeInUse, type StackFile } from './home.ts';
import { type Part, PartFailure, type PartName } from './part.ts';
import { freePort, holderOf, isFree } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { commandOf, identify, isRunning, parentOf } from './process.mjs';
import { startProgram } from './program.ts';
import { fetchRedis, findRedis, startRedis } from './redis.ts';
import { registerSearchAttributes } from './searchAttributes.ts';
import { demoAccountsFor, seedHome } from './seed.ts';
import { keptSecret, readSettings, SettingInvalid, type Settings } from './settings.ts';
import { Supervisor } from './supervisor.ts';
import { startTemporal } from './temporal.ts';
import { findTemporal } from './temporalProgram.ts';

/**
 * `npm start`: runs all of Tandem on this machine and stays in front of it until Ctrl-C. What has a URL in the
 * environment is used as it is; everything else is started here, kept running, and stopped again.
 */

/** Whoever writes stops before whoever it writes to. */
const STOP_ORDER: readonly (readonly PartName[])[] = [['api', 'worker'], ['temporal', 'redis'], ['postgres']];

// The terminal, or what npm was piped into, may be gone before us.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

let home: Home | undefined;
const supervisor = new Supervisor({
  say,
  spawned: () => home?.recordParts(supervisor.parts),
  ready: ({ name, pid }) => {
    pids[name] = pid;
    writeStack();
  },
});
/** The last ready process of each part; a part that is being started again keeps its old one until then. */
const pids: StackFile['pids'] & Record<PartName, number | null> = {
  supervisor: process.pid,
  api: null,
  worker: null,
  postgres: null,
  redis: null,
  temporal: null,
};
/** Said at the end of start-up, and otherwise when it fails: a new administrator's password is in it, and nowhere else. */
let howToSignIn: string[] = [];
/** What start-up is still doing. */
const underway: Promise<unknown>[] = [];
let stack: Omit<StackFile, 'pids'> | null = null;
let stopping: Promise<void> | null = null;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stopping === null) say('Stopping …');
    stopping ??= stop(0);
  });
}
process.on('uncaughtException', fail);
watchNpm();
try {
  await all({ boot: boot() });
} catch (error) {
  fail(error);
}

/** Whatever went wrong: says it and stops what was started. A stop that is under way makes errors of its own. */
function fail(error: unknown): void {
  if (stopping !== null) return;
  explain(error);
  stopping = stop(1);
}

async function boot(): Promise<void> {
  const settings = await readSettings(process.env);
  home = new Home(settings.home);
  await home.endOrphans(say);
  await requireFreePort(settings);
  say(`Tandem starts, with everything it keeps in ${home.dir}`);
  const parts = await all({
    databaseUrl: bringUpDatabase(home, settings),
    redisUrl: bringUpRedis(home, settings),
    temporal: bringUpTemporal(home, settings),
    console: bringUpConsole(),
  });
  howToSignIn = await seedHome(parts.databaseUrl, process.env);
  const api = `http://${settings.host === '0.0.0.0' ? '127.0.0.1' : settings.host}:${settings.port}`;
  await bringUpPrograms(home, settings, api, parts);
  stack = {
    api,
    console: `${api}/`,
    temporalUi: parts.temporal.ui,
    temporalAddress: parts.temporal.address,
    databaseUrl: parts.databaseUrl,
    redisUrl: parts.redisUrl,
  };
  writeStack();
  setInterval(() => home?.trimLogs(), 60_000).unref();
  introduce(home, stack);
}

async function bringUpDatabase(home: Home, settings: Settings): Promise<string> {
  const url = await bringUpPostgres(home, settings);
  const start = performance.now();
  try {
    await migrate(url);
  } catch (error) {
    throw new PartFailure(`The database could not be brought to today's schema: ${(error as Error).message}`);
  }
  say(`  schema    is today's ${seconds(start)}`);
  return url;
}

async function bringUpPostgres(home: Home, settings: Settings): Promise<string> {
  if (settings.databaseUrl !== null) {
    await requireAnswer('DATABASE_URL', () => asksPostgres(settings.databaseUrl as string));
    return settings.databaseUrl;
  }
  const start = performance.now();
  const port = portKeeper(home, 'postgres');
  const postgres = await supervisor.keep('postgres', async (spawned) =>
    startPostgres({ dir: home.path('postgres'), port: await port(), log: home.log('postgres'), spawned }),
  );
  report(postgres, start);
  return postgres.url;
}

async function bringUpRedis(home: Home, settings: Settings): Promise<string | null> {
  if (settings.redisUrl !== null) {
    await requireAnswer('REDIS_URL', () => asksRedis(settings.redisUrl as string));
    return settings.redisUrl;
  }
  const start = performance.now();
  const missing = findRedis() === null ? await fetchRedis(say, supervisor.stopping) : null;
  if (missing !== null) {
    supervisor.stopping.throwIfAborted();
    say(`  redis is missing (${missing}): going on without it, slower to show what others do. Install redis-server.`);
    return null;
  }
  const port = portKeeper(home, 'redis');
  const redis = await supervisor.keep('redis', async (spawned) =>
    startRedis({ dir: home.path('redis'), port: await port(), log: home.log('redis'), spawned }),
  );
  report(redis, start);
  return redis.url;
}

async function bringUpTemporal(home: Home, settings: Settings): Promise<{ address: string; ui: string | null }> {
  if (settings.temporalAddress !== null) {
    const address = settings.temporalAddress;
    await requireAnswer('TEMPORAL_ADDRESS', () => registerSearchAttributes(address, settings.temporalNamespace));
    return { address, ui: settings.temporalUi };
  }
  const program = await findTemporal(say, supervisor.stopping);
  const start = performance.now();
  const port = portKeeper(home, 'temporal');
  const uiPort = portKeeper(home, 'temporalUi');
  const temporal = await supervisor.keep('temporal', async (spawned) => {
    const started = await startTemporal({
      program,
      port: await port(),
      uiPort: await uiPort(),
      dbFile: home.path('temporal', 'temporal.db'),
      log: home.log('temporal'),
      spawned,
    });
    // A new store knows them; one of an older release may lack some.
    await registerSearchAttributes(started.address, settings.temporalNamespace);
    return started;
  });
  report(temporal, start);
  return { address: temporal.address, ui: temporal.ui };
}

async function bringUpConsole(): Promise<void> {
  const start = performance.now();
  if (await buildConsole(supervisor.stopping)) say(`  console   built ${seconds(start)}`);
}

async function bringUpPrograms(
  home: Home,
  settings: Settings,
  api: string,
  parts: { databaseUrl: string; redisUrl: string | null; temporal: { address: string; ui: string | null } },
): Promise<void> {
  const workerPort = portKeeper(home, 'worker');
  const env = {
    NODE_ENV: 'development',
    SANDBOX_WEBHOOK_SECRET: keptSecret(home.path('sandbox-webhook-secret')),
    PUBLIC_URL: api,
    DEMO_ACCOUNTS: demoAccountsFor(process.env),
    ...nonEmpty(process.env),
    TANDEM_HOME: home.dir,
    HOST: settings.host,
    PORT: String(settings.port),
    WORKER_PORT: String(await workerPort()),
    DATABASE_URL: parts.databaseUrl,
    TEMPORAL_ADDRESS: parts.temporal.address,
    ...(parts.temporal.ui === null ? {} : { TEMPORAL_UI_URL: parts.temporal.ui }),
    ...(parts.redisUrl === null ? {} : { REDIS_URL: parts.redisUrl }),
  };
  await all({
    api: bringUpProgram(home, 'api', `${api}/livez`, env),
    worker: bringUpProgram(home, 'worker', `http://127.0.0.1:${env.WORKER_PORT}/readyz`, env),
  });
}

async function bringUpProgram(
  home: Home,
  name: 'api' | 'worker',
  readyUrl: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const start = performance.now();
  report(
    await supervisor.keep(name, (spawned) => startProgram({ name, readyUrl, env, log: home.log(name), spawned })),
    start,
  );
}

/**
 * Where a part listens: the port it had last time where that is free. It is chosen once a start; only while the part
 * has not been up yet may it be another, as afterwards others know it.
 */
function portKeeper(home: Home, name: string): () => Promise<number> {
  let port: number | undefined;
  return async () => {
    if (port !== undefined && (stack !== null || (await isFree(port)))) return port;
    const ports = home.readPorts();
    const { [name]: last, ...others } = ports;
    port = await freePort(port === undefined ? last : undefined, Object.values(others));
    home.writePorts({ ...home.readPorts(), [name]: port });
    return port;
  };
}

async function requireFreePort({ port, host }: Settings): Promise<void> {
  if (await isFree(port, host)) return;
  const holder = holderOf(port);
  throw new SettingInvalid(
    `Port ${port} is in use${holder === null ? '' : ` by ${holder}`}: stop that, or choose another with PORT=${port + 1} npm start.`,
  );
}

/** A server that is not ours is never started or stopped; it has to answer within ten seconds. */
async function requireAnswer(variable: string, ask: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      supervisor.stopping.throwIfAborted();
      if (Date.now() > deadline) {
        throw new SettingInvalid(
          `${variable} names a server that does not answer (${(error as Error).message}): start it, or leave ${variable} out.`,
        );
      }
      await setTimeout(250);
    }
  }
}

async function asksPostgres(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 3000 });
  client.on('error', () => {});
  await client.connect();
  await client.end();
}

async function asksRedis(url: string): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: null, connectTimeout: 3000 });
  client.on('error', () => {});
  try {
    await client.connect();
  } finally {
    client.disconnect();
  }
}

/** All of them, side by side; the first failure ends the wait, and `stop` sees to the others. */
async function all<T extends Record<string, unknown>>(work: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  underway.push(...Object.values(work));
  const results = await Promise.all(Object.values(work));
  return Object.fromEntries(Object.keys(work).map((name, at) => [name, results[at]])) as T;
}

function writeStack(): void {
  if (home !== undefined && stack !== null && stopping === null) home.writeStack({ ...stack, pids });
}

/** Ends all parts, then whatever start-up was still doing, then this process. */
async function stop(code: number): Promise<void> {
  await supervisor.stop(STOP_ORDER);
  await Promise.allSettled(underway);
  for (const line of howToSignIn) say(line);
  await supervisor.stop(STOP_ORDER);
  home?.removeStack();
  home?.close();
  if (code === 0) say('Stopped.');
  process.exit(code);
}

/**
 * An npm that is killed does not take us with it, and nobody would be in front of us any more. It runs us by a shell,
 * which may or may not have become us. Somebody who started us without npm may well have meant us to stay.
 */
function watchNpm(): void {
  if (process.env.npm_lifecycle_event !== 'start') return;
  const above = [process.ppid];
  if (/^\S*sh -c /.test(commandOf(process.ppid))) above.push(parentOf(process.ppid) ?? process.ppid);
  const watched = above.flatMap((pid) => identify(pid) ?? []);
  setInterval(() => {
    if (stopping !== null || watched.every(isRunning)) return;
    say('npm is gone: stopping.');
    stopping = stop(0);
  }, 500).unref();
}

function explain(error: unknown): void {
  const expected = error instanceof PartFailure || error instanceof SettingInvalid || error instanceof HomeInUse;
  console.error(expected ? error.message : error);
  if (error instanceof PartFailure && error.details !== '') console.error(error.details.replaceAll(/^/gm, '  | '));
}

function report(part: Part, since: number): void {
  say(`  ${part.name.padEnd(9)} process ${part.pid} ${seconds(since)}`);
}

function introduce(home: Home, stack: Omit<StackFile, 'pids'>): void {
  const rows = [
    ['Console and API', stack.console],
    ['API documents', `${stack.api}/docs`],
    ['Temporal Web UI', stack.temporalUi ?? '(of the server that TEMPORAL_ADDRESS names)'],
    ['Logs', home.path('logs')],
    ['All addresses', home.path('stack.json')],
  ];
  const lines = rows.map(([what, where]) => `${what?.padEnd(16)} ${where}`);
  for (const line of ['', ...lines, '', ...howToSignIn, 'Ctrl-C stops all of it.', ''])
    console.log(line && `  ${line}`);
  howToSignIn = [];
  console.log(`ready ${stack.api}`);
}

function nonEmpty(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
}

function say(line: string): void {
  console.log(line);
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
