import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { MOST_ASKED } from '#workflows/question/contract.ts';
import { createPool, type Pool } from '../pool.ts';
import { removePerson, writeChat } from '../stream/chat.ts';
import { changeStream, getStream, type StreamRow } from '../stream/streams.ts';
import { archivedStream, liveStream } from '../stream/testing/live.ts';
import { newPeople } from '../talk/testing/crowd.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { ask, getQuestion, listQuestions, move, takeUpvoted, upvote } from './questions.ts';

// Questions on a real database: who may ask, one upvote a person, and what most want answered first.

let pool: Pool;
beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 16 });
});
afterAll(async () => {
  for (const { name, rows } of await checkInvariants(pool)) expect(rows, name).toEqual([]);
  await pool.end();
});

const BEGAN = Date.parse('2026-03-02T10:00:00.000Z');
const at = (ms: number) => new Date(BEGAN + ms).toISOString();

const asks = (stream: StreamRow, userId: string, text = 'Which rice?', ms = 0) =>
  pool.transaction((transaction) => ask(transaction, stream, { userId, text, now: at(ms) }));
const wants = (stream: StreamRow, questionId: string, userId: string, ms = 0) =>
  upvote(pool, stream, { questionId, userId, now: at(ms) });
const waiting = (stream: StreamRow, limit = 50, after: { upvotes: number; id: string } | null = null) =>
  listQuestions(pool, stream.id, { readerId: stream.creator_id, status: 'asked', limit, after });
const again = (stream: StreamRow) => getStream(pool, stream.id, { id: stream.creator_id, isAdmin: false });

describe('a question', () => {
  test('is wanted by each person once, however many times they say so at once', async () => {
    const stream = await liveStream(pool, at(0));
    const [asker = '', ...fans] = await newPeople(pool, 6);
    const { id } = await asks(stream, asker);
    await Promise.all([...fans, ...fans, ...fans].map((userId) => wants(stream, id, userId)));
    expect(await getQuestion(pool, stream.id, id, asker)).toMatchObject({ upvotes: 5, upvoted_by_me: false });
    expect(await getQuestion(pool, stream.id, id, fans[0] ?? '')).toMatchObject({ upvoted_by_me: true });
  });

  test('comes before those that fewer want, and in pages each comes once', async () => {
    const stream = await liveStream(pool, at(0));
    const people = await newPeople(pool, 7);
    const asked: string[] = [];
    for (const userId of people) asked.push((await asks(stream, userId)).id);
    const wanted = [1, 3, 0, 3, 1, 6, 0];
    for (const [n, many] of wanted.entries()) {
      for (const userId of people.slice(0, many)) await wants(stream, asked[n] ?? '', userId);
    }
    const order = [5, 1, 3, 0, 4, 2, 6].map((n) => asked[n]);
    expect((await waiting(stream)).map(({ id }) => id)).toEqual(order);
    const paged: string[] = [];
    for (let page = await waiting(stream, 2); page.length > 0; ) {
      paged.push(...page.map(({ id }) => id));
      page = await waiting(stream, 2, page.at(-1) ?? null);
    }
    expect(paged).toEqual(order);
  });

  test('is answered or put aside, whoever comes first, and is wanted by nobody after that', async () => {
    const stream = await liveStream(pool, at(0));
    const [asker = '', fan = ''] = await newPeople(pool, 2);
    const { id: questionId } = await asks(stream, asker);
    const by = { questionId, by: stream.creator_id, now: at(1) };
    const done = await Promise.allSettled(
      (['answered', 'dismissed'] as const).map((to) => move(pool, stream.id, { ...by, to })),
    );
    expect(done.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const { status } = await getQuestion(pool, stream.id, questionId, asker);
    expect(await move(pool, stream.id, { ...by, to: status as 'answered' })).toMatchObject({ moved: false });
    await expect(wants(stream, questionId, fan)).rejects.toMatchObject({
      ...{ code: 'FLOW_STATE_INVALID', details: { current_state: status, required_state: 'asked' } },
    });
    expect(await waiting(stream)).toEqual([]);
  });

  test('is of its stream: of another there is none', async () => {
    const [stream, other] = [await liveStream(pool, at(0)), await liveStream(pool, at(0))];
    const [asker = ''] = await newPeople(pool, 1);
    const { id: questionId } = await asks(stream, asker);
    await expect(wants(other, questionId, asker)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const moving = { questionId, to: 'answered' as const, by: other.creator_id, now: at(1) };
    await expect(move(pool, other.id, moving)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await getQuestion(pool, stream.id, questionId, asker)).status).toBe('asked');
  });
});

describe('who asks', () => {
  test('has so many waiting at most, though they ask all at once', async () => {
    const stream = await liveStream(pool, at(0));
    const [asker = ''] = await newPeople(pool, 1);
    const asked = await Promise.allSettled(Array.from({ length: 9 }, (_, n) => asks(stream, asker, `Why ${n}?`)));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(MOST_ASKED);
    const codes = asked.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
    expect(new Set(codes)).toEqual(new Set(['LIMIT_REACHED']));
  });

  test('in slow mode waits after a message as after a question', async () => {
    const stream = await liveStream(pool, at(0));
    await changeStream(pool, stream.id, stream.creator_id, { slow_mode_seconds: 60 });
    const slow = await again(stream);
    const [fan = ''] = await newPeople(pool, 1);
    const writes = (ms: number) =>
      pool.transaction((transaction) => writeChat(transaction, slow, { userId: fan, text: 'Hello', now: at(ms) }));
    await writes(0);
    await expect(asks(slow, fan, 'Why?', 59_000)).rejects.toMatchObject({
      ...{ code: 'RATE_LIMITED', details: { rule: 'slow_mode' } },
    });
    await asks(slow, fan, 'Why?', 60_000);
    await expect(writes(61_000)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await asks(slow, slow.creator_id, 'Who asks?', 61_000);
  });

  test('and was removed asks no more, and what they asked is gone', async () => {
    const stream = await liveStream(pool, at(0));
    const [fan = ''] = await newPeople(pool, 1);
    await asks(stream, fan);
    const removal = { streamId: stream.id, userId: fan, until: at(600_000), by: stream.creator_id, now: at(1) };
    await pool.transaction((transaction) => removePerson(transaction, removal));
    expect(await waiting(stream)).toEqual([]);
    await expect(asks(stream, fan, 'Why?', 2)).rejects.toMatchObject({ details: { rule: 'timed_out' } });
  });

  test('when the stream is over is told so, and so is who wants something answered', async () => {
    const stream = await liveStream(pool, at(0));
    const [fan = ''] = await newPeople(pool, 1);
    const { id } = await asks(stream, fan);
    await archivedStream(pool, stream, at(1_000));
    const over = await again(stream);
    await expect(asks(over, fan, 'Why?', 2_000)).rejects.toMatchObject({ code: 'FLOW_STATE_INVALID' });
    await expect(wants(over, id, fan, 2_000)).rejects.toMatchObject({ code: 'FLOW_STATE_INVALID' });
  });
});

test('how many want one answered is told where it has changed, at most twice a second, by one of all who ask', async () => {
  const stream = await liveStream(pool, at(0));
  const [asker = '', one = '', other = ''] = await newPeople(pool, 3);
  const { id } = await asks(stream, asker);
  const told = async (ms: number) =>
    (await takeUpvoted(pool, at(ms), 100)).filter(({ data }) => (data as { questionId: string }).questionId === id);
  expect(await told(0)).toEqual([]);
  await wants(stream, id, one);
  const taken = await Promise.all(Array.from({ length: 6 }, () => told(1_000)));
  expect(taken.flat()).toMatchObject([{ name: 'question:upvote', data: { upvotes: 1 } }]);
  await wants(stream, id, other);
  expect(await told(1_499)).toEqual([]);
  expect(await told(1_500)).toMatchObject([{ data: { upvotes: 2 } }]);
});
