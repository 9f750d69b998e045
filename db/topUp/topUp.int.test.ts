import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { factOf, newUser, SYSTEM } from '../deal/testing/dealing.ts';
import { INVARIANTS } from '../invariants.ts';
import { listBalances } from '../money/ledger.ts';
import { undone } from '../money/testing/undone.ts';
import { bookWaitingFacts } from '../payment/bookings.ts';
import { storeWebhook } from '../payment/inbox.ts';
import { fillOrder, findOpenOrder } from '../payment/orders.ts';
import { claimRefund, refundKey, retryRefund, settleRefund } from '../payment/refunds.ts';
import { createPool, type Pool } from '../pool.ts';
import { findProcess, listOpenPromises } from '../process/processes.ts';
import { carryPromise } from '../process/promises.ts';
import type { Origin } from '../process/stored.ts';
import { describeProcess } from '../process/testing/describeProcess.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { openTopUp } from './topUps.ts';

/** 7 tokens for 7 rupees, by an order that its provider has made. */
async function opened(pool: Pool, userId: string, now: string): Promise<string> {
  const asked = {
    userId,
    asset: 'TOKEN',
    quantity: 7n,
    price: 700n,
    currency: 'INR',
    provider: 'sandbox',
    now,
  } as const;
  const { id } = await pool.transaction((transaction) => openTopUp(transaction, asked));
  const order = await findOpenOrder(pool, id);
  const made = { providerOrderId: `order_of_${id}`, checkoutUrl: null, razorpayConfig: null, expiresAt: null };
  await fillOrder(pool, order?.id ?? '', made);
  return id;
}

async function capture(pool: Pool, id: string, paymentId: string, { now }: Origin): Promise<void> {
  const fact = factOf({ kind: 'captured', orderId: `order_of_${id}`, paymentId, amount: '700', occurredAt: now });
  const webhook = { provider: 'sandbox', eventId: `${paymentId}_${now}`, type: 'captured', body: '{}' } as const;
  await storeWebhook(pool, { ...webhook, facts: [fact], now: () => new Date(now) });
}

describeProcess({
  kind: 'topUp',
  databaseUrl: createTestDatabase,
  systemUserId: SYSTEM,
  complete: {},
  adminId: (pool) => newUser(pool, 'admin'),
  open: async (pool, now) => opened(pool, await newUser(pool, 'brand_owner'), now),
  /** It is paid, a second time as well, whatever became of it; and a refund arrives at its second attempt. */
  async answered(pool, id, origin) {
    const version = (await findProcess(pool, id))?.process.version ?? 0;
    await capture(pool, id, `pay_${id}_${version % 2}`, origin);
    await bookWaitingFacts(pool, id, origin);
    for (const { call } of await listOpenPromises(pool, id)) {
      if (!call) continue;
      await retryRefund(pool, call.id, null, origin.now);
      const claimed = await claimRefund(pool, call.id, origin.now);
      if (!claimed) continue;
      const status = claimed.attempt === 1 ? 'failed' : 'processed';
      const failure = status === 'failed' ? 'the account is closed' : null;
      await settleRefund(pool, claimed, { status, refundId: `at_${refundKey(claimed)}`, failure }, origin);
    }
  },
});

describe('damage is seen by the invariant that is about it, and by no other of top-ups', () => {
  let pool: Pool;
  let paid: string;
  const origin = { now: '2026-03-01T09:00:00.000Z', systemUserId: SYSTEM, correlationId: null };

  beforeAll(async () => {
    pool = createPool(await createTestDatabase());
    const buyer = await newUser(pool, 'brand_owner');
    paid = await opened(pool, buyer, origin.now);
    await capture(pool, paid, 'pay_1', origin);
    await bookWaitingFacts(pool, paid, origin);
    for (const { id } of await listOpenPromises(pool, paid)) await carryPromise(pool, paid, id, origin);
    // Beside the hundred that everybody begins with.
    expect(await listBalances(pool, buyer)).toMatchObject([{ asset: 'TOKEN', available: 107n }]);
    expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
  });
  afterAll(() => pool?.end());

  const DAMAGE: Record<string, (id: string) => string>[] = [
    {
      top_ups_credit_what_was_paid_for: (id) =>
        `UPDATE ledger_transfers SET conversation_id = NULL WHERE key = 'credited_${id}'`,
      top_ups_are_paid_their_price: (id) => `UPDATE payment_orders SET amount = amount + 1 WHERE process_id = '${id}'`,
    },
    {
      // Credited before its price has moved; and an order that may be paid though nobody waits for it.
      top_ups_credit_what_was_paid_for: (id) =>
        `UPDATE promises SET moved_at = NULL, done_at = NULL WHERE process_id = '${id}'`,
      top_ups_are_paid_their_price: (id) => `UPDATE payment_orders SET closed_at = NULL WHERE process_id = '${id}'`,
    },
  ];
  const names = INVARIANTS.filter((name) => name.startsWith('top_ups_'));

  test('there is damage for every invariant of top-ups', () => {
    for (const damage of DAMAGE) expect(Object.keys(damage).sort()).toEqual([...names].sort());
  });

  test.each(names.flatMap((name) => DAMAGE.map((damage, way) => ({ name, way: way + 1, damage: damage[name] }))))(
    '$name, $way',
    async ({ name, damage }) => {
      const { seen, touched } = await undone(pool, [damage?.(paid) ?? ''], checkInvariants);
      expect(touched, 'the damage was done').toEqual([1]);
      const broken = seen.filter(({ ok }) => !ok).map((check) => check.name);
      expect(broken.filter((each) => names.includes(each))).toEqual([name]);
    },
  );
});
