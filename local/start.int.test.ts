import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createWebServer } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Connection, Client as TemporalClient } from '@temporalio/client';
import { Redis } from 'ioredis';
import { PG_MIGRATE_LOCK_ID } from 'node-pg-migrate';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { StackFile } from './home.ts';
import type { PartName } from './part.ts';
import { freePort, isFree, whyNotFree } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { commandOf, endsWithParent, identify, isRunning, type ProcessIdentity } from './process.mjs';

/** Everything here runs `npm start`'s own program on real servers, in homes of their own. */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PARTS: readonly PartName[] = ['postgres', 'redis', 'temporal', 'api', 'worker'];

const homes: string[] = [];
const started: ChildProcess[] = [];

afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  for (const folder of homes) {
    await vi.waitFor(() => expect(processesOf(folder)).toEqual([]), { timeout: 10_000 });
    rmSync(folder, { recursive: true, force: true });
  }
});

function newHome(): string {
  // Only its owner may enter: mkdtemp makes it so.
  const folder = mkdtempSync(join(tmpdir(), 'tandem-home-'));
  homes.push(folder);
  return folder;
}

interface Start {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Its exit code or signal. */
  readonly ended: Promise<number | string>;
  /** stack.json as it is now. */
  readonly stack: () => StackFile;
  /** Resolves with the URL that the line `ready …` names. */
  ready(): Promise<string>;
}

async function start(folder: string, env: NodeJS.ProcessEnv = {}, command = [process.execPath, 'local/start.ts']) {
  // A run that is called off has no time to stop what it has started.
  const [program, ...args] = endsWithParent(command, 'SIGTERM');
  const child = spawn(program as string, args, {
    cwd: ROOT,
    // Of its own, so that what is sent to a whole group reaches this start alone.
    detached: true,
    env: {
      ...process.env,
      ...{
        DATABASE_URL: '',
        REDIS_URL: '',
        TEMPORAL_ADDRESS: '',
        ADMIN_HANDLE: '',
        NODE_ENV: '',
        npm_lifecycle_event: '',
      },
      TANDEM_HOME: folder,
      PORT: String(await freePort()),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
  }
  const ended = new Promise<number | string>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown')),
  );
  const start: Start = {
    child,
    output: () => text,
    ended,
    stack: () => JSON.parse(readFileSync(join(folder, 'stack.json'), 'utf8')),
    async ready() {
      const deadline = Date.now() + 50_000;
      for (;;) {
        const [, url] = /^ready (\S+)$/m.exec(text) ?? [];
        if (url !== undefined) return url;
        if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) throw new Error(text);
        await setTimeout(20);
      }
    },
  };
  return start;
}

/** Processes that work for a home, whoever started them, known by their environment or their command line. */
function processesOf(folder: string): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
        return environment.includes(`TANDEM_HOME=${folder}`) || commandOf(Number(pid)).includes(folder);
      } catch {
        return false;
      }
    })
    .map((pid) => `${pid} ${commandOf(Number(pid))}`)
    .filter((line) => !/^\d+ $/.test(line));
}

/** Stays in front of a database: until it is given back, a migration waits. */
async function holdMigrations(
  url: string,
): Promise<{ isAwaited: () => Promise<boolean>; release: () => Promise<void> }> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('SELECT pg_advisory_lock($1)', [PG_MIGRATE_LOCK_ID]);
  const waiting = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  return {
    isAwaited: async () => (await client.query(waiting)).rowCount === 1,
    release: () => client.end(),
  };
}

async function sql(url: string, statement: string) {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

async function redis<T>(url: string, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url);
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

async function temporal<T>(address: string, work: (client: TemporalClient) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await work(new TemporalClient({ connection }));
  } finally {
    await connection.close();
  }
}

function alive(stack: StackFile): Record<PartName | 'supervisor', ProcessIdentity> {
  // Where it is installed RabbitMQ comes later than the rest, which does not wait for it.
  const { rabbitmq: _, ...pids } = stack.pids;
  const found = Object.entries(pids).map(([name, pid]) => [name, identify(pid ?? 0)] as const);
  for (const [name, process] of found) expect(process, name).not.toBeNull();
  return Object.fromEntries(found) as Record<PartName | 'supervisor', ProcessIdentity>;
}

/** One after the other, in one home: each test finds it as the last one left it. */
describe('the life of a home', () => {
  const home = newHome();
  let running: Start;
  let stack: StackFile;

  beforeAll(async () => {
    running = await start(home);
    await running.ready();
    stack = running.stack();
  });

  test('a start says where everything is, and names the processes themselves', async () => {
    expect(running.output()).toContain(`\nready ${stack.api}\n`);
    expect((await fetch(`${stack.api}/livez`)).status).toBe(200);
    expect((await fetch(`${stack.api}/readyz`)).status).toBe(200);
    expect((await fetch(stack.temporalUi as string)).status).toBe(200);
    const processes = alive(stack);
    expect(processes.supervisor.pid).toBe(running.child.pid);
    expect(commandOf(processes.postgres.pid)).toMatch(/bin\/postgres -D /);
    expect(commandOf(processes.redis.pid)).toContain('redis-server');
    expect(commandOf(processes.temporal.pid)).toContain('server start-dev');
    expect(commandOf(processes.api.pid)).toContain('api/main.ts');
    expect(commandOf(processes.worker.pid)).toContain('worker/main.ts');
    expect(running.output()).toMatch(/Administrator: admin with the password \S{16} \(shown this once\)/);
  });

  test('its Postgres syncs what it commits, and lets nobody in without the password', async () => {
    const settings = "SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit";
    expect(await sql(stack.databaseUrl, settings)).toEqual([{ fsync: 'on', commit: 'on' }]);
    const { username, host, pathname } = new URL(stack.databaseUrl);
    await expect(sql(`postgres://${username}@${host}${pathname}`, 'SELECT')).rejects.toThrow(/password/);
  });

  test('a second start in the same home is refused in one sentence', async () => {
    const second = await start(home);
    expect(await second.ended).toBe(1);
    expect(second.output().trim().split('\n')).toHaveLength(1);
    expect(second.output()).toContain(`Tandem already runs here as process ${running.child.pid}`);
    alive(running.stack());
  });

  /** The servers of this home, for another, which comes up sooner with them. */
  async function serversFor(name: string): Promise<{ databaseUrl: string; env: NodeJS.ProcessEnv }> {
    await sql(stack.databaseUrl, `CREATE DATABASE ${name}`);
    const databaseUrl = Object.assign(new URL(stack.databaseUrl), { pathname: `/${name}` }).href;
    const env = {
      DATABASE_URL: databaseUrl,
      REDIS_URL: `${stack.redisUrl}/1`,
      TEMPORAL_ADDRESS: stack.temporalAddress,
    };
    return { databaseUrl, env };
  }

  test('servers that a URL names are used by another home, and left running and untouched', async () => {
    const servers = alive(stack);
    const guest = await start(newHome(), (await serversFor('of_guest')).env);
    await guest.ready();
    expect(guest.stack().pids).toMatchObject({ postgres: null, redis: null, temporal: null });
    expect(guest.stack().temporalAddress).toBe(stack.temporalAddress);
    guest.child.kill('SIGTERM');
    expect(await guest.ended).toBe(0);
    for (const name of ['postgres', 'redis', 'temporal'] as const) expect(isRunning(servers[name]), name).toBe(true);
  });

  test('of two homes that start with one port at once, one is told that it is in use', async () => {
    const env = { PORT: String(await freePort()) };
    const both = await Promise.all(
      ['of_one', 'of_other'].map(async (name) => start(newHome(), { ...(await serversFor(name)).env, ...env })),
    );
    const ready = both.map((each) => each.ready().then(() => each));
    const winner = await Promise.any(ready);
    const loser = both.find((each) => each !== winner) as Start;
    expect(await loser.ended).toBe(1);
    expect(loser.output()).toContain(`Port ${env.PORT} is in use by process`);
    expect(loser.output()).not.toMatch(/^ready|ended \(/m);
    await Promise.allSettled(ready);
    winner.child.kill('SIGTERM');
    expect(await winner.ended).toBe(0);
  });

  test('a port that another program takes during the start is told in the same sentence', async () => {
    const { databaseUrl, env } = await serversFor('of_late');
    const held = await holdMigrations(databaseUrl);
    const port = await freePort();
    const late = await start(newHome(), { ...env, PORT: String(port) });
    await expect.poll(held.isAwaited, { timeout: 20_000 }).toBe(true);
    const other = createWebServer((_request, response) => response.end()).listen(port, '127.0.0.1');
    await held.release();
    expect(await late.ended).toBe(1);
    expect(late.output()).toContain(`Port ${port} is in use by process ${process.pid} (`);
    expect(late.output()).not.toMatch(/^ready|ended \(/m);
    other.close();
  });

  test('a start whose migration has to wait is stopped all the same, and does nothing more', async () => {
    const { databaseUrl, env } = await serversFor('of_patient');
    const held = await holdMigrations(databaseUrl);
    const patient = await start(newHome(), env);
    await expect.poll(held.isAwaited, { timeout: 20_000 }).toBe(true);
    const began = Date.now();
    patient.child.kill('SIGINT');
    expect(await patient.ended).toBe(0);
    expect(Date.now() - began).toBeLessThan(5000);
    await held.release();
    await setTimeout(500);
    expect(await sql(databaseUrl, "SELECT to_regclass('users') AS users")).toEqual([{ users: null }]);
  });

  test('a second Ctrl-C ends it at once', async () => {
    const { databaseUrl, env } = await serversFor('of_hasty');
    const held = await holdMigrations(databaseUrl);
    const hasty = await start(newHome(), env);
    await expect.poll(held.isAwaited, { timeout: 20_000 }).toBe(true);
    hasty.child.kill('SIGINT');
    await setTimeout(1200);
    hasty.child.kill('SIGINT');
    expect(await hasty.ended).toBe(130);
    await held.release();
  });

  test('a namespace that a named server lacks is told as that', async () => {
    const lacking = await start(newHome(), { ...(await serversFor('of_lacking')).env, TEMPORAL_NAMESPACE: 'shop' });
    expect(await lacking.ended).toBe(1);
    expect(lacking.output()).toContain('The server that TEMPORAL_ADDRESS names has no namespace "shop": make it');
  });

  test('under npm, Ctrl-C stops all of a second home that ran beside it', async () => {
    const folder = newHome();
    const beside = await start(folder, {}, ['npm', 'start', '--silent']);
    await beside.ready();
    const ports = [stack, beside.stack()].flatMap(({ api, temporalUi, temporalAddress, databaseUrl, redisUrl }) =>
      [api, temporalUi, `http://${temporalAddress}`, databaseUrl, redisUrl].map((url) => new URL(url as string).port),
    );
    expect(new Set(ports).size).toBe(10);
    // What a terminal does: npm and everything in its group gets the signal.
    process.kill(-(beside.child.pid as number), 'SIGINT');
    await expect.poll(() => processesOf(folder), { timeout: 10_000 }).toEqual([]);
    // Its last words may still be in the pipe.
    await beside.ended;
    expect(beside.output()).toContain('Stopped.');
    alive(running.stack());
  });

  test('data is kept over a stop, which leaves no process within 10 s, and everything is where it was', async () => {
    await sql(stack.databaseUrl, 'CREATE TABLE kept AS SELECT 42 AS number');
    await redis(stack.redisUrl as string, (client) => client.set('kept', '42'));
    await temporal(stack.temporalAddress, (client) =>
      client.workflow.start('nobodys', {
        workflowId: 'kept',
        taskQueue: 'nobodys',
        searchAttributes: { TandemHeld: [42] },
      }),
    );
    const began = Date.now();
    running.child.kill('SIGTERM');
    expect(await running.ended).toBe(0);
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(processesOf(home)).toEqual([]);

    running = await start(home);
    await running.ready();
    const again = running.stack();
    expect({ ...again, api: '', console: '', pids: null }).toEqual({ ...stack, api: '', console: '', pids: null });
    expect(await sql(again.databaseUrl, 'SELECT number FROM kept')).toEqual([{ number: 42 }]);
    expect(await redis(again.redisUrl as string, (client) => client.get('kept'))).toBe('42');
    const found = await temporal(again.temporalAddress, (client) => client.workflow.getHandle('kept').describe());
    expect(found.status.name).toBe('RUNNING');
    expect(running.output()).not.toContain('Administrator');
  });

  test('a part that is killed comes back', async () => {
    for (const name of PARTS) {
      const before = running.stack().pids[name] as number;
      process.kill(before, 'SIGKILL');
      await expect.poll(() => running.stack().pids[name], { timeout: 45_000, message: name }).not.toBe(before);
      alive(running.stack());
      expect(running.output()).toContain(`${name} ended (signal SIGKILL): starting it again`);
    }
  });

  test('the API tells how each part is, and has one die that comes back; itself too', async () => {
    const { api } = running.stack();
    const signsIn = { handle: 'demo_brand', password: 'tandem-demo' };
    const login = await fetch(`${api}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(signsIn),
    });
    const { access } = ((await login.json()) as { data: { access: string } }).data;
    type Told = { data: { name: string; state: string; ended: number }[] };
    const told = async (name: string) => {
      const answer = await fetch(`${api}/api/sandbox/parts`).catch(() => null);
      return ((await answer?.json()) as Told | undefined)?.data.find((each) => each.name === name);
    };
    expect((await fetch(`${api}/api/sandbox/parts/worker/break`, { method: 'POST' })).status).toBe(401);
    for (const name of ['worker', 'api']) {
      const before = running.stack().pids[name as 'api'];
      const { ended } = (await told(name)) as { ended: number };
      const headers = { authorization: `Bearer ${access}` };
      expect((await fetch(`${api}/api/sandbox/parts/${name}/break`, { method: 'POST', headers })).status).toBe(202);
      await expect.poll(() => told(name), { timeout: 45_000 }).toMatchObject({ name, state: 'runs', ended: ended + 1 });
      expect(running.stack().pids[name as 'api']).not.toBe(before);
    }
  });

  test('all of them killed together are back within 45 s, and a Temporal that lost its store knows our attributes', async () => {
    const before = running.stack();
    rmSync(join(home, 'temporal'), { recursive: true });
    for (const name of PARTS) process.kill(before.pids[name] as number, 'SIGKILL');
    await expect
      .poll(() => PARTS.filter((name) => running.stack().pids[name] === before.pids[name]), { timeout: 45_000 })
      .toEqual([]);
    alive(running.stack());
    await expect.poll(async () => (await fetch(`${before.api}/readyz`)).status, { timeout: 10_000 }).toBe(200);
    await temporal(before.temporalAddress, (client) =>
      client.workflow.start('nobodys', {
        workflowId: 'new',
        taskQueue: 'nobodys',
        searchAttributes: { TandemHeld: [1] },
      }),
    );
  });

  test('when the supervisor is killed nothing stays, and the next start finds all data', async () => {
    const processes = Object.values(alive(running.stack()));
    running.child.kill('SIGKILL');
    running = await start(home, {}, ['npm', 'start', '--silent']);
    await running.ready();
    expect(processes.filter(isRunning)).toEqual([]);
    expect(await sql(running.stack().databaseUrl, 'SELECT number FROM kept')).toEqual([{ number: 42 }]);
  });

  test('when npm is killed everything ends', async () => {
    running.child.kill('SIGKILL');
    await expect.poll(() => processesOf(home), { timeout: 12_000 }).toEqual([]);
  });
});

test('a first start that was cut short anywhere is finished by the next', async () => {
  const home = newHome();
  for (const after of [200, 500, 800, 1200, 1700]) {
    const cut = await start(home);
    await setTimeout(after);
    cut.child.kill('SIGKILL');
    await cut.ended;
  }
  const whole = await start(home);
  await whole.ready();
  alive(whole.stack());
  whole.child.kill('SIGTERM');
  await whole.ended;
});

test('a start that is told to stop while it starts stops', async () => {
  for (const after of [400, 900, 1500]) {
    const home = newHome();
    const cut = await start(home);
    await setTimeout(after);
    cut.child.kill('SIGINT');
    await cut.ended;
    expect(processesOf(home)).toEqual([]);
  }
});

test('a port in use is told in one sentence with who uses it and what to do', async () => {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const refused = await start(newHome(), { PORT: String(port) });
  expect(await refused.ended).toBe(1);
  expect(refused.output().trim().split('\n')).toHaveLength(1);
  expect(refused.output()).toContain(`Port ${port} is in use by process ${process.pid} (`);
  expect(refused.output()).toContain(`): stop that, or choose another with PORT=${port + 1} npm start.`);
  server.close();
});

test('a proxy, settings of another Postgres, a namespace and addresses of its own do not keep a start from its servers', async () => {
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const workerPort = await freePort();
  // Not every machine has the second of each.
  const workerHost = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1';
  const [everywhere, other] = (await whyNotFree(0, '::')) === null ? ['::', '[::1]'] : ['0.0.0.0', 'localhost'];
  const own = await start(newHome(), {
    ...{ http_proxy: nobody, https_proxy: nobody, HTTP_PROXY: nobody, HTTPS_PROXY: nobody, NODE_USE_ENV_PROXY: '1' },
    ...{ no_proxy: '', NO_PROXY: 'a.example', no_grpc_proxy: '' },
    ...{ PGSSLMODE: 'require', PGOPTIONS: '-c search_path=elsewhere', PGHOST: 'a.example' },
    ...{ TEMPORAL_NAMESPACE: 'shop', HOST: everywhere, WORKER_HOST: workerHost, WORKER_PORT: String(workerPort) },
  });
  const url = await own.ready();
  expect(new URL(url).hostname).toBe('127.0.0.1');
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect((await fetch(`http://${other}:${new URL(url).port}/livez`)).status).toBe(200);
  expect((await fetch(`http://${workerHost}:${workerPort}/readyz`)).status).toBe(200);
  await temporal(own.stack().temporalAddress, async (client) => {
    const shop = new TemporalClient({ connection: client.connection, namespace: 'shop' });
    await shop.workflow.start('nobodys', {
      workflowId: 'kept',
      taskQueue: 'nobodys',
      searchAttributes: { TandemHeld: [1] },
    });
  });
  own.child.kill('SIGTERM');
  expect(await own.ended).toBe(0);
});

test('a home that is a file, and an address of another machine, are each told in one sentence', async () => {
  const file = join(newHome(), 'file');
  writeFileSync(file, '');
  for (const [env, sentence] of [
    [{ TANDEM_HOME: file }, `TANDEM_HOME is "${file}", which is no folder`],
    [{ HOST: '192.0.2.1' }, 'HOST is "192.0.2.1", which is not an address of this machine.'],
    [{ WORKER_HOST: '192.0.2.1' }, 'WORKER_HOST is "192.0.2.1", which is not an address of this machine.'],
  ] as const) {
    const refused = await start(newHome(), env);
    expect(await refused.ended).toBe(1);
    expect(refused.output().trim().split('\n')).toHaveLength(1);
    expect(refused.output()).toContain(sentence);
  }
});

test('a URL that nobody answers is told in one sentence', async () => {
  const port = await freePort();
  const refused = await start(newHome(), { DATABASE_URL: `postgres://nobody@127.0.0.1:${port}/nothing` });
  expect(await refused.ended).toBe(1);
  expect(refused.output()).toContain('DATABASE_URL names a server that does not answer');
  expect(await isFree(port)).toBe(true);
});

test.runIf(process.getuid?.() === 0)('root without user namespaces runs Postgres as another user', async () => {
  const home = newHome();
  const postgres = () => ({ dir: join(home, 'postgres'), log: join(home, 'postgres.log') });
  vi.stubEnv('TANDEM_USER_NAMESPACE', 'off');
  const first = await startPostgres({ ...postgres(), port: await freePort() });
  const [, uid] = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${first.pid}/status`, 'utf8')) ?? [];
  expect(Number(uid)).toBeGreaterThan(0);
  await sql(first.url, 'CREATE TABLE kept AS SELECT 42 AS number');
  await first.stop();
  const again = await startPostgres({ ...postgres(), port: await freePort() });
  expect(await sql(again.url, 'SELECT number FROM kept')).toEqual([{ number: 42 }]);
  await again.stop();
  vi.unstubAllEnvs();
});
