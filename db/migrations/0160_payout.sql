-- Up Migration

INSERT INTO machines (kind, held_at) VALUES ('payout', 'hold:payee');
INSERT INTO machine_states (kind, state, rests, ends) VALUES
  ('payout', 'requested', false, false), ('payout', 'held', false, false), ('payout', 'processing', true, false),
  ('payout', 'paid', true, true), ('payout', 'cancelled', true, true), ('payout', 'failed', true, true),
  ('payout', 'reversed', true, true);

INSERT INTO ledger_account_kinds (kind, overdraft, any_currency) VALUES ('payout_clearing', false, false);

CREATE TABLE payees (
  user_id uuid PRIMARY KEY REFERENCES users (id),
  provider text,
  account_id text,
  kyc jsonb,
  since timestamptz(3),
  checked_at timestamptz(3)
);
COMMENT ON TABLE payees IS 'Whom money may be paid out to. A payee''s payouts are asked for one after the other, under this row''s lock, which is the first of all.';
COMMENT ON COLUMN payees.account_id IS 'the provider''s id of whoever shows it their papers; we see none of these';
COMMENT ON COLUMN payees.kyc IS 'how they stand, as the provider last said: always with a way out; null before they were begun';
COMMENT ON COLUMN payees.since IS 'since when they stand so';
CREATE UNIQUE INDEX payees_account ON payees (provider, account_id) WHERE account_id IS NOT NULL;

CREATE TABLE payout_destinations (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id),
  provider text NOT NULL,
  details jsonb NOT NULL,
  label text NOT NULL,
  status text NOT NULL CONSTRAINT payout_destinations_status_known CHECK (status IN ('pending', 'valid', 'invalid', 'failed')),
  holder text,
  check_id text,
  reason text,
  created_at timestamptz(3) NOT NULL,
  checked_at timestamptz(3),
  removed_at timestamptz(3)
);
COMMENT ON TABLE payout_destinations IS 'Where somebody is paid: checked with its provider before it is first used, and named back.';
COMMENT ON COLUMN payout_destinations.details IS 'as the provider takes it; shown to nobody, label stands for it';
COMMENT ON COLUMN payout_destinations.status IS 'failed: its bank refused a payout; nothing is paid there before it was checked again';
COMMENT ON COLUMN payout_destinations.holder IS 'whose it is, as the bank or the provider names them';
CREATE INDEX payout_destinations_user ON payout_destinations (user_id, id);

CREATE TABLE payouts (
  process_id uuid PRIMARY KEY REFERENCES processes (id),
  promise_id uuid UNIQUE REFERENCES promises (id),
  user_id uuid NOT NULL REFERENCES users (id),
  destination_id uuid NOT NULL REFERENCES payout_destinations (id),
  provider text NOT NULL,
  currency text NOT NULL,
  gross bigint NOT NULL,
  fee bigint NOT NULL CONSTRAINT payouts_fee_not_negative CHECK (fee >= 0),
  net bigint NOT NULL CONSTRAINT payouts_net_positive CHECK (net > 0),
  status text NOT NULL CONSTRAINT payouts_status_known
    CHECK (status IN ('reserved', 'due', 'asked', 'pending', 'processed', 'failed', 'reversed')),
  waits_for text,
  rounds integer NOT NULL DEFAULT 1,
  provider_payout_id text,
  failure text,
  created_at timestamptz(3) NOT NULL,
  asked_at timestamptz(3),
  settled_at timestamptz(3),
  CONSTRAINT payouts_add_up CHECK (gross = fee + net),
  CONSTRAINT payouts_known_once UNIQUE (provider, provider_payout_id)
);
COMMENT ON TABLE payouts IS 'A payout at a provider: a row before it is a call. Its key there is derived from the reserved money, so that it is paid once however often it is asked for.';
COMMENT ON COLUMN payouts.status IS 'reserved: not sent on yet; asked: what became of it is not known, and is asked about; failed and reversed: the money is back in the wallet';
COMMENT ON COLUMN payouts.waits_for IS 'why it is not asked for, though it is due: funds, operator, kyc';
COMMENT ON COLUMN payouts.rounds IS 'raised where what it waited for is there: its workflow asks at once, and not when it would have looked again';
CREATE INDEX payouts_user ON payouts (user_id, created_at);
CREATE INDEX payouts_open ON payouts (process_id) WHERE status IN ('due', 'asked', 'pending');

CREATE TABLE payout_attempts (
  process_id uuid NOT NULL REFERENCES payouts (process_id),
  n integer NOT NULL,
  asked_at timestamptz(3) NOT NULL,
  answered_at timestamptz(3),
  outcome text,
  detail text,
  PRIMARY KEY (process_id, n)
);
COMMENT ON TABLE payout_attempts IS 'Calls to the provider, each written down before it was made; all of one payout under one key.';
COMMENT ON COLUMN payout_attempts.outcome IS 'what was answered; null where nobody lived to hear it';

CREATE TABLE payout_pauses (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  paused_at timestamptz(3) NOT NULL,
  paused_by uuid NOT NULL REFERENCES users (id),
  reason text NOT NULL,
  ended_at timestamptz(3),
  ended_by uuid REFERENCES users (id)
);
COMMENT ON TABLE payout_pauses IS 'When no payout left, who had it so, and why. One is open at a time.';
CREATE UNIQUE INDEX payout_pauses_one_open ON payout_pauses ((true)) WHERE ended_at IS NULL;

CREATE TABLE commission_rules (
  id uuid PRIMARY KEY,
  kind text NOT NULL REFERENCES machines (kind),
  user_id uuid REFERENCES users (id),
  bps integer NOT NULL CONSTRAINT commission_rules_bps_in_range CHECK (bps BETWEEN 0 AND 10000),
  fixed bigint NOT NULL DEFAULT 0 CONSTRAINT commission_rules_fixed_not_negative CHECK (fixed >= 0),
  effective_from timestamptz(3) NOT NULL,
  effective_to timestamptz(3),
  reason text NOT NULL,
  made_by uuid NOT NULL REFERENCES users (id),
  made_at timestamptz(3) NOT NULL,
  CONSTRAINT commission_rules_in_time CHECK (effective_to > effective_from)
);
COMMENT ON TABLE commission_rules IS 'What we take, by kind of process, user and date. Fixed when a price is: a rule made later changes nothing that was agreed on. Of several that hold, a user''s own goes first, then the newest.';
COMMENT ON COLUMN commission_rules.user_id IS 'null: everybody''s';
COMMENT ON COLUMN commission_rules.fixed IS 'on top, in minor units of whatever asset it is';
CREATE INDEX commission_rules_kind ON commission_rules (kind, user_id, effective_from);

-- The sandbox's own: what it paid out.
CREATE TABLE sandbox_payouts (
  id text PRIMARY KEY,
  key text NOT NULL CONSTRAINT sandbox_payouts_key_once UNIQUE,
  reference text NOT NULL CONSTRAINT sandbox_payouts_reference_once UNIQUE,
  account text NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  currency text NOT NULL,
  status text NOT NULL,
  reason text,
  created_at timestamptz(3) NOT NULL
);
CREATE INDEX sandbox_payouts_by_time ON sandbox_payouts (created_at, id);
