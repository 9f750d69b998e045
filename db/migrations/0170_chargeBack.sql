-- Up Migration

INSERT INTO machines (kind, held_at) VALUES ('chargeBack', 'hold:payee');
INSERT INTO machine_states (kind, state, rests, ends) VALUES
  ('chargeBack', 'open', false, false), ('chargeBack', 'submitted', false, false),
  ('chargeBack', 'undecided', true, true), ('chargeBack', 'won', true, true), ('chargeBack', 'lost', false, false),
  ('chargeBack', 'settled', true, true);

-- What was got back of what banks took stands beside `charge_back`, and the two sum to what is still to be got: from a
-- wallet, as a debt, or from ourselves.
INSERT INTO ledger_account_kinds (kind, overdraft, any_currency) VALUES
  ('recovery', false, true), ('debt', true, false), ('loss', true, true);

CREATE TABLE charge_backs (
  process_id uuid PRIMARY KEY REFERENCES processes (id),
  dispute_id uuid NOT NULL CONSTRAINT charge_backs_one_a_dispute UNIQUE REFERENCES disputes (id),
  payment_process_id uuid REFERENCES processes (id),
  payee_id uuid REFERENCES users (id),
  provider text NOT NULL,
  currency text NOT NULL,
  asset text NOT NULL REFERENCES ledger_assets (asset),
  reason text,
  due bigint NOT NULL DEFAULT 0,
  taken bigint NOT NULL DEFAULT 0 CONSTRAINT charge_backs_taken_not_negative CHECK (taken >= 0),
  owed bigint NOT NULL DEFAULT 0 CONSTRAINT charge_backs_owed_not_negative CHECK (owed >= 0),
  written_off bigint NOT NULL DEFAULT 0 CONSTRAINT charge_backs_written_off_not_negative CHECK (written_off >= 0),
  settled bigint NOT NULL DEFAULT 0 CONSTRAINT charge_backs_settled_not_negative CHECK (settled >= 0),
  borne bigint NOT NULL DEFAULT 0 CONSTRAINT charge_backs_borne_not_negative CHECK (borne >= 0),
  evidence text CONSTRAINT charge_backs_evidence_known CHECK (evidence IN ('asked', 'sent', 'refused', 'none')),
  evidence_at timestamptz(3),
  asked_at timestamptz(3),
  asked integer NOT NULL DEFAULT 0,
  CONSTRAINT charge_backs_add_up CHECK (due = taken + owed + written_off)
);
COMMENT ON TABLE charge_backs IS 'What a charge-back has beside its process: whose loss it is, and where that stands.';
COMMENT ON COLUMN charge_backs.payment_process_id IS 'what was paid for; null where the payment is none that we know';
COMMENT ON COLUMN charge_backs.asset IS 'what the payee had of the payment: money of its currency, or what it bought';
COMMENT ON COLUMN charge_backs.due IS 'of the loss the payee''s part, in asset: taken from a hold and a wallet, owed, or given up';
COMMENT ON COLUMN charge_backs.settled IS 'what of the bank''s taking is settled by all of that and by what we bear, in currency';
COMMENT ON COLUMN charge_backs.borne IS 'what of it we bear, in currency';
COMMENT ON COLUMN charge_backs.evidence IS 'null until it is handed in; asked: what became of that is not known';
COMMENT ON COLUMN charge_backs.asked IS 'how often its provider was asked how it stands: less and less often';
CREATE INDEX charge_backs_payment ON charge_backs (payment_process_id);
CREATE INDEX charge_backs_debts ON charge_backs (payee_id) WHERE owed > 0;

CREATE TABLE dispute_news (
  dispute_id uuid PRIMARY KEY REFERENCES disputes (id) ON DELETE CASCADE,
  since timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE dispute_news IS 'Disputes that their charge-back does not know of yet, as they stand now.';

CREATE FUNCTION note_dispute() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO dispute_news (dispute_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER disputes_noted_new AFTER INSERT ON disputes FOR EACH ROW EXECUTE FUNCTION note_dispute();
CREATE TRIGGER disputes_noted AFTER UPDATE OF state, process_id ON disputes FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.process_id IS DISTINCT FROM NEW.process_id)
  EXECUTE FUNCTION note_dispute();

-- Until when evidence is taken is in what its provider said.
CREATE INDEX inbox_disputes ON inbox ((fact ->> 'paymentId')) WHERE fact ->> 'kind' LIKE 'charge\_back%';
