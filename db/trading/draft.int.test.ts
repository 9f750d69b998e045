import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import type { Pair } from '#workflows/trading/pair.ts';
import { lotsOf } from '#workflows/trading/testing/lots.ts';
import { listEvents } from '../event/outbox.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { type Given, giveCommands, listOutcomes } from './commands.ts';
import { findPair } from './pairs.ts';
import { alone, listMet } from './testing/alone.ts';
import { drawn } from './testing/drawn.ts';
import { gated } from './testing/gate.ts';
import { carryOut, emptyBook, holdBook, NOW, newTraders, orderBy, placing } from './testing/traders.ts';
import { drawBook, MOST, workBook, writeBook } from './writer.ts';

let pool: Pool;
const pairOf = async (id: string) => (await findPair(pool, id)) as Pair;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
});
afterAll(() => pool?.end());

const ordersHeardBy = async (userId: string) =>
  (await listEvents(pool, userId, 0, 100))
    .filter(({ name }) => name === 'order_update')
    .map(({ data }) => (data as { status: string }).status);
const broken = async () => (await checkInvariants(pool)).filter(({ ok }) => !ok);
const give = async (all: readonly Given[]) => (await giveCommands(pool, all)) as bigint[];

/** The book of a pair without orders, and where it stands. */
async function openBook(pair: Pair) {
  await emptyBook(pool, pair);
  const book = await holdBook(pool, pair);
  return { book, begin: { ...book.engine.position } };
}

test.each([
  ['BTC-USDT', 'is still being written'],
  ['ETH-USDT', 'was written meanwhile'],
])('what %s works out beside a batch that %s counts what that batch moves, once', async (pairId, when) => {
  const pair = await pairOf(pairId);
  const [one = '', other = ''] = await newTraders(pool, 2, pair, 1_000_000n);
  const { book } = await openBook(pair);
  // 999,996 are needed for it, and 998,998 are held in the end.
  const all = orderBy(one, { ticks: 9_980, lots: 100, clientOrderId: 'mine' });
  await give([placing(pair, all)]);
  const isBefore = when.startsWith('is still');
  const slow = gated(pool, isBefore ? 'write_trading_batch' : 'read_trading_commands');
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
    const { book, begin } = await openBook(pair);
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
      const slow = gated(pool, 'write_trading_batch');
      const writing = writeBook(slow.pool, book);
      for (let left = lots.below(4); left > 0 && at < commands.length; left--) {
        const many = 1 + lots.below(6);
        await give(commands.slice(at, at + many));
        at += many;
        // The last of them may be read before it is written, or after.
        if (left === 1 && lots.below(2) === 0) slow.open();
        beside += await drawBook(pool, book, NOW);
      }
      slow.open();
      await writing;
    }
    expect(beside).toBeGreaterThan(20);
    expect((await workBook(pool, book, NOW)).commands).toBe(0);
    const one = alone(commands, { pair, users, funds: 3_000_000n, begin });
    expect(one.trades.length).toBeGreaterThan(50);
    expect(await listMet(pool, pair.id, begin.trades)).toEqual(one.trades);
    const refused = await pool.oneFirst(sql.type(z.object({ many: z.bigint() }))`
      SELECT count(*) AS many FROM trading_commands
      WHERE pair_id = ${pair.id} AND n > ${begin.n} AND outcome -> 'refusal' IS NOT NULL
    `);
    expect(Number(refused)).toBe(one.worked.filter(({ refusal }) => refusal !== null).length);
    expect(one.engine.levels()).toEqual(book.engine.levels());
    expect(await broken()).toEqual([]);
  },
);

test.each([1, 2])(
  'writers that die with a batch on its way and the next one worked out trade as one that lives (seed %i)',
  async (seed) => {
    const pair = await pairOf(seed === 1 ? 'BTC-USD' : 'ETH-USD');
    const users = await newTraders(pool, 6, pair, 3_000_000n);
    const { book: first, begin } = await openBook(pair);
    const lots = lotsOf(50 + seed);
    const commands = drawn(pair, users, 60 + seed, 300);
    const fates = { lives: 0, 'dies before it is told': 0, 'dies before it is kept': 0 };
    let book = first;
    let at = 0;
    const some = async () => {
      const many = 1 + lots.below(9);
      await give(commands.slice(at, at + many));
      at += many;
      await drawBook(pool, book, NOW);
    };
    while (at < commands.length) {
      await some();
      const slow = gated(pool, 'write_trading_batch');
      const writing = writeBook(slow.pool, book);
      await some();
      const fate = lots.oneOf(['lives', 'dies before it is told', 'dies before it is kept'] as const);
      fates[fate]++;
      if (fate === 'dies before it is kept') {
        const next = await holdBook(pool, pair);
        slow.open();
        await expect(writing).rejects.toThrow(/another's/);
        book = next;
      } else {
        slow.open();
        await writing;
        if (fate !== 'lives') book = await holdBook(pool, pair);
      }
    }
    while ((await workBook(pool, book, NOW)).commands > 0);
    for (const [fate, many] of Object.entries(fates)) expect(many, fate).toBeGreaterThan(2);
    const one = alone(commands, { pair, users, funds: 3_000_000n, begin });
    expect(one.trades.length).toBeGreaterThan(30);
    expect(await listMet(pool, pair.id, begin.trades)).toEqual(one.trades);
    expect(one.engine.levels()).toEqual(book.engine.levels());
    expect(await broken()).toEqual([]);
  },
);

test('what was worked out after a batch that could not be written is forgotten with it, and done once by the next', async () => {
  const pair = await pairOf('USDT-USD');
  const [seller = '', buyer = ''] = await newTraders(pool, 2, pair, 1_000_000_000n);
  const { book } = await openBook(pair);
  const ids = await give([placing(pair, orderBy(seller, { side: 'sell' }))]);
  await drawBook(pool, book, NOW);
  const slow = gated(pool, 'write_trading_batch');
  const writing = writeBook(slow.pool, book);
  ids.push(...(await give([placing(pair, orderBy(buyer))])));
  expect(await drawBook(pool, book, NOW)).toBe(1);
  const next = await holdBook(pool, pair);
  slow.open();
  await expect(writing).rejects.toThrow(/another's/);
  await expect(writeBook(pool, book)).rejects.toThrow(/another's/);
  expect(await listOutcomes(pool, ids)).toEqual([]);
  for (const user of [seller, buyer]) expect(await ordersHeardBy(user)).toEqual([]);
  expect((await workBook(pool, next, NOW)).commands).toBe(2);
  const outcomes = [...(await listOutcomes(pool, ids))].sort((a, b) => Number(a.id - b.id));
  expect(outcomes.map(({ outcome }) => outcome)).toMatchObject([
    { order: { status: 'open' } },
    { order: { status: 'filled' } },
  ]);
  expect(await ordersHeardBy(seller)).toEqual(['open', 'filled']);
  expect(await ordersHeardBy(buyer)).toEqual(['filled']);
  expect(await broken()).toEqual([]);
});

test('no more is worked out beside a batch than goes into the next one, however much waits or is due', async () => {
  const pair = await pairOf('USDT-USD');
  const users = await newTraders(pool, 3, pair, 1_000_000_000n);
  const { book } = await openBook(pair);
  const end = new Date(Date.parse(book.engine.position.clock) + 60_000).toISOString();
  const lasting = Array.from({ length: MOST + 40 }, () =>
    placing(pair, orderBy(users[0] as string, { timeInForce: 'GTD', expiresAt: end })),
  );
  await carryOut(pool, book, lasting);
  const more = users.slice(1).flatMap((user) => Array.from({ length: MOST }, () => placing(pair, orderBy(user))));
  const ids = await give(more);
  // All of the first are over, before any that came after.
  expect(await drawBook(pool, book, end)).toBe(MOST);
  expect(book.draft.ids).toEqual([]);
  const slow = gated(pool, 'write_trading_batch');
  const writing = writeBook(slow.pool, book);
  for (let n = 0; n < 3; n++) expect(await drawBook(pool, book, end)).toBe(MOST);
  expect(book.draft.ids).toEqual(ids.slice(0, MOST - 40));
  slow.open();
  await writing;
  const sizes = [];
  for (let many = 1; many > 0; sizes.push(many)) many = (await workBook(pool, book, end)).commands;
  expect(sizes).toEqual([MOST, MOST, 40, 0]);
  expect(book.engine.orders()).toHaveLength(more.length);
  expect(book.engine.nextDue).toBeNull();
  expect(await broken()).toEqual([]);
});

test('money that would be overdrawn on the way is refused, though there would be enough in the end', async () => {
  const pair = await pairOf('USDT-INR');
  const [user = '', other = ''] = await newTraders(pool, 2, pair, 1_000_000_000n);
  const { book } = await openBook(pair);
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
