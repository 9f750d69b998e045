import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Asset } from '../money.ts';
import { SELF_TRADE } from './book.ts';
import { Engine } from './engine.ts';
import type { Command, Move, Worked } from './journal.ts';
import { holdOf, isOpen, leftOf, type NewOrder, type Order, TIMES_IN_FORCE } from './order.ts';
import type { Pair } from './pair.ts';
import { Wallets } from './till.ts';

const PAIR: Pair = {
  ...{ id: 'ETH-USDT', base: 'ETH', quote: 'USDT', tick: 10_000n, lot: 10_000n, minNotional: 5n, bandBps: null },
  state: 'trading',
};
const BEGIN = '2026-11-28T12:00:00.000Z';
const later = (seconds: number) => new Date(Date.parse(BEGIN) + seconds * 1_000).toISOString();
const USERS = ['a', 'b', 'c', 'd'];

const newOrder = (id: string, more: Partial<NewOrder> = {}): NewOrder => ({
  ...{ id, userId: 'a', side: 'buy', type: 'limit', ticks: 100, lots: 5, timeInForce: 'GTC', postOnly: false },
  ...{ selfTrade: 'expire_taker', expiresAt: null, maxSpend: null, clientOrderId: null, makerBps: 10, takerBps: 20 },
  ...more,
});

const place = (order: NewOrder): Command => ({ kind: 'place', userId: order.userId, orderId: order.id, body: order });
const cancel = (orderId: string, userId: string): Command => ({ kind: 'cancel', userId, orderId, body: {} });

/** A pair with everybody's money, which is watched: every command's moves sum to zero, and holds are what orders need. */
class Floor {
  engine: Engine;
  readonly wallets = new Wallets();
  readonly money = new Map<string, bigint>();
  readonly journal: { command: Command; at: string; refused: boolean; trades: Worked['trades'] }[] = [];

  constructor(funds = 1_000_000n, pair = PAIR) {
    this.engine = new Engine(pair, { n: 0, trades: 0, last: null, clock: BEGIN }, []);
    for (const user of USERS) {
      for (const asset of [pair.base, pair.quote] as Asset[]) {
        this.money.set(`wallet ${user} ${asset}`, funds);
        this.wallets.set(user, asset, funds);
      }
    }
  }

  give(command: Command, seconds = 0): Worked {
    const worked = this.engine.work(command, this.wallets, later(seconds));
    this.journal.push({ command, at: worked.at, refused: worked.refusal !== null, trades: worked.trades });
    for (const move of worked.moves) this.#book(move);
    this.check(worked);
    return worked;
  }

  #book({ account, userId, asset, amount }: Move): void {
    const key = `${account} ${userId} ${asset}`;
    const now = (this.money.get(key) ?? 0n) + amount;
    expect(now, key).toBeGreaterThanOrEqual(0n);
    this.money.set(key, now);
  }

  check({ moves, refusal, touched }: Worked): void {
    for (const asset of [PAIR.base, PAIR.quote]) {
      expect(moves.filter((move) => move.asset === asset).reduce((sum, { amount }) => sum + amount, 0n)).toBe(0n);
    }
    if (refusal) expect([moves, touched]).toEqual([[], []]);
    const held = new Map<string, bigint>();
    for (const order of this.engine.orders()) {
      const asset = order.side === 'buy' ? PAIR.quote : PAIR.base;
      expect(order.held).toBe(holdOf(PAIR, order.side, order.ticks as number, leftOf(order), order.makerBps));
      held.set(`hold ${order.userId} ${asset}`, (held.get(`hold ${order.userId} ${asset}`) ?? 0n) + order.held);
    }
    for (const [key, amount] of this.money) if (key.startsWith('hold')) expect(amount, key).toBe(held.get(key) ?? 0n);
    for (const order of touched) if (!isOpen(order)) expect(order.held).toBe(0n);
    for (const user of USERS) {
      for (const asset of [PAIR.base, PAIR.quote]) {
        expect(this.wallets.get(user, asset)).toBe(this.money.get(`wallet ${user} ${asset}`) ?? 0n);
      }
    }
    for (const ask of this.engine.levels().asks) {
      for (const bid of this.engine.levels().bids) expect(bid[0]).toBeLessThan(ask[0]);
    }
  }
}

test('what an order needs is set aside, a trade takes it at the better price, and nothing is left of it after', () => {
  const floor = new Floor();
  floor.give(place(newOrder('s', { userId: 'b', side: 'sell', ticks: 90, lots: 5 })));
  const { order, trades, moves } = floor.give(place(newOrder('t', { lots: 8 })));
  expect(trades).toMatchObject([{ n: 1, makerOrderId: 's', takerOrderId: 't', ticks: 90, lots: 5, cost: 450n }]);
  expect(order).toMatchObject({ state: 'partially_filled', filled: 5, cost: 450n, held: 300n });
  expect(moves).toContainEqual({ account: 'hold', userId: 'a', asset: 'USDT', amount: 300n });
  const over = floor.give(cancel('t', 'a'));
  expect(over.order).toMatchObject({ state: 'cancelled', reason: 'asked', held: 0n });
  expect(floor.money.get('hold a USDT')).toBe(0n);
});

test('a wallet that lacks what an order may need refuses it, and nothing changes', () => {
  const floor = new Floor(499n);
  expect(floor.give(place(newOrder('t'))).refusal).toMatchObject({ code: 'INSUFFICIENT_FUNDS' });
  expect(floor.give(place(newOrder('t', { lots: 4 }))).refusal).toBeNull();
  expect(floor.give(place(newOrder('u', { lots: 1 }))).refusal).toMatchObject({ code: 'INSUFFICIENT_FUNDS' });
});

test('a market order takes what is there and ends; with a bound on what it spends it stays below that', () => {
  const floor = new Floor();
  floor.give(place(newOrder('s', { userId: 'b', side: 'sell', ticks: 1_000, lots: 50 })));
  const most = floor.give(place(newOrder('t', { type: 'market', ticks: null, lots: 50, maxSpend: 20_040n })));
  expect(most.order).toMatchObject({ filled: 20, cost: 20_000n, fee: 40n, state: 'cancelled', reason: 'budget' });
  const rest = floor.give(place(newOrder('u', { type: 'market', ticks: null, lots: 50 })));
  expect(rest.order).toMatchObject({ filled: 30, state: 'cancelled', reason: 'no_liquidity', held: 0n });
});

test('an order that is only to add to the book is refused where it would take from it', () => {
  const floor = new Floor();
  floor.give(place(newOrder('s', { userId: 'b', side: 'sell' })));
  expect(floor.give(place(newOrder('t', { postOnly: true }))).refusal).toMatchObject({ code: 'CONFLICT' });
  expect(floor.give(place(newOrder('t', { postOnly: true, ticks: 99 }))).refusal).toBeNull();
});

test('less of an order keeps its place, more and another price lose it', () => {
  const floor = new Floor();
  const first = (): string =>
    floor.give(place(newOrder(`t${floor.journal.length}`, { userId: 'd', lots: 1 }))).trades[0]?.makerOrderId ?? '';
  const amend = (orderId: string, userId: string, body: { ticks: number | null; lots: number | null }) =>
    floor.give({ kind: 'amend', userId, orderId, body });
  floor.give(place(newOrder('one', { userId: 'b', side: 'sell', lots: 9 })));
  floor.give(place(newOrder('two', { userId: 'c', side: 'sell', lots: 9 })));
  amend('one', 'b', { ticks: null, lots: 5 });
  expect(first()).toBe('one');
  amend('one', 'b', { ticks: null, lots: 8 });
  expect(first()).toBe('two');
  amend('two', 'c', { ticks: 101, lots: null });
  expect(first()).toBe('one');
  expect(amend('one', 'b', { ticks: null, lots: 2 }).refusal).toMatchObject({ code: 'CONFLICT' });
  expect(amend('one', 'c', { ticks: null, lots: 7 }).refusal).toMatchObject({ code: 'FLOW_STATE_INVALID' });
});

test('an order ends on time, before whatever comes after, and a clock that goes back changes nothing', () => {
  const floor = new Floor();
  floor.give(place(newOrder('t', { timeInForce: 'GTD', expiresAt: later(60) })));
  expect(floor.engine.due(later(59))).toEqual([]);
  const due = floor.engine.due(later(60));
  expect(due).toEqual([{ kind: 'expire', userId: null, orderId: 't', body: {} }]);
  expect(floor.give(due[0] as Command, 60).order).toMatchObject({ state: 'expired', reason: 'time', held: 0n });
  expect(floor.engine.nextDue).toBeNull();
  const worked = floor.give(place(newOrder('u', { timeInForce: 'GTD', expiresAt: later(50) })), 10);
  expect([worked.at, worked.refusal?.code]).toEqual([later(60), 'CONFLICT']);
});

test('a pair that only cancels takes no orders, a halted one nothing, and an administrator empties it', () => {
  const floor = new Floor();
  const set = (state: Pair['state']) =>
    floor.give({ kind: 'set', userId: null, orderId: null, body: { state, bandBps: null } });
  floor.give(place(newOrder('t')));
  floor.give(place(newOrder('u', { userId: 'b' })));
  set('cancel_only');
  expect(floor.give(place(newOrder('v'))).refusal?.code).toBe('FLOW_STATE_INVALID');
  expect(floor.give(cancel('t', 'a')).refusal).toBeNull();
  set('halted');
  expect(floor.give(cancel('u', 'b')).refusal?.code).toBe('FLOW_STATE_INVALID');
  const body = { side: null, userId: null, operator: true };
  expect(floor.give({ kind: 'cancel_all', userId: null, orderId: null, body }).touched).toMatchObject([
    { id: 'u', state: 'cancelled', reason: 'operator' },
  ]);
});

test('a price outside the band is refused, and a market order goes as far as the band', () => {
  const floor = new Floor(undefined, { ...PAIR, bandBps: 1_000 });
  floor.give(place(newOrder('s', { userId: 'b', side: 'sell', ticks: 100, lots: 1 })));
  floor.give(place(newOrder('t', { ticks: 100, lots: 1 })));
  expect(floor.give(place(newOrder('u', { ticks: 111 }))).refusal).toMatchObject({
    code: 'LIMIT_REACHED',
    details: { low: '0.900000', high: '1.100000' },
  });
  floor.give(place(newOrder('v', { userId: 'b', side: 'sell', ticks: 110, lots: 2 })));
  expect(floor.give(place(newOrder('w', { type: 'market', ticks: null, lots: 3 }))).order).toMatchObject({ filled: 2 });
});

const anyOrder = fc.record({
  userId: fc.constantFrom(...USERS),
  side: fc.constantFrom('buy', 'sell'),
  type: fc.constantFrom('limit', 'limit', 'limit', 'market'),
  ticks: fc.integer({ min: 1, max: 40 }),
  lots: fc.integer({ min: 1, max: 30 }),
  timeInForce: fc.constantFrom(...TIMES_IN_FORCE),
  postOnly: fc.boolean(),
  selfTrade: fc.constantFrom(...SELF_TRADE),
  maxSpend: fc.option(fc.bigInt({ min: 1n, max: 900n })),
  makerBps: fc.constantFrom(0, 10, 333),
  takerBps: fc.constantFrom(0, 20, 777),
  lasts: fc.integer({ min: 1, max: 30 }),
});
const anyDeed = fc.oneof(
  { weight: 8, arbitrary: fc.record({ on: fc.constant('place' as const), order: anyOrder }) },
  { weight: 2, arbitrary: fc.record({ on: fc.constant('cancel' as const), which: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ on: fc.constant('amend' as const), which: fc.nat() },
      ...{ ticks: fc.option(fc.integer({ min: 1, max: 40 })), lots: fc.option(fc.integer({ min: 1, max: 40 })) },
    }),
  },
  { weight: 1, arbitrary: fc.record({ on: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 20 }) }) },
);

test('whatever is done, money sums to zero, holds are exact, nobody is overdrawn, and the journal gives the same trades', () => {
  fc.assert(
    fc.property(
      fc.array(anyDeed, { minLength: 1, maxLength: 80 }),
      fc.constantFrom(400n * 10_000n, 900n),
      (deeds, funds) => {
        const floor = new Floor(funds);
        let seconds = 0;
        for (const [n, deed] of deeds.entries()) {
          const open = floor.engine.orders();
          const order = 'which' in deed ? open[deed.which % Math.max(open.length, 1)] : undefined;
          if (deed.on === 'wait') {
            seconds += deed.seconds;
            for (const command of floor.engine.due(later(seconds))) floor.give(command, seconds);
          } else if (deed.on === 'place') floor.give(place(orderOf(deed.order, `o${n}`, seconds)), seconds);
          else if (order && deed.on === 'cancel') floor.give(cancel(order.id, order.userId), seconds);
          else if (order && deed.on === 'amend') {
            const { ticks, lots } = deed;
            floor.give({ kind: 'amend', userId: order.userId, orderId: order.id, body: { ticks, lots } }, seconds);
          }
        }
        replays(floor);
        if (deeds.length % 2 === 0) return resumes(floor);
        floor.give({
          kind: 'cancel_all',
          userId: null,
          orderId: null,
          body: { side: null, userId: null, operator: true },
        });
        for (const [key, amount] of floor.money) if (key.startsWith('hold')) expect(amount, key).toBe(0n);
      },
    ),
    { numRuns: 300 },
  );
});

function orderOf(
  drawn: typeof anyOrder extends fc.Arbitrary<infer Of> ? Of : never,
  id: string,
  seconds: number,
): NewOrder {
  const { lasts, ...rest } = drawn;
  const market = rest.type === 'market';
  return newOrder(id, {
    ...(rest as Partial<NewOrder>),
    ticks: market && rest.postOnly ? null : rest.ticks,
    postOnly: rest.postOnly && !market && rest.timeInForce !== 'IOC' && rest.timeInForce !== 'FOK',
    maxSpend: market && rest.side === 'buy' ? rest.maxSpend : null,
    timeInForce: market && rest.timeInForce === 'GTD' ? 'IOC' : rest.timeInForce,
    expiresAt: rest.timeInForce === 'GTD' && !market ? later(seconds + lasts) : null,
  });
}

/** The journal from its beginning, with wallets that never run dry: what was refused is passed over. */
function replays(floor: Floor): void {
  const again = new Engine(PAIR, { n: 0, trades: 0, last: null, clock: BEGIN }, []);
  const rich = new Wallets();
  for (const user of USERS) for (const asset of [PAIR.base, PAIR.quote]) rich.set(user, asset, 10n ** 15n);
  for (const { command, at, refused, trades } of floor.journal) {
    if (refused) again.pass(at);
    else expect(again.work(command, rich, at).trades).toEqual(trades);
  }
  expect(again.levels()).toEqual(floor.engine.levels());
  expect(again.position).toEqual(floor.engine.position);
}

/** Another engine that has read the open orders goes on as this one does. */
function resumes(floor: Floor): void {
  const byRank = (one: Order, other: Order) => one.rank - other.rank;
  const next = new Engine(PAIR, floor.engine.position, structuredClone([...floor.engine.orders()]).sort(byRank));
  expect(next.levels()).toEqual(floor.engine.levels());
  expect(next.nextDue).toBe(floor.engine.nextDue);
  for (const side of ['buy', 'sell'] as const) {
    const rich = () => {
      const wallets = new Wallets();
      for (const asset of [PAIR.base, PAIR.quote]) wallets.set('z', asset, 10n ** 15n);
      return wallets;
    };
    const command = place(newOrder(`z${side}`, { userId: 'z', side, type: 'market', ticks: null, lots: 60 }));
    expect(next.work(command, rich(), BEGIN).trades).toEqual(floor.engine.work(command, rich(), BEGIN).trades);
  }
}
