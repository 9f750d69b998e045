import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { Failure } from '#workflows/failures.ts';
import { DEFAULT_POLICY } from '#workflows/trade/policy.ts';
import { Engine } from '#workflows/trading/engine.ts';
import type { Command, CommandKind } from '#workflows/trading/journal.ts';
import type { Pair } from '#workflows/trading/pair.ts';
import { lotsOf } from '#workflows/trading/testing/lots.ts';
import { Wallets } from '#workflows/trading/till.ts';
import { listEvents } from '../event/outbox.ts';
import { INVARIANTS, verbatim } from '../invariants.ts';
import { accounts, transfer } from '../money/ledger.ts';
import { balanceOf } from '../money/walletEvents.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { giveCommands, listOutcomes, readBody } from './commands.ts';
import { findOffer, insertOffer, takeOffer } from './offers.ts';
import { findOrder, listOrders } from './orders.ts';
import { findPair } from './pairs.ts';
import { listCandles, listTickers, listTrades } from './reads.ts';
import { alone, listMet } from './testing/alone.ts';
import { drawn } from './testing/drawn.ts';
import { cancelling, carryOut, emptyBook, holdBook, NOW, newTraders, orderBy, placing } from './testing/traders.ts';
import { releaseBooks, takeBook, workBook } from './writer.ts';

let pool: Pool;
const FEW = { limit: 7, passedOver: new Set<string>() };
const pairOf = async (id: string) => (await findPair(pool, id)) as Pair;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
});
afterAll(() => pool?.end());

const broken = async () => (await checkInvariants(pool)).filter(({ ok }) => !ok);
const trades = (pairId: string) =>
  pool.any(sql.type(
    z.object({ n: z.bigint(), maker: z.string(), taker: z.string(), ticks: z.bigint(), lots: z.bigint() }),
  )`
    SELECT n, maker_order_id AS maker, taker_order_id AS taker, ticks, lots FROM trading_trades
    WHERE pair_id = ${pairId} ORDER BY n
  `);

test('a trade moves both assets, fees and holds at once, and both are told', async () => {
  const pair = await pairOf('ETH-USDT');
  const [seller = '', buyer = ''] = await newTraders(pool, 2, pair, 10_000_000_000n);
  const book = await holdBook(pool, pair);
  const sale = orderBy(seller, { side: 'sell', ticks: 300_000, lots: 50 });
  const purchase = orderBy(buyer, { ticks: 310_000, lots: 80 });
  const [, bought] = await carryOut(pool, book, [placing(pair, sale), placing(pair, purchase)]);
  expect(bought).toMatchObject({
    order: {
      id: purchase.id,
      status: 'partially_filled',
      filled: '0.00500000',
      remaining: '0.00300000',
      held: '9.309300',
    },
    fills: [{ price: '3000.000000', amount: '0.00500000', cost: '15.000000', fee: '0.030000', role: 'taker' }],
  });
  expect(await balanceOf(pool, buyer, 'USDT', NOW)).toMatchObject({ available: 9_975_660_700n, held: 9_309_300n });
  expect(await balanceOf(pool, buyer, 'ETH', NOW)).toMatchObject({ available: 10_000_500_000n, held: 0n });
  expect(await balanceOf(pool, seller, 'USDT', NOW)).toMatchObject({ available: 10_014_985_000n, held: 0n });
  expect(await balanceOf(pool, seller, 'ETH', NOW)).toMatchObject({ available: 9_999_500_000n, held: 0n });
  const heard = await listEvents(pool, seller, 0, 100);
  expect(heard.filter(({ name }) => name === 'order_update').map(({ data }) => data)).toMatchObject([
    { orderId: sale.id, status: 'open', data: { action: 'placed', fills: [] } },
    { orderId: sale.id, status: 'filled', data: { action: 'ended', fills: [{ role: 'maker', fee: '0.015000' }] } },
  ]);
  expect(
    heard
      .filter(({ name }) => name === 'balance_update')
      .slice(-2)
      .map(({ data }) => data),
  ).toMatchObject([
    { balance: { asset: 'ETH', available: '99.99500000', held: '0.00000000' } },
    { balance: { asset: 'USDT', available: '10014.985000', total: '10014.985000' } },
  ]);
  await carryOut(pool, book, [cancelling(pair, purchase.id, buyer)]);
  expect(await balanceOf(pool, buyer, 'USDT', NOW)).toMatchObject({ available: 9_984_970_000n, held: 0n });
  expect((await findOrder(pool, purchase.id))?.order).toMatchObject({ state: 'cancelled', reason: 'asked', held: 0n });
  expect(await broken()).toEqual([]);
});

test('the same key is one command, another body under it is refused, and a client’s id is one order’s', async () => {
  const pair = await pairOf('ETH-INR');
  const [user = ''] = await newTraders(pool, 1, pair, 1_000_000_000n);
  const book = await holdBook(pool, pair);
  const order = orderBy(user, { clientOrderId: 'mine' });
  const key = { key: 'POST /orders one', bodyHash: 'aa'.repeat(32) };
  const given = placing(pair, order, key);
  const [first, again, plain] = await giveCommands(pool, [given, given, placing(pair, orderBy(user, { lots: 6 }))]);
  expect(again).toBe(first);
  expect(plain).not.toBe(first);
  const [other] = await giveCommands(pool, [placing(pair, orderBy(user), { ...key, bodyHash: 'bb'.repeat(32) })]);
  expect(other).toBeInstanceOf(Failure);
  await workBook(pool, book, NOW);
  expect(await listOutcomes(pool, [first as bigint])).toMatchObject([{ outcome: { order: { id: order.id } } }]);
  const twice = [
    placing(pair, orderBy(user, { clientOrderId: 'mine' })),
    placing(pair, orderBy(user, { clientOrderId: 'new' })),
  ];
  const outcomes = await carryOut(pool, book, [...twice, placing(pair, orderBy(user, { clientOrderId: 'new' }))]);
  expect(outcomes).toMatchObject([
    { refusal: { code: 'CONFLICT', details: { order_id: order.id } } },
    { order: { clientOrderId: 'new' } },
    { refusal: { code: 'CONFLICT' } },
  ]);
  expect(
    await listOrders(pool, {
      userId: user,
      pairId: null,
      states: ['open'],
      clientOrderId: null,
      before: null,
      limit: 9,
    }),
  ).toHaveLength(3);
});

test('whatever random people do in batches, the books hold, and the journal replayed gives the same trades', async () => {
  const pair = await pairOf('BTC-USDT');
  const users = await newTraders(pool, 8, pair, 3_000_000n);
  const book = await holdBook(pool, pair);
  for (const seed of [1, 2, 3, 4]) await carryOut(pool, book, drawn(pair, users, seed, 250));
  expect(await broken()).toEqual([]);
  const made = await trades(pair.id);
  expect(made.length).toBeGreaterThan(100);
  const journal = await pool.any(sql.type(
    z.object({
      kind: z.custom<CommandKind>(),
      user_id: z.string().nullable(),
      order_id: z.string().nullable(),
      body: z.unknown(),
      at: z.string(),
      refused: z.boolean(),
    }),
  )`
    SELECT kind, user_id, order_id, body, at, outcome -> 'refusal' IS NOT NULL AS refused FROM trading_commands
    WHERE pair_id = ${pair.id} AND n IS NOT NULL ORDER BY n
  `);
  const again = new Engine(pair, { n: 0, trades: 0, last: null, clock: '1970-01-01T00:00:00.000Z' }, []);
  const rich = new Wallets();
  for (const user of users) for (const asset of [pair.base, pair.quote]) rich.set(user, asset, 10n ** 15n);
  const replayed = journal.flatMap(({ kind, user_id, order_id, body, at, refused }) => {
    if (refused) again.pass(at);
    else return again.work({ ...readBody(kind, body), userId: user_id, orderId: order_id } as Command, rich, at).trades;
    return [];
  });
  expect(
    replayed.map(({ n, makerOrderId, takerOrderId, ticks, lots }) => ({
      ...{ n: BigInt(n), maker: makerOrderId, taker: takerOrderId, ticks: BigInt(ticks), lots: BigInt(lots) },
    })),
  ).toEqual(made);
  expect(again.levels()).toEqual(book.engine.levels());
  const everything = { side: null, userId: null, operator: true };
  await carryOut(pool, book, [
    { pairId: pair.id, command: { kind: 'cancel_all', userId: null, orderId: null, body: everything }, key: null },
  ]);
  for (const user of users)
    for (const asset of [pair.base, pair.quote]) {
      expect(await balanceOf(pool, user, asset, NOW)).toMatchObject({ held: 0n });
    }
  expect(await broken()).toEqual([]);
});

test('writers that die before and after what they write, and fight over the book, trade as one that lives', async () => {
  const pair = await pairOf('BTC-INR');
  const users = await newTraders(pool, 6, pair, 2_000_000_000n);
  await emptyBook(pool, pair);
  let book = await holdBook(pool, pair);
  const begin = { ...book.engine.position };
  const lots = lotsOf(77);
  const commands = drawn(pair, users, 9, 300);
  await giveCommands(pool, commands);
  let deaths = 0;
  let refused = 0;
  for (let left = 1; left > 0; ) {
    const fate = lots.below(4);
    if (fate === 0) {
      // Its lease ends while it stands still, and another takes the book and writes; then it writes on.
      const next = await holdBook(pool, pair);
      left = (await workBook(pool, next, NOW, FEW)).commands;
      await expect(workBook(pool, book, NOW, FEW)).rejects.toThrow(/another's/);
      refused++;
      book = next;
    } else {
      left = (await workBook(pool, book, NOW, FEW)).commands;
      if (fate === 1) {
        book = await holdBook(pool, pair);
        deaths++;
      }
    }
  }
  expect(deaths).toBeGreaterThan(3);
  expect(refused).toBeGreaterThan(3);
  const one = alone(commands, { pair, users, funds: 2_000_000_000n, begin });
  expect(await listMet(pool, pair.id, begin.trades)).toEqual(one.trades);
  expect(one.engine.levels()).toEqual(book.engine.levels());
  expect(await broken()).toEqual([]);
});

test('a book is one holder’s at a time, is released at the end, and is taken when a lease is over', async () => {
  const pair = await pairOf('USDT-INR');
  await emptyBook(pool, pair);
  const [one, other] = [uuid(), uuid()];
  const take = (holder: string, leaseMs: number) => takeBook(pool, { pairId: pair.id, holder, leaseMs });
  const taken = await Promise.all([take(one, 60_000), take(other, 60_000)]);
  expect(taken.filter((book) => book !== null)).toHaveLength(1);
  const holder = taken[0] ? one : other;
  await releaseBooks(pool, holder);
  expect(await take(holder === one ? other : one, 0)).not.toBeNull();
  expect(await take(holder, 60_000)).not.toBeNull();
});

test('a book that cannot be read is given back, so that another may', async () => {
  const pair = await pairOf('USDT-INR');
  await emptyBook(pool, pair);
  const blind = {
    ...pool,
    any: async (query: Parameters<Pool['any']>[0]) => {
      if (query.sql.includes('FROM trading_orders')) throw new RangeError('of a newer release');
      return pool.any(query);
    },
  } as Pool;
  const take = (asked: Pool) => takeBook(asked, { pairId: pair.id, holder: uuid(), leaseMs: 60_000 });
  await expect(take(blind)).rejects.toThrow('of a newer release');
  expect(await take(pool)).not.toBeNull();
});

test('money that leaves a wallet between reading and writing undoes the batch, and the order is refused after', async () => {
  const pair = await pairOf('USDT-USD');
  const [user = '', friend = ''] = await newTraders(pool, 2, pair, 100_000n);
  let book = await holdBook(pool, pair);
  const [id] = (await giveCommands(pool, [placing(pair, orderBy(user, { ticks: 100, lots: 900 }))])) as bigint[];
  const slow = {
    ...pool,
    async query(query: Parameters<Pool['query']>[0]) {
      const legs = [
        { account: accounts.wallet(user, 'USD'), amount: -50_000n },
        { account: accounts.wallet(friend, 'USD'), amount: 50_000n },
      ];
      await transfer(pool, { key: uuid(), reason: 'transfer', conversationId: null, occurredAt: NOW, legs });
      return pool.query(query);
    },
  } as Pool;
  await expect(workBook(slow, book, NOW)).rejects.toThrow(/ledger_accounts_not_negative|constraint/);
  expect(await listOutcomes(pool, [id as bigint])).toEqual([]);
  book = await holdBook(pool, pair);
  await workBook(pool, book, NOW);
  expect(await listOutcomes(pool, [id as bigint])).toMatchObject([
    { outcome: { refusal: { code: 'INSUFFICIENT_FUNDS' } } },
  ]);
  expect(await broken()).toEqual([]);
});

test('who takes of an offer at once with others has a trade that holds the part, or is told what is left', async () => {
  const pair = await pairOf('USDT-INR');
  const [maker = '', ...takers] = await newTraders(pool, 6, pair, 100_000_000n);
  const offer = {
    ...{ id: uuid(), userId: maker, side: 'sell' as const, asset: 'USDT' as const, currency: 'INR' },
    ...{ amount: 100_000_000n, least: 1_000_000n, most: 100_000_000n, price: '85.50', marginBps: null },
    ...{ paymentMethods: ['UPI'], paymentDetails: 'maker@bank', policy: DEFAULT_POLICY, expiresAt: null },
  };
  await pool.transaction((transaction) => insertOffer(transaction, offer, NOW));
  const take = (userId: string) =>
    pool
      .transaction((transaction) =>
        takeOffer(transaction, {
          ...{ id: offer.id, userId, amount: 30_000_000n, paymentMethod: 'UPI', price: null, paymentDetails: null },
          now: NOW,
        }),
      )
      .catch((error: Failure) => error.code);
  const answers = await Promise.all(takers.map(take));
  expect(answers.filter((answer) => answer === 'LIMIT_REACHED')).toHaveLength(2);
  const stood = await findOffer(pool, offer.id, NOW);
  expect([stood?.taken, stood?.gone]).toEqual([90_000_000n, 0n]);
  expect(await balanceOf(pool, maker, 'USDT', NOW)).toMatchObject({ available: 10_000_000n, held: 90_000_000n });
  const updates = (await listEvents(pool, maker, 0, 100)).filter(({ name }) => name === 'order_update');
  const heard = updates.map(({ data }) => (data as { data: { action: string; remaining: string } }).data);
  expect(heard.filter(({ action }) => action === 'taken').map(({ remaining }) => remaining)).toEqual([
    '70.000000',
    '40.000000',
    '10.000000',
  ]);
  expect(await broken()).toEqual([]);
});

test('a writer whose clock is behind makes nothing older, and no order lives longer by it', async () => {
  const pair = await pairOf('BTC-USD');
  const users = await newTraders(pool, 2, pair, 10_000_000_000n);
  const [maker = '', taker = ''] = users;
  const at = (seconds: number) => new Date(Date.parse(NOW) + seconds * 1_000).toISOString();
  const until = (seconds: number) => ({ timeInForce: 'GTD' as const, expiresAt: at(seconds) });
  let book = await holdBook(pool, pair);
  const sale = orderBy(maker, { side: 'sell', ticks: 200, ...until(60) });
  await carryOut(pool, book, [placing(pair, sale)], at(0));
  await carryOut(pool, book, [placing(pair, orderBy(maker, { side: 'sell' })), placing(pair, orderBy(taker))], at(40));
  // Another node goes on, whose clock is an hour behind.
  book = await holdBook(pool, pair);
  const [, , late] = await carryOut(
    pool,
    book,
    [
      placing(pair, orderBy(maker, { side: 'sell' })),
      placing(pair, orderBy(taker)),
      placing(pair, orderBy(taker, { ticks: 90, ...until(30) })),
    ],
    at(-3_600),
  );
  expect(late).toMatchObject({ refusal: { code: 'CONFLICT', details: { expires_at: at(30) } } });
  const made = await listTrades(pool, { pairId: pair.id, before: null, limit: 9 });
  expect(made.map((trade) => trade.at)).toEqual([at(40), at(40)]);
  await carryOut(pool, book, [], at(61));
  expect((await findOrder(pool, sale.id))?.order).toMatchObject({
    state: 'expired',
    reason: 'time',
    updatedAt: at(61),
  });
  expect(await broken()).toEqual([]);
});

test('candles and tickers are what the trades say, over a day and a half of random orders', async () => {
  const pair = await pairOf('ETH-USD');
  const users = await newTraders(pool, 4, pair, 10_000_000_000n);
  const book = await holdBook(pool, pair);
  const begin = Date.parse(NOW);
  const commands = drawn(pair, users, 21, 240);
  for (let at = 0; at < commands.length; at += 8) {
    const now = new Date(begin + at * 9 * 60_000).toISOString();
    await carryOut(pool, book, commands.slice(at, at + 8), now);
  }
  const end = new Date(begin + 36 * 3_600_000).toISOString();
  const all = [...(await listTrades(pool, { pairId: pair.id, before: null, limit: 1_000 }))].reverse();
  expect(all.length).toBeGreaterThan(40);
  for (const seconds of [60, 3_600, 86_400]) {
    const said = [...(await listCandles(pool, { pairId: pair.id, seconds, before: end, limit: 2_200 }))].reverse();
    const starts = [...new Set(all.map(({ at }) => Math.floor(Date.parse(at) / (seconds * 1_000)) * seconds * 1_000))];
    expect(said.length).toBe(starts.length);
    for (const [place, start] of starts.entries()) {
      const within = all.filter(({ at }) => Date.parse(at) >= start && Date.parse(at) < start + seconds * 1_000);
      const ticks = within.map((trade) => trade.ticks);
      expect(said[place]).toMatchObject({
        ...{ at: new Date(start).toISOString(), open: ticks[0], close: ticks.at(-1), trades: within.length },
        ...{ high: Math.max(...ticks), low: Math.min(...ticks), lots: within.reduce((sum, { lots }) => sum + lots, 0) },
      });
    }
  }
  const [ticker] = await listTickers(pool, [pair.id], end);
  const since = Date.parse(end) - 86_400_000;
  const day = all.filter(({ at }) => Date.parse(at) > since);
  const held = all.filter(({ at }) => Date.parse(at) <= since).at(-1);
  expect(ticker).toMatchObject({
    ...{ last: all.at(-1)?.ticks, first: held?.ticks, lots: day.reduce((sum, { lots }) => sum + lots, 0) },
    ...{ high: Math.max(...day.map(({ ticks }) => ticks)), low: Math.min(...day.map(({ ticks }) => ticks)) },
    ...{ cost: day.reduce((sum, { cost }) => sum + cost, 0n) },
  });
});

const DAMAGE: Record<string, string> = {
  trading_journals_are_numbered: 'UPDATE trading_books SET n = n + 1',
  trading_trades_are_numbered: 'UPDATE trading_books SET trades = trades + 1',
  trading_orders_are_what_was_traded: 'UPDATE trading_orders SET filled = filled - 1 WHERE filled > 0',
  trading_orders_hold_what_they_need: `UPDATE trading_orders SET held = held + 1 WHERE state = 'open'`,
  trading_books_are_not_crossed: `UPDATE trading_orders SET state = 'open', ticks = 95, held = 1 WHERE pair_id = 'BTC-USDT'`,
  trading_pairs_cost_whole_units: 'UPDATE trading_pairs SET lot = lot + 1',
  trading_commands_are_somebodys: `UPDATE trading_orders SET pair_id = 'BTC-XXX'`,
  trading_offers_are_not_overtaken: 'UPDATE trading_offers SET amount = least, most = least',
  trading_takes_are_held_by_their_trades: 'UPDATE trading_takes SET amount = amount + 1',
  trading_trades_are_paid: 'UPDATE trading_trades SET maker_fee = maker_fee + 1',
};

test('damage to trading is seen by the invariant that is about it', async () => {
  expect(Object.keys(DAMAGE).sort()).toEqual(INVARIANTS.filter((name) => name.startsWith('trading_')).sort());
  for (const [name, damage] of Object.entries(DAMAGE)) {
    await pool
      .transaction(async (transaction) => {
        await transaction.query(sql.typeAlias('void')`SET LOCAL session_replication_role = 'replica'`);
        expect((await transaction.query(sql.typeAlias('void')(verbatim(damage)))).rowCount, name).toBeGreaterThan(0);
        const seen = (await checkInvariants(transaction)).filter(({ ok }) => !ok).map((check) => check.name);
        expect(seen, name).toContain(name);
        throw new Error('undone');
      })
      .catch((error) => expect(error).toMatchObject({ message: 'undone' }));
  }
  expect(await broken()).toEqual([]);
});
