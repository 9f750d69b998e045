import { type FastifyInstance, fastify } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { afterEach, expect, test } from 'vitest';
import { createProviders } from '#payments/providers.ts';
import { startFlutterwaveServer } from '#payments/testing/flutterwaveServer.ts';
import { sealPaypal, startPaypalServer } from '#payments/testing/paypalServer.ts';
import { startUnreliableLine } from '#payments/testing/unreliableLine.ts';
import { minor } from '#workflows/money.ts';
import { failureBody, toFailure } from '../failure.ts';
import { type WebhookDeps, webhookRoutes } from './webhookRoutes.ts';

// Deliveries of providers that are asked back before they are believed, through the door.

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(cleanUp.splice(0).map((clean) => clean()));
});

type Stored = Parameters<WebhookDeps['store']>[0];

async function openDoor(providers: WebhookDeps['providers']): Promise<{ app: FastifyInstance; stored: Stored[] }> {
  const stored: Stored[] = [];
  const app = fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, _request, reply) => {
    const failure = toFailure(error);
    if (failure.retryAfter) reply.header('retry-after', failure.retryAfter);
    return reply.status(failure.status).send(failureBody(failure));
  });
  const store = async (webhook: Stored) => stored.push(webhook);
  await app.register(webhookRoutes({ providers, store, now: () => new Date() }));
  cleanUp.push(() => app.close());
  return { app, stored };
}

test('a delivery of PayPal’s is stored with its fact, and one signed for another webhook is refused', async () => {
  const paypal = await startPaypalServer({ clientId: 'id', clientSecret: 'secret', webhookId: 'ours' });
  cleanUp.push(paypal.close);
  const { byName } = createProviders({
    PUBLIC_URL: 'http://127.0.0.1:1',
    SANDBOX_WEBHOOK_SECRET: 'secret',
    PAYPAL_CLIENT_ID: 'id',
    PAYPAL_CLIENT_SECRET: 'secret',
    PAYPAL_WEBHOOK_ID: 'ours',
    PAYPAL_BASE_URL: paypal.url,
  });
  const { app, stored } = await openDoor(byName);
  const at = new Date();
  const resource = { id: '2GG279541U471931P', status: 'COMPLETED', amount: { currency_code: 'USD', value: '5000.50' } };
  const body = { id: 'WH-1', create_time: at.toISOString(), event_type: 'PAYMENT.CAPTURE.COMPLETED', resource };
  const certificateUrl = `${paypal.url}/v1/notifications/certs/CERT-1`;
  const deliver = (webhookId: string) => {
    const { certificate } = paypal;
    const { rawBody, headers } = sealPaypal(JSON.stringify(body), { webhookId, at, certificate, certificateUrl });
    return app.inject({
      method: 'POST',
      url: '/api/webhooks/paypal',
      headers: { 'content-type': 'application/json', ...(headers as Record<string, string>) },
      body: rawBody,
    });
  };
  expect((await deliver('ours')).statusCode).toBe(200);
  expect(stored).toMatchObject([
    { provider: 'paypal', eventId: 'WH-1', facts: [{ kind: 'captured', amount: '500050', currency: 'USD' }] },
  ]);
  expect((await deliver('somebody else’s')).statusCode).toBe(401);
  expect(stored).toHaveLength(1);
});

test('a delivery that its provider cannot be asked about in time is not stored, and is answered 503 within a second', async () => {
  const flutterwave = await startFlutterwaveServer({ secretKey: 'key', secretHash: 'hash' });
  const line = await startUnreliableLine(flutterwave.url);
  cleanUp.push(flutterwave.close, line.close);
  const { byName } = createProviders({
    PUBLIC_URL: 'http://127.0.0.1:1',
    SANDBOX_WEBHOOK_SECRET: 'secret',
    FLUTTERWAVE_SECRET_KEY: 'key',
    FLUTTERWAVE_WEBHOOK_SECRET: 'hash',
    FLUTTERWAVE_BASE_URL: line.url,
  });
  const { app, stored } = await openDoor(byName);
  const order = { id: 'our_order', amount: minor(500_050n), currency: 'INR', description: 'x', expiresAt: null };
  await byName.flutterwave?.createOrder(order);
  flutterwave.webhookUrl = 'http://127.0.0.1:1';
  await flutterwave.pay('our_order').catch(() => {});
  const [id] = flutterwave.transactions.keys();
  const deliver = () =>
    app.inject({
      method: 'POST',
      url: '/api/webhooks/flutterwave',
      headers: { 'content-type': 'application/json', 'verif-hash': 'hash' },
      body: JSON.stringify({ event: 'charge.completed', data: { id: Number(id), status: 'successful' } }),
    });
  line.trouble({ kind: 'silence' });
  const began = Date.now();
  const answer = await deliver();
  expect(answer.statusCode).toBe(503);
  expect(answer.json()).toMatchObject({ success: false, error_code: 'UNAVAILABLE' });
  expect(answer.headers['retry-after']).toBeDefined();
  expect(Date.now() - began).toBeLessThan(1_000);
  expect(stored).toEqual([]);
  line.calm();
  expect((await deliver()).statusCode).toBe(200);
  expect(stored).toMatchObject([{ provider: 'flutterwave', facts: [{ kind: 'captured', reference: 'our_order' }] }]);
});
