import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { type Dealing, newUser, SYSTEM, startDealing } from '../deal/testing/dealing.ts';
import { createPool, type Pool } from '../pool.ts';
import { listOpenPromises } from '../process/processes.ts';
import { listTasks, type TaskKind } from '../task/tasks.ts';
import { checkInvariants } from '../testing/invariants.ts';
import {
  claimRefund,
  findRefund,
  type RefundOutcome,
  type RefundRow,
  refundKey,
  retryRefund,
  settleRefund,
} from './refunds.ts';

// A provider's answer to our asking and its webhook about the same refund come in any order.

let pool: Pool;
let dealing: Dealing;
/** A deal whose payment is to be given back, and the provider was asked. */
let deal: string;
let asked: RefundRow;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  dealing = startDealing(pool, await newUser(pool, 'admin'));
});
afterAll(() => pool?.end());

beforeEach(async () => {
  deal = await dealing.open('campaign', await dealing.newPair());
  await dealing.give(deal, 'brand_owner', 'accept_application');
  await dealing.give(deal, 'brand_owner', 'send_price_offer', { price: 5000 });
  await dealing.give(deal, 'influencer', 'accept_price');
  const orderId = await dealing.order(deal);
  await dealing.hear({ kind: 'captured', orderId, paymentId: `pay_${deal}` });
  await dealing.book(deal);
  await dealing.give(deal, 'influencer', 'decline_work');
  await dealing.carry(deal, null);
  const [promise] = await listOpenPromises(pool, deal);
  asked = (await claimRefund(pool, promise?.call?.id as string, now())) as RefundRow;
});

const now = () => dealing.clock.now.toISOString();
const origin = () => ({ now: now(), systemUserId: SYSTEM, correlationId: null });

/** The provider's answer to our asking arrives. */
const answer = (status: RefundOutcome['status'], to = asked) =>
  settleRefund(pool, to, { status, refundId: `at_${refundKey(to)}`, failure: null }, origin());

/** Its webhook arrives, and is booked. */
async function webhook(kind: 'refunded' | 'refund_failed', about = asked): Promise<void> {
  const key = refundKey(about);
  await dealing.hear({ kind, refundKey: key, refundId: `at_${key}`, paymentId: about.payment_id, reason: 'closed' });
  await dealing.book(deal);
}

const openTasks = async (kind: TaskKind) =>
  (await listTasks(pool, { open: true, kind, limit: 100, before: null })).filter((task) => task.process_id === deal);
const brokenInvariants = async () => (await checkInvariants(pool)).filter(({ ok }) => !ok);
const commands = async () => (await dealing.steps(deal)).map(({ on }) => on);

test('an answer that a refund was taken does not undo the webhook that it failed', async () => {
  await webhook('refund_failed');
  await answer('pending');
  expect(await findRefund(pool, asked.id)).toMatchObject({ status: 'failed', attempt: 1 });
  expect(await openTasks('stuck_refund')).toHaveLength(1);
  expect(await retryRefund(pool, asked.id, null, now())).toBe(true);
});

test.each(['pending', 'failed'] as const)(
  'an answer to the first attempt, %s, says nothing about the second that an operator has made since',
  async (status) => {
    await webhook('refund_failed');
    expect(await retryRefund(pool, asked.id, null, now())).toBe(true);
    await answer(status);
    expect(await findRefund(pool, asked.id)).toMatchObject({ status: 'due', attempt: 2, provider_refund_id: null });
    expect(await openTasks('stuck_refund')).toEqual([]);
    expect((await commands()).filter((on) => on === 'refund_failed')).toHaveLength(1);
  },
);

test('money that arrived is booked once, whether answer or webhook says so first, and however late', async () => {
  await answer('failed');
  await retryRefund(pool, asked.id, null, now());
  await answer('processed');
  await webhook('refunded');
  await answer('processed');
  expect(await findRefund(pool, asked.id)).toMatchObject({ status: 'processed' });
  expect((await commands()).filter((on) => on === 'refund_settled')).toHaveLength(1);
  expect(await claimRefund(pool, asked.id, now())).toBeNull();
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
});

test('a refund that arrives a second time is no news of the first: an operator is shown it', async () => {
  await answer('failed');
  await retryRefund(pool, asked.id, null, now());
  const second = (await claimRefund(pool, asked.id, now())) as RefundRow;
  await answer('processed');
  expect(await openTasks('unmatched_capture')).toEqual([]);
  await webhook('refunded', second);
  expect(await openTasks('unmatched_capture')).toMatchObject([
    { details: { why: 'unknown_refund', refund_id: `at_${refundKey(second)}` } },
  ]);
});

/** The bank sent back what had arrived, so long after. */
async function sentBack(afterMs: number, about = asked): Promise<void> {
  dealing.clock.now = new Date(dealing.clock.now.getTime() + afterMs);
  await webhook('refund_failed', about);
}

const DAY_MS = 86_400_000;

test('a refund that arrived and was sent back days later is owed again, and its next attempt arrives once', async () => {
  await webhook('refunded');
  expect(await listOpenPromises(pool, deal)).toEqual([]);
  await sentBack(3 * DAY_MS);
  expect(await findRefund(pool, asked.id)).toMatchObject({ status: 'failed', reversals: 1 });
  expect(await openTasks('stuck_refund')).toMatchObject([{ details: { refund_id: asked.id, failure: 'closed' } }]);
  expect(await listOpenPromises(pool, deal)).toMatchObject([{ call: { id: asked.id, status: 'failed' } }]);
  expect(await brokenInvariants()).toEqual([]);

  expect(await retryRefund(pool, asked.id, null, now())).toBe(true);
  const second = (await claimRefund(pool, asked.id, now())) as RefundRow;
  await answer('processed', second);
  await webhook('refunded', second);
  expect(await findRefund(pool, asked.id)).toMatchObject({ status: 'processed' });
  expect(await listOpenPromises(pool, deal)).toEqual([]);
  expect(await brokenInvariants()).toEqual([]);

  // And once more: banks do.
  await sentBack(DAY_MS, second);
  expect(await findRefund(pool, asked.id)).toMatchObject({ status: 'failed', reversals: 2 });
  expect(await brokenInvariants()).toEqual([]);
});

test('what was said of a refund before it was sent back says nothing any more, be it told later', async () => {
  const before = now();
  await webhook('refunded');
  await sentBack(DAY_MS);
  await dealing.hear({ kind: 'refunded', refundId: `at_${refundKey(asked)}`, occurredAt: before });
  await dealing.book(deal);
  expect(await findRefund(pool, asked.id)).toMatchObject({ status: 'failed' });
  await retryRefund(pool, asked.id, null, now());
  await dealing.hear({
    kind: 'refunded',
    refundId: `at_${refundKey(asked)}`,
    refundKey: refundKey(asked),
    occurredAt: before,
  });
  await dealing.book(deal);
  expect(await findRefund(pool, asked.id)).toMatchObject({ status: 'due', attempt: 2 });
  expect(await brokenInvariants()).toEqual([]);
});

test.each(['webhook', 'answer'] as const)(
  'a first attempt that failed after the second was made has not arrived, be that told later by its %s',
  async (by) => {
    await answer('failed');
    await retryRefund(pool, asked.id, null, now());
    await webhook('refund_failed');
    if (by === 'webhook') await webhook('refunded');
    else await answer('processed');
    expect(await findRefund(pool, asked.id)).toMatchObject({ status: 'due', attempt: 2 });
    expect(await brokenInvariants()).toEqual([]);
    const second = (await claimRefund(pool, asked.id, now())) as RefundRow;
    await answer('processed', second);
    expect(await findRefund(pool, asked.id)).toMatchObject({ status: 'processed' });
  },
);

test.each([
  ['in the same second', 0],
  ['some seconds before, by a clock that is behind ours', -5_000],
  ['days later', 3 * DAY_MS],
])(
  'a refund that failed %s as it was noted to have arrived is taken back: a refund that failed has not arrived',
  async (_, byMs) => {
    await answer('processed');
    const key = refundKey(asked);
    await dealing.hear({
      kind: 'refund_failed',
      refundId: `at_${key}`,
      refundKey: key,
      occurredAt: new Date(dealing.clock.now.getTime() + byMs).toISOString(),
    });
    await dealing.book(deal);
    expect(await findRefund(pool, asked.id)).toMatchObject({ status: 'failed', reversals: 1 });
    expect(await openTasks('stuck_refund')).toHaveLength(1);
    // The letter that it arrived comes once more, dated later: it is the older all the same.
    await dealing.hear({ kind: 'refunded', refundId: `at_${key}`, occurredAt: '2027-01-01T00:00:00.000Z' });
    await dealing.book(deal);
    expect(await findRefund(pool, asked.id)).toMatchObject({ status: 'failed', reversals: 1 });
    expect(await brokenInvariants()).toEqual([]);
  },
);

test('a refund of the same amount that somebody else asked for and that failed is not ours', async () => {
  await answer('pending');
  await dealing.hear({ kind: 'refund_failed', refundId: 're_dashboard', paymentId: asked.payment_id });
  await dealing.book(deal);
  expect(await findRefund(pool, asked.id)).toMatchObject({
    status: 'pending',
    provider_refund_id: `at_${refundKey(asked)}`,
  });
  expect(await openTasks('stuck_refund')).toEqual([]);
  expect(await openTasks('unmatched_capture')).toMatchObject([{ details: { refund_id: 're_dashboard' } }]);
});
