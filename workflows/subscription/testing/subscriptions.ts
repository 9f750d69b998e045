/** Subscriptions for tests. */
import fc from 'fast-check';
import type { Process } from '../../process/machine.ts';
import type { Playable } from '../../process/testing/world.ts';
import { subscriptionMachine } from '../machine.ts';
import { monthsAfter } from '../months.ts';
import type { Terms } from '../terms.ts';

export const OPENED = '2026-01-31T09:00:00.000Z';

type Given = { price?: string; gift?: boolean; order_price?: string | null; at?: string };

export function openedSubscription({ price = '100', gift = false, order_price = null, at = OPENED }: Given = {}) {
  return subscriptionMachine.opening({
    ...{ id: '0190f3a2-0000-7000-8000-00000000535b', variant: null, held: '0', at },
    asset: order_price === null ? 'TOKEN' : 'INR',
    opened: { tier: 'gold', price, share_bps: 7_000, gift, order_price },
  });
}

export function subscriptionIn(state: string, given: Given = {}): Process<Terms> {
  const opened = openedSubscription(given);
  if (state === 'awaiting_payment') return openedSubscription({ ...given, order_price: '10000' });
  const terms: Terms =
    state === 'closed'
      ? { ...opened.terms, order_price: '10000', began_at: null, months: 0, paid_until: null }
      : { ...opened.terms, began_at: OPENED, months: 1, paid_until: monthsAfter(OPENED, 1) };
  if (state === 'past_due' || state === 'lapsed') terms.failed_at = terms.paid_until;
  if (state === 'due' || state === 'past_due') terms.next_price = terms.price;
  return { ...opened, state, terms };
}

/** How subscriptions are played. */
export const SUBSCRIPTIONS: Playable<Terms> = {
  machine: subscriptionMachine,
  variants: [null],
  opens: () =>
    fc
      .record({
        price: fc.integer({ min: 1, max: 1_000_000 }).map(String),
        gift: fc.boolean(),
        order_price: fc.option(fc.integer({ min: 1, max: 1_000_000 }).map(String)),
        at: fc
          .integer({ min: 0, max: 1_500 * 24 * 3_600 })
          .map((seconds) => new Date(Date.parse('2026-01-01') + seconds * 1_000).toISOString()),
      })
      .map((given) => openedSubscription(given.order_price === null ? given : { ...given, gift: false })),
  smallest: () => openedSubscription({ order_price: '10000' }),
  complete: (_, on, chance) =>
    on === 'expire'
      ? { price: String(1 + (chance % 1_000)) }
      : { amount: '10000', capture_id: `pay_${chance}`, promise_id: 'p' },
  actors: {
    subscriber: '0190f3a2-0000-7000-8000-0000000005b5',
    creator: '0190f3a2-0000-7000-8000-00000000c4ea',
    giver: '0190f3a2-0000-7000-8000-000000006173',
    admin: '0190f3a2-0000-7000-8000-00000000ad11',
    provider: null,
    system: null,
  },
  tells: [
    { on: 'credited', by: 'system', promise: 'credit', from: 0, to: 1 },
    { on: 'refund_settled', by: 'provider', promise: 'refund', from: 1, to: 2 },
    { on: 'refund_failed', by: 'provider', promise: 'refund', from: 1, to: 1 },
  ],
  shapeOf: ({ terms }) => `${terms.began_at === null} ${terms.next_price === null}`,
};
