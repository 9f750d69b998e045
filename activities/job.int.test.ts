import { pino } from 'pino';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { newUser } from '#db/deal/testing/dealing.ts';
import { INVARIANTS } from '#db/invariants.ts';
import { accounts, transfer } from '#db/money/ledger.ts';
import { getBooks } from '#db/operation/books.ts';
import { RETENTION } from '#db/operation/retention.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { createJobActivities } from './job.ts';

// What Schedules have done, on a real database.

const NOW = '2026-03-01T09:00:00.000Z';
let pool: Pool;
let userId: string;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  userId = await newUser(pool, 'influencer');
  await pool.transaction((transaction) =>
    transfer(transaction, {
      key: 'given',
      reason: 'test_money',
      conversationId: null,
      occurredAt: NOW,
      legs: [
        { account: accounts.issuance('CREDIT'), amount: -100n },
        { account: accounts.wallet(userId, 'CREDIT'), amount: 100n },
      ],
    }),
  );
});
afterAll(() => pool?.end());

function jobs() {
  return createJobActivities({
    pool,
    patiently: (work) => work(pool),
    provider: () => null,
    payoutProvider: () => null,
    systemUserId: userId,
    log: pino({ level: 'silent' }),
    senderOf: async () => null,
  });
}

const check = (from: string | null = null) => jobs().work({ job: 'check_books', from, now: NOW });

test('books that are in order are said to be, books that are not are named, and put right they are in order again', async () => {
  const before = Date.now() / 1_000;
  expect(await check()).toEqual({ done: 'in order', next: null });
  expect(await getBooks(pool)).toMatchObject({ broken: 0 });
  expect((await getBooks(pool)).checked_at).toBeGreaterThanOrEqual(before - 1);
  const add = (amount: number) =>
    pool.query(sql.typeAlias('void')`
      UPDATE ledger_accounts SET balance = balance + ${amount} WHERE owner_id = ${userId} AND kind = 'wallet'
    `);
  await add(1);
  expect((await check()).done).toMatch(/^not in order: /);
  expect((await getBooks(pool)).broken).toBeGreaterThan(0);
  await add(-1);
  expect(await check()).toEqual({ done: 'in order', next: null });
  expect((await getBooks(pool)).broken).toBe(0);
});

test('a part that begins in the middle looks at what is left', async () => {
  const last = INVARIANTS.at(-1) as string;
  await pool.query(sql.typeAlias('void')`UPDATE book_checks SET checked_at = 'epoch'`);
  expect(await check(last)).toEqual({ done: 'in order', next: null });
  expect(
    await pool.anyFirst(sql.typeAlias('id')`SELECT invariant AS id FROM book_checks WHERE checked_at > 'epoch'`),
  ).toEqual([last]);
});

async function insertAnswers(many: number, at: string): Promise<void> {
  await pool.query(sql.typeAlias('void')`
    INSERT INTO answers (account_id, path, key, body_hash, status, answer, created_at)
    SELECT ${uuid()}::uuid, '/api/things', n::text, '', 200, '{}', ${at}::timestamptz
    FROM generate_series(1, ${many}::integer) AS n
  `);
}
const countAnswers = async () =>
  Number(await pool.oneFirst(sql.type(z.object({ many: z.bigint() }))`SELECT count(*) AS many FROM answers`));

test('whatever is old is forgotten table after table in chunks, and what is to be remembered stays', async () => {
  await insertAnswers(12_001, '2026-01-01T00:00:00Z');
  await insertAnswers(3, '2026-02-28T00:00:00Z');
  const { work } = jobs();
  const done: string[] = [];
  for (let from: string | null = null; ; ) {
    const part: { done: string; next: string | null } = await work({ job: 'forget_old', from, now: NOW });
    done.push(part.done);
    from = part.next;
    if (from === null) break;
  }
  expect(done[0]).toBe('answers: 12001 forgotten');
  expect(done).toHaveLength(RETENTION.length);
  expect(await countAnswers()).toBe(3);
});

test('a part that comes to no end goes on where it was', async () => {
  await insertAnswers(100_001, '2026-01-01T00:00:00Z');
  const { work } = jobs();
  const part = await work({ job: 'forget_old', from: null, now: NOW });
  expect(part).toEqual({
    done: 'answers: 100000 forgotten, and there are more',
    next: expect.stringMatching(/^answers after 2026-01-01 00:00:00/),
  });
  expect(await work({ job: 'forget_old', from: part.next, now: NOW })).toMatchObject({ done: 'answers: 1 forgotten' });
});

test('what is recommended is built a kind a part, to the last', async () => {
  const { work } = jobs();
  const videos = await work({ job: 'build_recommendations', from: null, now: NOW });
  expect(videos).toEqual({ done: expect.stringMatching(/^videos: 0 things .* popular$/), next: 'creators' });
  const creators = await work({ job: 'build_recommendations', from: videos.next, now: NOW });
  expect(creators).toEqual({ done: expect.stringMatching(/^creators: /), next: null });
  expect((await work({ job: 'build_recommendations', from: 'paintings', now: NOW })).next).toBeNull();
});
