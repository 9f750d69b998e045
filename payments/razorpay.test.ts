import { createHmac } from 'node:crypto';
import Razorpay from 'razorpay';
import { expect, test } from 'vitest';
import { razorpayProvider } from './razorpay.ts';
import { describeContract, type ProviderWorld, TIMEOUT_MS } from './testing/contract.ts';
import { startRazorpayServer } from './testing/razorpayServer.ts';
import { startReceiver } from './testing/receiver.ts';
import { startUnreliableLine } from './testing/unreliableLine.ts';

const secrets: [string, string] = ['the newest secret', 'the one before'];
const keys = { keyId: 'rzp_test_key', keySecret: 'very secret' };

async function openWorld() {
  const receiver = await startReceiver();
  const server = await startRazorpayServer({ ...keys, webhookSecret: secrets[0] });
  server.webhookUrl = receiver.url;
  const line = await startUnreliableLine(server.url);
  const settings = { ...keys, webhookSecrets: secrets, baseUrl: line.url, timeoutMs: TIMEOUT_MS };
  const world: ProviderWorld = {
    provider: razorpayProvider(settings),
    stranger: razorpayProvider({ ...settings, keySecret: 'guessed' }),
    secrets,
    line,
    receiver,
    pay: server.pay,
    decline: server.decline,
    chargeBack: (paymentId) => server.dispute(paymentId, 'created'),
    winChargeBack: (paymentId) => server.dispute(paymentId, 'won'),
    async failingPayment(orderId) {
      const paymentId = await server.pay(orderId);
      server.failRefundsOf(paymentId);
      return paymentId;
    },
    forgetKeys: server.forgetKeys,
    ordersOf: async (reference) =>
      [...server.orders.values()]
        .filter((order) => order.receipt === reference)
        .map(({ amount, currency }) => ({ amount: String(amount), currency })),
    refundsOf: async (paymentId) => [...server.refunds.values()].filter((refund) => refund.payment_id === paymentId),
    captureText: ({ paymentId, orderId, amount, occurred }) =>
      JSON.stringify({
        entity: 'event',
        account_id: 'acc_1',
        event: 'payment.captured',
        contains: ['payment'],
        payload: {
          payment: {
            entity: {
              id: paymentId,
              entity: 'payment',
              amount,
              currency: 'INR',
              order_id: orderId,
              status: 'captured',
            },
          },
        },
        created_at: occurred,
      }),
    otherEvent: {
      type: 'settlement.processed',
      text: (occurred) => JSON.stringify({ entity: 'event', event: 'settlement.processed', created_at: occurred }),
    },
    seal: (text, { secret, eventId }) => ({
      rawBody: Buffer.from(text),
      headers: {
        'x-razorpay-signature': createHmac('sha256', secret).update(text).digest('hex'),
        'x-razorpay-event-id': eventId,
      },
    }),
    signatureHeader: 'x-razorpay-signature',
    window: { past: 3 * 24 * 3600, future: 300 },
    bringsReference: false,
    async close() {
      await Promise.all([line.close(), server.close(), receiver.close()]);
    },
  };
  return { world, server };
}

describeContract('razorpay', async () => (await openWorld()).world);

test('Razorpay’s own SDK agrees that our test server signs as Razorpay does', async () => {
  const { world, server } = await openWorld();
  const { providerOrderId } = await world.provider.createOrder({
    id: crypto.randomUUID(),
    amount: 100n as never,
    currency: 'INR',
    description: 'One reel',
    expiresAt: null,
  });
  await server.pay(providerOrderId);
  const { rawBody, headers } = await world.receiver.next('payment.captured');
  const signature = String(headers['x-razorpay-signature']);
  expect(Razorpay.validateWebhookSignature(rawBody.toString(), signature, secrets[0])).toBe(true);
  await world.close();
});
