import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client } from '#realtime/testing/client.ts';
import { type Json, type Person, register, until } from './person.ts';
import { openStack, type Stack } from './stack.ts';

/** Watching and earning on the processes that `npm start` runs, while the worker is killed again and again. */

let stack: Stack;
let admin: Person;
const clients: Client[] = [];

beforeAll(async () => {
  stack = await openStack();
  admin = await stack.admin();
}, 120_000);
afterAll(async () => {
  for (const client of clients) client.close();
  await stack?.close();
  expect(clients.flatMap(({ faults }) => faults)).toEqual([]);
}, 60_000);

const done = async (asked: ReturnType<Person['post']>): Promise<Json> => {
  const { status, body } = await asked;
  expect(status, JSON.stringify(body)).toBeLessThan(300);
  return body.data;
};
const rewardsOf = (who: Person): Promise<Json> => done(who.get(`/api/rewards/user/${who.id}`));

test('who likes, comments and shares while the worker dies is paid each once, and hears of it once', async () => {
  // Nobody here has a hundred to follow: what the rules ask for is the administrator's to say.
  for (const action of ['video_liked', 'video_shared', 'comment_posted', 'like_received', 'share_received']) {
    const path = `${stack.url}/api/admin/rewards/rules/${action}`;
    const body = JSON.stringify({ needs: { following: null, followers: null }, reason: 'To try it' });
    const headers = { authorization: `Bearer ${admin.access}`, 'content-type': 'application/json' };
    expect((await fetch(path, { method: 'PATCH', headers, body })).status).toBe(200);
  }
  const creator = await register(stack.url, ['creator']);
  const viewers = await Promise.all(Array.from({ length: 5 }, () => register(stack.url, ['viewer'])));
  const client = new Client({ url: () => `${stack.url.replace('http', 'ws')}/ws`, token: () => creator.access });
  clients.push(client);
  await until(async () => client.ready, Boolean);
  const media_url = 'https://media.example/dance.mp4';
  const { video } = await done(creator.post('/api/videos', { title: 'Dance', duration_seconds: 20, media_url }));
  for (const [place, viewer] of viewers.entries()) {
    const back = place % 2 === 0 ? stack.kill('worker') : null;
    await done(viewer.post(`/api/videos/${video.id}/like`));
    await done(viewer.post(`/api/videos/${video.id}/comments`, { text: 'Beautiful' }));
    await done(viewer.post(`/api/videos/${video.id}/share`, {}));
    await back?.();
  }
  for (const viewer of viewers) {
    const { balance } = await until(
      () => rewardsOf(viewer),
      ({ waiting }) => waiting === 0,
      60_000,
    );
    expect(balance).toBe('5.00');
  }
  // Five likes and five shares; the upload is not for who has no thousand followers.
  const { balance } = await until(
    () => rewardsOf(creator),
    ({ waiting }) => waiting === 0,
    60_000,
  );
  expect(balance).toBe('10.00');
  const { rewards } = await done(creator.get('/api/rewards/why?action=video_uploaded'));
  expect(rewards).toMatchObject([{ status: 'refused', reason: 'not_eligible' }]);
  const events = (await done(creator.get('/api/events?after=0&limit=100'))) as Json[];
  const earned = events.filter((event: Json) => event.name === 'points_earned').map((event: Json) => event.data.data);
  expect(earned.reduce((sum: number, { points }: Json) => sum + points, 0)).toBe(10);
  const { ok, checks } = await done(admin.get('/api/admin/reconciliation'));
  expect(checks.filter((check: Json) => !check.ok)).toEqual([]);
  expect(ok).toBe(true);
}, 240_000);

test('a milestone is paid when five seconds have passed on the wall’s clock, and not before', async () => {
  const [creator, viewer] = [await register(stack.url, ['creator']), await register(stack.url, ['viewer'])];
  const media_url = 'https://media.example/dance.mp4';
  const { video } = await done(creator.post('/api/videos', { title: 'Dance', duration_seconds: 20, media_url }));
  const { watch_id: watchId } = await done(viewer.post(`/api/videos/${video.id}/view`));
  const ask = () => viewer.post('/api/rewards/watch-milestone', { videoId: video.id, milestone: 25, watchId });
  const began = Date.now();
  expect((await ask()).status).toBe(409);
  const paid = await until(ask, ({ status }) => status === 200);
  expect(Date.now() - began).toBeGreaterThan(4_500);
  expect(paid.body.data).toMatchObject({ reward: { status: 'granted', points: '0.50' }, balance: '0.50' });
  const { data } = (await viewer.get(`/api/videos/${video.id}`)).body;
  expect(data.counts.views).toBe(1);
}, 60_000);
