import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { Failure } from '#workflows/failures.ts';
import { type Dealing, newUser, startDealing } from '../deal/testing/dealing.ts';
import { createPool, type Pool } from '../pool.ts';
import { answerOnce } from '../process/answers.ts';
import { announce } from './announce.ts';

// Whoever has new events is rung for, after the commit, whoever wrote them and however.

let pool: Pool;
let dealing: Dealing;
const rung: string[] = [];

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  pool.onHeard((userIds) => rung.push(...userIds));
  dealing = startDealing(pool, await newUser(pool, 'admin'));
});
afterAll(() => pool?.end());
beforeEach(() => {
  rung.length = 0;
});

const seen = (user_id: string) => ({
  user_id,
  name: 'message_seen' as const,
  data: { messageId: null, userId: user_id, conversationId: user_id },
});
const key = (accountId: string) => ({ accountId, path: '/x', key: uuid(), bodyHash: 'ab'.repeat(32) });

test('what a transaction announces is rung for when it is committed, and not before', async () => {
  const user = await newUser(pool, 'influencer');
  await pool.transaction(async (transaction) => {
    await announce(transaction, [seen(user)]);
    expect(rung).toEqual([]);
  });
  expect(rung).toEqual([user]);
});

test('what is undone is not rung for', async () => {
  const user = await newUser(pool, 'influencer');
  const undone = pool.transaction(async (transaction) => {
    await announce(transaction, [seen(user)]);
    throw new Failure('CONFLICT', 'No.');
  });
  await expect(undone).rejects.toThrow('No.');
  expect(rung).toEqual([]);
});

test('what is announced under an idempotency key is rung for', async () => {
  const user = await newUser(pool, 'influencer');
  await answerOnce(
    pool,
    key(user),
    async (transaction) => {
      await announce(transaction, [seen(user)]);
      return { status: 200, body: {} };
    },
    () => ({ status: 409, body: {} }),
  );
  expect(rung).toEqual([user]);
});

test('what is refused under an idempotency key is not rung for', async () => {
  const user = await newUser(pool, 'influencer');
  const refused = await answerOnce(
    pool,
    key(user),
    async (transaction) => {
      await announce(transaction, [seen(user)]);
      throw new Failure('CONFLICT', 'No.');
    },
    () => ({ status: 409, body: {} }),
  );
  expect(refused).toMatchObject({ status: 409, repeated: false });
  expect(rung).toEqual([]);
});

test('both sides are rung for when a deal opens, for each step, and for many that are written together', async () => {
  const pair = await dealing.newPair();
  const ids = [];
  for (let at = 0; at < 20; at += 1) ids.push(await dealing.open('bid', pair));
  expect(new Set(rung)).toEqual(new Set(Object.values(pair)));
  rung.length = 0;
  await Promise.all(ids.map((id) => dealing.give(id, 'influencer', 'accept_connection')));
  expect(new Set(rung)).toEqual(new Set(Object.values(pair)));
});
