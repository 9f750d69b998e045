import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { findOpenOrder } from '#db/payment/orders.ts';
import { type PaymentProvider, ProviderUnavailable } from '#payments/provider.ts';
import type { ProviderFact } from '#workflows/payment/fact.ts';
import { expectBooksInOrder, moneyOf, untilSettled } from './books.ts';
import { openParts, type Parts } from './parts.ts';
import { type Json, until } from './person.ts';
import { bringTo, commandsOf, newSides, order, type Played, type Sides, stateOf, untilState } from './play.ts';

/** A payment was captured, and its webhook never comes: nobody but the provider knows. */

let place: Parts;
let sides: Sides;
/** What the provider knows of an order; `away`: it cannot be asked. */
const paid = new Map<string, ProviderFact[]>();
let away = false;

beforeAll(async () => {
  place = await openParts({ patience: { orderMs: 6_000 } });
  sides = await newSides(place);
  place.faults.provider = (real): PaymentProvider => ({
    ...real,
    async findOrder(providerOrderId) {
      if (away) throw new ProviderUnavailable('sandbox', 'not_done', 'is away');
      return { status: 'paid', payments: paid.get(providerOrderId) ?? [] };
    },
  });
});
afterEach(async () => {
  away = false;
  await expectBooksInOrder(place);
});
afterAll(() => place?.close());

/** A deal whose order was paid, by the provider's clock, and nobody was told. */
async function paidInSilence(policy = { pay_within: 'PT4S' }): Promise<Played> {
  const played = await bringTo(place, sides, 'payment_pending', { policy });
  await order(played);
  const made = await findOpenOrder(place.pool, played.id);
  const providerOrderId = made?.provider_order_id as string;
  const fact: ProviderFact = {
    kind: 'captured',
    provider: 'sandbox',
    orderId: providerOrderId,
    reference: made?.id ?? null,
    paymentId: played.paymentId,
    refundId: null,
    refundKey: null,
    amount: '500000',
    currency: 'INR',
    occurredAt: new Date().toISOString(),
    reason: null,
  };
  paid.set(providerOrderId, [fact]);
  return played;
}

const tasksOf = async (id: string) =>
  (await (await place.admin()).get('/api/admin/tasks?kind=order_unasked&limit=100')).body.data.filter(
    (task: Json) => task.conversation_id === id,
  );

test('before its deadline closes a deal the provider is asked, and what was paid is held and not returned', async () => {
  const { id } = await paidInSilence();
  await untilState(place, id, 'payment_completed');
  expect(await commandsOf(place, id)).not.toContain('expire');
  expect(await moneyOf(place, id)).toEqual({ external: -500_000n, escrow: 500_000n });
});

test('an order of which the provider says nothing was paid is closed by its deadline, and nobody is called', async () => {
  const played = await bringTo(place, sides, 'payment_pending', { policy: { pay_within: 'PT2S' } });
  await order(played);
  await untilState(place, played.id, 'chat_closed');
  expect(await tasksOf(played.id)).toEqual([]);
});

test('with the provider away the deadline waits, passes, and calls an operator; a day later what was paid is found and given back', async () => {
  const { id } = await paidInSilence({ pay_within: 'PT2S' });
  away = true;
  // Past its deadline, and it waits for the provider's word.
  await until(
    () => place.workflowOf(id).query<{ currentDetails: string }>('__temporal_workflow_metadata'),
    ({ currentDetails }) => currentDetails.includes("for the provider's word"),
  );
  expect(await stateOf(place, id)).toBe('payment_pending');
  await untilState(place, id, 'chat_closed');
  await until(
    () => tasksOf(id),
    (tasks: Json[]) => tasks.length === 1,
  );
  away = false;
  const now = new Date(Date.now() + 25 * 3_600_000).toISOString();
  const { done } = await place.activities.work({ job: 'ask_closed_orders', from: null, now });
  expect(done).toMatch(/asked about/);
  await until(
    () => commandsOf(place, id),
    (commands) => commands.at(-1) === 'refund_settled',
  );
  expect(await untilSettled(place, id)).toEqual({});
  expect(await tasksOf(id)).toEqual([]);
});
