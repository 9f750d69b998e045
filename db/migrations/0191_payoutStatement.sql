-- Up Migration

CREATE TABLE payout_statements (
  process_id uuid NOT NULL REFERENCES payouts (process_id),
  kind text NOT NULL CONSTRAINT payout_statements_kind_known CHECK (kind IN ('paid', 'came_back')),
  destination text NOT NULL,
  currency text NOT NULL,
  gross bigint NOT NULL,
  fee bigint NOT NULL,
  net bigint NOT NULL,
  made_at timestamptz(3) NOT NULL,
  PRIMARY KEY (process_id, kind),
  CONSTRAINT payout_statements_add_up CHECK (gross = fee + net)
);
COMMENT ON COLUMN payout_statements.destination IS 'what stood for it when it was paid';
COMMENT ON TABLE payout_statements IS 'What a payout came to, kept in the transaction that paid it and never changed: what takes one back is a statement of its own, below zero throughout.';

CREATE TABLE payout_statement_lines (
  process_id uuid NOT NULL,
  kind text NOT NULL,
  n integer NOT NULL,
  what text NOT NULL CONSTRAINT payout_statement_lines_what_known CHECK (what IN ('earned', 'fee')),
  reason text NOT NULL,
  source_id uuid,
  transfers bigint NOT NULL,
  first_at timestamptz(3) NOT NULL,
  last_at timestamptz(3) NOT NULL,
  amount bigint NOT NULL CONSTRAINT payout_statement_lines_amount_some CHECK (amount <> 0),
  PRIMARY KEY (process_id, kind, n),
  FOREIGN KEY (process_id, kind) REFERENCES payout_statements (process_id, kind)
);
COMMENT ON COLUMN payout_statement_lines.reason IS 'of the transfers that it was earned by';
COMMENT ON COLUMN payout_statement_lines.source_id IS 'the deal, trade or other process that those were of; null where they were of none';
COMMENT ON COLUMN payout_statement_lines.transfers IS 'how many those are, from the first until the last';
CREATE TRIGGER payout_statements_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON payout_statements
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_statement_lines_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON payout_statement_lines
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION payout_sources(p_process_id uuid)
RETURNS TABLE (transfer_id bigint, amount bigint) LANGUAGE plpgsql STABLE AS $$
DECLARE
  opening record;
  credit record;
  newer bigint := 0;
  part bigint;
BEGIN
  SELECT entry.account_id, entry.account_version, -entry.amount AS gross, entry.balance_after - entry.amount AS before
  INTO opening
  FROM ledger_transfers AS transfer
  JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
  JOIN ledger_accounts AS account ON account.id = entry.account_id AND account.kind = 'wallet'
  WHERE transfer.key = 'opened_' || p_process_id;
  FOR credit IN
    SELECT entry.transfer_id, entry.amount FROM ledger_entries AS entry
    WHERE entry.account_id = opening.account_id AND entry.account_version < opening.account_version AND entry.amount > 0
    ORDER BY entry.account_version DESC
  LOOP
    EXIT WHEN newer >= opening.before;
    part := least(newer + credit.amount, opening.before) - greatest(newer, opening.before - opening.gross);
    newer := newer + credit.amount;
    CONTINUE WHEN part <= 0;
    transfer_id := credit.transfer_id;
    amount := part;
    RETURN NEXT;
  END LOOP;
END $$;
COMMENT ON FUNCTION payout_sources IS 'What a payout was earned from, by what came in first leaving first: what a wallet held is the newest that came into it, so its credits are read backwards until they come to that, and the payout is of the oldest of them.';

CREATE FUNCTION state_payout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO payout_statements (process_id, kind, destination, currency, gross, fee, net, made_at)
  SELECT NEW.process_id, 'paid', label, NEW.currency, NEW.gross, NEW.fee, NEW.net, NEW.settled_at
  FROM payout_destinations WHERE id = NEW.destination_id;
  INSERT INTO payout_statement_lines
    (process_id, kind, n, what, reason, source_id, transfers, first_at, last_at, amount)
  SELECT NEW.process_id, 'paid', row_number() OVER (ORDER BY first_id), 'earned', reason, conversation_id, transfers,
    first_at, last_at, amount
  FROM (
    SELECT transfer.reason, transfer.conversation_id, min(transfer.id) AS first_id, count(*) AS transfers,
      min(transfer.occurred_at) AS first_at, max(transfer.occurred_at) AS last_at, sum(source.amount) AS amount
    FROM payout_sources(NEW.process_id) AS source JOIN ledger_transfers AS transfer ON transfer.id = source.transfer_id
    GROUP BY transfer.reason, transfer.conversation_id
  ) AS source
  UNION ALL
  SELECT NEW.process_id, 'paid', 0, 'fee', 'payout_fee', NEW.process_id, 1, NEW.settled_at, NEW.settled_at, -NEW.fee
  WHERE NEW.fee > 0;
  RETURN NULL;
END $$;
CREATE TRIGGER payouts_are_stated AFTER UPDATE OF status ON payouts
  FOR EACH ROW WHEN (NEW.status = 'processed' AND OLD.status <> 'processed')
  EXECUTE FUNCTION state_payout();

CREATE FUNCTION state_payout_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO payout_statements (process_id, kind, destination, currency, gross, fee, net, made_at)
  SELECT process_id, 'came_back', destination, currency, -gross, -fee, -net, NEW.settled_at FROM payout_statements
  WHERE process_id = NEW.process_id AND kind = 'paid';
  INSERT INTO payout_statement_lines
    (process_id, kind, n, what, reason, source_id, transfers, first_at, last_at, amount)
  SELECT process_id, 'came_back', n, what, reason, source_id, transfers, first_at, last_at, -amount
  FROM payout_statement_lines WHERE process_id = NEW.process_id AND kind = 'paid';
  RETURN NULL;
END $$;
CREATE TRIGGER payouts_back_are_stated AFTER UPDATE OF status ON payouts
  FOR EACH ROW WHEN (NEW.status = 'reversed' AND OLD.status = 'processed')
  EXECUTE FUNCTION state_payout_back();
