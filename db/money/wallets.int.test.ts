import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import type { Failure } from '#workflows/failures.ts';
import { newUser } from '../deal/testing/dealing.ts';
import { listEvents } from '../event/outbox.ts';
import { advanceWatermark } from '../invariants.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { createCollector } from './collector.ts';
import { convert, insertRate } from './conversions.ts';
import { expireHold, expireHolds, getHold, post, release, reserve } from './holds.ts';
import { accounts, reverse, type Transfer, transfer, transferAll } from './ledger.ts';
import { expireLots, listExpiries } from './lots.ts';
import { sweepMoney } from './sweep.ts';
import { damageOf } from './testing/damage.ts';
import { balanceOf, type Command, gameOf, give, hour, play, refusal } from './testing/games.ts';

let pool: Pool;
beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 12 });
});
afterAll(() => pool?.end());
afterEach(async () => {
  const broken = (await checkInvariants(pool)).filter(({ ok }) => !ok).map(({ name }) => name);
  expect(broken.filter((name) => name in damageOf('', '', ''))).toEqual([]);
});

const AT = hour(0);
const HALF_HOUR = 0.5;

const has = (userId: string, asset: string, now = AT) => balanceOf(pool, userId, asset, now);

const held = async (amount: bigint, asset = 'INR', expiresAt: string | null = null) => {
  const userId = await newUser(pool, 'influencer');
  await transfer(pool, give(userId, asset, 100n));
  const hold = { id: uuid(), userId, asset, amount, reason: 'test', expiresAt, now: AT };
  await pool.transaction((transaction) => reserve(transaction, hold));
  return { ...hold, to: await newUser(pool, 'influencer') };
};
type Held = Awaited<ReturnType<typeof held>>;

const posting = ({ id, to, asset }: Held, n: number, amount: bigint, final: boolean, now = AT) => ({
  id,
  n,
  to: [{ account: accounts.wallet(to, asset), amount }],
  reason: 'test',
  final,
  now,
});
const doPost = (...args: Parameters<typeof posting>) =>
  pool.transaction((transaction) => post(transaction, posting(...args)));

describe('held money', () => {
  test('is posted whole, or in part with the rest given back, or part by part', async () => {
    const whole = await held(80n);
    expect(await has(whole.userId, 'INR')).toEqual([20n, 80n]);
    expect(await doPost(whole, 1, 80n, false)).toMatchObject({ state: 'posted', posted: 80n, returned: 0n });
    const part = await held(80n);
    expect(await doPost(part, 1, 30n, true)).toMatchObject({ state: 'posted', posted: 30n, returned: 50n });
    expect(await has(part.userId, 'INR')).toEqual([70n, 0n]);
    const parts = await held(80n);
    expect(await doPost(parts, 1, 30n, false)).toMatchObject({ state: 'open', posted: 30n });
    expect(await has(parts.userId, 'INR')).toEqual([20n, 50n]);
    expect(await refusal(doPost(parts, 2, 51n, false))).toBe('CONFLICT');
    expect(await doPost(parts, 2, 50n, false)).toMatchObject({ state: 'posted', posted: 80n });
    expect(await has(parts.to, 'INR')).toEqual([80n, 0n]);
  });

  test('is voided or expires once, and what comes after is told what became of it', async () => {
    const voided = await held(80n);
    const unhold = () => pool.transaction((transaction) => release(transaction, voided.id, AT));
    expect(await unhold()).toMatchObject({ state: 'voided', returned: 80n });
    expect(await unhold()).toMatchObject({ state: 'voided', returned: 80n });
    const refused = await doPost(voided, 1, 1n, true).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'CONFLICT', details: { state: 'voided' } });
    const expiring = await held(80n, 'INR', hour(1));
    expect(await expireHolds(pool, hour(HALF_HOUR), 100)).toEqual([]);
    expect(await refusal(doPost(expiring, 1, 1n, true, hour(1)))).toBe('CONFLICT');
    expect((await expireHolds(pool, hour(1), 100)).map(({ id }) => id)).toEqual([expiring.id]);
    expect(await getHold(pool, expiring.id)).toMatchObject({ state: 'expired', returned: 80n, ended_at: hour(1) });
    expect(await has(expiring.userId, 'INR')).toEqual([100n, 0n]);
  });

  test('goes one way, whatever races: posted, voided or expired', async () => {
    for (let round = 0; round < 12; round += 1) {
      const hold = await held(80n, 'INR', hour(1));
      const results = await Promise.all([
        refusal(doPost(hold, 1, 80n, true)),
        refusal(doPost(hold, 2, 50n, true)),
        refusal(pool.transaction((transaction) => release(transaction, hold.id, AT))),
        pool
          .transaction((transaction) => expireHold(transaction, hold.id, hour(1)))
          .then((done) => (done ? null : 'over')),
      ]);
      expect(results.filter((result) => result === null)).toHaveLength(1);
      const { state, posted, returned } = await getHold(pool, hold.id);
      expect(posted + returned).toBe(80n);
      expect(state).toBe(['posted', 'posted', 'voided', 'expired'][results.indexOf(null)]);
      expect(await has(hold.userId, 'INR')).toEqual([20n + returned, 0n]);
      expect(await has(hold.to, 'INR')).toEqual([posted, 0n]);
    }
  });

  test('is reserved once under its id; with any term changed it is refused, each in turn', async () => {
    const { to, ...hold } = await held(80n, 'INR', hour(1));
    const again = (change: object) =>
      refusal(pool.transaction((transaction) => reserve(transaction, { ...hold, ...change })));
    expect(await again({})).toBeNull();
    const changes = { userId: to, asset: 'USD', amount: 79n, reason: 'another', expiresAt: hour(2) };
    for (const [term, value] of Object.entries(changes)) expect(await again({ [term]: value }), term).toBe('CONFLICT');
    expect(await has(hold.userId, 'INR')).toEqual([20n, 80n]);
    const more = { ...hold, id: uuid(), amount: 21n };
    expect(await refusal(pool.transaction((transaction) => reserve(transaction, more)))).toBe('INSUFFICIENT_FUNDS');
  });

  test('is posted once under its number; with any field changed it is refused, each in turn', async () => {
    const hold = await held(80n);
    await doPost(hold, 1, 30n, true);
    expect(await refusal(doPost(hold, 1, 30n, true))).toBeNull();
    const again = (change: object) =>
      refusal(pool.transaction((transaction) => post(transaction, { ...posting(hold, 1, 30n, true), ...change })));
    expect(await again({ reason: 'another' })).toBe('CONFLICT');
    expect(await again({ to: [{ account: accounts.wallet(hold.to, 'INR'), amount: 31n }] })).toBe('CONFLICT');
    expect(await again({ to: [{ account: accounts.wallet(uuid(), 'INR'), amount: 30n }] })).toBe('CONFLICT');
    expect(await has(hold.to, 'INR')).toEqual([30n, 0n]);
  });
});

describe('a batch', () => {
  test('moves all in their order or none, in which a later one may need an earlier', async () => {
    const [one, other] = [await newUser(pool, 'influencer'), await newUser(pool, 'influencer')];
    const pass = (key: string, amount: bigint): Transfer => ({
      ...give(other, 'INR', amount),
      key,
      legs: [
        { account: accounts.wallet(one, 'INR'), amount: -amount },
        { account: accounts.wallet(other, 'INR'), amount },
      ],
    });
    const first = give(one, 'INR', 50n);
    expect(await refusal(transferAll(pool, [pass(uuid(), 50n), first]))).toBe('INSUFFICIENT_FUNDS');
    expect([await has(one, 'INR'), await has(other, 'INR')]).toEqual([
      [0n, 0n],
      [0n, 0n],
    ]);
    const then = pass(uuid(), 50n);
    expect(await transferAll(pool, [first, then])).toEqual([true, true]);
    expect(await transferAll(pool, [first, then])).toEqual([false, false]);
    expect(await refusal(transferAll(pool, [give(one, 'INR', 5n), pass(then.key, 49n)]))).toBe('CONFLICT');
    expect([await has(one, 'INR'), await has(other, 'INR')]).toEqual([
      [0n, 0n],
      [50n, 0n],
    ]);
  });

  test('waits for no other in a circle, whatever the order of their transfers', async () => {
    const users = await Promise.all(Array.from({ length: 5 }, () => newUser(pool, 'influencer')));
    for (const user of users) await transfer(pool, give(user, 'INR', 1_000n));
    const batches = Array.from({ length: 40 }, (_, n) =>
      Array.from({ length: 5 }, (__, m): Transfer => {
        const [from, to] = [users[(n + m) % 5], users[(n * 3 + m * 2 + 1) % 5]] as [string, string];
        const legs = [
          { account: accounts.wallet(from, 'INR'), amount: -1n },
          { account: accounts.wallet(to, 'INR'), amount: 1n },
        ];
        return { ...give(to, 'INR', 1n), legs: from === to ? give(to, 'INR', 1n).legs : legs };
      }),
    );
    // In a transaction that is not tried again, as a deadlock otherwise would be.
    const moved = await Promise.all(
      batches.map((batch) => pool.transaction((transaction) => transferAll(transaction, batch), 0)),
    );
    expect(moved.flat().every(Boolean)).toBe(true);
  });
});

describe('a conversion', () => {
  test('goes by named legs at a rate that is kept; what rounding leaves stays where it is named', async () => {
    const userId = await newUser(pool, 'influencer');
    await transfer(pool, give(userId, 'USD', 1_000n));
    const rate = { id: uuid(), from_asset: 'USD', to_asset: 'INR', numerator: 8_333n, denominator: 100n };
    await insertRate(pool, { ...rate, source: 'test', stated_at: AT });
    const change = { key: `convert_${userId}`, userId, rateId: rate.id, amount: 777n, now: AT };
    const run = (more: object = {}) => pool.transaction((transaction) => convert(transaction, { ...change, ...more }));
    expect(await run()).toBe(64_747n);
    expect(await run()).toBe(64_747n);
    expect([await has(userId, 'USD'), await has(userId, 'INR')]).toEqual([
      [223n, 0n],
      [64_747n, 0n],
    ]);
    expect(await refusal(run({ amount: 776n }))).toBe('CONFLICT');
    expect(await refusal(run({ key: uuid(), amount: 224n }))).toBe('INSUFFICIENT_FUNDS');
    expect(await refusal(run({ key: uuid(), rateId: uuid() }))).toBe('NOT_FOUND');
    expect(await refusal(run({ key: uuid(), amount: 0n }))).toBe('VALIDATION_FAILED');
    await expect(pool.query(sql.typeAlias('void')`UPDATE ledger_rates SET numerator = 1`)).rejects.toThrow();
  });
});

describe('lots', () => {
  test('keep their end in a hold, and have it back when that is voided', async () => {
    const userId = await newUser(pool, 'influencer');
    await transfer(pool, give(userId, 'LYK', 30n, hour(5)));
    await transfer(pool, give(userId, 'LYK', 50n));
    const hold = { id: uuid(), userId, asset: 'LYK', amount: 40n, reason: 'test', expiresAt: null, now: AT };
    await pool.transaction((transaction) => reserve(transaction, hold));
    expect(await listExpiries(pool, userId, AT, 10)).toEqual([]);
    await expireLots(pool, hour(6), 100);
    expect(await has(userId, 'LYK', hour(6))).toEqual([40n, 40n]);
    await pool.transaction((transaction) => release(transaction, hold.id, hour(4)));
    expect(await listExpiries(pool, userId, AT, 10)).toEqual([{ asset: 'LYK', amount: 30n, expires_at: hour(5) }]);
    expect(await expireLots(pool, hour(5), 100)).toEqual([{ userId, asset: 'LYK', amount: 30n }]);
    expect(await has(userId, 'LYK', hour(5))).toEqual([50n, 0n]);
  });

  test('are swept once, whoever sweeps at the same time, and spent or swept but not both', async () => {
    const userId = await newUser(pool, 'influencer');
    for (let round = 0; round < 8; round += 1) {
      await transfer(pool, give(userId, 'LYK', 10n, hour(1)));
      const spend = { ...give(userId, 'LYK', 10n), occurredAt: hour(HALF_HOUR) };
      const legs = [
        { account: accounts.wallet(userId, 'LYK'), amount: -10n },
        { account: accounts.spent(userId, 'LYK'), amount: 10n },
      ];
      const results = await Promise.all([
        expireLots(pool, hour(1), 100),
        expireLots(pool, hour(1), 100),
        refusal(transfer(pool, { ...spend, legs })),
      ]);
      const swept = results.slice(0, 2).flat().length;
      expect([swept, results[2]]).toEqual(results[2] === null ? [0, null] : [1, 'INSUFFICIENT_FUNDS']);
      expect(await has(userId, 'LYK')).toEqual([0n, 0n]);
    }
  });
});

test('a sweep gives back what is held too long and takes what has ended, and tells of it', async () => {
  const hold = await held(80n, 'INR', hour(1));
  await transfer(pool, give(hold.userId, 'LYK', 10n, hour(1)));
  const heard = async () => (await listEvents(pool, hold.userId, 0, 100)).map(({ name }) => name);
  const before = await heard();
  await sweepMoney(pool, hour(HALF_HOUR));
  expect(await heard()).toEqual(before);
  await sweepMoney(pool, hour(1));
  expect([await has(hold.userId, 'INR', hour(1)), await has(hold.userId, 'LYK', hour(1))]).toEqual([
    [100n, 0n],
    [0n, 0n],
  ]);
  expect((await heard()).slice(before.length)).toEqual(['balance_update', 'balance_update', 'transaction_complete']);
});

describe('collected', () => {
  test('transfers that come together are each moved, repeated or refused by themselves', async () => {
    const collector = createCollector(pool, 1);
    const userId = await newUser(pool, 'influencer');
    const first = give(userId, 'INR', 50n);
    const take = (amount: bigint, key = uuid()): Transfer => ({
      ...give(userId, 'INR', amount),
      key,
      legs: [
        { account: accounts.wallet(userId, 'INR'), amount: -amount },
        { account: accounts.fee(userId, 'INR'), amount },
      ],
    });
    const lopsided = { ...first, key: uuid(), legs: first.legs.slice(0, 1) };
    const warm = collector.transfer(give(await newUser(pool, 'influencer'), 'INR', 1n));
    const key = uuid();
    const moves = [first, take(30n, key), take(30n), lopsided, take(30n, key), take(29n, key), take(20n)];
    const outcomes = await Promise.all(
      moves.map((move) => collector.transfer(move).catch((error: Failure) => error.code ?? 'error')),
    );
    expect(outcomes).toEqual([true, true, 'INSUFFICIENT_FUNDS', 'error', false, 'CONFLICT', true]);
    expect(await warm).toBe(true);
    expect(await has(userId, 'INR')).toEqual([0n, 0n]);
  });

  test('a thousand that move one account at the same time lose nothing, points with their ends too', async () => {
    const collector = createCollector(pool, 3);
    const [userId, other] = [await newUser(pool, 'influencer'), await newUser(pool, 'influencer')];
    const moves = Array.from({ length: 1_000 }, (_, n) =>
      give(userId, n % 2 ? 'LYK' : 'INR', 1n, n % 2 ? hour((n % 5) + 1) : null),
    );
    const all = [...moves, ...moves.slice(0, 100), give(other, 'INR', 1n)];
    const moved = await Promise.all(all.map((move) => collector.transfer(move)));
    expect(moved.filter(Boolean)).toHaveLength(1_001);
    expect([await has(userId, 'INR'), await has(userId, 'LYK')]).toEqual([
      [500n, 0n],
      [500n, 0n],
    ]);
    expect((await listExpiries(pool, userId, AT, 10)).map(({ amount: points }) => points)).toEqual(Array(5).fill(100n));
  });
});

test('what was looked through is not looked through again, and a mark is set only on books in order', async () => {
  await advanceWatermark(pool, 0, 0);
  const mark = () =>
    pool.oneFirst(
      sql.type(z.object({ mark: z.bigint() }))`SELECT coalesce(max(transfer_id), 0) AS mark FROM ledger_watermark`,
    );
  const last = () =>
    pool.oneFirst(sql.type(z.object({ last: z.bigint() }))`SELECT max(id) AS last FROM ledger_transfers`);
  expect(await mark()).toBe(await last());
  const userId = await newUser(pool, 'influencer');
  // One that is under way has its number, and is not marked as looked through before it is there.
  const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow = pool.transaction(async (transaction) => {
    await transfer(transaction, give(userId, 'INR', 1n));
    begun.resolve();
    await end.promise;
  });
  await begun.promise;
  const before = await last();
  await transfer(pool, give(await newUser(pool, 'influencer'), 'USD', 1n));
  await advanceWatermark(pool, 0, 0);
  expect((await mark()) <= before).toBe(true);
  end.resolve();
  await slow;
  await advanceWatermark(pool, 0, 0);
  expect(await mark()).toBe(await last());
});

/** Games at the same time, each with people of its own: 200 of 40 commands in all. */
const AT_ONCE = 4;

test('whatever is commanded, wallets, holds and lots come to what plain sums say', async () => {
  const games = fc.array(gameOf(40), { minLength: AT_ONCE, maxLength: AT_ONCE });
  const playAll = async (each: Command[][]) => void (await Promise.all(each.map((game) => play(pool, game))));
  await fc.assert(fc.asyncProperty(games, playAll), { numRuns: 200 / AT_ONCE, endOnFailure: true });
  // Eight thousand commands: three minutes on a slow machine.
}, 600_000);

test('a reversal takes back what is still there, or nothing', async () => {
  const userId = await newUser(pool, 'influencer');
  const move = give(userId, 'LYK', 10n);
  await transfer(pool, move);
  await transfer(pool, {
    ...give(userId, 'LYK', 4n),
    legs: [
      { account: accounts.wallet(userId, 'LYK'), amount: -4n },
      { account: accounts.spent(userId, 'LYK'), amount: 4n },
    ],
  });
  expect(await refusal(reverse(pool, { key: move.key, reason: 'mistake', occurredAt: AT }))).toBe('INSUFFICIENT_FUNDS');
  expect(await has(userId, 'LYK')).toEqual([6n, 0n]);
});
