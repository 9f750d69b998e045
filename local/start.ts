import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { urlOf } from '#api/config.ts';
import { migrate } from '#db/migrate.ts';
import { readCluster } from '#worker/cluster.ts';
import { type Address, requireFree } from './address.ts';
import { Breaking } from './breaking.ts';
import { buildConsole } from './consoleBuild.ts';
import { forgetOtherPostgres, reachOursDirectly } from './environment.ts';
import { fileTrouble } from './fileTrouble.ts';
import { Home, HomeInUse, type StackFile } from './home.ts';
import { type Part, PartFailure, type PartName, settledWithin } from './part.ts';
import { freePort, isFree } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { commandOf, identify, isRunning, parentOf } from './process.mjs';
import { startProgram } from './program.ts';
import { findRabbit, startRabbit } from './rabbitmq.ts';
import { fetchRedis, findRedis, startRedis } from './redis.ts';
import { registerSearchAttributes } from './searchAttributes.ts';
import { demoAccountsFor, seedHome } from './seed.ts';
import { keptSecret, readSettings, SECRETS_KEY_FILE, SettingInvalid, type Settings } from './settings.ts';
import { Supervisor } from './supervisor.ts';
import { startTemporal } from './temporal.ts';
import { findTemporal } from './temporalProgram.ts';

/**
 * `npm start`: runs all of Tandem on this machine and stays in front of it until Ctrl-C. What has a URL in the
 * environment is used as it is; everything else is started here, kept running, and stopped again.
 */

/** Whoever writes stops before whoever it writes to. */
const STOP_ORDER: readonly (readonly PartName[])[] = [
  ['api', 'worker'],
  ['temporal', 'redis', 'rabbitmq'],
  ['postgres'],
];
/** How long a stop waits for what start-up was doing: a server that is not ours may keep it waiting for ever. */
const UNDERWAY_MS = 1500;
/** What follows the first Ctrl-C sooner is the same one: npm passes on what the terminal has sent to us as well. */
const SECOND_CTRL_C_MS = 1000;
/** The gRPC status. */
const NOT_FOUND = 5;

// The terminal, or what npm was piped into, may be gone before us.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

let home: Home | undefined;
const breaking = new Breaking();
const supervisor = new Supervisor({
  say,
  spawned: (part) => {
    home?.recordParts(supervisor.parts);
    breaking.spawned(part);
  },
  ready: (part) => {
    pids[part.name] = part.pid;
    writeStack();
    breaking.ready(part);
  },
});
/** The last ready process of each part; a part that is being started again keeps its old one until then. */
const pids: StackFile['pids'] & Record<PartName, number | null> = {
  supervisor: process.pid,
  api: null,
  worker: null,
  postgres: null,
  redis: null,
  rabbitmq: null,
  temporal: null,
};
/** Said at the end of start-up, and otherwise when it fails: a new administrator's password is in it, and nowhere else. */
let howToSignIn: string[] = [];
/** What start-up is still doing. */
const underway: Promise<unknown>[] = [];
let stack: Omit<StackFile, 'pids'> | null = null;
let stopping: Promise<void> | null = null;
let stopBegan = 0;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stopping === null) {
      say('Stopping …');
      stopping = stop(0);
    } else if (signal === 'SIGINT' && performance.now() - stopBegan > SECOND_CTRL_C_MS) {
      // The kernel ends the parts with us, or the next start does.
      tellHowToSignIn();
      process.exit(130);
    }
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
  if (settings.databaseUrl === null) forgetOtherPostgres();
  home = new Home(settings.home);
  await home.endOrphans(say);
  const { host, port } = settings;
  const address: Address = { host, port, settings: { host: 'HOST', port: 'PORT' } };
  await requireFree(address);
  const workerAddress = await addressOfWorker(home, settings);
  reachOursDirectly([host, settings.workerHost].map((each) => new URL(urlOf(each, 80)).hostname));
  say(`Tandem starts, with everything it keeps in ${home.dir}`);
  const parts = await all({
    databaseUrl: bringUpDatabase(home, settings),
    redisUrl: bringUpRedis(home, settings),
    amqpUrl: bringUpRabbit(home, settings),
    temporal: bringUpTemporal(home, settings),
    console: bringUpConsole(),
  });
  supervisor.stopping.throwIfAborted();
  howToSignIn = await seedHome(parts.databaseUrl, process.env);
  const api = urlOf(host, port);
  await bringUpPrograms(home, address, workerAddress, parts);
  stack = {
    api,
    console: `${api}/`,
    temporalUi: parts.temporal.ui,
    temporalAddress: parts.temporal.address,
    databaseUrl: parts.databaseUrl,
    redisUrl: parts.redisUrl,
    amqpUrl: parts.amqpUrl,
  };
  writeStack();
  setInterval(() => home?.trimLogs(), 60_000).unref();
  introduce(home, stack);
}

async function bringUpDatabase(home: Home, settings: Settings): Promise<string> {
  const url = await bringUpPostgres(home, settings);
  supervisor.stopping.throwIfAborted();
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

/**
 * Where RabbitMQ is installed, one of ours. Nobody waits for its ten seconds: what it is to be told waits in Postgres
 * until it is there, and Tandem is whole without it.
 */
async function bringUpRabbit(home: Home, settings: Settings): Promise<string | null> {
  // Only where it is asked for: Erlang's name server outlives a broker that was stopped.
  if (settings.amqpUrl !== null || process.env.START_RABBITMQ !== 'yes' || !findRabbit()) return settings.amqpUrl;
  const start = performance.now();
  const [port, distPort, epmdPort] = ['rabbitmq', 'rabbitmqNode', 'rabbitmqNames'].map((name) =>
    portKeeper(home, name),
  ) as [() => Promise<number>, () => Promise<number>, () => Promise<number>];
  const ports = { port: await port(), distPort: await distPort(), epmdPort: await epmdPort() };
  const starting = supervisor.keep('rabbitmq', (spawned) =>
    startRabbit({ dir: home.path('rabbitmq'), ...ports, log: home.log('rabbitmq'), spawned }),
  );
  underway.push(starting);
  starting.then(
    (rabbit) => report(rabbit, start),
    (error: unknown) => {
      if (!supervisor.stopping.aborted)
        say(`  rabbitmq does not run (${(error as Error).message}): going on without it`);
    },
  );
  return `amqp://guest:guest@127.0.0.1:${ports.port}`;
}

async function bringUpTemporal(home: Home, settings: Settings): Promise<{ address: string; ui: string | null }> {
  if (settings.temporalAddress !== null) {
    const address = settings.temporalAddress;
    await requireAnswer('TEMPORAL_ADDRESS', () => asksTemporal(address, settings.temporalNamespace));
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
      namespace: settings.temporalNamespace,
      log: home.log('temporal'),
      spawned,
    });
    // A new store knows them; one of an older release may lack some.
    await registerSearchAttributes({ address: started.address, namespace: settings.temporalNamespace });
    return started;
  });
  report(temporal, start);
  return { address: temporal.address, ui: temporal.ui };
}

async function bringUpConsole(): Promise<void> {
  const start = performance.now();
  if (await buildConsole(supervisor.stopping)) say(`  console   built ${seconds(start)}`);
}

/** The port that WORKER_PORT names, or a free one. */
async function addressOfWorker(home: Home, { workerHost: host, workerPort }: Settings): Promise<Address> {
  const settings = { host: 'WORKER_HOST', port: 'WORKER_PORT' };
  const address = { host, port: workerPort ?? (await portKeeper(home, 'worker')()), settings };
  await requireFree(address);
  return address;
}

async function bringUpPrograms(
  home: Home,
  address: Address,
  workerAddress: Address,
  parts: {
    databaseUrl: string;
    redisUrl: string | null;
    amqpUrl: string | null;
    temporal: { address: string; ui: string | null };
  },
): Promise<void> {
  const env = {
    NODE_ENV: 'development',
    SANDBOX_WEBHOOK_SECRET: keptSecret(home.path('sandbox-webhook-secret')),
    SECRETS_KEY: keptSecret(home.path(SECRETS_KEY_FILE)),
    PUBLIC_URL: urlOf(address.host, address.port),
    DEMO_ACCOUNTS: demoAccountsFor(process.env),
    ...nonEmpty(process.env),
    TANDEM_HOME: home.dir,
    HOST: address.host,
    PORT: String(address.port),
    WORKER_HOST: workerAddress.host,
    WORKER_PORT: String(workerAddress.port),
    DATABASE_URL: parts.databaseUrl,
    TEMPORAL_ADDRESS: parts.temporal.address,
    ...(parts.temporal.ui === null ? {} : { TEMPORAL_UI_URL: parts.temporal.ui }),
    ...(parts.redisUrl === null ? {} : { REDIS_URL: parts.redisUrl }),
    ...(parts.amqpUrl === null ? {} : { AMQP_URL: parts.amqpUrl }),
  };
  await all({
    api: bringUpProgram(home, 'api', address, '/livez', env),
    worker: bringUpProgram(home, 'worker', workerAddress, '/readyz', env),
  });
}

async function bringUpProgram(
  home: Home,
  name: 'api' | 'worker',
  address: Address,
  probe: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const start = performance.now();
  const readyUrl = `${urlOf(address.host, address.port)}${probe}`;
  const program = await supervisor.keep(name, async (spawned) => {
    // Somebody may have taken the port since we looked, and after a try that failed this says why.
    if (stack === null) await requireFree(address);
    // It alone is asked by people; the worker needs no line.
    const heard = name === 'api' ? { heard: breaking.hear.bind(breaking) } : {};
    return startProgram({ name, readyUrl, env, log: home.log(name), spawned, ...heard });
  });
  report(program, start);
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

/** A server that is not ours is never started or stopped; it has to answer within ten seconds. */
async function requireAnswer(variable: string, ask: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      supervisor.stopping.throwIfAborted();
      if (Date.now() > deadline) {
        if (error instanceof SettingInvalid) throw error;
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

/** A server may forget for a moment that it was told of a new namespace, so this is asked again like the others. */
async function asksTemporal(address: string, namespace: string): Promise<void> {
  try {
    const read = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, TEMPORAL_TASK_QUEUE: '' };
    await registerSearchAttributes(readCluster(read, process.env));
  } catch (error) {
    if ((error as { code?: number }).code !== NOT_FOUND) throw error;
    throw new SettingInvalid(
      `The server that TEMPORAL_ADDRESS names has no namespace "${namespace}": make it (\`node local/prepare.ts\` does), or choose another with TEMPORAL_NAMESPACE.`,
    );
  }
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
  stopBegan = performance.now();
  await supervisor.stop(STOP_ORDER);
  await settledWithin(Promise.allSettled(underway), UNDERWAY_MS);
  tellHowToSignIn();
  await supervisor.stop(STOP_ORDER);
  home?.removeStack();
  home?.close();
  if (code === 0) say('Stopped.');
  process.exit(code);
}

function tellHowToSignIn(): void {
  for (const line of howToSignIn) say(line);
  howToSignIn = [];
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
  console.error(expected ? error.message : (fileTrouble(error, home?.dir ?? '') ?? error));
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
