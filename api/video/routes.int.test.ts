import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { expectOrder, type Json, newTalker, ok, refused, type Talker } from '../talk/testing/people.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let api: TestApp;
let asha: Talker;
let ben: Talker;
let cleo: Talker;
let count = 0;

const FIELDS = { title: 'Amazing Dance', duration_seconds: 40, media_url: 'https://media.example/dance.mp4' };

beforeAll(async () => {
  api = await startTestApp({ databaseUrl: await createTestDatabase() });
});
afterAll(() => api.close());
beforeEach(async () => {
  const person = () => newTalker(api, `viewer-${count++}`);
  [asha, ben, cleo] = [await person(), await person(), await person()];
});
afterEach(() => expectOrder(api));

const post = async (by: Talker, fields: object = {}): Promise<Json> =>
  (await ok(by.post('/api/videos', { ...FIELDS, ...fields }))).video;
const see = (who: Talker, { id }: Json) => ok(who.get(`/api/videos/${id}`));
const pass = (seconds: number) => {
  api.clock.now = new Date(api.clock.now.getTime() + seconds * 1_000);
};
const texts = (rows: Json): string[] => rows.map(({ text }: Json) => text);

describe('a video', () => {
  test('is a checked link and what is said of it, posted once a key, and read with its counts', async () => {
    const ads = [
      { ad_id: 'second', at_seconds: 20, duration_seconds: 5 },
      { ad_id: 'first', at_seconds: 0, duration_seconds: 15 },
    ];
    const key = { 'idempotency-key': 'upload-1' };
    const body = { ...FIELDS, description: 'In the rain', tags: ['monsoon'], category: 'dance', ads };
    const first = await ok(asha.post('/api/videos', body, key));
    expect(await ok(asha.post('/api/videos', body, key))).toEqual(first);
    expect(await see(ben, first.video)).toEqual({
      ...{ ...body, id: first.video.id, creator_id: asha.id, creator: { id: asha.id, handle: asha.handle } },
      ...{ thumbnail_url: null, liked_by_me: false, created_at: expect.any(String) },
      counts: { views: 0, likes: 0, shares: 0, comments: 0 },
      ads: [ads[1], ads[0]].map((ad) => ({ ...ad, reward: 1 })),
      milestones: [25, 50, 75, 100].map((percent) => ({ percent, reward: 0.5, reached: false })),
    });
    expect((await ok(ben.get(`/api/users/${asha.id}`))).user.counts.videos).toBe(1);
  });

  test.each([
    [{ media_url: 'http://media.example/a.mp4' }, 'media_url'],
    [{ media_url: 'javascript:alert(1)' }, 'media_url'],
    [{ thumbnail_url: 'https://a:b@media.example/a.png' }, 'thumbnail_url'],
    [{ duration_seconds: 0 }, 'duration_seconds'],
    [{ title: ' ' }, 'title'],
    [{ ads: [{ ad_id: 'a', at_seconds: 41, duration_seconds: 5 }] }, 'ads.0.at_seconds'],
    [{ ads: [0, 1].map((at_seconds) => ({ ad_id: 'a', at_seconds, duration_seconds: 5 })) }, 'ads.1.ad_id'],
    [{ ads: [{ ad_id: 'a', at_seconds: 1, duration_seconds: 5, reward: 1_000 }] }, 'ads.0.reward'],
    [{ creator_id: randomUUID() }, 'creator_id'],
  ])('%j is refused by name', async (fields, field) => {
    const answer = await refused(asha.post('/api/videos', { ...FIELDS, ...fields }), 400, 'VALIDATION_FAILED');
    expect(answer.details.fields[0].field).toBe(field);
  });

  test('is listed latest first, and taken away by its creator alone', async () => {
    const posted: Json[] = [];
    for (let place = 0; place < 3; place++) {
      pass(1);
      posted.unshift(await post(asha));
    }
    const page = await ben.get(`/api/videos?creator_id=${asha.id}&limit=2`);
    const rest = await ben.get(`/api/videos?creator_id=${asha.id}&cursor=${page.body.page.next_cursor}`);
    const listed = [...page.body.data, ...rest.body.data].map(({ id }: Json) => id);
    expect(listed).toEqual(posted.map(({ id }) => id));
    const path = `/api/videos/${posted[0].id}`;
    await refused(ben.call('DELETE', path), 404, 'NOT_FOUND');
    await ok(asha.call('DELETE', path));
    for (const answer of [ben.get(path), asha.get(path), ben.post(`${path}/like`), ben.post(`${path}/view`)]) {
      await refused(answer, 404, 'NOT_FOUND');
    }
  });

  test('is not there for who is blocked, on either side, nor of a private account for who does not follow it', async () => {
    const [blocked, hidden] = [await post(asha), await post(cleo)];
    await ok(asha.post(`/api/users/${ben.id}/block`));
    await ok(cleo.call('PATCH', '/api/me', { private: true }));
    const mine = await post(ben);
    for (const [who, { id }] of [
      [ben, blocked],
      [asha, mine],
      [ben, hidden],
    ] as const) {
      const path = `/api/videos/${id}`;
      await refused(who.get(path), 404, 'NOT_FOUND');
      await refused(who.post(`${path}/like`), 404, 'NOT_FOUND');
      await refused(who.call('DELETE', `${path}/like`), 404, 'NOT_FOUND');
      await refused(who.post(`${path}/comments`, { text: 'Hi' }), 404, 'NOT_FOUND');
      await refused(who.post(`${path}/share`), 404, 'NOT_FOUND');
      await refused(who.post(`${path}/view`), 404, 'NOT_FOUND');
      await refused(who.get(`${path}/comments`), 404, 'NOT_FOUND');
    }
    expect(await ok(ben.get(`/api/videos?creator_id=${cleo.id}`))).toEqual([]);
    await ok(ben.post(`/api/users/${cleo.id}/follow`));
    await ok(cleo.post(`/api/users/${cleo.id}/follow-requests/${ben.id}/accept`));
    expect(await see(ben, hidden)).toMatchObject({ id: hidden.id });
  });
});

describe('what is done with a video', () => {
  test('likes count each person once, however often and at once; unliking takes it back', async () => {
    const video = await post(asha);
    const path = `/api/videos/${video.id}/like`;
    await Promise.all([asha, ben, cleo].flatMap((who) => Array.from({ length: 5 }, () => ok(who.post(path)))));
    expect(await see(ben, video)).toMatchObject({ counts: { likes: 3 }, liked_by_me: true });
    expect(await ok(ben.call('DELETE', path))).toEqual({
      liked: false,
      counts: { views: 0, likes: 2, shares: 0, comments: 0 },
    });
    expect((await ok(ben.call('DELETE', path))).counts.likes).toBe(2);
  });

  test('comments have answers, are told to the creator, and are taken away by author or creator', async () => {
    const video = await post(asha);
    const path = `/api/videos/${video.id}/comments`;
    const { comment } = await ok(ben.post(path, { text: 'Beautiful' }));
    pass(1);
    const { comment: answer } = await ok(asha.post(path, { text: 'Thank you', parent_id: comment.id }));
    pass(1);
    // An answer to an answer joins the same comment; LykLuk's other name does the same.
    await ok(cleo.post(`/api/videos/${video.id}/comment`, { text: 'Indeed', parent_id: answer.id }));
    expect(await ok(cleo.get(path))).toMatchObject([
      { text: 'Beautiful', author: { id: ben.id, handle: ben.handle }, parent_id: null, replies: 2 },
    ]);
    expect(texts(await ok(cleo.get(`${path}?parent_id=${comment.id}`)))).toEqual(['Thank you', 'Indeed']);
    expect((await see(ben, video)).counts.comments).toBe(3);
    const [told] = await asha.heard('notification');
    expect(told?.data).toMatchObject({
      type: 'video_comment',
      recipientIds: [asha.id],
      data: { actorId: ben.id, actorUsername: ben.handle, videoId: video.id, commentId: comment.id, text: 'Beautiful' },
    });
    await refused(cleo.call('DELETE', `${path}/${comment.id}`), 404, 'NOT_FOUND');
    await ok(ben.call('DELETE', `${path}/${comment.id}`));
    expect(await ok(cleo.get(path))).toMatchObject([{ text: '', deleted_at: expect.any(String), replies: 2 }]);
    await ok(asha.call('DELETE', `${path}/${answer.id}`));
    expect((await see(ben, video)).counts.comments).toBe(1);
    await refused(ben.post(path, { text: 'Hi', parent_id: randomUUID() }), 404, 'NOT_FOUND');
    await refused(ben.post(path, { text: '\u200b' }), 400, 'VALIDATION_FAILED');
  });

  test('a watch is timed by our clock: beats that come too soon do not count, and a newer watch ends it', async () => {
    const video = await post(asha);
    const begin = async () => (await ok(ben.post(`/api/videos/${video.id}/view`))).watch_id;
    const beat = (watchId: string, position_seconds: number, who = ben) =>
      who.post(`/api/videos/${video.id}/watch/${watchId}/beat`, { position_seconds });
    const watchId = await begin();
    pass(4);
    expect(await ok(beat(watchId, 4))).toEqual({ counted: false, watched_seconds: 0, viewed: false });
    pass(2);
    // Skipped ahead: six seconds passed.
    expect(await ok(beat(watchId, 40))).toEqual({ counted: true, watched_seconds: 6, viewed: true });
    expect((await see(ben, video)).counts.views).toBe(1);
    await refused(beat(watchId, 6, cleo), 404, 'NOT_FOUND');
    const again = await begin();
    await refused(beat(watchId, 10), 409, 'CONFLICT');
    pass(300);
    expect(await ok(beat(again, 40))).toMatchObject({ counted: true, watched_seconds: 15 });
    expect((await see(ben, video)).counts.views).toBe(2);
  });

  test('analytics are the creator’s: views, viewers, watch time, retention, by day', async () => {
    const video = await post(asha);
    for (const [who, seconds] of [
      [ben, 10],
      [cleo, 5],
      [ben, 5],
    ] as const) {
      const { watch_id } = await ok(who.post(`/api/videos/${video.id}/view`));
      pass(seconds);
      const position = { position_seconds: seconds };
      await ok(who.post(`/api/videos/${video.id}/watch/${watch_id}/beat`, position));
    }
    await ok(ben.post(`/api/videos/${video.id}/share`, { channel: 'whatsapp' }));
    await refused(ben.get(`/api/videos/${video.id}/analytics`), 403, 'FORBIDDEN');
    const seen = await ok(asha.get(`/api/videos/${video.id}/analytics`));
    expect(seen).toMatchObject({
      counts: { views: 3, likes: 0, shares: 1, comments: 0 },
      ...{ unique_viewers: 2, watch_seconds: 20, ad_completions: 0 },
      days: [
        { day: api.clock.now.toISOString().slice(0, 10), views: 3, shares: 1, watch_seconds: 20, rewards: '0.00' },
      ],
    });
    // Twentieths of 40 s are 2 s each: two watched 5 s, one of them 10 s.
    expect(seen.retention).toEqual([1, 1, 1, 0.5, 0.5, 0.5, ...Array(14).fill(0)]);
  });
});
