import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, createTestRedis } from '#local/testStack.ts';
import { CLOSE_CODES } from '#realtime/closeCodes.ts';
import { Client } from '#realtime/testing/client.ts';
import { until } from '#realtime/testing/place.ts';
import { attachSockets } from '../sockets.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let api: TestApp;
let sockets: ReturnType<typeof attachSockets>;
let url: string;
const clients: Client[] = [];
beforeAll(async () => {
  api = await startTestApp({ databaseUrl: await createTestDatabase(), redisUrl: await createTestRedis() });
  sockets = attachSockets(api.app, api.deps);
  await api.app.listen({ port: 0, host: '127.0.0.1' });
  url = api.app.listeningOrigin;
});
afterAll(async () => {
  for (const client of clients) client.close();
  await sockets.close();
  await api.close();
  expect(clients.flatMap(({ faults }) => faults)).toEqual([]);
});

interface Person {
  id: string;
  access: string;
  refresh: string;
}

let people = 0;
async function register(): Promise<Person> {
  const { body } = await call('POST', '/api/auth/register', null, { handle: `p${++people}`, password: 'secret123' });
  const { user, access, refresh } = body.data;
  return { id: user.id, access, refresh };
}

async function call(method: string, path: string, person: Person | null, payload?: object, headers = {}) {
  const authorization = person ? { authorization: `Bearer ${person.access}` } : {};
  const response = await api.app.inject({
    method: method as 'GET',
    url: path,
    headers: { ...authorization, ...headers },
    ...(payload ? { payload } : {}),
  });
  return { status: response.statusCode, body: response.json() };
}

async function connect(person: Person, resume: number | null = null): Promise<Client> {
  const client = new Client({ url: () => `${url.replace('http', 'ws')}/ws`, token: () => person.access, resume });
  clients.push(client);
  await until(() => client.ready !== null || client.closes.length > 0, 'signed in or refused');
  return client;
}

async function conversationOf(one: Person, other: Person): Promise<string> {
  const { body } = await call('POST', '/api/messages/send', one, { receiver_id: other.id, message: 'hello' });
  return body.data.message.conversation_id;
}

/** As what a message comes to who is sent it. */
const TOLD = ['new_message', 'notification', 'message_preview'];

test('a message sent over a socket is on the other side’s socket, and in the conversation over REST', async () => {
  const [asha, ben] = [await register(), await register()];
  const conversationId = await conversationOf(asha, ben);
  const [a, b] = [await connect(asha), await connect(ben)];
  const ack = await a.command('send_message', { conversationId, senderId: asha.id, message: 'over the socket' });
  expect(ack).toMatchObject({ success: true, data: { message: { message: 'over the socket', sender_id: asha.id } } });
  await until(() => b.events.length === TOLD.length, 'all that a message is told as');
  expect(b.events.map(({ name }) => name)).toEqual(TOLD);
  expect(b.events[0]?.data).toMatchObject({ conversation_id: conversationId, message: { message: 'over the socket' } });
  await until(() => a.events.length === 1, 'the sender’s other pages hear of it as well');
  const { body } = await call('GET', `/api/messages/conversations/${conversationId}/messages`, ben);
  expect(body.data[0].message).toBe('over the socket');
});

test('a text that no database keeps is refused on a socket as over REST, and the connection goes on', async () => {
  const [asha, ben] = [await register(), await register()];
  const conversationId = await conversationOf(asha, ben);
  const a = await connect(asha);
  for (const message of ['nul\0', 'half \ud83d']) {
    const refusal = { success: false, error_code: 'VALIDATION_FAILED', details: { fields: [{ field: 'message' }] } };
    expect(await a.command('send_message', { conversationId, message })).toMatchObject(refusal);
    const { status, body } = await call('POST', '/api/messages/send', asha, {
      conversation_id: conversationId,
      message,
    });
    expect([status, body]).toMatchObject([400, refusal]);
  }
  expect(await a.command('send_message', { conversationId, message: 'whole 😀' })).toMatchObject({ success: true });
});

test('a message repeated under its idempotency key is written once', async () => {
  const [asha, ben] = [await register(), await register()];
  const conversationId = await conversationOf(asha, ben);
  const a = await connect(asha);
  const command = (id: number, message: string) => ({
    type: 'command',
    id,
    name: 'send_message',
    data: { conversationId, message },
    idempotency_key: 'once',
  });
  for (const [id, text] of [
    [1, 'one'],
    [2, 'one'],
    [3, 'two'],
  ] as const) {
    a.socket?.send(JSON.stringify(command(id, text)));
  }
  const acks = () => a.frames.filter((frame) => frame.type === 'ack');
  await until(() => acks().length === 3, 'three answers');
  const [first, again, other] = acks();
  expect(first).toMatchObject({ success: true });
  expect(again).toEqual({ ...first, id: 2 });
  expect(other).toMatchObject({ success: false, error_code: 'IDEMPOTENCY_MISMATCH' });
  const { body } = await call('GET', `/api/messages/conversations/${conversationId}/messages`, ben);
  expect(body.data.map(({ message }: { message: string }) => message)).toEqual(['one', 'hello']);
});

test('seen messages are told to who wrote them, once', async () => {
  const [asha, ben] = [await register(), await register()];
  const conversationId = await conversationOf(asha, ben);
  const [a, b] = [await connect(asha), await connect(ben)];
  expect(await b.command('mark_seen', { conversationId, userId: ben.id })).toMatchObject({ data: { seen: 1 } });
  expect(await b.command('mark_seen', { conversationId, userId: ben.id })).toMatchObject({ data: { seen: 0 } });
  await until(() => a.events.length === 2, 'it is told in both applications’ words');
  const [seen, read] = a.events;
  expect(seen).toMatchObject({ name: 'message_seen', data: { conversationId, userId: ben.id, messageId: null } });
  expect(read).toMatchObject({ name: 'message_read', data: { data: { conversationId, userId: ben.id } } });
});

test('other people’s conversations can be neither written in nor marked', async () => {
  const [asha, ben, eve] = [await register(), await register(), await register()];
  const conversationId = await conversationOf(asha, ben);
  const e = await connect(eve);
  for (const [name, data] of [
    ['send_message', { conversationId, message: 'let me in' }],
    ['mark_seen', { conversationId }],
  ] as const) {
    expect(await e.command(name, data), name).toMatchObject({ success: false, error_code: 'NOT_FOUND' });
  }
});

test('GET /api/events gives page by page what a socket was sent', async () => {
  const [asha, ben] = [await register(), await register()];
  const b = await connect(ben, 0);
  for (let n = 0; n < 4; n++) {
    await call('POST', '/api/messages/send', asha, { receiver_id: ben.id, message: `hello ${n}` });
  }
  const all = 4 * TOLD.length;
  await until(() => b.events.length === all, 'all events');
  const read: unknown[] = [];
  let after: string | null = '0';
  while (after !== null) {
    const { body } = await call('GET', `/api/events?after=${after}&limit=3`, ben);
    expect(body.page.limit).toBe(3);
    read.push(...body.data);
    after = body.page.next_cursor;
  }
  expect(read).toEqual(b.events.map(({ type: _, ...event }) => event));
  expect((await call('GET', '/api/events?cursor=6', ben)).body.data).toEqual(read.slice(6));
  expect((await call('GET', `/api/events?after=${all}`, ben)).body).toMatchObject({
    data: [],
    page: { next_cursor: null },
  });
});

test.each(['after=-1', 'after=x', 'after=1.5', 'after=1', 'limit=0', 'limit=101', 'from=1'])(
  'GET /api/events?%s of an account without events is refused by name',
  async (query) => {
    const { status, body } = await call('GET', `/api/events?${query}`, await register());
    expect(status).toBe(400);
    expect(body.details.fields[0].field).toBe(query.split('=')[0]);
  },
);

test('GET /api/events asks for a token', async () => {
  expect(await call('GET', '/api/events', null)).toMatchObject({
    status: 401,
    body: { error_code: 'UNAUTHENTICATED' },
  });
});

test('signing out closes the sockets of that login', async () => {
  const asha = await register();
  const a = await connect(asha);
  expect((await call('POST', '/api/auth/logout', asha, { refresh: asha.refresh })).status).toBeLessThan(300);
  await until(() => a.closes.length === 1, 'it is closed');
  expect(a.closes[0]?.code).toBe(CLOSE_CODES.session_ended.code);
  const back = await connect(asha);
  expect(back.closes[0]?.code).toBe(CLOSE_CODES.unauthenticated.code);
});
