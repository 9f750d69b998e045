import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { minor } from '#workflows/money.ts';
import { type FlutterwaveSignature, flutterwaveProvider } from './flutterwave.ts';
import { ProviderUnavailable, WebhookRejected } from './provider.ts';
import { describeContract, type ProviderWorld, TIMEOUT_MS } from './testing/contract.ts';
import { startFlutterwaveServer } from './testing/flutterwaveServer.ts';
import { startReceiver } from './testing/receiver.ts';
import { startUnreliableLine } from './testing/unreliableLine.ts';

const secrets: [string, string] = ['the newest hash', 'the one before'];
const secretKey = 'FLWSECK_TEST-known';

/** A number of minor units as Flutterwave writes it. */
const major = (amount: unknown) =>
  `${Math.floor(Number(amount) / 100)}.${String(Number(amount) % 100).padStart(2, '0')}`;

async function openWorld(signature: FlutterwaveSignature = 'verif-hash') {
  const receiver = await startReceiver();
  const server = await startFlutterwaveServer({ secretKey, secretHash: secrets[0] });
  server.webhookUrl = receiver.url;
  const line = await startUnreliableLine(server.url);
  const settings = {
    secretKey,
    webhookSecrets: secrets,
    signature,
    baseUrl: line.url,
    returnUrl: 'http://127.0.0.1:3000/',
    timeoutMs: TIMEOUT_MS,
  };
  const world: ProviderWorld = {
    provider: flutterwaveProvider(settings),
    stranger: flutterwaveProvider({ ...settings, secretKey: 'guessed' }),
    secrets,
    line,
    receiver,
    pay: (orderId) => server.pay(orderId),
    decline: (orderId) => server.pay(orderId, 'failed'),
    payLater: (orderId) => server.pay(orderId, 'pending'),
    async payOften(orderId, times) {
      for (let at = 0; at < times; at++) await server.pay(orderId);
    },
    chargeBack: async () => {},
    endChargeBack: async () => {},
    async failingPayment(orderId) {
      const paymentId = await server.pay(orderId);
      server.failRefundsOf(paymentId);
      return paymentId;
    },
    forgetKeys: () => {},
    ordersOf: async (reference) => {
      const page = server.pages.get(reference);
      return page ? [{ amount: page.amount.replace('.', ''), currency: page.currency }] : [];
    },
    refundsOf: async (paymentId) => [...server.refunds.values()].filter((refund) => String(refund.tx_id) === paymentId),
    captureText({ paymentId, orderId, amount, occurred }) {
      const transaction = {
        id: paymentId,
        tx_ref: orderId,
        flw_ref: 'FLW-MOCK-1',
        amount: { raw: major(amount) },
        currency: 'INR',
        status: 'successful',
        processor_response: 'Approved',
        created_at: new Date(occurred * 1000).toISOString(),
      };
      server.transactions.set(paymentId, transaction);
      return JSON.stringify({ event: 'charge.completed', data: { ...transaction, amount: Number(amount) / 100 } });
    },
    otherEvent: {
      type: 'transfer.completed',
      text: () => JSON.stringify({ event: 'transfer.completed', data: { id: 1, status: 'SUCCESSFUL' } }),
    },
    seal: (text, { secret }) => ({
      rawBody: Buffer.from(text),
      headers:
        signature === 'verif-hash'
          ? { 'verif-hash': secret }
          : {
              'flutterwave-signature':
                signature === 'hmac' ? createHmac('sha256', secret).update(text).digest('base64') : secret,
            },
    }),
    signatureHeader: signature === 'verif-hash' ? 'verif-hash' : 'flutterwave-signature',
    window: { past: 0, future: 0 },
    bringsReference: true,
    async close() {
      await Promise.all([line.close(), server.close(), receiver.close()]);
    },
  };
  return { world, server };
}

describeContract('flutterwave', async () => (await openWorld()).world, [
  'unpaid_orders',
  'order_lists',
  'disputes',
  'signed_bodies',
]);

const now = new Date();
const newOrder = (id: string) => ({
  id,
  amount: minor(500_050n),
  currency: 'INR',
  description: 'One reel',
  expiresAt: null,
});

test('nothing in a delivery is believed: what it names is asked about, and the answer is the fact', async () => {
  const { world, server } = await openWorld();
  const { providerOrderId } = await world.provider.createOrder(newOrder('order_of_ours'));
  const id = await server.pay(providerOrderId, 'failed');
  const lie = { id: Number(id), tx_ref: 'another_order', amount: 1_000_000, currency: 'USD', status: 'successful' };
  const sealed = world.seal(JSON.stringify({ event: 'charge.completed', data: lie }), {
    secret: secrets[0],
    at: now,
    eventId: '',
  });
  const { facts } = await world.provider.verifyWebhook(sealed.rawBody, sealed.headers, now);
  expect(facts).toMatchObject([
    { kind: 'failed', paymentId: id, orderId: 'order_of_ours', amount: '500050', currency: 'INR' },
  ]);
  await world.close();
});

test('a delivery about a transaction that Flutterwave does not know has no fact', async () => {
  const { world } = await openWorld();
  const text = JSON.stringify({ event: 'charge.completed', data: { id: 1, status: 'successful' } });
  const sealed = world.seal(text, { secret: secrets[0], at: now, eventId: '' });
  expect(await world.provider.verifyWebhook(sealed.rawBody, sealed.headers, now)).toEqual({
    eventId: 'charge.completed_1_successful',
    type: 'charge.completed',
    facts: [],
  });
  await world.close();
});

test('a delivery that was early brings the capture when it is repeated: its id says what was heard', async () => {
  const { world, server } = await openWorld();
  const { providerOrderId } = await world.provider.createOrder(newOrder('order_of_ours'));
  await server.pay(providerOrderId);
  const { rawBody, headers } = await world.receiver.next('charge.completed');
  const [paid] = server.transactions.values();
  if (paid) paid.status = 'pending';
  const early = await world.provider.verifyWebhook(rawBody, headers, now);
  if (paid) paid.status = 'successful';
  const late = await world.provider.verifyWebhook(rawBody, headers, now);
  expect([early.facts[0]?.kind, late.facts[0]?.kind]).toEqual(['pending', 'captured']);
  expect(late.eventId).not.toBe(early.eventId);
  expect((await world.provider.verifyWebhook(rawBody, headers, now)).eventId).toBe(late.eventId);
  await world.close();
});

test('a delivery that cannot be asked about in time is to be delivered again', async () => {
  const { world, server } = await openWorld();
  const { providerOrderId } = await world.provider.createOrder(newOrder('order_of_ours'));
  await server.pay(providerOrderId);
  const { rawBody, headers } = await world.receiver.next('charge.completed');
  world.line.trouble({ kind: 'silence' });
  const began = Date.now();
  await expect(world.provider.verifyWebhook(rawBody, headers, now)).rejects.toThrow(ProviderUnavailable);
  expect(Date.now() - began).toBeLessThan(1_000);
  world.line.calm();
  expect((await world.provider.verifyWebhook(rawBody, headers, now)).facts).toMatchObject([{ kind: 'captured' }]);
  await world.close();
});

test('an amount is read as it is written, to the last digit, and never as a float', async () => {
  const { world, server } = await openWorld();
  for (const [raw, units] of [
    ['0.1', '10'],
    ['1.15', '115'],
    ['4503599627370.49', '450359962737049'],
    ['9999999999999.99', '999999999999999'],
    ['5000.500', '500050'],
  ]) {
    world.captureText({ paymentId: '77', orderId: 'an_order', amount: 100, occurred: 1_900_000_000 });
    const paid = server.transactions.get('77');
    if (paid) paid.amount = { raw };
    const { payments } = await world.provider.findOrder('an_order');
    expect(payments).toMatchObject([{ amount: units }]);
  }
  const paid = server.transactions.get('77');
  if (paid) paid.amount = { raw: '1.005' };
  await expect(world.provider.findOrder('an_order')).rejects.toThrow(ProviderUnavailable);
  await world.close();
});

test.each(['hmac', 'equal'] as const)(
  'a delivery of v4 is known by its signature (%s) or refused',
  async (signature) => {
    const { world, server } = await openWorld(signature);
    const { providerOrderId } = await world.provider.createOrder(newOrder('order_of_ours'));
    const id = await server.pay(providerOrderId);
    const text = JSON.stringify({ type: 'charge.completed', data: { id: Number(id), status: 'succeeded' } });
    for (const secret of secrets) {
      const { rawBody, headers } = world.seal(text, { secret, at: now, eventId: '' });
      expect((await world.provider.verifyWebhook(rawBody, headers, now)).facts).toMatchObject([{ kind: 'captured' }]);
    }
    const { rawBody, headers } = world.seal(text, { secret: 'guessed', at: now, eventId: '' });
    await expect(world.provider.verifyWebhook(rawBody, headers, now)).rejects.toThrow(WebhookRejected);
    await expect(world.provider.verifyWebhook(rawBody, { 'verif-hash': secrets[0] }, now)).rejects.toThrow(
      WebhookRejected,
    );
    await world.close();
  },
);

test('charge-backs are read from its list, with their outcome', async () => {
  const { world, server } = await openWorld();
  const { providerOrderId } = await world.provider.createOrder(newOrder('order_of_ours'));
  const id = await server.pay(providerOrderId);
  const open = server.chargeBack(id, 'initiated');
  const lost = server.chargeBack(id, 'lost');
  const listed = [];
  for await (const fact of world.provider.listDisputes(new Date(Date.now() - 60_000))) listed.push(fact);
  expect(listed.toSorted((a, b) => Number(a.disputeId) - Number(b.disputeId))).toMatchObject([
    { kind: 'charge_back_opened', disputeId: String(open), outcome: null, paymentId: id, amount: '500050' },
    { kind: 'charge_back_closed', disputeId: String(lost), outcome: 'lost', paymentId: id },
  ]);
  expect(await world.provider.findDispute(String(open))).toMatchObject({ disputeId: String(open), state: 'open' });
  await expect(world.provider.findDispute('1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await world.close();
});
