import { mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Redis } from 'ioredis';
import { cacheFolder } from './cache.ts';
import { canUnpack, librariesOf, unpackPackage } from './debianPackage.ts';
import { isExecutable } from './executable.ts';
import { type Part, startPart, untilReady } from './part.ts';

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
    return { path, libraries: librariesOf(unpacked) };
  }
  return null;
}

/**
 * On Debian and its kin: unpacks Redis into the user's cache. Returns null, or the reason why not in a few words.
 */
export async function fetchRedis(say: (line: string) => void, signal?: AbortSignal): Promise<string | null> {
  if (!canUnpack()) return 'this is not Debian or Ubuntu';
  say('Redis is not installed: fetching Debian’s package into the cache folder …');
  const missing = await unpackPackage('redis-server', unpackedFolder(), signal);
  return missing ?? (findRedis() === null ? 'its package holds no redis-server' : null);
}

function unpackedFolder(): string {
  return join(cacheFolder(), `redis-${process.arch}`);
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
