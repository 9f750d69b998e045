import { OrderBook } from 'nodejs-order-book';
import { describe, expect, test } from 'vitest';
import { Book, type Incoming, SELF_TRADE, type Side } from './book.ts';
import { lotsOf } from './testing/lots.ts';
import { NaiveBook, type NaiveTrade } from './testing/naiveBook.ts';

type Given = Incoming & { id: string; rests: boolean };

/** As the engine gives an order to a book. */
function give(book: Book, order: Given): { trades: NaiveTrade[]; left: number; gone: string[] } {
  const { meetings, left, halt } = book.plan(order);
  const of = (kind: string) => meetings.filter((meeting) => meeting.kind === kind);
  const trades = of('trade').map(({ maker, lots }) => ({ maker: maker.id, ticks: maker.ticks, lots }));
  const gone = of('expire').map(({ maker }) => maker.id);
  book.take(meetings);
  const { id, owner, side, ticks } = order;
  if (left > 0 && halt === null && order.rests && ticks !== null) book.rest({ id, owner, side, ticks, lots: left });
  return { trades, left, gone };
}

const plain = { owner: 'b', whole: false, selfTrade: 'expire_taker', budget: null, rests: true } as const;
const limit = (id: string, side: Side, ticks: number | null, lots: number, more: Partial<Given> = {}): Given => ({
  ...{ ...plain, id, side, ticks, lots },
  ...more,
});

test('the best price is met first, and of one price the oldest', () => {
  const book = new Book();
  for (const [id, ticks] of [
    ['late', 101],
    ['first', 100],
    ['second', 100],
  ] as const) {
    give(book, limit(id, 'sell', ticks, 2, { owner: 'a' }));
  }
  expect(give(book, limit('t', 'buy', 101, 5)).trades).toEqual([
    { maker: 'first', ticks: 100, lots: 2 },
    { maker: 'second', ticks: 100, lots: 2 },
    { maker: 'late', ticks: 101, lots: 1 },
  ]);
  expect(book.levels('sell')).toEqual([[101, 1]]);
});

test('less of an order keeps its place', () => {
  const book = new Book();
  give(book, limit('first', 'sell', 100, 5, { owner: 'a' }));
  give(book, limit('second', 'sell', 100, 5, { owner: 'a' }));
  book.reduce('first', 4);
  expect(give(book, limit('t', 'buy', null, 2)).trades).toEqual([
    { maker: 'first', ticks: 100, lots: 1 },
    { maker: 'second', ticks: 100, lots: 1 },
  ]);
});

describe('an account never trades with itself', () => {
  const met = (selfTrade: Incoming['selfTrade']) => {
    const book = new Book();
    give(book, limit('own', 'sell', 100, 3));
    give(book, limit('other', 'sell', 100, 3, { owner: 'a' }));
    return {
      ...give(book, limit('t', 'buy', 100, 5, { selfTrade })),
      asks: book.levels('sell'),
      bids: book.levels('buy'),
    };
  };
  test.each([
    ['expire_taker', { trades: [], left: 5, gone: [], asks: [[100, 6]], bids: [] }],
    [
      'expire_maker',
      { trades: [{ maker: 'other', ticks: 100, lots: 3 }], left: 2, gone: ['own'], asks: [], bids: [[100, 2]] },
    ],
    ['expire_both', { trades: [], left: 5, gone: ['own'], asks: [[100, 3]], bids: [] }],
    ['decrement', { trades: [{ maker: 'other', ticks: 100, lots: 2 }], left: 0, gone: [], asks: [[100, 1]], bids: [] }],
  ] as const)('%s', (mode, outcome) => expect(met(mode)).toEqual(outcome));
});

test('all or nothing is all or nothing, also where a budget or an own order is in the way', () => {
  const book = new Book();
  give(book, limit('m', 'sell', 100, 3, { owner: 'a' }));
  const before = book.levels('sell');
  for (const more of [{ lots: 4 }, { lots: 3, budget: 299 }, { lots: 3, owner: 'a' }]) {
    const order = { ...limit('t', 'buy', 100, 3, { whole: true, rests: false }), ...more };
    expect(give(book, order)).toEqual({ trades: [], left: order.lots, gone: [] });
  }
  expect(book.levels('sell')).toEqual(before);
  expect(give(book, limit('t', 'buy', 100, 3, { whole: true, rests: false, budget: 300 })).left).toBe(0);
});

test('a budget is spent and not exceeded', () => {
  const book = new Book();
  give(book, limit('m', 'sell', 7, 3, { owner: 'a' }));
  give(book, limit('n', 'sell', 11, 3, { owner: 'a' }));
  const { trades, left } = give(book, limit('t', 'buy', null, 9, { budget: 42 }));
  expect(trades).toEqual([
    { maker: 'm', ticks: 7, lots: 3 },
    { maker: 'n', ticks: 11, lots: 1 },
  ]);
  expect(left).toBe(5);
});

test('what changed is told once, with zero where nothing is left', () => {
  const book = new Book();
  give(book, limit('m', 'sell', 7, 3, { owner: 'a' }));
  expect(book.changes()).toEqual({ buy: [], sell: [[7, 3]] });
  give(book, limit('t', 'buy', 7, 3));
  expect(book.changes()).toEqual({ buy: [], sell: [[7, 0]] });
  expect(book.changes()).toEqual({ buy: [], sell: [] });
});

test.each([1, 2, 3])('ten thousand random orders trade as a naive book trades them (seed %i)', (seed) => {
  const lots = lotsOf(seed);
  const book = new Book();
  const naive = new NaiveBook();
  const known: string[] = [];
  let traded = 0;
  for (let n = 0; n < 10_000; n++) {
    if (lots.below(10) < 2 && known.length > 0) {
      const id = lots.oneOf(known);
      const line = naive.lines.find((each) => each.id === id);
      if (!line) continue;
      const less = lots.below(2) === 0 && line.lots > 1 ? 1 + lots.below(line.lots - 1) : undefined;
      naive.reduce(id, less);
      book.reduce(id, less);
    } else {
      const market = lots.below(8) === 0;
      const order: Given = {
        id: `o${n}`,
        owner: `u${lots.below(6)}`,
        side: lots.oneOf(['buy', 'sell']),
        ticks: market ? null : 90 + lots.below(20),
        lots: 1 + lots.below(12),
        whole: lots.below(10) === 0,
        selfTrade: lots.oneOf(SELF_TRADE),
        budget: market && lots.below(2) === 0 ? lots.below(900) : null,
        rests: !market && lots.below(6) > 0,
      };
      if (order.whole) order.rests = false;
      known.push(order.id);
      const expected = naive.give(order);
      traded += expected.trades.length;
      expect(give(book, order), `order ${n} of seed ${seed}`).toEqual(expected);
    }
    if (n % 50 === 0)
      for (const side of ['buy', 'sell'] as const) expect(book.levels(side)).toEqual(naive.levels(side));
  }
  expect(traded).toBeGreaterThan(2_000);
});

test.each([4, 5])('ten thousand random orders trade as nodejs-order-book trades them (seed %i)', (seed) => {
  const lots = lotsOf(seed);
  const book = new Book();
  const theirs = new OrderBook();
  const open = new Map<string, { side: Side; left: number }>();
  let traded = 0;
  for (let n = 0; n < 10_000; n++) {
    if (lots.below(10) < 2 && open.size > 0) {
      const id = lots.oneOf([...open.keys()]);
      expect(theirs.cancel(id)?.order.size).toBe(open.get(id)?.left);
      book.reduce(id);
      open.delete(id);
      continue;
    }
    const id = `o${n}`;
    const side: Side = lots.oneOf(['buy', 'sell']);
    const size = 1 + lots.below(12);
    const kind = lots.oneOf(['GTC', 'GTC', 'GTC', 'IOC', 'FOK', 'market'] as const);
    const price = 90 + lots.below(20);
    const order = limit(id, side, kind === 'market' ? null : price, size, {
      ...{ owner: id, whole: kind === 'FOK', rests: kind === 'GTC' },
    });
    const answer =
      kind === 'market'
        ? theirs.market({ side: side as never, size })
        : theirs.limit({ id, side: side as never, size, price, timeInForce: kind as never });
    const ours = give(book, order);
    const takenByThem = answer.err ? 0 : size - leftIn(answer, kind, size, id);
    expect(
      ours.trades.reduce((sum, trade) => sum + trade.lots, 0),
      `order ${n} of seed ${seed}`,
    ).toBe(takenByThem);
    traded += ours.trades.length;
    for (const { maker, lots: met } of ours.trades) {
      const resting = open.get(maker) as { left: number };
      resting.left -= met;
      if (resting.left === 0) open.delete(maker);
    }
    if (order.rests && ours.left > 0) open.set(id, { side, left: ours.left });
    const ofTheirs = theirs.depth();
    expect(book.levels('sell'), `asks after order ${n}`).toEqual([...ofTheirs[0]].sort(([a], [b]) => a - b));
    expect(book.levels('buy'), `bids after order ${n}`).toEqual([...ofTheirs[1]].sort(([a], [b]) => b - a));
    for (const [other, { left }] of ours.trades.length > 0 ? open : []) expect(theirs.order(other)?.size).toBe(left);
  }
  expect(traded).toBeGreaterThan(2_000);
});

/** What the other book left of an order. */
function leftIn(answer: ReturnType<OrderBook['limit']>, kind: string, size: number, id: string): number {
  if (kind === 'market' || kind === 'IOC' || kind === 'FOK') return answer.quantityLeft;
  if (answer.partial?.id === id) return answer.partial.size;
  return answer.done.some((order) => order.id === id) || answer.partialQuantityProcessed > 0
    ? answer.quantityLeft
    : size;
}
