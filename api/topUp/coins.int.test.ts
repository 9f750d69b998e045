import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { bookWaitingFacts } from '#db/payment/bookings.ts';
import { listOpenPromises } from '#db/process/processes.ts';
import { carryPromise } from '#db/process/promises.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { startCoinbaseServer } from '#payments/testing/coinbaseServer.ts';
import { startReceiver } from '#payments/testing/receiver.ts';
import { expectOrder, type Json, newTalker, ok, refused, type Talker } from '../talk/testing/people.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

// Coins are paid in by Coinbase Commerce: an order in the coin itself, its webhook, and the coin in the wallet.

let api: TestApp;
let coinbase: Awaited<ReturnType<typeof startCoinbaseServer>>;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let asha: Talker;

beforeAll(async () => {
  coinbase = await startCoinbaseServer({ apiKey: 'known', webhookSecret: 'a secret' });
  receiver = await startReceiver();
  coinbase.webhookUrl = receiver.url;
  const databaseUrl = await createTestDatabase();
  const env = {
    PAYMENT_PROVIDER: 'coinbase',
    COINBASE_API_KEY: 'known',
    COINBASE_WEBHOOK_SECRET: 'a secret',
    COINBASE_BASE_URL: coinbase.url,
  };
  api = await startTestApp({ databaseUrl, env });
  asha = await newTalker(api, 'asha', ['viewer']);
});
afterAll(async () => {
  await Promise.all([api?.close(), coinbase?.close(), receiver?.close()]);
});
afterEach(() => expectOrder(api));

/** What was paid comes to us as Coinbase tells it, is booked, and what it bought is given. */
async function arrives(topUpId: string, type: string): Promise<void> {
  const { rawBody, headers } = await receiver.next(type);
  const told = await api.app.inject({ method: 'POST', url: '/api/webhooks/coinbase', headers, payload: rawBody });
  expect(told.statusCode).toBe(200);
  const { pool, now, config } = api.deps;
  const origin = { now: now().toISOString(), systemUserId: config.SYSTEM_USER_ID, correlationId: null };
  await bookWaitingFacts(pool, topUpId, origin);
  for (const { id } of await listOpenPromises(pool, topUpId)) await carryPromise(pool, topUpId, id, origin);
}

const have = async (asset: string): Promise<string | undefined> =>
  (await ok(asha.get(`/api/wallet/${asha.id}/balance`))).balances.find((each: Json) => each.asset === asset)?.available;

test.each([
  ['BTC', '0.01234567', '0.01234567'],
  ['ETH', '1.5', '1.50000000'],
])(
  '%s is paid in by an order in it, and is in the wallet to its last digit once it is confirmed',
  async (asset, amount, then) => {
    const { top_up, payment_order } = await ok(asha.post('/api/wallet/topup', { amount, asset }));
    expect(top_up).toMatchObject({ status: 'open', asset, amount: then, price: then, currency: asset });
    expect(payment_order).toMatchObject({ provider: 'coinbase', currency: asset });
    expect(payment_order.checkout_url).toContain('coinbase');
    await coinbase.detect(payment_order.order_id, { coin: { amount, currency: asset } });
    await arrives(top_up.id, 'charge:pending');
    expect(await have(asset)).toBeUndefined();
    await coinbase.confirm(payment_order.order_id);
    await arrives(top_up.id, 'charge:confirmed');
    expect(await have(asset)).toBe(then);
    expect((await ok(asha.get(`/api/wallet/topups/${top_up.id}`))).top_up.status).toBe('paid');
  },
);

test('a coin that is not taken, and less of one than is, are refused by name', async () => {
  for (const [body, field] of [
    [{ amount: '5', asset: 'USDT' }, 'asset'],
    [{ amount: '0.00000001', asset: 'BTC' }, 'amount'],
    [{ amount: '0.123456789', asset: 'BTC' }, 'amount'],
  ] as const) {
    const { details } = await refused(asha.post('/api/wallet/topup', body), 400, 'VALIDATION_FAILED');
    expect(details.fields[0].field).toBe(field);
  }
});
