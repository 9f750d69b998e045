import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { collectAll } from '#db/reward/collecting.ts';
import { type Fans, newFans } from '#db/reward/testing/fans.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { expectOrder, type Json, newTalker, ok, refused, type Talker } from '../talk/testing/people.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let api: TestApp;
let fans: Fans;
let creator: Talker;
let fan: Talker;
let count = 0;

beforeAll(async () => {
  api = await startTestApp({ databaseUrl: await createTestDatabase() });
  fans = await newFans(api.deps.pool, 1_000);
}, 60_000);
afterAll(() => api.close());
beforeEach(async () => {
  const person = () => newTalker(api, `creator-${count++}`);
  [creator, fan] = [await person(), await person()];
});
afterEach(() => expectOrder(api));

const collect = () => collectAll(api.deps.pool, { now: api.clock.now.toISOString(), gatherMs: 0 });
const stats = (period = '7d') => ok(creator.get(`/api/creator/stats/${creator.id}?period=${period}`));
const pass = (seconds: number) => {
  api.clock.now = new Date(api.clock.now.getTime() + seconds * 1_000);
};

async function newVideo(title = 'Dance'): Promise<Json> {
  const media_url = 'https://media.example/dance.mp4';
  return (await ok(creator.post('/api/videos', { title, duration_seconds: 40, media_url }))).video;
}

const tip = (body: object, who = fan) => who.post(`/api/creator/${creator.id}/tips`, body);

test('a tip moves what it says, once a key, and is on the creator’s socket with it', async () => {
  const key = { 'idempotency-key': 'tip-1' };
  const body = { asset: 'TOKEN', amount: 25, message: 'Lovely' };
  const first = await ok(fan.post(`/api/creator/${creator.id}/tips`, body, key));
  expect(await ok(fan.post(`/api/creator/${creator.id}/tips`, body, key))).toEqual(first);
  expect(first.tip).toMatchObject({
    ...{ sender: { id: fan.id, handle: fan.handle }, asset: 'TOKEN', amount: '25', message: 'Lovely' },
  });
  const events = await creator.heard();
  expect(events.map(({ name }) => name)).toEqual([
    ...['balance_update', 'transaction_complete', 'tip_received', 'notification', 'new_notification'],
  ]);
  expect(events[2]?.data).toEqual({ creatorId: creator.id, tip: first.tip });
  expect(await ok(creator.get(`/api/creator/${creator.id}/tips`))).toEqual([first.tip]);
  await refused(fan.get(`/api/creator/${creator.id}/tips`), 404, 'NOT_FOUND');
  await refused(tip({ asset: 'TOKEN', amount: 76 }), 409, 'INSUFFICIENT_FUNDS');
  await refused(tip({ asset: 'TOKEN', amount: -1 }), 400, 'VALIDATION_FAILED');
  await refused(tip({ asset: 'TOKEN', amount: 1 }, creator), 403, 'FORBIDDEN');
  await ok(creator.post(`/api/users/${fan.id}/block`));
  await refused(tip({ asset: 'TOKEN', amount: 1 }), 404, 'NOT_FOUND');
});

test('stats say what was done and earned in a period, from facts and the ledger', async () => {
  await fans.follow(creator.id, 1_000);
  await fans.followedBy(fan.id, 100);
  await ok(fan.post(`/api/users/${creator.id}/follow`));
  const [one, two] = [await newVideo('One'), await newVideo('Two')];
  for (const { id } of [one, two]) await ok(fan.post(`/api/videos/${id}/like`));
  const { watch_id } = await ok(fan.post(`/api/videos/${two.id}/view`));
  pass(5);
  await ok(fan.post(`/api/videos/${two.id}/watch/${watch_id}/beat`, { position_seconds: 5 }));
  await ok(tip({ asset: 'TOKEN', amount: 25 }));
  await collect();
  expect(await stats()).toMatchObject({
    ...{ creator_id: creator.id, period: '7d', followers: { total: 1_001, gained: 1, lost: 0 }, videos: 2 },
    views: { value: 1, change: 1 },
    watch_seconds: { value: 5, change: 5 },
    likes: { value: 2, change: 2 },
    // Two uploads, two likes and a view; two milestones of followers.
    earnings: [
      { kind: 'milestones', asset: 'CREDIT', amount: '20' },
      { kind: 'rewards', asset: 'LYK', amount: '12.10' },
      { kind: 'tips', asset: 'TOKEN', amount: '25' },
    ],
    ...{ deals_done: 0, rating: null, reviews: 0 },
  });
  expect((await stats('all')).likes).toEqual({ value: 2, change: null });
  const top = async (by: string) => {
    const rows = await ok(creator.get(`/api/creator/${creator.id}/content/top?by=${by}`));
    return rows.map(({ title, views, likes, earnings }: Json) => [title, views, likes, earnings]);
  };
  expect(await top('earnings')).toEqual([
    ['Two', 1, 1, '6.10'],
    ['One', 0, 1, '6.00'],
  ]);
  expect((await top('views'))[0]).toEqual(['Two', 1, 1, '6.10']);
  await refused(fan.get(`/api/creator/stats/${creator.id}`), 404, 'NOT_FOUND');
  await refused(creator.get(`/api/creator/stats/${creator.id}?period=1y`), 400, 'VALIDATION_FAILED');
});

test('a milestone is told once and paid once, however many look for it at the same time', async () => {
  await fans.follow(creator.id, 99);
  const listed = async (): Promise<Json[]> => ok(creator.get(`/api/creator/${creator.id}/milestones`));
  expect((await listed()).find(({ id }) => id === 'followers_100')).toEqual({
    ...{ id: 'followers_100', title: '100 followers', metric: 'followers', target: 100, progress: 99 },
    ...{ reached_at: null, reward: { asset: 'CREDIT', amount: '10' } },
  });
  await ok(fan.post(`/api/users/${creator.id}/follow`));
  await Promise.all([...Array.from({ length: 5 }, listed), collect(), collect()]);
  await collect();
  const told = await creator.heard('milestone_reached');
  expect(told.map(({ data }) => (data as Json).milestone)).toMatchObject([{ id: 'followers_100', progress: 100 }]);
  const { balances } = await ok(creator.get(`/api/wallet/${creator.id}/balance`));
  expect(balances).toContainEqual({ asset: 'CREDIT', available: '10', held: '0', total: '10' });
  const reached = (await listed()).filter(({ reached_at }) => reached_at !== null);
  expect(reached.map(({ id }) => id)).toEqual(['followers_100']);
});
