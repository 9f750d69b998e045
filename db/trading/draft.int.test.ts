import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { Engine } from '#workflows/trading/engine.ts';
import type { Pair } from '#workflows/trading/pair.ts';
import { lotsOf } from '#workflows/trading/testing/lots.ts';
import { Wallets } from '#workflows/trading/till.ts';
import { checkInvariants } from '../invariants.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { type Given, giveCommands, listOutcomes } from './commands.ts';
import { findPair } from './pairs.ts';
import { drawn } from './testing/drawn.ts';
import { carryOut, holdBook, NOW, newTraders, orderBy, placing } from './testing/traders.ts';
import { drawBook, workBook, writeBook } from './writer.ts';

let pool: Pool;
const pairOf = async (id: string) => (await findPair(pool, id)) as Pair;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
});
afterAll(() => pool?.end());

const broken = async () => (await checkInvariants(pool)).filter(({ ok }) => !ok);
const give = async (all: readonly Given[]) => (await giveCommands(pool, all)) as bigint[];

/** The same pool, which asks what says `words` when it is let. */
function gated(words: string) {
  const gate = Promise.withResolvers<void>();
  const after = (name: 'any' | 'query') => async (query: Parameters<Pool['query']>[0]) => {
    if (query.sql.includes(words)) await gate.promise;
    return pool[name](query as never);
  };
  return { pool: { ...pool, any: after('any'), query: after('query') } as unknown as Pool, open: gate.resolve };
}

test.each([
  ['BTC-USDT', 'is still being written'],
  ['ETH-USDT', 'was written meanwhile'],
])('what %s works out beside a batch that %s counts what that batch moves, once', async (pairId, when) => {
  const pair = await pairOf(pairId);
  const [one = '', other = ''] = await newTraders(pool, 2, pair, 1_000_000n);
  const book = await holdBook(pool, pair);
  // 999,996 are needed for it, and 998,998 are held in the end.
  const all = orderBy(one, { ticks: 9_980, lots: 100, clientOrderId: 'mine' });
  await give([placing(pair, all)]);
  const isBefore = when.startsWith('is still');
  const slow = gated(isBefore ? 'write_trading_batch' : 'read_trading_commands');
  await drawBook(pool, book, NOW);
  const writing = writeBook(slow.pool, book);
  const next = [
    placing(pair, orderBy(one, { ticks: 1_100, lots: 1 })),
    placing(pair, orderBy(one, { ticks: 1_000, lots: 1 })),
    placing(pair, orderBy(one, { ticks: 1, lots: 1, clientOrderId: 'mine' })),
    placing(pair, orderBy(other, { side: 'sell', ticks: 9_980, lots: 100 })),
    // From what it sold just now, and no more than that.
    placing(pair, orderBy(other, { ticks: 19_900, lots: 100 })),
  ];
  const ids = await give(next);
  const drawing = drawBook(slow.pool, book, NOW);
  if (isBefore) await drawing;
  else await writing;
  slow.open();
  await Promise.all([drawing, writing]);
  ids.push(...(await give([placing(pair, orderBy(other, { ticks: 5_000, lots: 1 }))])));
  expect(await drawBook(pool, book, NOW)).toBe(6);
  expect((await writeBook(pool, book)).answers.map(([id]) => id)).toEqual(ids);
  const outcomes = new Map((await listOutcomes(pool, ids)).map(({ id, outcome }) => [id, outcome]));
  expect(ids.map((id) => outcomes.get(id))).toMatchObject([
    { refusal: { code: 'INSUFFICIENT_FUNDS' } },
    { order: { status: 'open' } },
    { refusal: { code: 'CONFLICT', details: { order_id: all.id } } },
    { order: { status: 'filled' }, fills: [{ role: 'taker' }] },
    { order: { status: 'open' } },
    { refusal: { code: 'INSUFFICIENT_FUNDS' } },
  ]);
  expect(await broken()).toEqual([]);
});

test.each([1, 2])(
  'random orders that are worked out while others are written trade as one after the other (seed %i)',
  async (seed) => {
    const pair = await pairOf(seed === 1 ? 'BTC-INR' : 'ETH-INR');
    const users = await newTraders(pool, 6, pair, 3_000_000n);
    const book = await holdBook(pool, pair);
    const lots = lotsOf(seed);
    const commands = drawn(pair, users, 30 + seed, 400);
    let beside = 0;
    for (let at = 0; at < commands.length || book.draft.worked.length > 0; ) {
      if (book.draft.worked.length === 0) {
        const many = 1 + lots.below(12);
        await give(commands.slice(at, at + many));
        at += many;
        await drawBook(pool, book, NOW);
      }
      let isOver = false;
      const writing = writeBook(pool, book).finally(() => {
        isOver = true;
      });
      while (!isOver && at < commands.length && lots.below(4) > 0) {
        const many = 1 + lots.below(6);
        await give(commands.slice(at, at + many));
        at += many;
        beside += isOver ? 0 : await drawBook(pool, book, NOW);
      }
      await writing;
    }
    expect(beside).toBeGreaterThan(20);
    expect((await workBook(pool, book, NOW)).commands).toBe(0);
    const one = new Engine(pair, { n: 0, trades: 0, last: null, clock: '1970-01-01T00:00:00.000Z' }, []);
    const wallets = new Wallets();
    for (const user of users) for (const asset of [pair.base, pair.quote]) wallets.set(user, asset, 3_000_000n);
    const alone = commands.map(({ command }) => one.work(command, wallets, NOW));
    const made = await pool.any(sql.type(z.object({ maker: z.string(), taker: z.string(), lots: z.bigint() }))`
      SELECT maker_order_id AS maker, taker_order_id AS taker, lots FROM trading_trades
      WHERE pair_id = ${pair.id} ORDER BY n
    `);
    expect(made).toEqual(
      alone
        .flatMap(({ trades }) => trades)
        .map(({ makerOrderId: maker, takerOrderId: taker, lots: many }) => ({ maker, taker, lots: BigInt(many) })),
    );
    expect(made.length).toBeGreaterThan(50);
    const refused = await pool.oneFirst(sql.type(z.object({ many: z.bigint() }))`
      SELECT count(*) AS many FROM trading_commands WHERE pair_id = ${pair.id} AND outcome -> 'refusal' IS NOT NULL
    `);
    expect(Number(refused)).toBe(alone.filter(({ refusal }) => refusal !== null).length);
    expect(one.levels()).toEqual(book.engine.levels());
    expect(await broken()).toEqual([]);
  },
);

test('what was worked out after a batch that could not be written is forgotten with it, and done once by the next', async () => {
  const pair = await pairOf('USDT-USD');
  const [seller = '', buyer = ''] = await newTraders(pool, 2, pair, 1_000_000_000n);
  const book = await holdBook(pool, pair, 1);
  const ids = await give([placing(pair, orderBy(seller, { side: 'sell' }))]);
  await drawBook(pool, book, NOW);
  const slow = gated('write_trading_batch');
  const writing = writeBook(slow.pool, book);
  ids.push(...(await give([placing(pair, orderBy(buyer))])));
  expect(await drawBook(pool, book, NOW)).toBe(1);
  // Its lease of a millisecond is over by now.
  const next = await holdBook(pool, pair);
  slow.open();
  await expect(writing).rejects.toThrow(/another's/);
  await expect(writeBook(pool, book)).rejects.toThrow(/another's/);
  expect(await listOutcomes(pool, ids)).toEqual([]);
  expect((await workBook(pool, next, NOW)).commands).toBe(2);
  const outcomes = [...(await listOutcomes(pool, ids))].sort((a, b) => Number(a.id - b.id));
  expect(outcomes.map(({ outcome }) => outcome)).toMatchObject([
    { order: { status: 'open' } },
    { order: { status: 'filled' } },
  ]);
  expect(await broken()).toEqual([]);
});

test('money that would be overdrawn on the way is refused, though there would be enough in the end', async () => {
  const pair = await pairOf('USDT-INR');
  const [user = '', other = ''] = await newTraders(pool, 2, pair, 1_000_000_000n);
  const book = await holdBook(pool, pair);
  await carryOut(pool, book, [placing(pair, orderBy(other, { ticks: 100, lots: 5 }))]);
  const wallets = sql.fragment`code = ${`wallet/${user}`} AND asset = ${pair.quote}`;
  await give([
    placing(pair, orderBy(user, { ticks: 90, lots: 5 })),
    placing(pair, orderBy(user, { side: 'sell', ticks: 100, lots: 5 })),
  ]);
  await drawBook(pool, book, NOW);
  const before = await pool.oneFirst(sql.type(z.object({ balance: z.bigint() }))`
    SELECT balance FROM ledger_accounts WHERE ${wallets}
  `);
  // Nearly all of it went elsewhere meanwhile: what is sold would make up for what is held, an instant too late.
  await pool.query(sql.typeAlias('void')`UPDATE ledger_accounts SET balance = 100 WHERE ${wallets}`);
  await expect(writeBook(pool, book)).rejects.toThrow(/constraint/);
  await pool.query(sql.typeAlias('void')`UPDATE ledger_accounts SET balance = ${before} WHERE ${wallets}`);
  expect(await broken()).toEqual([]);
});
