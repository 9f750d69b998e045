import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { newTalker, ok, refused, type Talker } from '../talk/testing/people.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let api: TestApp;
let asha: Talker;
let ben: Talker;

beforeAll(async () => {
  api = await startTestApp({ databaseUrl: await createTestDatabase() });
  [asha, ben] = [await newTalker(api, 'asha', ['creator']), await newTalker(api, 'ben')];
});
afterAll(() => api?.close());

const FIELDS = { title: 'Amazing Dance', duration_seconds: 40, media_url: 'https://media.example/dance.mp4' };

test('somebody who did nothing yet is shown what is new, in pages, each with its source and a reason', async () => {
  const posted: string[] = [];
  for (const title of ['One', 'Two', 'Three', 'Four']) {
    posted.push((await ok(asha.post('/api/videos', { ...FIELDS, title }))).video.id);
  }
  const { body } = await ben.get('/api/recommendations?limit=2');
  expect(body.data).toHaveLength(2);
  for (const each of body.data) {
    expect(each).toEqual({
      ...{ id: expect.any(String), score: expect.any(Number), source: 'latest' },
      reasons: [{ code: 'latest', text: 'New', about_id: null }],
    });
  }
  const after = await ben.get(`/api/recommendations?limit=2&cursor=${body.page.next_cursor}`);
  // At most three of one creator.
  expect(after.body.data).toHaveLength(1);
  const shown = [...body.data, ...after.body.data].map(({ id }) => id);
  expect(new Set(shown).size).toBe(3);
  expect(posted).toEqual(expect.arrayContaining(shown));
  await refused(asha.get(`/api/recommendations?limit=2&cursor=${body.page.next_cursor}`), 400, 'VALIDATION_FAILED');
});

test('what one likes or made oneself is not recommended, and who follows a creator is not shown them', async () => {
  const [first] = await ok(ben.get('/api/recommendations?limit=1'));
  await ok(ben.post(`/api/videos/${first.id}/like`));
  const now = await ok(ben.get('/api/recommendations'));
  expect(now.map(({ id }: { id: string }) => id)).not.toContain(first.id);
  expect(await ok(asha.get('/api/recommendations'))).toEqual([]);
  const creators = () => ok(ben.get('/api/recommendations?kind=creators'));
  expect(await creators()).toMatchObject([{ id: asha.id }]);
  await ok(ben.post(`/api/users/${asha.id}/follow`));
  expect(await creators()).toEqual([]);
});

test('a stream is recommended while it is live, and says whose followers it is for', async () => {
  const { stream } = await ok(asha.post('/api/streams', { title: 'Monsoon cooking', category: 'food' }));
  const streams = () => ok(ben.get('/api/recommendations?kind=streams'));
  expect(await streams()).toEqual([]);
  await ok(asha.post(`/api/streams/${stream.id}/start`));
  expect(await streams()).toMatchObject([
    { id: stream.id, reasons: [{ code: 'because', text: 'Because you follow asha', about_id: asha.id }] },
  ]);
  expect(await ok(asha.get('/api/recommendations?kind=streams'))).toEqual([]);
  await ok(asha.post(`/api/streams/${stream.id}/end`));
  expect(await streams()).toEqual([]);
});

test.each([['kind=streamers'], ['limit=0'], ['limit=101'], ['cursor=x'], ['cursor=WyJhIiwxXQ'], ['user_id=1']])(
  '%s is refused',
  (query) => refused(ben.get(`/api/recommendations?${query}`), 400, 'VALIDATION_FAILED'),
);

test('a stranger is asked to sign in', async () => {
  const { statusCode } = await api.app.inject({ method: 'GET', url: '/api/recommendations' });
  expect(statusCode).toBe(401);
});

test('what one was shown is in what is kept of one, and goes with the account', async () => {
  const cleo = await newTalker(api, 'cleo');
  await ok(cleo.get('/api/recommendations'));
  const kept = await ok(cleo.get('/api/me/export'));
  expect(JSON.stringify(kept)).toContain('recommendations');
  expect((await cleo.call('DELETE', '/api/me', { password: 'secret123' })).status).toBe(200);
});
