import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { minor } from '#workflows/money.ts';
import type { PaymentProvider } from './provider.ts';
import { stripeProvider } from './stripe.ts';
import { type Asked, type RunningServer, readAsked, startServer } from './testing/server.ts';
import { BUILD_MS, type StripeMock, startStripeMock } from './testing/stripeMock.ts';

/** What was asked of stripe-mock on the way, and what it said. */
type Exchange = { asked: Asked; status: number; answer: string };

let mock: StripeMock;
let recorder: RunningServer;
let provider: PaymentProvider;
const exchanges: Exchange[] = [];

beforeAll(async () => {
  mock = await startStripeMock();
  recorder = await startServer(async (request, response) => {
    const asked = await readAsked(request);
    const { host: _host, connection: _connection, ...headers } = asked.headers;
    const given = await fetch(mock.url + request.url, {
      method: asked.method,
      headers: headers as Record<string, string>,
      body: asked.method === 'POST' ? new Uint8Array(asked.body) : null,
    });
    const answer = await given.text();
    exchanges.push({ asked, status: given.status, answer });
    response.writeHead(given.status, { 'content-type': 'application/json' }).end(answer);
  });
  provider = stripeProvider({
    secretKey: 'sk_test_123',
    webhookSecrets: ['whsec_1'],
    baseUrl: recorder.url,
    returnUrl: 'http://127.0.0.1:3000/',
    timeoutMs: 10_000,
  });
}, BUILD_MS);

afterAll(async () => {
  await recorder?.close();
  await mock?.stop();
});

/** Makes a call and returns what was asked for it; its answer is a sample, and what the adapter makes of it is not judged. */
async function exchanged(call: () => Promise<unknown>): Promise<Exchange[]> {
  exchanges.length = 0;
  await call().catch(() => {});
  return [...exchanges];
}

const lines = (all: Exchange[]) => all.map(({ asked, status }) => `${asked.method} ${asked.path} ${status}`);

test('Stripe’s own description of its API takes the order we make', async () => {
  const all = await exchanged(() =>
    provider.createOrder({
      id: randomUUID(),
      amount: minor(500_050n),
      currency: 'INR',
      description: 'Three reels',
      customer: { email: 'brand@example.com' },
      expiresAt: new Date(Date.now() + 3600_000).toISOString(),
      successUrl: 'http://127.0.0.1:3000/paid',
      cancelUrl: 'http://127.0.0.1:3000/deal',
    }),
  );
  expect(lines(all)).toEqual(['POST /v1/checkout/sessions 200']);
  const form = new URLSearchParams(all[0]?.asked.body.toString());
  expect(form.get('line_items[0][price_data][unit_amount]')).toBe('500050');
});

test('it takes the refund we ask for and the look-up before it', async () => {
  const refund = {
    key: `${randomUUID()}_refund`,
    paymentId: 'pi_123456789',
    providerOrderId: 'cs_test_1',
    amount: minor(500_050n),
    currency: 'INR',
    reason: 'The deal was called off.',
  };
  const all = await exchanged(() => provider.refund(refund));
  expect(lines(all)).toEqual(['GET /v1/refunds 200', 'POST /v1/refunds 200']);
  expect(all[1]?.asked.headers['idempotency-key']).toBe(refund.key);
});

test('it takes our questions about a refund and an order', async () => {
  const refund = { key: 'some_key_of_ours', paymentId: 'pi_123456789' };
  const byId = await exchanged(() => provider.findRefund({ ...refund, refundId: 're_123456789' }));
  expect(lines(byId)).toEqual(['GET /v1/refunds/re_123456789 200']);
  const byKey = await exchanged(() => provider.findRefund({ ...refund, refundId: null }));
  expect(lines(byKey)).toEqual(['GET /v1/refunds 200']);
  const order = await exchanged(() => provider.findOrder('cs_test_123'));
  expect(lines(order)).toEqual(['GET /v1/checkout/sessions/cs_test_123 200']);
});

test('what its sample answers hold is what the adapter reads', async () => {
  const made = await provider.createOrder({
    id: randomUUID(),
    amount: minor(100n),
    currency: 'USD',
    description: 'One reel',
    expiresAt: null,
  });
  expect(made.providerOrderId).toMatch(/^cs_/);
  expect(Date.parse(made.expiresAt ?? '')).toBeGreaterThan(0);
  const { paymentId, ...refund } = { paymentId: 'pi_123456789', key: 'some_key_of_ours', refundId: 're_123456789' };
  expect(await provider.findRefund({ ...refund, paymentId })).toMatchObject({ refundId: 're_123456789' });
  expect((await provider.findOrder(made.providerOrderId)).status).toMatch(/^(open|paid|expired)$/);
});

test('it does refuse what Stripe does not know, so that the above means something', async () => {
  const response = await fetch(`${mock.url}/v1/checkout/sessions`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_test_123', 'content-type': 'application/x-www-form-urlencoded' },
    body: 'mode=payment&price_of_everything=1',
  });
  expect(response.status).toBe(400);
});
