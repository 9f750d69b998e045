import { connect, type Socket } from 'node:net';
import { fastify } from 'fastify';
import { afterEach, expect, test, vi } from 'vitest';
import { boundInFlight, createInFlight } from './inFlight.ts';
import { onTheWire } from './testing/wire.ts';

const LIMITS = { connection: 4, address: 10, all: 16 };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A server whose answers wait until they are let go. */
async function start() {
  const waiting: (() => void)[] = [];
  const app = fastify({ trustProxy: true, forceCloseConnections: true });
  app.setErrorHandler((error, _request, reply) => reply.status((error as { status: number }).status).send({}));
  boundInFlight(app, createInFlight(LIMITS));
  app.get('/slow', () => new Promise((resolve) => waiting.push(() => resolve({ done: true }))));
  app.get('/quick', async () => ({ done: true }));
  app.get('/readyz', async () => ({ done: true }));
  await app.listen({ port: 0, host: '127.0.0.1' });
  closing.push(() => app.close());
  const letGo = (count = waiting.length) => {
    for (const go of waiting.splice(0, count)) go();
  };
  const ask = async (path: string, address: string) =>
    (await fetch(app.listeningOrigin + path, { headers: { 'x-forwarded-for': address } })).status;
  return { app, waiting, letGo, ask };
}

const get = (path: string, address = '192.0.2.1') =>
  `GET ${path} HTTP/1.1\r\nHost: here\r\nX-Forwarded-For: ${address}\r\n\r\n`;

function open(origin: string): Socket {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  socket.on('error', () => {});
  closing.push(() => socket.destroy());
  return socket;
}

test('one connection has a few requests under way; one too many is refused, and the rest is not even read', async () => {
  const { app, waiting, letGo } = await start();
  const answers = onTheWire(app.listeningOrigin, get('/slow').repeat(2_000), 2_000);
  await vi.waitFor(() => expect(waiting).toHaveLength(4));
  letGo();
  const got = await answers;
  expect(got.map(({ status }) => status)).toEqual([200, 200, 200, 200, 429]);
  expect(got.at(-1)?.headers).toMatchObject({ connection: 'close' });
  expect(waiting).toHaveLength(0);
});

test('whoever keeps to it may send as many as he likes, one connection or many', async () => {
  const { app, ask } = await start();
  const answers = await onTheWire(app.listeningOrigin, get('/quick').repeat(4), 4);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  for (let round = 0; round < 40; round++) expect(await ask('/quick', '192.0.2.1')).toBe(200);
});

test('one address has no more under way than it may, over however many connections and in whatever spelling', async () => {
  const { app, waiting, letGo, ask } = await start();
  for (let at = 0; at < 5; at++) open(app.listeningOrigin).write(get('/slow').repeat(2));
  await vi.waitFor(() => expect(waiting).toHaveLength(10));
  expect(await ask('/quick', '::ffff:c000:201')).toBe(429);
  expect(await ask('/quick', '192.0.2.2')).toBe(200);
  letGo(1);
  await vi.waitFor(async () => expect(await ask('/quick', '192.0.2.1:80')).toBe(200));
});

test('in all no more are under way than may be; probes are answered beyond that', async () => {
  const { app, waiting, letGo, ask } = await start();
  for (let at = 0; at < 8; at++) open(app.listeningOrigin).write(get('/slow', `192.0.2.${at}`).repeat(2));
  await vi.waitFor(() => expect(waiting).toHaveLength(16));
  expect(await ask('/quick', '198.51.100.1')).toBe(503);
  expect(await ask('/readyz', '198.51.100.1')).toBe(200);
  letGo(1);
  await vi.waitFor(async () => expect(await ask('/quick', '198.51.100.1')).toBe(200));
});

test('a client that leaves still counts until its work is done, and not longer', async () => {
  const { app, waiting, letGo, ask } = await start();
  for (let at = 0; at < 5; at++) {
    const socket = open(app.listeningOrigin);
    socket.write(get('/slow').repeat(2));
    await vi.waitFor(() => expect(waiting).toHaveLength((at + 1) * 2));
    socket.destroy();
  }
  await vi.waitFor(
    () =>
      new Promise<void>((resolve, reject) =>
        app.server.getConnections((_error, count) => (count === 0 ? resolve() : reject(new Error('still open')))),
      ),
  );
  expect(await ask('/quick', '192.0.2.1')).toBe(429);
  letGo();
  await vi.waitFor(async () => expect(await ask('/quick', '192.0.2.1')).toBe(200));
  // Nothing is left counted: all ten may come again.
  for (let at = 0; at < 5; at++) open(app.listeningOrigin).write(get('/slow').repeat(2));
  await vi.waitFor(() => expect(waiting).toHaveLength(10));
});
