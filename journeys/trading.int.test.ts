import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { reconcile } from '#db/invariants.ts';
import { createFeeds } from '#prices/feeds.ts';
import { startFeedServer } from '#prices/testing/server.ts';
import { Client } from '#realtime/testing/client.ts';
import { openFrontend } from '#realtime/testing/frontend.ts';
import { startMatching } from '#worker/matching.ts';
import { startPrices } from '#worker/prices.ts';
import { BookFollower } from './bookFollower.ts';
import { openParts, type Parts } from './parts.ts';
import { type Answer, type Json, type Person, register } from './person.ts';
import { ok } from './play.ts';

const ORDERS = '/api/trading/orders';
const BOOK = '/api/crypto/orderbook';
const PAIRS = '/api/crypto/trading/pairs';

let place: Parts;
let asha: Person;
let ravi: Person;

beforeAll(async () => {
  place = await openParts({ worker: false });
  [asha, ravi] = await Promise.all([newTrader(), newTrader()]);
});
afterAll(() => place?.close());

async function newTrader(
  funds: Record<string, string> = { USD: '900000', BTC: '10', USDT: '900000', ETH: '10', INR: '900000' },
) {
  const person = await register(place.url, ['viewer']);
  for (const [asset, amount] of Object.entries(funds)) await ok(person.post('/api/sandbox/faucet', { asset, amount }));
  return person;
}

const limit = (pairId: string, side: string, price: string, amount: string, more: object = {}) => ({
  ...{ pairId, kind: 'spot', side, type: 'limit', price, amount },
  ...more,
});
const placeOrder = (by: Person, order: object): Promise<Json> => ok(by.post(ORDERS, order));
const held = async (by: Person, asset: string) =>
  (await ok(by.get(`/api/wallet/${by.id}/balance`))).balances.find((each: Json) => each.asset === asset)?.held;

function listenTo(by: Person): Client {
  return new Client({ url: () => `${place.url.replace('http', 'ws')}/ws`, token: () => by.access });
}

test('two people trade: orders, fills, book, ticker, candles and wallets say the same, and both hear of it', async () => {
  const client = listenTo(asha);
  expect(await client.command('join_trading_room', 'BTC/USD')).toMatchObject({
    success: true,
    data: { room: 'trading_BTC-USD' },
  });
  const sale = await placeOrder(asha, limit('BTC-USD', 'sell', '65000', '0.05'));
  expect(sale).toMatchObject({
    order: { status: 'open', price: '65000.00', remaining: '0.05000000', held: '0.05000000' },
    fills: [],
  });
  const purchase = await placeOrder(ravi, limit('BTC/USD', 'buy', '65100', '0.02'));
  expect(purchase).toMatchObject({
    order: { status: 'filled', averagePrice: '65000.00', cost: '1300.00', fee: '2.60', held: '0.00' },
    fills: [{ price: '65000.00', amount: '0.02000000', role: 'taker' }],
  });
  expect(await ok(asha.get(`${ORDERS}/${sale.order.id}`))).toMatchObject({
    order: { status: 'partially_filled', filled: '0.02000000', held: '0.03000000' },
    fills: [{ role: 'maker', fee: '1.30' }],
  });
  const book = await ok(ravi.get(`${BOOK}/BTC-USD?depth=5`));
  expect(book).toMatchObject({ pairId: 'BTC-USD', seq: 2, bids: [], asks: [['65000.00', '0.03000000']] });
  expect(await ok(ravi.get(`${PAIRS}/BTC%2FUSD`))).toMatchObject({
    ...{ id: 'BTC-USD', last: '65000.00', change_24h: '0.00', volume_24h: '0.02000000', quote_volume_24h: '1300.00' },
    ...{ best_bid: null, best_ask: '65000.00', status: 'trading', tick: '10.00', lot: '0.00100000' },
  });
  expect(await ok(ravi.get(`${BOOK}/BTC-USD/trades`))).toMatchObject([{ id: 1, price: '65000.00', side: 'buy' }]);
  expect(await ok(ravi.get(`${BOOK}/BTC-USD/candles?interval=1m`))).toMatchObject([
    { open: '65000.00', high: '65000.00', low: '65000.00', close: '65000.00', volume: '0.02000000', trades: 1 },
  ]);
  await vi.waitFor(() => {
    const updates = client.lives.filter(({ name }) => name === 'book_update').map(({ data }) => data);
    expect(updates).toMatchObject([
      { seq: 1, asks: [['65000.00', '0.05000000']], trades: [] },
      { seq: 2, asks: [['65000.00', '0.03000000']], trades: [{ id: 1, amount: '0.02000000' }] },
    ]);
    expect(client.events.filter(({ name }) => name === 'order_update').map(({ data }) => data)).toMatchObject([
      { orderId: sale.order.id, status: 'open', data: { action: 'placed' } },
      { orderId: sale.order.id, status: 'partially_filled', data: { action: 'traded', fills: [{ fee: '1.30' }] } },
    ]);
  }, 10_000);
  expect(client.faults).toEqual([]);
  client.close();
  expect((await ok(asha.ask('DELETE', `${ORDERS}/${sale.order.id}`))).order).toMatchObject({
    status: 'cancelled',
    reason: 'asked',
  });
  expect([await held(asha, 'BTC'), await held(ravi, 'USD')]).toEqual(['0.00000000', '0.00']);
});

type Door = '/ws' | '/socket.io/';

/** A line at one of the doors, by which somebody follows a pair's book. */
async function follow(door: Door, by: Person, pairId: string, follower: BookFollower) {
  const hear = (update: Json) => void follower.hear(update);
  if (door === '/ws') {
    const client = new Client({
      url: () => `${place.url.replace('http', 'ws')}/ws`,
      token: () => by.access,
      onLive: ({ name, data }) => name === 'book_update' && hear(data),
    });
    expect(await client.command('join_trading_room', { tradingPairId: pairId })).toMatchObject({ success: true });
    return { close: () => client.close(), faults: () => client.faults };
  }
  const page = openFrontend(() => place, { auth: { token: by.access } });
  page.socket.on('book_update', hear);
  expect(await page.asks('join_trading_room', pairId)).toMatchObject({ success: true });
  return page;
}

test.each(['/ws', '/socket.io/'] as const)(
  'who follows a book by its changes at %s has the book that is read, and reads it again where one was missed',
  async (door) => {
    const pairId = door === '/ws' ? 'ETH-USDT' : 'BTC-USDT';
    const follower = new BookFollower(ravi, pairId);
    const trade = (many: number) =>
      Promise.all(
        Array.from({ length: many }, (_, n) =>
          placeOrder(
            n % 2 ? asha : ravi,
            limit(pairId, n % 3 ? 'buy' : 'sell', (3000 + ((n * 7) % 11)).toString(), '0.01'),
          ),
        ),
      );
    const expectSame = () =>
      vi.waitFor(async () => {
        const { seq, bids, asks } = await ok(ravi.get(`${BOOK}/${pairId}?depth=1000`));
        expect(follower.book).toEqual({ seq, bids, asks });
      }, 10_000);
    const first = await follow(door, ravi, pairId, follower);
    await follower.read();
    await trade(30);
    await expectSame();
    expect(follower.gaps).toBe(0);
    first.close();
    await trade(7);
    const second = await follow(door, ravi, pairId, follower);
    await trade(11);
    await expectSame();
    expect(follower.gaps).toBe(1);
    expect([...first.faults(), ...second.faults()]).toEqual([]);
    second.close();
  },
);

test('the same key is one order, a client’s id is one order’s, and another body is refused', async () => {
  const key = { 'idempotency-key': randomUUID() };
  const order = limit('BTC-USD', 'buy', '100', '1', { clientOrderId: 'one' });
  const first = await asha.post(ORDERS, order, key);
  const again = await asha.post(ORDERS, order, key);
  expect([first.status, again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 201, 'true']);
  expect(again.body).toEqual(first.body);
  const other = await asha.post(ORDERS, limit('BTC-USD', 'buy', '110', '1'), key);
  expect([other.status, other.body.error_code]).toEqual([422, 'IDEMPOTENCY_MISMATCH']);
  const twice = await asha.post(ORDERS, order);
  expect(twice.body).toMatchObject({ error_code: 'CONFLICT', details: { order_id: first.body.data.order.id } });
  const refusedKey = { 'idempotency-key': randomUUID() };
  const dear = limit('BTC-USD', 'buy', '900000', '9');
  const refused = await asha.post(ORDERS, dear, refusedKey);
  await ok(asha.post('/api/sandbox/faucet', { asset: 'USD', amount: '1000000' }));
  expect(refused.body.error_code).toBe('INSUFFICIENT_FUNDS');
  expect((await asha.post(ORDERS, dear, refusedKey)).body).toEqual(refused.body);
});

test('less of an order keeps its place, it is cancelled once, and nobody else finds it', async () => {
  const sole = await newTrader();
  const { order } = await placeOrder(sole, limit('BTC-USDT', 'buy', '10', '2'));
  const path = `${ORDERS}/${order.id}`;
  expect((await ok(sole.ask('PUT', path, { amount: '1.5' }))).order).toMatchObject({
    amount: '1.50000000',
    held: '15.015000',
  });
  expect((await ok(sole.ask('PUT', path, { price: '11' }))).order).toMatchObject({
    price: '11.000000',
    held: '16.516500',
  });
  for (const answer of [
    await ravi.get(path),
    await ravi.ask('DELETE', path),
    await ravi.ask('PUT', path, { amount: '1' }),
  ]) {
    expect(answer.status).toBe(404);
  }
  const [one, other] = await Promise.all([sole.ask('PUT', path, { status: 'cancelled' }), sole.ask('DELETE', path)]);
  expect([one.status, other.status].sort()).toEqual([200, 409]);
  expect([one, other].find(({ status }) => status === 409)?.body).toMatchObject({
    error_code: 'FLOW_STATE_INVALID',
    details: { current_state: 'cancelled' },
  });
  await placeOrder(sole, limit('BTC-USDT', 'buy', '10', '2'));
  expect(await ok(sole.ask('DELETE', `${ORDERS}?pairId=BTC-USDT&side=sell`))).toEqual({ cancelled: 0 });
  expect(await ok(sole.ask('DELETE', `${ORDERS}?pairId=BTC-USDT`))).toEqual({ cancelled: 1 });
  expect(await ok(sole.get(`${ORDERS}?status=active&pairId=BTC-USDT`))).toEqual([]);
  expect(await held(sole, 'USDT')).toBe('0.000000');
});

test('an order until an instant ends on time by the pair’s own clock', async () => {
  const expiresAt = new Date(Date.now() + 1_200).toISOString();
  const { order } = await placeOrder(ravi, limit('BTC-INR', 'buy', '100', '1', { timeInForce: 'GTD', expiresAt }));
  const ended = await vi.waitFor(async () => {
    const now = await ok(ravi.get(`${ORDERS}/${order.id}`));
    expect(now.order.status).toBe('expired');
    return now.order;
  }, 10_000);
  expect(ended).toMatchObject({ reason: 'time', held: '0.00' });
  expect(Date.parse(ended.updatedAt) - Date.parse(expiresAt)).toBeLessThan(2_500);
});

test('an administrator restricts a pair, bounds its prices and empties it', async () => {
  const admin = await place.admin();
  const set = (body: object, by = admin) => by.ask('PATCH', '/api/admin/trading/pairs/ETH-INR', body);
  expect((await set({ status: 'halted', band_bps: null }, asha)).status).toBe(403);
  await placeOrder(asha, limit('ETH-INR', 'sell', '200000', '0.01'));
  await placeOrder(ravi, limit('ETH-INR', 'buy', '200000', '0.01'));
  const { order } = await placeOrder(ravi, limit('ETH-INR', 'buy', '190000', '0.01'));
  await ok(set({ band_bps: 1_000 }));
  const far = await ravi.post(ORDERS, limit('ETH-INR', 'buy', '220010', '0.01'));
  expect(far.body).toMatchObject({ error_code: 'LIMIT_REACHED', details: { low: '180000.00', high: '220000.00' } });
  await ok(set({ status: 'cancel_only', band_bps: null }));
  const closed = await ravi.post(ORDERS, limit('ETH-INR', 'buy', '190000', '0.01'));
  expect(closed.body).toMatchObject({ error_code: 'FLOW_STATE_INVALID', details: { current_state: 'cancel_only' } });
  expect(await ok(admin.post('/api/admin/trading/pairs/ETH-INR/cancel-all', { side: 'buy' }))).toEqual({
    cancelled: 1,
  });
  expect((await ok(ravi.get(`${ORDERS}/${order.id}`))).order).toMatchObject({
    status: 'cancelled',
    reason: 'operator',
  });
  expect(await ok(ravi.get(`${PAIRS}/ETH-INR`))).toMatchObject({ status: 'cancel_only', band_bps: null });
});

describe('what is no order is one clear refusal', () => {
  test.each([
    ['off tick', { price: '65005' }, 400, /tick/],
    ['off lot', { amount: '0.0005' }, 400, /lot/],
    ['zero', { amount: '0' }, 400, /zero/],
    ['negative', { price: '-10' }, 400, /negative/],
    ['infinite', { amount: '1e400' }, 400, /amount/],
    ['absurd', { price: '9999999999990', amount: '9999' }, 400, /most/],
    ['below what an order has to come to', { price: '10', amount: '0.001' }, 400, /least/],
    ['of no pair', { pairId: 'BTC-EUR' }, 404, /pair/],
    ['of points', { pairId: 'LYK-USD' }, 404, /pair/],
    ['without a price', { price: undefined }, 400, /price/],
    ['until an instant that is over', { timeInForce: 'GTD', expiresAt: '2020-01-01T00:00:00.000Z' }, 400, /over/],
    ['until no instant', { timeInForce: 'GTD' }, 400, /expiresAt/],
    ['of a market that lasts', { type: 'market', timeInForce: 'GTC' }, 400, /timeInForce/],
    ['with a field of nobody', { leverage: 100 }, 400, /leverage/],
    ['of more than one has', { price: '60000', amount: '9000' }, 409, /wallet/],
  ])('%s', async (_, more, status, words) => {
    const answer: Answer = await ravi.post(ORDERS, { ...limit('BTC-USD', 'buy', '65000', '0.01'), ...more });
    expect([answer.status, answer.body.message]).toEqual([status, expect.stringMatching(words)]);
    expect(await held(ravi, 'USD')).toBe('0.00');
  });
});

test('cancels race with fills: whoever was first, nothing is left held and the money adds up', async () => {
  const [one, two] = await Promise.all([newTrader(), newTrader()]);
  for (let round = 0; round < 8; round++) {
    const { order } = await placeOrder(one, limit('ETH-USD', 'sell', '3000', '0.01'));
    const [cancelled, bought] = await Promise.all([
      one.ask('DELETE', `${ORDERS}/${order.id}`),
      placeOrder(two, limit('ETH-USD', 'buy', '3000', '0.01', { timeInForce: 'IOC' })),
    ]);
    expect(bought.order.status === 'filled').toBe(cancelled.status === 409);
  }
  expect([await held(one, 'ETH'), await held(two, 'USD')]).toEqual(['0.00000000', '0.00']);
});

test('writers that fight over the books lose no order and match none twice', async () => {
  const deps = { pool: place.pool, bus: place.deps.bus, log: place.deps.log, now: () => new Date(), leaseMs: 100 };
  const others = [startMatching(deps), startMatching(deps)];
  const orders = Array.from({ length: 60 }, (_, n) =>
    placeOrder(n % 2 ? asha : ravi, limit('USDT-USD', n % 2 ? 'buy' : 'sell', '1', '10')),
  );
  const placed = await Promise.all(orders);
  for (const other of others) await other.stop();
  const filled = placed.map(({ order }) => ok((order.side === 'buy' ? asha : ravi).get(`${ORDERS}/${order.id}`)));
  for (const { order } of await Promise.all(filled))
    expect(order).toMatchObject({ status: 'filled', filled: '10.000000' });
});

/** Dollars that are sold for what is paid outside. */
const OFFER = {
  ...{
    pairId: 'USDT-INR',
    kind: 'p2p',
    side: 'sell',
    type: 'limit',
    price: '85.5',
    amount: '100',
    min: '10',
    max: '60',
  },
  ...{ paymentMethods: ['UPI', 'Bank'], paymentDetails: 'seller@bank', policy: { pay_within: 'PT45M' } },
};

test('an offer is taken in parts into escrow: what is under way is off the book, given back it is there again', async () => {
  const [seller, buyer] = await Promise.all([newTrader({ USDT: '100' }), newTrader({})]);
  const { order } = await placeOrder(seller, OFFER);
  expect(order).toMatchObject({
    kind: 'p2p',
    status: 'open',
    remaining: '100.000000',
    price: '85.5',
    policy: { pay_within: 'PT45M' },
  });
  const take = (by: Person, amount: string, payment_method = 'UPI') =>
    by.post(`${ORDERS}/${order.id}/take`, { amount, payment_method });
  const look = async () => (await ok(buyer.get(`${ORDERS}/${order.id}`))).order;
  for (const [answer, status] of [
    [await take(buyer, '9'), 400],
    [await take(buyer, '61'), 400],
    [await take(buyer, '50', 'Cash'), 400],
    [await take(seller, '50'), 403],
  ] as const)
    expect(answer.status, JSON.stringify(answer.body)).toBe(status);
  const { transaction } = await ok(take(buyer, '60'));
  expect(transaction).toMatchObject({
    status: 'awaiting_payment',
    amount: '60.000000',
    price: '5130.00',
    currency: 'INR',
    held: '60.000000',
    payment_details: 'seller@bank',
  });
  expect([(await look()).remaining, await held(seller, 'USDT')]).toEqual(['40.000000', '60.000000']);
  expect((await take(buyer, '41')).body).toMatchObject({ error_code: 'LIMIT_REACHED', details: { left: '40.000000' } });
  const both = await Promise.all([take(buyer, '30'), take(buyer, '30')]);
  expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
  await ok(buyer.post(`/api/crypto/p2p/escrow/${transaction.id}/cancel`));
  expect((await look()).remaining).toBe('70.000000');
  await ok(seller.ask('PUT', `${ORDERS}/${order.id}`, { status: 'paused' }));
  expect((await take(buyer, '10')).body).toMatchObject({
    error_code: 'FLOW_STATE_INVALID',
    details: { current_state: 'paused' },
  });
  const listed = async () =>
    (await ok(buyer.get('/api/crypto/p2p/offers?pairId=USDT-INR&side=sell'))).map(({ id }: Json) => id);
  expect(await listed()).not.toContain(order.id);
  await ok(seller.ask('PUT', `${ORDERS}/${order.id}`, { status: 'open' }));
  expect(await listed()).toContain(order.id);
  expect((await buyer.ask('DELETE', `${ORDERS}/${order.id}`)).status).toBe(404);
  expect((await ok(seller.ask('DELETE', `${ORDERS}/${order.id}`))).order).toMatchObject({
    status: 'cancelled',
    remaining: '0.000000',
  });
  const sole = await buyer.post(ORDERS, { ...OFFER, postOnly: true });
  expect([sole.status, sole.body.details.fields[0].field]).toEqual([400, 'postOnly']);
});

test('prices are followed at both doors as a feed moves, and are stale when all feeds are away', async () => {
  const feed = await startFeedServer('coingecko');
  feed.now = place.deps.now;
  feed.prices.set('BTC', 65_000).set('BTC-INR', 5_500_000);
  const running = startPrices({
    ...{ pool: place.pool, bus: place.deps.bus, log: place.deps.log, now: place.deps.now },
    feeds: createFeeds({ COINGECKO_API_KEY: 'a key', COINGECKO_BASE_URL: feed.url }),
    pace: { lookMs: 20, busyMs: 50, idleMs: 60_000, leaseMs: 500 },
  });
  const client = listenTo(asha);
  const page = openFrontend(() => place, { auth: { token: ravi.access } });
  const heard: unknown[][] = [];
  page.socket.on('price_update', (...values: unknown[]) => heard.push(values.slice(0, 3)));
  const rooms = { success: true, data: { rooms: ['price_BTC', 'price_BTC-INR'] } };
  expect(await client.command('subscribe_prices', { symbols: ['BTC', 'BTC/INR'] })).toMatchObject(rooms);
  expect(await page.asks('subscribe_prices', ['BTC-USD', 'BTC-INR'])).toMatchObject(rooms);
  expect(await page.asks('subscribe_prices', ['DOGE'])).toMatchObject({ success: false, error_code: 'NOT_FOUND' });
  const priceOf = async (symbol: string) => ok(ravi.get(`/api/crypto/prices/${symbol}`));
  await vi.waitFor(async () => expect((await ravi.get('/api/crypto/prices/BTC')).status).toBe(200), 10_000);
  feed.prices.set('BTC', 66_000.5).set('BTC-INR', 5_600_000);
  await vi.waitFor(() => {
    const told = client.lives.filter(({ name }) => name === 'price_update').map(({ data }) => data);
    expect(told).toContainEqual({ symbol: 'BTC', price: '66000.5', change: '1.25' });
    expect(told).toContainEqual({ symbol: 'BTC-INR', price: '5600000', change: '1.25' });
    expect(heard).toContainEqual(['BTC', '66000.5', '1.25']);
    expect(heard).toContainEqual(['BTC-INR', '5600000', '1.25']);
  }, 10_000);
  const rupees = { symbol: 'BTC', price: '5600000', currency: 'INR', source: 'coingecko', stale: false };
  for (const symbol of ['BTC?currency=INR', 'btc?currency=inr', 'BTC-INR', 'BTC%2FINR'])
    expect(await priceOf(symbol), symbol).toMatchObject(rupees);
  expect(await priceOf('BTC')).toMatchObject({ price: '66000.5', currency: 'USD', change_24h: '1.25' });
  for (const [symbol, status] of [
    ['BTC?currency=JPY', 404],
    ['BTC-INR-USD', 404],
    ['DOGE', 404],
    ['BTC?currency=rupees', 400],
  ] as const)
    expect((await ravi.get(`/api/crypto/prices/${symbol}`)).status, symbol).toBe(status);

  const following = {
    ...OFFER,
    pairId: 'BTC-INR',
    price: undefined,
    marginBps: 150,
    amount: '1',
    min: '0.01',
    max: '1',
  };
  const { order } = await placeOrder(asha, following);
  expect(order).toMatchObject({ price: '5684000.00', marginBps: 150 });
  feed.prices.set('BTC-INR', 5_650_000);
  const moved = await vi.waitFor(async () => {
    const { price } = (await ok(ravi.get(`${ORDERS}/${order.id}`))).order;
    expect(price).toBe('5734750.00');
    return price;
  }, 10_000);
  const take = (price: string) =>
    ravi.post(`${ORDERS}/${order.id}/take`, { amount: '0.1', payment_method: 'UPI', price });
  expect((await take('5684000.00')).body).toMatchObject({ error_code: 'OFFER_STALE', details: { price: moved } });
  expect((await ok(take(moved))).transaction).toMatchObject({ price: '573475.00', currency: 'INR' });
  const yen = await ravi.post(ORDERS, { ...following, pairId: 'BTC-JPY' });
  expect([yen.status, yen.body.details.fields[0].field]).toEqual([400, 'marginBps']);
  const refusedPrice = await asha.ask('PUT', `${ORDERS}/${order.id}`, { price: '1' });
  expect([refusedPrice.status, refusedPrice.body.details.fields[0].field]).toEqual([400, 'price']);

  feed.ill = { status: 200, body: '{}' };
  await running.stop();
  place.clock.offsetMs = 11 * 60_000;
  try {
    expect(await priceOf('BTC-INR')).toMatchObject({ price: '5650000', stale: true });
    expect((await ok(ravi.get(`${ORDERS}/${order.id}`))).order.price).toBeNull();
    expect((await take(moved)).body.error_code).toBe('UNAVAILABLE');
  } finally {
    place.clock.offsetMs = 0;
  }
  expect(client.faults).toEqual([]);
  client.close();
  page.close();
  await feed.close();
});

test('an offer in a currency of its own is changed by its maker, and nobody takes it at a price that he did not see', async () => {
  const [seller, buyer] = await Promise.all([newTrader({ USDT: '100' }), newTrader({})]);
  const { order } = await placeOrder(seller, { ...OFFER, pairId: 'USDT-EUR', price: '0.92', max: undefined });
  const path = `${ORDERS}/${order.id}`;
  const take = (amount: string, price?: string) => buyer.post(`${path}/take`, { amount, payment_method: 'UPI', price });
  const changed = (body: object) => ok(seller.ask('PUT', path, body));
  expect((await changed({ price: '0.93' })).order).toMatchObject({ price: '0.93', remaining: '100.000000' });
  expect((await take('50', '0.92')).body).toMatchObject({ error_code: 'OFFER_STALE', details: { price: '0.93' } });
  expect((await ok(take('50', '0.93'))).transaction).toMatchObject({ price: '46.50', currency: 'EUR' });
  expect((await seller.ask('PUT', path, { amount: '49' })).body).toMatchObject({
    error_code: 'CONFLICT',
    details: { taken: '50.000000' },
  });
  expect((await changed({ amount: '60', status: 'paused' })).order).toMatchObject({
    ...{ amount: '60.000000', remaining: '10.000000', status: 'paused' },
  });
  for (const body of [{ price: '1' }, { status: 'open' }])
    expect((await buyer.ask('PUT', path, body)).status, JSON.stringify(body)).toBe(404);
  for (const body of [{}, { price: '0' }, { price: '1.001' }, { amount: '-1' }, { amount: '9' }])
    expect((await seller.ask('PUT', path, body)).status, JSON.stringify(body)).toBe(400);
});

test('after all of that the books are in order', async () => {
  const { invariants } = await reconcile(place.pool, { whole: true });
  expect(invariants.filter(({ ok }) => !ok)).toEqual([]);
});
