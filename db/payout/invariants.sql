-- What is true of payouts at every instant, as queries that answer with the rows which break it. Amounts are cast to text,
-- so that no reader rounds them. `invariant` is a promise; `report` is a reading an operator wants beside them.

-- invariant: payouts_stand_where_their_processes_do
-- What is known at the provider and what the payee sees is the same thing.
SELECT process.id AS process_id, process.state, payout.status
FROM (SELECT * FROM processes WHERE kind = 'payout') AS process
FULL JOIN payouts AS payout ON payout.process_id = process.id
WHERE process.id IS NULL OR payout.process_id IS NULL OR NOT CASE process.state
  WHEN 'processing' THEN payout.status IN ('reserved', 'due', 'asked', 'pending')
  WHEN 'paid' THEN payout.status = 'processed'
  WHEN 'failed' THEN payout.status = 'failed'
  WHEN 'reversed' THEN payout.status = 'reversed'
  ELSE payout.status = 'reserved' END;

-- invariant: payouts_are_of_what_was_set_aside
-- A payout books exactly what it was asked for with: the whole that left the wallet, the fee and what arrives.
SELECT payout.process_id, payout.gross::text, payout.fee::text, payout.net::text
FROM payouts AS payout JOIN processes AS process ON process.id = payout.process_id
WHERE payout.gross::text <> process.terms ->> 'gross' OR payout.fee::text <> process.opened ->> 'fee'
  OR payout.net::text <> process.opened ->> 'net' OR payout.currency <> process.asset;

-- invariant: payout_clearing_is_payouts_under_way
-- What lies in clearing is what a provider was, or is to be, asked to pay out, and has not yet.
SELECT coalesce(account.code, expected.code) AS account, coalesce(account.asset, expected.currency) AS asset,
  coalesce(account.balance, 0)::text AS balance, coalesce(expected.gross, 0)::text AS under_way
FROM (SELECT code, asset, balance FROM ledger_accounts WHERE kind = 'payout_clearing') AS account
FULL JOIN (
  SELECT 'payout_clearing/' || process_id AS code, currency, gross FROM payouts
  WHERE status IN ('due', 'asked', 'pending')
) AS expected ON expected.code = account.code AND expected.currency = account.asset
WHERE coalesce(account.balance, 0) <> coalesce(expected.gross, 0);

-- invariant: payouts_leave_once
-- What left for the world outside is what arrives, once, of those that were paid, and nothing of any other; the fee is
-- ours just then.
SELECT payout.process_id, payout.status, payout.net::text, moved.outside::text, payout.fee::text, moved.fee::text AS ours
FROM payouts AS payout
CROSS JOIN LATERAL (
  SELECT coalesce(sum(entry.amount) FILTER (WHERE account.kind = 'external'), 0) AS outside,
    coalesce(sum(entry.amount) FILTER (WHERE account.kind = 'fee'), 0) AS fee
  FROM ledger_transfers AS transfer
  JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
  JOIN ledger_accounts AS account ON account.id = entry.account_id
  WHERE transfer.conversation_id = payout.process_id
) AS moved
WHERE moved.outside <> CASE payout.status WHEN 'processed' THEN payout.net ELSE 0 END
  OR moved.fee <> CASE payout.status WHEN 'processed' THEN payout.fee ELSE 0 END;

-- invariant: payouts_come_back_whole
-- Whoever's payout was cancelled, failed or came back has all of it again, and nobody else.
SELECT process.id AS process_id, process.state, payout.gross::text, moved.wallet::text
FROM payouts AS payout JOIN processes AS process ON process.id = payout.process_id
CROSS JOIN LATERAL (
  SELECT coalesce(sum(entry.amount), 0) AS wallet
  FROM ledger_transfers AS transfer
  JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
  JOIN ledger_accounts AS account ON account.id = entry.account_id AND account.kind = 'wallet'
  WHERE transfer.conversation_id = payout.process_id
) AS moved
WHERE moved.wallet <> CASE
  WHEN process.state IN ('failed', 'reversed') THEN 0
  WHEN process.state = 'cancelled' AND NOT EXISTS (
    SELECT FROM promises WHERE promises.process_id = process.id AND moved_at IS NULL
  ) THEN 0
  ELSE -payout.gross END;

-- invariant: payouts_are_written_down_before_they_are_asked_for
-- No provider was asked for a payout without a row that says so.
SELECT process_id, status FROM payouts
WHERE status IN ('asked', 'pending') AND NOT EXISTS (
  SELECT FROM payout_attempts WHERE payout_attempts.process_id = payouts.process_id
);

-- invariant: payouts_are_made_one_after_the_other
-- An account has one payout in the making.
SELECT user_id, count(*) AS open
FROM payouts JOIN processes ON processes.id = process_id JOIN machine_states USING (kind, state)
WHERE NOT ends GROUP BY user_id HAVING count(*) > 1;

-- invariant: payouts_are_stated
-- Whatever was paid has a statement of just that payout, whose lines sum to what arrived, and those of what it was earned
-- from to what left the wallet; whatever came back has another, which takes all of it back.
SELECT payout.process_id, payout.status, kind, payout.net::text, stated.net::text AS stated, line.net::text AS lines
FROM payouts AS payout
CROSS JOIN (VALUES ('paid', 1), ('came_back', -1)) AS due (kind, sign)
LEFT JOIN payout_statements AS stated USING (process_id, kind)
CROSS JOIN LATERAL (
  SELECT sum(amount) AS net, sum(amount) FILTER (WHERE what = 'earned') AS gross FROM payout_statement_lines
  WHERE payout_statement_lines.process_id = payout.process_id AND payout_statement_lines.kind = due.kind
) AS line
WHERE CASE WHEN payout.status = 'reversed' OR (payout.status = 'processed' AND kind = 'paid')
  THEN (stated.currency, stated.gross, stated.net, line.gross, line.net) IS DISTINCT FROM
    (payout.currency, sign * payout.gross, sign * payout.net, sign * payout.gross, sign * payout.net)
  ELSE stated.process_id IS NOT NULL END;

-- report: payouts_under_way
-- Payouts whose end is not known, oldest first.
SELECT process_id, provider, status, waits_for, net::text, currency, asked_at FROM payouts
WHERE status IN ('due', 'asked', 'pending') ORDER BY created_at;
