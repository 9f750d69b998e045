-- Up Migration

CREATE TABLE invoices_due (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  process_id uuid NOT NULL REFERENCES processes (id),
  at timestamptz(3) NOT NULL
);
COMMENT ON TABLE invoices_due IS 'What is to be invoiced: noted where the money moves, numbered by one at a time later, so that nobody who is paid waits for a number.';

CREATE TABLE invoices (
  id uuid PRIMARY KEY,
  issuer text NOT NULL,
  number integer NOT NULL,
  kind text NOT NULL CONSTRAINT invoices_kind_known CHECK (kind IN ('deal', 'deal_fee', 'payout_fee', 'payout_fee_back')),
  process_id uuid NOT NULL REFERENCES processes (id),
  issuer_id uuid REFERENCES users (id),
  billed_id uuid NOT NULL REFERENCES users (id),
  asset text NOT NULL REFERENCES ledger_assets (asset),
  amount bigint NOT NULL,
  corrects uuid REFERENCES invoices (id),
  issued_at timestamptz(3) NOT NULL,
  CONSTRAINT invoices_numbered UNIQUE (issuer, number),
  CONSTRAINT invoices_once UNIQUE (kind, process_id)
);
COMMENT ON TABLE invoices IS 'Numbered without gaps, for each issuer by itself.';
COMMENT ON COLUMN invoices.issuer IS 'platform, or whose it is';
COMMENT ON COLUMN invoices.amount IS 'minor units; below zero where it takes another back, which it names';
CREATE INDEX invoices_billed ON invoices (billed_id, id);
CREATE INDEX invoices_issued ON invoices (issuer_id, id) WHERE issuer_id IS NOT NULL;
CREATE TRIGGER invoices_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON invoices
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION note_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invoices_due (kind, process_id, at)
  SELECT kind, NEW.process_id, NEW.moved_at FROM unnest(ARRAY['deal', 'deal_fee']) AS due (kind);
  RETURN NULL;
END $$;
CREATE TRIGGER releases_are_invoiced AFTER UPDATE OF moved_at ON promises
  FOR EACH ROW WHEN (NEW.kind = 'release' AND OLD.moved_at IS NULL AND NEW.moved_at IS NOT NULL)
  EXECUTE FUNCTION note_release();

CREATE FUNCTION note_payout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invoices_due (kind, process_id, at)
  VALUES (CASE NEW.status WHEN 'processed' THEN 'payout_fee' ELSE 'payout_fee_back' END, NEW.process_id, NEW.settled_at);
  RETURN NULL;
END $$;
CREATE TRIGGER payouts_are_invoiced AFTER UPDATE OF status ON payouts
  FOR EACH ROW WHEN (NEW.fee > 0 AND NEW.status <> OLD.status AND (NEW.status = 'processed' OR NEW.status = 'reversed'))
  EXECUTE FUNCTION note_payout();
