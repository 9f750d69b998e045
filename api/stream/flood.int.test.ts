import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import { createPool } from '#db/pool.ts';
import { createTestDatabase, createTestRedis } from '#local/testStack.ts';
import { Failure } from '#workflows/failures.ts';
import { createPace, type Pace } from '../people/pace.ts';
import { voteAs } from '../poll/service.ts';
import { newTalker, ok } from '../talk/testing/people.ts';
import { startTestApp } from '../testing/app.ts';
import { paceChat } from './service.ts';

// A chat that is written in faster than anybody reads: what one person may write, and all of them in one stream.

const opened: Redis[] = [];
afterAll(() => {
  for (const redis of opened) redis.disconnect();
});

/** As several API processes have it; a hundredth of what is usual, so that a test comes to the end of it. */
async function paces(): Promise<[Pace, Pace]> {
  const url = await createTestRedis();
  const [one, other] = [new Redis(url), new Redis(url)];
  opened.push(one, other);
  await Promise.all([one.ping(), other.ping()]);
  return [createPace(one, 1), createPace(other, 1)];
}

/** What a line was refused by; null where it was not. */
async function refusedBy(pace: Pace, userId: string, streamId: string): Promise<object | null> {
  try {
    await paceChat(pace, { userId, streamId }, async (written) => written());
    return null;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { code, retryAfter, details } = error;
    return { code, waits: Number(retryAfter) > 0, limit: details.limit };
  }
}

const tooMany = (limit: string) => ({ code: 'RATE_LIMITED', waits: true, limit });

test('one person writes so much in a minute, in whichever stream and by whichever process', async () => {
  const [one, other] = await paces();
  const [person, stream] = [randomUUID(), randomUUID()];
  expect(await refusedBy(one, person, stream)).toBeNull();
  expect(await refusedBy(other, person, stream)).toEqual(tooMany('chat_lines'));
  expect(await refusedBy(other, person, randomUUID())).toEqual(tooMany('chat_lines'));
});

test('a crowd writes so much in one stream, by whichever process, and in another it goes on', async () => {
  const [one, other] = await paces();
  const stream = randomUUID();
  for (let line = 0; line < 10; line += 1) {
    expect(await refusedBy(line % 2 === 0 ? one : other, randomUUID(), stream)).toBeNull();
  }
  for (const pace of [one, other]) {
    expect(await refusedBy(pace, randomUUID(), stream)).toEqual(tooMany('crowd_lines'));
    expect(await refusedBy(pace, randomUUID(), randomUUID())).toBeNull();
  }
});

test('without Redis each process counts for itself', async () => {
  const [one, other] = [createPace(null, 1), createPace(null, 1)];
  const [person, stream] = [randomUUID(), randomUUID()];
  for (const pace of [one, other]) {
    expect(await refusedBy(pace, person, stream)).toBeNull();
    expect(await refusedBy(pace, person, stream)).toEqual(tooMany('chat_lines'));
  }
});

test.for(['chat', 'questions'])(
  'what people are refused for reasons of their own takes nothing of the crowd’s %s',
  async (words) => {
    // A hundredth of what is usual: a person writes or asks once, and all in a stream write 10 lines or ask 6 times.
    const env = { PACE_PERCENT: '1' };
    const api = await startTestApp({
      ...{ databaseUrl: await createTestDatabase(), redisUrl: await createTestRedis(), env },
    });
    try {
      const creator = await newTalker(api, 'creator', ['creator']);
      const { stream } = await ok(creator.post('/api/streams', { title: 'Monsoon cooking' }));
      await ok(creator.post(`/api/streams/${stream.id}/start`));
      await ok(creator.call('PATCH', `/api/streams/${stream.id}`, { followers_only_minutes: 0 }));
      const path = `/api/streams/${stream.id}/${words}`;
      const said = { text: 'Whatever it takes' };
      for (let n = 0; n < (words === 'chat' ? 11 : 7); n += 1) {
        const { status, body } = await (await newTalker(api, `stranger${n}`)).post(path, said);
        expect([status, body.details?.rule]).toEqual([403, 'followers_only']);
      }
      const follower = await newTalker(api, 'follower');
      await ok(follower.post(`/api/users/${creator.id}/follow`));
      await ok(follower.post(path, said));
    } finally {
      await api.close();
    }
  },
);

test('votes that are refused for reasons of those who cast them take nothing of the crowd’s', async () => {
  const pool = createPool(await createTestDatabase());
  // Of the usual so little that a crowd has one vote.
  const pace = createPace(null, 0.005);
  const pollId = randomUUID();
  try {
    for (let n = 0; n < 3; n += 1) {
      const stranger = { id: randomUUID(), isAdmin: false };
      const voted = voteAs({ pool, now: () => new Date() }, pace, stranger, { pollId, streamId: null, option: 0 });
      await expect(voted).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  } finally {
    await pool.end();
  }
});
