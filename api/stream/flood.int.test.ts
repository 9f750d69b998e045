import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import { createTestRedis } from '#local/testStack.ts';
import { Failure } from '#workflows/failures.ts';
import { createPace, type Pace } from '../people/pace.ts';
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
    await paceChat(pace, userId, streamId);
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
