-- What is true of payments at every instant, as queries that answer with the rows which break it. Amounts are cast to
-- text, so that no reader rounds them. `invariant` is a promise; `report` is a reading an operator wants beside them.

-- invariant: refunds_follow_promises
-- What a provider is to give back for a promise is one refund, of the same amount and capture; the promise is done when
-- that is processed.
SELECT promise.id AS promise_id, promise.amount::text, promise.moved_at, promise.done_at, refund.id AS refund_id,
  refund.amount::text AS refund_amount, refund.status
FROM (SELECT * FROM promises WHERE capture_id IS NOT NULL) AS promise
FULL JOIN (SELECT * FROM refunds WHERE promise_id IS NOT NULL) AS refund ON refund.promise_id = promise.id
WHERE promise.id IS NULL
  OR (promise.moved_at IS NULL) <> (refund.id IS NULL)
  OR (refund.id IS NOT NULL AND (
    refund.amount <> promise.amount OR refund.currency <> promise.asset OR refund.capture_id <> promise.capture_id
    OR (promise.done_at IS NOT NULL) <> (refund.status = 'processed')
  ));

-- invariant: refunds_settle_once
-- A refund is processed when, and only when, its amount left clearing, for the world outside or to make up for
-- what the bank had taken, and has not come back since.
SELECT refund.id AS refund_id, refund.status, refund.amount::text, settled.amount::text AS settled
FROM refunds AS refund
LEFT JOIN LATERAL (
  SELECT sum(entry.amount) AS amount
  FROM ledger_transfers AS transfer
  JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
  JOIN ledger_accounts AS account ON account.id = entry.account_id
  WHERE account.kind IN ('external', 'charge_back') AND account.asset = refund.currency AND transfer.key IN (
    SELECT moved.what || refund.id || moved.again
    FROM (VALUES ('refund_settled_'), ('refund_reversed_')) AS what_moved (what)
    CROSS JOIN LATERAL (
      SELECT what_moved.what, ''
      UNION ALL
      SELECT what_moved.what, '_' || reversal.n FROM refund_reversals AS reversal WHERE reversal.refund_id = refund.id
    ) AS moved (what, again)
  )
) AS settled ON true
WHERE coalesce(settled.amount, 0) <> CASE refund.status WHEN 'processed' THEN refund.amount ELSE 0 END;

-- invariant: refunds_that_failed_have_not_arrived
-- A refund that its provider said had failed, after it was booked as arrived, was taken back: a failure is the last word
-- about a refund, whatever clocks say. One that was heard and passed over is money that lies at the provider for ever.
SELECT refund.id AS refund_id, refund.provider_refund_id, refund.settled_at, inbox.id AS inbox_id, inbox.outcome
FROM refunds AS refund
JOIN captures AS capture ON capture.id = refund.capture_id
JOIN inbox ON inbox.fact ->> 'kind' = 'refund_failed' AND inbox.fact ->> 'provider' = capture.provider
  AND inbox.fact ->> 'refundId' = refund.provider_refund_id
WHERE refund.status = 'processed' AND NOT refund.by_hand AND NOT refund.covers
  AND inbox.booked_at >= refund.settled_at AND inbox.outcome IN ('known', 'noted');

-- invariant: clearing_is_refunds_under_way
-- What lies in clearing is what the provider was, or is to be, asked to give back, and has not yet.
SELECT coalesce(account.code, expected.code) AS account, coalesce(account.asset, expected.currency) AS asset,
  coalesce(account.balance, 0)::text AS balance, coalesce(expected.amount, 0)::text AS under_way
FROM (SELECT code, asset, balance FROM ledger_accounts WHERE kind = 'refund_clearing') AS account
FULL JOIN (
  SELECT 'refund_clearing/' || coalesce(capture.process_id, capture.id) AS code, refund.currency,
    sum(refund.amount) AS amount
  FROM refunds AS refund JOIN captures AS capture ON capture.id = refund.capture_id
  WHERE refund.status <> 'processed'
  GROUP BY 1, 2
) AS expected ON expected.code = account.code AND expected.currency = account.asset
WHERE coalesce(account.balance, 0) <> coalesce(expected.amount, 0);

-- invariant: captures_are_of_facts
-- A capture a provider told of has one disposition once it is booked, and it is of what the provider said.
SELECT fact.id AS inbox_id, fact.fact ->> 'provider' AS provider, fact.fact ->> 'paymentId' AS payment_id,
  capture.id AS capture_id, fact.fact ->> 'amount' AS said, capture.amount::text AS booked
FROM (
  SELECT * FROM inbox WHERE fact ->> 'kind' = 'captured' AND booked_at IS NOT NULL AND outcome <> 'set_aside'
) AS fact
FULL JOIN captures AS capture
  ON capture.provider = fact.fact ->> 'provider' AND capture.payment_id = fact.fact ->> 'paymentId'
WHERE fact.id IS NULL OR capture.id IS NULL OR (capture.inbox_id = fact.id AND (
  capture.amount::text <> fact.fact ->> 'amount' OR capture.currency <> fact.fact ->> 'currency'
  OR capture.process_id IS DISTINCT FROM fact.process_id
));

-- invariant: facts_are_booked_with_an_outcome
-- A fact that is booked says what became of it, and one that waits does not.
SELECT id AS inbox_id, booked_at, outcome FROM inbox WHERE (booked_at IS NULL) <> (outcome IS NULL);

-- invariant: captures_have_moved
-- Each capture moved its amount from the provider to where its disposition says.
SELECT capture.id AS capture_id, capture.disposition, capture.amount::text, moved.amount::text AS moved
FROM captures AS capture
LEFT JOIN LATERAL (
  SELECT sum(entry.amount) AS amount
  FROM ledger_transfers AS transfer
  JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
  JOIN ledger_accounts AS account ON account.id = entry.account_id
  WHERE transfer.key = 'capture_' || capture.provider || '_' || capture.payment_id AND account.asset = capture.currency
    AND account.code = CASE capture.disposition
      WHEN 'escrow' THEN 'escrow/' || capture.process_id
      WHEN 'returned' THEN 'refund_clearing/' || capture.process_id
      ELSE 'suspense/' || capture.provider END
) AS moved ON true
WHERE moved.amount IS DISTINCT FROM capture.amount;

-- invariant: returned_captures_are_promised_back
-- A capture that nobody waited for is promised back to whoever paid it, whole and once.
SELECT capture.id AS capture_id, capture.amount::text, count(promise.id) AS promises, sum(promise.amount)::text AS promised
FROM captures AS capture
LEFT JOIN promises AS promise ON promise.capture_id = capture.id
WHERE capture.disposition = 'returned'
GROUP BY capture.id
HAVING count(promise.id) <> 1 OR sum(promise.amount) <> capture.amount;

-- invariant: captures_are_given_back_at_most_whole
-- No more of a capture is given back than was paid: by refunds that are under way or arrived, and by its bank.
SELECT capture.id AS capture_id, capture.amount::text, coalesce(refunded.amount, 0)::text AS refunded, coalesce(lost.amount, 0)::text AS lost
FROM captures AS capture
LEFT JOIN (
  SELECT capture_id, sum(amount) AS amount FROM refunds WHERE NOT covers GROUP BY capture_id
) AS refunded ON refunded.capture_id = capture.id
LEFT JOIN (
  SELECT provider, payment_id, sum(lost) AS amount FROM disputes WHERE state = 'lost' AND waived_at IS NULL
  GROUP BY provider, payment_id
) AS lost ON lost.provider = capture.provider AND lost.payment_id = capture.payment_id
WHERE coalesce(refunded.amount, 0) > capture.amount OR (
  -- What was given back before its bank took it, or failed since, is an operator's; what is asked for after is a fault.
  EXISTS (
    SELECT FROM refunds JOIN disputes ON disputes.provider = capture.provider AND disputes.payment_id = capture.payment_id
    WHERE refunds.capture_id = capture.id AND NOT covers AND NOT by_hand AND disputes.state = 'lost'
      AND waived_at IS NULL AND asked_at > disputes.closed_at AND refunds.status <> 'failed'
  ) AND coalesce(refunded.amount, 0) + lost.amount > capture.amount
);

-- invariant: suspense_is_unmatched_captures
-- What lies in suspense is the captures that nothing of ours explains and that were not given back.
SELECT coalesce(account.code, expected.code) AS account, coalesce(account.asset, expected.currency) AS asset,
  coalesce(account.balance, 0)::text AS balance, coalesce(expected.amount, 0)::text AS unmatched
FROM (SELECT code, asset, balance FROM ledger_accounts WHERE kind = 'suspense') AS account
FULL JOIN (
  SELECT 'suspense/' || capture.provider AS code, capture.currency, sum(capture.amount) AS amount
  FROM captures AS capture
  WHERE capture.disposition = 'suspense'
    AND NOT EXISTS (SELECT FROM refunds WHERE refunds.capture_id = capture.id AND promise_id IS NULL)
  GROUP BY 1, 2
) AS expected ON expected.code = account.code AND expected.currency = account.asset
WHERE coalesce(account.balance, 0) <> coalesce(expected.amount, 0);

-- invariant: charge_backs_are_lost_disputes
-- What was charged back is what banks decided against us, each dispute by itself, less what refunds that nobody made
-- cover of it.
SELECT coalesce(account.code, expected.code) AS account, coalesce(account.asset, expected.currency) AS asset,
  coalesce(account.balance, 0)::text AS balance, coalesce(expected.amount, 0)::text AS lost
FROM (SELECT code, asset, balance FROM ledger_accounts WHERE kind = 'charge_back') AS account
FULL JOIN (
  SELECT 'charge_back/' || provider AS code, currency, sum(amount) AS amount
  FROM (
    SELECT provider, currency, lost AS amount FROM disputes WHERE lost <> 0
    UNION ALL
    SELECT provider, refunds.currency, -refunds.amount FROM refunds JOIN captures ON captures.id = capture_id WHERE covers
  ) AS lost
  GROUP BY 1, 2
) AS expected ON expected.code = account.code AND expected.currency = account.asset
WHERE coalesce(account.balance, 0) <> -coalesce(expected.amount, 0);

-- invariant: charge_backs_name_their_process
-- What was booked of a dispute names its process, unless its payment became known only after.
SELECT dispute.id AS dispute_id, dispute.process_id, transfer.id AS transfer_id, transfer.conversation_id
FROM disputes AS dispute
CROSS JOIN LATERAL generate_series(1, dispute.bookings) AS booking (n)
JOIN ledger_transfers AS transfer ON transfer.key = 'dispute_' || dispute.id || '_' || booking.n
LEFT JOIN ledger_transfers AS captured ON captured.key = 'capture_' || dispute.provider || '_' || dispute.payment_id
WHERE transfer.conversation_id IS DISTINCT FROM dispute.process_id
  AND NOT (transfer.conversation_id IS NULL AND coalesce(captured.id > transfer.id, false));

-- invariant: disputes_are_of_facts
-- Every dispute that providers told of is one of its own, and stands as far along as they said.
SELECT said.provider, said.dispute_id, said.state, dispute.state AS booked, said.lost::text, dispute.lost::text AS booked_lost
FROM (
  SELECT provider, dispute_id, CASE max(rank) WHEN 2 THEN 'won' WHEN 1 THEN 'lost' ELSE 'open' END AS state,
    CASE max(rank) WHEN 1 THEN max(lost) ELSE 0 END AS lost
  FROM (
    SELECT fact ->> 'provider' AS provider, coalesce(fact ->> 'disputeId', 'of_' || (fact ->> 'paymentId')) AS dispute_id,
      CASE WHEN fact ->> 'kind' <> 'charge_back_closed' THEN 0 WHEN fact ->> 'outcome' = 'won' THEN 2 ELSE 1 END AS rank,
      CASE WHEN fact ->> 'kind' <> 'charge_back_closed' OR fact ->> 'outcome' = 'won' THEN 0
        WHEN fact ->> 'outcome' = 'partly'
          THEN coalesce(fact ->> 'deducted', fact ->> 'amount')::numeric - coalesce(fact ->> 'reinstated', '0')::numeric
        ELSE (fact ->> 'amount')::numeric END AS lost
    FROM inbox
    WHERE booked_at IS NOT NULL AND outcome <> 'set_aside' AND fact ->> 'kind' LIKE 'charge\_back%'
  ) AS each
  GROUP BY 1, 2
) AS said
FULL JOIN disputes AS dispute ON dispute.provider = said.provider AND dispute.dispute_id = said.dispute_id
WHERE said.state IS DISTINCT FROM dispute.state OR (said.state = 'lost' AND dispute.lost > said.lost);

-- invariant: disputes_are_looked_at
-- A dispute that is open or was lost was put on an operator's list; what is to be paid out of its payment has not moved
-- since, unless an operator let it or the bank's own giving back covers it.
SELECT dispute.id AS dispute_id, dispute.state, promise.id AS promise_id
FROM disputes AS dispute
LEFT JOIN captures AS capture ON capture.provider = dispute.provider AND capture.payment_id = dispute.payment_id
LEFT JOIN promises AS promise ON capture.disposition = 'escrow' AND promise.process_id = capture.process_id
  AND json_array_length(promise.legs) > 0 AND promise.moved_at > dispute.opened_at
  AND promise.moved_at < coalesce(dispute.waived_at, 'infinity')
  AND NOT EXISTS (SELECT FROM refunds WHERE refunds.promise_id = promise.id AND covers)
WHERE dispute.state <> 'won' AND (promise.id IS NOT NULL OR NOT EXISTS (
  SELECT FROM tasks WHERE tasks.key = 'charge_back_' || dispute.provider || '_' || dispute.dispute_id
));

-- invariant: closed_orders_were_asked_about
-- An order that its provider made and that was closed without a payment was asked about again within three days: a
-- webhook that never came is found.
SELECT id AS order_id, process_id, provider, closed_at
FROM payment_orders
WHERE provider_order_id IS NOT NULL AND NOT asked_again
  AND closed_at < now() - interval '3 days' AND recorded_at < now() - interval '3 days';

-- invariant: processes_are_paid_once
-- A process has at most one capture in escrow.
SELECT process_id, count(*) AS captures
FROM captures
WHERE disposition = 'escrow'
GROUP BY process_id
HAVING count(*) > 1;

-- invariant: operators_are_asked
-- A capture in suspense and a refund that failed were put on an operator's list.
SELECT 'unmatched_capture' AS kind, capture.id AS about
FROM captures AS capture
WHERE capture.disposition = 'suspense'
  AND NOT EXISTS (SELECT FROM tasks WHERE tasks.key = 'unmatched_capture_' || capture.id)
UNION ALL
SELECT 'stuck_refund', refund.id
FROM refunds AS refund
WHERE refund.status = 'failed' AND NOT EXISTS (SELECT FROM tasks WHERE tasks.key = 'stuck_refund_' || refund.id);

-- report: money_in_suspense
-- Money that came and that nothing of ours explains.
SELECT code AS account, asset, balance::text FROM ledger_accounts WHERE kind = 'suspense' AND balance <> 0 ORDER BY code;

-- report: money_charged_back
-- Money that banks took back from us.
SELECT code AS account, asset, balance::text FROM ledger_accounts WHERE kind = 'charge_back' AND balance <> 0 ORDER BY code;

-- report: refunds_under_way
-- Refunds that a provider has not carried out yet, oldest first.
SELECT refund.id AS refund_id, capture.process_id, refund.amount::text, refund.currency, refund.status,
  refund.attempt, refund.failure, refund.created_at
FROM refunds AS refund JOIN captures AS capture ON capture.id = refund.capture_id
WHERE refund.status <> 'processed'
ORDER BY refund.created_at;

-- report: facts_to_book
-- What providers told and is not booked yet, or was set aside because it cannot be, oldest first.
SELECT id AS inbox_id, process_id, fact ->> 'kind' AS kind, fact ->> 'amount' AS amount, received_at, outcome
FROM inbox
WHERE booked_at IS NULL OR outcome = 'set_aside'
ORDER BY id;

-- report: payments_disputed
-- Payments that their banks were asked to take back, or took: the newest first.
SELECT id AS dispute_id, provider, payment_id, process_id, state, amount::text, lost::text, currency, opened_at
FROM disputes
WHERE state <> 'won'
ORDER BY opened_at DESC;
