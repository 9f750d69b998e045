import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Answer, type Json, type Person, register, until } from './person.ts';
import { ok } from './play.ts';
import { openStack, type Stack } from './stack.ts';

/** Orders and offers on the processes that `npm start` runs, whose worker is killed in the midst of them. */

vi.setConfig({ testTimeout: 180_000 });

const ORDERS = '/api/trading/orders';
const ESCROW = '/api/crypto/p2p/escrow';

let stack: Stack;
let one: Person;
let other: Person;

beforeAll(async () => {
  stack = await openStack();
  [one, other] = await Promise.all([newTrader(), newTrader()]);
}, 120_000);
afterAll(() => stack?.close(), 60_000);

async function newTrader(): Promise<Person> {
  const person = await register(stack.url, ['viewer']);
  for (const asset of ['USD', 'USDT']) await ok(person.post('/api/sandbox/faucet', { asset, amount: '10000' }));
  return person;
}

/** Asks as a careful client does: under one key, until there is an answer that is neither "later" nor none. */
function insist(ask: (key: Record<string, string>) => Promise<Answer>): Promise<Json> {
  const key = { 'idempotency-key': randomUUID() };
  const answer = until(
    () => ask(key).catch((error: Error) => ({ status: 503, body: String(error), headers: new Headers() })),
    ({ status }) => status < 500,
    60_000,
  );
  return ok(answer);
}

async function expectInOrder(): Promise<void> {
  const { checks } = await insist(async () => (await stack.admin()).get('/api/admin/reconciliation'));
  expect(checks.filter((check: Json) => !check.ok)).toEqual([]);
}

test('orders under way when the worker is killed are each carried out once, and answered under their keys', async () => {
  const orderOf = (n: number) => ({
    ...{ pairId: 'USDT-USD', kind: 'spot', type: 'limit', price: '1', amount: '10' },
    side: n % 2 ? 'buy' : 'sell',
  });
  const placing = Array.from({ length: 80 }, (_, n) =>
    insist((key) => (n % 2 ? one : other).post(ORDERS, orderOf(n), key)),
  );
  await Promise.race(placing);
  const isBack = stack.kill('worker');
  const late = Array.from({ length: 20 }, (_, n) =>
    insist((key) => (n % 2 ? one : other).post(ORDERS, orderOf(n), key)),
  );
  const placed: Json[] = await Promise.all([...placing, ...late]);
  await isBack();
  expect(new Set(placed.map(({ order }) => order.id)).size).toBe(100);
  for (const [n, { order }] of placed.entries()) {
    const now = await ok((n % 2 ? one : other).get(`${ORDERS}/${order.id}`));
    expect(now.order).toMatchObject({ status: 'filled', filled: '10.000000', held: expect.stringMatching(/^0\.0+$/) });
  }
  const trades = await ok(one.get('/api/crypto/orderbook/USDT-USD/trades?limit=100'));
  expect(trades.map(({ id }: Json) => id)).toEqual(Array.from({ length: 50 }, (_, n) => 50 - n));
  await expectInOrder();
});

test('an offer that is taken, disputed and ruled on while the worker is killed ends as it was ruled', async () => {
  const { order } = await ok(
    one.post(ORDERS, {
      ...{ pairId: 'USDT-INR', kind: 'p2p', side: 'sell', type: 'limit', price: '85.5', amount: '100', min: '10' },
      ...{ paymentMethods: ['UPI'], paymentDetails: 'one@bank' },
    }),
  );
  const take = { amount: '40', payment_method: 'UPI' };
  const { transaction } = await insist((key) => other.post(`${ORDERS}/${order.id}/take`, take, key));
  const give = (by: Person, command: string, data: object = {}) =>
    insist((key) => by.post(`${ESCROW}/${transaction.id}/${command}`, data, key));
  await give(other, 'confirm');
  const isBack = stack.kill('worker');
  await give(other, 'dispute', { reason: 'Nothing came', evidence: 'My receipt' });
  expect((await ok(one.get(`${ORDERS}/${order.id}`))).order).toMatchObject({ remaining: '60.000000' });
  await isBack();
  const again = stack.kill('worker');
  await give(await stack.admin(), 'resolve', { release_percent: 25, reason: 'A quarter of it was paid' });
  await again();
  const seen = await until(
    () => ok(other.get(`${ESCROW}/${transaction.id}`)),
    (each) => each.transaction.status === 'split',
    60_000,
  );
  expect(seen.transaction).toMatchObject({ held: '0.000000', offer_id: order.id });
  expect((await ok(one.get(`${ORDERS}/${order.id}`))).order).toMatchObject({
    ...{ status: 'open', released: '10.000000', remaining: '90.000000' },
  });
  await expectInOrder();
});
