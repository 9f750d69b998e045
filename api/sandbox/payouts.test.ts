import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import type { NewSandboxDelivery } from '#db/sandbox/provider.ts';
import { sandboxProvider } from '#payments/sandbox.ts';
import { sandboxPayouts } from '#payments/sandboxPayouts.ts';
import { signTimestamped } from '#payments/signature.ts';
import { TIMEOUT_MS } from '#payments/testing/contract.ts';
import { describePayoutContract, type PayoutWorld } from '#payments/testing/payoutContract.ts';
import { startReceiver } from '#payments/testing/receiver.ts';
import { deliver as post } from '#payments/testing/server.ts';
import { startUnreliableLine } from '#payments/testing/unreliableLine.ts';
import { minor } from '#workflows/money.ts';
import { failureBody, toFailure } from '../failure.ts';
import { memoryPayoutStore } from './payoutStore.ts';
import { sandboxPayoutService } from './payouts.ts';

const secrets = ['the newest secret', 'the one before'];

/** The service on a port, its webhooks sent when they are due. */
async function openWorld() {
  const receiver = await startReceiver();
  const send = ({ body }: NewSandboxDelivery) =>
    post(receiver.url, body, { 'x-sandbox-signature': signTimestamped(secrets[0] ?? '', body, new Date()) });
  const timers = new Set<NodeJS.Timeout>();
  const deliver = (delivery: NewSandboxDelivery) => {
    const wait = Date.parse(delivery.deliverAt) - Date.now();
    timers.add(setTimeout(() => void send(delivery), Math.max(wait, 0)));
  };
  const store = memoryPayoutStore(deliver);
  // What is over and above the test's float has left already.
  let left = 0n;
  const float = 1_000_000_000n;
  const counted = { ...store, sumOut: async (currency: string) => left + (await store.sumOut(currency)) };

  const app = fastify();
  app.setErrorHandler((error, _request, reply) => {
    const failure = toFailure(error);
    return reply.status(failure.status).send(failureBody(failure));
  });
  const options = { store: counted, secrets, now: () => new Date(), ring: () => {}, float };
  await app.register(sandboxPayoutService(options), { prefix: '/sandbox' });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const line = await startUnreliableLine(url);
  const settings = { baseUrl: `${line.url}/sandbox`, webhookSecrets: secrets, timeoutMs: TIMEOUT_MS };
  const world: PayoutWorld = {
    provider: sandboxPayouts(settings),
    stranger: sandboxPayouts({ ...settings, webhookSecrets: ['guessed'] }),
    webhooks: sandboxProvider(settings),
    line,
    receiver,
    currency: 'INR',
    destinations: {
      good: { kind: 'sandbox', account: 'ok' },
      unknown: { kind: 'sandbox', account: 'nobody' },
      foreign: { kind: 'stripe', account: 'acct_1' },
    },
    holder: 'Asha Rao',
    isPayment: ({ method, path }) => method === 'POST' && path === '/sandbox/payouts',
    async payoutsOf(reference) {
      const found = await store.findByReference(reference);
      return found ? [found.amount.toString()] : [];
    },
    forgetKeys: () => {},
    async setBalance(units) {
      left = float - (await store.sumOut('INR')) - units;
    },
    failing: { kind: 'sandbox', account: 'fails' },
    reversing: { kind: 'sandbox', account: 'reverses' },
    keepsQueue: true,
    async close() {
      for (const timer of timers) clearTimeout(timer);
      await Promise.all([line.close(), app.close(), receiver.close()]);
    },
  };
  return { world, receiver };
}

describePayoutContract('sandbox', async () => (await openWorld()).world);

const newPayout = (account: string) => ({
  key: `the_key_of_${account}`,
  amount: minor(500n),
  currency: 'LYK',
  destinationId: 'destination_1',
  destination: { kind: 'sandbox', account } as const,
  reference: `our_payout_to_${account}`,
  narration: 'Points',
});

test('a payout to `silent` is told of by nobody, and is found paid by who asks', async () => {
  const { world, receiver } = await openWorld();
  const made = await world.provider.createPayout(newPayout('silent'));
  expect(made.status).toBe('pending');
  expect((await world.provider.findPayout({ reference: 'our_payout_to_silent', payoutId: null }))?.status).toBe(
    'processed',
  );
  // Deliveries go out in order: when the next payout's is here, this one's would be.
  await world.provider.createPayout(newPayout('ok'));
  await receiver.next('our_payout_to_ok');
  expect(receiver.deliveries.filter(({ rawBody }) => rawBody.includes('silent'))).toEqual([]);
  await world.close();
});

test('a payout to `timeout` is never answered, is unknown, and is found paid once', async () => {
  const { world, receiver } = await openWorld();
  expect(await world.provider.createPayout(newPayout('timeout'))).toMatchObject({ status: 'unknown', payoutId: null });
  const found = await world.provider.findPayout({ reference: 'our_payout_to_timeout', payoutId: null });
  expect(found?.status).toBe('processed');
  expect(await world.provider.createPayout(newPayout('timeout'))).toEqual(found);
  await receiver.next('our_payout_to_timeout');
  expect(receiver.deliveries).toHaveLength(1);
  await world.close();
});

test('a payout to `reverses` is paid first, and comes back later', async () => {
  const { world } = await openWorld();
  await world.provider.createPayout(newPayout('reverses'));
  const ask = () => world.provider.findPayout({ reference: 'our_payout_to_reverses', payoutId: null });
  expect(await ask()).toMatchObject({ status: 'processed', reason: null });
  await expect.poll(async () => (await ask())?.status, { timeout: 5_000 }).toBe('reversed');
  await world.close();
});
