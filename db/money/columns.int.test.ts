import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { newUser } from '../deal/testing/dealing.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { type Columns, columnsFragment, columnsOf } from './columns.ts';
import { type Account, accounts, type Transfer, transfer, transferAll } from './ledger.ts';

let pool: Pool;
beforeAll(async () => {
  pool = createPool(await createTestDatabase());
});
afterAll(() => pool?.end());

const AT = '2026-11-28T12:00:00.000Z';
const MEMO = 'a memo with "quotes", \\ and ₹';

type New = Omit<Transfer, 'conversationId' | 'more'>;
const moving = (legs: readonly (readonly [Account, bigint])[], key: string = uuid()): New => ({
  ...{ key, reason: 'trade', occurredAt: AT },
  legs: legs.map(([account, amount]) => ({ account, amount })),
});
const write = (columns: Columns) =>
  pool.query(sql.typeAlias('void')`SELECT FROM ledger_transfer_columns(${columnsFragment(columns)})`);
const inOrder = async () =>
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok).map(({ name }) => name)).toEqual([]);

/** Somebody with money of both assets. */
async function newWallet(): Promise<string> {
  const id = await newUser(pool, 'influencer');
  for (const asset of ['BTC', 'USD']) {
    const legs = [
      { account: accounts.external('sandbox', '00', asset), amount: -1_000n },
      { account: accounts.wallet(id, asset), amount: 1_000n },
    ];
    await transfer(pool, { key: uuid(), reason: 'faucet', conversationId: null, occurredAt: AT, legs });
  }
  return id;
}

/** What three trades of two people move, of accounts of which some are not there yet. */
function trades([one, other]: readonly [string, string]): New[] {
  const { wallet, hold, fee } = accounts;
  return [
    moving([
      [wallet(one, 'USD'), -600n],
      [hold(one, 'USD'), 600n],
    ]),
    moving([
      [hold(one, 'USD'), -500n],
      [wallet(other, 'USD'), 499n],
      [fee('00', 'USD'), 1n],
      [wallet(other, 'BTC'), -7n],
      [wallet(one, 'BTC'), 7n],
    ]),
    moving([
      [hold(one, 'USD'), -100n],
      [wallet(one, 'USD'), 100n],
    ]),
  ];
}

const linesOf = (userId: string) =>
  pool.any(sql.type(
    z.object({ kind: z.string(), asset: z.string(), version: z.bigint(), amount: z.bigint(), after: z.bigint() }),
  )`
    SELECT account.kind, account.asset, account_version AS version, amount, balance_after AS after
    FROM ledger_entries AS entry JOIN ledger_accounts AS account ON account.id = entry.account_id
    WHERE owner_id = ${userId} ORDER BY 1, 2, 3
  `);

test('transfers that are given as columns are in the books as those that are given one by one', async () => {
  const pairs = [
    [await newWallet(), await newWallet()],
    [await newWallet(), await newWallet()],
  ] as const;
  await write(columnsOf(trades(pairs[0]), MEMO));
  await transferAll(
    pool,
    trades(pairs[1]).map((each) => ({ ...each, conversationId: null, more: { memo: MEMO } })),
  );
  for (const side of [0, 1] as const) expect(await linesOf(pairs[0][side])).toEqual(await linesOf(pairs[1][side]));
  expect((await linesOf(pairs[0][0])).filter(({ asset }) => asset !== 'TOKEN')).toHaveLength(8);
  await inOrder();
});

test('what is not in order is refused whole: nothing of any of them is in the books', async () => {
  const [one, other] = [await newWallet(), await newWallet()];
  const { wallet } = accounts;
  const pay = (amount: bigint, key?: string) =>
    moving(
      [
        [wallet(one, 'USD'), -amount],
        [wallet(other, 'USD'), amount],
      ],
      key,
    );
  const known = pay(1n);
  await write(columnsOf([known], MEMO));
  const before = [await linesOf(one), await linesOf(other)];
  const good = columnsOf([pay(10n), pay(10n)], MEMO);
  const [first, ...rest] = good.entries as [Columns['entries'][number]];
  const refusals: [Columns, RegExp][] = [
    [{ ...good, entries: [{ ...first, amount: first.amount + 1n }, ...rest] }, /balance/],
    [{ ...good, accounts: [...good.accounts].reverse() }, /order/],
    [{ ...good, accounts: good.accounts.map((each) => ({ ...each, kind: 'hold' as const })) }, /another kind/],
    [columnsOf([pay(5n), pay(1n, known.key)], MEMO), /unique/i],
    [columnsOf([pay(999n), pay(1n)], MEMO), /ledger_accounts_not_negative/],
    [
      columnsOf(
        [
          moving([
            [wallet(one, 'USD'), -1n],
            [wallet(one, 'USD'), -1n],
            [wallet(other, 'USD'), 2n],
          ]),
        ],
        MEMO,
      ),
      /twice/,
    ],
    // It is back before the end, and was not there on the way.
    [columnsOf([pay(1_500n), pay(-1_500n)], MEMO), /ledger_accounts_not_negative/],
    [
      columnsOf(
        [
          moving([
            [wallet(one, 'LYK'), -1n],
            [wallet(other, 'LYK'), 1n],
          ]),
        ],
        MEMO,
      ),
      /lots/,
    ],
  ];
  for (const [columns, words] of refusals) {
    const why = write(columns).then(
      () => 'it was written',
      (error: Error) => (error.cause as Error | undefined)?.message ?? error.message,
    );
    expect(await why).toMatch(words);
  }
  expect([await linesOf(one), await linesOf(other)]).toEqual(before);
  await inOrder();
});
