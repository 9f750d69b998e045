import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { sql } from '#db/pool.ts';
import { durationMs } from '#workflows/durations.ts';
import { expectBooksInOrder, moneyOf, untilSettled } from './books.ts';
import { openParts, type Parts } from './parts.ts';
import { type Answer, type Json, type Person, register, sendWebhook, until } from './person.ts';
import { describeCrashes } from './testing/describeCrashes.ts';
import { describeEndings } from './testing/describeEndings.ts';

let place: Parts;
beforeAll(async () => {
  place = await openParts();
}, 60_000);
afterEach(() => expectBooksInOrder(place));
afterAll(() => place?.close());

async function ok(answer: Promise<Answer>): Promise<Json> {
  const { status, body } = await answer;
  expect(status, JSON.stringify(body)).toBeLessThan(300);
  return (body as Json).data;
}

async function have(person: Person, asset: string): Promise<string> {
  const { balances } = await ok(person.get(`/api/wallet/${person.id}/balance`));
  return balances.find((each: Json) => each.asset === asset)?.available ?? '0';
}

function captured(order: Json, payment_id: string, amount = order.amount) {
  const data = { order_id: order.order_id, payment_id, amount, currency: order.currency };
  return sendWebhook(place.url, { type: 'payment.captured', data });
}

test.each([
  ['TOKEN', 500, 50_000, 'INR', '600'],
  ['CREDIT', 20, 2_000, 'INR', '20'],
  ['INR', '250.50', 25_050, 'INR', '250.50'],
  ['USD', '10.00', 1_000, 'USD', '10.00'],
])(
  '%s is bought by an order, and arrives once when it is paid, whatever is repeated',
  async (asset, amount, due, currency, then) => {
    const person = await register(place.url, ['viewer']);
    const { top_up, payment_order } = await ok(person.post('/api/wallet/topup', { amount, asset }));
    expect(top_up).toMatchObject({ status: 'open', asset, currency });
    expect(payment_order).toMatchObject({ provider: 'sandbox', amount: due, currency });
    for (const _ of [1, 2, 3]) expect((await captured(payment_order, `pay_${top_up.id}`)).status).toBe(200);
    await until(
      () => have(person, asset),
      (balance) => balance === then,
    );
    expect((await ok(person.get(`/api/wallet/topups/${top_up.id}`))).top_up.status).toBe('paid');
    expect(await have(person, asset)).toBe(then);
  },
);

test('a second capture is refunded, one of another amount is kept aside, and neither buys anything', async () => {
  const person = await register(place.url, ['viewer']);
  const { top_up, payment_order } = await ok(person.post('/api/wallet/topup', { amount: 7 }));
  await captured(payment_order, `other_${top_up.id}`, 699);
  await captured(payment_order, `pay_${top_up.id}`);
  await until(
    () => have(person, 'TOKEN'),
    (balance) => balance === '107',
  );
  await captured(payment_order, `second_${top_up.id}`);
  const settled = await until(
    () => moneyOf(place, top_up.id),
    (money) => money.spent === 700n && money.external === -700n - 699n && money.refund_clearing === undefined,
  );
  expect(settled.suspense).toBe(699n);
  expect(await have(person, 'TOKEN')).toBe('107');
});

test('what is paid after it was cancelled is given back, and others do not know of it', async () => {
  const person = await register(place.url, ['viewer']);
  const stranger = await register(place.url, ['viewer']);
  const { top_up, payment_order } = await ok(person.post('/api/wallet/topup', { amount: 9 }));
  for (const path of ['', '/cancel']) {
    const answer = await (path
      ? stranger.post(`/api/wallet/topups/${top_up.id}${path}`)
      : stranger.get(`/api/wallet/topups/${top_up.id}`));
    expect(answer.status).toBe(404);
  }
  await ok(person.post(`/api/wallet/topups/${top_up.id}/cancel`));
  await captured(payment_order, `late_${top_up.id}`);
  await until(
    () => moneyOf(place, top_up.id),
    (money) => Object.keys(money).length === 0,
  );
  expect(await have(person, 'TOKEN')).toBe('100');
});

test('amounts that are none are one clear error each, and open nothing', async () => {
  const person = await register(place.url, ['viewer']);
  for (const amount of [0, -5, '1.5', 'many', '1e9', 1e21, null]) {
    const { status, body } = await person.post('/api/wallet/topup', { amount });
    expect([status, body.error_code, body.details.fields?.length], String(amount)).toEqual([
      400,
      'VALIDATION_FAILED',
      1,
    ]);
  }
  // Points are earned, and coins are for sale at providers that know them.
  for (const asset of ['LYK', 'BTC']) {
    expect((await person.post('/api/wallet/topup', { amount: 5, asset })).status, asset).toBe(400);
  }
  expect(await ok(person.get('/api/wallet/topups'))).toEqual([]);
});

describeEndings(
  {
    kind: 'topUp',
    silences: [{ state: 'open', lastsMs: 86_400_000, end: 'closed' }],
    async bring(at) {
      const person = await register(at.url, ['viewer']);
      return (await ok(person.post('/api/wallet/topup', { amount: 7 }))).top_up.id;
    },
    async expectEnd(at, id) {
      expect(await moneyOf(at, id)).toEqual({});
    },
  },
  () => place,
);

const orders = new Map<string, Json>();
const DAY_MS = 86_400_000;

describeCrashes(
  {
    kind: 'topUp',
    async bring(at, within) {
      const person = await register(at.url, ['viewer']);
      if (within !== undefined) at.clock.offsetMs = (durationMs(within) ?? 0) - DAY_MS;
      try {
        const { top_up, payment_order } = await ok(person.post('/api/wallet/topup', { amount: 7 }));
        orders.set(top_up.id, payment_order);
        return top_up.id;
      } finally {
        if (within !== undefined) at.clock.offsetMs = 0;
      }
    },
    give: async (_, id) => (await captured(orders.get(id), `pay_${id}`)).status === 200,
    ends: { given: 'paid', silent: 'closed' },
    async expectSettled(at, id, how) {
      await untilSettled(at, id);
      // Tokens are ours to give: the rupees that paid for them are spent.
      expect(await moneyOf(at, id)).toEqual(
        how === 'silent' ? {} : expect.objectContaining({ external: -700n, spent: 700n }),
      );
    },
  },
  () => place,
);

test('one that is rehearsed says what would be paid, and opens nothing', async () => {
  const person = await register(place.url, ['viewer']);
  const asked = { amount: 500, asset: 'TOKEN' };
  const rehearsed = await ok(person.post('/api/wallet/topup', { ...asked, dry_run: true }));
  expect(await ok(person.get('/api/wallet/topups'))).toEqual([]);
  const real = await ok(person.post('/api/wallet/topup', asked));
  const { id, deadline, ...same } = real.top_up;
  expect(rehearsed.top_up).toMatchObject({ ...same, id: null });
  expect([typeof id, typeof deadline, rehearsed.payment_order]).toEqual(['string', 'string', null]);
});

test('credits that are bought are told of once, to their buyer and to other services, however often it was paid', async () => {
  const person = await register(place.url, ['viewer']);
  const { top_up, payment_order } = await ok(person.post('/api/credits/purchase', { amount: 40 }));
  expect(top_up).toMatchObject({ asset: 'CREDIT', amount: '40', price: '40.00', currency: 'INR' });
  for (const _ of [1, 2, 3]) await captured(payment_order, `pay_${top_up.id}`);
  await until(
    () => have(person, 'CREDIT'),
    (balance) => balance === '40',
  );
  const told = await until(
    async () =>
      ((await ok(person.get('/api/events?after=0&limit=100'))) as Json[]).filter(
        ({ name, event }) => (name ?? event) === 'credit_purchase',
      ),
    (events) => events.length > 0,
  );
  const event = { type: 'credit_purchase', userId: person.id, amount: 40, paymentId: top_up.id };
  expect(told.map(({ data }) => data)).toMatchObject([event]);
  const published = await place.pool.any(sql.type(z.object({ routing_key: z.string(), event: z.unknown() }))`
    SELECT routing_key, event FROM publications WHERE about = ${`profile/${person.id}`}
  `);
  expect(published).toMatchObject([{ routing_key: 'credit.event', event }]);
  const none = await person.post('/api/credits/purchase', { amount: 0 });
  expect([none.status, none.body.error_code]).toEqual([400, 'VALIDATION_FAILED']);
});
