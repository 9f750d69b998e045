import { createTestDatabase } from '#local/testStack.ts';
import { factOf, newUser, SYSTEM } from '../deal/testing/dealing.ts';
import { bookWaitingFacts } from '../payment/bookings.ts';
import { storeWebhook } from '../payment/inbox.ts';
import { fillOrder, findOpenOrder } from '../payment/orders.ts';
import { claimRefund, refundKey, retryRefund, settleRefund } from '../payment/refunds.ts';
import { findProcess, listOpenPromises } from '../process/processes.ts';
import { describeProcess } from '../process/testing/describeProcess.ts';
import { withTokens } from '../stream/testing/live.ts';
import { openSubscription } from './subscriptions.ts';
import { putTiers } from './tiers.ts';

/** A first month by order, at a provider that says that it was paid as often as it is asked; and tokens for one more. */
describeProcess({
  kind: 'subscription',
  databaseUrl: createTestDatabase,
  systemUserId: SYSTEM,
  complete: {},
  adminId: (pool) => newUser(pool, 'admin'),
  async open(pool, now) {
    const [creator, subscriber] = [await withTokens(pool, 0n, now), await withTokens(pool, 100n, now)];
    const { id } = await pool.transaction(async (transaction) => {
      await putTiers(transaction, creator.id, [{ code: 'gold', name: 'Gold', price: 100, perks: [] }], now);
      return openSubscription(transaction, {
        ...{ creatorId: creator.id, payerId: subscriber.id, giftTo: null, tier: 'gold', shareBps: 7_000, now },
        order: (tokens) => ({ price: tokens * 100n, currency: 'INR', provider: 'sandbox' }),
      });
    });
    const order = await findOpenOrder(pool, id);
    const made = { providerOrderId: `order_of_${id}`, checkoutUrl: null, razorpayConfig: null, expiresAt: null };
    await fillOrder(pool, order?.id ?? '', made);
    return id;
  },
  async answered(pool, id, origin) {
    const { process } = (await findProcess(pool, id)) ?? {};
    const version = process?.version ?? 0;
    const isAwaited = process?.state === 'awaiting_payment';
    const paymentId = `pay_${id}_${isAwaited ? 1 : 2}`;
    const { now } = origin;
    const fact = factOf({ kind: 'captured', orderId: `order_of_${id}`, paymentId, amount: '10000', occurredAt: now });
    const webhook = { provider: 'sandbox', eventId: `${paymentId}_${now}`, type: 'captured', body: '{}' } as const;
    // And once more, early on or too late.
    if (isAwaited || version <= 3) await storeWebhook(pool, { ...webhook, facts: [fact], now: () => new Date(now) });
    await bookWaitingFacts(pool, id, origin);
    for (const { call } of await listOpenPromises(pool, id)) {
      if (!call) continue;
      await retryRefund(pool, call.id, null, now);
      const claimed = await claimRefund(pool, call.id, now);
      if (!claimed) continue;
      await settleRefund(
        pool,
        claimed,
        { status: 'processed', refundId: `at_${refundKey(claimed)}`, failure: null },
        origin,
      );
    }
  },
});
