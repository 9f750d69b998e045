import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { cacheFolder } from './cache.ts';
import { type Part, startPart, untilReady } from './part.ts';

const run = promisify(execFile);

export interface RedisOptions {
  /** Its append-only file lives here. */
  readonly dir: string;
  readonly port: number;
  readonly log: string;
  /** False only for tests: nothing is written to disk. */
  readonly durable?: boolean;
  readonly spawned?: (part: Part) => void;
}

export interface RedisPart extends Part {
  readonly url: string;
}

interface RedisProgram {
  readonly path: string;
  /** Where its libraries are, when it was unpacked and not installed. */
  readonly libraries: string | null;
}

/** Starts Redis (or Valkey) on 127.0.0.1. Throws when the program is not there: ask `findRedis` first. */
export async function startRedis(options: RedisOptions): Promise<RedisPart> {
  const program = findRedis();
  if (program === null) throw new Error('No redis-server or valkey-server on this machine');
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const durable = options.durable ?? true;
  const part = await startPart({
    name: 'redis',
    command: [
      program.path,
      ...['--port', String(options.port), '--bind', '127.0.0.1', '--dir', options.dir, '--daemonize', 'no'],
      ...['--appendonly', durable ? 'yes' : 'no', '--appendfsync', 'everysec', '--save', ''],
      ...['--databases', '1024', '--maxmemory-policy', 'noeviction'],
    ],
    cwd: options.dir,
    env: program.libraries === null ? process.env : { ...process.env, LD_LIBRARY_PATH: program.libraries },
    log: options.log,
    // It writes what it holds and ends.
    orphanSignal: 'SIGTERM',
    stop: [{ signal: 'SIGTERM', wait: 2000 }],
    spawned: options.spawned,
  });
  const url = `redis://127.0.0.1:${options.port}`;
  await untilReady(part, () => answers(url), 60_000);
  return Object.assign(part, { url });
}

/** The server to run: one on PATH, else one that `fetchRedis` unpacked earlier; null without either. */
export function findRedis(): RedisProgram | null {
  for (const name of ['redis-server', 'valkey-server']) {
    for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin']) {
      if (folder !== '' && isExecutable(join(folder, name))) return { path: join(folder, name), libraries: null };
    }
  }
  const unpacked = unpackedFolder();
  for (const name of ['redis-server', 'valkey-server']) {
    const path = join(unpacked, 'usr', 'bin', name);
    if (!isExecutable(path)) continue;
    const triplets = join(unpacked, 'usr', 'lib');
    const libraries = readdirSync(triplets)
      .filter((folder) => folder.endsWith('-linux-gnu'))
      .map((folder) => join(triplets, folder));
    return { path, libraries: libraries.join(':') };
  }
  return null;
}

/**
 * On Debian and its kin: downloads the package of Redis with what it depends on and unpacks them into the user's
 * cache. Nothing is installed and no service is started, so it needs no root and leaves the system as it was.
 * Returns null, or the reason in a few words.
 */
export async function fetchRedis(say: (line: string) => void, signal?: AbortSignal): Promise<string | null> {
  if (process.platform !== 'linux' || !isExecutable('/usr/bin/apt-get')) return 'this is not Debian or Ubuntu';
  const target = unpackedFolder();
  const draft = `${target}.${process.pid}`;
  // Lists and archives of our own: the system's may be empty, outdated, or another user's to change.
  const state = join(draft, 'apt');
  const own = [`Dir::State::lists=${state}/lists`, `Dir::Cache=${state}/cache`, 'APT::Sandbox::User=root'];
  const apt = (...args: string[]) =>
    run('/usr/bin/apt-get', [...own.flatMap((option) => ['-o', option]), ...args], {
      cwd: draft,
      timeout: 180_000,
      ...(signal === undefined ? {} : { signal }),
      maxBuffer: 16 * 1024 * 1024,
      env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    });
  try {
    mkdirSync(join(state, 'lists', 'partial'), { recursive: true });
    mkdirSync(join(state, 'cache', 'archives', 'partial'), { recursive: true });
    say('Redis is not installed: fetching Debian’s package into the cache folder …');
    await apt('update', '-q');
    const plan = await apt('install', '--simulate', '--no-install-recommends', 'redis-server');
    const packages = plan.stdout
      .split('\n')
      .filter((line) => line.startsWith('Inst '))
      .map((line) => line.split(' ')[1] as string);
    if (packages.length === 0) return 'apt-get offers no package redis-server';
    await apt('download', ...packages);
    const root = join(draft, 'root');
    for (const file of readdirSync(draft).filter((name) => name.endsWith('.deb'))) {
      await run('dpkg', ['-x', join(draft, file), root]);
    }
    rmSync(target, { recursive: true, force: true });
    renameSync(root, target);
    return findRedis() === null ? 'its package holds no redis-server' : null;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    return (stderr || message).trim().split('\n').at(-1) ?? message;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function unpackedFolder(): string {
  return join(cacheFolder(), `redis-${process.arch}`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return existsSync(path);
  } catch {
    return false;
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: null,
    connectTimeout: 1000,
    enableReadyCheck: true,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}
