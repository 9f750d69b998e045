import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { type Started, startProgram, status } from '#program/testing/programs.ts';
import { freePort } from './ports.ts';
import { CONFIGURATION, startNginx } from './testing/nginx.ts';
import { createTestDatabase, createTestRedis } from './testStack.ts';

const PATIENCE = { timeout: 120_000, interval: 100 };
const PER_MINUTE = 150;
/** Stands before nginx, and is believed. */
const BALANCER = '127.0.0.20';
const MAIN = fileURLToPath(new URL('../api/main.ts', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'tandem-nginx-'));
let port = 0;
let nginx: { stop(): Promise<void> };
const apis: { port: number; program: Started }[] = [];

beforeAll(async () => {
  const [databaseUrl, redisUrl] = [await createTestDatabase(), await createTestRedis()];
  for (let n = 0; n < 2; n++) {
    const own = await freePort();
    const program = startProgram(
      MAIN,
      {
        NODE_ENV: 'test',
        DATABASE_URL: databaseUrl,
        REDIS_URL: redisUrl,
        PORT: String(own),
        TRUST_PROXY: '127.0.0.1',
        SANDBOX_WEBHOOK_SECRET: 'a secret of the tests',
        ADDRESS_REQUESTS_PER_MINUTE: String(PER_MINUTE),
      },
      { lives: 'file' },
    );
    apis.push({ port: own, program });
  }
  await vi.waitFor(async () => {
    for (const api of apis) expect(await status(`http://127.0.0.1:${api.port}/readyz`)).toBe(200);
  }, PATIENCE);
  port = await freePort();
  nginx = await startNginx(dir, port, { apis: apis.map((api) => `127.0.0.1:${api.port}`), balancer: BALANCER });
}, 300_000);

afterAll(async () => {
  await nginx?.stop();
  for (const { program } of apis) {
    program.child.kill('SIGTERM');
    await program.ended;
  }
  rmSync(dir, { recursive: true, force: true });
});

/** Asks as somebody at another address of this machine. */
async function ask(
  path: string,
  from: string,
  headers: Record<string, string> = {},
  at = port,
): Promise<{ status: number; body: string }> {
  const asked = request({ host: '127.0.0.1', port: at, path, localAddress: from, headers });
  asked.end();
  const [answer] = await once(asked, 'response');
  let body = '';
  for await (const part of answer.setEncoding('utf8')) body += part;
  return { status: answer.statusCode, body };
}

const served = async (at: number, route: string) => {
  const text = await (await fetch(`http://127.0.0.1:${at}/metrics`)).text();
  const line = text
    .split('\n')
    .find((each) => each.startsWith('tandem_http_request_seconds_count') && each.includes(`route="${route}"`));
  return Number(line?.split(' ').at(-1) ?? 0);
};

test('REST is answered by every API process behind it', async () => {
  for (let n = 0; n < 40; n++) expect((await ask('/api/machines', '127.0.0.9')).status).toBe(200);
  const counts = await Promise.all(apis.map((api) => served(api.port, '/api/machines')));
  expect(counts.reduce((a, b) => a + b)).toBe(40);
  for (const count of counts) expect(count).toBeGreaterThan(5);
});

/** A new account, with a token. */
async function signUp(handle: string): Promise<{ id: string; token: string }> {
  const answer = await send('/api/auth/register', { handle, password: 'secret123' });
  return { id: answer.data.user.id, token: answer.data.access };
}

async function send(path: string, body: object, token?: string) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  expect(answer.status, text).toBe(201);
  return JSON.parse(text);
}

/** How long nginx waits for a word of an API, in ms. */
function patienceFor(location: string): number {
  const of = new RegExp(`location ${location} \\{[^}]*proxy_read_timeout (\\d+)s;[^}]*proxy_send_timeout \\1s;`);
  return Number(of.exec(readFileSync(CONFIGURATION, 'utf8'))?.[1]) * 1_000;
}

test('who signs in at /ws hears of what is said to them, and is not cut off between two heartbeats', async () => {
  const [asha, ben] = [await signUp('asha'), await signUp('ben')];
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
  const frames: { type: string; heartbeat_ms?: number }[] = [];
  socket.on('message', (data) => frames.push(JSON.parse(String(data))));
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'auth', token: ben.token }));
  await vi.waitFor(() => expect(frames.map(({ type }) => type)).toContain('ready'), PATIENCE);
  await send('/api/messages/send', { receiver_id: ben.id, message: 'through nginx to /ws' }, asha.token);
  await vi.waitFor(() => expect(JSON.stringify(frames)).toContain('through nginx to /ws'), PATIENCE);
  const { heartbeat_ms = Number.NaN } = frames.find(({ type }) => type === 'hello') ?? {};
  expect(patienceFor('= /ws')).toBeGreaterThanOrEqual(3 * heartbeat_ms);
  socket.close();
  await once(socket, 'close');
});

test.each([['websocket'], ['polling']])(
  'who signs in at /socket.io/ by %s hears of what is said to them, every request at one process',
  async (transport) => {
    const [asha, ben] = [await signUp(`asha.${transport}`), await signUp(`ben.${transport}`)];
    const socket = io(`http://127.0.0.1:${port}`, {
      transports: [transport],
      reconnection: false,
      auth: { token: ben.token },
    });
    const heard: unknown[] = [];
    const refused: string[] = [];
    socket.onAny((...said) => heard.push(said));
    // Behind two processes without stickiness it would be "Session ID unknown".
    socket.on('connect_error', ({ message }) => refused.push(message));
    socket.on('disconnect', (reason) => refused.push(reason));
    await vi.waitFor(() => {
      expect(refused).toEqual([]);
      expect(socket.connected).toBe(true);
    }, PATIENCE);
    await send('/api/messages/send', { receiver_id: ben.id, message: 'through nginx' }, asha.token);
    await vi.waitFor(() => expect(JSON.stringify(heard)).toContain('through nginx'), PATIENCE);
    expect(refused).toEqual([]);
    socket.disconnect();
  },
);

test('a client of /socket.io/ that is silent for as long as it may be is not cut off', async () => {
  const { body } = await ask('/socket.io/?EIO=4&transport=polling', '127.0.0.7');
  const { pingInterval, pingTimeout } = JSON.parse(body.slice(1));
  expect(patienceFor('/socket.io/')).toBeGreaterThan(pingInterval + pingTimeout);
});

test('the API counts by the real address, and by none that a client makes up', async () => {
  const statuses: number[] = [];
  for (let n = 0; n < 2 * PER_MINUTE + 20; n++) {
    const made = { 'x-forwarded-for': `203.0.113.${n % 250}` };
    statuses.push((await ask('/api/machines', '127.0.0.3', made)).status);
  }
  expect(statuses.filter((each) => each === 429).length).toBeGreaterThan(0);
  expect((await ask('/api/machines', '127.0.0.3')).status).toBe(429);
  expect((await ask('/api/machines', '127.0.0.4')).status).toBe(200);
});

test('people behind a balancer are counted each by their own address', async () => {
  const through = (address: string) =>
    ask('/api/machines', BALANCER, { 'x-forwarded-for': `198.51.100.1, ${address}` });
  for (let n = 0; n < 2 * PER_MINUTE + 20; n++) await through('203.0.113.1');
  expect((await through('203.0.113.1')).status).toBe(429);
  expect((await through('203.0.113.2')).status).toBe(200);
});

test('behind a balancer clients are spread over the APIs, each at one of them, and told apart from those who lie', async () => {
  const heads: { to: number; proto: string | undefined; from: string }[] = [];
  const echoes = [0, 1].map((to) =>
    createServer(({ headers }, response) => {
      heads.push({ to, proto: headers['x-forwarded-proto'] as string, from: String(headers['x-real-ip']) });
      response.end();
    }),
  );
  for (const echo of echoes) await once(echo.listen(0, '127.0.0.1'), 'listening');
  const targets = echoes.map((echo) => `127.0.0.1:${(echo.address() as AddressInfo).port}`);
  const [own, at] = [mkdtempSync(join(tmpdir(), 'tandem-nginx-')), await freePort()];
  const balanced = await startNginx(own, at, { apis: targets, balancer: BALANCER });
  const headOf = async (from: string, headers: Record<string, string>) => {
    await ask('/socket.io/', from, headers, at);
    return heads.at(-1);
  };
  try {
    const homes = new Map<string, Set<number | undefined>>();
    for (let n = 0; n < 60; n++) {
      const client = `203.0.113.${n % 20}`;
      const head = await headOf(BALANCER, { 'x-forwarded-for': client, 'x-forwarded-proto': 'https' });
      expect(head).toMatchObject({ proto: 'https', from: client });
      homes.set(client, (homes.get(client) ?? new Set()).add(head?.to));
    }
    expect([...homes.values()].every(({ size }) => size === 1)).toBe(true);
    expect(new Set([...homes.values()].flatMap((home) => [...home])).size).toBe(2);
    // A stranger is who he is, and came as he came.
    const lies = { 'x-forwarded-for': '203.0.113.1', 'x-forwarded-proto': 'https' };
    expect(await headOf('127.0.0.8', lies)).toMatchObject({ proto: 'http', from: '127.0.0.8' });
    const odd = { 'x-forwarded-for': '203.0.113.1', 'x-forwarded-proto': 'gopher' };
    expect(await headOf(BALANCER, odd)).toMatchObject({ proto: 'http' });
  } finally {
    await balanced.stop();
    rmSync(own, { recursive: true, force: true });
    for (const echo of echoes) {
      echo.closeAllConnections();
      echo.close();
    }
  }
});

test('numbers are not shown to the world; pages and probes are', async () => {
  expect((await ask('/metrics', '127.0.0.5')).status).toBe(404);
  expect((await ask('/docs/openapi.json', '127.0.0.5')).status).toBe(200);
  expect((await ask('/readyz', '127.0.0.5')).status).toBe(200);
});

test('with one process killed everybody is answered, and with both the client is told to come again', async () => {
  const [first, second] = apis as [(typeof apis)[0], (typeof apis)[0]];
  first.program.child.kill('SIGKILL');
  await first.program.ended;
  for (let n = 0; n < 20; n++) expect((await ask('/api/machines', '127.0.0.6')).status).toBe(200);
  second.program.child.kill('SIGKILL');
  await second.program.ended;
  const { status: away, body } = await ask('/api/machines', '127.0.0.6');
  expect(away).toBe(503);
  expect(JSON.parse(body)).toMatchObject({ success: false, error_code: 'UNAVAILABLE' });
});
