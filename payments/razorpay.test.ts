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
    payLater: server.authorize,
    async payOften(orderId, times) {
      for (let at = 0; at < times; at++) await server.pay(orderId);
    },
    chargeBack: (paymentId) => server.dispute(paymentId),
    endChargeBack: ({ disputeId }, outcome) => server.endDispute(disputeId, outcome),
    evidenceOf: (disputeId) => server.disputes.get(disputeId)?.contested ?? [],
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

/** What a signed event about entities is to us. */
async function factsIn(event: string, entities: Record<string, object>) {
  const { world } = await openWorld();
  const text = JSON.stringify({
    entity: 'event',
    event,
    payload: Object.fromEntries(Object.entries(entities).map(([name, entity]) => [name, { entity }])),
    created_at: Math.floor(Date.now() / 1000),
  });
  const { rawBody, headers } = world.seal(text, { secret: secrets[0], at: new Date(), eventId: 'evt_1' });
  const { facts } = await world.provider.verifyWebhook(rawBody, headers, new Date());
  await world.close();
  return facts;
}

const dispute = {
  id: 'disp_1',
  payment_id: 'pay_1',
  amount: 84_000,
  currency: 'INR',
  amount_deducted: 0,
  reason_code: 'lost_or_stolen_card',
  reason_description: 'The card was lost.',
  respond_by: 1_900_000_000,
  status: 'open',
};

test('a dispute’s outcome is its status, whatever words its reason has', async () => {
  expect(await factsIn('payment.dispute.created', { dispute })).toMatchObject([
    { kind: 'charge_back_opened', outcome: null, respondBy: '2030-03-17T17:46:40.000Z', reason: 'The card was lost.' },
  ]);
  expect(await factsIn('payment.dispute.won', { dispute: { ...dispute, status: 'won' } })).toMatchObject([
    { kind: 'charge_back_closed', outcome: 'won', disputeId: 'disp_1' },
  ]);
});

test.each([
  ['lost', 84_000, 'lost', '84000'],
  ['lost', 40_000, 'partly', '40000'],
  ['lost', 0, 'lost', null],
  ['closed', 0, 'won', '0'],
  ['closed', 84_000, 'lost', '84000'],
])('a dispute that is %s with %i of 84000 deducted is %s', async (status, deducted, outcome, told) => {
  const ended = { ...dispute, status, amount_deducted: deducted };
  expect(await factsIn(`payment.dispute.${status}`, { dispute: ended })).toMatchObject([
    { kind: 'charge_back_closed', amount: '84000', outcome, deducted: told },
  ]);
});

test('a refund is what it is, and not what the event about it is called', async () => {
  const refund = { id: 'rfnd_1', payment_id: 'pay_1', amount: 100, currency: 'INR', status: 'processed', notes: [] };
  expect(await factsIn('refund.created', { refund })).toMatchObject([{ kind: 'refunded', state: 'processed' }]);
  expect(await factsIn('refund.created', { refund: { ...refund, status: 'pending' } })).toEqual([]);
  expect(await factsIn('refund.speed_changed', { refund: { ...refund, status: 'failed' } })).toMatchObject([
    { kind: 'refund_failed', state: 'failed', refundId: 'rfnd_1' },
  ]);
});

test.each([
  ['processed', 'payout_processed'],
  ['failed', 'payout_failed'],
  ['rejected', 'payout_failed'],
  ['cancelled', 'payout_failed'],
  ['reversed', 'payout_reversed'],
])('a payout that is %s is told of as %s, with our id of it', async (status, kind) => {
  const payout = {
    id: 'pout_1',
    reference_id: 'our_payout',
    amount: 100_000,
    currency: 'INR',
    status,
    status_details: { description: 'The beneficiary’s bank said so.', source: 'beneficiary_bank', reason: 'x' },
  };
  expect(await factsIn(`payout.${status}`, { payout })).toMatchObject([
    { kind, provider: 'razorpay', payoutId: 'pout_1', reference: 'our_payout', amount: '100000', currency: 'INR' },
  ]);
  expect(await factsIn('payout.updated', { payout: { ...payout, status: 'processing' } })).toEqual([]);
});
