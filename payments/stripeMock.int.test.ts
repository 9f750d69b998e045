import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { minor } from '#workflows/money.ts';
import type { PaymentProvider } from './provider.ts';
import { stripeProvider } from './stripe.ts';
import { type StripeAccess, stripeCalls } from './stripeClient.ts';
import { stripeKyc } from './stripeKyc.ts';
import { stripePayouts } from './stripePayouts.ts';
import { type Asked, type RunningServer, readAsked, startServer } from './testing/server.ts';
import { BUILD_MS, type StripeMock, startStripeMock } from './testing/stripeMock.ts';

/** What was asked of stripe-mock on the way, and what it said. */
type Exchange = { asked: Asked; status: number; answer: string };

let mock: StripeMock;
let recorder: RunningServer;
let access: StripeAccess;
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
  access = { secretKey: 'sk_test_123', baseUrl: recorder.url, timeoutMs: 10_000 };
  provider = stripeProvider({ ...access, webhookSecrets: ['whsec_1'], returnUrl: 'http://127.0.0.1:3000/' });
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
  expect(lines(order)[0]).toBe('GET /v1/checkout/sessions/cs_test_123 200');
  for (const { asked, status } of order.slice(1)) expect([asked.path, status]).toEqual(['/v1/charges', 200]);
});

/** A list's first page. */
const first = async (rows: AsyncIterable<unknown>) => {
  for await (const row of rows) return row;
};

test('it takes our questions about what was made since an instant', async () => {
  const since = new Date(Date.now() - 60_000);
  const payouts = stripePayouts(access);
  const all = await exchanged(async () => {
    await first(provider.listPayments(since)).catch(() => {});
    await first(provider.listRefunds(since)).catch(() => {});
    await first(provider.listDisputes(since)).catch(() => {});
    await first(payouts.listPayouts(since));
  });
  expect(lines(all)).toEqual([
    'GET /v1/payment_intents 200',
    'GET /v1/refunds 200',
    'GET /v1/disputes 200',
    'GET /v1/transfers 200',
  ]);
  for (const { asked } of all) expect(asked.query.get('created[gte]')).toMatch(/^\d+$/);
});

test('it takes evidence for a dispute: the file, and what names it', async () => {
  const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47]);
  const files = [{ name: 'delivered.png', mediaType: 'image/png' as const, bytes }];
  const evidence = { key: 'the_key_of_evidence', disputeId: 'du_123456789', text: 'It was delivered.', files };
  const all = await exchanged(() => provider.submitEvidence(evidence));
  // Its sample of a file has no place to send the evidence on to: only what was sent is judged.
  expect(lines(all).slice(0, 2)).toEqual(['GET /v1/disputes/du_123456789 200', 'POST /v1/files 200']);
  expect(lines(all)[2]).toBe('POST /v1/disputes/du_123456789 200');
});

test('it takes our payouts, what takes them back, and our questions about them', async () => {
  const payouts = stripePayouts(access);
  const payout = {
    key: 'the_key_of_a_payout',
    amount: minor(1n),
    currency: 'USD',
    destinationId: 'd',
    destination: { kind: 'stripe', account: 'acct_123456789' } as const,
    reference: 'our_payout',
    narration: 'Three reels',
  };
  // The sample list has a transfer, of another amount: so nothing is made.
  const asked = await exchanged(() => payouts.createPayout(payout));
  expect(lines(asked)[0]).toBe('GET /v1/transfers 200');
  expect(asked[0]?.asked.query.get('transfer_group')).toBe('our_payout');
  const more = await exchanged(async () => {
    await payouts.findPayout({ reference: 'our_payout', payoutId: 'tr_123456789' });
    await payouts.cancelPayout({ key: 'the_key_of_a_cancel', reference: 'our_payout', payoutId: 'tr_123456789' });
    await payouts.balance('USD');
    await payouts.checkDestination({ id: 'd', destination: payout.destination, checkId: null });
  });
  for (const line of lines(more)) expect(line).toMatch(/ 200$/);
  expect(new Set(more.map(({ asked: { path } }) => path)).size).toBeGreaterThanOrEqual(3);
});

test('it takes the transfer itself, with what we send in it', async () => {
  const { client } = stripeCalls(access);
  const all = await exchanged(() =>
    client.transfers.create(
      {
        amount: 100,
        currency: 'usd',
        destination: 'acct_123456789',
        transfer_group: 'our_payout',
        description: 'Three reels',
        metadata: { payout: 'our_payout' },
      },
      { idempotencyKey: 'the_key_of_a_payout' },
    ),
  );
  expect(lines(all)).toEqual(['POST /v1/transfers 200']);
});

test('it takes a payee whom we send to its pages', async () => {
  const kyc = stripeKyc(access);
  const all = await exchanged(() =>
    kyc.start({
      key: 'the_key_of_a_payee',
      reference: 'our_account',
      accountId: null,
      name: 'Asha Rao',
      email: 'asha@example.com',
      country: 'US',
      returnUrl: 'http://127.0.0.1:3000/payouts',
    }),
  );
  expect(lines(all)[0]).toBe('POST /v1/accounts 200');
  for (const line of lines(all)) expect(line).toMatch(/ 200$/);
  expect((await kyc.status('acct_123456789')).currently_due).toEqual(expect.any(Array));
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
