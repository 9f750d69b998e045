import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '#local/ports.ts';
import { startRedis } from '#local/redis.ts';
import { createTestRedis } from '#local/testStack.ts';
import type { Limits } from './limits.ts';
import type { Client } from './testing/client.ts';
import { openPlace, type Place, type Process, until } from './testing/place.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace();
});
afterAll(() => place.close());

const livesOf = (client: Client, name: string) => client.lives.filter((live) => live.name === name);
const statusesOf = (client: Client, userId: string) =>
  livesOf(client, 'user_status_change')
    .map(({ data }) => data as { userId: string; status: string })
    .filter((data) => data.userId === userId)
    .map(({ status }) => status);
const offlinesOf = (client: Client, userId: string) =>
  livesOf(client, 'user_offline').filter(({ data }) => (data as { userId: string }).userId === userId);

test('in a campaign’s and a bid’s room strangers hear nothing of each other, in a conversation’s they do', async () => {
  const process = await place.process({ limits: { presenceGraceMs: 0, presenceAudience: 0 } });
  const [asha, ben, stranger] = [await place.user('brand_owner'), await place.user('influencer'), await place.user()];
  const conversation = await place.directConversation(asha, ben);
  const [campaign, bid] = [await place.campaign(asha), await place.bid(ben)];
  const a = await place.client(process, asha);
  const [b, s] = [await place.client(process, ben), await place.client(process, stranger)];
  for (const one of [a, b, s]) {
    await one.command('join_campaign_room', campaign);
    await one.command('join_bid_room', bid);
  }
  for (const one of [a, b]) await one.command('join_conversation', conversation);
  await a.command('user_status', { status: 'away' });
  a.close();
  await until(() => offlinesOf(b, asha).length === 1, 'who is in the conversation hears that she left');
  expect(livesOf(b, 'user_status_change')).toMatchObject([
    { data: { userId: asha, status: 'away' }, room: `conversation_${conversation}` },
  ]);
  // All that was sent to the stranger has come once this is answered.
  await s.command('join', stranger);
  expect(s.lives).toEqual([]);
});

/** Processes on one Redis, and two people on the second who are told of one who is on none yet. */
async function stand(stoppingLimits: Partial<Limits> = {}) {
  const redisUrl = await createTestRedis();
  const limits = { presenceGraceMs: 0, reconnectSpreadMs: 50 };
  const stopping = await place.process({ redisUrl, limits: stoppingLimits });
  const [staying, third] = [await place.process({ redisUrl, limits }), await place.process({ redisUrl, limits })];
  for (const { bus } of [stopping, staying, third]) await until(() => bus.redis() !== null, 'Redis is there');
  const redis = staying.bus.redis() as Redis;
  const [asha, ben, carl] = [await place.user(), await place.user(), await place.user()];
  for (const other of [asha, carl]) await place.directConversation(other, ben);
  const [b, c] = [await place.client(staying, ben), await place.client(staying, carl)];
  const holders = () => redis.zcard(`tandem:presence:${asha}`);
  return {
    ...{ stopping, staying, third, asha, b, holders },
    /** Asha on a process, and known to be there. */
    async comes(process: Process): Promise<Client> {
      const before = await holders();
      const client = await place.client(process, asha);
      await until(async () => (await holders()) > before, 'she is known to be there');
      return client;
    },
    async lookedFor(): Promise<void> {
      await until(async () => (await redis.zcard('tandem:presence-left')) === 0, 'who did not come is looked for');
      // Presence is told in order: this comes after what would have been said of her.
      await c.command('user_status', { status: 'after' });
      await until(() => statusesOf(b, carl).includes('after'), 'the word of carl');
    },
  };
}

/** A process that stops with these expects its users elsewhere within a second, and says nothing for them before. */
const SHORT = { presenceGraceMs: 1_000, reconnectSpreadMs: 0 };

test('who comes back from a process that stops in order was never away, and leaving is heard', async () => {
  const { stopping, staying, asha, b, comes } = await stand();
  const before = await comes(stopping);
  await until(() => statusesOf(b, asha).length === 1, 'online');
  await stopping.realtime.close();
  before.close();
  const after = await comes(staying);
  after.close();
  await until(() => offlinesOf(b, asha).length > 0, 'offline');
  expect(statusesOf(b, asha)).toEqual(['online']);
});

test('who is on another process as well is still there when one stops in order', async () => {
  const { stopping, third, asha, b, holders, comes, lookedFor } = await stand(SHORT);
  const [here, there] = [await comes(stopping), await comes(third)];
  await stopping.realtime.close();
  here.close();
  expect(await holders()).toBe(1);
  await lookedFor();
  expect(offlinesOf(b, asha)).toEqual([]);
  expect(await holders()).toBe(1);
  there.close();
  await until(() => offlinesOf(b, asha).length > 0, 'offline');
});

test('of who comes back nowhere after an orderly stop another process says so, once', async () => {
  const { stopping, asha, b, comes, lookedFor } = await stand(SHORT);
  const client = await comes(stopping);
  client.close();
  await stopping.realtime.close();
  expect(offlinesOf(b, asha)).toEqual([]);
  await until(() => offlinesOf(b, asha).length > 0, 'offline');
  await lookedFor();
  expect(offlinesOf(b, asha)).toHaveLength(1);
});

test('of many who come and go at the same instant each is told of, once', { timeout: 240_000 }, async () => {
  const redisUrl = await createTestRedis();
  const process = await place.process({ redisUrl, limits: { presenceGraceMs: 0 } });
  await until(() => process.bus.redis() !== null, 'Redis is there');
  // More than are looked up together.
  const ben = await place.user();
  const people = await Promise.all(Array.from({ length: 110 }, () => place.user()));
  await Promise.all(people.map((id) => place.directConversation(id, ben)));
  const b = await place.client(process, ben);
  const crowd = await Promise.all(people.map((id) => place.client(process, id)));
  const heardOf = (name: string) => livesOf(b, name).map(({ data }) => (data as { userId: string }).userId);
  await until(() => heardOf('user_status_change').length >= people.length, 'all have come', 60_000);
  for (const client of crowd) client.close();
  await until(() => heardOf('user_offline').length >= people.length, 'all have gone', 60_000);
  await b.command('join', ben);
  for (const name of ['user_status_change', 'user_offline']) {
    expect(heardOf(name).sort(), name).toEqual([...people].sort());
  }
});

test('a Redis that hangs holds no stop up', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tandem-presence-'));
  const redis = await startRedis({ dir, port: await freePort(), log: join(dir, 'redis.log'), durable: false });
  try {
    const process = await place.process({ redisUrl: redis.url });
    await until(() => process.bus.redis() !== null, 'Redis is there');
    const client = await place.client(process, await place.user());
    redis.kill('SIGSTOP');
    const asked = performance.now();
    await process.realtime.close();
    // After so long the commands would have ended by themselves.
    expect(performance.now() - asked).toBeLessThan(2_000);
    client.close();
  } finally {
    redis.kill('SIGCONT');
    await redis.stop();
    rmSync(dir, { recursive: true, force: true });
  }
});
