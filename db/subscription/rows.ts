import { asSubscription, type Subscription } from '#workflows/subscription/terms.ts';
import { newsOf, type SubscriptionNews, viewStanding } from '#workflows/subscription/view.ts';
import { type Announced, announced, inOrder } from '../event/announce.ts';
import { accounts, type Transfer } from '../money/ledger.ts';
import type { KindRows } from '../process/kind.ts';
import { chargeOf } from './charging.ts';
import { moveSubscription } from './renewing.ts';

/**
 * What a subscription's steps write beside themselves: an event to each side. Its row, with whether it opens anything,
 * and the months that are paid for are written by `follow_subscription` in the same transaction.
 */
export const subscriptionRows: KindRows = {
  besideOf({ process: before, seats }, step, process) {
    const news = newsOf(asSubscription(before), step, asSubscription(process), seats);
    return {
      speech: null,
      events: news ? heardBy(seats, news) : [],
      told: false,
      orders: [],
      tasks: [],
      closes:
        before.state === 'awaiting_payment' && process.state !== before.state ? { orders: true, tasks: null } : null,
    };
  },

  tells: { credit: 'credited' },
  tellsWallets: true,
  rules: null,

  /** The tokens that the order paid for, and with them the first month: what was bought is gone in the same transaction. */
  alongside({ process, seats }, { kind }, now) {
    const { id, terms } = asSubscription(process);
    if (kind !== 'credit') return [];
    const [payerId = '', creatorId = ''] = [seats.subscriber, seats.creator];
    const price = BigInt(terms.price);
    const bought: Transfer = {
      ...{ key: `credited_${id}`, reason: 'month_bought', conversationId: id, occurredAt: now },
      legs: [
        { account: accounts.issuance('TOKEN', id), amount: -price },
        { account: accounts.wallet(payerId, 'TOKEN'), amount: price },
      ],
    };
    const charge = { subscriptionId: id, month: 1, payerId, creatorId, price, shareBps: terms.share_bps, now };
    return [bought, chargeOf(charge)];
  },

  moveAtDeadline: moveSubscription,

  answerOf: ({ process }) => answer(asSubscription(process)),
  unchangedOf: (process) => answer(asSubscription(process)),

  // What its next month costs is told by a step.
  remindOf: () => ({ messages: [], events: [] }),
  heldUpOf: () => ({ messages: [], events: [] }),
  differsOf: () => ({ messages: [], events: [] }),
};

function heardBy(seats: Readonly<Record<string, string>>, { name, data, to }: SubscriptionNews): Announced[] {
  const hearers = to === 'both' ? [seats.subscriber, seats.creator] : [seats.subscriber];
  return inOrder(hearers.map((userId) => announced(userId as string, [{ name, data }])));
}

function answer(subscription: Subscription) {
  return { status: 200, body: { success: true, data: { subscription: viewStanding(subscription) } } };
}
