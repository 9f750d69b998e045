/** Charge-backs on a real database: of top-ups that were paid, disputed by whatever a test has a bank say. */
import { v7 as uuid } from 'uuid';
import type { Asset } from '#workflows/money.ts';
import { factOf, newUser } from '../../deal/testing/dealing.ts';
import { bookUnaddressedFacts, bookWaitingFacts } from '../../payment/bookings.ts';
import { storeWebhook } from '../../payment/inbox.ts';
import { fillOrder, findOpenOrder } from '../../payment/orders.ts';
import type { Pool } from '../../pool.ts';
import { sql } from '../../pool.ts';
import { listOpenPromises } from '../../process/processes.ts';
import { carryPromise } from '../../process/promises.ts';
import type { Origin } from '../../process/stored.ts';
import { openTopUp } from '../../topUp/topUps.ts';
import { findOfDispute } from '../chargeBacks.ts';
import { followDisputes } from '../following.ts';

export type Paid = { userId: string; topUpId: string; paymentId: string };

/** A top-up that is to be paid, with its order at the provider. */
export async function unpaidTopUp(
  pool: Pool,
  { now }: Origin,
  userId: string,
  asset: Asset,
  price: bigint,
): Promise<{ topUpId: string; orderId: string }> {
  const quantity = asset === 'INR' ? price : 500n;
  const asked = { userId, asset, quantity, price, currency: 'INR' as const, provider: 'sandbox', now };
  const { id: topUpId } = await pool.transaction((transaction) => openTopUp(transaction, asked));
  const order = await findOpenOrder(pool, topUpId);
  const orderId = `order_${topUpId}`;
  const made = { providerOrderId: orderId, checkoutUrl: null, razorpayConfig: null, expiresAt: null };
  await fillOrder(pool, order?.id as string, made);
  return { topUpId, orderId };
}

/** Somebody who paid 1,000.00 rupees: for as many rupees, or for tokens at two rupees each. */
export async function paidTopUp(pool: Pool, origin: Origin, asset: Asset = 'INR', price = 100_000n): Promise<Paid> {
  const userId = await newUser(pool, 'influencer');
  const { topUpId, orderId } = await unpaidTopUp(pool, origin, userId, asset, price);
  const paymentId = `pay_${topUpId}`;
  await hear(pool, origin, { kind: 'captured', orderId, paymentId, amount: price.toString() }, topUpId);
  await carry(pool, topUpId, origin);
  return { userId, topUpId, paymentId };
}

type Said = Partial<Parameters<typeof factOf>[0]> & { kind: Parameters<typeof factOf>[0]['kind'] };

/** A provider's webhook, booked. */
export async function hear(pool: Pool, origin: Origin, fact: Said, processId: string | null): Promise<void> {
  const whole = factOf({ occurredAt: origin.now, ...fact });
  const webhook = { provider: 'sandbox', eventId: uuid(), type: whole.kind, facts: [whole], body: '{}' };
  await storeWebhook(pool, { ...webhook, now: () => new Date(origin.now) });
  if (processId === null) await bookUnaddressedFacts(pool, origin);
  else await bookWaitingFacts(pool, processId, origin);
}

export async function carry(pool: Pool, processId: string, origin: Origin): Promise<void> {
  for (const { id } of await listOpenPromises(pool, processId)) await carryPromise(pool, processId, id, origin);
}

/** The bank says this of a payment, and the charge-back hears of it. Answers its id; null where there is none. */
export async function dispute(
  pool: Pool,
  origin: Origin,
  paid: Pick<Paid, 'paymentId'> & { topUpId: string | null },
  said: {
    outcome: 'won' | 'lost' | 'partly' | null;
    amount?: string;
    deducted?: string;
    disputeId?: string;
    respondBy?: string;
  },
): Promise<string | null> {
  const { paymentId, topUpId } = paid;
  const { outcome, amount = '100000', disputeId = `dp_${paymentId}`, ...more } = said;
  const kind = outcome === null ? 'charge_back_opened' : 'charge_back_closed';
  await hear(pool, origin, { kind, paymentId, disputeId, outcome, amount, ...more }, topUpId);
  await followDisputes(pool, origin);
  return idOf(pool, disputeId);
}

export async function idOf(pool: Pool, disputeId: string): Promise<string | null> {
  const id = await pool.maybeOneFirst(sql.typeAlias('id')`SELECT id FROM disputes WHERE dispute_id = ${disputeId}`);
  return id === null ? null : ((await findOfDispute(pool, id))?.process_id ?? null);
}
