import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { newUser } from '#db/deal/testing/dealing.ts';
import { decidePublication, publish } from '#db/event/publications.ts';
import { findReplay, insertReplay } from '#db/event/replays.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { listTasks } from '#db/task/tasks.ts';
import { createTestDatabase } from '#local/testStack.ts';
import type { CreditOrBoostEvent } from '#workflows/boost/contract.ts';
import { createBroker, QUEUES } from './broker.ts';
import { startPublisher } from './publisher.ts';
import { replayInto, startReplaying } from './replaying.ts';
import { drain, openRabbit, type TestRabbit } from './testing/rabbit.ts';
import type { Turns } from './turns.ts';

// A real RabbitMQ of this file's own, which is killed in between.

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
const WAIT = { timeout: 60_000, interval: 50 };
const log = pino({ level: 'silent' });

let rabbit: TestRabbit;
let pool: Pool;
const running: Turns[] = [];

beforeAll(async () => {
  rabbit = await openRabbit();
});
afterAll(() => rabbit?.close());
beforeEach(async () => {
  pool = createPool(await createTestDatabase(), { size: 6 });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
  await pool.end();
  for (const queue of QUEUES)
    await rabbit
      .client()
      .queueDelete({ queue })
      .catch(() => {});
  await rabbit
    .client()
    .exchangeDelete({ exchange: 'credit_events' })
    .catch(() => {});
});

function publishing(now = () => new Date()): Turns {
  const one = startPublisher({ pool, broker: createBroker(rabbit.url, log), log, now });
  running.push(one);
  return one;
}

async function stop(one: Turns): Promise<void> {
  running.splice(running.indexOf(one), 1);
  await one.stop();
}

function boostOf(targetId: string, eventId = `boost_${randomUUID()}`): CreditOrBoostEvent {
  return {
    type: 'profile_boost',
    userId: '0197aaaa-0000-7000-8000-000000000001',
    targetId,
    amount: 100,
    duration: 24,
    eventId,
    timestamp: new Date().toISOString(),
  };
}

async function write(...events: CreditOrBoostEvent[]): Promise<void> {
  await pool.transaction((transaction) =>
    publish(
      transaction,
      events.map((event) => ({
        routingKey: event.type.includes('boost') ? ('boost.event' as const) : ('credit.event' as const),
        about: `profile/${'targetId' in event ? event.targetId : event.userId}`,
        event,
      })),
    ),
  );
}

const waiting = () =>
  pool.any(sql.type(z.object({ key: z.string(), failure: z.string().nullable() }))`
    SELECT key, failure FROM publications WHERE published_at IS NULL ORDER BY id
  `);
const untilPublished = () => vi.waitFor(async () => expect(await waiting()).toEqual([]), WAIT);
const tasks = () => listTasks(pool, { open: true, kind: 'undeliverable', limit: 50, before: null });
const keysOf = (read: readonly { messageId: string }[]) => read.map(({ messageId }) => messageId);

test('an event is in all three queues, as the seed has it, with its CloudEvents attributes beside it', async () => {
  const event = boostOf(randomUUID());
  const spent: CreditOrBoostEvent = {
    type: 'credit_spent',
    userId: randomUUID(),
    amount: 5,
    eventId: `credit_spent_${randomUUID()}`,
    timestamp: new Date().toISOString(),
  };
  await write(event, spent);
  publishing();
  await untilPublished();
  for (const queue of QUEUES) {
    const read = await drain(rabbit, queue);
    expect(read.map(({ body, routingKey }) => [routingKey, body])).toEqual([
      ['boost.event', event],
      ['credit.event', spent],
    ]);
    const [{ body, headers, messageId, type }] = read as [(typeof read)[number]];
    expect(Object.keys(body as object)).toEqual(Object.keys(event));
    expect([messageId, type]).toEqual([event.eventId, 'profile_boost']);
    expect(headers).toMatchObject({
      'cloudEvents:specversion': '1.0',
      'cloudEvents:id': event.eventId,
      'cloudEvents:source': 'urn:tandem:credits',
      'cloudEvents:type': 'profile_boost',
      'cloudEvents:time': event.timestamp,
    });
  }
});

test('events about one thing arrive in their order, from two publishers at once, and each once', async () => {
  const targets = Array.from({ length: 5 }, () => randomUUID());
  const events = Array.from({ length: 100 }, (_, place) => boostOf(targets[place % 5] as string));
  await write(...events);
  publishing();
  publishing();
  await untilPublished();
  const read = keysOf(await drain(rabbit, 'user_credit_queue'));
  expect([...read].sort()).toEqual(events.map(({ eventId }) => eventId).sort());
  for (const target of targets) {
    const theirs = events.filter((event) => 'targetId' in event && event.targetId === target);
    const ids = theirs.map(({ eventId }) => eventId);
    expect(read.filter((key) => ids.includes(key))).toEqual(ids);
  }
});

test('a broker that is killed in the middle of a batch loses nothing, and nothing arrives out of order', async () => {
  const targets = Array.from({ length: 20 }, () => randomUUID());
  const events = Array.from({ length: 400 }, (_, place) => boostOf(targets[place % 20] as string));
  await write(...events);
  publishing();
  await vi.waitFor(async () => expect((await waiting()).length).toBeLessThan(360), { timeout: 60_000, interval: 2 });
  await rabbit.kill();
  expect((await waiting()).length).toBeGreaterThan(0);
  await rabbit.start();
  await untilPublished();
  const read = keysOf(await drain(rabbit, 'clan_credit_queue'));
  expect(new Set(read)).toEqual(new Set(events.map(({ eventId }) => eventId)));
  // Once at least; repeated is only what was under way when it died, by the same id and next to itself.
  expect(read.length - events.length).toBeLessThanOrEqual(20);
  for (const target of targets) {
    const ids = events
      .filter((event) => 'targetId' in event && event.targetId === target)
      .map(({ eventId }) => eventId);
    const theirs = read.filter((key) => ids.includes(key));
    expect(theirs.filter((key, place) => key !== theirs[place - 1])).toEqual(ids);
  }
  expect(await tasks()).toEqual([]);
});

test('what no queue takes is not published: it waits with an operator’s task, and goes when there is one', async () => {
  const one = publishing();
  const first = boostOf(randomUUID());
  await write(first);
  await untilPublished();
  for (const queue of QUEUES) {
    await rabbit.client().queueUnbind({ exchange: 'credit_events', queue, routingKey: 'boost.event' });
  }
  const [lost, after, other] = [boostOf(randomUUID()), boostOf(randomUUID()), randomUUID()];
  await write(lost, { ...after, targetId: (lost as { targetId: string }).targetId } as CreditOrBoostEvent);
  const spent: CreditOrBoostEvent = {
    type: 'credit_earned',
    userId: other,
    amount: 5,
    reason: 'x',
    eventId: `credit_earned_${other}`,
    timestamp: new Date().toISOString(),
  };
  await write(spent);
  await vi.waitFor(async () => {
    const [task] = await tasks();
    expect(task?.details).toMatchObject({
      message_id: lost.eventId,
      why: expect.stringMatching(/^returned: NO_ROUTE/),
    });
  }, WAIT);
  // It holds up what is about the same, and nothing else.
  await vi.waitFor(async () => {
    expect((await waiting()).map(({ key }) => key)).toEqual([lost.eventId, after.eventId]);
  }, WAIT);
  await stop(one);
  // A new connection declares what is missing.
  publishing();
  await untilPublished();
  await vi.waitFor(async () => expect(await tasks()).toEqual([]), WAIT);
  expect(keysOf(await drain(rabbit, 'user_credit_queue'))).toEqual([
    first.eventId,
    spent.eventId,
    lost.eventId,
    after.eventId,
  ]);
});

test('what the broker refuses is not taken for published: a nack holds up its own kind alone until it is taken', async () => {
  // A queue that is always full makes RabbitMQ say no to whatever is routed to it.
  const full = {
    queue: `full_${randomUUID()}`,
    arguments: { 'x-max-length': 0, 'x-overflow': 'reject-publish' as const },
  };
  publishing();
  await write(boostOf(randomUUID()));
  await untilPublished();
  await rabbit.client().queueDeclare(full);
  await rabbit.client().queueBind({ exchange: 'credit_events', queue: full.queue, routingKey: 'boost.event' });
  // One batch, refused and taken in turns: each outcome is its own message's.
  const refused = Array.from({ length: 40 }, () => boostOf(randomUUID()));
  const taken = refused.map((): CreditOrBoostEvent => {
    const eventId = `credit_spent_${randomUUID()}`;
    return { type: 'credit_spent', userId: randomUUID(), amount: 5, eventId, timestamp: new Date().toISOString() };
  });
  await write(...refused.flatMap((event, place) => [event, taken[place] as CreditOrBoostEvent]));
  await vi.waitFor(async () => {
    const wait = await waiting();
    expect(wait.map(({ key }) => key)).toEqual(refused.map(({ eventId }) => eventId));
    for (const { failure } of wait) expect(failure).toMatch(/^refused: /);
  }, WAIT);
  await rabbit.client().queueDelete({ queue: full.queue });
  await untilPublished();
  // A queue that had room took each when another refused it: at least once.
  const read = new Set(keysOf(await drain(rabbit, 'user_credit_queue')));
  for (const { eventId } of [...refused, ...taken]) expect(read).toContain(eventId);
});

test('a poison event holds up its own kind alone; an operator passes over it, and what comes after it goes on', async () => {
  const target = randomUUID();
  const poison = { ...boostOf(target), amount: 'a lot' } as unknown as CreditOrBoostEvent;
  const after = boostOf(target);
  const other = boostOf(randomUUID());
  await write(poison, after, other);
  // Its tries are a second, five and thirty apart.
  let ahead = 0;
  publishing(() => new Date(Date.now() + ahead));
  await vi.waitFor(async () => {
    ahead += 500;
    expect(await tasks()).toHaveLength(1);
  }, WAIT);
  expect((await waiting()).map(({ key }) => key)).toEqual([poison.eventId, after.eventId]);
  await decidePublication(pool, poison.eventId, true, new Date().toISOString());
  await untilPublished();
  expect(keysOf(await drain(rabbit, 'gig_credit_queue'))).toEqual([other.eventId, after.eventId]);
});

test('a replay goes by time and key into one queue, marked, and the live queues hear nothing of it', async () => {
  const target = randomUUID();
  const events = Array.from({ length: 12 }, (_, place) => ({
    ...boostOf(target),
    timestamp: new Date(Date.parse('2026-03-01T09:00:00.000Z') + place * 60_000).toISOString(),
  }));
  const spent: CreditOrBoostEvent = {
    type: 'credit_spent',
    userId: randomUUID(),
    amount: 5,
    eventId: `credit_spent_${randomUUID()}`,
    timestamp: '2026-03-01T09:05:00.000Z',
  };
  await write(...events, spent);
  publishing();
  await untilPublished();
  for (const queue of QUEUES) await drain(rabbit, queue);
  const queue = `replay_${randomUUID()}`;
  await rabbit.client().queueDeclare({ queue });
  const broker = createBroker(rabbit.url, log);
  const range = {
    from: '2026-03-01T09:03:00.000Z',
    until: '2026-03-01T09:08:00.000Z',
    routingKey: 'boost.event',
    about: `profile/${target}`,
  };
  expect(await replayInto(pool, broker, queue, range)).toBe(5);
  const read = await drain(rabbit, queue);
  expect(read.map(({ body }) => body)).toEqual(events.slice(3, 8));
  for (const { headers } of read) {
    expect(headers).toMatchObject({ 'x-replayed-at': expect.any(String), 'x-routing-key': 'boost.event' });
  }
  for (const live of QUEUES) expect(await drain(rabbit, live)).toEqual([]);
  await expect(replayInto(pool, broker, `no_such_${queue}`, range)).rejects.toThrow(/was not taken \(returned/);
  await broker.close();
  await rabbit.client().queueDelete({ queue });
});

test('what an operator asks for is replayed by time and key, goes on after a broker that was away, and fails where there is no such queue', async () => {
  const target = randomUUID();
  const at = (minute: number) => new Date(Date.parse('2026-03-01T09:00:00.000Z') + minute * 60_000).toISOString();
  const events = Array.from({ length: 1_203 }, (_, n) => ({ ...boostOf(target), timestamp: at(n) }));
  await write(...events);
  await pool.query(sql.typeAlias('void')`UPDATE publications SET published_at = now()`);
  const by = await newUser(pool, 'admin');
  const queue = `asked_${randomUUID()}`;
  await rabbit.client().queueDeclare({ queue, durable: true });
  const ask = (into: string, about: string | null = null) =>
    pool.transaction((transaction) =>
      insertReplay(transaction, {
        ...{ queue: into, from: at(0), until: at(1_201), routingKey: 'boost.event', about },
        ...{ reason: 'Its consumer lost a day', by, now: new Date().toISOString() },
      }),
    );
  const replay = await ask(queue, `profile/${target}`);
  expect(replay).toMatchObject({ events: 1_201, sent: 0 });
  const nowhere = await ask(`no_such_${queue}`);
  await rabbit.kill();
  const replaying = () => startReplaying({ pool, broker: createBroker(rabbit.url, log), log, now: () => new Date() });
  running.push(replaying());
  await vi.waitFor(async () => expect((await findReplay(pool, replay.id))?.failure).toContain('away'), WAIT);
  await rabbit.start();
  await vi.waitFor(async () => expect((await findReplay(pool, replay.id))?.ended_at).not.toBeNull(), WAIT);
  expect(await findReplay(pool, replay.id)).toMatchObject({ sent: 1_201, failure: null });
  const read = await drain(rabbit, queue);
  expect(read.map(({ body }) => body)).toEqual(events.slice(0, 1_201));
  expect(read[0]?.headers).toMatchObject({ 'x-replayed-at': expect.any(String), 'x-routing-key': 'boost.event' });
  for (const live of QUEUES) expect(await drain(rabbit, live)).toEqual([]);
  await vi.waitFor(async () => expect((await findReplay(pool, nowhere.id))?.ended_at).not.toBeNull(), WAIT);
  expect((await findReplay(pool, nowhere.id))?.failure).toContain('returned');
  await rabbit.client().queueDelete({ queue });
});

test('a queue that its consumer declared in another way stays as it is, and is bound', async () => {
  await rabbit
    .client()
    .queueDeclare({ queue: 'user_credit_queue', durable: true, arguments: { 'x-max-length': 10_000 } });
  publishing();
  const event = boostOf(randomUUID());
  await write(event);
  await untilPublished();
  expect(keysOf(await drain(rabbit, 'user_credit_queue'))).toEqual([event.eventId]);
});
