import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import type { Asset } from '#workflows/money.ts';
import { newUser } from '../deal/testing/dealing.ts';
import { listNotifications, viewOf } from '../notification/inbox.ts';
import { setPreferences } from '../notification/preferences.ts';
import { createPool, type Pool } from '../pool.ts';
import { remindOfExpiries } from './expiryReminders.ts';
import { accounts, transfer } from './ledger.ts';
import { updateLotRule } from './lots.ts';

let pool: Pool;
const BEGIN = '2026-03-01T09:00:00.000Z';
const day = (n: number) => new Date(Date.parse(BEGIN) + n * 86_400_000).toISOString();

beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 8 });
  await updateLotRule(pool, 'LYK', { lifetime: 'P30D', locked: null });
  await updateLotRule(pool, 'CREDIT', { lifetime: 'P4D', locked: null });
});
afterAll(() => pool?.end());

async function give(userId: string, asset: Asset, amount: bigint, at: string): Promise<void> {
  await transfer(pool, {
    ...{ key: `given_${uuid()}`, reason: 'test_money', conversationId: null, occurredAt: at },
    legs: [
      { account: accounts.issuance(asset, userId), amount: -amount },
      { account: accounts.wallet(userId, asset), amount },
    ],
  });
}

const ALL = { limit: 50, before: null, kind: null, unread: false, archived: false };
const told = async (userId: string) =>
  (await listNotifications(pool, userId, { ...ALL, now: day(60) }))
    .map(viewOf)
    .map(({ kind, title, body }) => ({ kind, title, body }));

test('who has points that end within a week is told once a day’s worth, whoever looks how often at once', async () => {
  const userId = await newUser(pool, 'influencer');
  await give(userId, 'LYK', 30_000n, BEGIN);
  await give(userId, 'LYK', 2_050n, BEGIN);
  await give(userId, 'LYK', 700n, day(3));
  expect(await remindOfExpiries(pool, day(22), 100)).toBe(0);
  await Promise.all(Array.from({ length: 5 }, () => remindOfExpiries(pool, day(25), 100)));
  expect(await remindOfExpiries(pool, day(25), 100)).toBe(0);
  expect(await told(userId)).toEqual([
    {
      kind: 'points_expiring',
      title: '320.50 LYK are about to expire',
      body: 'What you do not spend of them is gone on 2026-04-01, at 00:00 UTC.',
    },
  ]);
  expect(await remindOfExpiries(pool, day(28), 100)).toBe(1);
  expect((await told(userId))[0]?.title).toBe('7.00 LYK are about to expire');
});

test('points that live for days are told of on their last, and what was spent is not told of', async () => {
  const [holder, spender] = [await newUser(pool, 'influencer'), await newUser(pool, 'influencer')];
  for (const userId of [holder, spender]) await give(userId, 'CREDIT', 9n, BEGIN);
  await give(spender, 'CREDIT', -9n, day(1));
  expect(await remindOfExpiries(pool, day(2), 100)).toBe(0);
  expect(await remindOfExpiries(pool, day(4), 100)).toBe(1);
  expect((await told(holder)).map(({ title }) => title)).toEqual(['9 CREDIT are about to expire']);
  expect(await told(spender)).toEqual([]);
});

test('who does not want to hear of it does not, and is not asked about again', async () => {
  const userId = await newUser(pool, 'influencer');
  await setPreferences(
    pool,
    userId,
    { global: {}, kinds: { points_expiring: { in_app: false, push: false } }, quiet_hours: null },
    BEGIN,
  );
  await give(userId, 'LYK', 100n, BEGIN);
  expect(await remindOfExpiries(pool, day(26), 100)).toBe(1);
  expect(await told(userId)).toEqual([]);
  expect(await remindOfExpiries(pool, day(26), 100)).toBe(0);
});
