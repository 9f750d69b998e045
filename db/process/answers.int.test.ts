import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { Failure } from '#workflows/failures.ts';
import { createPool, type Pool, sql, type Transaction } from '../pool.ts';
import { type Answer, type AnswerKey, answerOnce, deleteAnswers } from './answers.ts';

let pool: Pool;
let key: AnswerKey;
/** How often the work was done, and what it wrote: a row a time. */
let done = 0;

beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 20 });
});
afterAll(() => pool.end());
beforeEach(async () => {
  done = 0;
  key = { accountId: await account(), path: '/api/things', key: 'order-1', bodyHash: 'aa'.repeat(32) };
});

async function account(): Promise<string> {
  const id = uuid();
  await pool.query(sql.typeAlias('void')`INSERT INTO users (id, handle, roles) VALUES (${id}, ${`u-${id}`}, '{}')`);
  return id;
}

async function work(transaction: Transaction): Promise<Answer> {
  const at = ++done;
  await transaction.query(sql.typeAlias('void')`
    UPDATE users SET handle = ${`w${at}-${key.accountId}`} WHERE id = ${key.accountId}`);
  return { status: 201, body: { at } };
}
const refuse = (failure: Failure): Answer => ({ status: failure.status, body: { error_code: failure.code } });
const ask = (changes: Partial<AnswerKey> = {}, how = work) => answerOnce(pool, { ...key, ...changes }, how, refuse);
const written = () =>
  pool.oneFirst(sql.type(z.object({ handle: z.string() }))`SELECT handle FROM users WHERE id = ${key.accountId}`);

test('the same key and body are done once and answered alike', async () => {
  expect(await ask()).toEqual({ status: 201, body: { at: 1 }, repeated: false });
  expect(await ask()).toEqual({ status: 201, body: { at: 1 }, repeated: true });
  expect(done).toBe(1);
});

test('twenty requests with one key at once are done once; nineteen wait and are given the same answer', async () => {
  const slowly = async (transaction: Transaction) => {
    await transaction.query(sql.typeAlias('void')`SELECT FROM pg_sleep(0.2)`);
    return work(transaction);
  };
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask({}, slowly)));
  expect(done).toBe(1);
  expect(answers.map((answer) => answer.body)).toEqual(Array(20).fill({ at: 1 }));
  expect(answers.filter((answer) => !answer.repeated)).toHaveLength(1);
});

test('the same key with another body is refused and changes nothing', async () => {
  await ask();
  await expect(ask({ bodyHash: 'bb'.repeat(32) })).rejects.toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
  expect(done).toBe(1);
});

test('a key belongs to its account and its path', async () => {
  const other = await account();
  for (const changes of [{}, { path: '/api/others' }, { accountId: other }, { key: 'order-2' }]) {
    expect((await ask(changes)).repeated).toBe(false);
  }
  expect(done).toBe(4);
});

const refusing = async (transaction: Transaction): Promise<Answer> => {
  await work(transaction);
  throw new Failure('INSUFFICIENT_FUNDS', 'Not enough.');
};
const refusal = { status: 409, body: { error_code: 'INSUFFICIENT_FUNDS' } };

test('a refusal with 409 is remembered, and what was written before it is not', async () => {
  expect(await ask({}, refusing)).toEqual({ ...refusal, repeated: false });
  // The money has come meanwhile: the delayed copy still hears what its sender was told.
  expect(await ask()).toEqual({ ...refusal, repeated: true });
  expect(await written()).toBe(`u-${key.accountId}`);
});

test('of twenty that are refused at once each hears the same, and one alone is remembered', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask({}, refusing)));
  expect(answers.map(({ status, body }) => ({ status, body }))).toEqual(Array(20).fill(refusal));
  expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(1);
  expect(await ask()).toEqual({ ...refusal, repeated: true });
  expect(await written()).toBe(`u-${key.accountId}`);
});

/** The pool, with something that comes to be after a refusal and before it is remembered. */
function withBetween(comes: () => Promise<unknown>): Pool {
  let transactions = 0;
  const transaction: Pool['transaction'] = async (how, retries) => {
    transactions += 1;
    if (transactions === 2) await comes();
    return pool.transaction(how, retries);
  };
  return { ...pool, transaction };
}

test('a copy that is done before a refusal is remembered answers both', async () => {
  const answer = await answerOnce(
    withBetween(() => ask()),
    key,
    refusing,
    refuse,
  );
  expect(answer).toMatchObject({ status: 201, repeated: true });
  expect(await ask()).toEqual(answer);
});

test('another body that takes the key before a refusal is remembered has it', async () => {
  const other = { bodyHash: 'bb'.repeat(32) };
  const refused = answerOnce(
    withBetween(() => ask(other)),
    key,
    refusing,
    refuse,
  );
  await expect(refused).rejects.toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
  expect(await ask(other)).toMatchObject({ status: 201, repeated: true });
});

test('a refusal that cannot be remembered is nobody’s answer, and the key is free', async () => {
  const away = withBetween(() => Promise.reject(new Failure('UNAVAILABLE', 'The database is away.')));
  await expect(answerOnce(away, key, refusing, refuse)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await ask()).toMatchObject({ status: 201, repeated: false });
});

const twice = (transaction: Transaction) =>
  transaction.query(sql.typeAlias('void')`INSERT INTO users (id, handle, roles) VALUES (${key.accountId}, 'x', '{}')`);

test('what Postgres refuses, and is made a refusal of, is remembered like another', async () => {
  const taken = async (transaction: Transaction): Promise<Answer> => {
    await work(transaction);
    await twice(transaction).catch(() => {
      throw new Failure('CONFLICT', 'Taken.');
    });
    return { status: 201, body: {} };
  };
  const answer = { status: 409, body: { error_code: 'CONFLICT' } };
  expect(await ask({}, taken)).toEqual({ ...answer, repeated: false });
  expect(await ask()).toEqual({ ...answer, repeated: true });
  expect(await written()).toBe(`u-${key.accountId}`);
});

test('what Postgres refuses, and is gone on after, is no answer: nothing was written, and the key is free', async () => {
  const careless = async (transaction: Transaction): Promise<Answer> => {
    await work(transaction);
    await twice(transaction).catch(() => {});
    return { status: 201, body: {} };
  };
  await expect(ask({}, careless)).rejects.toThrow();
  expect(await written()).toBe(`u-${key.accountId}`);
  expect((await ask()).repeated).toBe(false);
});

test.each([
  ['another refusal', () => new Failure('NOT_FOUND', 'No such thing.')],
  ['a fault of ours', () => new TypeError('oops')],
])('after %s the key is free again, and nothing was written', async (_, error) => {
  const failing = async (transaction: Transaction): Promise<Answer> => {
    await work(transaction);
    throw error();
  };
  await expect(ask({}, failing)).rejects.toThrow();
  expect(await written()).toBe(`u-${key.accountId}`);
  expect((await ask()).repeated).toBe(false);
});

test('when the first of two at once fails, the second does the work', async () => {
  let first = true;
  const flaky = async (transaction: Transaction): Promise<Answer> => {
    if (!first) return work(transaction);
    first = false;
    await transaction.query(sql.typeAlias('void')`SELECT FROM pg_sleep(0.1)`);
    throw new Failure('NOT_FOUND', 'Not yet.');
  };
  const [one, two] = await Promise.allSettled([ask({}, flaky), ask({}, flaky)]);
  expect([one.status, two.status].sort()).toEqual(['fulfilled', 'rejected']);
  expect(done).toBe(1);
});

test('old answers are forgotten, a limited number at a time', async () => {
  for (const name of ['a', 'b', 'c']) await ask({ key: name });
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  const forget = (before: string, limit: number) => deleteAnswers(pool, { before, limit, after: null });
  expect(await forget(new Date(0).toISOString(), 100)).toEqual({ rows: 0, last: null });
  expect(await forget(tomorrow, 2)).toEqual({ rows: 2, last: expect.any(String) });
  expect((await forget(tomorrow, 1_000)).rows).toBeGreaterThanOrEqual(1);
  expect((await ask({ key: 'a' })).repeated).toBe(false);
});
