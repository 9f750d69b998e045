import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { type Dealing, factOf, newUser, SYSTEM, startDealing } from '../deal/testing/dealing.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { listOpenPromises } from '../process/processes.ts';
import { listTasks, type TaskKind } from '../task/tasks.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { storeFound } from './inbox.ts';
import { findOpenOrder, findOrderToAsk, listOrdersToAsk, setAsked } from './orders.ts';
import { claimRefund, findRefund, type RefundRow, refundKey, settleRefund } from './refunds.ts';

// What a provider will not do, or did not tell, does not stay so for ever.

let pool: Pool;
let dealing: Dealing;
let id: string;
let orderId: string;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  dealing = startDealing(pool, await newUser(pool, 'admin'));
});
afterAll(() => pool?.end());
beforeEach(async () => {
  id = await dealing.open('campaign', await dealing.newPair());
  await dealing.give(id, 'brand_owner', 'accept_application');
  await dealing.give(id, 'brand_owner', 'send_price_offer', { price: 5000 });
  await dealing.give(id, 'influencer', 'accept_price');
  orderId = await dealing.order(id);
});

async function paidAndDeclined(): Promise<void> {
  await dealing.hear({ kind: 'captured', orderId, paymentId: `pay_${id}` });
  await dealing.book(id);
  await dealing.give(id, 'influencer', 'decline_work');
}

async function failingRefund(): Promise<void> {
  await paidAndDeclined();
  await dealing.carry(id, 'failed');
}

/** How the provider calls the refund that it refused. */
async function refundAtProvider() {
  const [promise] = await listOpenPromises(pool, id);
  const refund = (await findRefund(pool, promise?.call?.id as string)) as RefundRow;
  return { refundId: refund.provider_refund_id, key: refundKey(refund) };
}

async function task(kind: TaskKind, open = true) {
  const all = await listTasks(pool, { open, kind, limit: 100, before: null });
  return all.find((each) => each.process_id === id);
}
const brokenInvariants = async () => (await checkInvariants(pool)).filter(({ ok }) => !ok);
const now = () => dealing.clock.now.toISOString();

test('a refund that its provider will not make is settled by hand, and its money leaves clearing', async () => {
  await failingRefund();
  expect(await dealing.decide((await task('stuck_refund'))?.id as string, 'settle')).toBe(true);
  expect(await listOpenPromises(pool, id)).toEqual([]);
  expect((await dealing.steps(id)).at(-1)).toMatchObject({ on: 'refund_settled' });
  expect(await task('stuck_refund', false)).toMatchObject({ decision: { decision: 'settle' } });
  expect(await brokenInvariants()).toEqual([]);
});

test('a stuck refund that was dismissed is still owed: it can be settled by hand, once', async () => {
  await failingRefund();
  const taskId = (await task('stuck_refund'))?.id as string;
  expect(await dealing.decide(taskId, 'dismiss')).toBe(true);
  expect(await dealing.decide(taskId, 'dismiss')).toBe(false);
  expect(await dealing.decide(taskId, 'settle')).toBe(true);
  expect(await dealing.decide(taskId, 'settle')).toBe(false);
  await expect(dealing.decide(taskId, 'retry')).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(await listOpenPromises(pool, id)).toEqual([]);
  expect(await brokenInvariants()).toEqual([]);
});

test('what was settled by hand stays so, though its failure is told of once more: nobody is paid twice', async () => {
  await failingRefund();
  const { refundId, key } = await refundAtProvider();
  await dealing.decide((await task('stuck_refund'))?.id as string, 'settle');
  // Providers tell of one failure in several events, some of them late.
  await dealing.hear({ kind: 'refund_failed', paymentId: `pay_${id}`, refundId, refundKey: key });
  await dealing.book(id);
  expect(await listOpenPromises(pool, id)).toEqual([]);
  expect(await task('stuck_refund')).toBeUndefined();
  expect((await dealing.steps(id)).at(-1)).toMatchObject({ on: 'refund_settled' });
  expect(await brokenInvariants()).toEqual([]);
});

test('what was settled by hand and comes from the provider all the same is shown to an operator', async () => {
  await paidAndDeclined();
  await dealing.carry(id, null);
  const [promise] = await listOpenPromises(pool, id);
  const claimed = await claimRefund(pool, promise?.call?.id as string, now());
  const refused = { status: 'failed', refundId: null, failure: 'BELOW_MINIMUM' } as const;
  await settleRefund(pool, claimed as RefundRow, refused, { now: now(), systemUserId: SYSTEM, correlationId: null });
  await dealing.decide((await task('stuck_refund'))?.id as string, 'settle');
  await dealing.hear({ kind: 'refunded', paymentId: `pay_${id}`, refundId: 're_dashboard' });
  await dealing.book(id);
  expect(await task('unmatched_capture')).toMatchObject({
    details: { why: 'unknown_refund', refund_id: 're_dashboard' },
  });
  expect(await brokenInvariants()).toEqual([]);
});

test('whoever paid another amount is told so, and what to do', async () => {
  await dealing.hear({ kind: 'captured', orderId, paymentId: `other_${id}`, amount: '123400' });
  await dealing.book(id);
  const words = await pool.anyFirst(sql.type(z.object({ message: z.string() }))`
    SELECT message FROM messages WHERE conversation_id = ${id} ORDER BY position DESC LIMIT 1
  `);
  expect(words[0]).toMatch(/^A payment of ₹1,234 came, and not the ₹5,000 that were agreed on\./);
  expect(await brokenInvariants()).toEqual([]);
});

test('a payment whose webhook never came is found by asking, once, and is a fact like any other', async () => {
  const order = await findOpenOrder(pool, id);
  const asked = await findOrderToAsk(pool, order?.id as string);
  const found = factOf({ kind: 'captured', orderId, paymentId: `pay_${id}`, occurredAt: now() });
  const clock = () => dealing.clock.now;
  if (!asked) throw new Error('no order');
  expect(await storeFound(pool, asked, [found], clock)).toEqual({ stored: 1, processIds: [id] });
  expect(await storeFound(pool, asked, [found], clock)).toEqual({ stored: 0, processIds: [] });
  await dealing.book(id);
  expect(await dealing.deal(id)).toMatchObject({ state: 'payment_completed', held: '500000' });
  // And its webhook, late.
  await dealing.hear({ kind: 'captured', orderId, paymentId: `pay_${id}` });
  await dealing.book(id);
  expect(await dealing.deal(id)).toMatchObject({ held: '500000' });
  expect(await brokenInvariants()).toEqual([]);
});

test('an order that was closed is asked about once more a day later, and then no more', async () => {
  const order = await findOpenOrder(pool, id);
  await dealing.give(id, 'brand_owner', 'withdraw');
  const due = async () => (await listOrdersToAsk(pool, now(), 1_000)).map((each) => each.id);
  expect(await due()).not.toContain(order?.id);
  await setAsked(pool, order?.id as string, now());
  dealing.clock.now = new Date(dealing.clock.now.getTime() + 86_400_000);
  expect(await due()).toContain(order?.id);
  await setAsked(pool, order?.id as string, now());
  expect(await due()).not.toContain(order?.id);
});
