-- Up Migration

-- Double entry. A positive amount credits an account, a negative one debits it; the legs of a transfer sum to zero in
-- every asset. Nothing here is ever changed or deleted but an account's running balance and version.

CREATE TABLE ledger_accounts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- What the account is, by name: "wallet/<user>", "escrow/<conversation>", "external/sandbox/3".
  code text NOT NULL,
  kind text NOT NULL,
  asset text NOT NULL,
  owner_id uuid REFERENCES users (id),
  balance bigint NOT NULL DEFAULT 0,
  -- Number of the account's last entry.
  version bigint NOT NULL DEFAULT 0,
  CONSTRAINT ledger_accounts_code_unique UNIQUE (code, asset),
  CONSTRAINT ledger_accounts_kind_known CHECK (
    kind IN ('wallet', 'hold', 'escrow', 'external', 'fee', 'suspense', 'refund_clearing', 'issuance', 'charge_back')
  ),
  CONSTRAINT ledger_accounts_asset_known CHECK (asset IN ('INR', 'USD', 'CREDIT', 'TOKEN', 'LYK', 'BTC', 'ETH', 'USDT')
    -- A capture in a currency that we have no asset for still has to be kept somewhere.
    OR kind IN ('external', 'suspense', 'refund_clearing', 'charge_back')),
  -- The outside world, what we issue and what was charged back owe us or are owed; nobody else may be overdrawn.
  CONSTRAINT ledger_accounts_not_negative CHECK (balance >= 0 OR kind IN ('external', 'issuance', 'charge_back'))
);
CREATE INDEX ledger_accounts_owner ON ledger_accounts (owner_id) WHERE owner_id IS NOT NULL;

CREATE TABLE ledger_transfers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Derived from what the transfer is about, so that doing it again is doing it once.
  key text NOT NULL CONSTRAINT ledger_transfers_key_unique UNIQUE,
  input_hash bytea NOT NULL,
  reason text NOT NULL,
  conversation_id uuid,
  occurred_at timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ledger_transfers_conversation ON ledger_transfers (conversation_id, id) WHERE conversation_id IS NOT NULL;

CREATE TABLE ledger_entries (
  account_id bigint NOT NULL REFERENCES ledger_accounts (id),
  account_version bigint NOT NULL,
  transfer_id bigint NOT NULL REFERENCES ledger_transfers (id),
  amount bigint NOT NULL CONSTRAINT ledger_entries_moves CHECK (amount <> 0),
  balance_after bigint NOT NULL,
  PRIMARY KEY (account_id, account_version)
);
CREATE INDEX ledger_entries_transfer ON ledger_entries (transfer_id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is immutable', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER ledger_transfers_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transfers
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entries_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Moves money: all legs or none. `legs` is [{ code, kind, asset, owner_id, amount }], amounts as decimal strings, each
-- account at most once. Returns true when it moved now, false when the same transfer was made before; a key used for
-- another transfer is an error. Accounts are made when first named, and locked in the order of their codes.
CREATE FUNCTION ledger_transfer(
  p_key text, p_reason text, p_conversation_id uuid, p_occurred_at timestamptz, p_legs jsonb
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  v_hash bytea := sha256(convert_to(concat_ws('|', p_reason, p_conversation_id, p_legs), 'UTF8'));
  v_transfer_id bigint;
  v_known bytea;
  v_leg record;
BEGIN
  INSERT INTO ledger_transfers (key, input_hash, reason, conversation_id, occurred_at)
  VALUES (p_key, v_hash, p_reason, p_conversation_id, p_occurred_at)
  ON CONFLICT (key) DO NOTHING
  RETURNING id INTO v_transfer_id;
  IF v_transfer_id IS NULL THEN
    SELECT input_hash INTO STRICT v_known FROM ledger_transfers WHERE key = p_key;
    IF v_known <> v_hash THEN
      RAISE EXCEPTION 'transfer % was made with other legs', p_key
        USING ERRCODE = 'unique_violation', CONSTRAINT = 'ledger_transfers_same_input';
    END IF;
    RETURN false;
  END IF;

  IF jsonb_array_length(p_legs) < 2 OR EXISTS (
    SELECT FROM jsonb_to_recordset(p_legs) AS leg (asset text, amount bigint) GROUP BY asset HAVING sum(amount) <> 0
  ) THEN
    RAISE EXCEPTION 'legs of % do not balance', p_key
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfers_balance';
  END IF;

  FOR v_leg IN
    SELECT code, kind, asset, owner_id, amount
    FROM jsonb_to_recordset(p_legs) AS leg (code text, kind text, asset text, owner_id uuid, amount bigint)
    ORDER BY code, asset
  LOOP
    INSERT INTO ledger_accounts (code, kind, asset, owner_id)
    VALUES (v_leg.code, v_leg.kind, v_leg.asset, v_leg.owner_id)
    ON CONFLICT (code, asset) DO NOTHING;
    WITH moved AS (
      UPDATE ledger_accounts SET balance = balance + v_leg.amount, version = version + 1
      WHERE code = v_leg.code AND asset = v_leg.asset
      RETURNING id, balance, version
    )
    INSERT INTO ledger_entries (account_id, account_version, transfer_id, amount, balance_after)
    SELECT moved.id, moved.version, v_transfer_id, v_leg.amount, moved.balance FROM moved;
  END LOOP;
  RETURN true;
END $$;
