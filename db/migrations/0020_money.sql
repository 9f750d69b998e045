-- Up Migration

-- Double entry. A positive amount credits an account, a negative one debits it; the legs of a transfer sum to zero in
-- every asset. Nothing here is ever changed or deleted but what an account, a lot and a hold come to.

CREATE TABLE ledger_assets (
  asset text COLLATE "C" PRIMARY KEY,
  -- Decimals: amounts are whole units of 10^-scale.
  scale smallint NOT NULL,
  -- Lots: how long what is credited anew lives, and how long it is locked. Null: for ever, and not at all.
  lifetime interval,
  locked interval,
  -- Whether wallets and holds of this asset keep lots. Fixed here, so that a balance and its lots never part.
  lots boolean NOT NULL DEFAULT false
);
INSERT INTO ledger_assets (asset, scale, lots) VALUES
  ('INR', 2, false), ('USD', 2, false), ('CREDIT', 0, true), ('TOKEN', 0, false), ('LYK', 2, true),
  ('BTC', 8, false), ('ETH', 8, false), ('USDT', 6, false);

CREATE TABLE ledger_account_kinds (
  kind text COLLATE "C" PRIMARY KEY,
  -- May stand below zero: the world outside, what we issue and what was charged back owe us or are owed.
  overdraft boolean NOT NULL,
  -- May be in a currency that we have no asset for: a capture in one still has to be kept somewhere.
  any_currency boolean NOT NULL,
  UNIQUE (kind, overdraft)
);
INSERT INTO ledger_account_kinds (kind, overdraft, any_currency) VALUES
  ('wallet', false, false), ('hold', false, false), ('escrow', false, false), ('fee', false, false),
  ('spent', false, false), ('penalty', false, false), ('expired', false, false),
  ('external', true, true), ('suspense', false, true), ('refund_clearing', false, true), ('charge_back', true, true),
  ('issuance', true, false), ('conversion', true, false), ('adjustment', true, false);

CREATE TABLE ledger_accounts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- What the account is, by name: "wallet/<user>", "escrow/<conversation>", "external/sandbox/3".
  code text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  asset text COLLATE "C" NOT NULL,
  owner_id uuid REFERENCES users (id),
  -- The kind's: kept here, so that the one check that every transfer pays for is a short one.
  overdraft boolean NOT NULL,
  balance bigint NOT NULL DEFAULT 0,
  -- Number, instant and hash of the account's last entry.
  version bigint NOT NULL DEFAULT 0,
  moved_at timestamptz(3) NOT NULL DEFAULT '-infinity',
  hash bytea NOT NULL DEFAULT '',
  CONSTRAINT ledger_accounts_code_unique UNIQUE (code, asset),
  CONSTRAINT ledger_accounts_kind_known FOREIGN KEY (kind, overdraft) REFERENCES ledger_account_kinds (kind, overdraft),
  CONSTRAINT ledger_accounts_not_negative CHECK (balance >= 0 OR overdraft)
) WITH (fillfactor = 70);
CREATE INDEX ledger_accounts_owner ON ledger_accounts (owner_id) WHERE owner_id IS NOT NULL;

CREATE FUNCTION refuse_asset() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM ledger_assets WHERE asset = NEW.asset)
    AND NOT (SELECT any_currency FROM ledger_account_kinds WHERE kind = NEW.kind) THEN
    RAISE EXCEPTION '% is no asset of ours', NEW.asset
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_accounts_asset_known', TABLE = 'ledger_accounts';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ledger_accounts_asset_known BEFORE INSERT OR UPDATE OF asset, kind ON ledger_accounts
  FOR EACH ROW EXECUTE FUNCTION refuse_asset();

CREATE TABLE ledger_transfers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Derived from what the transfer is about, so that doing it again is doing it once.
  key text COLLATE "C" NOT NULL CONSTRAINT ledger_transfers_key_unique UNIQUE,
  input_hash bytea NOT NULL,
  reason text NOT NULL,
  conversation_id uuid,
  -- What few bring: { memo, corrects (a transfer's key), rate_id, hold, expired, available_at, expires_at }.
  more jsonb,
  occurred_at timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ledger_transfers_conversation ON ledger_transfers (conversation_id, id) WHERE conversation_id IS NOT NULL;
CREATE INDEX ledger_transfers_corrections ON ledger_transfers ((more ->> 'corrects')) WHERE more ? 'corrects';

-- Account and transfer are no references: `ledger_transfer`, which alone writes here, has made the one and the other in
-- the same transaction, and they would be four more checks a transfer. An invariant looks for what has none.
CREATE TABLE ledger_entries (
  account_id bigint NOT NULL,
  account_version bigint NOT NULL,
  transfer_id bigint NOT NULL,
  amount bigint NOT NULL CONSTRAINT ledger_entries_moves CHECK (amount <> 0),
  balance_after bigint NOT NULL,
  -- Never before that of the account's entry before it, whatever the clock does.
  recorded_at timestamptz(3) NOT NULL,
  -- Of the account's hash before it, of the transfer's input and of this row.
  hash bytea NOT NULL,
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

-- Parts of a balance that come and go at instants of their own. The lots of an account sum to its balance; one that is
-- spent is gone. `hold` is the hold whose money it is, in an account of holds.
CREATE TABLE ledger_lots (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES ledger_accounts (id),
  hold text,
  available_at timestamptz(3),
  expires_at timestamptz(3),
  amount bigint NOT NULL CONSTRAINT ledger_lots_amount_positive CHECK (amount > 0),
  CONSTRAINT ledger_lots_one_of_its_kind UNIQUE NULLS NOT DISTINCT (account_id, hold, expires_at, available_at)
) WITH (fillfactor = 70);
CREATE INDEX ledger_lots_expiry ON ledger_lots (expires_at) WHERE expires_at IS NOT NULL AND hold IS NULL;

-- Money a user has set aside for something. It leaves the hold by being posted, wholly or in part, voided or expired:
-- whoever has the row's lock first. What is open of a user's holds is the balance of "hold/<user>".
CREATE TABLE ledger_holds (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id),
  asset text COLLATE "C" NOT NULL REFERENCES ledger_assets (asset),
  amount bigint NOT NULL CONSTRAINT ledger_holds_amount_positive CHECK (amount > 0),
  posted bigint NOT NULL DEFAULT 0,
  returned bigint NOT NULL DEFAULT 0,
  reason text NOT NULL,
  state text NOT NULL DEFAULT 'open' CONSTRAINT ledger_holds_state_known
    CHECK (state IN ('open', 'posted', 'voided', 'expired')),
  made_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3),
  ended_at timestamptz(3),
  CONSTRAINT ledger_holds_are_shared_out CHECK (
    posted >= 0 AND returned >= 0 AND posted + returned <= amount
    AND (state = 'open') = (posted + returned < amount) AND (state = 'open') = (ended_at IS NULL)
  )
);
CREATE INDEX ledger_holds_open ON ledger_holds (user_id, asset) WHERE state = 'open';
CREATE INDEX ledger_holds_expiry ON ledger_holds (expires_at) WHERE state = 'open' AND expires_at IS NOT NULL;

-- Rates that money was changed at: so many units of `to_asset` (`numerator`) for so many of `from_asset`.
CREATE TABLE ledger_rates (
  id uuid PRIMARY KEY,
  from_asset text COLLATE "C" NOT NULL REFERENCES ledger_assets (asset),
  to_asset text COLLATE "C" NOT NULL REFERENCES ledger_assets (asset),
  numerator bigint NOT NULL CONSTRAINT ledger_rates_numerator_positive CHECK (numerator > 0),
  denominator bigint NOT NULL CONSTRAINT ledger_rates_denominator_positive CHECK (denominator > 0),
  source text NOT NULL,
  stated_at timestamptz(3) NOT NULL,
  CONSTRAINT ledger_rates_of_two CHECK (from_asset <> to_asset)
);
CREATE TRIGGER ledger_rates_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_rates
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Up to which transfer the books were looked through and found in order.
CREATE TABLE ledger_watermark (
  one boolean PRIMARY KEY DEFAULT true CONSTRAINT ledger_watermark_is_one CHECK (one),
  transfer_id bigint NOT NULL,
  set_at timestamptz(3) NOT NULL
);

-- The last transfer that need not be looked through again; 0 when `tandem.whole_books` asks for all of them.
CREATE FUNCTION ledger_looked_through() RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN current_setting('tandem.whole_books', true) = 'on' THEN 0
    ELSE coalesce((SELECT transfer_id FROM ledger_watermark), 0) END
$$;

CREATE FUNCTION ledger_input_hash(
  p_key text, p_reason text, p_conversation_id uuid, p_codes text[], p_kinds text[], p_assets text[], p_amounts bigint[],
  p_more jsonb
) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(convert_to(concat_ws('|', p_key, p_reason, p_conversation_id, p_codes, p_kinds, p_assets, p_amounts,
    p_more), 'UTF8'))
$$;

CREATE FUNCTION ledger_entry_hash(
  p_before bytea, p_input bytea, p_version bigint, p_amount bigint, p_balance bigint, p_at timestamptz
) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(p_before || p_input || int8send(p_version) || int8send(p_amount) || int8send(p_balance)
    || timestamptz_send(p_at))
$$;

CREATE FUNCTION ledger_keeps_lots(p_kind text, p_asset text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT p_asset IN ('LYK', 'CREDIT') AND p_kind IN ('wallet', 'hold')
$$;

-- Moves money: all legs or none. Legs are given as columns, in the order of their accounts' names (which is the order of
-- locks), each account once. True when it moved now, false when the same transfer was made before; a key used for
-- another transfer is an error. An account is made when it is first named.
CREATE FUNCTION ledger_transfer(
  p_key text, p_reason text, p_conversation_id uuid, p_occurred_at timestamptz,
  p_codes text[], p_kinds text[], p_assets text[], p_owners uuid[], p_amounts bigint[], p_more jsonb DEFAULT NULL
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  v_many CONSTANT integer := cardinality(p_codes);
  v_hash CONSTANT bytea := ledger_input_hash(p_key, p_reason, p_conversation_id, p_codes, p_kinds, p_assets, p_amounts,
    p_more);
  v_at CONSTANT timestamptz := date_trunc('milliseconds', clock_timestamp());
  v_transfer_id bigint;
  v_known bytea;
  v_lots boolean := false;
  v_moved integer;
BEGIN
  INSERT INTO ledger_transfers (key, input_hash, reason, conversation_id, more, occurred_at, recorded_at)
  VALUES (p_key, v_hash, p_reason, p_conversation_id, p_more, p_occurred_at, v_at)
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

  IF v_many < 2 OR (CASE v_many
    WHEN 2 THEN p_assets[1] <> p_assets[2] OR p_amounts[1] <> -p_amounts[2]
    ELSE EXISTS (
      SELECT FROM unnest(p_assets, p_amounts) AS leg (asset, amount) GROUP BY asset HAVING sum(amount) <> 0
    ) END)
  THEN
    RAISE EXCEPTION 'legs of % do not balance', p_key
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfers_balance';
  END IF;
  IF p_more ? 'corrects' AND NOT EXISTS (SELECT FROM ledger_transfers WHERE key = p_more ->> 'corrects') THEN
    RAISE EXCEPTION '% corrects a transfer that is not there', p_key
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_transfers_correct_one';
  END IF;

  FOR i IN 1 .. v_many LOOP
    IF i > 1 AND (p_codes[i] COLLATE "C", p_assets[i] COLLATE "C") <= (p_codes[i - 1], p_assets[i - 1]) THEN
      RAISE EXCEPTION 'legs of % are not in the order of their accounts', p_key
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfers_in_order';
    END IF;
    v_lots := v_lots OR ledger_keeps_lots(p_kinds[i], p_assets[i]);
    FOR turn IN 1 .. 2 LOOP
      WITH moved AS (
        UPDATE ledger_accounts SET balance = balance + p_amounts[i], version = version + 1,
          moved_at = GREATEST(moved_at, v_at),
          hash = ledger_entry_hash(hash, v_hash, version + 1, p_amounts[i], balance + p_amounts[i],
            GREATEST(moved_at, v_at))
        WHERE code = p_codes[i] AND asset = p_assets[i] AND kind = p_kinds[i]
        RETURNING id, balance, version, moved_at, hash
      )
      INSERT INTO ledger_entries (account_id, account_version, transfer_id, amount, balance_after, recorded_at, hash)
      SELECT moved.id, moved.version, v_transfer_id, p_amounts[i], moved.balance, moved.moved_at, moved.hash FROM moved;
      GET DIAGNOSTICS v_moved = ROW_COUNT;
      EXIT WHEN v_moved = 1;
      IF turn = 2 THEN
        RAISE EXCEPTION 'account % is of another kind', p_codes[i]
          USING ERRCODE = 'unique_violation', CONSTRAINT = 'ledger_transfers_same_input';
      END IF;
      PERFORM ledger_open(p_codes[i : i], p_kinds[i : i], p_assets[i : i], p_owners[i : i]);
    END LOOP;
  END LOOP;

  IF v_lots THEN
    PERFORM ledger_move_lots(p_key, p_occurred_at, p_codes, p_kinds, p_assets, p_amounts, p_more);
  END IF;
  RETURN true;
END $$;

-- Makes those accounts that are not there yet, in the order of their names.
CREATE FUNCTION ledger_open(p_codes text[], p_kinds text[], p_assets text[], p_owners uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ledger_accounts (code, kind, asset, owner_id, overdraft)
  SELECT DISTINCT ON (leg.code, leg.asset) leg.code, leg.kind, leg.asset, leg.owner_id, coalesce(known.overdraft, false)
  FROM unnest(p_codes, p_kinds, p_assets, p_owners) AS leg (code, kind, asset, owner_id)
  LEFT JOIN ledger_account_kinds AS known ON known.kind = leg.kind
  WHERE NOT EXISTS (SELECT FROM ledger_accounts AS account WHERE account.code = leg.code AND account.asset = leg.asset)
  ORDER BY leg.code, leg.asset
  ON CONFLICT (code, asset) DO NOTHING;
END $$;

-- For a batch, which names each account once: makes those that are not there, before any is locked, as what is made comes
-- in no order with what was locked. Mostly none is missing, which costs a look.
CREATE FUNCTION ledger_open_missing(p_codes text[], p_kinds text[], p_assets text[], p_owners uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF cardinality(p_codes) > (
    SELECT count(*) FROM unnest(p_codes, p_assets) AS named (code, asset)
    JOIN ledger_accounts AS account ON account.code = named.code AND account.asset = named.asset
  ) THEN
    PERFORM ledger_open(p_codes, p_kinds, p_assets, p_owners);
  END IF;
END $$;

-- Takes what was debited from the lots that expire first, and gives it on as it was: who is given points that end on a
-- day has points that end on that day. What came from nobody's lots lives as long as its asset says, to the end of that
-- day (UTC), so that a day's credits are one lot. The accounts are locked by their entries.
CREATE FUNCTION ledger_move_lots(
  p_key text, p_at timestamptz, p_codes text[], p_kinds text[], p_assets text[], p_amounts bigint[], p_more jsonb
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_sweep CONSTANT boolean := coalesce((p_more ->> 'expired')::boolean, false);
  v_hold CONSTANT text := p_more ->> 'hold';
  v_account_id bigint;
  v_left bigint;
  v_taken bigint;
  v_lot record;
  v_rule record;
  v_assets text[] := '{}';
  v_parts bigint[] := '{}';
  v_ends timestamptz[] := '{}';
BEGIN
  FOR i IN 1 .. cardinality(p_codes) LOOP
    CONTINUE WHEN p_amounts[i] > 0 OR NOT ledger_keeps_lots(p_kinds[i], p_assets[i]);
    SELECT id INTO v_account_id FROM ledger_accounts WHERE code = p_codes[i] AND asset = p_assets[i];
    v_left := -p_amounts[i];
    FOR v_lot IN
      SELECT id, amount, expires_at FROM ledger_lots
      WHERE account_id = v_account_id AND CASE
        WHEN p_kinds[i] = 'hold' THEN v_hold IS NULL OR hold = v_hold
        WHEN v_sweep THEN expires_at <= p_at
        ELSE (available_at IS NULL OR available_at <= p_at) AND (expires_at IS NULL OR expires_at > p_at) END
      ORDER BY expires_at NULLS LAST, id
    LOOP
      v_taken := LEAST(v_left, v_lot.amount);
      IF v_taken = v_lot.amount THEN
        DELETE FROM ledger_lots WHERE id = v_lot.id;
      ELSE
        UPDATE ledger_lots SET amount = amount - v_taken WHERE id = v_lot.id;
      END IF;
      v_assets := v_assets || p_assets[i];
      v_parts := v_parts || v_taken;
      v_ends := v_ends || v_lot.expires_at;
      v_left := v_left - v_taken;
      EXIT WHEN v_left = 0;
    END LOOP;
    IF v_left > 0 THEN
      RAISE EXCEPTION 'what % could take from % now is % too little', p_key, p_codes[i], v_left
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_accounts_not_negative';
    END IF;
  END LOOP;

  FOR i IN 1 .. cardinality(p_codes) LOOP
    CONTINUE WHEN p_amounts[i] < 0 OR NOT ledger_keeps_lots(p_kinds[i], p_assets[i]);
    SELECT id INTO v_account_id FROM ledger_accounts WHERE code = p_codes[i] AND asset = p_assets[i];
    v_left := p_amounts[i];
    FOR part IN 1 .. cardinality(v_parts) LOOP
      CONTINUE WHEN v_assets[part] <> p_assets[i] OR v_parts[part] = 0;
      v_taken := LEAST(v_left, v_parts[part]);
      v_parts[part] := v_parts[part] - v_taken;
      v_left := v_left - v_taken;
      PERFORM ledger_add_lot(v_account_id, p_kinds[i], v_hold, NULL, v_ends[part], v_taken);
      EXIT WHEN v_left = 0;
    END LOOP;
    IF v_left > 0 THEN
      SELECT p_at + locked AS available_at,
        date_trunc('day', p_at + lifetime, 'UTC') + interval '1 day' AS expires_at
      INTO STRICT v_rule FROM ledger_assets WHERE asset = p_assets[i];
      PERFORM ledger_add_lot(v_account_id, p_kinds[i], v_hold,
        coalesce((p_more ->> 'available_at')::timestamptz, v_rule.available_at),
        coalesce((p_more ->> 'expires_at')::timestamptz, v_rule.expires_at), v_left);
    END IF;
  END LOOP;
END $$;

CREATE FUNCTION ledger_add_lot(
  p_account_id bigint, p_kind text, p_hold text, p_available_at timestamptz, p_expires_at timestamptz, p_amount bigint
) RETURNS void LANGUAGE sql AS $$
  INSERT INTO ledger_lots AS lot (account_id, hold, available_at, expires_at, amount)
  VALUES (p_account_id, CASE WHEN p_kind = 'hold' THEN p_hold END, p_available_at, p_expires_at, p_amount)
  ON CONFLICT ON CONSTRAINT ledger_lots_one_of_its_kind DO UPDATE SET amount = lot.amount + EXCLUDED.amount
$$;

-- Locks all accounts that transfers name, in the order of their names, whatever the order of the transfers. By index: the
-- planner does not know how few they are, and would read all accounts.
CREATE FUNCTION ledger_lock(p_transfers jsonb) RETURNS void LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_codes text[];
  v_kinds text[];
  v_assets text[];
  v_owners uuid[];
BEGIN
  SELECT array_agg(code), array_agg(kind), array_agg(asset), array_agg(owner_id)
  INTO v_codes, v_kinds, v_assets, v_owners
  FROM (
    SELECT DISTINCT ON (code COLLATE "C", asset COLLATE "C") code, kind, asset, owner_id
    FROM jsonb_array_elements(p_transfers) AS transfer,
      jsonb_to_recordset(transfer -> 'legs') AS leg (code text, kind text, asset text, owner_id uuid)
    ORDER BY code COLLATE "C", asset COLLATE "C"
  ) AS named;
  PERFORM ledger_open_missing(v_codes, v_kinds, v_assets, v_owners);
  PERFORM FROM unnest(v_codes, v_assets) AS named (code, asset)
  JOIN ledger_accounts AS account ON account.code = named.code AND account.asset = named.asset
  ORDER BY account.code, account.asset
  FOR NO KEY UPDATE OF account;
END $$;

-- Makes one of the transfers of a batch: { key, reason, conversation_id, occurred_at, legs, more }.
CREATE FUNCTION ledger_transfer_one(p_transfer jsonb) RETURNS boolean LANGUAGE sql AS $$
  SELECT ledger_transfer(p_transfer ->> 'key', p_transfer ->> 'reason', (p_transfer ->> 'conversation_id')::uuid,
    (p_transfer ->> 'occurred_at')::timestamptz, array_agg(code), array_agg(kind), array_agg(asset), array_agg(owner_id),
    array_agg(amount), nullif(p_transfer -> 'more', 'null'))
  FROM jsonb_to_recordset(p_transfer -> 'legs')
    AS leg (code text, kind text, asset text, owner_id uuid, amount bigint)
$$;

-- Several transfers, in their order: all or none.
CREATE FUNCTION ledger_transfer_all(p_transfers jsonb) RETURNS boolean[] LANGUAGE plpgsql AS $$
DECLARE
  v_transfer jsonb;
  v_moved boolean[] := '{}';
BEGIN
  PERFORM ledger_lock(p_transfers);
  FOR v_transfer IN SELECT jsonb_array_elements(p_transfers) LOOP
    v_moved := v_moved || ledger_transfer_one(v_transfer);
  END LOOP;
  RETURN v_moved;
END $$;

-- Number of the last entry that an account had at an instant; 0 before its first. By halving, as instants follow numbers.
CREATE FUNCTION ledger_version_at(p_account_id bigint, p_at timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_low bigint := 0;
  v_high bigint := (SELECT version FROM ledger_accounts WHERE id = p_account_id);
  v_middle bigint;
BEGIN
  WHILE v_low < v_high LOOP
    v_middle := (v_low + v_high + 1) / 2;
    IF (SELECT recorded_at FROM ledger_entries WHERE account_id = p_account_id AND account_version = v_middle) <= p_at THEN
      v_low := v_middle;
    ELSE
      v_high := v_middle - 1;
    END IF;
  END LOOP;
  RETURN v_low;
END $$;

-- The hash of an entry that follows others of its account in one statement.
CREATE FUNCTION ledger_chain_link(
  p_chain bytea, p_before bytea, p_input bytea, p_version bigint, p_amount bigint, p_balance bigint, p_at timestamptz
) RETURNS bytea LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN sha256(coalesce(p_chain, p_before) || p_input || int8send(p_version) || int8send(p_amount)
    || int8send(p_balance) || timestamptz_send(p_at));
END $$;
CREATE AGGREGATE ledger_chain (bytea, bytea, bigint, bigint, bigint, timestamptz) (
  SFUNC = ledger_chain_link, STYPE = bytea
);

-- Writes transfers of a batch, whose accounts are locked, at once: false where one of them has something about it that
-- one statement does not see to (lots, corrections, an account twice, a balance below zero on the way). Joins by index,
-- whatever the planner thinks of the size of JSON.
CREATE FUNCTION ledger_transfer_together(p_transfers jsonb) RETURNS boolean LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_at CONSTANT timestamptz := date_trunc('milliseconds', clock_timestamp());
  v_plain boolean;
BEGIN
  WITH leg AS MATERIALIZED (
    SELECT place, transfer, code, kind, asset, amount, sum(amount) OVER (PARTITION BY place, asset) AS of_asset
    FROM jsonb_array_elements(p_transfers) WITH ORDINALITY AS element (transfer, place),
      jsonb_to_recordset(transfer -> 'legs') AS leg (code text, kind text, asset text, amount bigint)
  ), asked AS MATERIALIZED (
    SELECT place, nextval('ledger_transfers_id_seq') AS id, transfer ->> 'key' AS key, transfer ->> 'reason' AS reason,
      (transfer ->> 'conversation_id')::uuid AS conversation_id, (transfer ->> 'occurred_at')::timestamptz AS occurred_at,
      nullif(transfer -> 'more', 'null') AS more,
      ledger_input_hash(transfer ->> 'key', transfer ->> 'reason', (transfer ->> 'conversation_id')::uuid, codes, kinds,
        assets, amounts, nullif(transfer -> 'more', 'null')) AS input_hash,
      plain
    FROM (
      SELECT place, transfer, array_agg(code ORDER BY code COLLATE "C", asset COLLATE "C") AS codes,
        array_agg(kind ORDER BY code COLLATE "C", asset COLLATE "C") AS kinds,
        array_agg(asset ORDER BY code COLLATE "C", asset COLLATE "C") AS assets,
        array_agg(amount ORDER BY code COLLATE "C", asset COLLATE "C") AS amounts,
        count(*) > 1 AND bool_and(of_asset = 0) AND bool_and(amount <> 0) AND count(DISTINCT (code, asset)) = count(*)
          AND NOT bool_or(ledger_keeps_lots(kind, asset)) AS plain
      FROM leg GROUP BY place, transfer ORDER BY place
    ) AS gathered
  ), entry AS MATERIALIZED (
    SELECT account.id AS account_id, asked.id AS transfer_id, leg.amount, account.overdraft,
      account.kind = leg.kind AND asked.plain AND NOT coalesce(asked.more ? 'corrects', false) AS plain,
      account.version + row_number() OVER of_account AS version,
      account.balance + (sum(leg.amount) OVER of_account)::bigint AS balance,
      GREATEST(account.moved_at, v_at) AS at, account.hash AS before, asked.input_hash
    FROM asked JOIN leg ON leg.place = asked.place
    JOIN ledger_accounts AS account ON account.code = leg.code AND account.asset = leg.asset
    WINDOW of_account AS (PARTITION BY account.id ORDER BY asked.place)
  ), linked AS MATERIALIZED (
    SELECT entry.*, ledger_chain(before, input_hash, version, amount, balance, at) OVER (
      PARTITION BY account_id ORDER BY version
    ) AS hash
    FROM entry
  ), made AS (
    INSERT INTO ledger_transfers (id, key, input_hash, reason, conversation_id, more, occurred_at, recorded_at)
    OVERRIDING SYSTEM VALUE
    SELECT id, key, input_hash, reason, conversation_id, more, occurred_at, v_at FROM asked
  ), written AS (
    INSERT INTO ledger_entries (account_id, account_version, transfer_id, amount, balance_after, recorded_at, hash)
    SELECT account_id, version, transfer_id, amount, balance, at, hash FROM linked
  ), moved AS (
    UPDATE ledger_accounts AS account SET balance = last.balance, version = last.version, moved_at = last.at,
      hash = last.hash
    FROM (SELECT DISTINCT ON (account_id) * FROM linked ORDER BY account_id, version DESC) AS last
    WHERE account.id = last.account_id
  )
  SELECT bool_and(plain AND (overdraft OR balance >= 0)) AND count(*) = (SELECT count(*) FROM leg)
    AND (SELECT count(*) FROM asked) = jsonb_array_length(p_transfers)
  INTO v_plain FROM linked;
  IF v_plain IS NOT TRUE THEN
    RAISE EXCEPTION 'not so plain' USING ERRCODE = 'TD003';
  END IF;
  RETURN true;
EXCEPTION WHEN SQLSTATE 'TD003' OR integrity_constraint_violation OR data_exception THEN
  RETURN false;
END $$;

-- Writes transfers that are new, in their order, all or none, given as columns: the accounts that they name, in the order
-- of their names and each once; the transfers, with the hash of each one's input; and their entries, each with the place
-- of its transfer and of its account. What JSON costs, and looking for an account once an entry, is a third of a batch of
-- many. Refused where an account is overdrawn on the way, legs do not balance, or lots are kept.
CREATE FUNCTION ledger_transfer_columns(
  p_codes text[], p_kinds text[], p_assets text[], p_owners uuid[],
  p_keys text[], p_reasons text[], p_hashes bytea[], p_occurred_at timestamptz[], p_more jsonb,
  p_of integer[], p_places integer[], p_amounts bigint[]
) RETURNS void LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_at timestamptz;
  v_new CONSTANT bigint[] := ARRAY(
    SELECT nextval('ledger_transfers_id_seq') FROM generate_series(1, cardinality(p_keys))
  );
  v_ids bigint[];
  v_versions bigint[];
  v_balances bigint[];
  v_times timestamptz[];
  v_hashes bytea[];
  v_overdrafts boolean[];
  v_plain boolean;
  v_twice boolean;
BEGIN
  PERFORM ledger_open_missing(p_codes, p_kinds, p_assets, p_owners);
  SELECT array_agg(id), array_agg(version), array_agg(balance), array_agg(moved_at), array_agg(hash), array_agg(overdraft),
    bool_and(kind = named_kind AND NOT ledger_keeps_lots(kind, asset) AND place = locked_place)
  INTO v_ids, v_versions, v_balances, v_times, v_hashes, v_overdrafts, v_plain
  FROM (
    SELECT locked.*, row_number() OVER () AS locked_place FROM (
      SELECT account.*, named.kind AS named_kind, named.place
      FROM unnest(p_codes, p_kinds, p_assets) WITH ORDINALITY AS named (code, kind, asset, place)
      JOIN ledger_accounts AS account ON account.code = named.code AND account.asset = named.asset
      ORDER BY account.code, account.asset
      FOR NO KEY UPDATE OF account
    ) AS locked
  ) AS account;
  IF v_plain IS NOT TRUE OR cardinality(v_ids) <> cardinality(p_codes) THEN
    RAISE EXCEPTION 'accounts are not in the order of their names, of another kind, or keep lots'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfers_in_order';
  END IF;
  IF EXISTS (
    SELECT FROM unnest(p_of, p_places, p_amounts) AS leg (transfer, place, amount)
    GROUP BY leg.transfer, p_assets[leg.place] HAVING sum(leg.amount) <> 0 OR p_keys[leg.transfer] IS NULL
  ) THEN
    RAISE EXCEPTION 'legs of a batch do not balance'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfers_balance';
  END IF;

  v_at := date_trunc('milliseconds', clock_timestamp());
  WITH entry AS MATERIALIZED (
    SELECT leg.transfer, leg.place, leg.amount, v_versions[leg.place] + row_number() OVER of_account AS version,
      v_balances[leg.place] + (sum(leg.amount) OVER of_account)::bigint AS balance,
      GREATEST(v_times[leg.place], v_at) AS at
    FROM unnest(p_of, p_places, p_amounts) AS leg (transfer, place, amount)
    WINDOW of_account AS (PARTITION BY leg.place ORDER BY leg.transfer ROWS UNBOUNDED PRECEDING)
  ), linked AS MATERIALIZED (
    SELECT entry.*, ledger_chain(v_hashes[place], p_hashes[transfer], version, amount, balance, at) OVER of_account AS hash,
      transfer = lag(transfer) OVER of_account AS twice
    FROM entry
    WINDOW of_account AS (PARTITION BY place ORDER BY version)
  ), made AS (
    INSERT INTO ledger_transfers (id, key, input_hash, reason, more, occurred_at, recorded_at)
    OVERRIDING SYSTEM VALUE
    SELECT v_new[place], key, hash, reason, p_more, occurred_at, v_at
    FROM unnest(p_keys, p_reasons, p_hashes, p_occurred_at) WITH ORDINALITY
      AS transfer (key, reason, hash, occurred_at, place)
  ), written AS (
    INSERT INTO ledger_entries (account_id, account_version, transfer_id, amount, balance_after, recorded_at, hash)
    SELECT v_ids[place], version, v_new[transfer], amount, balance, at, hash FROM linked
  ), moved AS (
    UPDATE ledger_accounts AS account SET balance = last.balance, version = last.version, moved_at = last.at,
      hash = last.hash
    FROM (SELECT DISTINCT ON (place) * FROM linked ORDER BY place, version DESC) AS last
    WHERE account.id = v_ids[last.place]
  )
  SELECT bool_and(balance >= 0 OR v_overdrafts[place]), bool_or(twice) INTO v_plain, v_twice FROM linked;
  IF v_twice THEN
    RAISE EXCEPTION 'an account is twice in one transfer'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfers_in_order';
  END IF;
  IF v_plain IS NOT TRUE THEN
    RAISE EXCEPTION 'an account would be overdrawn on the way: constraint "ledger_accounts_not_negative"'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_accounts_not_negative', TABLE = 'ledger_accounts';
  END IF;
END $$;

-- Several transfers that have nothing to do with each other, in one commit: of each what became of it, 'moved', 'repeated'
-- or the constraint that refused it, with what Postgres said. One that is refused undoes itself alone.
CREATE FUNCTION ledger_transfer_each(p_transfers jsonb) RETURNS TABLE (outcome text, message text) LANGUAGE plpgsql AS $$
DECLARE
  v_transfer jsonb;
BEGIN
  PERFORM ledger_lock(p_transfers);
  IF jsonb_array_length(p_transfers) > 1 AND ledger_transfer_together(p_transfers) THEN
    RETURN QUERY SELECT 'moved', NULL FROM generate_series(1, jsonb_array_length(p_transfers));
    RETURN;
  END IF;
  FOR v_transfer IN SELECT jsonb_array_elements(p_transfers) LOOP
    BEGIN
      message := NULL;
      outcome := CASE WHEN ledger_transfer_one(v_transfer) THEN 'moved' ELSE 'repeated' END;
    EXCEPTION WHEN integrity_constraint_violation OR data_exception THEN
      GET STACKED DIAGNOSTICS outcome = CONSTRAINT_NAME, message = MESSAGE_TEXT;
    END;
    RETURN NEXT;
  END LOOP;
END $$;
