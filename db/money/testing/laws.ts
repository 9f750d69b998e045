/**
 * The fifteen that ledgers are judged by, each a promise that throws where it is not kept. Each has accounts of its own
 * and asks for nothing that another is about, so that a defect is seen by the one that it offends.
 */
import { v7 as uuid } from 'uuid';
import { expect } from 'vitest';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { verbatim } from '../../invariants.ts';
import { type Pool, sql } from '../../pool.ts';
import { type Account, accounts, reverse, type Transfer, transfer, transferAll } from '../ledger.ts';
import { rehearse } from '../rehearsal.ts';

const AT = '2026-03-01T09:00:00.000Z';
const outside = (asset = 'INR') => accounts.external('sandbox', '00', asset);
const purse = (asset = 'INR') => accounts.escrow(uuid(), asset);

function moving(legs: [Account, bigint][]): Transfer {
  return {
    key: `law_${uuid()}`,
    reason: 'test',
    conversationId: null,
    occurredAt: AT,
    legs: legs.map(([account, amount]) => ({ account, amount })),
  };
}

const pay = (from: Account, to: Account, amount: bigint) =>
  moving([
    [from, -amount],
    [to, amount],
  ]);
const fill = (pool: Pool, account: Account, amount: bigint) =>
  transfer(pool, pay(outside(account.asset), account, amount));

/** What some work is refused with: the code of a failure, or what the database said; null where it is not refused. */
function refusal(work: Promise<unknown>): Promise<string | null> {
  return work.then(
    () => null,
    (error: unknown) => (error instanceof Failure ? error.code : String(error)),
  );
}

const one = <T extends z.ZodType>(pool: Pool, schema: T, text: string) =>
  pool.oneFirst(sql.type(z.object({ value: schema }))(verbatim(text))) as Promise<z.infer<T>>;
const idOf = ({ code, asset }: Account) =>
  `(SELECT id FROM ledger_accounts WHERE code = '${code}' AND asset = '${asset}')`;
const balanceOf = async (pool: Pool, account: Account) =>
  (await one(
    pool,
    z.bigint().nullable(),
    `SELECT (SELECT balance FROM ledger_accounts WHERE id = ${idOf(account)}) AS value`,
  )) ?? 0n;
const balancesOf = (pool: Pool, all: readonly Account[]) => Promise.all(all.map((each) => balanceOf(pool, each)));

/** All that the books hold, as one sum. */
const everything = (pool: Pool) =>
  one(
    pool,
    z.string().nullable(),
    `SELECT md5((SELECT string_agg(account::text, ' ' ORDER BY id) FROM ledger_accounts AS account)
       || (SELECT string_agg(entry::text, ' ' ORDER BY account_id, account_version) FROM ledger_entries AS entry)
       || (SELECT string_agg(transfer::text, ' ' ORDER BY id) FROM ledger_transfers AS transfer)) AS value`,
  );

export const LAWS: Record<string, (pool: Pool) => Promise<void>> = {
  async 'balanced per currency'(pool) {
    const [rupees, dollars] = [purse(), purse('USD')];
    await fill(pool, rupees, 100n);
    const before = await everything(pool);
    const lopsided = moving([
      [outside(), -100n],
      [rupees, 99n],
    ]);
    for (const wrong of [
      lopsided,
      moving([
        [rupees, -100n],
        [dollars, 100n],
      ]),
    ]) {
      expect(await refusal(transfer(pool, wrong))).toMatch(/check|balance/i);
    }
    expect(await everything(pool)).toBe(before);
    await transfer(
      pool,
      moving([
        [rupees, -40n],
        [outside(), 40n],
        [outside('USD'), -7n],
        [dollars, 7n],
      ]),
    );
  },

  async 'append-only'(pool) {
    await fill(pool, purse(), 1n);
    for (const text of [
      ...['DELETE FROM ledger_entries', 'TRUNCATE ledger_entries', 'UPDATE ledger_entries SET amount = 1'],
      ...['DELETE FROM ledger_transfers', 'TRUNCATE ledger_transfers', "UPDATE ledger_transfers SET reason = 'x'"],
    ]) {
      const changed = rehearse(pool, (transaction) => transaction.query(sql.typeAlias('void')(verbatim(text))));
      expect(await refusal(changed), text).toMatch(/is immutable/);
    }
  },

  async 'hash chain'(pool) {
    const account = purse();
    for (let n = 1n; n <= 20n; n += 1n) await fill(pool, account, n);
    const links = await one(
      pool,
      z.bigint(),
      `SELECT count(*) AS value FROM (
         SELECT entry.*, transfer.input_hash, lag(entry.hash, 1, '') OVER (ORDER BY account_version) AS before
         FROM ledger_entries AS entry JOIN ledger_transfers AS transfer ON transfer.id = entry.transfer_id
         WHERE account_id = ${idOf(account)}
       ) AS link
       WHERE hash = sha256(before || input_hash || int8send(account_version) || int8send(amount)
         || int8send(balance_after) || timestamptz_send(recorded_at))`,
    );
    expect(links).toBe(20n);
  },

  async 'duplicate is a no-op'(pool) {
    const move = pay(outside(), purse(), 500n);
    expect(await transfer(pool, move)).toBe(true);
    const before = await everything(pool);
    for (let n = 0; n < 3; n += 1) expect(await transfer(pool, move)).toBe(false);
    expect(await everything(pool)).toBe(before);
  },

  async '64 concurrent duplicates are one'(pool) {
    const account = purse();
    const move = pay(outside(), account, 500n);
    const moved = await Promise.all(Array.from({ length: 64 }, () => transfer(pool, move)));
    expect(moved.filter(Boolean)).toHaveLength(1);
    expect(await balanceOf(pool, account)).toBe(500n);
  },

  async '500 concurrent credits lose nothing'(pool) {
    const account = purse();
    await Promise.all(Array.from({ length: 500 }, (_, n) => fill(pool, account, BigInt(n + 1))));
    expect(await balanceOf(pool, account)).toBe((500n * 501n) / 2n);
  },

  async conservation(pool) {
    const purses = Array.from({ length: 8 }, () => purse());
    for (const each of purses) await fill(pool, each, 500n);
    const at = (n: number) => purses[n % 8] as Account;
    for (let n = 0; n < 100; n += 1) {
      const units = BigInt((n * 37) % 180) + 4n;
      const split = moving([
        [at(n), -units],
        [at(n + 3), units / 4n],
        [at(n + 5), units - units / 4n],
      ]);
      const code = await refusal(transfer(pool, n % 2 ? split : pay(at(n), at(n * 5 + 3), units)));
      expect([null, 'INSUFFICIENT_FUNDS']).toContain(code);
    }
    const all = await balancesOf(pool, purses);
    expect(all.reduce((sum, balance) => sum + balance, 0n)).toBe(8n * 500n);
  },

  async 'balance equals journal'(pool) {
    const [first, second] = [purse(), purse()];
    await fill(pool, first, 50_000n);
    for (const amount of [20_000n, 5_000n, 1_001n]) await transfer(pool, pay(first, second, amount));
    for (const account of [first, second]) {
      const journal = await one(
        pool,
        z.bigint().nullable(),
        `SELECT sum(amount)::bigint AS value FROM ledger_entries WHERE account_id = ${idOf(account)}`,
      );
      expect(journal).toBe(await balanceOf(pool, account));
    }
  },

  async 'overdraft guard under concurrent drain'(pool) {
    const account = purse();
    await fill(pool, account, 1_000n);
    const results = await Promise.all(
      Array.from({ length: 50 }, () => refusal(transfer(pool, pay(account, outside(), 30n)))),
    );
    expect(results.filter((code) => code === null)).toHaveLength(33);
    expect(results.filter((code) => code === 'INSUFFICIENT_FUNDS')).toHaveLength(17);
    expect(await balanceOf(pool, account)).toBe(10n);
  },

  async 'no drift over 1,000 one-unit moves'(pool) {
    const [from, to] = [purse('BTC'), purse('BTC')];
    await fill(pool, from, 1_000n);
    for (let n = 0; n < 10; n += 1)
      await transferAll(
        pool,
        Array.from({ length: 100 }, () => pay(from, to, 1n)),
      );
    expect(await balancesOf(pool, [from, to])).toEqual([0n, 1_000n]);
  },

  async 'no currency mixing'(pool) {
    const rupees = purse();
    const dollars = { ...rupees, asset: 'USD' };
    await fill(pool, rupees, 100n);
    await fill(pool, dollars, 7n);
    expect(await balancesOf(pool, [rupees, dollars])).toEqual([100n, 7n]);
    expect(await refusal(transfer(pool, pay(dollars, outside('USD'), 8n)))).toBe('INSUFFICIENT_FUNDS');
    expect(await balancesOf(pool, [rupees, dollars])).toEqual([100n, 7n]);
  },

  async 'reversal is compensation'(pool) {
    const [from, to] = [purse(), purse()];
    await fill(pool, from, 100n);
    const move = pay(from, to, 60n);
    await transfer(pool, move);
    const undo = { key: move.key, reason: 'mistake', occurredAt: AT };
    expect(await reverse(pool, undo)).toBe(true);
    expect(await reverse(pool, undo)).toBe(false);
    expect(await balancesOf(pool, [from, to])).toEqual([100n, 0n]);
    const kept = `SELECT count(*) AS value FROM ledger_transfers WHERE key = '${move.key}'
      OR (key = 'reversal_${move.key}' AND more ->> 'corrects' = '${move.key}')`;
    expect(await one(pool, z.bigint(), kept)).toBe(2n);
    expect(await refusal(reverse(pool, { ...undo, key: 'nothing' }))).toBe('NOT_FOUND');
  },

  async 'rebuild from the log'(pool) {
    const all = [purse(), accounts.suspense(`law_${uuid()}`, 'INR')];
    for (const each of all) for (const amount of [70n, 30n, -45n]) await fill(pool, each, amount);
    for (const each of all) {
      const differing = await one(
        pool,
        z.bigint(),
        `SELECT count(*) AS value FROM ledger_accounts AS account
         JOIN (
           SELECT account_id, sum(amount) AS balance, count(*) AS version, max(recorded_at) AS moved_at,
             (array_agg(hash ORDER BY account_version DESC))[1] AS hash
           FROM ledger_entries GROUP BY account_id
         ) AS rebuilt ON rebuilt.account_id = account.id
         WHERE account.id = ${idOf(each)} AND (account.balance, account.version, account.moved_at, account.hash)
           IS NOT DISTINCT FROM (rebuilt.balance, rebuilt.version, rebuilt.moved_at, rebuilt.hash)`,
      );
      expect(differing).toBe(1n);
    }
  },

  async 'per-account sequence'(pool) {
    const account = purse();
    await Promise.all(Array.from({ length: 40 }, () => fill(pool, account, 1n)));
    const versions = await pool.anyFirst(
      sql.type(z.object({ account_version: z.bigint() }))(
        verbatim(
          `SELECT account_version FROM ledger_entries WHERE account_id = ${idOf(account)} ORDER BY account_version`,
        ),
      ),
    );
    expect(versions).toEqual(Array.from({ length: 40 }, (_, n) => BigInt(n + 1)));
  },

  async 'a refused duplicate is not reported applied'(pool) {
    const account = purse();
    const move = pay(account, outside(), 10n);
    for (let n = 0; n < 2; n += 1) expect(await refusal(transfer(pool, move))).toBe('INSUFFICIENT_FUNDS');
    await fill(pool, account, 10n);
    expect(await transfer(pool, move)).toBe(true);
    expect(await refusal(transfer(pool, pay(account, outside(), 10n)))).toBe('INSUFFICIENT_FUNDS');
    expect(await refusal(transfer(pool, { ...move, reason: 'another' }))).toBe('CONFLICT');
    expect(await balanceOf(pool, account)).toBe(0n);
  },
};
