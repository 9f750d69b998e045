import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { Failure } from '#workflows/failures.ts';
import { ASSETS, MAX_MINOR } from '#workflows/money.ts';
import { newUser } from '../deal/testing/dealing.ts';
import { verbatim } from '../invariants.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { reserve } from './holds.ts';
import { type Account, accounts, listBalances, listDealEntries, type Transfer, transfer } from './ledger.ts';
import { listStatement, type StatementKey } from './statements.ts';
import { damageOf } from './testing/damage.ts';

let pool: Pool;

beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 12 });
});
afterAll(() => pool?.end());

const AT = '2026-03-01T09:00:00.000Z';
const outside = accounts.external('sandbox', '00', 'INR');
/** A deal's account: nobody else's, so that a test's sums are its own. */
const escrow = () => accounts.escrow(uuid(), 'INR');

function moving(legs: [Account, bigint][], more: Partial<Transfer> = {}): Transfer {
  return {
    key: `test_${uuid()}`,
    reason: 'test',
    conversationId: null,
    occurredAt: AT,
    legs: legs.map(([account, amount]) => ({ account, amount })),
    ...more,
  };
}

async function fill(account: Account, amount: bigint): Promise<void> {
  await transfer(
    pool,
    moving([
      [accounts.external('sandbox', '00', account.asset), -amount],
      [account, amount],
    ]),
  );
}

async function balanceOf({ code, asset }: Account): Promise<bigint> {
  const found = await pool.maybeOneFirst(sql.type(z.object({ balance: z.bigint() }))`
    SELECT balance FROM ledger_accounts WHERE code = ${code} AND asset = ${asset}
  `);
  return found ?? 0n;
}

const counts = z.object({ transfers: z.bigint(), entries: z.bigint(), sum: z.string().nullable() });

/** Everything the ledger holds, so that two of them are the same only where nothing was moved in between. */
async function ledgerNow() {
  return pool.one(sql.type(counts)`
    SELECT (SELECT count(*) FROM ledger_transfers) AS transfers, (SELECT count(*) FROM ledger_entries) AS entries,
      (SELECT string_agg(code || asset || balance || '/' || version, ' ' ORDER BY id) FROM ledger_accounts WHERE version > 0) AS sum
  `);
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => (error instanceof Failure ? error.code : error),
  );
}

test('the ledger knows the assets that money has decimals for, with their scales', async () => {
  const known = await pool.any(sql.type(z.object({ asset: z.string(), scale: z.int() }))`
    SELECT asset, scale::integer FROM ledger_assets
  `);
  expect(Object.fromEntries(known.map(({ asset, scale }) => [asset, scale]))).toEqual(ASSETS);
});

describe('the same key', () => {
  test('moves once, and says so to whoever asks again', async () => {
    const account = escrow();
    const move = moving([
      [outside, -500n],
      [account, 500n],
    ]);
    expect(await transfer(pool, move)).toBe(true);
    const before = await ledgerNow();
    expect(await transfer(pool, move)).toBe(false);
    expect(await ledgerNow()).toEqual(before);
    expect(await balanceOf(account)).toBe(500n);
  });

  test('moves once when ten ask at the same time', async () => {
    for (let round = 0; round < 5; round += 1) {
      const account = escrow();
      const move = moving([
        [outside, -500n],
        [account, 500n],
      ]);
      const moved = await Promise.all(Array.from({ length: 10 }, () => transfer(pool, move)));
      expect(moved.filter(Boolean)).toHaveLength(1);
      expect(await balanceOf(account)).toBe(500n);
    }
  });

  test('waits for one that is under way, and moves after all when that is undone', async () => {
    const account = escrow();
    const move = moving([
      [outside, -500n],
      [account, 500n],
    ]);
    const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const first = pool.transaction(async (transaction) => {
      await transfer(transaction, move);
      begun.resolve();
      await end.promise;
      throw new Error('undone');
    });
    await begun.promise;
    const second = transfer(pool, move);
    await waitFor(async () => {
      const waiting = await pool.oneFirst(sql.type(z.object({ count: z.bigint() }))`
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%SELECT ledger_transfer(%'
      `);
      return waiting > 0n;
    });
    end.resolve();
    await expect(first).rejects.toThrow('undone');
    expect(await second).toBe(true);
    expect(await balanceOf(account)).toBe(500n);
  });

  describe('with another', () => {
    const deal = uuid();
    const [one, other] = [escrow(), escrow()];
    const first = moving(
      [
        [outside, -500n],
        [one, 500n],
      ],
      { conversationId: deal },
    );
    const again: Record<string, Partial<Transfer>> = {
      reason: { reason: 'another' },
      deal: { conversationId: uuid() },
      'deal left out': { conversationId: null },
      memo: { more: { memo: 'x' } },
      hold: { more: { hold: 'x' } },
      end: { more: { expires_at: AT } },
      amount: {
        legs: moving([
          [outside, -501n],
          [one, 501n],
        ]).legs,
      },
      account: {
        legs: moving([
          [outside, -500n],
          [other, 500n],
        ]).legs,
      },
      'kind of account': {
        legs: moving([
          [outside, -500n],
          [{ ...one, kind: 'hold' }, 500n],
        ]).legs,
      },
      asset: {
        legs: moving([
          [accounts.external('sandbox', '00', 'USD'), -500n],
          [{ ...one, asset: 'USD' }, 500n],
        ]).legs,
      },
      direction: {
        legs: moving([
          [outside, 500n],
          [one, -500n],
        ]).legs,
      },
      'leg more': {
        legs: moving([
          [outside, -500n],
          [one, 499n],
          [other, 1n],
        ]).legs,
      },
    };

    test.each(Object.entries(again))('%s is refused as a conflict, and nothing changes', async (_, change) => {
      await transfer(pool, first);
      const before = await ledgerNow();
      expect(await failureOf(transfer(pool, { ...first, ...change }))).toBe('CONFLICT');
      expect(await ledgerNow()).toEqual(before);
    });

    test('instant is a repeat: it is told later, and was the same', async () => {
      await transfer(pool, first);
      expect(await transfer(pool, { ...first, occurredAt: '2026-03-02T09:00:00.000Z' })).toBe(false);
    });

    test('zero leg is a repeat: a leg of nothing is none', async () => {
      await transfer(pool, first);
      expect(await transfer(pool, { ...first, legs: [...first.legs, { account: other, amount: 0n }] })).toBe(false);
    });
  });
});

describe('what does not balance', () => {
  const [one, other] = [escrow(), escrow()];
  const usd = { ...other, asset: 'USD' };
  test.each<[string, [Account, bigint][]]>([
    [
      'a sum that is not zero',
      [
        [outside, -500n],
        [one, 499n],
      ],
    ],
    [
      'two assets that only sum to zero together',
      [
        [outside, -500n],
        [usd, 500n],
      ],
    ],
    ['one leg', [[one, 500n]]],
    [
      'legs of nothing',
      [
        [outside, 0n],
        [one, 0n],
      ],
    ],
    ['no leg at all', []],
  ])('%s is refused, and its key is free again', async (_, legs) => {
    const move = moving(legs);
    const before = await ledgerNow();
    expect(await failureOf(transfer(pool, move))).not.toBeNull();
    expect(await ledgerNow()).toEqual(before);
    const proper = moving(
      [
        [outside, -1n],
        [one, 1n],
      ],
      { key: move.key },
    );
    expect(await transfer(pool, proper)).toBe(true);
  });
});

describe('nobody is overdrawn', () => {
  test('a transfer of more than is there is INSUFFICIENT_FUNDS and moves none of its legs', async () => {
    const [poor, rich, to] = [escrow(), escrow(), escrow()];
    await fill(poor, 100n);
    await fill(rich, 100n);
    const move = moving([
      [rich, -100n],
      [poor, -101n],
      [to, 201n],
    ]);
    const before = await ledgerNow();
    expect(await failureOf(transfer(pool, move))).toBe('INSUFFICIENT_FUNDS');
    expect(await ledgerNow()).toEqual(before);
    await fill(poor, 1n);
    expect(await transfer(pool, move)).toBe(true);
    expect([await balanceOf(poor), await balanceOf(rich), await balanceOf(to)]).toEqual([0n, 0n, 201n]);
  });

  test('of ten that want the same last rupee at once, one has it', async () => {
    const account = escrow();
    await fill(account, 100n);
    const results = await Promise.all(
      Array.from({ length: 10 }, () =>
        failureOf(
          transfer(
            pool,
            moving([
              [account, -100n],
              [outside, 100n],
            ]),
          ),
        ),
      ),
    );
    expect(results.filter((code) => code === null)).toHaveLength(1);
    expect(results.filter((code) => code === 'INSUFFICIENT_FUNDS')).toHaveLength(9);
    expect(await balanceOf(account)).toBe(0n);
  });

  test.each<[string, Account, boolean]>([
    ['the world outside', accounts.external('overdrawn', '00', 'INR'), true],
    ['issuance', accounts.issuance('LYK'), true],
    ['charge-backs', accounts.chargeBack('overdrawn', 'INR'), true],
    ['a wallet', { code: `wallet/${uuid()}`, kind: 'wallet', asset: 'INR', ownerId: null }, false],
    ['a hold', { code: `hold/${uuid()}`, kind: 'hold', asset: 'INR', ownerId: null }, false],
    ['escrow', accounts.escrow(uuid(), 'INR'), false],
    ['a fee account', { code: 'fee/none', kind: 'fee', asset: 'INR', ownerId: null }, false],
    ['suspense', accounts.suspense('overdrawn', 'INR'), false],
    ['refund clearing', accounts.refundClearing(uuid(), 'INR'), false],
  ])('%s stands below zero or not, as it may', async (_, account, may) => {
    const to = accounts.suspense(`sink_${uuid()}`, account.asset);
    const code = await failureOf(
      transfer(
        pool,
        moving([
          [account, -1n],
          [to, 1n],
        ]),
      ),
    );
    expect(code).toBe(may ? null : 'INSUFFICIENT_FUNDS');
    expect(await balanceOf(account)).toBe(may ? -1n : 0n);
  });
});

describe('large and strange amounts', () => {
  test.each([2n ** 53n + 1n, MAX_MINOR, MAX_MINOR - 1n])('%s arrives to the last unit', async (amount) => {
    const account = escrow();
    await fill(account, amount);
    expect(await balanceOf(account)).toBe(amount);
    const deal = uuid();
    const move = moving(
      [
        [account, -amount],
        [outside, amount],
      ],
      { conversationId: deal },
    );
    await transfer(pool, move);
    expect((await listDealEntries(pool, deal)).map((entry) => entry.amount).sort()).toEqual([-amount, amount].sort());
  });

  test('a balance that would not fit is refused and nothing changes', async () => {
    const account = escrow();
    const most = 2n ** 63n - 1n;
    const usd = { ...account, asset: 'USD' };
    const world = accounts.external(`far_${uuid()}`, '00', 'USD');
    await transfer(
      pool,
      moving([
        [world, -most],
        [usd, most],
      ]),
    );
    const before = await ledgerNow();
    expect(
      await failureOf(
        transfer(
          pool,
          moving([
            [world, -1n],
            [usd, 1n],
          ]),
        ),
      ),
    ).toBeInstanceOf(Error);
    expect(
      await failureOf(
        transfer(
          pool,
          moving([
            [world, -(most + 1n)],
            [usd, most + 1n],
          ]),
        ),
      ),
    ).toBeInstanceOf(Error);
    expect(await ledgerNow()).toEqual(before);
    await transfer(
      pool,
      moving([
        [usd, -most],
        [world, most],
      ]),
    );
  });

  test('an asset we do not know is kept outside, in suspense, in clearing and in charge-backs, and by nobody else', async () => {
    const yen = accounts.suspense('sandbox', 'JPY');
    await fill(yen, 700n);
    expect(await balanceOf(yen)).toBe(700n);
    const back = accounts.refundClearing(uuid(), 'JPY');
    expect(
      await transfer(
        pool,
        moving([
          [yen, -700n],
          [back, 700n],
        ]),
      ),
    ).toBe(true);
    await fill(accounts.chargeBack('sandbox', 'JPY'), -700n);
    const before = await ledgerNow();
    const held = { ...escrow(), asset: 'JPY' };
    expect(
      await failureOf(
        transfer(
          pool,
          moving([
            [back, -700n],
            [held, 700n],
          ]),
        ),
      ),
    ).toBeInstanceOf(Error);
    expect(await ledgerNow()).toEqual(before);
    await transfer(
      pool,
      moving([
        [back, -700n],
        [accounts.external('sandbox', '00', 'JPY'), 700n],
      ]),
    );
  });
});

describe('what was written stays', () => {
  test.each([
    'UPDATE ledger_entries SET amount = amount + 1',
    'UPDATE ledger_entries SET amount = amount WHERE false',
    'DELETE FROM ledger_entries',
    'TRUNCATE ledger_entries',
    "UPDATE ledger_transfers SET reason = 'another'",
    'DELETE FROM ledger_transfers',
    'TRUNCATE ledger_transfers CASCADE',
    'UPDATE steps SET n = n + 1',
    'DELETE FROM steps',
    'TRUNCATE steps CASCADE',
  ])('%s is refused', async (statement) => {
    await fill(escrow(), 1n);
    const before = await ledgerNow();
    const refused = await failureOf(pool.query(sql.typeAlias('void')(verbatim(statement))));
    expect(String(refused)).toMatch(/is immutable/);
    expect(await ledgerNow()).toEqual(before);
  });
});

/** Accounts of a run and what lies in them; transfers between two to four of them in up to two assets. */
const PURSES = 6;
const leg = fc.record({
  from: fc.nat(PURSES - 1),
  to: fc.nat(PURSES - 1),
  amount: fc.bigInt(1n, 60n),
  usd: fc.boolean(),
});
const moves = fc.array(fc.array(leg, { minLength: 1, maxLength: 3 }), { minLength: 8, maxLength: 40 });

/** Moves added up by account, since a transfer names each account once; null when nothing is left of it. */
function legsOf(
  move: { from: number; to: number; amount: bigint; usd: boolean }[],
  purses: Account[],
): [Account, bigint][] | null {
  const sums = new Map<string, [Account, bigint]>();
  for (const { from, to, amount, usd } of move) {
    for (const [at, units] of [
      [from, -amount],
      [to, amount],
    ] as const) {
      const account = { ...(purses[at] as Account), asset: usd ? 'USD' : 'INR' };
      const name = account.code + account.asset;
      sums.set(name, [account, (sums.get(name)?.[1] ?? 0n) + units]);
    }
  }
  const legs = [...sums.values()].filter(([, amount]) => amount !== 0n);
  return legs.length > 0 ? legs : null;
}

async function openPurses(): Promise<{ purses: Account[]; model: Map<string, bigint> }> {
  const purses = Array.from({ length: PURSES }, () => escrow());
  const model = new Map<string, bigint>();
  for (const purse of purses) {
    for (const asset of ['INR', 'USD']) {
      await fill({ ...purse, asset }, 100n);
      model.set(purse.code + asset, 100n);
    }
  }
  return { purses, model };
}

async function expectModel(purses: Account[], model: Map<string, bigint>): Promise<void> {
  for (const purse of purses) {
    for (const asset of ['INR', 'USD']) {
      expect(await balanceOf({ ...purse, asset }), purse.code).toBe(model.get(purse.code + asset));
    }
  }
}

test('one after the other, transfers do what a plain sum says, refusals included', async () => {
  await fc.assert(
    fc.asyncProperty(moves, async (list) => {
      const { purses, model } = await openPurses();
      for (const move of list) {
        const legs = legsOf(move, purses);
        if (!legs) continue;
        const after = legs.map(
          ([{ code, asset }, amount]) => [code + asset, (model.get(code + asset) ?? 0n) + amount] as const,
        );
        const possible = after.every(([, balance]) => balance >= 0n);
        expect(await failureOf(transfer(pool, moving(legs)))).toBe(possible ? null : 'INSUFFICIENT_FUNDS');
        if (possible) for (const [name, balance] of after) model.set(name, balance);
      }
      await expectModel(purses, model);
    }),
    { numRuns: 15, endOnFailure: true },
  );
});

test('all at once, in any order of their legs, they neither deadlock nor lose a unit', async () => {
  await fc.assert(
    fc.asyncProperty(moves, async (list) => {
      const { purses, model } = await openPurses();
      const results = await Promise.all(
        list.map(async (move) => {
          const legs = legsOf(move, purses);
          if (!legs) return null;
          // In a transaction that is not tried again, as a deadlock otherwise would be.
          const once = pool.transaction((transaction) => transfer(transaction, moving(legs)), 0);
          return { legs, code: await failureOf(once) };
        }),
      );
      for (const result of results) {
        if (!result) continue;
        expect([null, 'INSUFFICIENT_FUNDS']).toContain(result.code);
        if (result.code !== null) continue;
        for (const [{ code, asset }, amount] of result.legs)
          model.set(code + asset, (model.get(code + asset) ?? 0n) + amount);
      }
      await expectModel(purses, model);
      expect([...model.values()].every((balance) => balance >= 0n)).toBe(true);
    }),
    { numRuns: 15, endOnFailure: true },
  );
});

describe('a wallet', () => {
  test('shows what is there per asset, and its entries newest first, page by page without a gap', async () => {
    const userId = await newUser(pool, 'influencer');
    const wallet = accounts.wallet(userId, 'INR');
    for (let n = 1n; n <= 7n; n += 1n) await fill(wallet, n);
    const hold = { id: uuid(), userId, asset: 'INR', amount: 8n, reason: 'test', expiresAt: null, now: AT };
    await pool.transaction((transaction) => reserve(transaction, hold));
    expect(await listBalances(pool, userId)).toEqual([
      { asset: 'INR', available: 20n, held: 8n },
      { asset: 'TOKEN', available: 100n, held: 0n },
    ]);
    const whole = await listStatement(pool, userId, {}, 100, null);
    expect(whole.map((entry) => entry.amount)).toEqual(
      expect.arrayContaining([-8n, 7n, 6n, 5n, 4n, 3n, 2n, 1n, 8n, 100n]),
    );
    expect(whole).toHaveLength(10);
    const paged = [];
    for (let before: StatementKey | null = null; ; ) {
      const page: typeof whole = await listStatement(pool, userId, {}, 3, before);
      paged.push(...page);
      const last = page.at(-1);
      if (page.length < 3 || !last) break;
      before = { recordedAt: last.recorded_at, accountId: `${last.account_id}`, version: `${last.account_version}` };
    }
    expect(paged).toEqual(whole);
    const rupees = whole.filter((entry) => entry.asset === 'INR' && entry.account === 'wallet');
    expect(rupees[0]?.balance_after).toBe(20n);
  });

  test('of somebody else is not shown', async () => {
    const [one, other] = [await newUser(pool, 'influencer'), await newUser(pool, 'influencer')];
    await fill(accounts.wallet(one, 'INR'), 5n);
    expect(await listBalances(pool, other)).toEqual([{ asset: 'TOKEN', available: 100n, held: 0n }]);
    expect(await listStatement(pool, other, {}, 100, null)).toHaveLength(1);
  });
});

test('after all of this the books are in order', async () => {
  // The accounts of these tests are nobody's deals: what is said of deals is not looked at.
  const books = Object.keys(damageOf('', '', ''));
  expect((await checkInvariants(pool)).filter(({ name, ok }) => !ok && books.includes(name))).toEqual([]);
});

/** Looks every 10 ms until it is so, for 5 s at most. */
async function waitFor(look: () => Promise<boolean>): Promise<void> {
  const giveUp = performance.now() + 5_000;
  while (!(await look())) {
    if (performance.now() > giveUp) throw new Error('it did not come to be so');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
