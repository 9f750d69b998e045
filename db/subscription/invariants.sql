-- What is true of subscriptions at every instant, as queries that answer with the rows which break it.

-- invariant: subscriptions_stand_as_their_processes
-- Every subscription has its row, which says what its process says.
SELECT coalesce(process.id, subscription.process_id) AS process_id, process.state, subscription.status, subscription.opens
FROM (SELECT id, state, terms FROM processes WHERE kind = 'subscription') AS process
FULL JOIN subscriptions AS subscription ON subscription.process_id = process.id
WHERE process.id IS NULL OR subscription.process_id IS NULL
  OR subscription.status <> process.state
  OR subscription.opens <> (process.state IN ('active', 'due', 'past_due', 'ending'))
  OR subscription.months::text IS DISTINCT FROM process.terms ->> 'months'
  OR subscription.paid_until IS DISTINCT FROM (process.terms ->> 'paid_until')::timestamptz;

-- invariant: subscriptions_are_paid_for
-- The last month that a subscription reaches is one that was charged, and none after it.
SELECT subscription.process_id, subscription.months, last.month FROM subscriptions AS subscription
CROSS JOIN LATERAL (
  SELECT coalesce(max(month), 0) AS month FROM subscription_charges WHERE subscription_id = subscription.process_id
) AS last
WHERE last.month <> subscription.months;

-- invariant: subscription_charges_are_moved
-- A month was moved once: its price from who paid, the creator's share to them, the rest to us. The first of an order
-- is with the promise of it; what was moved for a subscription was charged.
SELECT coalesce(charge.subscription_id::text, transfer.key) AS subscription_id, charge.month, charge.price::text, moved.paid::text
FROM (
  SELECT charge.*, subscription.creator_id, 'subscription_' || subscription_id || '_' || month AS key
  FROM subscription_charges AS charge JOIN subscriptions AS subscription ON subscription.process_id = subscription_id
) AS charge
FULL JOIN (SELECT id, key FROM ledger_transfers WHERE reason = 'subscription') AS transfer ON transfer.key = charge.key
LEFT JOIN LATERAL (
  SELECT -sum(entry.amount) FILTER (WHERE account.owner_id = charge.payer_id) AS paid,
    sum(entry.amount) FILTER (WHERE account.owner_id = charge.creator_id) AS share
  FROM ledger_entries AS entry JOIN ledger_accounts AS account ON account.id = entry.account_id
  WHERE entry.transfer_id = transfer.id AND account.kind = 'wallet' AND account.asset = 'TOKEN'
) AS moved ON true
WHERE charge.key IS NULL
  OR (moved.paid IS DISTINCT FROM charge.price OR coalesce(moved.share, 0) <> charge.share)
    AND NOT (charge.month = 1 AND transfer.id IS NULL AND EXISTS (
      SELECT FROM promises WHERE process_id = charge.subscription_id AND kind = 'credit' AND moved_at IS NULL
    ));
