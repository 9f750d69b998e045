/** How a subscription is seen by who gave it a command, and what is announced of its steps. */
import { after } from '../durations.ts';
import type { Step } from '../process/machine.ts';
import type { SubscriptionEvents, SubscriptionStanding } from './contract.ts';
import { subscriptionMachine } from './machine.ts';
import { type Subscription, TRY_FOR } from './terms.ts';

export function viewStanding(subscription: Subscription): SubscriptionStanding {
  const { id, state, terms } = subscription;
  return {
    ...{ id, status: state, paid_until: terms.paid_until },
    deadline: subscriptionMachine.deadlineOf(subscription),
  };
}

export type SubscriptionNews = {
  [Name in keyof SubscriptionEvents]: { name: Name; data: SubscriptionEvents[Name]; to: 'both' | 'subscriber' };
}[keyof SubscriptionEvents];

type Seats = Readonly<Record<string, string>>;

/** What a subscription that has just begun, or has begun with a step, is announced as. */
export function startedOf(subscription: Subscription, seats: Seats): SubscriptionNews {
  const until = subscription.terms.paid_until ?? subscription.entered_at;
  const data = { ...whose(subscription, seats), giftedBy: seats.giver ?? null, until };
  return { name: 'subscription:started', data, to: 'both' };
}

/** What is announced of a step; null where nothing is. */
export function newsOf(before: Subscription, step: Step, process: Subscription, seats: Seats): SubscriptionNews | null {
  const { terms } = process;
  const of = whose(process, seats);
  const until = terms.paid_until ?? step.at;
  if (step.on === 'payment_captured') return startedOf(process, seats);
  if (step.on === 'renew') return { name: 'subscription:renewed', data: { ...of, until }, to: 'both' };
  if (before.state === process.state) return null;
  switch (process.state) {
    case 'due': {
      const price = Number(terms.next_price ?? terms.price);
      const data = { ...of, at: until, price, before: Number(terms.price) };
      return { name: 'subscription:renews_soon', data, to: 'subscriber' };
    }
    case 'past_due': {
      const lapsesAt = after(terms.failed_at ?? step.at, TRY_FOR);
      return { name: 'subscription:renewal_failed', data: { ...of, until, lapsesAt }, to: 'subscriber' };
    }
    case 'ending':
      return { name: 'subscription:cancelled', data: { ...of, until }, to: 'both' };
    case 'ended':
    case 'lapsed':
      return { name: 'subscription:lapsed', data: { ...of, at: step.at }, to: 'both' };
    default:
      return null;
  }
}

function whose({ id, terms }: Subscription, seats: Seats) {
  const [creatorId = '', subscriberId = ''] = [seats.creator, seats.subscriber];
  return { subscriptionId: id, creatorId, subscriberId, tier: terms.tier };
}
