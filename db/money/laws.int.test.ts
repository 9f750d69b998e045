import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { Failure } from '#workflows/failures.ts';
import { verbatim } from '../invariants.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { type Account, accounts, reverse, type Transfer, transfer } from './ledger.ts';
import { damageOf } from './testing/damage.ts';

// The fifteen that ledgers are judged by, each under its name. What damages each is in books.int.test.ts.

let pool: Pool;
beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 12 });
});
afterAll(async () => {
  await pool?.end();
});

const AT = '2026-03-01T09:00:00.000Z';
const outside = (asset = 'INR') => accounts.external('sandbox', '00', asset);
const purse = (asset = 'INR') => accounts.escrow(uuid(), asset);

function moving(legs: [Account, bigint][], more: Partial<Transfer> = {}): Transfer {
  return {
    key: `law_${uuid()}`,
    reason: 'test',
    conversationId: null,
    occurredAt: AT,
    legs: legs.map(([account, amount]) => ({ account, amount })),
    ...more,
  };
}

const pay = (from: Account, to: Account, amount: bigint) =>
  moving([
    [from, -amount],
    [to, amount],
  ]);
const fill = (account: Account, amount: bigint) => transfer(pool, pay(outside(account.asset), account, amount));

async function refusal(work: Promise<unknown>): Promise<string | null> {
  return work.then(
    () => null,
    (error: unknown) => (error instanceof Failure ? error.code : String(error)),
  );
}

const one = <T extends z.ZodType>(schema: T, text: string) =>
  pool.oneFirst(sql.type(z.object({ value: schema }))(verbatim(text))) as Promise<z.infer<T>>;
const balanceOf = async ({ code, asset }: Account) =>
  (await one(
    z.bigint().nullable(),
    `SELECT (SELECT balance FROM ledger_accounts WHERE code = '${code}' AND asset = '${asset}') AS value`,
  )) ?? 0n;
const everything = () =>
  one(
    z.string().nullable(),
    `SELECT md5((SELECT string_agg(account::text, ' ' ORDER BY id) FROM ledger_accounts AS account)
       || (SELECT string_agg(entry::text, ' ' ORDER BY account_id, account_version) FROM ledger_entries AS entry)
       || (SELECT string_agg(transfer::text, ' ' ORDER BY id) FROM ledger_transfers AS transfer)) AS value`,
  );
async function expectInOrder(...names: string[]): Promise<void> {
  const checks = await checkInvariants(pool);
  for (const name of names) {
    expect(
      checks.find((check) => check.name === name),
      name,
    ).toMatchObject({ ok: true, rows: [] });
  }
}

test('balanced per currency', async () => {
  const [rupees, dollars] = [purse(), purse('USD')];
  await fill(rupees, 100n);
  const before = await everything();
  const lopsided = moving([
    [outside(), -100n],
    [rupees, 99n],
  ]);
  const across = moving([
    [rupees, -100n],
    [dollars, 100n],
  ]);
  for (const wrong of [lopsided, across]) expect(await refusal(transfer(pool, wrong))).toMatch(/check|balance/i);
  expect(await everything()).toBe(before);
  await transfer(
    pool,
    moving([
      [rupees, -40n],
      [outside(), 40n],
      [outside('USD'), -7n],
      [dollars, 7n],
    ]),
  );
  await expectInOrder('transfers_balance', 'transfers_move_something');
});

test('append-only', async () => {
  await fill(purse(), 1n);
  const before = await everything();
  for (const table of ['ledger_entries', 'ledger_transfers']) {
    for (const statement of [`DELETE FROM ${table}`, `TRUNCATE ${table}`, `UPDATE ${table} SET id = id`]) {
      const text = statement.replace('SET id = id', table === 'ledger_entries' ? 'SET amount = 1' : "SET reason = 'x'");
      expect(await refusal(pool.query(sql.typeAlias('void')(verbatim(text)))), text).toMatch(/is immutable/);
    }
  }
  expect(await everything()).toBe(before);
  await expectInOrder('books_are_append_only');
});

test('hash chain', async () => {
  const account = purse();
  for (let n = 1n; n <= 20n; n += 1n) await fill(account, n);
  const links = await one(
    z.bigint(),
    `SELECT count(DISTINCT entry.hash) AS value FROM ledger_entries AS entry JOIN ledger_accounts AS account
     ON account.id = account_id WHERE code = '${account.code}'`,
  );
  expect(links).toBe(20n);
  await expectInOrder('entries_are_hash_chained', 'transfers_are_as_they_were_asked');
});

test('duplicate is a no-op', async () => {
  const account = purse();
  const move = pay(outside(), account, 500n);
  expect(await transfer(pool, move)).toBe(true);
  const before = await everything();
  for (let n = 0; n < 3; n += 1) expect(await transfer(pool, move)).toBe(false);
  expect(await everything()).toBe(before);
  await expectInOrder('transfers_are_made_once');
});

test('64 concurrent duplicates are one', async () => {
  const account = purse();
  const move = pay(outside(), account, 500n);
  const moved = await Promise.all(Array.from({ length: 64 }, () => transfer(pool, move)));
  expect(moved.filter(Boolean)).toHaveLength(1);
  expect(await balanceOf(account)).toBe(500n);
});

test('500 concurrent credits lose nothing', async () => {
  const account = purse();
  await Promise.all(Array.from({ length: 500 }, (_, n) => fill(account, BigInt(n + 1))));
  expect(await balanceOf(account)).toBe((500n * 501n) / 2n);
});

test('conservation', async () => {
  const purses = Array.from({ length: 8 }, () => purse());
  for (const each of purses) await fill(each, 1_000n);
  const sum = async () => (await Promise.all(purses.map(balanceOf))).reduce((all, balance) => all + balance, 0n);
  await Promise.all(
    Array.from({ length: 200 }, (_, n) => {
      const [from, to] = [purses[n % 8] as Account, purses[(n * 5 + 3) % 8] as Account];
      return from === to ? null : refusal(transfer(pool, pay(from, to, BigInt((n * 37) % 90) + 1n)));
    }),
  );
  expect(await sum()).toBe(8_000n);
  await expectInOrder('books_sum_to_zero');
});

test('balance equals journal', async () => {
  const wrong = await one(
    z.bigint(),
    `SELECT count(*) AS value FROM ledger_accounts AS account
     WHERE balance <> (SELECT coalesce(sum(amount), 0) FROM ledger_entries WHERE account_id = account.id)`,
  );
  expect(wrong).toBe(0n);
  await expectInOrder('balances_are_those_of_the_journal', 'entries_add_up');
});

test('overdraft guard under concurrent drain', async () => {
  const account = purse();
  await fill(account, 1_000n);
  const results = await Promise.all(
    Array.from({ length: 50 }, () => refusal(transfer(pool, pay(account, outside(), 30n)))),
  );
  expect(results.filter((code) => code === null)).toHaveLength(33);
  expect(results.filter((code) => code === 'INSUFFICIENT_FUNDS')).toHaveLength(17);
  expect(await balanceOf(account)).toBe(10n);
  await expectInOrder('balances_were_never_negative');
});

test('no drift over 1,000 one-unit moves', async () => {
  const [from, to] = [purse('BTC'), purse('BTC')];
  await fill(from, 1_000n);
  await Promise.all(Array.from({ length: 1_000 }, () => transfer(pool, pay(from, to, 1n))));
  expect([await balanceOf(from), await balanceOf(to)]).toEqual([0n, 1_000n]);
});

test('no currency mixing', async () => {
  const account = purse();
  await fill(account, 100n);
  await fill({ ...account, asset: 'USD' }, 7n);
  expect([await balanceOf(account), await balanceOf({ ...account, asset: 'USD' })]).toEqual([100n, 7n]);
  expect(await refusal(transfer(pool, pay({ ...account, asset: 'USD' }, outside('USD'), 8n)))).toBe(
    'INSUFFICIENT_FUNDS',
  );
  expect(await refusal(transfer(pool, pay(account, outside('USD'), 7n)))).not.toBeNull();
  expect([await balanceOf(account), await balanceOf({ ...account, asset: 'USD' })]).toEqual([100n, 7n]);
});

test('reversal is compensation', async () => {
  const [from, to] = [purse(), purse()];
  await fill(from, 100n);
  const move = pay(from, to, 60n);
  await transfer(pool, move);
  const undo = { key: move.key, reason: 'mistake', occurredAt: AT };
  expect(await reverse(pool, undo)).toBe(true);
  expect(await reverse(pool, undo)).toBe(false);
  expect([await balanceOf(from), await balanceOf(to)]).toEqual([100n, 0n]);
  const corrects = await one(
    z.string(),
    `SELECT more ->> 'corrects' AS value FROM ledger_transfers WHERE key = 'reversal_${move.key}'`,
  );
  expect(corrects).toBe(move.key);
  expect(await one(z.bigint(), `SELECT count(*) AS value FROM ledger_transfers WHERE key = '${move.key}'`)).toBe(1n);
  expect(await refusal(reverse(pool, { ...undo, key: 'nothing' }))).toBe('NOT_FOUND');
  await expectInOrder('corrections_name_a_transfer');
});

test('rebuild from the log', async () => {
  const differing = await one(
    z.bigint(),
    `SELECT count(*) AS value FROM ledger_accounts AS account
     FULL JOIN (
       SELECT account_id, sum(amount) AS balance, count(*) AS version, max(recorded_at) AS moved_at
       FROM ledger_entries GROUP BY account_id
     ) AS rebuilt ON rebuilt.account_id = account.id
     WHERE (account.balance, account.version) IS DISTINCT FROM (coalesce(rebuilt.balance, 0), coalesce(rebuilt.version, 0))`,
  );
  expect(differing).toBe(0n);
  expect(await one(z.bigint(), 'SELECT count(*) AS value FROM ledger_entries')).toBeGreaterThan(2_000n);
});

test('per-account sequence', async () => {
  const account = purse();
  await Promise.all(Array.from({ length: 40 }, () => fill(account, 1n)));
  const versions = await pool.anyFirst(sql.type(z.object({ account_version: z.bigint() }))`
    SELECT account_version FROM ledger_entries JOIN ledger_accounts ON ledger_accounts.id = account_id
    WHERE code = ${account.code} ORDER BY account_version
  `);
  expect(versions).toEqual(Array.from({ length: 40 }, (_, n) => BigInt(n + 1)));
  await expectInOrder('entries_are_numbered', 'entries_are_in_time');
});

test('a refused duplicate is not reported applied', async () => {
  const account = purse();
  const move = pay(account, outside(), 10n);
  expect(await refusal(transfer(pool, move))).toBe('INSUFFICIENT_FUNDS');
  expect(await refusal(transfer(pool, move))).toBe('INSUFFICIENT_FUNDS');
  await fill(account, 10n);
  expect(await transfer(pool, move)).toBe(true);
  const before = await everything();
  expect(await refusal(transfer(pool, pay(account, outside(), 10n)))).toBe('INSUFFICIENT_FUNDS');
  expect(await refusal(transfer(pool, { ...move, reason: 'another' }))).toBe('CONFLICT');
  expect(await everything()).toBe(before);
});

test('and all invariants of the ledger hold after them', async () => {
  const broken = (await checkInvariants(pool)).filter(({ ok }) => !ok).map(({ name }) => name);
  expect(broken.filter((name) => name in damageOf('', '', ''))).toEqual([]);
});
