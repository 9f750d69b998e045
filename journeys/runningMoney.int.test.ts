import { randomUUID } from 'node:crypto';
import { Connection } from 'rabbitmq-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PAYEE } from '#api/sandbox/walletScenarios.ts';
import { fetchRabbit, findRabbit } from '#local/rabbitmq.ts';
import { press, untilHas } from './chargeBack.ts';
import { type Json, type Person, register, until } from './person.ts';
import { ok } from './play.ts';
import { openStack, type Stack } from './stack.ts';
import { AT_ONCE } from './wallet.ts';

// What `npm start` runs, with RabbitMQ: every way that money takes, one after the other, and the books in order at the end.

let stack: Stack;
let rabbit: Connection;
const START_MS = 180_000;
/** A job of each minute, and a busy machine. */
const WITHIN_MS = 120_000;

beforeAll(async () => {
  if (!findRabbit()) {
    const reason = await fetchRabbit(() => {});
    if (reason !== null) throw new Error(`RabbitMQ is not there (${reason}): install rabbitmq-server.`);
  }
  stack = await openStack({ ...AT_ONCE, START_RABBITMQ: 'yes', AMQP_URL: '' });
  rabbit = new Connection({ url: stack.file().amqpUrl as string, retryLow: 200, retryHigh: 1_000 });
  rabbit.on('error', () => {});
}, START_MS);
afterAll(async () => {
  rabbit?.unsafeDestroy();
  await stack?.close();
});

const wallet = ({ id }: Person) => `/api/wallet/${id}`;

async function paidIn(person: Person, asset: string, amount: string | number): Promise<string> {
  const { payment_order } = await ok(person.post('/api/wallet/topup', { amount, asset }));
  await press(payment_order.checkout_url, 'pay');
  return payment_order.checkout_url;
}

async function reversedPayout(): Promise<void> {
  const person = await register(stack.url, ['influencer']);
  await paidIn(person, 'INR', '500.00');
  await untilHas(person, '500.00', '0.00');
  await ok(person.post(`${wallet(person)}/kyc`, { kind: 'sandbox', name: PAYEE }));
  const at = { kind: 'sandbox', account: 'reverses' };
  const { destination } = await ok(person.post(`${wallet(person)}/destinations`, at));
  const asked = { amount: '300.00', asset: 'INR', destination_id: destination.id };
  const { payout } = await ok(person.post(`${wallet(person)}/payouts`, asked));
  await until(
    async () => (await ok(person.get(`${wallet(person)}/payouts/${payout.id}`))).payout.status,
    (status) => status === 'reversed',
    WITHIN_MS,
  );
  await untilHas(person, '500.00', '0.00');
  const statement = (query = '') => ok(person.get(`/api/payouts/${payout.id}/statement${query}`));
  const [paid, back] = [await statement(), await statement('?kind=came_back')];
  expect(paid).toMatchObject({ gross: '300.00', fee: '3.00', net: '297.00' });
  expect(paid.lines.map(({ text, amount }: Json) => [text, amount])).toEqual([
    ['Topped up', '300.00'],
    ['Fee for the payout', '-3.00'],
  ]);
  expect(back).toMatchObject({ gross: '-300.00', fee: '-3.00', net: '-297.00' });
  const stranger = await register(stack.url, ['viewer']);
  expect((await stranger.get(`/api/payouts/${payout.id}/statement`)).status).toBe(404);
}

async function chargedBack(word: 'won' | 'lost'): Promise<void> {
  const person = await register(stack.url, ['viewer']);
  const checkout = await paidIn(person, 'INR', '500.00');
  await untilHas(person, '500.00', '0.00');
  await press(checkout, 'charge_back');
  await untilHas(person, '0.00', '500.00');
  await press(checkout, `charge_back_${word}`);
  await untilHas(person, word === 'won' ? '500.00' : '0.00', '0.00');
  const ends = word === 'won' ? 'won' : 'settled';
  await until(
    async () => (await ok(person.get('/api/charge-backs')))[0].status,
    (status) => status === ends,
    WITHIN_MS,
  );
}

/** Credits that are bought, and a boost of two seconds with them. */
async function boosted(): Promise<string> {
  const person = await register(stack.url, ['creator']);
  await paidIn(person, 'CREDIT', 20);
  const credits = async () =>
    (await ok(person.get(`${wallet(person)}/balance`))).balances.find(({ asset }: Json) => asset === 'CREDIT');
  await until(credits, (found) => found?.available === '20', WITHIN_MS);
  const asked = { targetUserId: person.id, amount: 20, duration: 2 / 3_600 };
  const { boost } = await ok(person.post('/api/credits/boost/profile', asked));
  await until(
    async () => (await ok(person.get(`/api/credits/boosts/${boost.id}`))).boost,
    ({ status, held }) => status === 'expired' && held === '0',
    WITHIN_MS,
  );
  return person.id;
}

async function replayed(from: string, about: string): Promise<void> {
  const queue = `played_${randomUUID()}`;
  await rabbit.queueDeclare({ queue, durable: true });
  const admin = await stack.admin();
  const asked = { queue, from, key: 'boost.event', about, reason: 'Its consumer was away' };
  const { id, events } = await ok(admin.post('/api/admin/event-replays', asked));
  expect(events).toBe(2);
  const replay = await until(
    () => ok(admin.get(`/api/admin/event-replays/${id}`)),
    ({ status }) => status !== 'waiting',
    WITHIN_MS,
  );
  expect(replay).toMatchObject({ status: 'done', sent: 2, why: null });
  const types: unknown[] = [];
  for (let message = await rabbit.basicGet({ queue, noAck: true }); message; ) {
    types.push((message.body as Json).type);
    message = await rabbit.basicGet({ queue, noAck: true });
  }
  expect(types).toEqual(['profile_boost', 'profile_boost_expired']);
  await rabbit.queueDelete({ queue });
}

test('a top-up, a payout that came back, charge-backs won and lost, a boost to its end, a replay: all adds up', async () => {
  const from = new Date(Date.now() - 1_000).toISOString();
  await reversedPayout();
  await chargedBack('won');
  await chargedBack('lost');
  const boostedId = await boosted();
  await replayed(from, `profile/${boostedId}`);
  const admin = await stack.admin();
  const { checks, ok: inOrder } = await ok(admin.get('/api/admin/reconciliation?whole=true'));
  expect(checks.filter((check: Json) => !check.ok)).toEqual([]);
  expect(inOrder).toBe(true);
}, 600_000);
