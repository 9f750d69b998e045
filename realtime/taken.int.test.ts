import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { getLastSeq } from '#db/event/outbox.ts';
import { notify } from '#db/notification/notify.ts';
import { createTestRedis } from '#local/testStack.ts';
import { createBus } from './bus.ts';
import { createTaken, type Taken } from './taken.ts';
import { openPlace, type Place, type Process } from './testing/place.ts';

const DEADLINE = { timeout: 10_000, interval: 20 };
const log = { debug() {}, info() {}, warn() {}, error() {} };

let place: Place;
let process: Process;
let asking: Taken;
let bus: ReturnType<typeof createBus>;
beforeAll(async () => {
  place = await openPlace();
  const redisUrl = await createTestRedis();
  process = await place.process({ redisUrl });
  // As another process asks, which has no sockets.
  bus = createBus({ redisUrl, log });
  asking = createTaken({ redis: bus.redis, log });
});
afterAll(async () => {
  asking.close();
  bus.close();
  await place.close();
});

/** Tells somebody something; the number of its last event. */
async function tell(userId: string): Promise<number> {
  await place.pool.transaction((transaction) =>
    notify(
      transaction,
      [{ userId, kind: 'security', key: crypto.randomUUID(), actorId: null, target: null, title: 'New sign-in' }],
      { now: new Date().toISOString() },
    ),
  );
  process.bus.ring([userId]);
  return getLastSeq(place.pool, userId);
}

test('what a connected client has acknowledged is known in every process, and what comes after it is not', async () => {
  const user = await place.user();
  await place.client(process, user);
  const seq = await tell(user);
  await vi.waitFor(async () => expect(await asking.has(user, seq)).toBe(true), DEADLINE);
  expect(await asking.has(user, seq + 1)).toBe(false);
  const next = await tell(user);
  await vi.waitFor(async () => expect(await asking.has(user, next)).toBe(true), DEADLINE);
});

test.each([['websocket'], ['polling'], ['polling', 'websocket']])(
  'what a page of Socket.IO’s has is known as well, over %s %s',
  async (...transports) => {
    const user = await place.user();
    const page = await place.frontend(process, user, { transports });
    const seq = await tell(user);
    await vi.waitFor(async () => expect(await asking.has(user, seq)).toBe(true), DEADLINE);
    expect(page.heard.map(([name]) => name)).toContain('new_notification');
    expect(await asking.has(user, seq + 1)).toBe(false);
    const next = await tell(user);
    await vi.waitFor(async () => expect(await asking.has(user, next)).toBe(true), DEADLINE);
    expect(page.connects).toEqual([false]);
  },
);

test('what a page has that is frozen, and whose line is open all the same, is not taken', async () => {
  const [frozen, other] = [await place.user(), await place.user()];
  await place.client(process, other);
  const page = await place.frontend(process, frozen);
  const engine = page.socket.io.engine as unknown as { transport: { onPacket(packet: { type: string }): void } };
  const { transport } = engine;
  const take = transport.onPacket.bind(transport);
  const kept: { type: string }[] = [];
  const asked = new Promise<void>((resolve) => {
    transport.onPacket = (packet) => {
      kept.push(packet);
      if (packet.type === 'ping') resolve();
    };
  });
  const seq = await tell(frozen);
  await asked;
  // By then it would be known.
  const theirs = await tell(other);
  await vi.waitFor(async () => expect(await asking.has(other, theirs)).toBe(true), DEADLINE);
  expect(await asking.has(frozen, seq)).toBe(false);
  transport.onPacket = take;
  for (const packet of kept) take(packet);
  await vi.waitFor(async () => expect(await asking.has(frozen, seq)).toBe(true), DEADLINE);
});

test('a namespace that has no notifications takes none', async () => {
  const [user, other] = [await place.user(), await place.user()];
  await place.client(process, other);
  await place.frontend(process, user, { namespace: '/gifts' });
  const seq = await tell(user);
  const theirs = await tell(other);
  await vi.waitFor(async () => expect(await asking.has(other, theirs)).toBe(true), DEADLINE);
  expect(await asking.has(user, seq)).toBe(false);
});

test('what was sent to a client that does not answer is not taken', async () => {
  const [silent, other] = [await place.user(), await place.user()];
  await place.client(process, other);
  const socket = new WebSocket(process.url, { autoPong: false, perMessageDeflate: false });
  const heard: string[] = [];
  socket.on('message', (data) => heard.push(data.toString()));
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ type: 'auth', token: await place.token(silent) }));
  await vi.waitFor(() => expect(heard.join()).toContain('"ready"'), DEADLINE);
  const pinged = new Promise((resolve) => socket.once('ping', resolve));
  const seq = await tell(silent);
  await pinged;
  expect(heard.join()).toContain('new_notification');
  // By then this one would be known too.
  const theirs = await tell(other);
  await vi.waitFor(async () => expect(await asking.has(other, theirs)).toBe(true), DEADLINE);
  expect(await asking.has(silent, seq)).toBe(false);
  // An answer that nobody asked for says nothing.
  socket.pong(String(seq + 1_000_000));
  socket.pong(String(seq));
  await vi.waitFor(async () => expect(await asking.has(silent, seq)).toBe(true), DEADLINE);
  expect(await asking.has(silent, seq + 1)).toBe(false);
  socket.terminate();
});

test('who is not connected, or was heard of by nobody, has taken nothing; without a Redis nobody has', async () => {
  const user = await place.user();
  const seq = await tell(user);
  expect(await asking.has(user, seq)).toBe(false);
  const alone = createTaken({ redis: () => null, log });
  alone.took(user, seq);
  alone.close();
  expect(await alone.has(user, seq)).toBe(false);
});

test('an older word that comes late takes nothing back', async () => {
  const user = await place.user();
  asking.took(user, 7);
  asking.took(user, 5);
  await vi.waitFor(async () => expect(await asking.has(user, 7)).toBe(true), DEADLINE);
  const other = createTaken({ redis: bus.redis, log });
  other.took(user, 6);
  other.close();
  await vi.waitFor(async () => expect(await bus.redis()?.zscore(`tandem:taken:${user}`, 'seq')).toBe('7'), DEADLINE);
});
