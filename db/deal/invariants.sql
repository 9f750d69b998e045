-- What is true of deals at every instant, as queries that answer with the rows which break it. Amounts are cast to
-- text, so that no reader rounds them. `invariant` is a promise; `report` is a reading an operator wants beside them.

-- invariant: deals_speak
-- Every deal has its conversation, with its two sides, and that is as open as the deal.
SELECT process.id AS process_id, process.state, chat
FROM processes AS process
LEFT JOIN conversations AS conversation ON conversation.id = process.id
LEFT JOIN LATERAL (
  SELECT min(user_id::text) FILTER (WHERE role = 'brand_owner') AS brand_owner,
    min(user_id::text) FILTER (WHERE role = 'influencer') AS influencer
  FROM seats WHERE process_id = process.id
) AS seated ON true
WHERE process.kind = 'deal' AND (
  conversation.id IS NULL
  OR (brand_owner_id::text, influencer_id::text) IS DISTINCT FROM (seated.brand_owner, seated.influencer)
  OR (chat = 'closed') <> (state = 'chat_closed') OR (chat = 'real_time') <> (state = 'real_time')
);

-- invariant: questions_are_of_now
-- A deal asks one thing at a time, and what it asks is of the state it is in.
SELECT process.id AS process_id, process.state, asked_position, question.action_data ->> 'flow_state' AS asked_in
FROM processes AS process
JOIN conversations AS conversation ON conversation.id = process.id
LEFT JOIN messages AS question ON question.conversation_id = conversation.id AND question.position = asked_position
WHERE process.kind = 'deal' AND asked_position IS NOT NULL
  AND question.action_data ->> 'flow_state' IS DISTINCT FROM process.state;

-- invariant: paid_is_held_or_promised
-- What was captured into a deal's escrow is still held, or was promised to somebody: all of it and no more.
SELECT deal.id AS process_id, coalesce(paid.amount, 0)::text AS paid, deal.held::text, coalesce(promised.amount, 0)::text AS promised
FROM processes AS deal
LEFT JOIN (
  SELECT process_id, sum(amount) AS amount FROM captures WHERE disposition = 'escrow' GROUP BY process_id
) AS paid ON paid.process_id = deal.id
LEFT JOIN (
  SELECT process_id, sum(amount) AS amount FROM promises WHERE json_array_length(legs) > 0 GROUP BY process_id
) AS promised ON promised.process_id = deal.id
WHERE deal.kind = 'deal' AND coalesce(paid.amount, 0) <> deal.held + coalesce(promised.amount, 0);

-- invariant: releases_cost_the_agreed_fee
-- The fee of a release is the agreed part of it, rounded down; a refund costs nothing.
SELECT promises.id AS promise_id, promises.kind, promises.amount::text, kept.fee::text, deal.terms ->> 'fee_bps' AS fee_bps
FROM promises JOIN processes AS deal ON deal.id = promises.process_id
CROSS JOIN LATERAL (
  SELECT coalesce(sum(leg.amount), 0) AS fee FROM json_to_recordset(legs) AS leg (place text, amount bigint)
  WHERE place = 'fee'
) AS kept
WHERE deal.kind = 'deal' AND kept.fee <> CASE promises.kind
  WHEN 'release' THEN promises.amount * coalesce((deal.terms ->> 'fee_bps')::bigint, 0) / 10000
  ELSE 0 END;

-- invariant: releases_are_paid_out
-- A release is done when, and only when, its amount left escrow for the influencer's wallet, less the fee.
SELECT promise.id AS promise_id, promise.done_at, promise.amount::text, moved.from_escrow::text, moved.to_wallet::text,
  moved.to_fee::text
FROM promises AS promise
JOIN processes AS deal ON deal.id = promise.process_id AND deal.kind = 'deal'
JOIN seats ON seats.process_id = deal.id AND role = 'influencer'
LEFT JOIN LATERAL (
  SELECT coalesce(sum(entry.amount) FILTER (WHERE account.code = 'escrow/' || deal.id), 0) AS from_escrow,
    coalesce(sum(entry.amount) FILTER (WHERE account.code = 'wallet/' || seats.user_id), 0) AS to_wallet,
    coalesce(sum(entry.amount) FILTER (WHERE account.kind = 'fee'), 0) AS to_fee
  FROM ledger_transfers AS transfer
  JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
  JOIN ledger_accounts AS account ON account.id = entry.account_id AND account.asset = promise.asset
  WHERE transfer.key = 'release_' || promise.id
) AS moved ON true
WHERE promise.kind = 'release' AND (
  moved.from_escrow <> CASE WHEN promise.done_at IS NULL THEN 0 ELSE -promise.amount END
  OR moved.to_wallet + moved.to_fee <> -moved.from_escrow
);

-- invariant: orders_are_of_the_agreed_price
-- An order is of the price that was agreed on, and is open while that is awaited and no longer.
SELECT payment_order.id AS order_id, payment_order.process_id, payment_order.amount::text,
  deal.terms ->> 'agreed' AS agreed, payment_order.closed_at
FROM payment_orders AS payment_order JOIN processes AS deal ON deal.id = payment_order.process_id
WHERE deal.kind = 'deal' AND (
  payment_order.amount::text IS DISTINCT FROM deal.terms ->> 'agreed'
  OR (payment_order.closed_at IS NULL AND deal.state <> 'payment_pending')
);

-- invariant: disputes_between_the_sides_are_ruled
-- A deal in dispute is on an operator's list until it is ruled.
SELECT deal.id AS process_id
FROM processes AS deal
WHERE deal.kind = 'deal' AND deal.state = 'disputed' AND NOT EXISTS (
  SELECT FROM tasks WHERE tasks.process_id = deal.id AND tasks.kind = 'dispute' AND tasks.closed_at IS NULL
);
