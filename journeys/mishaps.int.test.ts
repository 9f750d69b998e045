import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { retellAll } from '#db/process/relays.ts';
import { SEED } from '#local/testSeed.ts';
import { type PaymentProvider, ProviderUnavailable } from '#payments/provider.ts';
import type { State } from '#workflows/deal/table.ts';
import { expectBooksInOrder, untilSettled } from './books.ts';
import { untilStatus } from './known.ts';
import { openParts, type Parts } from './parts.ts';
import { type Answer, type Json, until } from './person.ts';
import { capture, commandsOf, newSides, ok, openDeal, type Played, type Sides, untilState } from './play.ts';

/**
 * Everything goes wrong all the time: Signals do not leave, or their acknowledgements are lost; activities die after
 * their commit; the provider does what it is asked and does not say so; workers stop, operators terminate, cancel and
 * tell anew. Deals of every kind come to the end they would have had.
 */

let place: Parts;
let sides: Sides;

beforeAll(async () => {
  place = await openParts();
  sides = await newSides(place);
});
afterAll(() => place?.close());

let state = SEED;

/** The same numbers for the same SEED; what they meet on the way is up to the machine. */
function chance(of: number): boolean {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32 < of;
}

/** Asks as a careful client does: under one key, until the answer is neither "later" nor none. */
async function insist(ask: (key: Record<string, string>) => Promise<Answer>): Promise<Json> {
  const key = { 'idempotency-key': randomUUID() };
  return ok(
    until(
      () => ask(key),
      ({ status }) => status < 500,
    ),
  );
}

const click =
  (who: 'brand' | 'influencer', button: string, data?: unknown) =>
  ({ id, ...played }: Played) =>
    insist((key) => played[who].click(id, button, data, key));

const pay = async (played: Played) => {
  const { payment_order } = await click('brand', 'proceed_to_payment')(played);
  played.orderId = payment_order.order_id;
  await insist(() => capture(place, played));
  // A provider tells more than once.
  if (chance(0.5)) await insist(() => capture(place, played));
};

const payAgain = (played: Played) =>
  insist(() => capture(place, { ...played, paymentId: `${played.paymentId}_again` }));

const AGREED = [
  click('brand', 'accept_application'),
  click('brand', 'send_price_offer', { price: 5000 }),
  click('influencer', 'accept_price', { price: 5000 }),
];
const SUBMITTED = [
  ...AGREED,
  pay,
  click('influencer', 'start_work'),
  click('influencer', 'submit_work', { deliverables: 'https://drive.example/reels' }),
];
const DISPUTED = [...SUBMITTED, click('influencer', 'open_dispute', { reason: 'No answer' })];
const RELEASED = { external: -500_000n, wallet: 450_000n, fee: 50_000n };

const ENDINGS: { name: string; moves: ((played: Played) => Promise<unknown>)[]; end: State; money: Json }[] = [
  { name: 'approved', moves: [...SUBMITTED, click('brand', 'approve_work')], end: 'real_time', money: RELEASED },
  {
    name: 'approved, paid twice',
    moves: [...SUBMITTED, payAgain, click('brand', 'approve_work')],
    end: 'real_time',
    money: RELEASED,
  },
  {
    name: 'revised and approved',
    moves: [
      ...SUBMITTED,
      click('brand', 'request_revision', { feedback: 'Louder' }),
      click('influencer', 'submit_work', { deliverables: 'Louder' }),
      click('brand', 'approve_work'),
      async ({ id }) => {
        await untilState(place, id, 'real_time');
      },
      click('brand', 'close_chat'),
    ],
    end: 'chat_closed',
    money: RELEASED,
  },
  { name: 'given back', moves: [...AGREED, pay, click('influencer', 'decline_work')], end: 'chat_closed', money: {} },
  {
    name: 'withdrawn, then paid',
    moves: [
      ...AGREED,
      async (played) => {
        played.orderId = (await click('brand', 'proceed_to_payment')(played)).payment_order.order_id;
      },
      click('influencer', 'withdraw'),
      payAgain,
    ],
    end: 'chat_closed',
    money: {},
  },
  {
    name: 'conceded by the influencer',
    moves: [...DISPUTED, click('influencer', 'concede_dispute')],
    end: 'real_time',
    money: {},
  },
  {
    name: 'ruled on',
    moves: [
      ...DISPUTED,
      async ({ id }) => {
        const admin = await place.admin();
        await insist((key) => admin.click(id, 'resolve_dispute', { release_percent: 50, reason: 'Half' }, key));
      },
    ],
    end: 'real_time',
    money: { external: -250_000n, wallet: 225_000n, fee: 25_000n },
  },
  { name: 'silent', moves: SUBMITTED, end: 'real_time', money: RELEASED },
];

test(`deals of every kind come to their ends through mishaps of every kind (SEED=${SEED})`, async () => {
  await place.admin();
  place.faults.signal = () => {
    if (chance(0.2)) throw new Error('a mishap');
  };
  place.faults.effected = () => {
    if (chance(0.2)) throw new Error('a mishap');
  };
  place.faults.provider = (real): PaymentProvider => ({
    ...real,
    createOrder: (asked) => lost(real.createOrder(asked)),
    refund: (asked) => lost(real.refund(asked)),
    findRefund: (asked) => lost(real.findRefund(asked)),
  });

  const deals: { id: string; ending: (typeof ENDINGS)[number] }[] = [];
  const playing = Promise.all(
    [...ENDINGS, ...ENDINGS].map(async (ending) => {
      const played = await openDeal(sides, 'campaign', ending.name === 'silent' ? { approve_within: 'PT10S' } : {});
      deals.push({ id: played.id, ending });
      for (const move of ending.moves) await move(played);
    }),
  );
  let done = false;
  const operating = (async () => {
    for (let turn = 0; !done || turn < 6; turn += 1) {
      for (const { id } of deals) {
        // An operator's Web UI may ask for what is over already.
        if (chance(0.1))
          await place
            .workflowOf(id)
            .terminate('a mishap')
            .catch(() => {});
        if (chance(0.1))
          await place
            .workflowOf(id)
            .cancel()
            .catch(() => {});
      }
      if (turn % 3 === 1) await retellAll(place.pool);
      if (turn % 2 === 0) await place.stopWorker();
      if (!place.relay()) await place.startWorker();
    }
  })();
  await playing.finally(() => {
    done = true;
  });
  await operating;
  place.faults.signal = place.faults.effected = place.faults.provider = undefined;

  for (const { id, ending } of deals) {
    await untilState(place, id, ending.end);
    expect(await untilSettled(place, id), ending.name).toEqual(ending.money);
    const commands = await commandsOf(place, id);
    const once = commands.filter((on) => ['money_released', 'payment_captured', 'expire'].includes(on));
    expect(new Set(once).size, `${ending.name}: ${commands}`).toBe(once.length);
    // One that was terminated when there was nothing left to do is as good as one that completed.
    await untilStatus(place, id, 'COMPLETED', 'TERMINATED');
  }
  await expectBooksInOrder(place);
}, 240_000);

async function lost<T>(work: Promise<T>): Promise<T> {
  const answer = await work;
  if (chance(0.3)) throw new ProviderUnavailable('sandbox', 'unknown', 'the answer was lost');
  return answer;
}
