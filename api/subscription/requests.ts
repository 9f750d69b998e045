import type { SubscriptionRow } from '#db/subscription/subscriptions.ts';
import type { SubscriptionView } from '#workflows/subscription/contract.ts';

export function viewSubscription(row: SubscriptionRow): SubscriptionView {
  const { id, status, price, next_price, paid_until, deadline, created_at } = row;
  const renews = status === 'active' || status === 'due' || status === 'past_due';
  return {
    ...{ id, status, price, next_price, paid_until, deadline, created_at, renews },
    creator: { id: row.creator_id, handle: row.creator_handle },
    subscriber: { id: row.subscriber_id, handle: row.subscriber_handle },
    giver: row.giver_id === null ? null : { id: row.giver_id, handle: row.giver_handle ?? '' },
    tier: { code: row.code, name: row.name, perks: row.perks },
  };
}
