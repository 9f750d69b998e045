import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../cache.ts';
import { canUnpack, librariesOf, unpackPackage } from '../debianPackage.ts';
import { executableOnPath, isExecutable } from '../executable.ts';

/** nginx with our configuration, before programs on this machine. */

export const CONFIGURATION = fileURLToPath(new URL('../../deploy/nginx/nginx.conf', import.meta.url));

/** Whom it asks, and the address of what may stand before it. */
type Around = { apis: readonly string[]; balancer: string };
type Nginx = { path: string; libraries: string | null };

/** One on PATH, or Debian's, unpacked into the user's cache. Throws where neither is to be had. */
async function findNginx(): Promise<Nginx> {
  const installed = executableOnPath('nginx') ?? (isExecutable('/usr/sbin/nginx') ? '/usr/sbin/nginx' : null);
  if (installed) return { path: installed, libraries: null };
  const unpacked = join(cacheFolder(), `nginx-${process.arch}`);
  const path = join(unpacked, 'usr', 'sbin', 'nginx');
  if (!isExecutable(path)) {
    const reason = canUnpack() ? await unpackPackage('nginx', unpacked) : 'this is not Debian or Ubuntu';
    if (reason !== null) throw new Error(`nginx could not be fetched (${reason}): install it`);
  }
  return { path, libraries: librariesOf(unpacked) };
}

/**
 * Our configuration with nothing changed but where it listens, who may stand before it, whom it asks and where it writes.
 * The APIs are named one by one: a machine's nginx may be older than `resolve`, and has no resolver of Docker's.
 */
function configure(dir: string, port: number, { apis, balancer }: Around): string {
  const text = readFileSync(CONFIGURATION, 'utf8')
    .replaceAll('/tmp/nginx', join(dir, 'nginx'))
    .replace('listen 80 default_server;', `listen 127.0.0.1:${port} default_server;`)
    .replace(/resolver [^;]+;/, '')
    .replace(/server api:3000 resolve( [^;]+);/g, (_, options) =>
      apis.map((api) => `server ${api}${options};`).join('\n    '),
    )
    .replace('set_real_ip_from 10.0.0.0/8;', `set_real_ip_from ${balancer};`)
    .replace('worker_processes auto;', 'worker_processes 1;')
    .replace(/worker_rlimit_nofile \d+;/, '')
    .replace('worker_connections 32768;', 'worker_connections 256;');
  const file = join(dir, 'nginx.conf');
  writeFileSync(file, text);
  return file;
}

/** Starts it; `stop` ends it and all of its processes. */
export async function startNginx(dir: string, port: number, around: Around): Promise<{ stop(): Promise<void> }> {
  const { path, libraries } = await findNginx();
  // Left to itself it gives up root for a user who may not enter `dir`.
  const options = `daemon off;${process.getuid?.() === 0 ? ' user root;' : ''}`;
  const child = spawn(path, ['-p', dir, '-e', 'stderr', '-c', configure(dir, port, around), '-g', options], {
    env: { ...process.env, ...(libraries === null ? {} : { LD_LIBRARY_PATH: libraries }) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const ended = once(child, 'close');
  for (;;) {
    if (child.exitCode !== null) throw new Error(`nginx did not start: ${said}`);
    if (
      await fetch(`http://127.0.0.1:${port}/metrics`).then(
        (answer) => answer.status === 404,
        () => false,
      )
    )
      break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
