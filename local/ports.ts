import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { commandOf } from './process.mjs';

/**
 * Below the range from which the kernel picks the near end of outgoing connections (32768 and up on Linux): a client
 * that keeps trying a dead server in that range will one day be given the server's own port, connect to itself and
 * keep the port taken.
 */
const LOWEST = 15_000;
const HIGHEST = 31_999;

const given = new Set<number>();

/** A free port on 127.0.0.1, `preferred` where that is free; never the same twice in one process, never one of `not`. */
export async function freePort(preferred?: number, not: readonly number[] = []): Promise<number> {
  if (preferred !== undefined && !given.has(preferred) && !not.includes(preferred) && (await isFree(preferred))) {
    given.add(preferred);
    return preferred;
  }
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    if (given.has(port) || not.includes(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`No free port between ${LOWEST} and ${HIGHEST} on 127.0.0.1`);
}

/** Whether one could listen on this port of `host`. */
export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return (await whyNotFree(port, host)) === null;
}

/** Why one cannot listen there, as the machine calls it (`EADDRINUSE`, …); null where one can. */
export function whyNotFree(port: number, host: string): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

/** Who listens on a port, as "process 123 (node server.js)"; null where that cannot be seen. */
export function holderOf(port: number): string | null {
  const sockets = listeningSockets(port);
  if (sockets.size === 0) return null;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (holdsOneOf(Number(pid), sockets) !== true) continue;
    const command = commandOf(Number(pid));
    return `process ${pid} (${command.length > 60 ? `${command.slice(0, 59)}…` : command})`;
  }
  return 'a process of another user';
}

/** Whether it is this process that listens on a port; null where that cannot be seen. */
export function listens(pid: number, port: number): boolean | null {
  const sockets = listeningSockets(port);
  return sockets.size === 0 ? null : holdsOneOf(pid, sockets);
}

/** Every port that this process listens on; empty where that cannot be seen. */
export function portsOf(pid: number): number[] {
  const ports = new Set(listeners().map(({ port }) => port));
  return [...ports].filter((port) => listens(pid, port)).sort((one, other) => one - other);
}

function holdsOneOf(pid: number, sockets: ReadonlySet<string>): boolean | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((descriptor) =>
      sockets.has(linkOf(`/proc/${pid}/fd/${descriptor}`) ?? ''),
    );
  } catch (error) {
    // Another user's process, or one that has just ended.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? false : null;
  }
}

/** As a process' descriptors name them; one for each address that is listened on. */
function listeningSockets(port: number): Set<string> {
  return new Set(listeners().flatMap((listener) => (listener.port === port ? listener.socket : [])));
}

function listeners(): { port: number; socket: string }[] {
  const found = [];
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    try {
      for (const line of readFileSync(table, 'utf8').split('\n').slice(1)) {
        const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
        const port = Number.parseInt(local?.split(':')[1] ?? '', 16);
        if (state === '0A') found.push({ port, socket: `socket:[${inode}]` });
      }
    } catch {
      // No /proc here.
    }
  }
  return found;
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
