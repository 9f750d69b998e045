import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { announce } from '#db/event/announce.ts';
import { endSession } from '#db/people/sessions.ts';
import { liveStream } from '#db/stream/testing/live.ts';
import { createTestRedis } from '#local/testStack.ts';
import { type Frontend, openFrontend } from './testing/frontend.ts';
import { openPlace, type Place, type Process, until } from './testing/place.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace();
});
afterAll(() => place.close());

const numbers = (count: number, from = 1) => Array.from({ length: count }, (_, n) => `${n + from}`);
const httpOf = ({ url }: Process) => url.replace(/^ws/, 'http').replace(/\/ws$/, '');
const count = async (process: Process, metric: string) =>
  Number(new RegExp(`${metric.replace(/[{}"]/g, '\\$&')} (\\d+)`).exec(await process.metrics.metrics())?.[1] ?? 0);

async function tellTo(process: Process, userId: string, ...texts: string[]): Promise<void> {
  for (const text of texts) await place.tell([userId], text);
  process.bus.ring([userId]);
}

/** The line breaks, as a network's does: the client comes back by itself. */
const breakLine = ({ socket }: Frontend) => (socket.io.engine as unknown as { close(): void }).close();

test.each([['websocket'], ['polling'], ['polling', 'websocket']])(
  'durable events come over %s %s, in order',
  async (...transports) => {
    const process = await place.process();
    const asha = await place.user();
    const page = await place.frontend(process, asha, { transports });
    if (transports.length > 1)
      await until(() => page.socket.io.engine.transport.name === 'websocket', 'it is upgraded');
    await tellTo(process, asha, ...numbers(20));
    await until(() => page.heard.length === 20, 'all have come');
    expect(page.texts()).toEqual(numbers(20));
  },
);

test('both doors of one server are open at once, and hear each other', async () => {
  const process = await place.process();
  const [asha, ben] = [await place.user(), await place.user()];
  const conversation = await place.directConversation(asha, ben);
  const client = await place.client(process, asha);
  const page = await place.frontend(process, ben, { transports: ['polling', 'websocket'] });
  for (const open of [
    client.command('join_conversation', conversation),
    page.asks('join_conversation', conversation),
  ]) {
    expect(await open).toMatchObject({ success: true, data: { room: `conversation_${conversation}` } });
  }
  await client.command('typing_start', { conversationId: conversation });
  await page.asks('typing_start', { conversationId: conversation });
  await until(() => page.heard.some(([name]) => name === 'user_typing'), 'the page hears the client');
  await until(() => client.lives.some(({ name }) => name === 'user_typing'), 'the client hears the page');
  await tellTo(process, asha, 'one');
  await tellTo(process, ben, 'two');
  await until(() => client.events.length === 1 && page.texts().length === 1, 'each has its own');
});

test('requests of another path are answered by whoever answered them before', async () => {
  const process = await place.process();
  expect((await fetch(`${httpOf(process)}/elsewhere`)).status).toBe(404);
  expect((await fetch(`${httpOf(process)}/socket.io/?EIO=4&transport=polling`)).status).toBe(200);
});

test('pages of foreign origins are refused on both transports, and may read no answer', async () => {
  const process = await place.process({ origins: ['https://app.example'] });
  const ask = (origin: string) =>
    fetch(`${httpOf(process)}/socket.io/?EIO=4&transport=polling`, { headers: { origin } });
  const refused = await ask('https://evil.example');
  expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, null]);
  const allowed = await ask('https://app.example');
  expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([200, 'https://app.example']);
  const socket = new WebSocket(`${process.url.replace('/ws', '')}/socket.io/?EIO=4&transport=websocket`, {
    origin: 'https://evil.example',
  });
  socket.on('error', () => {});
  const status = await new Promise((resolve) =>
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode)),
  );
  expect([400, 403]).toContain(status);
});

test.each([
  ['no token', {}, 'UNAUTHENTICATED'],
  ['a token of nonsense', { token: 'nonsense' }, 'UNAUTHENTICATED'],
  ['a token that is none', { token: 7 }, 'UNAUTHENTICATED'],
  ['a token without end', { token: 'x'.repeat(9_000) }, 'UNAUTHENTICATED'],
])('with %s nobody is let in, and the client is told why', async (_, auth, code) => {
  const process = await place.process();
  const page = openFrontend(() => process, { auth });
  await until(() => page.refusals.length === 1, 'it is refused');
  expect(page.refusals[0]).toMatchObject({ message: expect.any(String), data: { success: false, error_code: code } });
  page.close();
});

test.each(['-1', '1.5', 'x', '1e3', `${2 ** 60}`])('an offset of %s is refused, by name', async (offset) => {
  const process = await place.process();
  const asha = await place.user();
  const token = await place.token(asha);
  const page = openFrontend(() => process, { auth: { token, pid: `${asha}.0.${'a'.repeat(16)}`, offset } });
  await until(() => page.refusals.length === 1, 'it is refused');
  expect(page.refusals[0]?.data).toMatchObject({
    ...{ error_code: 'VALIDATION_FAILED', details: { fields: [{ field: 'auth.offset' }] } },
  });
  page.close();
});

test('an offset of the future begins at the end, as one who has not recovered', async () => {
  const process = await place.process();
  const asha = await place.user();
  await tellTo(process, asha, 'old');
  const token = await place.token(asha);
  const pid = `${asha}.0.${'a'.repeat(16)}`;
  const page = openFrontend(() => process, { auth: { token, pid, offset: '99' } });
  await until(() => page.socket.connected, 'it is connected');
  await tellTo(process, asha, 'new');
  await until(() => page.texts().length === 1, 'the new one');
  expect(page.texts()).toEqual(['new']);
  page.close();
});

test('a client whose line broke resumes by Socket.IO’s own fields, with its rooms, and has each event once', async () => {
  const process = await place.process({ redisUrl: await createTestRedis() });
  await until(() => process.bus.redis() !== null, 'Redis is there');
  const [asha, ben] = [await place.user(), await place.user()];
  const conversation = await place.directConversation(asha, ben);
  const page = await place.frontend(process, asha);
  await page.asks('join_conversation', conversation);
  await tellTo(process, asha, '1', '2');
  await until(() => page.texts().length === 2, 'two');
  breakLine(page);
  await tellTo(process, asha, '3', '4');
  await until(() => page.connects.length === 2 && page.texts().length === 4, 'it came back');
  expect(page.texts()).toEqual(['1', '2', '3', '4']);
  expect(page.connects).toEqual([false, true]);
  const other = await place.client(process, ben);
  await other.command('typing_start', { conversationId: conversation });
  await until(() => page.heard.some(([name]) => name === 'user_typing'), 'it is in its room');
});

test('a client that had no event yet misses none while it is away', async () => {
  const process = await place.process();
  const asha = await place.user();
  await tellTo(process, asha, 'before');
  const page = await place.frontend(process, asha);
  breakLine(page);
  await tellTo(process, asha, 'meanwhile');
  await until(() => page.texts().length === 1, 'it came back');
  expect(page.texts()).toEqual(['meanwhile']);
});

test('it resumes on any process, and is in the rooms there that it still may be in', async () => {
  const redisUrl = await createTestRedis();
  const [here, there] = [await place.process({ redisUrl }), await place.process({ redisUrl })];
  await until(() => here.bus.redis() !== null && there.bus.redis() !== null, 'Redis is there');
  let at = here;
  const [asha, ben, carl] = [await place.user(), await place.user(), await place.user('admin')];
  const conversation = await place.directConversation(asha, ben);
  const page = await place.frontend(() => at, carl);
  await page.asks('join_conversation', conversation);
  const campaign = await place.campaign(asha);
  await page.asks('join_campaign_room', campaign);
  await tellTo(here, carl, '1');
  await until(() => page.texts().length === 1, 'one');
  // No administrator any more.
  await place.demote(carl);
  at = there;
  breakLine(page);
  await tellTo(here, carl, '2', '3');
  await until(() => page.texts().length === 3, 'it resumed there');
  expect(page.texts()).toEqual(['1', '2', '3']);
  expect(page.connects).toEqual([false, true]);
  const told = () => page.heard.filter(([name]) => name === 'user_typing');
  const other = await place.client(there, ben);
  await other.command('typing_start', { conversationId: conversation });
  there.bus.live({ rooms: [`campaign_${campaign}`], name: 'user_typing', data: TYPING });
  await until(() => told().length > 0, 'it is in the room of the campaign');
  expect(told()).toEqual([['user_typing', TYPING]]);
});
const TYPING = {
  conversationId: '0190a000-0000-7000-8000-000000000001',
  userId: '0190a000-0000-7000-8000-00000000000a',
  isTyping: true,
};

test('a page in a namespace of its own resumes on any process too, in its rooms, with what that namespace has', async () => {
  const redisUrl = await createTestRedis();
  const [here, there] = [await place.process({ redisUrl }), await place.process({ redisUrl })];
  await until(() => here.bus.redis() !== null && there.bus.redis() !== null, 'Redis is there');
  let at = here;
  const asha = await place.user();
  const stream = await liveStream(place.pool, new Date().toISOString());
  const page = await place.frontend(() => at, asha, { namespace: '/gifts' });
  expect(await page.asks('join_stream', { streamId: stream.id })).toMatchObject({ success: true });
  const given = (message: string) => ({
    ...{ giftId: randomUUID(), code: 'ROSE', quantity: 1, tokens: 5, fromUserId: stream.creator_id, fromHandle: 'ben' },
    ...{ streamId: stream.id, toCreatorId: asha, message, combo: { id: randomUUID(), count: 1 } },
    at: new Date().toISOString(),
  });
  const receive = (message: string) =>
    place.pool.transaction((transaction) =>
      announce(transaction, [{ user_id: asha, name: 'gift:received', data: { ...given(message), share: 3 } }]),
    );
  const heard = (name: string) =>
    page.heard.flatMap(([said, data]) => (said === name ? [(data as { message: string }).message] : []));
  await receive('1');
  here.bus.ring([asha]);
  await until(() => heard('gift:received').length === 1, 'the first');
  at = there;
  breakLine(page);
  // What is of the default namespace alone comes between.
  await place.tell([asha], 'elsewhere');
  for (const message of ['2', '3']) await receive(message);
  here.bus.ring([asha]);
  await until(() => heard('gift:received').length === 3, 'it resumed there');
  expect(heard('gift:received')).toEqual(['1', '2', '3']);
  expect(page.connects).toEqual([false, true]);
  expect(page.texts()).toEqual([]);
  there.bus.live({ rooms: [`stream_${stream.id}`], name: 'gift:send', data: given('seen') });
  await until(() => heard('gift:send').length === 1, 'it is in its room');
});

test('another user who comes with the same page resumes nothing of the one before', async () => {
  const process = await place.process();
  const [asha, ben] = [await place.user(), await place.user()];
  await tellTo(process, ben, 'for ben');
  const page = await place.frontend(process, asha);
  await tellTo(process, asha, '1');
  await until(() => page.texts().length === 1, 'hers');
  const token = await place.token(ben);
  page.socket.auth = { token };
  breakLine(page);
  await until(() => page.connects.length === 2, 'it came back');
  await tellTo(process, ben, 'and more');
  await until(() => page.texts().length === 2, 'his');
  expect(page.texts()).toEqual(['1', 'and more']);
  expect(page.connects).toEqual([false, false]);
});

test('a client too far behind begins at the end, and knows that it has not recovered', async () => {
  const process = await place.process({ limits: { resumeEvents: 3 } });
  const asha = await place.user();
  const page = await place.frontend(process, asha);
  await tellTo(process, asha, '1');
  await until(() => page.texts().length === 1, 'one');
  page.socket.io.reconnection(false);
  breakLine(page);
  await tellTo(process, asha, ...numbers(5, 2));
  page.socket.connect();
  await until(() => page.connects.length === 2, 'it came back');
  await tellTo(process, asha, 'next');
  await until(() => page.texts().length === 2, 'the next');
  expect(page.texts()).toEqual(['1', 'next']);
  expect(page.connects).toEqual([false, false]);
});

test('a login that ends closes its pages for good, heard of or not', async () => {
  const process = await place.process({ limits: { sessionSweepMs: 50 } });
  const asha = await place.user();
  const [heard, unheard] = [await place.session(asha), await place.session(asha)];
  const one = await place.frontend(process, asha, { sessionId: heard });
  const other = await place.frontend(process, asha, { sessionId: unheard });
  process.bus.endSession(heard);
  await until(() => one.ends.length === 1, 'the first is closed');
  expect(other.ends).toEqual([]);
  await endSession(place.pool, unheard, 'logout', new Date().toISOString());
  await until(() => other.ends.length === 1, 'the other is closed');
  for (const page of [one, other]) {
    // Socket.IO's client does not come back from this by itself.
    expect(page.ends).toEqual(['io server disconnect']);
    expect(page.heard.at(-1)).toMatchObject(['error', { success: false, error_code: 'UNAUTHENTICATED' }]);
  }
});

test('a token that ends closes the line after a fresh one was asked for; a fresh one keeps it', async () => {
  const process = await place.process({ limits: { tickMs: 20 } });
  const [asha, ben] = [await place.user(), await place.user()];
  const [ended, kept] = [
    await place.frontend(process, asha, { seconds: 2, reconnection: false }),
    await place.frontend(process, ben, { seconds: 2, reconnection: false }),
  ];
  await until(() => kept.heard.some(([name]) => name === 'reauth'), 'a fresh token is asked for');
  expect(await kept.asks('auth', { token: await place.token(asha) })).toMatchObject({ error_code: 'FORBIDDEN' });
  expect(await kept.asks('auth', { token: 'nonsense' })).toMatchObject({ error_code: 'UNAUTHENTICATED' });
  expect(await kept.asks('auth', { token: await place.token(ben) })).toMatchObject({
    ...{ success: true, data: { expires_at: expect.any(String) } },
  });
  await until(() => ended.ends.length === 1, 'the other has ended');
  expect(ended.ends).toEqual(['transport close']);
  await tellTo(process, ben, 'still here');
  await until(() => kept.texts().length === 1, 'it is there');
  expect(kept.ends).toEqual([]);
});

test('the 101st command in a minute is refused with the time to wait', async () => {
  const process = await place.process();
  const asha = await place.user();
  const page = await place.frontend(process, asha);
  const answers = await Promise.all(numbers(101).map(() => page.asks('join', asha)));
  expect(answers.filter(({ success }) => success)).toHaveLength(100);
  expect(answers[100]).toMatchObject({ error_code: 'RATE_LIMITED', details: { retry_after: 60 } });
});

test('a user has at most so many connections over both doors', async () => {
  const process = await place.process({ limits: { connectionsPerUser: 2 } });
  const asha = await place.user();
  const page = await place.frontend(process, asha);
  const client = await place.client(process, asha);
  const token = await place.token(asha);
  const third = openFrontend(() => process, { auth: { token } });
  await until(() => third.refusals.length === 1, 'it is refused');
  expect(third.refusals[0]?.data).toMatchObject({ error_code: 'LIMIT_REACHED' });
  third.close();
  client.close();
  await until(async () => (await count(process, 'tandem_socket_connections{door="ws"}')) === 0, 'one has gone');
  await place.frontend(process, asha);
  expect(page.ends).toEqual([]);
});

test('a command repeated under its key is done once, and its key is no field of it', async () => {
  const keys: unknown[] = [];
  const process = await place.process({
    deps: {
      sendMessage: (_caller, { idempotencyKey }) => {
        keys.push(idempotencyKey);
        return Promise.reject(new Error('enough was seen'));
      },
    },
  });
  const asha = await place.user();
  const page = await place.frontend(process, asha);
  await page.asks('send_message', { receiverId: await place.user(), message: 'Hi', idempotency_key: 'k1' });
  expect(keys).toEqual(['k1']);
});

test('a failure of ours is told as ours, and nothing of its cause', async () => {
  const process = await place.process({ deps: { markSeen: () => Promise.reject(new Error('a secret')) } });
  const asha = await place.user();
  const conversationId = await place.directConversation(asha, await place.user());
  const page = await place.frontend(process, asha);
  const answer = await page.asks('mark_seen', { conversationId });
  expect(answer).toMatchObject({ success: false, error_code: 'INTERNAL' });
  expect(JSON.stringify(answer)).not.toContain('secret');
  expect(process.complaints.join()).toContain('a secret');
});

test('commands of a page are done one after the other, and what is refused meanwhile is told at once', async () => {
  const finished = Promise.withResolvers<number>();
  const process = await place.process({ deps: { markSeen: () => finished.promise }, limits: { commandsPerMinute: 2 } });
  const asha = await place.user();
  const conversationId = await place.directConversation(asha, await place.user());
  const page = await place.frontend(process, asha);
  const order: string[] = [];
  const first = page.asks('mark_seen', { conversationId }).then(() => order.push('first'));
  const second = page.asks('join', asha).then(() => order.push('second'));
  expect(await page.asks('join', asha)).toMatchObject({ error_code: 'RATE_LIMITED' });
  expect(order).toEqual([]);
  finished.resolve(1);
  await Promise.all([first, second]);
  expect(order).toEqual(['first', 'second']);
});

test('a slow page loses live events and no durable ones', async () => {
  const process = await place.process({ limits: { sweepMs: 600_000 } });
  const [asha, ben] = [await place.user(), await place.user()];
  const conversation = await place.directConversation(asha, ben);
  const page = await place.frontend(process, asha);
  await page.asks('join_conversation', conversation);
  const line = lineOf(page);
  line.pause();
  const long = 'x'.repeat(4_000);
  for (let n = 0; n < 20; n++) {
    await Promise.all(Array.from({ length: 100 }, () => place.tell([asha], long)));
    process.bus.ring([asha]);
  }
  await until(async () => {
    process.bus.live({
      rooms: [`conversation_${conversation}`],
      name: 'user_typing',
      data: { ...TYPING, userId: ben },
    });
    return (await count(process, 'tandem_socket_live_dropped_total')) > 0;
  }, 'live events are dropped');
  line.resume();
  await until(() => page.texts().length === 2_000, 'all durable ones are read', 20_000);
  expect(page.ends).toEqual([]);
});

test('a page that takes nothing is closed, and has everything when it comes back', async () => {
  const process = await place.process({ limits: { stalledMs: 150, tickMs: 20, sweepMs: 50 } });
  const asha = await place.user();
  const page = await place.frontend(process, asha);
  const line = lineOf(page);
  line.pause();
  const long = 'x'.repeat(4_000);
  for (let n = 0; n < 20; n++) {
    await Promise.all(Array.from({ length: 100 }, () => place.tell([asha], long)));
    process.bus.ring([asha]);
  }
  const closed = 'tandem_socket_closes_total{reason="too_slow"}';
  await until(async () => (await count(process, closed)) >= 1, 'it is closed');
  line.resume();
  await until(() => page.texts().length === 2_000, 'it came back and resumed', 20_000);
  expect(page.ends.length).toBeGreaterThan(0);
});

test('a process that stops tells its pages, lets commands end, and the pages resume at another', async () => {
  const started = Promise.withResolvers<void>();
  const finished = Promise.withResolvers<number>();
  const markSeen = () => {
    started.resolve();
    return finished.promise;
  };
  const [first, second] = [await place.process({ deps: { markSeen } }), await place.process()];
  let at = first;
  const asha = await place.user();
  const conversationId = await place.directConversation(asha, await place.user());
  const page = await place.frontend(() => at, asha);
  const answer = page.asks('mark_seen', { conversationId });
  await started.promise;
  at = second;
  const closing = first.realtime.close();
  await until(() => page.heard.some(([name]) => name === 'drain'), 'it is told');
  finished.resolve(3);
  expect(await answer).toMatchObject({ success: true, data: { seen: 3 } });
  await tellTo(second, asha, 'after');
  await until(() => page.texts().length === 1, 'it is told at the other');
  await closing;
});

test('while nobody can be signed in the line breaks, and pages come back by themselves', async () => {
  let away = true;
  const asha = await place.user();
  const process = await place.process({
    async verify() {
      if (away) throw new Error('Postgres is away');
      return { userId: asha, sessionId: null, expiresAt: new Date(Date.now() + 900_000) };
    },
  });
  const page = openFrontend(() => process, { auth: { token: 'any' } });
  await until(() => process.complaints.length > 1, 'it was tried again');
  expect(page.refusals.filter(({ data }) => data !== undefined)).toEqual([]);
  away = false;
  await until(() => page.socket.connected, 'it is connected');
  page.close();
});

test('nothing is lost, doubled or out of order however bells are rung and lines break', async () => {
  const process = await place.process({ limits: { sweepMs: 30, pageEvents: 5, fetchEvents: 7 } });
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('tell' as const), many: fc.integer({ min: 1, max: 8 }) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('ring' as const), many: fc.constant(1) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('break' as const), many: fc.constant(1) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const asha = await place.user();
      const page = await place.frontend(process, asha);
      let told = 0;
      for (const { do: what, many } of steps) {
        if (what === 'ring') process.bus.ring([asha, asha]);
        else if (what === 'break') page.socket.connected && breakLine(page);
        else for (let n = 0; n < many; n++) await place.tell([asha], String(++told));
      }
      await until(() => page.texts().length >= told, `all ${told} have come`);
      expect(page.texts()).toEqual(numbers(told));
      page.close();
    }),
    { numRuns: 15 },
  );
});

test('who joins no namespace, or leaves the last, is closed', async () => {
  const process = await place.process({ limits: { authWithinMs: 100, tickMs: 20 } });
  const idle = new WebSocket(`${process.url.replace('/ws', '')}/socket.io/?EIO=4&transport=websocket`);
  const closed = new Promise((resolve) => idle.on('close', resolve));
  await closed;
  const leaver = new WebSocket(`${process.url.replace('/ws', '')}/socket.io/?EIO=4&transport=websocket`);
  const texts: string[] = [];
  const ended = new Promise((resolve) => leaver.on('close', resolve));
  leaver.on('message', (data) => texts.push(data.toString()));
  await until(() => texts.length === 1, 'it is greeted');
  leaver.send(`40${JSON.stringify({ token: await place.token(await place.user()) })}`);
  await until(() => texts.length === 2, 'it is let in');
  expect(texts[1]).toMatch(/^40\{"sid":".+","pid":".+"\}$/);
  leaver.send('41');
  await ended;
});

test('a request that is no WebSocket’s at /ws is answered, and a broken one at /socket.io/ costs nobody anything', async () => {
  const process = await place.process();
  const { port } = new URL(httpOf(process));
  const line = connect(Number(port), '127.0.0.1');
  line.write(
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  const said = await new Promise<string>((resolve) => line.once('data', (data) => resolve(data.toString())));
  expect(said).toMatch(/^HTTP\/1\.1 400/);
  line.destroy();
  const page = await place.frontend(process, await place.user());
  expect(page.socket.connected).toBe(true);
});

/** The line beneath a page's WebSocket, which can be left unread. */
function lineOf({ socket }: Frontend): { pause(): void; resume(): void } {
  const transport = socket.io.engine.transport as unknown as { ws: { _socket: { pause(): void; resume(): void } } };
  return transport.ws._socket;
}
