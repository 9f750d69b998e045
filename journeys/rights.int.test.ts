import type { Logger } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attachSockets } from '#api/sockets.ts';
import { startTestApp, type TestApp } from '#api/testing/app.ts';
import { findProcess } from '#db/process/processes.ts';
import { expireIfDue } from '#db/process/step.ts';
import { createTestDatabase, createTestRedis } from '#local/testStack.ts';
import { type Bus, createBus } from '#realtime/bus.ts';
import type { Realtime } from '#realtime/realtime.ts';
import { Client } from '#realtime/testing/client.ts';
import { type Frontend, openFrontend } from '#realtime/testing/frontend.ts';
import { startStreams } from '#worker/streams.ts';
import type { Turns } from '#worker/turns.ts';
import { machineOf } from '#workflows/kinds.ts';
import { type Json, type Person, register, until } from './person.ts';
import { ok } from './play.ts';
import { announce, heard, onAir } from './streaming.ts';

// Whoever loses a right is out of the room that it opened: at once, on each node and at both doors, whatever took it.

/** So soon it is seen; what finds rights that were lost without a word does not look in this time. */
const AT_ONCE_MS = 5_000;
const NEVER_MS = 3_600_000;

type Node = { api: TestApp; realtime: Realtime };
let nodes: Node[];
let bus: Bus;
let worker: Turns;
const url = (n: number) => (nodes[n] as Node).api.app.listeningOrigin;
/** What one of them stands on. */
const stand = () => (nodes[0] as Node).api.deps;

beforeAll(async () => {
  const [databaseUrl, redisUrl] = [await createTestDatabase(), await createTestRedis()];
  nodes = [];
  for (let n = 0; n < 2; n += 1) {
    const api = await startTestApp({ databaseUrl, redisUrl });
    const realtime = attachSockets(api.app, api.deps, { roomSweepMs: NEVER_MS });
    await api.app.listen({ port: 0, host: '127.0.0.1' });
    nodes.push({ api, realtime });
  }
  const { pool, log, now, config } = stand();
  bus = createBus({ redisUrl, log });
  worker = startStreams({ pool, bus, log: log as Logger, now, ring() {}, systemUserId: config.SYSTEM_USER_ID });
  await until(
    async () => [bus, ...nodes.map(({ api }) => api.deps.bus)].map((each) => each.redis() !== null),
    (there) => there.every(Boolean),
  );
});
afterAll(async () => {
  await worker?.stop();
  bus?.close();
  for (const { api, realtime } of nodes ?? []) {
    await realtime.close();
    await api.close();
  }
});

const person = (...roles: string[]) => register(url(0), roles);

type Ear = { asks(): Promise<Json>; left(): string[]; close(): void };

/** A room that somebody has open on both nodes, by both doors. */
async function open(someone: Person, kind: 'conversation' | 'stream', id: string) {
  const command = kind === 'conversation' ? 'join_conversation' : 'join_stream';
  const ears: Ear[] = [0, 1].flatMap((n) => {
    const client = new Client({ url: () => `${url(n).replace('http', 'ws')}/ws`, token: () => someone.access });
    const page: Frontend = openFrontend(() => ({ url: url(n) }), { auth: { token: someone.access } });
    return [
      {
        asks: () => client.command(command, id),
        left: () => client.lives.filter(({ name }) => name === 'left_room').map(({ data }) => (data as Json).room),
        close: () => client.close(),
      },
      {
        asks: () => page.asks(command, kind === 'stream' ? { streamId: id } : id),
        left: () => heard(page, 'left_room').map(({ room }) => room),
        close: () => page.close(),
      },
    ];
  });
  for (const ear of ears) expect(await ear.asks()).toMatchObject({ success: true });
  return {
    isIn: () => ears.map((ear) => ear.left().length === 0),
    async untilOut() {
      await until(
        async () => ears.map((ear) => ear.left()),
        (all) => all.every((left) => left.includes(`${kind}_${id}`)),
        AT_ONCE_MS,
      );
      for (const ear of ears) expect(await ear.asks()).toMatchObject({ success: false, error_code: 'NOT_FOUND' });
      for (const ear of ears) ear.close();
    },
    close() {
      for (const ear of ears) ear.close();
    },
  };
}

/** A room of somebody's, with another and a third in it. */
async function group() {
  const [owner, member, other] = [await person('viewer'), await person('viewer'), await person('viewer')];
  const body = { name: 'Crew', kind: 'group', member_ids: [member.id, other.id] };
  const { room } = await ok(owner.post('/api/chat/rooms', body));
  return { owner, member, other, id: room.id as string };
}

type Losing = {
  kind: 'conversation' | 'stream';
  id: string;
  loses: Person;
  /** Somebody else in the same room. */
  keeps: Person;
  by: () => Promise<unknown>;
};

const ways: Record<string, () => Promise<Losing>> = {
  async 'a member who is taken out'() {
    const { owner, member, other, id } = await group();
    const by = () => ok(owner.ask('DELETE', `/api/chat/rooms/${id}/members/${member.id}`));
    return { kind: 'conversation', id, loses: member, keeps: other, by };
  },
  async 'a member who leaves'() {
    const { member, other, id } = await group();
    const by = () => ok(member.ask('DELETE', `/api/chat/rooms/${id}/members/${member.id}`));
    return { kind: 'conversation', id, loses: member, keeps: other, by };
  },
  async 'who is removed from a stream'() {
    const [creator, loses, keeps] = [await person('creator'), await person('viewer'), await person('viewer')];
    const id = await onAir(creator);
    const by = () => ok(creator.post(`/api/streams/${id}/removals`, { user_id: loses.id }));
    return { kind: 'stream', id, loses, keeps, by };
  },
  async 'who is blocked by the creator of a stream'() {
    const [creator, loses, keeps] = [await person('creator'), await person('viewer'), await person('viewer')];
    const id = await onAir(creator);
    return { kind: 'stream', id, loses, keeps, by: () => ok(creator.post(`/api/users/${loses.id}/block`)) };
  },
  async 'who blocks the creator of a stream'() {
    const [creator, loses, keeps] = [await person('creator'), await person('viewer'), await person('viewer')];
    const id = await onAir(creator);
    return { kind: 'stream', id, loses, keeps, by: () => ok(loses.post(`/api/users/${creator.id}/block`)) };
  },
  async 'who follows no longer'() {
    const [creator, loses, keeps] = [await person('creator'), await person('viewer'), await person('viewer')];
    for (const fan of [loses, keeps]) await ok(fan.post(`/api/users/${creator.id}/follow`));
    const id = await onAir(creator, { visibility: 'followers' });
    return { kind: 'stream', id, loses, keeps, by: () => ok(loses.ask('DELETE', `/api/users/${creator.id}/follow`)) };
  },
  async 'who gives a ticket back'() {
    const { id, event, loses, keeps, ticket } = await ticketed();
    return {
      kind: 'stream',
      id,
      loses,
      keeps,
      by: () => ok(loses.ask('DELETE', `/api/events/${event}/tickets/${ticket}`)),
    };
  },
  async 'whose ticket is taken back by the creator'() {
    const { id, event, creator, loses, keeps, ticket } = await ticketed();
    return {
      kind: 'stream',
      id,
      loses,
      keeps,
      by: () => ok(creator.ask('DELETE', `/api/events/${event}/tickets/${ticket}`)),
    };
  },
  async 'whose month is over'() {
    const [creator, loses, keeps] = [await person('creator'), await person('viewer'), await person('viewer')];
    const tiers = [{ code: 'gold', name: 'Gold', price: 20, perks: [] }];
    await ok(creator.ask('PUT', `/api/creator/${creator.id}/tiers`, { tiers }));
    const month = { creator_id: creator.id, tier: 'gold' };
    const { subscription } = await ok(loses.post('/api/subscriptions', month));
    await ok(keeps.post('/api/subscriptions', month));
    await ok(loses.ask('DELETE', `/api/subscriptions/${subscription.id}`));
    const id = await onAir(creator, { visibility: 'subscribers' });
    return { kind: 'stream', id, loses, keeps, by: () => fallDue(subscription.id) };
  },
};

/** Two who have a ticket to an event on air. */
async function ticketed() {
  const [creator, loses, keeps] = [await person('creator'), await person('viewer'), await person('viewer')];
  const id = await announce(creator);
  const starts_at = new Date(Date.now() + 7 * 86_400_000).toISOString();
  const said = { title: 'An evening of ragas', starts_at, capacity: 5, price: '30', stream_id: id };
  const { event } = await ok(creator.post('/api/events', said));
  await ok(creator.post(`/api/streams/${id}/start`));
  const { ticket } = await ok(loses.post(`/api/events/${event.id}/tickets`));
  await ok(keeps.post(`/api/events/${event.id}/tickets`));
  return { id, creator, loses, keeps, event: event.id as string, ticket: ticket.id as string };
}

/** What a process waits for has come. */
async function fallDue(id: string): Promise<void> {
  const { pool, config } = stand();
  const stored = await findProcess(pool, id);
  const now = stored && machineOf('subscription').deadlineOf(stored.process);
  if (!stored || !now) throw new Error('it waits for nothing');
  const origin = { now, systemUserId: config.SYSTEM_USER_ID, correlationId: null };
  expect(await expireIfDue(pool, stored, origin)).toBeTruthy();
}

test.each(Object.entries(ways))('%s is out at once, and nobody else is', async (_, bring) => {
  const { kind, id, loses, keeps, by } = await bring();
  const [out, stays] = [await open(loses, kind, id), await open(keeps, kind, id)];
  await by();
  await out.untilOut();
  expect(stays.isIn()).toEqual([true, true, true, true]);
  stays.close();
});

test('two of whom one has blocked the other are both out of what they had between them', async () => {
  const [asha, ben, carl] = [await person('viewer'), await person('viewer'), await person('viewer')];
  const between = async (one: Person, other: Person): Promise<string> =>
    (await ok(one.post('/api/messages/send', { receiver_id: other.id, message: 'Hello' }))).message.conversation_id;
  const [theirs, another] = [await between(asha, ben), await between(asha, carl)];
  const [a, b] = [await open(asha, 'conversation', theirs), await open(ben, 'conversation', theirs)];
  const stays = await open(asha, 'conversation', another);
  await ok(ben.post(`/api/users/${asha.id}/block`));
  await a.untilOut();
  await b.untilOut();
  expect(stays.isIn()).toEqual([true, true, true, true]);
  stays.close();
});
