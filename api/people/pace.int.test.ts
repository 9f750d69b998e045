import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { type Answer, newTalker, ok, type Talker } from '../talk/testing/people.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { PACE, type Paced } from './pace.ts';

// How much one account may do to others, each by the route that does it; what a crowd may do together has a test of its own.

/** A hundredth of what is usual, and one at least. */
const PERCENT = 1;

let api: TestApp;
/** Who sells, shows and asks, and a friend. */
let host: Talker;
let friend: Talker;
const made: Record<'room' | 'message' | 'stream' | 'poll' | 'question' | 'video', string> = {} as never;

beforeAll(async () => {
  // Everything is made at the usual pace, in another process.
  const databaseUrl = await createTestDatabase();
  const usual = await startTestApp({ databaseUrl });
  host = await newTalker(usual, 'host', ['creator', 'brand_owner', 'influencer']);
  friend = await newTalker(usual, 'friend');
  const { room } = await ok(host.post('/api/chat/rooms', { name: 'Square', kind: 'public' }));
  made.room = room.id;
  made.message = (await ok(host.post(`/api/chat/rooms/${room.id}/messages`, { message: 'Hi' }))).message.id;
  made.stream = (await ok(host.post('/api/streams', { title: 'Ragas' }))).stream.id;
  await ok(host.post(`/api/streams/${made.stream}/start`));
  const poll = { question: 'Which?', options: ['one', 'two'], duration_seconds: 600 };
  made.poll = (await ok(host.post(`/api/streams/${made.stream}/polls`, poll))).poll.id;
  const asked = await ok(host.post(`/api/streams/${made.stream}/questions`, { text: 'Why?' }));
  made.question = asked.question.id;
  const video = { title: 'Dance', duration_seconds: 20, media_url: 'https://media.example/a.mp4' };
  made.video = (await ok(host.post('/api/videos', video))).video.id;
  await usual.close();
  api = await startTestApp({ databaseUrl, env: { PACE_PERCENT: String(PERCENT) } });
});
afterAll(() => api?.close());

const words = { title: 'Monsoon', description: 'Three reels' };

/** One of each, done as somebody; most of it needs nothing but to be asked. */
const DOES: Record<Exclude<Paced, `crowd_${string}`>, (who: Talker) => Promise<Answer>> = {
  messages: (who) => who.post('/api/messages/send', { receiver_id: friend.id, message: 'Hello' }),
  campaigns: (who) => who.post('/api/campaigns', { ...words, budget: '20000' }),
  applications: (who) => who.post(`/api/campaigns/${randomUUID()}/apply`, { message: 'Me', proposed_amount: 6_000 }),
  rooms: (who) => who.post('/api/chat/rooms', { member_ids: [friend.id] }),
  members: (who) => who.post(`/api/chat/rooms/${made.room}/members/${who.id}`),
  async typing(who) {
    await who.post(`/api/chat/rooms/${made.room}/members/${who.id}`);
    return who.call('PUT', `/api/chat/rooms/${made.room}/users/${who.id}/typing`, { is_typing: true });
  },
  reactions: (who) => who.post(`/api/conversations/${made.room}/messages/${made.message}/reactions`, { emoji: '👍' }),
  follows: (who) => who.post(`/api/users/${host.id}/follow`),
  likes: (who) => who.post(`/api/videos/${made.video}/like`),
  comments: (who) => who.post(`/api/videos/${made.video}/comments`, { text: 'Lovely' }),
  shares: (who) => who.post(`/api/videos/${made.video}/share`),
  watches: (who) => who.post(`/api/videos/${made.video}/view`),
  streams: (who) => who.post('/api/streams', { title: 'Mine' }),
  chat_lines: (who) => who.post(`/api/streams/${made.stream}/chat`, { text: 'Hello' }),
  battles: (who) => who.post('/api/battles', { opponent_id: friend.id, duration_seconds: 60 }),
  polls: (who) =>
    who.post(`/api/streams/${made.stream}/polls`, { question: 'Which?', options: ['a', 'b'], duration_seconds: 60 }),
  votes: (who) => who.post(`/api/streams/${made.stream}/polls/${made.poll}/votes`, { option: 0 }),
  questions: (who) => who.post(`/api/streams/${made.stream}/questions`, { text: 'When?' }),
  upvotes: (who) => who.post(`/api/streams/${made.stream}/questions/${made.question}/upvote`),
  videos: (who) =>
    who.post('/api/videos', { title: 'Mine', duration_seconds: 20, media_url: 'https://media.example/b.mp4' }),
};

test.each(Object.keys(DOES) as (keyof typeof DOES)[])(
  '%s: one more than an account may is refused by the name of the limit, with when there is more, and nobody else is',
  async (what) => {
    const roles = ['creator', 'brand_owner', 'influencer'];
    const [many, other] = [await newTalker(api, `many_${what}`, roles), await newTalker(api, `other_${what}`, roles)];
    const allowed = Math.max(1, Math.floor((PACE[what].many * PERCENT) / 100));
    for (let n = 0; n < allowed; n += 1) {
      const { status, body } = await DOES[what](many);
      expect([status, body.error_code], `${n + 1} of ${allowed}`).not.toContain('RATE_LIMITED');
      expect(status, JSON.stringify(body)).toBeLessThan(500);
    }
    const refused = await DOES[what](many);
    expect([refused.status, refused.body]).toMatchObject([
      429,
      { error_code: 'RATE_LIMITED', details: { limit: what, allowed, per_seconds: PACE[what].seconds } },
    ]);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await DOES[what](other)).status).not.toBe(429);
  },
);

test('there is something done at each pace', () => {
  const alone = Object.keys(PACE).filter((what) => !what.startsWith('crowd_'));
  expect(Object.keys(DOES).sort()).toEqual(alone.sort());
});
