-- What is true of top-ups at every instant, as queries that answer with the rows which break it. Amounts are cast to text,
-- so that no reader rounds them. `invariant` is a promise; `report` is a reading an operator wants beside them.

-- invariant: top_ups_credit_what_was_paid_for
-- A wallet has what was bought once its price has moved, once and all of it, and nothing before.
SELECT process.id AS process_id, process.terms ->> 'quantity' AS bought, moved.amount::text AS credited
FROM processes AS process
LEFT JOIN promises AS promise ON promise.process_id = process.id AND promise.kind = 'credit'
CROSS JOIN LATERAL (
  SELECT coalesce(sum(entry.amount), 0) AS amount
  FROM ledger_transfers AS transfer
  JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
  JOIN ledger_accounts AS account ON account.id = entry.account_id
  WHERE transfer.conversation_id = process.id AND account.kind = 'wallet' AND account.asset = process.terms ->> 'asset'
) AS moved
WHERE process.kind = 'topUp'
  AND moved.amount <> CASE WHEN promise.moved_at IS NULL THEN 0 ELSE (process.terms ->> 'quantity')::numeric END;

-- invariant: top_ups_are_paid_their_price
-- An order of a top-up is of its price, and open only while that is awaited.
SELECT payment_order.id AS order_id, payment_order.amount::text, process.terms ->> 'price' AS price
FROM payment_orders AS payment_order JOIN processes AS process ON process.id = payment_order.process_id
WHERE process.kind = 'topUp' AND (payment_order.amount::text IS DISTINCT FROM process.terms ->> 'price'
  OR (payment_order.closed_at IS NULL AND process.state <> 'open'));
