import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { sandboxProvider } from './sandbox.ts';
import { describeContract, type ProviderWorld, TIMEOUT_MS } from './testing/contract.ts';
import { startReceiver } from './testing/receiver.ts';
import { startSandboxServer } from './testing/sandboxServer.ts';
import { startUnreliableLine } from './testing/unreliableLine.ts';

const secrets: [string, string] = ['the newest secret', 'the one before'];

async function openWorld(): Promise<ProviderWorld> {
  const receiver = await startReceiver();
  const server = await startSandboxServer(secrets[0]);
  server.webhookUrl = receiver.url;
  const line = await startUnreliableLine(server.url);
  const settings = { baseUrl: line.url, webhookSecrets: secrets, timeoutMs: TIMEOUT_MS };
  return {
    provider: sandboxProvider(settings),
    stranger: sandboxProvider({ ...settings, webhookSecrets: ['guessed'] }),
    secrets,
    line,
    receiver,
    pay: server.pay,
    decline: server.decline,
    async payOften(orderId, times) {
      for (let at = 0; at < times; at++) await server.pay(orderId);
    },
    chargeBack: (paymentId) => server.dispute(paymentId),
    endChargeBack: ({ disputeId }, outcome) => server.endDispute(disputeId, outcome),
    evidenceOf: (disputeId) => server.evidence.get(disputeId) ?? [],
    async failingPayment(orderId) {
      const paymentId = await server.pay(orderId);
      server.failRefundsOf(paymentId);
      return paymentId;
    },
    forgetKeys: () => {},
    ordersOf: async (reference) =>
      [...server.orders.values()]
        .filter((order) => order.reference === reference)
        .map(({ amount, currency }) => ({ amount, currency })),
    refundsOf: async (paymentId) => [...server.refunds.values()].filter((refund) => refund.payment_id === paymentId),
    captureText: ({ paymentId, orderId, amount, occurred }) =>
      JSON.stringify({
        id: 'evt_1',
        type: 'payment.captured',
        created_at: occurred,
        data: { order_id: orderId, payment_id: paymentId, amount, currency: 'INR' },
      }),
    otherEvent: {
      type: 'settlement.made',
      text: (occurred) => JSON.stringify({ id: 'evt_1', type: 'settlement.made', created_at: occurred, data: {} }),
    },
    seal(text, { secret, at }) {
      const seconds = Math.floor(at.getTime() / 1000);
      const signature = createHmac('sha256', secret).update(`${seconds}.${text}`).digest('hex');
      return { rawBody: Buffer.from(text), headers: { 'x-sandbox-signature': `t=${seconds},v1=${signature}` } };
    },
    signatureHeader: 'x-sandbox-signature',
    window: { past: 300, future: 300 },
    bringsReference: true,
    async close() {
      await Promise.all([line.close(), server.close(), receiver.close()]);
    },
  };
}

describeContract('sandbox', openWorld, ['slow_payments']);

/** What a signed event is to us. */
async function factsIn(type: string, data: object) {
  const provider = sandboxProvider({ baseUrl: 'http://127.0.0.1:1', webhookSecrets: secrets, timeoutMs: TIMEOUT_MS });
  const at = new Date();
  const seconds = Math.floor(at.getTime() / 1000);
  const text = JSON.stringify({ id: 'evt_1', type, created_at: seconds, data });
  const signature = createHmac('sha256', secrets[0]).update(`${seconds}.${text}`).digest('hex');
  const headers = { 'x-sandbox-signature': `t=${seconds},v1=${signature}` };
  return (await provider.verifyWebhook(Buffer.from(text), headers, at)).facts;
}

const disputed = { order_id: 'order_1', payment_id: 'pay_1', amount: 84_000, currency: 'INR' };

test.each<[object, string | null]>([
  [{ reason: 'The payer lost the parcel.' }, null],
  [{ reason: 'won back the customer, lost nothing' }, null],
  [{}, null],
  [{ reason: 'lost' }, 'lost'],
  [{ reason: 'won' }, 'won'],
  [{ reason: 'The payer lost the parcel.', outcome: 'won' }, 'won'],
  [{ outcome: 'partly', deducted: 40_000 }, 'partly'],
])('a dispute that is closed with %j has the outcome %s: no word in a sentence says it', async (data, outcome) => {
  expect(await factsIn('dispute.closed', { ...disputed, ...data })).toMatchObject([
    { kind: 'charge_back_closed', outcome, disputeId: 'dispute_pay_1', amount: '84000' },
  ]);
});

test('a dispute that is named is told apart from another of the same payment', async () => {
  const [one] = await factsIn('dispute.created', { ...disputed, dispute_id: 'dp_1' });
  const [other] = await factsIn('dispute.created', { ...disputed, dispute_id: 'dp_2' });
  expect([one?.disputeId, other?.disputeId]).toEqual(['dp_1', 'dp_2']);
});

test.each([
  ['payout.processed', 'payout_processed', 'processed'],
  ['payout.failed', 'payout_failed', 'failed'],
  ['payout.reversed', 'payout_reversed', 'reversed'],
])('%s is %s, with our id of the payout', async (type, kind, state) => {
  const data = { reference: 'our_payout', payout_id: 'pout_1', amount: 500, currency: 'LYK', reason: 'as told' };
  expect(await factsIn(type, data)).toMatchObject([
    { kind, state, reference: 'our_payout', payoutId: 'pout_1', amount: '500', currency: 'LYK', paymentId: null },
  ]);
});
