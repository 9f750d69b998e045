-- Up Migration

-- Most commands bring no key, most orders no id of the client's, and what waits has no number: what has none is in no index
-- of those that have one.
ALTER TABLE trading_commands
  DROP CONSTRAINT trading_commands_key_unique, DROP CONSTRAINT trading_commands_are_numbered;
CREATE UNIQUE INDEX trading_commands_key_unique ON trading_commands (user_id, key) WHERE key IS NOT NULL;
CREATE UNIQUE INDEX trading_commands_are_numbered ON trading_commands (pair_id, n) WHERE n IS NOT NULL;
ALTER TABLE trading_orders DROP CONSTRAINT trading_orders_client_id_unique;
CREATE UNIQUE INDEX trading_orders_client_id_unique ON trading_orders (user_id, client_order_id)
  WHERE client_order_id IS NOT NULL;

-- Writes transfers that are new, in their order, all or none, given as columns: the accounts that they name, in the order
-- of their names and each once; the transfers, with the hash of each one's input; and their entries, each with the place
-- of its transfer and of its account. What JSON costs, and looking for an account once an entry, is a third of a batch of
-- many. Refused where an account is overdrawn on the way, legs do not balance, or lots are kept.
CREATE FUNCTION ledger_transfer_columns(
  p_codes text[], p_kinds text[], p_assets text[], p_owners uuid[],
  p_keys text[], p_reasons text[], p_hashes bytea[], p_occurred_at timestamptz[], p_more jsonb,
  p_of integer[], p_places integer[], p_amounts bigint[]
) RETURNS void LANGUAGE plpgsql
SET enable_hashjoin TO 'off' SET enable_mergejoin TO 'off' SET enable_seqscan TO 'off'
SET plan_cache_mode TO 'force_generic_plan' AS $$
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
BEGIN
  -- Before any is locked, as what is made comes in no order with what was locked.
  IF cardinality(p_codes) > (
    SELECT count(*) FROM unnest(p_codes, p_assets) AS named (code, asset)
    JOIN ledger_accounts AS account ON account.code = named.code AND account.asset = named.asset
  ) THEN
    PERFORM ledger_open(p_codes, p_kinds, p_assets, p_owners);
  END IF;
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
    WINDOW of_account AS (PARTITION BY leg.place ORDER BY leg.transfer)
  ), linked AS MATERIALIZED (
    SELECT entry.*, ledger_chain(v_hashes[place], p_hashes[transfer], version, amount, balance, at) OVER (
      PARTITION BY place ORDER BY transfer
    ) AS hash
    FROM entry
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
    FROM (SELECT DISTINCT ON (place) * FROM linked ORDER BY place, transfer DESC) AS last
    WHERE account.id = v_ids[last.place]
  )
  SELECT bool_and(balance >= 0 OR v_overdrafts[place]) INTO v_plain FROM linked;
  IF v_plain IS NOT TRUE THEN
    RAISE EXCEPTION 'an account would be overdrawn on the way: constraint "ledger_accounts_not_negative"'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_accounts_not_negative', TABLE = 'ledger_accounts';
  END IF;
END $$;

-- In whole numbers, and as one expression, which is worked out in place: powers and quotients of `numeric` cost more than
-- all else that tells people of their balances.
CREATE OR REPLACE FUNCTION trading_decimal(p_units bigint, p_scale integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_scale = 0 THEN p_units::text ELSE
    (p_units / ('{10,100,1000,10000,100000,1000000,10000000,100000000,1000000000,10000000000}'::bigint[])[p_scale])::text || '.' ||
    lpad((p_units % ('{10,100,1000,10000,100000,1000000,10000000,100000000,1000000000,10000000000}'::bigint[])[p_scale])::text, p_scale, '0')
  END
$$;

-- Commands of a pair that wait, with what their givers have free, the order that has the same id of the client's already,
-- and where the journal stood at that instant. Looked up row by row, whatever the planner thinks of how many there are.
CREATE FUNCTION read_trading_commands(p_pair text, p_base text, p_quote text, p_limit integer, p_drawn bigint[])
RETURNS TABLE (
  n bigint, id bigint, kind text, user_id uuid, order_id uuid, body json, base_free bigint, quote_free bigint,
  same_client_id uuid
) LANGUAGE plpgsql STABLE
SET enable_hashjoin TO 'off' SET enable_mergejoin TO 'off' SET enable_seqscan TO 'off'
SET plan_cache_mode TO 'force_generic_plan' AS $$
BEGIN
  RETURN QUERY
  SELECT (SELECT book.n FROM trading_books AS book WHERE book.pair_id = p_pair),
    command.id, command.kind, command.user_id, command.order_id, command.body,
    (SELECT balance FROM ledger_accounts WHERE code = 'wallet/' || command.user_id::text AND asset = p_base),
    (SELECT balance FROM ledger_accounts WHERE code = 'wallet/' || command.user_id::text AND asset = p_quote),
    (SELECT known.id FROM trading_orders AS known
      WHERE known.user_id = command.user_id AND known.client_order_id = command.body ->> 'clientOrderId')
  FROM trading_commands AS command
  WHERE command.pair_id = p_pair AND command.n IS NULL AND command.id <> ALL (p_drawn)
  ORDER BY command.id LIMIT p_limit;
END $$;

DROP FUNCTION write_trading_batch(text, bigint, bigint, integer, json, json, json, json, json, json, jsonb, json);

-- Writes what a pair's writer has worked out: a batch of the journal with everything that comes of it, in one statement
-- and so in one transaction, or not at all. Refused where the lease is another's, or the journal is not where the writer
-- thinks it is. Locks come in the house's order: the book, orders, commands, accounts, people's counters. The parts come
-- each by itself: taken out of one whole, that would be read through for every one of them. Joins by index: a plan that
-- was made while a table was empty would read all of it for as long as the connection lasts.
CREATE FUNCTION write_trading_batch(
  p_pair text, p_fence bigint, p_from bigint, p_lease_ms integer, p_book json, p_pair_set json, p_placed json,
  p_changed json, p_trades json, p_commands json, p_timed json, p_tell json,
  p_codes text[], p_kinds text[], p_assets text[], p_owners uuid[],
  p_keys text[], p_reasons text[], p_hashes bytea[], p_occurred_at timestamptz[], p_more jsonb,
  p_of integer[], p_places integer[], p_amounts bigint[]
) RETURNS void LANGUAGE plpgsql
SET enable_hashjoin TO 'off' SET enable_mergejoin TO 'off' SET enable_seqscan TO 'off'
SET plan_cache_mode TO 'force_generic_plan' AS $$
BEGIN
  UPDATE trading_books AS book SET n = batch.n, seq = batch.seq, trades = batch.trades, last_ticks = batch.last_ticks,
    clock = batch.clock, lease_until = clock_timestamp() + p_lease_ms * interval '1 ms'
  FROM json_to_record(p_book) AS batch (n bigint, seq bigint, trades bigint, last_ticks bigint, clock timestamptz)
  WHERE pair_id = p_pair AND fence = p_fence AND book.n = p_from;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the book of % is another''s', p_pair USING ERRCODE = 'TD010';
  END IF;

  IF p_pair_set IS NOT NULL THEN
    UPDATE trading_pairs SET state = pair.state, band_bps = pair.band_bps
    FROM json_to_record(p_pair_set) AS pair (state text, band_bps integer)
    WHERE id = p_pair;
  END IF;

  IF p_placed IS NOT NULL THEN
    INSERT INTO trading_orders (id, pair_id, user_id, side, type, ticks, lots, filled, cost, fee, held, time_in_force,
      post_only, self_trade, expires_at, max_spend, client_order_id, maker_bps, taker_bps, state, reason, rank, made_at,
      updated_at)
    SELECT id, p_pair, user_id, side, type, ticks, lots, filled, cost, fee, held, time_in_force, post_only, self_trade,
      expires_at, max_spend, client_order_id, maker_bps, taker_bps, state, reason, rank, made_at, updated_at
    FROM json_to_recordset(p_placed) AS given (id uuid, user_id uuid, side text, type text, ticks bigint,
      lots bigint, filled bigint, cost bigint, fee bigint, held bigint, time_in_force text, post_only boolean,
      self_trade text, expires_at timestamptz, max_spend bigint, client_order_id text, maker_bps integer,
      taker_bps integer, state text, reason text, rank bigint, made_at timestamptz, updated_at timestamptz);
  END IF;
  IF p_changed IS NOT NULL THEN
    UPDATE trading_orders AS known SET ticks = given.ticks, lots = given.lots, filled = given.filled, cost = given.cost,
      fee = given.fee, held = given.held, state = given.state, reason = given.reason, rank = given.rank,
      updated_at = given.updated_at
    FROM json_to_recordset(p_changed) AS given (id uuid, ticks bigint, lots bigint, filled bigint, cost bigint, fee bigint,
      held bigint, state text, reason text, rank bigint, updated_at timestamptz)
    WHERE known.id = given.id;
  END IF;

  IF p_trades IS NOT NULL THEN
    INSERT INTO trading_trades (pair_id, n, command_n, maker_order_id, taker_order_id, maker_id, taker_id, taker_side, ticks,
      lots, cost, maker_fee, taker_fee, at)
    SELECT p_pair, n, command_n, maker_order_id, taker_order_id, maker_id, taker_id, taker_side, ticks, lots, cost,
      maker_fee, taker_fee, at
    FROM json_to_recordset(p_trades) AS given (n bigint, command_n bigint, maker_order_id uuid,
      taker_order_id uuid, maker_id uuid, taker_id uuid, taker_side text, ticks bigint, lots bigint, cost bigint,
      maker_fee bigint, taker_fee bigint, at timestamptz);
  END IF;

  UPDATE trading_commands AS command SET n = given.n, at = given.at, outcome = given.outcome
  FROM json_to_recordset(p_commands) AS given (id bigint, n bigint, at timestamptz, outcome json)
  WHERE command.id = given.id;
  IF p_timed IS NOT NULL THEN
    INSERT INTO trading_commands (pair_id, order_id, kind, body, n, at, outcome)
    SELECT p_pair, order_id, kind, body, n, at, outcome
    FROM json_to_recordset(p_timed)
      AS given (order_id uuid, kind text, body json, n bigint, at timestamptz, outcome json);
  END IF;

  IF cardinality(p_keys) > 0 THEN
    PERFORM ledger_transfer_columns(p_codes, p_kinds, p_assets, p_owners, p_keys, p_reasons, p_hashes, p_occurred_at,
      p_more, p_of, p_places, p_amounts);
  END IF;
  PERFORM tell_traders(p_tell);
END $$;
