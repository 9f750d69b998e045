import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { minor } from '#workflows/money.ts';
import type { NewOrder } from './provider.ts';
import { stripeProvider } from './stripe.ts';
import { describeContract, type ProviderWorld, TIMEOUT_MS } from './testing/contract.ts';
import { startReceiver } from './testing/receiver.ts';
import { startStripeServer } from './testing/stripeServer.ts';
import { startUnreliableLine } from './testing/unreliableLine.ts';

const secrets: [string, string] = ['whsec_newest', 'whsec_older'];
const secretKey = 'sk_test_known';

async function openWorld() {
  const receiver = await startReceiver();
  const server = await startStripeServer({ secretKey, webhookSecret: secrets[0] });
  server.webhookUrl = receiver.url;
  const line = await startUnreliableLine(server.url);
  const settings = {
    secretKey,
    webhookSecrets: secrets,
    baseUrl: line.url,
    returnUrl: 'http://127.0.0.1:3000/',
    timeoutMs: TIMEOUT_MS,
  };
  const world: ProviderWorld = {
    provider: stripeProvider(settings),
    stranger: stripeProvider({ ...settings, secretKey: 'sk_test_guessed' }),
    secrets,
    line,
    receiver,
    pay: server.pay,
    decline: server.decline,
    payLater: server.payLater,
    async payOften(orderId, times) {
      const session = server.sessions.get(orderId);
      for (let at = 0; at < times; at++) {
        if (session) session.payment_intent = null;
        await server.pay(orderId);
      }
    },
    chargeBack: (paymentId) => server.dispute(paymentId),
    endChargeBack: ({ disputeId }, outcome) => server.endDispute(disputeId, outcome),
    evidenceOf: (disputeId) => server.disputes.get(disputeId)?.submitted ?? [],
    async failingPayment(orderId) {
      const paymentId = await server.pay(orderId);
      server.failRefundsOf(paymentId);
      return paymentId;
    },
    forgetKeys: server.forgetKeys,
    ordersOf: async (reference) =>
      [...server.sessions.values()]
        .filter((session) => session.client_reference_id === reference)
        .map((session) => ({ amount: String(session.amount_total), currency: session.currency.toUpperCase() })),
    refundsOf: async (paymentId) =>
      [...server.refunds.values()].filter((refund) => refund.payment_intent === paymentId),
    captureText: ({ paymentId, orderId, amount, occurred }) =>
      JSON.stringify({
        id: 'evt_1',
        object: 'event',
        created: occurred,
        type: 'checkout.session.completed',
        data: {
          object: {
            id: orderId,
            object: 'checkout.session',
            payment_status: 'paid',
            payment_intent: paymentId,
            amount_total: amount,
            currency: 'inr',
          },
        },
      }),
    otherEvent: {
      type: 'customer.created',
      text: (occurred) => JSON.stringify({ id: 'evt_1', object: 'event', created: occurred, type: 'customer.created' }),
    },
    seal(text, { secret, at }) {
      const seconds = Math.floor(at.getTime() / 1000);
      const signature = createHmac('sha256', secret).update(`${seconds}.${text}`).digest('hex');
      return { rawBody: Buffer.from(text), headers: { 'stripe-signature': `t=${seconds},v1=${signature}` } };
    },
    signatureHeader: 'stripe-signature',
    window: { past: 300, future: 300 },
    bringsReference: true,
    async close() {
      await Promise.all([line.close(), server.close(), receiver.close()]);
    },
  };
  return { world, server };
}

describeContract('stripe', async () => (await openWorld()).world);

const order: NewOrder = {
  id: '0197a5c0-0000-7000-8000-000000000001',
  amount: minor(500_050n),
  currency: 'INR',
  description: 'One reel',
  expiresAt: null,
};

test('a session ends at the deal’s deadline where Stripe allows it, and after 24 hours where it does not', async () => {
  const { world, server } = await openWorld();
  const hour = 3600_000;
  const expiryOf = async (id: string, expiresAt: string | null) =>
    Date.parse((await world.provider.createOrder({ ...order, id, expiresAt })).expiresAt ?? '');
  const began = Date.now();
  const inTwoHours = new Date(began + 2 * hour);
  expect(await expiryOf('two_hours', inTwoHours.toISOString())).toBe(Math.floor(inTwoHours.getTime() / 1000) * 1000);
  for (const [id, wait] of [
    ['too_soon', 10_000],
    ['too_late', 48 * hour],
    ['never', null],
  ] as const) {
    const expiry = await expiryOf(id, wait === null ? null : new Date(began + wait).toISOString());
    expect(Math.abs(expiry - (began + 24 * hour))).toBeLessThan(60_000);
    const again = await expiryOf(id, wait === null ? null : new Date(began + wait).toISOString());
    expect(again).toBe(expiry);
  }
  expect(server.sessions.size).toBe(4);
  await world.close();
});

test('an expired session is an expired order', async () => {
  const { world, server } = await openWorld();
  const { providerOrderId } = await world.provider.createOrder(order);
  await server.expire(providerOrderId);
  expect(await world.provider.findOrder(providerOrderId)).toEqual({ status: 'expired', payments: [] });
  const { rawBody, headers } = await world.receiver.next('checkout.session.expired');
  expect((await world.provider.verifyWebhook(rawBody, headers, new Date())).facts).toEqual([]);
  await world.close();
});

/** What a signed event about an object is to us. */
async function factsIn(type: string, object: object) {
  const provider = stripeProvider({
    secretKey,
    webhookSecrets: secrets,
    baseUrl: 'http://127.0.0.1:1',
    returnUrl: 'http://127.0.0.1:1/',
    timeoutMs: TIMEOUT_MS,
  });
  const now = new Date();
  const seconds = Math.floor(now.getTime() / 1000);
  const text = JSON.stringify({ id: 'evt_1', created: seconds, type, data: { object } });
  const signature = createHmac('sha256', secrets[0]).update(`${seconds}.${text}`).digest('hex');
  const headers = { 'stripe-signature': `t=${seconds},v1=${signature}` };
  return (await provider.verifyWebhook(Buffer.from(text), headers, now)).facts;
}

const session = { id: 'cs_1', mode: 'payment', payment_intent: 'pi_1', amount_total: 500_050, currency: 'inr' };

test('a session completed by a slow method of payment is captured only when the money is there', async () => {
  expect(await factsIn('checkout.session.completed', { ...session, payment_status: 'unpaid' })).toMatchObject([
    { kind: 'pending', orderId: 'cs_1', paymentId: 'pi_1' },
  ]);
  expect(
    await factsIn('checkout.session.async_payment_succeeded', { ...session, payment_status: 'paid' }),
  ).toMatchObject([{ kind: 'captured', orderId: 'cs_1', paymentId: 'pi_1', amount: '500050', currency: 'INR' }]);
  expect(
    await factsIn('checkout.session.async_payment_failed', { ...session, payment_status: 'unpaid' }),
  ).toMatchObject([{ kind: 'failed', orderId: 'cs_1' }]);
});

test('a paid session that names no payment, as of a subscription, is none of ours', async () => {
  const subscription = { ...session, mode: 'subscription', payment_intent: null, payment_status: 'paid' };
  expect(await factsIn('checkout.session.completed', subscription)).toEqual([]);
});

test('a charge that lists its refunds tells of each of them', async () => {
  const refund = (id: string, status: string) => ({
    id,
    amount: 100,
    currency: 'inr',
    payment_intent: 'pi_1',
    status,
    metadata: { refund_key: `key_of_${id}` },
  });
  const refunds = { data: [refund('re_1', 'succeeded'), refund('re_2', 'pending')] };
  expect(await factsIn('charge.refunded', { id: 'ch_1', refunds })).toMatchObject([
    { kind: 'refunded', refundId: 're_1', refundKey: 'key_of_re_1', paymentId: 'pi_1', amount: '100' },
  ]);
});

const dispute = {
  id: 'du_1',
  amount: 84_000,
  currency: 'inr',
  payment_intent: 'pi_1',
  reason: 'lost',
  status: 'needs_response',
  evidence_details: { due_by: 1_900_000_000 },
  balance_transactions: [] as object[],
};
const moved = (amount: number, currency = 'inr') => ({ amount, currency, fee: 1500 });

test('a dispute’s outcome is its status, and what it moved is summed to the unit, with no word of its reason', async () => {
  expect(await factsIn('charge.dispute.created', dispute)).toMatchObject([
    { kind: 'charge_back_opened', disputeId: 'du_1', outcome: null, respondBy: '2030-03-17T17:46:40.000Z' },
  ]);
  const lost = { ...dispute, status: 'lost', balance_transactions: [moved(-84_000)] };
  expect(await factsIn('charge.dispute.closed', lost)).toMatchObject([
    { kind: 'charge_back_closed', outcome: 'lost', deducted: '84000', reinstated: '0' },
  ]);
  const partly = { ...lost, balance_transactions: [moved(-84_000), moved(40_000)] };
  expect(await factsIn('charge.dispute.funds_reinstated', partly)).toMatchObject([
    { kind: 'charge_back_closed', outcome: 'partly', deducted: '84000', reinstated: '40000' },
  ]);
  const won = { ...dispute, status: 'won', balance_transactions: [moved(-84_000), moved(84_000)] };
  expect(await factsIn('charge.dispute.closed', won)).toMatchObject([
    { kind: 'charge_back_closed', outcome: 'won', deducted: '84000', reinstated: '84000' },
  ]);
});

test('what a dispute moved in another currency than its own is not said', async () => {
  const lost = { ...dispute, status: 'lost', balance_transactions: [moved(-1_000, 'usd')] };
  expect(await factsIn('charge.dispute.closed', lost)).toMatchObject([
    { outcome: 'lost', deducted: null, reinstated: null },
  ]);
});

test('an inquiry that is closed cost nothing', async () => {
  expect(await factsIn('charge.dispute.closed', { ...dispute, status: 'warning_closed' })).toMatchObject([
    { kind: 'charge_back_closed', outcome: 'won' },
  ]);
});

test('a transfer of ours that is taken back whole is a payout that came back; one of somebody else’s is none', async () => {
  const transfer = { id: 'tr_1', amount: 100_000, amount_reversed: 0, currency: 'usd', metadata: { payout: 'ours' } };
  expect(await factsIn('transfer.created', transfer)).toMatchObject([
    { kind: 'payout_processed', payoutId: 'tr_1', reference: 'ours', amount: '100000', state: 'processed' },
  ]);
  expect(await factsIn('transfer.reversed', { ...transfer, amount_reversed: 100_000 })).toMatchObject([
    { kind: 'payout_reversed', payoutId: 'tr_1', reference: 'ours', state: 'reversed' },
  ]);
  expect(await factsIn('transfer.reversed', { ...transfer, amount_reversed: 1 })).toMatchObject([
    { kind: 'payout_processed' },
  ]);
  expect(await factsIn('transfer.created', { ...transfer, metadata: {} })).toEqual([]);
});
