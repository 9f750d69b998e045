import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listEvents } from '#db/event/outbox.ts';
import { createTestRedis } from '#local/testStack.ts';
import { CLOSE_CODES } from './closeCodes.ts';
import { createDelivery } from './delivery.ts';
import { LIMITS } from './limits.ts';
import { openPlace, type Place, textsOf, until } from './testing/place.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace();
});
afterAll(() => place.close());

const numbers = (count: number) => Array.from({ length: count }, (_, n) => `${n + 1}`);

test('what is committed and rung for is on the socket, numbered from 1', async () => {
  const process = await place.process();
  const [asha, ben] = [await place.user(), await place.user()];
  const [a, b] = [await place.client(process, asha), await place.client(process, ben)];
  await place.tell([asha, ben], '1');
  process.bus.ring([asha, ben]);
  await until(() => a.events.length === 1 && b.events.length === 1, 'both have it');
  expect(a.events[0]).toMatchObject({ type: 'event', seq: 1, name: 'notification' });
  expect(textsOf(b)).toEqual(['1']);
});

test('an event whose bell was never rung comes with the sweep', async () => {
  const process = await place.process({ limits: { sweepMs: 50 } });
  const asha = await place.user();
  const client = await place.client(process, asha);
  await place.tell([asha], '1');
  await until(() => client.events.length === 1, 'the sweep found it', 2_000);
});

test('all connections of a user have every event', async () => {
  const process = await place.process();
  const asha = await place.user();
  const clients = await Promise.all([1, 2, 3].map(() => place.client(process, asha)));
  for (const text of numbers(20)) await place.tell([asha], text);
  process.bus.ring([asha]);
  for (const client of clients) await until(() => client.events.length === 20, 'each has all');
  for (const client of clients) expect(textsOf(client)).toEqual(numbers(20));
});

test('a client that resumes gets what it missed, page by page, each event once', async () => {
  const process = await place.process({ limits: { pageEvents: 7 } });
  const asha = await place.user();
  for (const text of numbers(50)) await place.tell([asha], text);
  const client = await place.client(process, asha, { resume: 3 });
  expect(client.ready).toMatchObject({ seq: 50, resumed: true });
  await until(() => client.events.length === 47, 'all that was missed');
  expect(client.events.map(({ seq }) => seq)).toEqual(numbers(50).slice(3).map(Number));
});

test('many that resume at once are all served, however little one query may bring', async () => {
  const process = await place.process({ limits: { pageEvents: 5, fetchEvents: 8, pageReaders: 4, sweepMs: 600_000 } });
  const users = await Promise.all(Array.from({ length: 10 }, () => place.user()));
  for (const text of numbers(23)) await place.tell(users, text);
  const clients = await Promise.all(users.map((user) => place.client(process, user, { resume: 0 })));
  for (const client of clients) {
    await until(() => client.events.length === 23, 'all that was missed');
    expect(textsOf(client)).toEqual(numbers(23));
  }
});

test('a client whose next event is no longer kept is told so, and never gets an event over a gap', async () => {
  const process = await place.process();
  const asha = await place.user();
  for (const text of numbers(5)) await place.tell([asha], text);
  await place.forget(asha, 3);
  for (const [resume, resumed] of [
    [0, false],
    [2, false],
    [3, true],
    [5, true],
  ] as const) {
    const client = await place.client(process, asha, { resume });
    expect(client.ready, `resuming after ${resume}`).toMatchObject({ seq: 5, resumed });
    expect(client.missed).toBe(!resumed);
  }
});

test('an event that vanishes before its turn closes the connection rather than leave a gap', async () => {
  const process = await place.process({ limits: { sweepMs: 600_000 } });
  const asha = await place.user();
  await place.tell([asha], '1');
  const client = await place.client(process, asha, { resume: 0 });
  // Once it has this, nobody reads for it until the bell rings: what is told now cannot reach it before it vanishes.
  await until(() => client.events.length === 1, 'what it resumed for');
  for (const text of ['2', '3', '4']) await place.tell([asha], text);
  await place.forget(asha, 2);
  process.bus.ring([asha]);
  await until(() => client.closes.length > 0 && client.ready !== null, 'it came back');
  expect(client.closes[0]).toEqual({ code: CLOSE_CODES.resync.code, reason: 'resync' });
  expect(client.missed).toBe(true);
  expect(textsOf(client)).toEqual(['1']);
});

test('a client that does not resume begins with what comes after', async () => {
  const process = await place.process();
  const asha = await place.user();
  await place.tell([asha], 'old');
  const client = await place.client(process, asha);
  expect(client.ready).toMatchObject({ seq: 1, resumed: false });
  await place.tell([asha], 'new');
  process.bus.ring([asha]);
  await until(() => client.events.length === 1, 'the new one');
  expect(textsOf(client)).toEqual(['new']);
});

test('a client too far behind, or ahead of what there is, is told so and begins at the end', async () => {
  const process = await place.process({ limits: { resumeEvents: 10 } });
  const asha = await place.user();
  for (const text of numbers(12)) await place.tell([asha], text);
  for (const resume of [1, 13]) {
    const client = await place.client(process, asha, { resume });
    expect(client.ready).toMatchObject({ seq: 12, resumed: false });
    expect(client.missed).toBe(true);
  }
  expect((await place.client(process, asha, { resume: 2 })).ready).toMatchObject({ resumed: true });
});

test('what comes with its bell is sent unread, to whoever it comes next for, and to nobody over a gap', async () => {
  // The sweep is too far off to help, and nothing of this is in Postgres.
  const process = await place.process({ limits: { sweepMs: 600_000 } });
  const asha = await place.user();
  const [one, other] = [await place.client(process, asha), await place.client(process, asha)];
  const at = new Date().toISOString();
  const event = (seq: number) => ({
    ...{ seq, name: 'notification', at },
    data: { type: 'test', data: { conversation_id: asha, message: `${seq}`, sender_id: asha } },
  });
  const hand = (...seqs: number[]) => process.bus.ring([asha], [{ userId: asha, events: seqs.map(event) }]);
  hand(2);
  hand(1, 2);
  hand(2);
  hand(4);
  hand(3);
  for (const client of [one, other]) {
    await until(() => client.events.length === 3, 'what came in turn');
    expect(client.events.map(({ seq, data }) => [seq, data])).toEqual([1, 2, 3].map((n) => [n, event(n).data]));
  }
});

test('whoever committed what a reader cannot take does not hear of that, and the sweep brings it', async () => {
  const asha = await place.user();
  const got: number[] = [];
  let broken = true;
  const warned: string[] = [];
  const log = { debug() {}, info() {}, warn: (_: object, what: string) => warned.push(what), error() {} };
  const metrics = { delivered() {}, fetchFailures: { inc() {} } };
  const limits = { ...LIMITS, sweepMs: 600_000 };
  const delivery = createDelivery({ pool: place.pool, limits, metrics: metrics as never, log: log as never });
  const reader = {
    userId: asha,
    hasRoom: () => true,
    confirm() {},
    resync() {},
    deliver(events: readonly { seq: number }[]) {
      if (broken) throw new Error('it is broken');
      got.push(...events.map(({ seq }) => seq));
      return events.length;
    },
  };
  delivery.read(reader, 0);
  await place.tell([asha], 'one');
  const events = await listEvents(place.pool, asha, 0, 10);
  delivery.ring([asha], [{ userId: asha, events }]);
  expect(warned).toContain('durable events could not be handed on; trying again');
  broken = false;
  await until(async () => {
    await delivery.sweep();
    return got.length > 0;
  }, 'the reader has it');
  expect(got).toEqual([1]);
  delivery.close();
});

test('an event is delivered whichever process committed it', async () => {
  const redisUrl = await createTestRedis();
  // The sweep is too far off to help.
  const limits = { sweepMs: 600_000 };
  const [here, there] = [await place.process({ redisUrl, limits }), await place.process({ redisUrl, limits })];
  await until(() => here.bus.redis() !== null && there.bus.redis() !== null, 'Redis is there');
  const asha = await place.user();
  const client = await place.client(there, asha);
  await until(async () => {
    await place.tell([asha], 'again');
    here.bus.ring([asha]);
    return client.events.length > 0;
  }, 'a bell rung here is heard there');
});

test('nothing is lost, doubled or out of order however bells are rung and connections break', async () => {
  const process = await place.process({ limits: { sweepMs: 30, pageEvents: 5, fetchEvents: 7 } });
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('tell' as const), many: fc.integer({ min: 1, max: 8 }) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('ring' as const), many: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('hand' as const), many: fc.nat(12) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('break' as const), many: fc.constant(1) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('rest' as const), many: fc.constant(1) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const asha = await place.user();
      const clients = [await place.client(process, asha), await place.client(process, asha)];
      let told = 0;
      for (const { do: what, many } of steps) {
        if (what === 'tell') {
          const texts = Array.from({ length: many }, () => String(++told));
          for (const text of texts) await place.tell([asha], text);
        } else if (what === 'ring') {
          for (let n = 0; n < many; n++) process.bus.ring([asha, asha]);
        } else if (what === 'hand') {
          // What this process committed comes with its bell: early, late, twice, or over others' heads.
          const events = await listEvents(place.pool, asha, Math.max(0, told - many), 1 + (many % 3));
          process.bus.ring([asha], [{ userId: asha, events }]);
        } else if (what === 'break') {
          clients[told % 2]?.socket?.terminate();
        } else {
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      for (const client of clients) {
        await until(() => client.lastSeq === told || told === 0, `all ${told} have come`);
        expect(textsOf(client)).toEqual(numbers(told));
        expect(client.faults).toEqual([]);
        client.close();
      }
    }),
    { numRuns: 25 },
  );
});
