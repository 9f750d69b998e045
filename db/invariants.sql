-- What is true of these tables at every instant, as queries that answer with the rows which break it. Amounts are cast
-- to text, so that no reader rounds them. `invariant` is a promise; `report` is a reading an operator wants beside them.

-- invariant: transfers_balance
-- The entries of a transfer sum to zero in every asset.
SELECT transfer.id AS transfer_id, transfer.key, account.asset, sum(entry.amount)::text AS off_by
FROM ledger_transfers AS transfer
JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
JOIN ledger_accounts AS account ON account.id = entry.account_id
GROUP BY transfer.id, transfer.key, account.asset
HAVING sum(entry.amount) <> 0;

-- invariant: transfers_move_something
-- A transfer has two entries or more.
SELECT transfer.id AS transfer_id, transfer.key, count(entry.transfer_id) AS entries
FROM ledger_transfers AS transfer
LEFT JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
GROUP BY transfer.id, transfer.key
HAVING count(entry.transfer_id) < 2;

-- invariant: books_sum_to_zero
-- Everything somebody has, somebody else owes: all balances of an asset sum to zero.
SELECT asset, sum(balance)::text AS off_by
FROM ledger_accounts
GROUP BY asset
HAVING sum(balance) <> 0;

-- invariant: balances_are_sums
-- An account's balance is the sum of its entries, and its version their number.
SELECT account.code, account.asset, account.balance::text, coalesce(sum(entry.amount), 0)::text AS entries_sum,
  account.version, count(entry.account_id) AS entries
FROM ledger_accounts AS account
LEFT JOIN ledger_entries AS entry ON entry.account_id = account.id
GROUP BY account.id
HAVING account.balance <> coalesce(sum(entry.amount), 0) OR account.version <> count(entry.account_id);

-- invariant: entries_are_chained
-- Entries of an account are numbered without gaps, and each says what the balance was after it.
SELECT code, asset, account_version, balance_after::text, running::text
FROM (
  SELECT account.code, account.asset, entry.account_version, entry.balance_after,
    row_number() OVER entries AS place, sum(entry.amount) OVER entries AS running
  FROM ledger_entries AS entry JOIN ledger_accounts AS account ON account.id = entry.account_id
  WINDOW entries AS (PARTITION BY entry.account_id ORDER BY entry.account_version)
) AS chain
WHERE account_version <> place OR balance_after <> running;

-- invariant: balances_were_never_negative
-- Nobody but the outside world, issuance and charge-backs was ever overdrawn.
SELECT account.code, account.asset, entry.account_version, entry.balance_after::text
FROM ledger_entries AS entry
JOIN ledger_accounts AS account ON account.id = entry.account_id
WHERE entry.balance_after < 0 AND account.kind NOT IN ('external', 'issuance', 'charge_back');

-- invariant: steps_are_numbered
-- A deal's steps are 1, 2, 3, … without gaps.
SELECT conversation_id, n, place
FROM (
  SELECT conversation_id, n, row_number() OVER (PARTITION BY conversation_id ORDER BY n) AS place FROM steps
) AS numbered
WHERE n <> place;

-- invariant: steps_are_chained
-- Each step starts in the state that the one before it led to, the first where its kind of deal opens.
SELECT conversation_id, n, from_state, came_from
FROM (
  SELECT steps.conversation_id, steps.n, steps.from_state,
    lag(steps.to_state, 1, CASE deal.kind WHEN 'campaign' THEN 'initial'::flow_state ELSE 'influencer_responding' END)
      OVER (PARTITION BY steps.conversation_id ORDER BY steps.n) AS came_from
  FROM steps JOIN conversations AS deal ON deal.id = steps.conversation_id
) AS chain
WHERE from_state <> came_from;

-- invariant: steps_are_in_time
-- No step is before its predecessor, nor before its deal was opened.
SELECT conversation_id, n, at, previous
FROM (
  SELECT steps.conversation_id, steps.n, steps.at,
    lag(steps.at, 1, deal.created_at) OVER (PARTITION BY steps.conversation_id ORDER BY steps.n) AS previous
  FROM steps JOIN conversations AS deal ON deal.id = steps.conversation_id
) AS chain
WHERE at < previous;

-- invariant: deals_stand_where_their_steps_led
-- A deal's state, version, entry and times are those its steps led to.
SELECT deal.id AS conversation_id, deal.flow_state, deal.version, deal.entry, last_step.to_state, taken.steps, taken.entered
FROM conversations AS deal
CROSS JOIN LATERAL (
  SELECT count(*) AS steps, 1 + count(*) FILTER (WHERE from_state <> to_state) AS entered,
    coalesce(max(at), deal.created_at) AS stepped_at,
    coalesce(max(at) FILTER (WHERE from_state <> to_state), deal.created_at) AS entered_at
  FROM steps WHERE conversation_id = deal.id
) AS taken
LEFT JOIN LATERAL (
  SELECT to_state FROM steps WHERE conversation_id = deal.id ORDER BY n DESC LIMIT 1
) AS last_step ON true
WHERE deal.kind <> 'direct' AND (
  deal.version <> taken.steps OR deal.entry <> taken.entered OR deal.stepped_at <> taken.stepped_at
  OR deal.entered_at <> taken.entered_at
  OR deal.flow_state <> coalesce(last_step.to_state,
    CASE deal.kind WHEN 'campaign' THEN 'initial'::flow_state ELSE 'influencer_responding' END)
);

-- invariant: deals_end_by_themselves
-- A deal has a deadline in every state but those in which nothing is to end by itself.
SELECT id AS conversation_id, flow_state, deadline
FROM conversations
WHERE kind <> 'direct' AND (deadline IS NULL) <> needs_no_deadline(flow_state);

-- invariant: conversations_are_open_until_closed
-- What is called open is not closed, and the other way round.
SELECT id AS conversation_id, flow_state, is_open FROM conversations WHERE is_open <> (flow_state <> 'chat_closed');

-- invariant: steps_and_messages_have_a_conversation
-- Steps and messages belong to conversations that are there.
SELECT 'step' AS what, conversation_id, n::text AS which FROM steps
WHERE NOT EXISTS (SELECT FROM conversations WHERE id = conversation_id)
UNION ALL
SELECT 'message', conversation_id, id::text FROM messages
WHERE NOT EXISTS (SELECT FROM conversations WHERE conversations.id = conversation_id);

-- invariant: deals_are_relayed
-- Every deal has the row by which its workflow is told of it.
SELECT deal.id AS conversation_id
FROM conversations AS deal
WHERE deal.kind <> 'direct' AND NOT EXISTS (SELECT FROM relays WHERE relays.conversation_id = deal.id);

-- invariant: relays_are_looked_at
-- Who sweeps finds every deal that is behind, and every deadline in time.
SELECT conversation_id, told, version, behind, look_at, deadline
FROM relays WHERE behind <> (told < version) OR (deadline IS NOT NULL AND coalesce(look_at > deadline, true));

-- invariant: questions_are_of_now
-- A deal asks one thing at a time, and what it asks is of the state it is in.
SELECT deal.id AS conversation_id, deal.flow_state, asked_position, question.action_data ->> 'flow_state' AS asked_in
FROM conversations AS deal
LEFT JOIN messages AS question ON question.conversation_id = deal.id AND question.position = deal.asked_position
WHERE asked_position IS NOT NULL AND question.action_data ->> 'flow_state' IS DISTINCT FROM deal.flow_state::text;

-- invariant: messages_are_numbered
-- A conversation's messages are 1, 2, 3, … without gaps, as many as it says.
SELECT conversation.id AS conversation_id, conversation.said, numbered.first, numbered.last, numbered.messages
FROM conversations AS conversation LEFT JOIN (
  SELECT conversation_id, min(position) AS first, max(position) AS last, count(*) AS messages
  FROM messages GROUP BY conversation_id
) AS numbered ON numbered.conversation_id = conversation.id
WHERE conversation.said <> coalesce(numbered.messages, 0) OR numbered.first <> 1 OR numbered.last <> numbered.messages;

-- invariant: events_are_numbered
-- A user's events are 1, 2, 3, … without gaps, up to the number that the user's counter says.
SELECT coalesce(numbered.user_id, counter.user_id) AS user_id, numbered.first, numbered.last, numbered.events,
  counter.last_seq
FROM (
  SELECT user_id, min(first_seq) AS first, max(last_seq) AS last, sum(last_seq - first_seq + 1)::bigint AS events
  FROM outbox GROUP BY user_id
) AS numbered
FULL JOIN user_sequences AS counter ON counter.user_id = numbered.user_id
WHERE numbered.first <> 1 OR numbered.last <> numbered.events OR numbered.last IS DISTINCT FROM counter.last_seq;

-- invariant: events_are_as_many_as_numbered
-- A row of the outbox has as many events as it has numbers.
SELECT user_id, first_seq, last_seq FROM outbox WHERE json_array_length(events::json) <> last_seq - first_seq + 1;

-- invariant: steps_that_are_told_are_kept
-- What the outbox tells of a step can be read: the step is there, and as many messages as it wrote.
SELECT DISTINCT outbox.conversation_id, step_n
FROM outbox
LEFT JOIN steps ON steps.conversation_id = outbox.conversation_id AND n = step_n
WHERE outbox.conversation_id IS NOT NULL AND (
  SELECT count(*) FROM messages
  WHERE messages.conversation_id = outbox.conversation_id AND position > said_before AND position <= said
) IS DISTINCT FROM said - said_before;

-- invariant: escrow_is_held_or_promised
-- What lies in a deal's escrow account is what its terms hold and what is promised and not moved yet.
SELECT coalesce(deal.id::text, escrow.code) AS conversation_id, coalesce(escrow.balance, 0)::text AS escrow,
  deal.flow_data ->> 'held' AS held, coalesce(promised.amount, 0)::text AS promised
FROM (SELECT id, flow_data FROM conversations WHERE kind <> 'direct') AS deal
FULL JOIN (
  SELECT code, sum(balance) AS balance FROM ledger_accounts WHERE kind = 'escrow' GROUP BY code
) AS escrow ON escrow.code = 'escrow/' || deal.id
LEFT JOIN (
  SELECT conversation_id, sum(amount) AS amount FROM promises WHERE moved_at IS NULL GROUP BY conversation_id
) AS promised ON promised.conversation_id = deal.id
WHERE coalesce(escrow.balance, 0) <> coalesce((deal.flow_data ->> 'held')::bigint, 0) + coalesce(promised.amount, 0);

-- invariant: held_money_has_a_deadline
-- No deal holds money in a state that does not end by itself.
SELECT id AS conversation_id, flow_state, flow_data ->> 'held' AS held
FROM conversations
WHERE kind <> 'direct' AND (flow_data ->> 'held')::bigint <> 0 AND deadline IS NULL;

-- invariant: ended_deals_hold_nothing
-- The escrow account of an ended deal is zero as soon as nothing is promised that has not moved.
SELECT deal.id AS conversation_id, deal.flow_state, escrow.asset, escrow.balance::text AS escrow
FROM conversations AS deal
JOIN ledger_accounts AS escrow ON escrow.code = 'escrow/' || deal.id
WHERE deal.flow_state IN ('real_time', 'chat_closed') AND escrow.balance <> 0
  AND NOT EXISTS (SELECT FROM promises WHERE promises.conversation_id = deal.id AND moved_at IS NULL);

-- invariant: paid_is_held_or_promised
-- What was captured into a deal's escrow is still held, or was promised to somebody: all of it and no more.
SELECT deal.id AS conversation_id, coalesce(paid.amount, 0)::text AS paid, deal.flow_data ->> 'held' AS held,
  coalesce(promised.amount, 0)::text AS promised
FROM conversations AS deal
LEFT JOIN (
  SELECT conversation_id, sum(amount) AS amount FROM captures WHERE disposition = 'escrow' GROUP BY conversation_id
) AS paid ON paid.conversation_id = deal.id
LEFT JOIN (
  SELECT promises.conversation_id, sum(promises.amount) AS amount
  FROM promises JOIN steps ON steps.conversation_id = promises.conversation_id AND steps.n = promises.step_n
  WHERE steps.command <> 'payment_returned'
  GROUP BY promises.conversation_id
) AS promised ON promised.conversation_id = deal.id
WHERE deal.kind <> 'direct'
  AND coalesce(paid.amount, 0) <> (deal.flow_data ->> 'held')::bigint + coalesce(promised.amount, 0);

-- invariant: promises_are_made_once
-- A step makes at most one promise of a kind.
SELECT conversation_id, step_n, kind, count(*) AS promises
FROM promises
GROUP BY conversation_id, step_n, kind
HAVING count(*) > 1;

-- invariant: releases_cost_the_agreed_fee
-- The fee of a release is the agreed part of it, rounded down; a refund costs nothing.
SELECT promises.id AS promise_id, promises.kind, promises.amount::text, promises.fee::text,
  deal.flow_data ->> 'fee_bps' AS fee_bps
FROM promises JOIN conversations AS deal ON deal.id = promises.conversation_id
WHERE promises.fee <> CASE promises.kind
  WHEN 'release' THEN promises.amount * coalesce((deal.flow_data ->> 'fee_bps')::bigint, 0) / 10000
  ELSE 0 END;

-- invariant: releases_are_paid_out
-- A release is done when, and only when, its amount left escrow for the influencer's wallet, less the fee.
SELECT promise.id AS promise_id, promise.done_at, promise.amount::text, promise.fee::text,
  moved.from_escrow::text, moved.to_wallet::text, moved.to_fee::text
FROM promises AS promise
JOIN conversations AS deal ON deal.id = promise.conversation_id
LEFT JOIN LATERAL (
  SELECT coalesce(sum(entry.amount) FILTER (WHERE account.code = 'escrow/' || deal.id), 0) AS from_escrow,
    coalesce(sum(entry.amount) FILTER (WHERE account.code = 'wallet/' || deal.influencer_id), 0) AS to_wallet,
    coalesce(sum(entry.amount) FILTER (WHERE account.kind = 'fee'), 0) AS to_fee
  FROM ledger_transfers AS transfer
  JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
  JOIN ledger_accounts AS account ON account.id = entry.account_id AND account.asset = promise.asset
  WHERE transfer.key = 'release_' || promise.id
) AS moved ON true
WHERE promise.kind = 'release' AND (moved.from_escrow, moved.to_wallet, moved.to_fee) IS DISTINCT FROM (
  CASE WHEN promise.done_at IS NULL THEN 0 ELSE -promise.amount END,
  CASE WHEN promise.done_at IS NULL THEN 0 ELSE promise.amount - promise.fee END,
  CASE WHEN promise.done_at IS NULL THEN 0 ELSE promise.fee END
);

-- invariant: rupees_are_earned
-- Rupees come into a wallet by a release that was promised, and by nothing else.
SELECT account.code, transfer.key, transfer.reason, entry.amount::text
FROM ledger_entries AS entry
JOIN ledger_accounts AS account ON account.id = entry.account_id
JOIN ledger_transfers AS transfer ON transfer.id = entry.transfer_id
WHERE account.kind = 'wallet' AND account.asset = 'INR' AND entry.amount > 0 AND NOT EXISTS (
  SELECT FROM promises WHERE kind = 'release' AND 'release_' || promises.id = transfer.key
);

-- invariant: refunds_leave_escrow_once
-- A refund has moved when, and only when, its amount left escrow for clearing. What came too late never was in escrow.
SELECT promise.id AS promise_id, promise.moved_at, promise.amount::text, moved.to_clearing::text, moved.from_escrow::text
FROM promises AS promise
JOIN captures AS capture ON capture.id = promise.capture_id
LEFT JOIN LATERAL (
  SELECT coalesce(sum(entry.amount) FILTER (WHERE account.code = 'escrow/' || promise.conversation_id), 0) AS from_escrow,
    coalesce(sum(entry.amount) FILTER (WHERE account.code = 'refund_clearing/' || promise.conversation_id), 0) AS to_clearing
  FROM ledger_transfers AS transfer
  JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
  JOIN ledger_accounts AS account ON account.id = entry.account_id AND account.asset = promise.asset
  WHERE transfer.key = 'refund_' || promise.id
) AS moved ON true
WHERE promise.kind = 'refund' AND (moved.to_clearing, moved.from_escrow) IS DISTINCT FROM (
  CASE WHEN promise.moved_at IS NULL OR capture.disposition = 'returned' THEN 0 ELSE promise.amount END,
  CASE WHEN promise.moved_at IS NULL OR capture.disposition = 'returned' THEN 0 ELSE -promise.amount END
);

-- invariant: refunds_follow_promises
-- A promised refund that has moved is one refund at the provider, of the same amount and capture; it is done when that is
-- processed.
SELECT promise.id AS promise_id, promise.amount::text, promise.moved_at, promise.done_at, refund.id AS refund_id,
  refund.amount::text AS refund_amount, refund.status
FROM (SELECT * FROM promises WHERE kind = 'refund') AS promise
FULL JOIN (SELECT * FROM refunds WHERE promise_id IS NOT NULL) AS refund ON refund.promise_id = promise.id
WHERE promise.id IS NULL
  OR (promise.moved_at IS NULL) <> (refund.id IS NULL)
  OR (refund.id IS NOT NULL AND (
    refund.amount <> promise.amount OR refund.currency <> promise.asset OR refund.capture_id <> promise.capture_id
    OR (promise.done_at IS NOT NULL) <> (refund.status = 'processed')
  ));

-- invariant: refunds_settle_once
-- A refund is processed when, and only when, its amount left clearing for the world outside, and has not come back since.
SELECT refund.id AS refund_id, refund.status, refund.amount::text, settled.amount::text AS settled
FROM refunds AS refund
LEFT JOIN LATERAL (
  SELECT sum(entry.amount) AS amount
  FROM ledger_transfers AS transfer
  JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
  JOIN ledger_accounts AS account ON account.id = entry.account_id
  WHERE account.kind = 'external' AND account.asset = refund.currency AND transfer.key IN (
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

-- invariant: clearing_is_refunds_under_way
-- What lies in clearing is what the provider was, or is to be, asked to give back, and has not yet.
SELECT coalesce(account.code, expected.code) AS account, coalesce(account.asset, expected.currency) AS asset,
  coalesce(account.balance, 0)::text AS balance, coalesce(expected.amount, 0)::text AS under_way
FROM (SELECT code, asset, balance FROM ledger_accounts WHERE kind = 'refund_clearing') AS account
FULL JOIN (
  SELECT 'refund_clearing/' || coalesce(capture.conversation_id, capture.id) AS code, refund.currency,
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
  OR capture.conversation_id IS DISTINCT FROM fact.conversation_id
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
      WHEN 'escrow' THEN 'escrow/' || capture.conversation_id
      WHEN 'returned' THEN 'refund_clearing/' || capture.conversation_id
      ELSE 'suspense/' || capture.provider END
) AS moved ON true
WHERE moved.amount IS DISTINCT FROM capture.amount;

-- invariant: returned_captures_are_promised_back
-- A capture that nobody waited for is promised back to whoever paid it, whole and once.
SELECT capture.id AS capture_id, capture.amount::text, count(promise.id) AS promises, sum(promise.amount)::text AS promised
FROM captures AS capture
LEFT JOIN promises AS promise ON promise.capture_id = capture.id AND promise.kind = 'refund'
WHERE capture.disposition = 'returned'
GROUP BY capture.id
HAVING count(promise.id) <> 1 OR sum(promise.amount) <> capture.amount;

-- invariant: captures_are_refunded_at_most_whole
-- No more of a capture is given back than was paid.
SELECT capture.id AS capture_id, capture.amount::text, sum(refund.amount)::text AS refunded
FROM captures AS capture JOIN refunds AS refund ON refund.capture_id = capture.id
GROUP BY capture.id
HAVING sum(refund.amount) > capture.amount;

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
-- What was charged back is what banks decided against us, each amount of a payment once.
SELECT coalesce(account.code, expected.code) AS account, coalesce(account.asset, expected.currency) AS asset,
  coalesce(account.balance, 0)::text AS balance, coalesce(expected.amount, 0)::text AS lost
FROM (SELECT code, asset, balance FROM ledger_accounts WHERE kind = 'charge_back') AS account
FULL JOIN (
  SELECT 'charge_back/' || provider AS code, currency, sum(amount) AS amount
  FROM (
    SELECT DISTINCT fact ->> 'provider' AS provider, fact ->> 'paymentId' AS payment_id, fact ->> 'currency' AS currency,
      (fact ->> 'amount')::numeric AS amount
    FROM inbox
    WHERE booked_at IS NOT NULL AND outcome <> 'set_aside'
      AND fact ->> 'kind' = 'charge_back_closed' AND fact ->> 'reason' ILIKE '%lost%'
  ) AS lost
  GROUP BY 1, 2
) AS expected ON expected.code = account.code AND expected.currency = account.asset
WHERE coalesce(account.balance, 0) <> -coalesce(expected.amount, 0);

-- invariant: deals_are_paid_once
-- A deal has at most one capture in escrow.
SELECT conversation_id, count(*) AS captures
FROM captures
WHERE disposition = 'escrow'
GROUP BY conversation_id
HAVING count(*) > 1;

-- invariant: orders_are_of_the_agreed_price
-- An order is of the price that was agreed on, and only one of a deal is open.
SELECT payment_order.id AS order_id, payment_order.conversation_id, payment_order.amount::text,
  deal.flow_data ->> 'agreed' AS agreed, payment_order.closed_at
FROM payment_orders AS payment_order JOIN conversations AS deal ON deal.id = payment_order.conversation_id
WHERE payment_order.amount::text IS DISTINCT FROM deal.flow_data ->> 'agreed'
  OR (payment_order.closed_at IS NULL AND deal.flow_state <> 'payment_pending');

-- invariant: operators_are_asked
-- A dispute is on an operator's list until it is ruled; a capture in suspense and a refund that failed were put on it.
SELECT 'dispute' AS kind, deal.id AS about
FROM conversations AS deal
WHERE deal.flow_state = 'disputed' AND NOT EXISTS (
  SELECT FROM tasks WHERE tasks.conversation_id = deal.id AND tasks.kind = 'dispute' AND tasks.closed_at IS NULL
)
UNION ALL
SELECT 'unmatched_capture', capture.id
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
SELECT refund.id AS refund_id, capture.conversation_id, refund.amount::text, refund.currency, refund.status,
  refund.attempt, refund.failure, refund.created_at
FROM refunds AS refund JOIN captures AS capture ON capture.id = refund.capture_id
WHERE refund.status <> 'processed'
ORDER BY refund.created_at;

-- report: promises_to_carry_out
-- Money that was promised and has not moved yet, oldest first.
SELECT promise.id AS promise_id, promise.conversation_id, promise.kind, promise.amount::text, promise.asset,
  promise.made_at
FROM promises AS promise
WHERE promise.moved_at IS NULL
ORDER BY promise.made_at;

-- report: facts_to_book
-- What providers told and is not booked yet, or was set aside because it cannot be, oldest first.
SELECT id AS inbox_id, conversation_id, fact ->> 'kind' AS kind, fact ->> 'amount' AS amount, received_at, outcome
FROM inbox
WHERE booked_at IS NULL OR outcome = 'set_aside'
ORDER BY id;

-- report: open_tasks
-- What waits for an operator, oldest first.
SELECT id AS task_id, kind, conversation_id, opened_at FROM tasks WHERE closed_at IS NULL ORDER BY opened_at;
