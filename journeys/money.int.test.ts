import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { listWaitingFacts } from '#db/payment/inbox.ts';
import { sql } from '#db/pool.ts';
import type { PaymentProvider } from '#payments/provider.ts';
import { workflowIdOf } from '#workflows/ids.ts';
import { expectBooksInOrder, moneyOf, untilSettled } from './books.ts';
import { openParts, type Parts } from './parts.ts';
import { type Json, sendWebhook, until } from './person.ts';
import {
  bringTo,
  capture,
  commandsOf,
  newSides,
  ok,
  order,
  type Played,
  refused,
  type Sides,
  stateOf,
  untilState,
} from './play.ts';

/** Whatever a payment provider says, however often and in whatever order: no rupee is lost, and none moves twice. */

let place: Parts;
let sides: Sides;

beforeAll(async () => {
  place = await openParts();
  sides = await newSides(place);
});
afterAll(() => place?.close());
afterEach(async () => {
  place.faults.activity = undefined;
  await expectBooksInOrder(place);
});

const HELD = { external: -500_000n, escrow: 500_000n };

async function ordered(): Promise<Played> {
  const played = await bringTo(place, sides, 'payment_pending');
  await order(played);
  return played;
}

async function untilBooked(dealId: string | null): Promise<void> {
  await until(
    () => listWaitingFacts(place.pool, dealId),
    (waiting) => waiting.length === 0,
  );
}

async function openTasks(is: (task: Json) => boolean): Promise<Json[]> {
  const admin = await place.admin();
  const { body } = await admin.get('/api/admin/tasks?limit=100');
  return body.data.filter(is);
}

const ofDeal =
  ({ id }: Played) =>
  (task: Json) =>
    task.conversation_id === id;

const ofPayment = (paymentId: string) => (task: Json) => task.details.payment_id === paymentId;

async function suspenseOf(currency: string): Promise<bigint> {
  const row = await place.pool.maybeOne(sql.type(z.object({ balance: z.bigint() }))`
    SELECT balance FROM ledger_accounts WHERE code = 'suspense/sandbox' AND asset = ${currency}
  `);
  return row?.balance ?? 0n;
}

async function refundsOf(paymentId: string): Promise<bigint[]> {
  const rows = await place.pool.any(sql.type(z.object({ amount: z.bigint() }))`
    SELECT amount FROM sandbox_refunds WHERE payment_id = ${paymentId}
  `);
  return rows.map(({ amount }) => amount);
}

function tell(type: string, data: Record<string, unknown>, event: { id?: string; at?: Date } = {}) {
  return sendWebhook(place.url, { type, data, ...event });
}

const MINUTE_MS = 60_000;

describe('a capture', () => {
  test('is held once, though it is told ten times at once', async () => {
    const played = await ordered();
    const answers = await Promise.all(Array.from({ length: 10 }, () => capture(place, played, {}, `evt_${played.id}`)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    await untilState(place, played.id, 'payment_completed');
    await untilBooked(played.id);
    expect(await moneyOf(place, played.id)).toEqual(HELD);
    const { n } = await place.pool.one(sql.type(z.object({ n: z.bigint() }))`
      SELECT count(*) AS n FROM inbox WHERE process_id = ${played.id}
    `);
    expect(n).toBe(1n);
  });

  test('is held once, though ten events tell of it at once', async () => {
    const played = await ordered();
    await Promise.all(Array.from({ length: 10 }, () => capture(place, played)));
    await untilState(place, played.id, 'payment_completed');
    await untilBooked(played.id);
    expect(await moneyOf(place, played.id)).toEqual(HELD);
    expect(await refundsOf(played.paymentId)).toEqual([]);
  });

  test('is held, and nine others of the same order at the same time are refunded, each to its payer', async () => {
    const played = await ordered();
    const paymentIds = Array.from({ length: 10 }, (_, i) => `${played.paymentId}_${i}`);
    await Promise.all(paymentIds.map((paymentId) => capture(place, { ...played, paymentId })));
    await until(
      () => commandsOf(place, played.id),
      (commands) => commands.filter((on) => on === 'refund_settled').length === 9,
    );
    expect(await stateOf(place, played.id)).toBe('payment_completed');
    expect(await moneyOf(place, played.id)).toEqual(HELD);
    const refunds = await Promise.all(paymentIds.map(refundsOf));
    expect(refunds.map((each) => each.length).sort()).toEqual([0, ...Array(9).fill(1)]);
    expect(new Set(refunds.flat())).toEqual(new Set([500_000n]));
  });

  test('that cannot be booked now holds up its own deal alone: what comes after it is booked, and then it is', async () => {
    const [held, ...others] = [await ordered(), await ordered(), await ordered()] as [Played, Played, Played];
    const workflowId = workflowIdOf('deal', held.id);
    place.faults.activity = (moment, _, by) => {
      if (moment === 'begins' && by === workflowId) throw new Error('it cannot be booked now');
    };
    for (const played of [held, ...others]) await capture(place, played);
    for (const { id } of others) await untilState(place, id, 'payment_completed');
    expect(await stateOf(place, held.id)).toBe('payment_pending');
    expect(await listWaitingFacts(place.pool, held.id)).toHaveLength(1);
    place.faults.activity = undefined;
    await untilState(place, held.id, 'payment_completed');
    expect(await moneyOf(place, held.id)).toEqual(HELD);
  });

  test.for([
    { what: 'of less', change: { amount: 499_999 } },
    { what: 'of more', change: { amount: 500_001 } },
    { what: 'in another currency of ours', change: { currency: 'USD' } },
    { what: 'in a currency we have no asset for', change: { currency: 'JPY' } },
  ])('$what goes to suspense, an operator is asked, and the right one still pays', async ({ change }) => {
    const played = await ordered();
    const currency = (change as { currency?: string }).currency ?? 'INR';
    const amount = BigInt((change as { amount?: number }).amount ?? 500_000);
    const before = await suspenseOf(currency);
    const wrong = { ...played, paymentId: `${played.paymentId}_wrong` };
    await capture(place, wrong, change);
    await untilBooked(played.id);
    expect(await suspenseOf(currency)).toBe(before + amount);
    expect(await stateOf(place, played.id)).toBe('payment_pending');
    const [task] = await openTasks(ofDeal(played));
    expect(task).toMatchObject({
      kind: 'unmatched_capture',
      details: { why: 'amount_or_currency_differs', amount_minor: amount.toString(), currency },
    });
    await capture(place, played);
    await untilState(place, played.id, 'payment_completed');

    const admin = await place.admin();
    const decision = { decision: 'refund', reason: 'They paid the wrong sum' };
    const decisions = await Promise.all(
      Array.from({ length: 3 }, () => admin.post(`/api/admin/tasks/${task.id}/decision`, decision)),
    );
    expect(decisions.map(({ status }) => status)).toContain(200);
    expect(decisions.filter(({ status }) => status !== 200 && status !== 409)).toEqual([]);
    expect((await ok(admin.post(`/api/admin/tasks/${task.id}/decision`, decision))).closed_at).not.toBeNull();
    await until(
      () => refundsOf(wrong.paymentId),
      (refunds) => refunds.length > 0,
    );
    expect(await refundsOf(wrong.paymentId)).toEqual([amount]);
    await until(
      () => moneyOf(place, played.id),
      (money) => money.refund_clearing === undefined,
    );
    expect(await suspenseOf(currency)).toBe(before);
    expect(await stateOf(place, played.id)).toBe('payment_completed');
  });

  test('of an order nobody knows is kept, shown to an operator, and can be given back', async () => {
    const before = await suspenseOf('INR');
    const paymentId = `pay_nobodys_${sides.brand.id}`;
    const data = { order_id: 'order_of_nobody', payment_id: paymentId, amount: 12_345, currency: 'INR' };
    await Promise.all([tell('payment.captured', data), tell('payment.captured', data)]);
    const [task] = await until(
      () => openTasks(ofPayment(paymentId)),
      (tasks) => tasks.length > 0,
    );
    expect(task).toMatchObject({ kind: 'unmatched_capture', conversation_id: null, details: { why: 'unknown_order' } });
    expect(await suspenseOf('INR')).toBe(before + 12_345n);
    const admin = await place.admin();
    await ok(admin.post(`/api/admin/tasks/${task.id}/decision`, { decision: 'refund', reason: 'Not ours' }));
    await until(
      () => refundsOf(paymentId),
      (refunds) => refunds.length === 1,
    );
    expect(await suspenseOf('INR')).toBe(before);
  });

  test('and a withdrawal at the same instant: one is first, and the other is told so', async () => {
    for (let round = 0; round < 10; round += 1) {
      const played = await ordered();
      const [answer] = await Promise.all([played.influencer.click(played.id, 'withdraw'), capture(place, played)]);
      await untilBooked(played.id);
      if (answer.status === 200) {
        expect(await stateOf(place, played.id)).toBe('chat_closed');
        await until(
          () => commandsOf(place, played.id),
          (commands) => commands.includes('refund_settled'),
        );
        expect(await untilSettled(place, played.id)).toEqual({});
      } else {
        expect(answer.body.details.current_state).toBe('payment_completed');
        expect(await moneyOf(place, played.id)).toEqual(HELD);
      }
    }
  });
});

describe('a failure', () => {
  test('is told to both, and the payment can be tried again', async () => {
    const played = await ordered();
    await tell('payment.failed', {
      order_id: played.orderId,
      payment_id: `${played.paymentId}_0`,
      amount: 500_000,
      currency: 'INR',
      reason: 'Insufficient funds',
    });
    await until(
      () => commandsOf(place, played.id),
      (commands) => commands.at(-1) === 'payment_failed',
    );
    const { body } = await played.brand.get(`/api/messages/conversations/${played.id}/messages`);
    expect(body.data[0].message).toContain('Insufficient funds');
    expect((await order(played)).order_id).toBe(played.orderId);
    await capture(place, played);
    await untilState(place, played.id, 'payment_completed');
  });

  test('after the capture is stored and changes nothing, of this payment or of another', async () => {
    const played = await ordered();
    await capture(place, played);
    await untilState(place, played.id, 'payment_completed');
    const commands = await commandsOf(place, played.id);
    for (const payment_id of [played.paymentId, `${played.paymentId}_0`]) {
      const data = { order_id: played.orderId, payment_id, amount: 500_000, currency: 'INR' };
      expect((await tell('payment.failed', data)).status).toBe(200);
    }
    await untilBooked(played.id);
    expect(await commandsOf(place, played.id)).toEqual(commands);
    expect(await moneyOf(place, played.id)).toEqual(HELD);
  });
});

describe('all that is told, in every order', () => {
  /** Every order of a few things. */
  function orders<T>(things: readonly T[]): T[][] {
    if (things.length < 2) return [[...things]];
    return things.flatMap((first, at) => orders(things.toSpliced(at, 1)).map((rest) => [first, ...rest]));
  }

  const webhooks = ['captured', 'second', 'failed', 'wrong'] as const;

  describe.concurrent('of payments', () => {
    test.for(orders(webhooks).map((each) => ({ told: each.join(', ') })))('$told', async ({ told }, { expect }) => {
      const played = await ordered();
      const { id, orderId, paymentId } = played;
      for (const what of told.split(', ')) {
        if (what === 'captured') await capture(place, played);
        if (what === 'second') await capture(place, { orderId, paymentId: `${paymentId}_second` });
        if (what === 'wrong') await capture(place, { orderId, paymentId: `${paymentId}_wrong` }, { amount: 7 });
        if (what === 'failed') {
          await tell('payment.failed', { order_id: orderId, payment_id: paymentId, amount: 500_000, currency: 'INR' });
        }
      }
      await until(
        () => commandsOf(place, id),
        (commands) => commands.includes('refund_settled'),
      );
      await untilBooked(id);
      expect(await stateOf(place, id)).toBe('payment_completed');
      expect(await moneyOf(place, id)).toEqual({ external: -500_007n, escrow: 500_000n, suspense: 7n });
      const refunded = await Promise.all([refundsOf(paymentId), refundsOf(`${paymentId}_second`)]);
      expect(refunded.flat()).toEqual([500_000n]);
    });
  });

  describe.concurrent('of a refund', () => {
    /** Payments whose refunds the provider answers when it is let, and under which key it was asked. */
    const slow = new Map<string, { key: string | null; answer: PromiseWithResolvers<void> }>();

    beforeAll(() => {
      place.faults.provider = (real): PaymentProvider => ({
        ...real,
        async refund(asked) {
          const one = slow.get(asked.paymentId);
          if (!one) return real.refund(asked);
          one.key = asked.key;
          await one.answer.promise;
          return { status: 'pending', refundId: `rfnd_${asked.key}` };
        },
      });
    });
    afterAll(() => {
      for (const { answer } of slow.values()) answer.resolve();
      place.faults.provider = undefined;
    });

    const tellings = orders(['processed', 'failed', 'processed again', 'the answer'] as const);
    test.for(tellings.map((each) => ({ told: each.join(', ') })))('$told', async ({ told }, { expect }) => {
      const { id, paymentId, orderId, influencer } = await bringTo(place, sides, 'payment_completed');
      const refund = { key: null as string | null, answer: Promise.withResolvers<void>() };
      slow.set(paymentId, refund);
      await ok(influencer.click(id, 'decline_work'));
      const key = await until(
        async () => refund.key,
        (asked) => asked !== null,
      );
      const data = { order_id: orderId, payment_id: paymentId, amount: 500_000, currency: 'INR', refund_key: key };
      const before = new Date(Date.now() - MINUTE_MS);
      for (const what of told.split(', ')) {
        if (what === 'the answer') refund.answer.resolve();
        // By its own clock it failed before it arrived: clocks differ.
        else if (what === 'failed') await tell('refund.failed', { ...data, refund_id: `rfnd_${key}` }, { at: before });
        else await tell('refund.processed', { ...data, refund_id: `rfnd_${key}` });
      }
      await untilBooked(id);
      // A refund that failed has not arrived, whatever is said of it beside and whenever: it is owed, and somebody asked.
      const stuck = () => openTasks((task) => task.conversation_id === id && task.kind === 'stuck_refund');
      expect(await until(stuck, (tasks) => tasks.length === 1)).toHaveLength(1);
      expect(await moneyOf(place, id)).toEqual({ external: -500_000n, refund_clearing: 500_000n });
      expect((await commandsOf(place, id)).at(-1)).toBe('refund_failed');
    });
  });
});

test('a refund that arrived and that the bank sent back is owed again, until an operator has it settled', async () => {
  const { id, orderId, paymentId, influencer } = await bringTo(place, sides, 'payment_completed');
  await ok(influencer.click(id, 'decline_work'));
  expect(await untilSettled(place, id)).toEqual({});
  const refundId = await place.pool.oneFirst(sql.type(z.object({ refund: z.string() }))`
    SELECT provider_refund_id AS refund FROM refunds JOIN captures ON captures.id = refunds.capture_id
    WHERE captures.payment_id = ${paymentId}
  `);
  const data = { order_id: orderId, payment_id: paymentId, amount: 500_000, currency: 'INR', refund_id: refundId };
  const sentBackAt = new Date(Date.now() + 2_000);
  await tell('refund.failed', { ...data, reason: 'the account is closed' }, { at: sentBackAt });
  const stuck = () => openTasks((task) => task.conversation_id === id && task.kind === 'stuck_refund');
  const [task] = await until(stuck, (tasks) => tasks.length === 1);
  expect(task).toMatchObject({
    details: { failure: 'the account is closed' },
    decisions: ['retry', 'settle', 'dismiss'],
  });
  expect(await moneyOf(place, id)).toEqual({ external: -500_000n, refund_clearing: 500_000n });
  const workflow = place.workflowOf(id);
  await until(
    () => workflow.describe().then(({ status }) => status.name),
    (status) => status === 'RUNNING',
  );
  // The provider is asked what became of the first attempt before there is a second, and says: it has arrived by now.
  await until(
    async () => Date.now(),
    (now) => now > sentBackAt.getTime(),
  );
  const admin = await place.admin();
  await ok(admin.post(`/api/admin/tasks/${task?.id}/decision`, { decision: 'retry', reason: 'the bank was asked' }));
  expect(await untilSettled(place, id)).toEqual({});
  expect((await commandsOf(place, id)).filter((on) => /^refund_/.test(on))).toEqual([
    'refund_started',
    'refund_settled',
    'refund_failed',
    'refund_settled',
  ]);
  expect(await refundsOf(paymentId)).toEqual([500_000n]);
});

describe('what no deal explains', () => {
  test('a refund made at the provider itself moves nothing, and an operator is asked', async () => {
    const played = await bringTo(place, sides, 'payment_completed');
    const data = { order_id: played.orderId, payment_id: played.paymentId, amount: 500_000, currency: 'INR' };
    await tell('refund.processed', { ...data, refund_id: 'rfnd_by_hand' });
    await untilBooked(played.id);
    const [task] = await openTasks(ofDeal(played));
    expect(task).toMatchObject({ details: { why: 'unknown_refund' }, decisions: ['dismiss'] });
    const admin = await place.admin();
    const decide = (decision: string) =>
      admin.post(`/api/admin/tasks/${task.id}/decision`, { decision, reason: 'I did that myself' });
    // There is nothing in suspense that could be given back.
    await refused(decide('refund'), 400, 'VALIDATION_FAILED');
    await ok(decide('dismiss'));
    expect(await moneyOf(place, played.id)).toEqual(HELD);
  });

  test.for(['INR', 'USD', 'JPY'])(
    'a charge-back in %s is an operator task, and booked once it is lost',
    async (currency) => {
      const paymentId = `pay_charged_back_${currency}`;
      const data = { order_id: null, payment_id: paymentId, amount: 4_200, currency };
      await tell('dispute.created', data);
      await until(
        () => openTasks(ofPayment(paymentId)),
        (tasks) => tasks.length === 1,
      );
      for (let times = 0; times < 2; times += 1) await tell('dispute.closed', { ...data, reason: 'lost' });
      await untilBooked(null);
      const row = await place.pool.one(sql.type(z.object({ balance: z.bigint() }))`
      SELECT balance FROM ledger_accounts WHERE code = 'charge_back/sandbox' AND asset = ${currency}
    `);
      expect(row.balance).toBe(-4_200n);
    },
  );

  test('two charge-backs of one payment that differ do not hold up what comes after them', async () => {
    const paymentId = 'pay_charged_back_twice';
    const data = { order_id: null, payment_id: paymentId, currency: 'INR', reason: 'lost' };
    await tell('dispute.closed', { ...data, amount: 1_000 });
    await tell('dispute.closed', { ...data, amount: 2_000 });
    await tell('payment.captured', {
      order_id: 'order_of_nobody_2',
      payment_id: 'pay_after',
      amount: 5,
      currency: 'INR',
    });
    await until(
      () => openTasks(ofPayment('pay_after')),
      (tasks) => tasks.length === 1,
    );
    await untilBooked(null);
  });

  test('what is to be paid out of a payment that is charged back waits, and goes on when that is won', async () => {
    const played = await bringTo(place, sides, 'work_submitted');
    const data = { order_id: played.orderId, payment_id: played.paymentId, amount: 500_000, currency: 'INR' };
    await tell('dispute.created', data);
    await untilBooked(played.id);
    expect(await openTasks(ofDeal(played))).toMatchObject([{ kind: 'charge_back' }]);
    await ok(played.brand.click(played.id, 'approve_work'));
    const kinds = async () => (await openTasks(ofDeal(played))).map(({ kind }) => kind).sort();
    expect(await until(kinds, (all) => all.length === 2)).toEqual(['charge_back', 'held_up']);
    expect(await stateOf(place, played.id)).toBe('work_approved');
    const { on_its_way } = await ok(played.influencer.get(`/api/messages/conversations/${played.id}/context`));
    expect(on_its_way).toMatchObject([{ kind: 'release', status: 'held_up' }]);
    await tell('dispute.closed', { ...data, reason: 'won' });
    await untilState(place, played.id, 'real_time');
    expect(await openTasks(ofDeal(played))).toEqual([]);
    expect(await untilSettled(place, played.id)).toEqual({ external: -500_000n, wallet: 450_000n, fee: 50_000n });
  });

  test('a capture of nothing, and events of other kinds, are answered and change nothing', async () => {
    const played = await ordered();
    expect((await capture(place, played, { amount: 0 })).status).toBe(200);
    expect((await tell('customer.created', { whatever: true })).status).toBe(200);
    await untilBooked(played.id);
    expect(await stateOf(place, played.id)).toBe('payment_pending');
  });
});

test('what one earned is in the wallet, to the paisa, with what it came from', async () => {
  const { brand, influencer } = await newSides(place);
  const played = await bringTo(place, { brand, influencer }, 'real_time');
  const { balances } = await ok(influencer.get(`/api/wallet/${influencer.id}/balance`));
  expect(balances).toContainEqual({ asset: 'INR', available: '4500.00', held: '0.00', total: '4500.00' });
  const { body } = await influencer.get(`/api/wallet/${influencer.id}/transactions`);
  expect(body.data[0]).toMatchObject({
    amount: '4500.00',
    balance_after: '4500.00',
    asset: 'INR',
    reason: 'money_released',
    conversation_id: played.id,
  });
});
