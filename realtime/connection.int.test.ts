import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { endSession } from '#db/people/sessions.ts';
import { createTestRedis } from '#local/testStack.ts';
import { CLOSE_CODES } from './closeCodes.ts';
import type { ServerFrame } from './protocol.ts';
import { openPlace, type Place, type Process, textsOf, until } from './testing/place.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace();
});
afterAll(() => place.close());

/** A socket without manners: it does only what a test tells it to. */
function rawSocket(process: Process, options: { origin?: string; path?: string } = {}) {
  const socket = new WebSocket(process.url.replace('/ws', options.path ?? '/ws'), {
    ...(options.origin ? { origin: options.origin } : {}),
    perMessageDeflate: true,
  });
  const frames: ServerFrame[] = [];
  let closed: number | null = null;
  let refused: number | null = null;
  socket.on('message', (data) => frames.push(JSON.parse(data.toString())));
  socket.on('close', (code) => {
    closed = code;
  });
  socket.on('unexpected-response', (_request, response) => {
    refused = response.statusCode ?? 0;
    response.resume();
  });
  socket.on('error', () => {});
  return {
    socket,
    frames,
    send: (frame: unknown) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    has: async (type: ServerFrame['type'], count = 1): Promise<ServerFrame[]> => {
      const found = () => frames.filter((frame) => frame.type === type);
      await until(() => found().length >= count, `${count} × ${type}`);
      return found();
    },
    closed: async (): Promise<number> => {
      await until(() => closed !== null, 'the socket is closed');
      return closed as unknown as number;
    },
    refused: async (): Promise<number> => {
      await until(() => refused !== null, 'the handshake is refused');
      return refused as unknown as number;
    },
  };
}

async function signedIn(process: Process, userId: string, seconds?: number) {
  const raw = rawSocket(process);
  await raw.has('hello');
  raw.send({ type: 'auth', token: await place.token(userId, seconds === undefined ? {} : { seconds }) });
  await raw.has('ready');
  return raw;
}

test('a socket is greeted with the protocol and its limits, without compression', async () => {
  const raw = rawSocket(await place.process());
  const [hello] = await raw.has('hello');
  expect(hello).toMatchObject({ protocol: 1, heartbeat_ms: 25_000, limits: { commands_per_minute: 100 } });
  expect(raw.socket.extensions).toBe('');
});

test('pages of foreign origins are refused; listed ones, our own and no page at all are let in', async () => {
  const process = await place.process({ origins: ['https://app.example'] });
  expect(await rawSocket(process, { origin: 'https://evil.example' }).refused()).toBe(403);
  expect(await rawSocket(process, { origin: 'null' }).refused()).toBe(403);
  const own = process.url.replace('ws:', 'http:').replace('/ws', '');
  for (const origin of ['https://app.example', own, undefined]) {
    await rawSocket(process, origin ? { origin } : {}).has('hello');
  }
});

test('a socket at another path is answered 404', async () => {
  expect(await rawSocket(await place.process(), { path: '/other' }).refused()).toBe(404);
});

test('frames before auth are refused, and the connection may still sign in', async () => {
  const raw = rawSocket(await place.process());
  await raw.has('hello');
  raw.send({ type: 'command', id: 1, name: 'join', data: await place.user() });
  raw.send({ type: 'pong' });
  expect((await raw.has('ack'))[0]).toMatchObject({ id: 1, success: false, error_code: 'UNAUTHENTICATED' });
  expect((await raw.has('error'))[0]).toMatchObject({ error_code: 'UNAUTHENTICATED' });
  raw.send({ type: 'auth', token: await place.token(await place.user()) });
  await raw.has('ready');
});

test('who says nothing is closed, and may come back', async () => {
  const raw = rawSocket(await place.process({ limits: { authWithinMs: 100, tickMs: 20 } }));
  expect(await raw.closed()).toBe(CLOSE_CODES.auth_timeout.code);
});

test('commands sent together with auth are done after it, in their order', async () => {
  const raw = rawSocket(await place.process());
  await raw.has('hello');
  const userId = await place.user();
  raw.send({ type: 'auth', token: await place.token(userId) });
  for (const id of ['a', 'b', 'c']) raw.send({ type: 'command', id, name: 'join', data: userId });
  const acks = await raw.has('ack', 3);
  expect(acks).toEqual(
    ['a', 'b', 'c'].map((id) => ({ type: 'ack', id, success: true, data: { room: `user_${userId}` } })),
  );
});

test.each(['nonsense', 'a.b.c'])('the token %j is refused for good', async (token) => {
  const raw = rawSocket(await place.process());
  await raw.has('hello');
  raw.send({ type: 'auth', token });
  expect((await raw.has('error'))[0]).toMatchObject({ success: false, error_code: 'UNAUTHENTICATED' });
  expect(await raw.closed()).toBe(CLOSE_CODES.unauthenticated.code);
});

test('an expired token is refused', async () => {
  const raw = rawSocket(await place.process());
  await raw.has('hello');
  raw.send({ type: 'auth', token: await place.token(await place.user(), { seconds: -5 }) });
  expect(await raw.closed()).toBe(CLOSE_CODES.unauthenticated.code);
});

test('a token that ends closes the connection, after it was asked for a fresh one', async () => {
  const process = await place.process({ limits: { tickMs: 20 } });
  const raw = await signedIn(process, await place.user(), 2);
  const [asked] = await raw.has('reauth');
  expect(asked).toMatchObject({ expires_at: expect.stringMatching(/Z$/) });
  expect(await raw.closed()).toBe(CLOSE_CODES.token_expired.code);
  expect(raw.frames.filter(({ type }) => type === 'reauth')).toHaveLength(1);
});

test('a fresh token keeps the connection; another user’s is refused', async () => {
  const process = await place.process({ limits: { tickMs: 20 } });
  const userId = await place.user();
  const raw = await signedIn(process, userId, 2);
  await raw.has('reauth');
  raw.send({ type: 'auth', token: await place.token(await place.user()) });
  expect((await raw.has('error'))[0]).toMatchObject({ error_code: 'FORBIDDEN' });
  raw.send({ type: 'auth', token: await place.token(userId) });
  const [renewed] = (await raw.has('renewed')) as { expires_at: string }[];
  expect(Date.parse(renewed?.expires_at as string)).toBeGreaterThan(Date.now() + 800_000);
  // Past the end of the first token it is still there, and has what happens.
  await until(() => Date.now() > Date.parse(renewed?.expires_at as string) - 897_000, 'the first token has ended');
  await place.tell([userId], 'still here');
  process.bus.ring([userId]);
  await raw.has('event');
});

test('a login that ends closes its sockets and no others', async () => {
  const process = await place.process();
  const userId = await place.user();
  const [ended, kept] = [await place.session(userId), await place.session(userId)];
  const one = await place.client(process, userId, { sessionId: ended });
  const other = await place.client(process, userId, { sessionId: kept });
  process.bus.endSession(ended);
  await until(() => one.closes.length > 0, 'its socket is closed');
  expect(one.closes[0]?.code).toBe(CLOSE_CODES.session_ended.code);
  await place.tell([userId], '1');
  process.bus.ring([userId]);
  await until(() => other.events.length === 1, 'the other is there');
  expect(one.events).toEqual([]);
});

test('a login that ends elsewhere closes its sockets here', async () => {
  const redisUrl = await createTestRedis();
  const [here, there] = [await place.process({ redisUrl }), await place.process({ redisUrl })];
  const userId = await place.user();
  const sessionId = await place.session(userId);
  const client = await place.client(there, userId, { sessionId });
  await until(() => {
    here.bus.endSession(sessionId);
    return client.closes.length > 0;
  }, 'its socket is closed');
  expect(client.closes[0]?.code).toBe(CLOSE_CODES.session_ended.code);
});

test('a login that ends without anybody hearing of it closes its sockets all the same', async () => {
  const process = await place.process({ limits: { sessionSweepMs: 50 } });
  const userId = await place.user();
  const sessionId = await place.session(userId);
  const client = await place.client(process, userId, { sessionId });
  await endSession(place.pool, sessionId, 'logout', new Date().toISOString());
  await until(() => client.closes.length > 0, 'its socket is closed');
  expect(client.closes[0]?.code).toBe(CLOSE_CODES.session_ended.code);
});

test('a frame of 16 KiB is read, a larger one closes the connection', async () => {
  const raw = await signedIn(await place.process(), await place.user());
  const frame = (length: number) => {
    const empty = JSON.stringify({ type: 'command', id: 'x', name: 'none', data: '' });
    return JSON.stringify({ type: 'command', id: 'x', name: 'none', data: 'a'.repeat(length - empty.length) });
  };
  raw.send(frame(16 * 1024));
  expect((await raw.has('ack'))[0]).toMatchObject({ id: 'x', error_code: 'VALIDATION_FAILED' });
  raw.send(frame(16 * 1024 + 1));
  expect(await raw.closed()).toBe(1009);
});

test('what is no frame is refused with a sentence, and the connection goes on', async () => {
  const userId = await place.user();
  const raw = await signedIn(await place.process(), userId);
  raw.send('not json');
  raw.socket.send(Buffer.from([1, 2, 3]), { binary: true });
  raw.send({ type: 'command', id: 'a', name: 'join', data: userId, more: 1 });
  raw.send({ type: 'command', id: 'b', name: 'nothing_of_ours', data: {} });
  raw.send({ type: 'command', id: 'c', name: 'toString', data: {} });
  raw.send({ type: 'auth', token: 'x', resume: 3 });
  raw.send({ type: 'command', id: 'd', name: 'join', data: userId });
  const acks = await raw.has('ack', 4);
  expect(acks.map((ack) => ack.type === 'ack' && [ack.id, ack.success])).toEqual([
    ['a', false],
    ['b', false],
    ['c', false],
    ['d', true],
  ]);
  expect(await raw.has('error', 3)).toHaveLength(3);
});

test('the 101st command in a minute is refused with the time to wait, and events still come', async () => {
  const process = await place.process();
  const userId = await place.user();
  const raw = await signedIn(process, userId);
  for (let n = 1; n <= 101; n++) raw.send({ type: 'command', id: n, name: 'join', data: userId });
  const acks = (await raw.has('ack', 101)) as { id: number; success: boolean; error_code?: string; details?: object }[];
  expect(acks.slice(0, 100).every(({ success }) => success)).toBe(true);
  expect(acks[100]).toMatchObject({ id: 101, error_code: 'RATE_LIMITED', details: { retry_after: 60 } });
  await place.tell([userId], '1');
  process.bus.ring([userId]);
  await raw.has('event');
});

test('who floods is closed', async () => {
  const raw = await signedIn(await place.process({ limits: { framesPerMinute: 50 } }), await place.user());
  for (let n = 0; n < 60; n++) raw.send({ type: 'pong' });
  expect(await raw.closed()).toBe(CLOSE_CODES.protocol_error.code);
});

test('a user has at most so many connections, and again one when one has gone', async () => {
  const process = await place.process({ limits: { connectionsPerUser: 2 } });
  const userId = await place.user();
  const [first] = [await signedIn(process, userId), await signedIn(process, userId)];
  const third = rawSocket(process);
  await third.has('hello');
  third.send({ type: 'auth', token: await place.token(userId) });
  expect((await third.has('error'))[0]).toMatchObject({ error_code: 'LIMIT_REACHED' });
  expect(await third.closed()).toBe(CLOSE_CODES.too_many_connections.code);
  first?.socket.close();
  await first?.closed();
  await signedIn(process, userId);
});

test('a connection that answers no ping is closed, one that does is kept', async () => {
  const process = await place.process({ limits: { heartbeatMs: 500, tickMs: 20 } });
  const userId = await place.user();
  const good = await place.client(process, userId);
  const raw = rawSocket(process);
  await raw.has('hello');
  raw.send({ type: 'auth', token: await place.token(userId) });
  await raw.has('ready');
  await raw.has('ping');
  // It neither reads nor answers from here on, as a line that was cut.
  raw.socket.pause();
  await until(async () => {
    const text = await process.metrics.metrics();
    return text.includes('tandem_socket_closes_total{reason="heartbeat_missed"} 1');
  }, 'it is closed');
  expect(good.closes).toEqual([]);
});

test('a WebSocket that answers only pings of its own kind is kept', async () => {
  // A heartbeat of seconds' grace: a busy machine may keep an honest socket waiting for hundreds of milliseconds.
  const process = await place.process({ limits: { heartbeatMs: 1000, tickMs: 10 } });
  const raw = await signedIn(process, await place.user());
  await raw.has('ping', 4);
  expect(raw.socket.readyState).toBe(raw.socket.OPEN);
});

test('large events fill no healthy reader’s buffer: they are sent as fast as they are taken', async () => {
  // Twice what closes a connection, in one page; and no sweep to help.
  const process = await place.process({ limits: { sweepMs: 600_000 } });
  const asha = await place.user();
  for (let n = 0; n < 100; n++) await place.tell([asha], 'x'.repeat(20_000));
  const reader = await place.client(process, asha, { resume: 0 });
  await until(() => reader.events.length === 100, 'all are read');
  expect(reader.closes).toEqual([]);
});

test('while a command is under way not more than some frames are read', async () => {
  const started = Promise.withResolvers<void>();
  const finished = Promise.withResolvers<number>();
  const markSeen = () => {
    started.resolve();
    return finished.promise;
  };
  const process = await place.process({ deps: { markSeen }, limits: { waitingFrames: 8 } });
  const asha = await place.user();
  const raw = await signedIn(process, asha);
  const conversationId = await place.directConversation(asha, await place.user());
  raw.send({ type: 'command', id: 'first', name: 'mark_seen', data: { conversationId } });
  await started.promise;
  // More than the kernel's buffers hold.
  for (let n = 0; n < 500; n++) raw.send({ type: 'command', id: n, name: 'none', data: 'x'.repeat(15_000) });
  const read = async () =>
    Number(/tandem_socket_frames_total\{direction="in"\} (\d+)/.exec(await process.metrics.metrics())?.[1]);
  let before = -1;
  await until(async () => {
    const now = await read();
    const same = now === before && now > 8;
    before = now;
    return same;
  }, 'it reads no more');
  expect(before).toBeLessThan(30);
  finished.resolve(1);
  const acks = await raw.has('ack', 501);
  expect(acks.map((ack) => ack.type === 'ack' && ack.id)).toEqual([
    'first',
    ...Array.from({ length: 500 }, (_, n) => n),
  ]);
});

test('a slow reader loses live events and no durable ones', async () => {
  const process = await place.process({ limits: { sweepMs: 600_000 } });
  const [asha, ben] = [await place.user(), await place.user()];
  const conversation = await place.directConversation(asha, ben);
  const reader = await place.client(process, asha);
  expect((await reader.command('join_conversation', conversation)).success).toBe(true);
  reader.socket?.pause();
  const long = 'x'.repeat(4_000);
  // Far more than the kernel's buffers and ours hold.
  for (let n = 0; n < 20; n++) {
    await Promise.all(Array.from({ length: 100 }, () => place.tell([asha], long)));
    process.bus.ring([asha]);
  }
  const dropped = async () =>
    /tandem_socket_live_dropped_total (\d+)/.exec(await process.metrics.metrics())?.[1] ?? '0';
  await until(async () => {
    const data = { conversationId: conversation, userId: ben, isTyping: true };
    process.bus.live({ rooms: [`conversation_${conversation}`], name: 'user_typing', data, except: ben });
    return Number(await dropped()) > 0;
  }, 'live events are dropped');
  reader.socket?.resume();
  await until(() => reader.events.length === 2_000, 'all durable ones are read', 20_000);
  expect(reader.faults).toEqual([]);
  expect(reader.closes).toEqual([]);
});

test('a reader that takes nothing is closed with a code to come back, and has everything when it does', async () => {
  const process = await place.process({ limits: { stalledMs: 150, tickMs: 20, sweepMs: 50 } });
  const asha = await place.user();
  const reader = await place.client(process, asha);
  reader.socket?.pause();
  const long = 'x'.repeat(4_000);
  for (let n = 0; n < 20; n++) {
    await Promise.all(Array.from({ length: 100 }, () => place.tell([asha], long)));
    process.bus.ring([asha]);
  }
  await until(
    async () => (await process.metrics.metrics()).includes('tandem_socket_closes_total{reason="too_slow"} 1'),
    'it is closed',
  );
  reader.socket?.resume();
  await until(() => reader.events.length === 2_000, 'it came back and resumed', 20_000);
  expect(reader.closes[0]?.code).toBe(CLOSE_CODES.too_slow.code);
  expect(textsOf(reader)).toHaveLength(2_000);
  expect(reader.faults).toEqual([]);
});

test('a process that stops tells its clients when to come back, lets commands end, and takes no more', async () => {
  const started = Promise.withResolvers<void>();
  const finished = Promise.withResolvers<number>();
  const markSeen = () => {
    started.resolve();
    return finished.promise;
  };
  const process = await place.process({ deps: { markSeen }, limits: { reconnectSpreadMs: 100 } });
  const userId = await place.user();
  const conversationId = await place.directConversation(userId, await place.user());
  const client = await place.client(process, userId);
  const ack = client.command('mark_seen', { conversationId });
  await started.promise;
  const closing = process.realtime.close();
  await until(() => client.frames.some(({ type }) => type === 'drain'), 'it is told');
  expect(await rawSocket(process).refused()).toBe(503);
  finished.resolve(3);
  expect(await ack).toMatchObject({ success: true, data: { seen: 3 } });
  await until(() => client.closes.length > 0, 'it is closed');
  expect(client.closes[0]).toEqual({ code: CLOSE_CODES.drain.code, reason: 'drain' });
  client.close();
  await closing;
});
