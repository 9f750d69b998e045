import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { minor } from '#workflows/money.ts';
import { coinbaseProvider } from './coinbase.ts';
import { startCoinbaseServer } from './testing/coinbaseServer.ts';
import { describeContract, type ProviderWorld, TIMEOUT_MS } from './testing/contract.ts';
import { startReceiver } from './testing/receiver.ts';
import { startUnreliableLine } from './testing/unreliableLine.ts';

const secrets: [string, string] = ['the newest secret', 'the one before'];
const apiKey = 'known';

/** A number of cents as Coinbase writes it; anything else as it is. */
const written = (amount: unknown) =>
  typeof amount === 'number' && Number.isSafeInteger(amount) && amount >= 0
    ? `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, '0')}`
    : amount;

async function openWorld() {
  const receiver = await startReceiver();
  const server = await startCoinbaseServer({ apiKey, webhookSecret: secrets[0] });
  server.webhookUrl = receiver.url;
  const line = await startUnreliableLine(server.url);
  const settings = {
    apiKey,
    webhookSecrets: secrets,
    baseUrl: line.url,
    returnUrl: 'http://127.0.0.1:3000/',
    timeoutMs: TIMEOUT_MS,
  };
  const world: ProviderWorld = {
    provider: coinbaseProvider(settings),
    stranger: coinbaseProvider({ ...settings, apiKey: 'guessed' }),
    secrets,
    line,
    receiver,
    pay: async (orderId) => {
      await server.detect(orderId);
      // As if only the confirmation had come: what is pending is tested below.
      await receiver.next(orderId);
      await server.confirm(orderId);
    },
    decline: async () => {},
    payLater: (orderId) => server.detect(orderId),
    chargeBack: async () => {},
    endChargeBack: async () => {},
    failingPayment: async () => '',
    forgetKeys: () => {},
    ordersOf: async (reference) =>
      [...server.charges.values()]
        .filter((charge) => charge.metadata.order === reference)
        .map(({ pricing: { local } }) => ({
          amount: local.amount.replace('.', '').replace(/^0+/, ''),
          currency: local.currency,
        })),
    refundsOf: async () => [],
    captureText: ({ paymentId, orderId, amount, occurred }) => {
      const time = new Date(occurred * 1000).toISOString();
      const price = { amount: written(amount), currency: 'USD' };
      const data = {
        id: orderId,
        code: 'V93JF0CF',
        created_at: time,
        pricing: { local: price },
        timeline: [{ status: 'COMPLETED', time }],
        payments: [
          {
            transaction_id: paymentId,
            status: 'CONFIRMED',
            detected_at: time,
            value: { local: price, crypto: { amount: '0.1', currency: 'ETH' } },
          },
        ],
      };
      return JSON.stringify({ id: 1, event: { id: 'evt_1', type: 'charge:confirmed', created_at: time, data } });
    },
    otherEvent: {
      type: 'invoice:created',
      text: (occurred) =>
        JSON.stringify({
          event: {
            id: 'evt_1',
            type: 'invoice:created',
            created_at: new Date(occurred * 1000).toISOString(),
            data: {},
          },
        }),
    },
    seal: (text, { secret }) => ({
      rawBody: Buffer.from(text),
      headers: { 'x-cc-webhook-signature': createHmac('sha256', secret).update(text).digest('hex') },
    }),
    signatureHeader: 'x-cc-webhook-signature',
    window: { past: 7 * 24 * 3600, future: 300 },
    bringsReference: true,
    currency: 'USD',
    notAmounts: [1.5, -1, '12.505', '1e3', '-1.00', 'much', {}, [], true, 1e21, 2 ** 53, '10000000000000000'],
    async close() {
      await Promise.all([line.close(), server.close(), receiver.close()]);
    },
  };
  return { world, server };
}

describeContract('coinbase', async () => (await openWorld()).world, ['declines', 'refunds', 'disputes', 'pages']);

const order = {
  id: '0197a5c0-0000-7000-8000-000000000001',
  amount: minor(10_000n),
  currency: 'USD',
  description: 'A top-up',
  expiresAt: null,
};

test('a transaction is pending when it is seen and captured when it is confirmed, with all digits of its coin', async () => {
  const { world, server } = await openWorld();
  const { providerOrderId, checkoutUrl, expiresAt } = await world.provider.createOrder(order);
  expect(checkoutUrl).toContain('commerce.coinbase.com');
  expect(Date.parse(expiresAt ?? '')).toBeGreaterThan(Date.now());
  // The rate moved: what came is worth a little less by now, and Coinbase calls it paid.
  const paymentId = await server.detect(providerOrderId, { local: '99.87' });
  const paid = { amount: '1.234567890123456789', currency: 'ETH' };
  const told = async (type: string) => {
    const { rawBody, headers } = await world.receiver.next(type);
    return (await world.provider.verifyWebhook(rawBody, headers, new Date())).facts;
  };
  expect(await told('charge:pending')).toMatchObject([{ kind: 'pending', paymentId, amount: '9987', paid }]);
  expect((await world.provider.findOrder(providerOrderId)).status).toBe('open');
  await server.confirm(providerOrderId);
  expect(await told('charge:confirmed')).toMatchObject([
    {
      kind: 'captured',
      paymentId,
      orderId: providerOrderId,
      reference: order.id,
      amount: '10000',
      currency: 'USD',
      paid,
    },
  ]);
  expect((await world.provider.findOrder(providerOrderId)).status).toBe('paid');
  await world.close();
});

test('what does not settle a charge counts for what it is worth, rounded down to the cent', async () => {
  const { world, server } = await openWorld();
  const { providerOrderId } = await world.provider.createOrder(order);
  const one = await server.detect(providerOrderId, { local: '60.009999' });
  const other = await server.detect(providerOrderId, { local: '12.5' });
  await server.confirm(providerOrderId, 'UNDERPAID');
  const { rawBody, headers } = await world.receiver.next('charge:failed');
  const { facts } = await world.provider.verifyWebhook(rawBody, headers, new Date());
  expect(facts).toMatchObject([
    { kind: 'captured', paymentId: one, amount: '6000', currency: 'USD' },
    { kind: 'captured', paymentId: other, amount: '1250', currency: 'USD' },
  ]);
  await world.close();
});

test('a top-up priced in a coin is captured in that coin, to its eighth decimal', async () => {
  const { world, server } = await openWorld();
  const { providerOrderId } = await world.provider.createOrder({
    ...order,
    amount: minor(1_234_567n),
    currency: 'BTC',
  });
  expect(server.charges.get(providerOrderId)?.pricing.local).toEqual({ amount: '0.01234567', currency: 'BTC' });
  await server.detect(providerOrderId, { coin: { amount: '0.01234567', currency: 'BTC' } });
  await server.confirm(providerOrderId, 'DELAYED');
  expect((await world.provider.findOrder(providerOrderId)).payments).toMatchObject([
    { kind: 'captured', amount: '1234567', currency: 'BTC', paid: { amount: '0.01234567', currency: 'BTC' } },
  ]);
  await world.close();
});

test('a charge that nobody paid in time is a failed order, with no payment', async () => {
  const { world, server } = await openWorld();
  const { providerOrderId } = await world.provider.createOrder(order);
  await server.expire(providerOrderId);
  const { rawBody, headers } = await world.receiver.next('charge:failed');
  expect((await world.provider.verifyWebhook(rawBody, headers, new Date())).facts).toMatchObject([
    { kind: 'failed', paymentId: null, orderId: providerOrderId, amount: '10000' },
  ]);
  expect(await world.provider.findOrder(providerOrderId)).toEqual({ status: 'expired', payments: [] });
  await world.close();
});

test('a refund is refused as impossible, and a charge made long ago is found by the page it is on', async () => {
  const { world } = await openWorld();
  const first = await world.provider.createOrder(order);
  const refund = {
    key: 'a_key_of_ours',
    paymentId: '0x1',
    providerOrderId: null,
    amount: minor(100n),
    currency: 'USD',
  };
  await expect(world.provider.refund({ ...refund, reason: 'x' })).rejects.toMatchObject({
    code: 'REFUNDS_NOT_POSSIBLE',
  });
  for (let at = 0; at < 120; at++) await world.provider.createOrder({ ...order, id: `order_number_${at}` });
  expect((await world.provider.createOrder(order)).providerOrderId).toBe(first.providerOrderId);
  await world.close();
});
