-- What is true of creators at every instant, as queries that answer with the rows which break it.

-- invariant: tips_are_moved
-- A tip moved what it says, from who gave it to whom it was given.
SELECT tip.id AS tip_id, tip.amount::text
FROM tips AS tip
WHERE NOT EXISTS (
  SELECT FROM ledger_transfers AS transfer
  JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
  JOIN ledger_accounts AS account ON account.id = entry.account_id
  WHERE transfer.key = tip.posting AND account.code = 'wallet/' || tip.creator_id AND account.asset = tip.asset
    AND entry.amount = tip.amount
);

-- invariant: milestones_are_paid_once
-- What was reached was paid, by one transfer of its own.
SELECT reached.creator_id, reached.milestone FROM creator_milestones AS reached
WHERE NOT EXISTS (
  SELECT FROM ledger_transfers WHERE key = 'milestone_' || reached.creator_id || '_' || reached.milestone
);
