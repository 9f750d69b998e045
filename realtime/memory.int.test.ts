import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createTestDatabase } from '#local/testStack.ts';
import type { Limits } from './limits.ts';
import { until } from './testing/place.ts';

/** What bad clients leave behind in a process of its own that has both doors. */

const SERVER = fileURLToPath(new URL('./testing/idleServer.ts', import.meta.url));
const DOORS = [
  ['/ws', 'ws'],
  ['/socket.io/?EIO=4&transport=websocket', 'socket.io'],
] as const;
type Door = (typeof DOORS)[number][1];

/** Closed so soon that a test sees it. */
const LIMITS: Partial<Limits> = { authWithinMs: 1_000, tickMs: 50, stalledMs: 600_000, closeWithinMs: 1_000 };
/**
 * A round of each kind of bad client makes what is made once: code, caches, pools. Three more may leave this much behind:
 * a frame that is kept for each of the 150 too large ones would be 150 MB, a connection for each of 3,000 15 MB.
 */
const FLAT = 3_000_000;

let child: ChildProcess;
let port: string;
beforeAll(async () => {
  const env = { ...process.env, DATABASE_URL: await createTestDatabase(), LIMITS: JSON.stringify(LIMITS) };
  child = spawn(process.execPath, [SERVER], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  port = String((await once(child.stdout as NodeJS.ReadableStream, 'data'))[0]).trim();
});
afterAll(() => child?.kill('SIGKILL'));

type Held = { heap: number; external: number; dropped: number };
const look = async () => (await (await fetch(`http://127.0.0.1:${port}/held`)).json()) as Held;

/** Heap and what buffers have beside it, in bytes. */
async function held(): Promise<number> {
  const { heap, external } = await look();
  return heap + external;
}

/** What three rounds leave behind, after one that makes what is made once. */
async function growth(round: () => Promise<void>): Promise<number> {
  await round();
  const before = await held();
  for (let n = 0; n < 3; n++) await round();
  return (await held()) - before;
}

type Bad = { socket: WebSocket; texts: number; closed: boolean };

function connect(path: string): Bad {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { perMessageDeflate: false });
  const bad = { socket, texts: 0, closed: false };
  socket.on('error', () => {}).on('message', () => bad.texts++);
  socket.on('close', () => {
    bad.closed = true;
  });
  return bad;
}

/** So many at a door, greeted; signed in where they are to be. */
async function connected(path: string, door: Door, many: number, users?: readonly string[]): Promise<Bad[]> {
  const all = Array.from({ length: many }, () => connect(path));
  await until(() => all.every(({ texts }) => texts > 0), 'all are greeted', 30_000);
  if (!users) return all;
  for (const [n, { socket }] of all.entries()) {
    const token = users[n];
    socket.send(door === 'ws' ? JSON.stringify({ type: 'auth', token }) : `40${JSON.stringify({ token })}`);
  }
  await until(() => all.every(({ texts }) => texts > 1), 'all are signed in', 30_000);
  return all;
}

const ended = (all: readonly Bad[]) => until(() => all.every(({ closed }) => closed), 'all are closed', 60_000);
const people = (many: number) => Array.from({ length: many }, () => randomUUID());

test.each(DOORS)('at %s frames that are too large leave nothing behind', { timeout: 120_000 }, async (path, door) => {
  const left = await growth(async () => {
    const all = await connected(path, door, 50, people(50));
    for (const { socket } of all) socket.send('x'.repeat(1_000_000));
    await ended(all);
  });
  expect(left).toBeLessThan(FLAT);
});

test.each(DOORS)('at %s floods of frames leave nothing behind', { timeout: 120_000 }, async (path, door) => {
  const text = door === 'ws' ? '{"type":"command","id":1,"name":"join","data":1}' : '421["join",1]';
  const left = await growth(async () => {
    const all = await connected(path, door, 20, people(20));
    for (const { socket } of all) for (let n = 0; n < 2_000; n++) socket.send(text);
    await ended(all);
  });
  expect(left).toBeLessThan(FLAT);
});

test.each(DOORS)(
  'at %s a thousand that never sign in leave nothing behind',
  { timeout: 240_000 },
  async (path, door) => {
    const left = await growth(async () => ended(await connected(path, door, 1_000)));
    expect(left).toBeLessThan(FLAT);
  },
);

/** Each is told 20 MB: of this some stays in the kernel, and no more than `laggingBytes` and a frame with us. */
const READERS = 10;
const TOLD = { text: 'x'.repeat(10_000), times: 2_000 };

test.each(DOORS)(
  'at %s a client that never reads costs its buffer and no more',
  { timeout: 120_000 },
  async (path, door) => {
    const users = people(READERS);
    const { dropped } = await look();
    let most = 0;
    const left = await growth(async () => {
      const all = await connected(path, door, READERS, users);
      for (const { socket } of all) (socket as unknown as { _socket: Socket })._socket.pause();
      const before = await held();
      await fetch(`http://127.0.0.1:${port}/tell`, { method: 'POST', body: JSON.stringify({ users, ...TOLD }) });
      most = Math.max(most, ((await held()) - before) / READERS);
      for (const { socket } of all) socket.terminate();
      await ended(all);
    });
    expect(most).toBeLessThan(200_000);
    // It was told, and of four rounds nearly all was dropped.
    expect((await look()).dropped - dropped).toBeGreaterThan(3 * READERS * TOLD.times);
    expect(left).toBeLessThan(FLAT);
  },
);
