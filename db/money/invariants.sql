-- What is true of the ledger at every instant, as queries that answer with the rows which break it. Amounts are cast to
-- text, so that no reader rounds them. `invariant` is a promise; `report` is a reading an operator wants beside them.

-- invariant: transfers_balance
-- The entries of a transfer sum to zero in every asset.
SELECT transfer.id AS transfer_id, transfer.key, account.asset, sum(entry.amount)::text AS off_by
FROM ledger_transfers AS transfer
JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
JOIN ledger_accounts AS account ON account.id = entry.account_id
WHERE transfer.id > (SELECT ledger_looked_through())
GROUP BY transfer.id, transfer.key, account.asset
HAVING sum(entry.amount) <> 0;

-- invariant: transfers_move_something
-- A transfer has two entries or more.
SELECT transfer.id AS transfer_id, transfer.key, count(entry.transfer_id) AS entries
FROM ledger_transfers AS transfer
LEFT JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
WHERE transfer.id > (SELECT ledger_looked_through())
GROUP BY transfer.id, transfer.key
HAVING count(entry.transfer_id) < 2;

-- invariant: transfers_are_as_they_were_asked
-- What a transfer was asked to do still has the hash that was taken of it then.
SELECT transfer.id AS transfer_id, transfer.key, transfer.reason
FROM ledger_transfers AS transfer
JOIN LATERAL (
  SELECT array_agg(code ORDER BY code, asset) AS codes, array_agg(kind ORDER BY code, asset) AS kinds,
    array_agg(asset ORDER BY code, asset) AS assets, array_agg(entry.amount ORDER BY code, asset) AS amounts
  FROM ledger_entries AS entry JOIN ledger_accounts AS account ON account.id = entry.account_id
  WHERE entry.transfer_id = transfer.id
) AS legs ON legs.codes IS NOT NULL
WHERE transfer.id > (SELECT ledger_looked_through()) AND transfer.input_hash <> ledger_input_hash(
  transfer.key, transfer.reason, transfer.conversation_id, legs.codes, legs.kinds, legs.assets, legs.amounts, transfer.more
);

-- invariant: transfers_are_made_once
-- No two transfers have one key.
SELECT key, count(*) AS transfers FROM ledger_transfers GROUP BY key HAVING count(*) > 1;

-- invariant: corrections_name_a_transfer
-- What a correction puts right is there, and is from before it.
SELECT correction.key, correction.more ->> 'corrects' AS corrects
FROM ledger_transfers AS correction
LEFT JOIN ledger_transfers AS corrected ON corrected.key = correction.more ->> 'corrects' AND corrected.id < correction.id
WHERE correction.more ? 'corrects' AND corrected.id IS NULL;

-- invariant: conversions_are_at_their_rate
-- What was changed gave what the stored rate says, rounded down.
SELECT transfer.key, rate.id AS rate_id, legs.given::text, legs.taken::text
FROM ledger_transfers AS transfer
LEFT JOIN ledger_rates AS rate ON rate.id::text = transfer.more ->> 'rate_id'
CROSS JOIN LATERAL (
  SELECT -sum(amount) FILTER (WHERE asset = rate.from_asset) AS taken,
    sum(amount) FILTER (WHERE asset = rate.to_asset) AS given
  FROM ledger_entries AS entry JOIN ledger_accounts AS account ON account.id = entry.account_id
  WHERE entry.transfer_id = transfer.id AND account.kind = 'wallet'
) AS legs
WHERE transfer.more ? 'rate_id'
  AND (rate.id IS NULL OR legs.given IS DISTINCT FROM div(legs.taken * rate.numerator, rate.denominator));

-- invariant: books_sum_to_zero
-- Everything somebody has, somebody else owes: all balances of an asset sum to zero.
SELECT asset, sum(balance)::text AS off_by
FROM ledger_accounts
GROUP BY asset
HAVING sum(balance) <> 0;

-- invariant: balances_are_those_of_the_journal
-- An account's balance, number, instant and hash are those of its last entry.
SELECT account.code, account.asset, account.balance::text, last.balance_after::text, account.version, last.account_version
FROM ledger_accounts AS account
LEFT JOIN LATERAL (
  SELECT * FROM ledger_entries AS entry WHERE entry.account_id = account.id ORDER BY account_version DESC LIMIT 1
) AS last ON true
WHERE (account.balance, account.version, account.moved_at, account.hash) IS DISTINCT FROM
  (coalesce(last.balance_after, 0), coalesce(last.account_version, 0), coalesce(last.recorded_at, '-infinity'),
    coalesce(last.hash, ''));

-- invariant: entries_are_numbered
-- Entries of an account are 1, 2, 3, … without gaps.
SELECT account.code, account.asset, entry.account_version
FROM ledger_entries AS entry
JOIN ledger_accounts AS account ON account.id = entry.account_id
LEFT JOIN ledger_entries AS before
  ON before.account_id = entry.account_id AND before.account_version = entry.account_version - 1
WHERE entry.transfer_id > (SELECT ledger_looked_through()) AND (before.account_id IS NULL) <> (entry.account_version = 1);

-- invariant: entries_add_up
-- An entry's balance is that of the entry before it and its amount.
SELECT account.code, account.asset, entry.account_version, entry.balance_after::text, before.balance_after::text AS before,
  entry.amount::text
FROM ledger_entries AS entry
JOIN ledger_accounts AS account ON account.id = entry.account_id
LEFT JOIN ledger_entries AS before
  ON before.account_id = entry.account_id AND before.account_version = entry.account_version - 1
WHERE entry.transfer_id > (SELECT ledger_looked_through())
  AND (before.account_id IS NOT NULL OR entry.account_version = 1)
  AND entry.balance_after <> coalesce(before.balance_after, 0) + entry.amount;

-- invariant: entries_are_in_time
-- No entry of an account is before the one before it.
SELECT account.code, account.asset, entry.account_version, entry.recorded_at, before.recorded_at AS before
FROM ledger_entries AS entry
JOIN ledger_accounts AS account ON account.id = entry.account_id
JOIN ledger_entries AS before
  ON before.account_id = entry.account_id AND before.account_version = entry.account_version - 1
WHERE entry.transfer_id > (SELECT ledger_looked_through()) AND entry.recorded_at < before.recorded_at;

-- invariant: entries_are_hash_chained
-- An entry's hash is that of the entry before it, of its transfer's input and of the entry itself.
SELECT account.code, account.asset, entry.account_version, encode(entry.hash, 'hex') AS hash
FROM ledger_entries AS entry
JOIN ledger_accounts AS account ON account.id = entry.account_id
JOIN ledger_transfers AS transfer ON transfer.id = entry.transfer_id
LEFT JOIN ledger_entries AS before
  ON before.account_id = entry.account_id AND before.account_version = entry.account_version - 1
WHERE entry.transfer_id > (SELECT ledger_looked_through())
  AND (before.account_id IS NOT NULL OR entry.account_version = 1)
  AND entry.hash <> ledger_entry_hash(coalesce(before.hash, ''), transfer.input_hash, entry.account_version, entry.amount,
    entry.balance_after, entry.recorded_at);

-- invariant: entries_are_of_something
-- An entry has its account and its transfer.
SELECT entry.account_id, entry.account_version, entry.transfer_id
FROM ledger_entries AS entry
WHERE entry.transfer_id > (SELECT ledger_looked_through()) AND (
  NOT EXISTS (SELECT FROM ledger_transfers AS transfer WHERE transfer.id = entry.transfer_id)
  OR NOT EXISTS (SELECT FROM ledger_accounts AS account WHERE account.id = entry.account_id)
);

-- invariant: balances_were_never_negative
-- Nobody was ever overdrawn but those accounts whose kind may be, such as the world outside.
SELECT account.code, account.asset, entry.account_version, entry.balance_after::text
FROM ledger_entries AS entry
JOIN ledger_accounts AS account ON account.id = entry.account_id
JOIN ledger_account_kinds AS kind ON kind.kind = account.kind
WHERE entry.transfer_id > (SELECT ledger_looked_through()) AND entry.balance_after < 0 AND NOT kind.overdraft;

-- invariant: books_are_append_only
-- What keeps transfers, entries and rates from being changed is in force.
SELECT books.name AS table, books.name || '_immutable' AS trigger
FROM (VALUES ('ledger_transfers'), ('ledger_entries'), ('ledger_rates')) AS books (name)
WHERE NOT EXISTS (
  SELECT FROM pg_trigger
  WHERE tgrelid = books.name::regclass AND tgname = books.name || '_immutable' AND tgenabled IN ('O', 'A')
    -- Before, for the statement, on DELETE, UPDATE and TRUNCATE.
    AND tgtype = 2 + 8 + 16 + 32
);

-- invariant: holds_are_what_is_held
-- What is open of a user's holds, what their orders hold, and what processes hold of theirs or have promised of it, lies in
-- the account of holds.
WITH due AS (
  SELECT 'hold/' || user_id AS code, asset, amount - posted - returned AS amount FROM ledger_holds WHERE state = 'open'
  UNION ALL
  SELECT 'hold/' || seats.user_id, process.asset, process.held
  FROM processes AS process JOIN machines USING (kind)
  JOIN seats ON seats.process_id = process.id AND machines.held_at = 'hold:' || seats.role
  WHERE process.held <> 0
  UNION ALL
  SELECT 'hold/' || orders.user_id, CASE orders.side WHEN 'buy' THEN pair.quote ELSE pair.base END, orders.held
  FROM trading_orders AS orders JOIN trading_pairs AS pair ON pair.id = orders.pair_id WHERE orders.held > 0
  UNION ALL
  SELECT 'hold/' || seats.user_id, promises.asset, -leg.amount
  FROM promises CROSS JOIN LATERAL json_to_recordset(legs) AS leg (place text, amount bigint)
  JOIN seats ON seats.process_id = promises.process_id AND leg.place = 'hold:' || seats.role
  WHERE moved_at IS NULL AND leg.amount < 0
), expected AS (
  SELECT code, asset, sum(amount) AS amount FROM due GROUP BY code, asset
)
SELECT coalesce(account.code, expected.code) AS account, coalesce(account.asset, expected.asset) AS asset,
  coalesce(account.balance, 0)::text AS balance, coalesce(expected.amount, 0)::text AS expected
FROM (SELECT * FROM ledger_accounts WHERE kind = 'hold') AS account
FULL JOIN expected ON account.code = expected.code AND account.asset = expected.asset
WHERE coalesce(account.balance, 0) <> coalesce(expected.amount, 0);

-- invariant: lots_are_balances
-- The lots of an account sum to its balance, where its asset keeps any.
SELECT account.code, account.asset, account.balance::text, coalesce(sum(lot.amount), 0)::text AS lots
FROM ledger_accounts AS account
LEFT JOIN ledger_lots AS lot ON lot.account_id = account.id
WHERE ledger_keeps_lots(account.kind, account.asset) OR lot.id IS NOT NULL
GROUP BY account.id
HAVING account.balance <> coalesce(sum(lot.amount), 0);

-- invariant: penalties_took_what_they_say
-- A penalty took from its wallet what it says it took.
SELECT penalty.id AS penalty_id, penalty.taken::text, coalesce(moved.amount, 0)::text AS moved
FROM wallet_penalties AS penalty
LEFT JOIN LATERAL (
  SELECT sum(entry.amount) AS amount
  FROM ledger_transfers AS transfer
  JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
  JOIN ledger_accounts AS account ON account.id = entry.account_id AND account.kind = 'penalty'
  WHERE transfer.key = 'penalty_' || penalty.id
) AS moved ON true
WHERE coalesce(moved.amount, 0) <> penalty.taken;
