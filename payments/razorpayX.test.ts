import { expect, test } from 'vitest';
import { minor } from '#workflows/money.ts';
import { razorpayProvider } from './razorpay.ts';
import { razorpayXProvider } from './razorpayX.ts';
import { TIMEOUT_MS } from './testing/contract.ts';
import { describePayoutContract, type PayoutWorld } from './testing/payoutContract.ts';
import { CLOSED, HOLDER, NOBODY, startRazorpayXServer } from './testing/razorpayXServer.ts';
import { startReceiver } from './testing/receiver.ts';
import { startUnreliableLine } from './testing/unreliableLine.ts';

const keys = { keyId: 'rzp_test_key', keySecret: 'very secret' };
const accountNumber = '7878780080316316';
const bank = (number: string) =>
  ({ kind: 'bank', holder: 'Asha Rao', accountNumber: number, ifsc: 'HDFC0000053' }) as const;

async function openWorld() {
  const receiver = await startReceiver();
  const server = await startRazorpayXServer({ ...keys, accountNumber, webhookSecret: 'hook' });
  server.webhookUrl = receiver.url;
  const line = await startUnreliableLine(server.url);
  const settings = { ...keys, accountNumber, baseUrl: line.url, timeoutMs: TIMEOUT_MS };
  const world: PayoutWorld = {
    provider: razorpayXProvider(settings),
    stranger: razorpayXProvider({ ...settings, keySecret: 'guessed' }),
    webhooks: razorpayProvider({ ...settings, webhookSecrets: ['another', 'hook'] }),
    line,
    receiver,
    currency: 'INR',
    destinations: {
      good: bank('765432123456789'),
      unknown: bank(NOBODY),
      foreign: { kind: 'stripe', account: 'acct_1' },
    },
    holder: HOLDER,
    isPayment: ({ method, path }) => method === 'POST' && path === '/v1/payouts',
    payoutsOf: async (reference) =>
      [...server.payouts.values()].filter((one) => one.reference_id === reference).map(({ amount }) => String(amount)),
    forgetKeys: server.forgetKeys,
    async setBalance(units) {
      server.balance.amount = Number(units);
    },
    failing: bank(CLOSED),
    reverse: server.reverse,
    settle: server.process,
    keepsQueue: true,
    finishChecks: server.finishValidations,
    async close() {
      await Promise.all([line.close(), server.close(), receiver.close()]);
    },
  };
  return { world, server };
}

describePayoutContract('razorpayX', async () => (await openWorld()).world);

const payout = {
  key: 'the_key_of_a_payout',
  amount: minor(50_000_000n),
  currency: 'INR',
  destinationId: 'destination_1',
  destination: bank('765432123456789'),
  reference: 'our_payout',
  narration: 'Tandem: “three reels”, 50 % & more than a bank takes',
} as const;

test('a payout goes by the method that carries it: IMPS, NEFT above five lakh, UPI to an address', async () => {
  const { world, server } = await openWorld();
  await world.provider.createPayout(payout);
  await world.provider.createPayout({ ...payout, key: `${payout.key}_2`, reference: 'b', amount: minor(50_000_001n) });
  const destination = { kind: 'upi', holder: 'Asha Rao', address: 'asha@upi' } as const;
  await world.provider.createPayout({ ...payout, key: `${payout.key}_3`, reference: 'c', destination });
  expect([...server.payouts.values()].map(({ mode }) => mode)).toEqual(['IMPS', 'NEFT', 'UPI']);
  await world.close();
});

test('a state that RazorpayX may add one day is unknown, and no failure', async () => {
  const { world, server } = await openWorld();
  const { payoutId } = await world.provider.createPayout(payout);
  const kept = server.payouts.get(payoutId ?? '');
  if (kept) kept.status = 'on_hold_by_regulator';
  expect(await world.provider.findPayout({ reference: 'our_payout', payoutId: null })).toMatchObject({
    status: 'unknown',
  });
  await world.close();
});
