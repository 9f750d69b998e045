import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { listSteps } from '#db/process/processes.ts';
import { listMessages } from '#db/talk/messages.ts';
import { type PaymentProvider, ProviderRefused, ProviderUnavailable } from '#payments/provider.ts';
import { deadlineOf } from '#workflows/deal/deadline.ts';
import type { State } from '#workflows/deal/table.ts';
import { asDeal } from '#workflows/deal/terms.ts';
import { defineCommand, retryRefund } from '#workflows/process/messages.ts';
import { expectBooksInOrder, moneyOf, untilSettled } from './books.ts';
import { dealOf, untilShown, untilStatus } from './known.ts';
import { openParts, type Parts } from './parts.ts';
import { PASSWORD, signIn, until } from './person.ts';
import {
  bringTo,
  capture,
  commandsOf,
  later,
  newSides,
  ok,
  openDeal,
  order,
  PAISE,
  type Played,
  refused,
  type Sides,
  stateOf,
  untilState,
} from './play.ts';
import { describeEndings, type Silence } from './testing/describeEndings.ts';

const rule = defineCommand('rule');

let place: Parts;
let sides: Sides;

beforeAll(async () => {
  place = await openParts();
  sides = await newSides(place);
});
afterAll(() => place?.close());
afterEach(async () => {
  place.faults.provider = undefined;
  await expectBooksInOrder(place);
});

/** All of it came in, and all of it went to the influencer and the platform. */
const RELEASED = { external: -500_000n, wallet: 450_000n, fee: 50_000n };
/** All of it came in and went back. */
const REFUNDED = {};

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const UNTIL_PAYMENT: readonly State[] = [
  'initial',
  'influencer_responding',
  'brand_owner_details',
  'influencer_reviewing',
  'brand_owner_pricing',
  'influencer_price_response',
  'negotiation_input',
  'brand_owner_negotiation',
  'influencer_final_response',
  'payment_pending',
];

type DealSilence = Silence & { state: State; days: number; money: Record<string, bigint> };

function silence(state: State, days: number, end: State, money: Record<string, bigint>): DealSilence {
  return { state, days, lastsMs: days * DAY, end, money };
}

describeEndings<DealSilence>(
  {
    kind: 'deal',
    silences: [
      ...UNTIL_PAYMENT.map((state) => silence(state, state === 'payment_pending' ? 1 : 7, 'chat_closed', REFUNDED)),
      silence('payment_completed', 7, 'chat_closed', REFUNDED),
      silence('work_in_progress', 20, 'chat_closed', REFUNDED),
      silence('work_submitted', 14, 'real_time', RELEASED),
      silence('disputed', 30, 'real_time', { external: -250_000n, wallet: 225_000n, fee: 25_000n }),
    ],
    bring: async (at, state) => (await bringTo(at, sides, state as State)).id,
    async expectEnd(at, id, { state, days, money }, before) {
      expect(await untilSettled(at, id)).toEqual(money);
      const deadline = Date.parse(deadlineOf(asDeal(before)) ?? '');
      const said = await listMessages(at.pool, id, { id, admin: true }, { limit: 100, offset: 0, before: null });
      const reminded = said
        .filter(({ message, created_at }) => message.startsWith('Reminder') && created_at > before.entered_at)
        .map(({ created_at }) => Math.round((deadline - Date.parse(created_at)) / HOUR));
      const hours = days === 1 ? [12] : [24, days * 12];
      // A dispute waits for both sides, so both are reminded; each once.
      expect(reminded).toEqual(state === 'disputed' ? hours.flatMap((each) => [each, each]) : hours);
    },
  },
  () => place,
);

describe.concurrent('withdrawing', () => {
  const ways = UNTIL_PAYMENT.flatMap((state) => [
    { state, who: 'brand' as const },
    { state, who: 'influencer' as const },
  ]);
  test.for(ways)('$who may withdraw from $state, and the deal is closed', async ({ state, who }, { expect }) => {
    const played = await bringTo(place, sides, state);
    const { flow_update } = await ok(played[who].click(played.id, 'withdraw'));
    expect(flow_update).toEqual({
      flow_state: 'chat_closed',
      awaiting_role: null,
      chat_status: 'closed',
      previous_state: state,
    });
    await refused(played.brand.click(played.id, 'withdraw'), 409, 'FLOW_STATE_INVALID');
    expect(await moneyOf(place, played.id)).toEqual({});
  });

  test('money that comes after a withdrawal goes back', async ({ expect }) => {
    const played = await bringTo(place, sides, 'payment_pending');
    await order(played);
    await ok(played.brand.click(played.id, 'withdraw'));
    await capture(place, played);
    await until(
      () => commandsOf(place, played.id),
      (commands) => commands.at(-1) === 'refund_settled',
    );
    expect(await untilSettled(place, played.id)).toEqual(REFUNDED);
    expect(await stateOf(place, played.id)).toBe('chat_closed');
  });

  test('after the payment nobody can withdraw', async ({ expect }) => {
    const played = await bringTo(place, sides, 'payment_completed');
    for (const person of [played.brand, played.influencer]) {
      const { details } = await refused(person.click(played.id, 'withdraw'), 409, 'FLOW_STATE_INVALID');
      expect(details).toMatchObject({ current_state: 'payment_completed', required_state: 'initial' });
    }
  });
});

describe('work that is not done', () => {
  test.for(['payment_completed', 'work_in_progress'] as const)(
    'work given back from %s is refunded in full',
    async (state) => {
      const played = await bringTo(place, sides, state);
      await ok(played.influencer.click(played.id, 'decline_work', { reason: 'I am ill' }));
      expect(await stateOf(place, played.id)).toBe('chat_closed');
      expect(await untilSettled(place, played.id)).toEqual(REFUNDED);
    },
  );

  test('late work can be cancelled once it is later than delivery and grace, and not before', async () => {
    const played = await bringTo(place, sides, 'work_in_progress');
    const { details } = await refused(played.brand.click(played.id, 'cancel_late_work'), 409, 'FLOW_STATE_INVALID');
    expect(details).toMatchObject({ current_state: 'work_in_progress', required_state: 'work_in_progress' });
    await later(place, 17 * DAY + 1_000, played, ({ brand }) => ok(brand.click(played.id, 'cancel_late_work')));
    expect(await stateOf(place, played.id)).toBe('chat_closed');
    expect(await untilSettled(place, played.id)).toEqual(REFUNDED);
  });

  test('late work can still be submitted until it is cancelled, and then no longer be cancelled', async () => {
    const played = await bringTo(place, sides, 'work_in_progress');
    await later(place, 18 * DAY, played, async ({ id, brand, influencer }) => {
      await ok(influencer.click(id, 'submit_work', { deliverables: 'Here at last' }));
      await refused(brand.click(id, 'cancel_late_work'), 409, 'FLOW_STATE_INVALID');
    });
  });

  test('a revision gives a full time to deliver, and only as many are asked for as were agreed', async () => {
    const played = await bringTo(place, sides, 'work_submitted', { policy: { max_revisions: 1 } });
    const { id, brand, influencer } = played;
    await ok(brand.click(id, 'request_revision', { feedback: 'Louder' }));
    const deal = await dealOf(place, id);
    expect(Date.parse(deadlineOf(deal) ?? '') - Date.parse(deal.stepped_at)).toBe(20 * DAY);
    await ok(influencer.click(id, 'submit_work', { deliverables: 'Louder' }));
    const { details } = await refused(brand.input(id, 'revision_feedback', 'Softer'), 409, 'LIMIT_REACHED');
    expect(details).toEqual({ limit: 'max_revisions', max: 1 });
    await ok(brand.click(id, 'approve_work'));
    expect(await untilSettled(place, id)).toEqual(RELEASED);
    await untilState(place, id, 'real_time');
  });

  test('a revision counts approval by silence from the last submission', async () => {
    const played = await bringTo(place, sides, 'work_submitted');
    const { id } = played;
    await later(place, 10 * DAY, played, ({ brand }) =>
      ok(brand.click(id, 'request_revision', { feedback: 'Louder' })),
    );
    await later(place, 20 * DAY, played, ({ influencer }) =>
      ok(influencer.click(id, 'submit_work', { deliverables: 'Louder' })),
    );
    // 14 days after the first submission are long over; after the second they are not.
    await later(place, 33 * DAY, played, ({ brand }) =>
      ok(brand.click(id, 'request_revision', { feedback: 'Softer' })),
    );
  });
});

describe('disputes', () => {
  test('a brand owner who concedes releases everything', async () => {
    const { id, brand } = await bringTo(place, sides, 'disputed');
    await ok(brand.click(id, 'concede_dispute'));
    expect(await stateOf(place, id)).toBe('real_time');
    expect(await untilSettled(place, id)).toEqual(RELEASED);
  });

  test('an influencer who concedes gives everything back', async () => {
    const { id, influencer } = await bringTo(place, sides, 'disputed');
    await ok(influencer.click(id, 'concede_dispute'));
    expect(await untilSettled(place, id)).toEqual(REFUNDED);
    expect(await commandsOf(place, id)).not.toContain('money_released');
  });

  test.for([
    { rupees: '4999.99', percent: 33, net: 148_500n, fee: 16_499n },
    { rupees: '4999.99', percent: 99, net: 445_500n, fee: 49_499n },
    { rupees: '1', percent: 1, net: 1n, fee: 0n },
    { rupees: '1.01', percent: 0, net: 0n, fee: 0n },
    { rupees: '1.01', percent: 100, net: 91n, fee: 10n },
  ])(
    'a ruling of $percent % splits ₹$rupees to the paisa: fee and share rounded down, the rest refunded',
    async (given) => {
      const played = await disputeOver(given.rupees);
      const admin = await place.admin();
      await ok(admin.click(played.id, 'resolve_dispute', { release_percent: given.percent, reason: 'As I see it' }));
      expect(await stateOf(place, played.id)).toBe('real_time');
      const { net, fee } = given;
      const money = { external: -(net + fee), wallet: net, fee };
      expect(await untilSettled(place, played.id)).toEqual(
        Object.fromEntries(Object.entries(money).filter(([, amount]) => amount !== 0n)),
      );
    },
  );

  test("the Web UI's Update `rule` does what the button does, once", async () => {
    const { id, brand } = await bringTo(place, sides, 'disputed');
    await untilShown(place, id);
    const workflow = place.workflowOf(id);
    const wrong = { release_percent: 101, reason: 'More than there is' };
    await expect(workflow.executeUpdate(rule, { args: [wrong] })).rejects.toThrow(/Update failed/);
    // Whatever else an Update carries, it is about the deal that it was sent to.
    const other = await bringTo(place, sides, 'disputed');
    const ruling = { release_percent: 40, reason: 'Two of five reels', conversationId: other.id, known: 99 };
    expect(await workflow.executeUpdate(rule, { args: [ruling] })).toMatchObject({ state: 'real_time' });
    expect(await untilSettled(place, id)).toEqual({ external: -200_000n, wallet: 180_000n, fee: 20_000n });
    expect(await stateOf(place, other.id)).toBe('disputed');
    await refused(brand.click(id, 'concede_dispute'), 409, 'FLOW_STATE_INVALID');
  });

  test('an Update that moves money names who sent it: whom the server knows, and what they call themselves', async () => {
    const rulingOf = async (id: string) => (await listSteps(place.pool, id, 0, 100)).find(({ by }) => by === 'admin');
    const known = await bringTo(place, sides, 'disputed');
    await untilShown(place, known.id);
    const ruling = { release_percent: 40, reason: 'Two of five reels' };
    await place.workflowOf(known.id).executeUpdate(rule, { args: [ruling] });
    const { identity } = place.client.options;
    expect(await rulingOf(known.id)).toMatchObject({ on: 'resolve_dispute', actor: null, data: { identity } });
    const named = await bringTo(place, sides, 'disputed');
    await untilShown(place, named.id);
    await place.workflowOf(named.id).executeUpdate(rule, { args: [{ ...ruling, by: 'Asha' }] });
    expect(await rulingOf(named.id)).toMatchObject({ data: { ...ruling, identity: `Asha (${identity})` } });
  });

  test('an Update with a text that cannot be stored is refused at once, and the next one is heard', async () => {
    const { id } = await bringTo(place, sides, 'disputed');
    await untilShown(place, id);
    for (const reason of ['half \ud83d', 'a NUL \u0000', '\u200b']) {
      const update = place.workflowOf(id).executeUpdate(rule, { args: [{ release_percent: 40, reason }] });
      await expect(update).rejects.toThrow(/Update failed/);
    }
    const ruling = { release_percent: 40, reason: 'Two of five reels' };
    expect(await place.workflowOf(id).executeUpdate(rule, { args: [ruling] })).toMatchObject({ state: 'real_time' });
  });

  test('the default of the policy rules when nobody does', async () => {
    const { id } = await bringTo(place, sides, 'disputed', { policy: { default_release_percent: 70 } });
    await untilShown(place, id);
    await place.skipTime(id);
    await untilState(place, id, 'real_time', 30_000);
    expect(await untilSettled(place, id)).toEqual({ external: -350_000n, wallet: 315_000n, fee: 35_000n });
  });

  test('only an administrator may rule', async () => {
    const { id, brand, influencer } = await bringTo(place, sides, 'disputed');
    for (const person of [brand, influencer]) {
      const ruling = { release_percent: 100, reason: 'For me' };
      await refused(person.click(id, 'resolve_dispute', ruling), 403, 'FORBIDDEN');
    }
    expect(await stateOf(place, id)).toBe('disputed');
  });

  async function disputeOver(rupees: string): Promise<Played> {
    const played = await openDeal(sides);
    const { id, brand, influencer } = played;
    await ok(brand.click(id, 'accept_application'));
    await ok(brand.input(id, 'price_offer', rupees));
    await ok(influencer.click(id, 'accept_price'));
    const { amount } = await order(played);
    await capture(place, played, { amount });
    await untilState(place, id, 'payment_completed');
    await ok(influencer.click(id, 'open_dispute', { reason: 'They ask for more' }));
    return played;
  }
});

describe('what the price was agreed under', () => {
  test('the fee is the one of the day the price was accepted, whatever it is when the money moves', async () => {
    const before = await bringTo(place, sides, 'work_submitted');
    const dearer = await openParts({ beside: place, worker: false, env: { PLATFORM_FEE_BPS: '2500' } });
    try {
      const path = `/api/messages/conversations/${before.id}/button-click`;
      const response = await fetch(dearer.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${sides.brand.access}` },
        body: JSON.stringify({ button_id: 'approve_work' }),
      });
      expect(response.status).toBe(200);
    } finally {
      await dearer.close();
    }
    expect(await untilSettled(place, before.id)).toEqual(RELEASED);
  });

  test.for([
    { bps: '0', money: { external: -500_000n, wallet: 500_000n } },
    { bps: '10000', money: { external: -500_000n, fee: 500_000n } },
    { bps: '1', money: { external: -500_000n, wallet: 499_950n, fee: 50n } },
  ])('a fee of $bps basis points is taken to the paisa', async ({ bps, money }) => {
    const other = await openParts({ beside: place, worker: false, env: { PLATFORM_FEE_BPS: bps } });
    try {
      const played = await bringTo(place, sides, 'influencer_price_response');
      const { id, brand, influencer } = played;
      const there = await signIn(other.url, influencer.handle, PASSWORD);
      await ok(there.click(id, 'accept_price'));
      await order(played);
      await capture(place, played);
      await untilState(place, id, 'payment_completed');
      await ok(influencer.click(id, 'open_dispute', { reason: 'I want it all' }));
      await ok(brand.click(id, 'concede_dispute'));
      expect(await untilSettled(place, id)).toEqual(money);
    } finally {
      await other.close();
    }
  });
});

describe('orders', () => {
  test('while the provider is away asking for one says when to come back, and then gives it', async () => {
    const { id, brand } = await bringTo(place, sides, 'payment_pending');
    place.faults.provider = (real): PaymentProvider => ({
      ...real,
      async createOrder() {
        throw new ProviderUnavailable('sandbox', 'not_done', 'no answer');
      },
    });
    const key = { 'idempotency-key': 'an_order' };
    for (const headers of [key, key, {}]) {
      const answer = await brand.click(id, 'proceed_to_payment', undefined, headers);
      expect([answer.status, answer.body.error_code]).toEqual([503, 'UNAVAILABLE']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    place.faults.provider = undefined;
    const [once, again] = [
      await ok(brand.click(id, 'proceed_to_payment', undefined, key)),
      await ok(brand.click(id, 'proceed_to_payment')),
    ];
    expect(once.payment_order).toEqual(again.payment_order);
    expect((await commandsOf(place, id)).filter((on) => on === 'proceed_to_payment')).toHaveLength(1);
  });

  test('one that the provider made, and whose answer was lost, is the one that is paid', async () => {
    const played = await bringTo(place, sides, 'payment_pending');
    const made: string[] = [];
    place.faults.provider = (real): PaymentProvider => ({
      ...real,
      async createOrder(asked) {
        const answer = await real.createOrder(asked);
        made.push(answer.providerOrderId);
        if (made.length === 1) throw new ProviderUnavailable('sandbox', 'unknown', 'the answer was lost');
        return answer;
      },
    });
    expect((await played.brand.click(played.id, 'proceed_to_payment')).status).toBe(503);
    expect((await order(played)).order_id).toBe(made[0]);
    expect(new Set(made).size).toBe(1);
  });

  test('one that the provider refuses is a refusal, not an error of ours', async () => {
    const { id, brand } = await bringTo(place, sides, 'payment_pending');
    place.faults.provider = (real): PaymentProvider => ({
      ...real,
      async createOrder() {
        throw new ProviderRefused('sandbox', 'AMOUNT_TOO_SMALL', 'ask for more');
      },
    });
    await refused(brand.click(id, 'proceed_to_payment'), 409, 'CONFLICT');
    await ok(brand.click(id, 'withdraw'));
  });
});

test('a pair that ends one deal and begins the next at the same instant has one or the other, forty times', async () => {
  const { brand, influencer } = sides;
  const { id: campaign } = await ok(
    brand.post('/api/campaigns', { title: 'Again', description: 'And again', budget: 5 }),
  );
  const apply = () => influencer.post(`/api/campaigns/${campaign}/apply`, { message: 'Me', proposed_amount: 100 });
  for (let round = 0; round < 40; round += 1) {
    const { conversation } = await ok(apply());
    const answers = await Promise.all([brand.click(conversation.id, 'withdraw'), ...Array.from({ length: 8 }, apply)]);
    for (const { status, body } of answers) expect(status, JSON.stringify(body)).toBeLessThan(300);
  }
});

describe('refunds', () => {
  test('one that fails calls an operator, whose `retryRefund` has the provider asked again at once', async () => {
    let refusals = 2;
    place.faults.provider = (real): PaymentProvider => ({
      ...real,
      async refund(asked) {
        if (refusals-- > 0) throw new ProviderRefused('sandbox', 'NO', 'not today');
        return real.refund(asked);
      },
    });
    const { id, influencer, brand } = await bringTo(place, sides, 'work_in_progress');
    await ok(influencer.click(id, 'decline_work'));
    const workflow = place.workflowOf(id);
    const attention = () => workflow.describe().then(({ searchAttributes }) => searchAttributes.TandemAttention?.[0]);
    for (const attempt of [1, 2]) {
      await until(
        () => ok(brand.get(`/api/messages/conversations/${id}/context`)),
        ({ on_its_way: [refund] }) => refund?.status === 'failed',
      );
      await until(attention, (seen) => seen === 'refund_failed');
      const { tasks } = await openTasks('stuck_refund', id);
      expect(tasks).toHaveLength(1);
      expect(tasks[0].details.failure).toContain('not today');
      expect((await moneyOf(place, id)).refund_clearing).toBe(BigInt(PAISE));
      expect(await workflow.executeUpdate(retryRefund, { args: [{}] }), `attempt ${attempt}`).toEqual({ retried: 1 });
    }
    expect(await untilSettled(place, id)).toEqual(REFUNDED);
    expect((await openTasks('stuck_refund', id)).tasks).toEqual([]);
    expect((await commandsOf(place, id)).slice(-4)).toEqual([
      'refund_started',
      'refund_failed',
      'refund_failed',
      'refund_settled',
    ]);
    expect((await workflow.result()).state).toBe('chat_closed');
  });

  test('one that the provider takes and then fails is tried again by an administrator', async () => {
    const played = await openDeal(sides);
    played.paymentId = `pay_refundfails_${played.id}`;
    const { id, brand, influencer } = played;
    await ok(brand.click(id, 'accept_application'));
    await ok(brand.click(id, 'accept_proposed_price'));
    await order(played);
    await capture(place, played, { amount: 600_000 });
    await untilState(place, id, 'payment_completed');
    await ok(influencer.click(id, 'decline_work'));
    const admin = await place.admin();
    const task = await until(
      async () => (await openTasks('stuck_refund', id)).tasks[0],
      (found) => found !== undefined,
    );
    await ok(admin.post(`/api/admin/tasks/${task.id}/decision`, { decision: 'retry', reason: 'The bank is back' }));
    // The sandbox fails this payment's refunds for ever: the second attempt is asked for, fails, and calls again.
    await until(
      () => commandsOf(place, id),
      (commands) => commands.filter((on) => on === 'refund_failed').length === 2,
    );
    const again = await until(
      async () => (await openTasks('stuck_refund', id)).tasks[0],
      (found) => found !== undefined,
    );
    expect(again.id).toBe(task.id);
    expect(await moneyOf(place, id)).toEqual({ external: -600_000n, refund_clearing: 600_000n });
  });

  test('while the provider is away the deal goes on, and the refund arrives when it is back, once', async () => {
    let away = true;
    const asked: string[] = [];
    place.faults.provider = (real): PaymentProvider => ({
      ...real,
      async refund(refund) {
        asked.push(refund.key);
        // Also the worst of outages: it does what it was asked, and its answer is lost.
        if (asked.length > 1) await real.refund(refund);
        if (away) throw new ProviderUnavailable('sandbox', 'unknown', 'no answer');
        return real.refund(refund);
      },
    });
    const { id, influencer, brand } = await bringTo(place, sides, 'disputed');
    await ok(influencer.click(id, 'concede_dispute'));
    await until(
      async () => asked.length,
      (times) => times >= 1,
    );
    await ok(brand.post('/api/messages/send', { conversation_id: id, message: 'Where is my money?' }));
    const { on_its_way } = await ok(brand.get(`/api/messages/conversations/${id}/context`));
    expect(on_its_way).toMatchObject([{ kind: 'refund', amount: '5000.00' }]);
    await until(
      async () => asked.length,
      (times) => times >= 2,
    );
    away = false;
    expect(await untilSettled(place, id)).toEqual(REFUNDED);
    expect(new Set(asked).size).toBe(1);
    expect((await commandsOf(place, id)).filter((on) => on === 'refund_settled')).toHaveLength(1);
  });

  async function openTasks(kind: string, conversationId: string) {
    const admin = await place.admin();
    const { body } = await admin.get(`/api/admin/tasks?kind=${kind}&limit=100`);
    return { tasks: body.data.filter((task: { conversation_id: string }) => task.conversation_id === conversationId) };
  }
});

describe('to the end, and beyond', () => {
  test('in real time both talk; once it is closed by either, nobody does', async () => {
    for (const closer of ['brand', 'influencer'] as const) {
      const played = await bringTo(place, sides, 'real_time');
      const say = (from: 'brand' | 'influencer') =>
        played[from].post('/api/messages/send', { conversation_id: played.id, message: 'Thank you!' });
      await ok(say('brand'));
      await ok(say('influencer'));
      await ok(played[closer].click(played.id, 'close_chat'));
      await refused(say('brand'), 409, 'FLOW_STATE_INVALID');
      await refused(say('influencer'), 409, 'FLOW_STATE_INVALID');
      await refused(played.brand.click(played.id, 'close_chat'), 409, 'FLOW_STATE_INVALID');
      expect(await untilSettled(place, played.id)).toEqual(RELEASED);
    }
  });

  test('a chat that is closed before the money has moved loses none of it', async () => {
    const { id, brand, influencer } = await bringTo(place, sides, 'disputed');
    await place.stopWorker();
    const admin = await place.admin();
    await ok(admin.click(id, 'resolve_dispute', { release_percent: 50, reason: 'Half' }));
    await ok(brand.click(id, 'close_chat'));
    await place.startWorker();
    expect(await untilSettled(place, id)).toEqual({ external: -250_000n, wallet: 225_000n, fee: 25_000n });
    const { on_its_way } = await ok(influencer.get(`/api/messages/conversations/${id}/context`));
    expect(on_its_way).toEqual([]);
  });

  test('a price is negotiated for as many rounds as were agreed, and then the last offer stands', async () => {
    const { id, brand, influencer } = await bringTo(place, sides, 'influencer_price_response', {
      policy: { max_rounds: 2 },
    });
    await ok(influencer.click(id, 'negotiate_price'));
    await ok(influencer.input(id, 'negotiation', '7,000'));
    await ok(brand.click(id, 'reject_negotiation'));
    await ok(influencer.click(id, 'negotiate_price'));
    await ok(influencer.input(id, 'negotiation', '6500 INR'));
    await ok(brand.click(id, 'send_final_offer', { price: '₹6,250.50' }));
    const { details } = await refused(influencer.click(id, 'negotiate_price'), 409, 'LIMIT_REACHED');
    expect(details).toEqual({ limit: 'max_rounds', max: 2 });
    await refused(influencer.click(id, 'accept_final_offer', { price: 5000 }), 409, 'OFFER_STALE');
    await ok(influencer.click(id, 'accept_final_offer', { price: '6250.50' }));
    const { payment_order: made } = await ok(brand.click(id, 'proceed_to_payment'));
    expect(made.amount).toBe(625_050);
  });

  test('after a counter-offer was declined the first offer can be accepted', async () => {
    const { id, brand, influencer } = await bringTo(place, sides, 'brand_owner_negotiation');
    await ok(brand.click(id, 'reject_negotiation'));
    await ok(influencer.click(id, 'accept_final_offer', { price: 5000 }));
    expect((await ok(brand.click(id, 'proceed_to_payment'))).payment_order.amount).toBe(PAISE);
  });

  test('a counter-offer that is accepted is the price', async () => {
    const { id, brand } = await bringTo(place, sides, 'brand_owner_negotiation');
    await ok(brand.click(id, 'accept_negotiation', { price: 6000 }));
    expect((await ok(brand.click(id, 'proceed_to_payment'))).payment_order.amount).toBe(600_000);
  });

  test('a bid runs from connection to release', async () => {
    const { id } = await bringTo(place, sides, 'real_time', { kind: 'bid' });
    expect(await untilSettled(place, id)).toEqual(RELEASED);
    expect(await commandsOf(place, id)).toEqual([
      'accept_connection',
      'send_project_details',
      'accept_project',
      'send_price_offer',
      'accept_price',
      'proceed_to_payment',
      'payment_captured',
      'start_work',
      'submit_work',
      'approve_work',
      'money_released',
    ]);
    expect((await place.workflowOf(id).result()).state).toBe('real_time');
  });

  test.for([
    { state: 'initial', who: 'brand', button: 'reject_application' },
    { state: 'influencer_responding', who: 'influencer', button: 'reject_connection' },
    { state: 'influencer_reviewing', who: 'influencer', button: 'reject_project' },
    { state: 'influencer_price_response', who: 'influencer', button: 'reject_price' },
    { state: 'negotiation_input', who: 'influencer', button: 'reject_price' },
    { state: 'influencer_final_response', who: 'influencer', button: 'reject_final_offer' },
  ] as const)('$button in $state closes the deal, and the pair may begin another', async ({ state, who, button }) => {
    const played = await bringTo(place, sides, state);
    await ok(played[who].click(played.id, button));
    expect(await stateOf(place, played.id)).toBe('chat_closed');
    await untilStatus(place, played.id, 'COMPLETED');
  });
});
