import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '#db/migrate.ts';
import type { Part } from '#local/part.ts';
import { freePort } from '#local/ports.ts';
import { startPostgres } from '#local/postgres.ts';
import { type RedisPart, startRedis } from '#local/redis.ts';
import { CLOSE_CODES } from './closeCodes.ts';
import { Client } from './testing/client.ts';
import { openPlace, type Place, type Process, textsOf, until } from './testing/place.ts';

let place: Place;
let dir: string;
beforeAll(async () => {
  place = await openPlace();
  dir = mkdtempSync(join(tmpdir(), 'tandem-outage-'));
});
const parts: Part[] = [];
afterAll(async () => {
  await place.close();
  for (const part of parts) await part.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function redisOn(port: number): Promise<RedisPart> {
  const part = await startRedis({ dir: join(dir, 'redis'), port, log: join(dir, 'redis.log'), durable: false });
  parts.push(part);
  return part;
}

test('Redis may die and come back: every event comes once and in order all the while, across processes', async () => {
  const port = await freePort();
  let redis = await redisOn(port);
  const options = { redisUrl: redis.url, limits: { sweepMs: 200 } };
  const [here, there] = [await place.process(options), await place.process(options)];
  await until(() => here.bus.redis() !== null && there.bus.redis() !== null, 'Redis is there');
  const asha = await place.user();
  const client = await place.client(there, asha);
  let told = 0;
  const tell = async () => {
    await place.tell([asha], String(++told));
    here.bus.ring([asha]);
  };
  for (let n = 0; n < 20; n++) await tell();
  redis.kill('SIGKILL');
  for (let n = 0; n < 20; n++) await tell();
  await redis.ended;
  for (let n = 0; n < 20; n++) await tell();
  await until(() => client.events.length === told, 'all have come without Redis', 5_000);
  // Who signs in meanwhile is served as well.
  const late = await place.client(there, asha, { resume: 0 });
  await until(() => late.events.length === told, 'all are replayed without Redis', 5_000);
  redis = await redisOn(port);
  await until(() => here.bus.redis() !== null && there.bus.redis() !== null, 'Redis is back');
  for (let n = 0; n < 20; n++) await tell();
  for (const one of [client, late]) {
    await until(() => one.events.length === told, 'all have come');
    expect(textsOf(one)).toEqual(Array.from({ length: told }, (_, n) => String(n + 1)));
    expect(one.faults).toEqual([]);
    expect(one.closes).toEqual([]);
  }
});

test('a bell is heard again after Redis came back, without a sweep', async () => {
  const port = await freePort();
  let redis = await redisOn(port);
  const options = { redisUrl: redis.url, limits: { sweepMs: 600_000 } };
  const [here, there] = [await place.process(options), await place.process(options)];
  await until(() => here.bus.redis() !== null && there.bus.redis() !== null, 'Redis is there');
  const asha = await place.user();
  const client = await place.client(there, asha);
  redis.kill('SIGKILL');
  await redis.ended;
  await place.tell([asha], 'unheard');
  here.bus.ring([asha]);
  redis = await redisOn(port);
  await until(() => client.events.length === 1, 'what was missed is looked for when Redis is back');
  await until(async () => {
    await place.tell([asha], 'heard');
    here.bus.ring([asha]);
    return client.events.length > 1;
  }, 'and bells are heard');
});

test.each(['SIGSTOP', 'SIGKILL'] as const)(
  'while Redis hangs or has died (%s) commands are done all the same, and no more of a user than a process counts itself',
  async (signal) => {
    const redis = await redisOn(await freePort());
    const process = await place.process({ redisUrl: redis.url, limits: { commandsPerUserMinute: 5 } });
    await until(() => process.bus.redis() !== null, 'Redis is there');
    const asha = await place.user();
    const [one, two] = [await place.client(process, asha), await place.frontend(process, asha)];
    const asked = [() => one.command('join', asha), () => two.asks('join', asha)];
    for (const ask of asked) expect(await ask()).toMatchObject({ success: true });
    redis.kill(signal);
    try {
      for (let n = 0; n < 5; n++) expect(await asked[n % 2]?.()).toMatchObject({ success: true });
      for (const ask of asked) {
        expect(await ask()).toMatchObject({ error_code: 'RATE_LIMITED', details: { retry_after: expect.any(Number) } });
      }
    } finally {
      redis.kill('SIGCONT');
      await redis.stop();
    }
  },
);

test('without Redis one process serves alone', async () => {
  const process = await place.process({ redisUrl: 'redis://127.0.0.1:1', limits: { sweepMs: 600_000 } });
  const [asha, ben] = [await place.user(), await place.user()];
  const conversation = await place.directConversation(asha, ben);
  const [a, b] = [await place.client(process, asha), await place.client(process, ben)];
  await b.command('join_conversation', conversation);
  await a.command('typing_start', { conversationId: conversation });
  await until(() => b.lives.some(({ name }) => name === 'user_typing'), 'live');
  await place.tell([asha], '1');
  process.bus.ring([asha]);
  await until(() => a.events.length === 1, 'durable');
});

test('while Postgres is away commands and sign-ins are told so; when it is back, every event comes once', async () => {
  const options = {
    dir: join(dir, 'postgres'),
    port: await freePort(),
    log: join(dir, 'postgres.log'),
  };
  const postgres = await startPostgres(options);
  parts.push(postgres);
  await migrate(postgres.url);
  const own = await openPlace(postgres.url);
  try {
    const process = await own.process();
    const [asha, ben] = [await own.user(), await own.user()];
    const conversation = await own.directConversation(asha, ben);
    const client = await own.client(process, asha);
    await own.tell([asha], '1');
    process.bus.ring([asha]);
    await until(() => client.events.length === 1, 'the first');
    postgres.kill('SIGKILL');
    await postgres.ended;
    expect(await client.command('join_conversation', conversation)).toMatchObject({
      success: false,
      error_code: 'UNAVAILABLE',
      details: { retry_after: 1 },
    });
    const late = new Client({ url: () => process.url, token: () => own.token(asha), resume: 0 });
    await until(() => late.closes.length > 0, 'it cannot sign in');
    expect(late.closes[0]?.code).toBe(CLOSE_CODES.unavailable.code);
    parts.push(await startPostgres(options));
    await until(
      () =>
        own.tell([asha], '2').then(
          () => true,
          () => false,
        ),
      'Postgres is back',
    );
    // Nobody rings.
    for (const one of [client, late]) {
      await until(() => textsOf(one).at(-1) === '2', 'what was committed when it was back');
      expect(new Set(textsOf(one)).size).toBe(one.events.length);
      expect(one.faults).toEqual([]);
    }
    expect(client.closes).toEqual([]);
    expect(await client.command('join_conversation', conversation)).toMatchObject({ success: true });
    late.close();
  } finally {
    await own.close();
  }
});

test('what is nonsense on the bus is passed over', async () => {
  const redis = await redisOn(await freePort());
  const process = await place.process({ redisUrl: redis.url, limits: { sweepMs: 600_000 } });
  const asha = await place.user();
  const client = await place.client(process, asha);
  await until(() => process.bus.redis() !== null, 'Redis is there');
  for (const channel of ['tandem:users', 'tandem:rooms', 'tandem:sessions']) {
    for (const text of ['', '{', 'null', '{"users":7}', '{"rooms":"x"}', '{"session_id":[]}']) {
      await process.bus.redis()?.publish(channel, text);
    }
  }
  await place.tell([asha], '1');
  await process.bus.redis()?.publish('tandem:users', JSON.stringify({ users: [asha, 'nobody', asha] }));
  await until(() => client.events.length === 1, 'what makes sense is heard');
});

test('clients of a process that dies resume at another, and have everything once', async () => {
  const [first, second] = [await place.process(), await place.process()];
  let current: Process = first;
  const asha = await place.user();
  const client = new Client({ url: () => current.url, token: () => place.token(asha) });
  await until(() => client.ready !== null, 'signed in');
  for (const text of ['1', '2']) await place.tell([asha], text);
  first.bus.ring([asha]);
  await until(() => client.events.length === 2, 'two');
  current = second;
  client.socket?.terminate();
  for (const text of ['3', '4']) await place.tell([asha], text);
  await until(() => client.events.length === 4, 'resumed');
  expect(textsOf(client)).toEqual(['1', '2', '3', '4']);
  expect(client.faults).toEqual([]);
  client.close();
});
