import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Dealing, newUser, startDealing } from '#db/deal/testing/dealing.ts';
import { claimOrder, findOpenOrder, findOrder } from '#db/payment/orders.ts';
import { createTestDatabase } from '#local/testStack.ts';
import type { PaymentProvider, ProviderOrder } from '#payments/provider.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { ensureOrder } from './order.ts';

const TIMEOUT_MS = 20_000;
/** What the provider is asked, in its order; it answers when a test has it answer. */
let calls: PromiseWithResolvers<ProviderOrder>[] = [];
let api: TestApp;
let dealing: Dealing;
let dealId: string;

beforeAll(async () => {
  api = await startTestApp({
    databaseUrl: await createTestDatabase(),
    env: { PAYMENT_TIMEOUT_MS: String(TIMEOUT_MS) },
  });
  dealing = startDealing(api.deps.pool, await newUser(api.deps.pool, 'admin'));
  const slow: PaymentProvider = {
    ...api.deps.providers.current,
    createOrder() {
      const call = Promise.withResolvers<ProviderOrder>();
      calls.push(call);
      return call.promise;
    },
  };
  api.deps.providers = { byName: { sandbox: slow }, current: slow };
});
afterAll(() => api?.close());
beforeEach(async () => {
  calls = [];
  api.clock.now = dealing.clock.now;
  dealId = await dealing.open('campaign', await dealing.newPair());
  for (const on of ['accept_application', 'accept_proposed_price', 'proceed_to_payment'] as const) {
    await dealing.give(dealId, 'brand_owner', on);
  }
});

const later = (ms: number) => {
  api.clock.now = new Date(api.clock.now.getTime() + ms);
};
const called = (times: number) => expect.poll(() => calls.length, { timeout: 10_000 }).toBe(times);
const answer = (call: number, id: string) =>
  calls[call]?.resolve({
    providerOrderId: `${id}_${dealId}`,
    checkoutUrl: `https://pay.example/${id}`,
    expiresAt: null,
  });

test('an order that was shown stays the order, however late a slower call is answered', async () => {
  const slower = ensureOrder(api.deps, dealId);
  await called(1);
  later(10 * TIMEOUT_MS);
  const faster = ensureOrder(api.deps, dealId);
  await called(2);
  answer(1, 'shown');
  const shown = await faster;
  expect(shown).toMatchObject({ provider_order_id: `shown_${dealId}`, checkout_url: 'https://pay.example/shown' });
  answer(0, 'late');
  expect(await slower).toEqual(shown);
  expect(await findOrder(api.deps.pool, `shown_${dealId}`)).toEqual(shown);
  expect(await findOrder(api.deps.pool, `late_${dealId}`)).toBeNull();
  expect(await ensureOrder(api.deps, dealId)).toEqual(shown);
});

test('nobody else asks the provider while three calls as slow as they may be can be under way', async () => {
  const first = ensureOrder(api.deps, dealId);
  await called(1);
  const open = await findOpenOrder(api.deps.pool, dealId);
  later(3 * TIMEOUT_MS);
  expect(await claimOrder(api.deps.pool, open?.id ?? '', api.clock.now, TIMEOUT_MS)).toBeNull();
  answer(0, 'only');
  expect(await first).toMatchObject({ provider_order_id: `only_${dealId}` });
});

test('a claim is let go of when the provider fails', async () => {
  const first = ensureOrder(api.deps, dealId);
  await called(1);
  calls[0]?.reject(new Error('away'));
  await expect(first).rejects.toThrow('away');
  const second = ensureOrder(api.deps, dealId);
  await called(2);
  answer(1, 'second');
  expect(await second).toMatchObject({ provider_order_id: `second_${dealId}` });
});
