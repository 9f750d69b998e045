import { expect, test } from 'vitest';
import { stripeProvider } from './stripe.ts';
import { stripeKyc } from './stripeKyc.ts';
import { stripePayouts } from './stripePayouts.ts';
import { TIMEOUT_MS } from './testing/contract.ts';
import { describePayoutContract, type PayoutWorld } from './testing/payoutContract.ts';
import { startReceiver } from './testing/receiver.ts';
import { startStripeServer } from './testing/stripeServer.ts';
import { startUnreliableLine } from './testing/unreliableLine.ts';

const secretKey = 'sk_test_known';
const payee = {
  key: 'kyc_of_an_account',
  reference: 'our_account',
  accountId: null,
  name: 'Asha Rao',
  email: 'asha@example.com',
  country: 'US',
  returnUrl: 'http://127.0.0.1:3000/payouts',
};

async function openWorld() {
  const receiver = await startReceiver();
  const server = await startStripeServer({ secretKey, webhookSecret: 'whsec_1' });
  server.webhookUrl = receiver.url;
  const line = await startUnreliableLine(server.url);
  const access = { secretKey, baseUrl: line.url, timeoutMs: TIMEOUT_MS };
  const kyc = stripeKyc(access);
  const webhooks = stripeProvider({ ...access, webhookSecrets: ['whsec_1'], returnUrl: 'http://127.0.0.1:3000/' });
  const { accountId } = await kyc.start({ ...payee, key: 'kyc_of_a_good_account' });
  await server.setRequirements(accountId, []);
  const world: PayoutWorld = {
    provider: stripePayouts(access),
    stranger: stripePayouts({ ...access, secretKey: 'sk_test_guessed' }),
    webhooks,
    line,
    receiver,
    currency: 'USD',
    destinations: {
      good: { kind: 'stripe', account: accountId },
      unknown: { kind: 'stripe', account: 'acct_unknown' },
      foreign: { kind: 'sandbox', account: 'ok' },
    },
    holder: 'Reels by Asha',
    isPayment: ({ method, path }) => method === 'POST' && path === '/v1/transfers',
    payoutsOf: async (reference) =>
      [...server.transfers.values()]
        .filter((one) => one.transfer_group === reference)
        .map(({ amount }) => String(amount)),
    forgetKeys: server.forgetKeys,
    async setBalance(units) {
      server.balance.amount = Number(units);
    },
    reverse: server.reverse,
    keepsQueue: false,
    async close() {
      await Promise.all([line.close(), server.close(), receiver.close()]);
    },
  };
  return { world, server, kyc, webhooks, receiver };
}

// A transfer is there at once or refused.
describePayoutContract('stripe', async () => (await openWorld()).world, ['failures']);

test('a payee is asked on Stripe’s page, once per key, and what is missing is said until nothing is', async () => {
  const { world, server, kyc, webhooks, receiver } = await openWorld();
  const begun = await kyc.start(payee);
  expect(begun.url).toContain(begun.accountId);
  expect(begun.kyc).toMatchObject({
    status: 'pending',
    currently_due: ['external_account', 'tos_acceptance.date'],
    past_due: ['external_account'],
    eventually_due: ['external_account', 'tos_acceptance.date', 'individual.id_number'],
    disabled_reason: 'requirements.past_due',
  });
  expect((await kyc.start(payee)).accountId).toBe(begun.accountId);
  expect((await kyc.start({ ...payee, accountId: begun.accountId })).accountId).toBe(begun.accountId);

  await server.setRequirements(begun.accountId, ['individual.verification.document']);
  const restricted = await kyc.status(begun.accountId);
  expect(restricted).toMatchObject({ status: 'restricted', currently_due: ['individual.verification.document'] });
  expect(Date.parse(restricted.deadline ?? '')).toBeGreaterThan(Date.now());

  await server.setRequirements(begun.accountId, []);
  expect(await kyc.status(begun.accountId)).toEqual({
    status: 'verified',
    currently_due: [],
    past_due: [],
    eventually_due: [],
    deadline: null,
    disabled_reason: null,
  });
  expect(await kyc.start({ ...payee, accountId: begun.accountId })).toMatchObject({ url: null });

  const told = [];
  for (let at = 0; at < 2; at++) {
    const { rawBody, headers } = await receiver.next(begun.accountId);
    told.push(...(await webhooks.verifyWebhook(rawBody, headers, new Date())).facts);
  }
  expect(told).toMatchObject([
    { kind: 'account_updated', accountId: begun.accountId, reference: 'our_account', kyc: { status: 'restricted' } },
    { kind: 'account_updated', accountId: begun.accountId, kyc: { status: 'verified' }, amount: '0', currency: 'XXX' },
  ]);
  await expect(kyc.status('acct_unknown')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await world.close();
});

test('an account that does not take transfers is no destination, and a payout to it is refused', async () => {
  const { world, kyc } = await openWorld();
  const { accountId } = await kyc.start(payee);
  const destination = { kind: 'stripe', account: accountId } as const;
  const checked = await world.provider.checkDestination({ id: 'd', destination, checkId: null });
  expect(checked).toMatchObject({ status: 'invalid', reason: expect.stringMatching(/./) });
  const payout = {
    key: 'the_key_of_a_payout',
    amount: 100n as never,
    currency: 'USD',
    destinationId: 'd',
    destination,
  };
  await expect(
    world.provider.createPayout({ ...payout, reference: 'our_payout', narration: 'x' }),
  ).rejects.toMatchObject({ code: 'insufficient_capabilities_for_transfer' });
  await world.close();
});
