import { expect, test } from 'vitest';
import { minor } from '#workflows/money.ts';
import { paypalProvider } from './paypal.ts';
import { ProviderRefused, ProviderUnavailable, WebhookRejected } from './provider.ts';
import { makeCertificate } from './testing/certificate.ts';
import { describeContract, type ProviderWorld, TIMEOUT_MS } from './testing/contract.ts';
import { sealPaypal, startPaypalServer, VALID_FROM, VALID_TO } from './testing/paypalServer.ts';
import { startReceiver } from './testing/receiver.ts';
import { startServer } from './testing/server.ts';
import { startUnreliableLine } from './testing/unreliableLine.ts';

const webhookIds: [string, string] = ['8PT597110X687430L', '1JE4291016473214C'];
const keys = { clientId: 'client', clientSecret: 'very secret' };

/** A number of cents as PayPal writes it; anything else as it is. */
const written = (amount: unknown) =>
  typeof amount === 'number' && Number.isSafeInteger(amount) && amount >= 0
    ? `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, '0')}`
    : amount;

async function openWorld() {
  const receiver = await startReceiver();
  const server = await startPaypalServer({ ...keys, webhookId: webhookIds[0] });
  server.webhookUrl = receiver.url;
  const line = await startUnreliableLine(server.url);
  const settings = {
    ...keys,
    webhookIds,
    baseUrl: line.url,
    returnUrl: 'http://127.0.0.1:3000/',
    timeoutMs: TIMEOUT_MS,
  };
  // Through the line the certificate is at its address, not at the server's.
  const certificateUrl = `${line.url}/v1/notifications/certs/CERT-360caa42`;
  const provider = paypalProvider(settings);
  const verifyWebhook: typeof provider.verifyWebhook = (rawBody, headers, now) =>
    provider.verifyWebhook(rawBody, { ...headers, ...moved(headers, line.url) }, now);
  const world: ProviderWorld = {
    provider: { ...provider, verifyWebhook },
    stranger: paypalProvider({ ...settings, clientSecret: 'guessed' }),
    secrets: webhookIds,
    line,
    receiver,
    pay: server.approve,
    decline: server.decline,
    payLater: async (orderId) => server.approvePending(orderId),
    chargeBack: (paymentId) => server.dispute(paymentId),
    endChargeBack: ({ disputeId }, outcome) =>
      server.endDispute(disputeId, outcome === 'won' ? 'RESOLVED_SELLER_FAVOUR' : 'RESOLVED_BUYER_FAVOUR'),
    evidenceOf: (disputeId) => server.disputes.get(disputeId)?.handed ?? [],
    async failingPayment(orderId) {
      await server.approve(orderId);
      const { payments } = await provider.findOrder(orderId);
      const paymentId = payments[0]?.paymentId ?? '';
      server.failRefundsOf(paymentId);
      return paymentId;
    },
    forgetKeys: server.forgetKeys,
    ordersOf: async (reference) =>
      [...server.orders.values()]
        .filter((order) => order.custom_id === reference)
        .map(({ amount }) => ({
          amount: amount.value.replace('.', '').replace(/^0+/, ''),
          currency: amount.currency_code,
        })),
    refundsOf: async (paymentId) => [...server.refunds.values()].filter(({ capture }) => capture === paymentId),
    captureText: ({ paymentId, orderId, amount, occurred }) =>
      JSON.stringify({
        id: 'WH-1',
        create_time: new Date(occurred * 1000).toISOString(),
        resource_type: 'capture',
        event_type: 'PAYMENT.CAPTURE.COMPLETED',
        resource: {
          id: paymentId,
          status: 'COMPLETED',
          amount: { currency_code: 'USD', value: written(amount) },
          supplementary_data: { related_ids: { order_id: orderId } },
          create_time: new Date(occurred * 1000).toISOString(),
        },
      }),
    otherEvent: {
      type: 'BILLING.SUBSCRIPTION.CREATED',
      text: () => JSON.stringify({ id: 'WH-2', event_type: 'BILLING.SUBSCRIPTION.CREATED', resource: {} }),
    },
    seal: (text, { secret, at }) =>
      sealPaypal(text, { webhookId: secret, at, certificate: server.certificate, certificateUrl }),
    signatureHeader: 'paypal-transmission-sig',
    window: { past: 7 * 24 * 3600, future: 300 },
    bringsReference: true,
    currency: 'USD',
    notAmounts: [1.5, -1, '12.505', '1e3', '-1.00', 'much', {}, [], true, 1e21, 2 ** 53, '10000000000000000'],
    async close() {
      await Promise.all([line.close(), server.close(), receiver.close()]);
    },
  };
  return { world, server, settings, certificateUrl };
}

function moved(headers: Record<string, string | string[] | undefined>, to: string) {
  const { 'paypal-cert-url': url } = headers;
  return typeof url === 'string' ? { 'paypal-cert-url': url.replace(/^http:\/\/127\.0\.0\.1:\d+/, to) } : {};
}

describeContract('paypal', async () => (await openWorld()).world, ['pages', 'order_lists']);

const order = {
  id: '0197a5c0-0000-7000-8000-000000000001',
  amount: minor(500_050n),
  currency: 'USD',
  description: 'One reel',
  expiresAt: null,
};

test('what the payer approved is taken when PayPal tells of it, once however often it does', async () => {
  const { world, server } = await openWorld();
  const { providerOrderId, checkoutUrl } = await world.provider.createOrder(order);
  expect(checkoutUrl).toContain(providerOrderId);
  await server.approve(providerOrderId);
  const { rawBody, headers } = await world.receiver.next('CHECKOUT.ORDER.APPROVED');
  const told = await Promise.all(
    Array.from({ length: 3 }, () => world.provider.verifyWebhook(rawBody, headers, new Date())),
  );
  const [capture, ...more] = server.orders.get(providerOrderId)?.captures ?? [];
  expect(more).toEqual([]);
  for (const { facts } of told) {
    expect(facts).toMatchObject([
      { kind: 'captured', paymentId: capture?.id, orderId: providerOrderId, reference: order.id, amount: '500050' },
    ]);
  }
  await world.close();
});

test('an approval that could not be taken in time is to be delivered again', async () => {
  const { world, server } = await openWorld();
  const { providerOrderId } = await world.provider.createOrder(order);
  await server.approve(providerOrderId);
  const { rawBody, headers } = await world.receiver.next('CHECKOUT.ORDER.APPROVED');
  await world.provider.verifyWebhook(...signedOnly(world));
  world.line.trouble({ kind: 'answer_lost' }, ({ path }) => path.endsWith('/capture'));
  const began = Date.now();
  await expect(world.provider.verifyWebhook(rawBody, headers, new Date())).rejects.toThrow(ProviderUnavailable);
  expect(Date.now() - began).toBeLessThan(1_000);
  world.line.calm();
  expect((await world.provider.verifyWebhook(rawBody, headers, new Date())).facts).toMatchObject([
    { kind: 'captured' },
  ]);
  expect(server.orders.get(providerOrderId)?.captures).toHaveLength(1);
  await world.close();
});

/** An approval of an order with this id, signed. */
function approvalOf(world: ProviderWorld, id: string) {
  const at = new Date();
  const resource = { id, status: 'APPROVED' };
  const text = JSON.stringify({ id: 'WH-9', event_type: 'CHECKOUT.ORDER.APPROVED', resource });
  const { rawBody, headers } = world.seal(text, { secret: webhookIds[0], at, eventId: '' });
  return [rawBody, headers, at] as const;
}

test('an approval of an order that PayPal does not know is understood, and is no fact', async () => {
  const { world } = await openWorld();
  // The token and the certificate are there: what is left is one call.
  await world.provider.createOrder(order);
  await world.provider.verifyWebhook(...signedOnly(world));
  for (const id of ['5O190127TN364715T', '../../v1/oauth2/token', '%00']) {
    expect(await world.provider.verifyWebhook(...approvalOf(world, id))).toEqual({
      eventId: 'WH-9',
      type: 'CHECKOUT.ORDER.APPROVED',
      facts: [],
    });
  }
  await world.close();
});

test('an approval about which our question is refused is to be delivered again', async () => {
  const { world } = await openWorld();
  const { providerOrderId } = await world.provider.createOrder(order);
  await world.provider.verifyWebhook(...signedOnly(world));
  const body = JSON.stringify({ name: 'INVALID_REQUEST', message: 'The request is not well-formed.' });
  world.line.trouble({ kind: 'answered', status: 400, body }, ({ path }) => path.startsWith('/v2/checkout/'));
  await expect(world.provider.verifyWebhook(...approvalOf(world, providerOrderId))).rejects.toThrow(
    ProviderUnavailable,
  );
  await world.close();
});

/** An event of no use, signed: brings the certificate into the cache. */
function signedOnly(world: ProviderWorld) {
  const at = new Date();
  const { rawBody, headers } = world.seal(world.otherEvent.text(0), { secret: webhookIds[0], at, eventId: '' });
  return [rawBody, headers, at] as const;
}

test('two orders of ours under one id are captured once, whatever PayPal forgot', async () => {
  const { world, server } = await openWorld();
  const { providerOrderId: one } = await world.provider.createOrder(order);
  server.forgetKeys();
  const { providerOrderId: other } = await world.provider.createOrder(order);
  expect(other).not.toBe(one);
  await server.approve(one);
  await server.approve(other);
  expect((await world.provider.findOrder(one)).status).toBe('paid');
  expect(await world.provider.findOrder(other)).toEqual({ status: 'open', payments: [] });
  await world.close();
});

test('an access token that is good no more is renewed by the next call', async () => {
  const { world, server } = await openWorld();
  await world.provider.createOrder(order);
  server.forgetTokens();
  await expect(world.provider.findOrder('X')).rejects.toThrow(ProviderUnavailable);
  await expect(world.provider.findOrder('X')).rejects.toThrow(ProviderRefused);
  await world.close();
});

test('the certificate is fetched once and kept', async () => {
  const { world, server } = await openWorld();
  for (let at = 0; at < 5; at++) await world.provider.verifyWebhook(...signedOnly(world));
  expect(server.certificatesServed()).toBe(1);
  await world.close();
});

test('a certificate is asked for at PayPal’s hosts only, and nobody else is asked', async () => {
  const { world, server } = await openWorld();
  let asked = 0;
  const elsewhere = await startServer((_request, response) => {
    asked += 1;
    response.end(server.certificate.pem);
  });
  const at = new Date();
  const text = world.otherEvent.text(0);
  for (const certificateUrl of [
    `${elsewhere.url}/v1/notifications/certs/CERT-1`,
    'http://api.paypal.com/v1/notifications/certs/CERT-1',
    'https://api.paypal.com.evil.example/CERT-1',
    'https://evilpaypal.com/CERT-1',
    'https://api.paypal.com@evil.example/CERT-1',
    'https://user@api.paypal.com/CERT-1',
    'https://api.paypal.com:8443/CERT-1',
    'file:///etc/passwd',
    'nonsense',
  ]) {
    const sealed = sealPaypal(text, { webhookId: webhookIds[0], at, certificate: server.certificate, certificateUrl });
    const provider = paypalProvider({ ...(await openSettings()), baseUrl: 'http://127.0.0.1:1' });
    await expect(provider.verifyWebhook(sealed.rawBody, sealed.headers, at)).rejects.toThrow(WebhookRejected);
  }
  expect(asked).toBe(0);
  await elsewhere.close();
  await world.close();
});

async function openSettings() {
  return { ...keys, webhookIds, returnUrl: 'http://127.0.0.1:3000/', timeoutMs: TIMEOUT_MS };
}

test('a certificate of somebody else, or out of its time, signs nothing', async () => {
  const stranger = makeCertificate('messageverificationcerts.example.com', VALID_FROM, VALID_TO);
  const expired = makeCertificate('messageverificationcerts.paypal.com', VALID_FROM, new Date('2021-01-01T00:00:00Z'));
  for (const certificate of [stranger, expired]) {
    const host = await startServer((_request, response) => response.end(certificate.pem));
    const provider = paypalProvider({ ...(await openSettings()), baseUrl: host.url });
    const at = new Date();
    const sealed = sealPaypal('{}', {
      webhookId: webhookIds[0],
      at,
      certificate,
      certificateUrl: `${host.url}/CERT-1`,
    });
    await expect(provider.verifyWebhook(sealed.rawBody, sealed.headers, at)).rejects.toThrow(WebhookRejected);
    await host.close();
  }
});

test.each([
  ['RESOLVED_BUYER_FAVOUR', '5000.50', 'lost', '500050'],
  ['RESOLVED_BUYER_FAVOUR', '2000.00', 'partly', '200000'],
  ['RESOLVED_SELLER_FAVOUR', undefined, 'won', '0'],
  ['RESOLVED_WITH_PAYOUT', undefined, 'won', '0'],
  ['CANCELED_BY_BUYER', undefined, 'won', '0'],
])('a dispute that ends by %s (%s) is %s', async (code, refunded, outcome, deducted) => {
  const { world, server } = await openWorld();
  const { providerOrderId } = await world.provider.createOrder(order);
  await server.approve(providerOrderId);
  const { payments } = await world.provider.findOrder(providerOrderId);
  const disputeId = await server.dispute(payments[0]?.paymentId ?? '');
  await server.endDispute(disputeId, code, refunded);
  expect(await world.provider.findDispute(disputeId)).toMatchObject({ kind: 'charge_back_closed', outcome, deducted });
  await world.close();
});

test('a capture that PayPal reversed is for somebody to look at, and no second loss', async () => {
  const { world } = await openWorld();
  const at = new Date();
  const text = JSON.stringify({
    id: 'WH-3',
    create_time: at.toISOString(),
    event_type: 'PAYMENT.CAPTURE.REVERSED',
    resource: {
      id: '2GG279541U471931P',
      amount: { currency_code: 'USD', value: '12.00' },
      links: [{ href: 'https://api.paypal.com/v2/payments/captures/42311647XV020574X', rel: 'up' }],
    },
  });
  const { rawBody, headers } = world.seal(text, { secret: webhookIds[0], at, eventId: '' });
  expect((await world.provider.verifyWebhook(rawBody, headers, at)).facts).toMatchObject([
    { kind: 'charge_back_opened', paymentId: '42311647XV020574X', outcome: null, amount: '1200' },
  ]);
  await world.close();
});
