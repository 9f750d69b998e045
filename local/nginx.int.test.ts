import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { type Started, startProgram, status } from '#program/testing/programs.ts';
import { freePort } from './ports.ts';
import { startNginx } from './testing/nginx.ts';
import { createTestDatabase, createTestRedis } from './testStack.ts';

const PATIENCE = { timeout: 120_000, interval: 100 };
const PER_MINUTE = 150;
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
  nginx = await startNginx(
    dir,
    port,
    apis.map((api) => `127.0.0.1:${api.port}`),
  );
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
): Promise<{ status: number; body: string }> {
  const asked = request({ host: '127.0.0.1', port, path, localAddress: from, headers });
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

test('/ws is upgraded, and what the API says first comes through', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'auth', token: 'none' }));
  const [message] = await once(socket, 'message');
  expect(JSON.parse(String(message))).toHaveProperty('type');
  socket.close();
  await once(socket, 'close');
});

test.each([['websocket'], ['polling']])(
  '/socket.io/ is reached by %s, every request of a client at one process',
  async (transport) => {
    const socket = io(`http://127.0.0.1:${port}`, {
      transports: [transport],
      reconnection: false,
      auth: { token: 'none' },
    });
    const refused = new Promise<Error>((resolve, reject) => {
      socket.on('connect_error', resolve);
      socket.on('connect', () => reject(new Error('came in without a token')));
    });
    // The door's own answer: behind two processes without stickiness it would be "Session ID unknown".
    expect((await refused).message).not.toMatch(/xhr|websocket error|Session ID/i);
    socket.disconnect();
  },
);

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
