import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { checkInvariants, INVARIANTS } from '../invariants.ts';
import { createAccount } from '../people/accounts.ts';
import { createPool, type Pool } from '../pool.ts';
import { convert, insertRate } from './conversions.ts';
import { reserve } from './holds.ts';
import { accounts, transfer } from './ledger.ts';
import { damageOf } from './testing/damage.ts';
import { undone } from './testing/undone.ts';
import { penalise } from './wallets.ts';

// Every invariant of the books, by damage that it sees and no other does.

let pool: Pool;
const [one, other] = [uuid(), uuid()];
let damage: Record<string, string[]>;
const names = Object.keys(damageOf('', '', ''));
const AT = '2026-03-01T09:00:00.000Z';
const ours = async (executor: Parameters<typeof checkInvariants>[0]) =>
  (await checkInvariants(executor)).filter(({ name }) => names.includes(name));

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  const person = { handle: 'person', passwordHash: 'none', roles: ['viewer'] as const, externalSubject: null, at: AT };
  const { id: userId } = await createAccount(pool, { id: uuid(), ...person });
  damage = damageOf(one, other, userId);
  const fill = (key: string, deal: string, amount: bigint) =>
    transfer(pool, {
      key,
      reason: 'test',
      conversationId: null,
      occurredAt: AT,
      legs: [
        { account: accounts.external('damage', '00', 'INR'), amount: -amount },
        { account: accounts.escrow(deal, 'INR'), amount },
      ],
    });
  await fill(`fill_${one}`, one, 500n);
  await fill(`fill_${other}`, other, 700n);
  await fill(`more_${one}`, one, 50n);
  for (const asset of ['LYK', 'USD']) {
    await transfer(pool, {
      key: `fund_${asset}`,
      reason: 'test',
      conversationId: null,
      occurredAt: AT,
      legs: [
        { account: accounts.external('damage', '00', asset), amount: -10_000n },
        { account: accounts.wallet(userId, asset), amount: 10_000n },
      ],
    });
  }
  await pool.transaction(async (transaction) => {
    const hold = { id: uuid(), userId, asset: 'USD', amount: 100n, reason: 'test', expiresAt: null, now: AT };
    await reserve(transaction, hold);
    await penalise(transaction, { userId, amount: 300n, reason: 'spam', by: userId, now: AT });
    const rate = { id: uuid(), from_asset: 'USD', to_asset: 'INR', numerator: 8_333n, denominator: 100n };
    await insertRate(transaction, { ...rate, source: 'test', stated_at: AT });
    await convert(transaction, { key: 'convert', userId, rateId: rate.id, amount: 777n, now: AT });
  });
});
afterAll(() => pool?.end());

test('undamaged books break none, and there is damage for each of the ledger', async () => {
  expect((await ours(pool)).filter(({ ok }) => !ok)).toEqual([]);
  expect(INVARIANTS.slice(0, names.length)).toEqual(names);
});

describe('damage is seen by one invariant, and by no other', () => {
  test.each(names)('%s', async (name) => {
    const { seen, touched } = await undone(pool, damage[name] ?? [], ours);
    expect(touched.length, 'damage was done').toBeGreaterThan(0);
    expect(seen.filter(({ ok }) => !ok).map((check) => check.name)).toEqual([name]);
  });
});

test('the damage was undone', async () => {
  expect((await ours(pool)).filter(({ ok }) => !ok)).toEqual([]);
});
