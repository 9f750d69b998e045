-- What is true of charge-backs at every instant, as queries that answer with the rows which break it. Amounts are cast to
-- text, so that no reader rounds them. `invariant` is a promise; `report` is a reading an operator wants beside them.

-- invariant: recoveries_follow_disputes
-- Every dispute that was not won before it was heard of has its process, which stands as the dispute does or is to be
-- told of it.
SELECT dispute.id AS dispute_id, dispute.state, process.id AS process_id, process.state AS stands
FROM disputes AS dispute
LEFT JOIN charge_backs ON charge_backs.dispute_id = dispute.id
LEFT JOIN processes AS process ON process.id = charge_backs.process_id
WHERE NOT EXISTS (SELECT FROM dispute_news WHERE dispute_news.dispute_id = dispute.id)
  AND CASE WHEN process.id IS NULL THEN dispute.state <> 'won' ELSE
    CASE WHEN process.state IN ('open', 'submitted', 'undecided') THEN 'open'
      WHEN process.state IN ('lost', 'settled') THEN 'lost' ELSE process.state END <> dispute.state END;

-- invariant: recoveries_stand_against_losses
-- What was got back of what banks took is what its charge-backs say is settled.
SELECT coalesce(account.code, expected.code) AS account, coalesce(account.asset, expected.currency) AS asset,
  coalesce(account.balance, 0)::text AS balance, coalesce(expected.settled, 0)::text AS settled
FROM (SELECT code, asset, balance FROM ledger_accounts WHERE kind = 'recovery') AS account
FULL JOIN (
  SELECT 'recovery/' || provider AS code, currency, sum(settled) AS settled FROM charge_backs GROUP BY 1, 2
) AS expected ON expected.code = account.code AND expected.currency = account.asset
WHERE coalesce(account.balance, 0) <> coalesce(expected.settled, 0);

-- invariant: recoveries_are_whole
-- What is settled of money is the payee's part and ours; no more is settled than the bank took.
SELECT charge_backs.process_id, settled::text, due::text, borne::text, disputes.lost::text
FROM charge_backs JOIN disputes ON disputes.id = charge_backs.dispute_id
WHERE (asset = charge_backs.currency AND settled <> due + borne)
  OR (settled > disputes.lost AND NOT EXISTS (
    SELECT FROM dispute_news WHERE dispute_news.dispute_id = disputes.id
  ));

-- invariant: debts_are_owed
-- Somebody's debt is what charge-backs say is owed, and so is what they show.
SELECT coalesce(account.code, expected.code) AS account, coalesce(account.asset, expected.asset) AS asset,
  coalesce(account.balance, 0)::text AS balance, coalesce(expected.owed, 0)::text AS owed
FROM (SELECT code, asset, balance FROM ledger_accounts WHERE kind = 'debt') AS account
FULL JOIN (
  SELECT 'debt/' || payee_id AS code, asset, sum(owed) AS owed FROM charge_backs WHERE payee_id IS NOT NULL GROUP BY 1, 2
) AS expected ON expected.code = account.code AND expected.asset = account.asset
WHERE coalesce(account.balance, 0) <> -coalesce(expected.owed, 0)
UNION ALL
SELECT 'charge_back ' || process_id, charge_backs.asset, owed::text, terms ->> 'owed'
FROM charge_backs JOIN processes ON processes.id = process_id
WHERE owed::text <> terms ->> 'owed';

-- invariant: losses_are_borne
-- What nobody makes up for is what charge-backs say that we bear.
SELECT coalesce(account.code, expected.code) AS account, coalesce(account.asset, expected.asset) AS asset,
  coalesce(account.balance, 0)::text AS balance, coalesce(expected.borne, 0)::text AS borne
FROM (SELECT code, asset, balance FROM ledger_accounts WHERE kind = 'loss') AS account
FULL JOIN (
  SELECT code, asset, sum(amount) AS borne FROM (
    SELECT 'loss/' || provider AS code, asset, written_off AS amount FROM charge_backs
    UNION ALL SELECT 'loss/' || provider, currency, borne FROM charge_backs
  ) AS each GROUP BY code, asset
) AS expected ON expected.code = account.code AND expected.asset = account.asset
WHERE coalesce(account.balance, 0) <> -coalesce(expected.borne, 0);

-- report: disputes_to_follow
-- What banks said and charge-backs do not know of yet, oldest first.
SELECT dispute_id, since FROM dispute_news ORDER BY since;

-- report: debts
-- What people owe of payments that were charged back, oldest first.
SELECT process_id, payee_id, owed::text, asset FROM charge_backs WHERE owed > 0 ORDER BY process_id;
