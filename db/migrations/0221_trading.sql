-- Up Migration

-- What these referred to is not deleted, and is looked at before anything is written here: an invariant looks for what has
-- none. Four checks an order were a part of what one costs, and each locked a row of people's accounts.
ALTER TABLE trading_commands DROP CONSTRAINT trading_commands_pair_id_fkey, DROP CONSTRAINT trading_commands_user_id_fkey;
ALTER TABLE trading_orders DROP CONSTRAINT trading_orders_pair_id_fkey, DROP CONSTRAINT trading_orders_user_id_fkey;

DROP FUNCTION write_trading_batch(text, bigint, bigint, integer, json);

-- Writes what a pair's writer has worked out: a batch of the journal with everything that comes of it, in one statement
-- and so in one transaction, or not at all. Refused where the lease is another's, or the journal is not where the writer
-- thinks it is. Locks come in the house's order: the book, orders, commands, accounts, people's counters. The parts come
-- each by itself: taken out of one whole, that would be read through for every one of them.
CREATE FUNCTION write_trading_batch(
  p_pair text, p_fence bigint, p_from bigint, p_lease_ms integer, p_book json, p_pair_set json, p_orders json,
  p_trades json, p_commands json, p_timed json, p_transfers jsonb, p_tell json
) RETURNS void LANGUAGE plpgsql SET plan_cache_mode TO 'force_generic_plan' AS $$
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

  INSERT INTO trading_orders AS known (id, pair_id, user_id, side, type, ticks, lots, filled, cost, fee, held, time_in_force,
    post_only, self_trade, expires_at, max_spend, client_order_id, maker_bps, taker_bps, state, reason, rank, made_at,
    updated_at)
  SELECT id, p_pair, user_id, side, type, ticks, lots, filled, cost, fee, held, time_in_force, post_only, self_trade,
    expires_at, max_spend, client_order_id, maker_bps, taker_bps, state, reason, rank, made_at, updated_at
  FROM json_to_recordset(p_orders) AS given (id uuid, user_id uuid, side text, type text, ticks bigint,
    lots bigint, filled bigint, cost bigint, fee bigint, held bigint, time_in_force text, post_only boolean,
    self_trade text, expires_at timestamptz, max_spend bigint, client_order_id text, maker_bps integer, taker_bps integer,
    state text, reason text, rank bigint, made_at timestamptz, updated_at timestamptz)
  ON CONFLICT (id) DO UPDATE SET ticks = EXCLUDED.ticks, lots = EXCLUDED.lots, filled = EXCLUDED.filled,
    cost = EXCLUDED.cost, fee = EXCLUDED.fee, held = EXCLUDED.held, state = EXCLUDED.state, reason = EXCLUDED.reason,
    rank = EXCLUDED.rank, updated_at = EXCLUDED.updated_at;

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

  IF p_transfers IS NOT NULL THEN
    PERFORM ledger_lock(p_transfers);
    IF NOT ledger_transfer_together(p_transfers) THEN
      PERFORM ledger_transfer_all(p_transfers);
    END IF;
  END IF;
  PERFORM tell_traders(p_tell);
END $$;

-- Tells people what became of their orders, and then what they have: { user_id, many, events (their texts with commas
-- between), assets }. All of them at once, with their counters locked in the order of their ids.
CREATE OR REPLACE FUNCTION tell_traders(p_tell json) RETURNS void LANGUAGE plpgsql
SET enable_hashjoin TO 'off' SET enable_mergejoin TO 'off' SET enable_seqscan TO 'off'
SET plan_cache_mode TO 'force_generic_plan' AS $$
DECLARE
  v_users CONSTANT uuid[] := ARRAY(
    SELECT user_id FROM json_to_recordset(p_tell) AS told (user_id uuid) ORDER BY user_id
  );
  v_user uuid;
BEGIN
  IF cardinality(v_users) > (SELECT count(*) FROM user_sequences WHERE user_id = ANY (v_users)) THEN
    -- Made and locked one after the other: what is made first of all would come in no order with what is locked.
    FOREACH v_user IN ARRAY v_users LOOP
      INSERT INTO user_sequences AS sequence (user_id, last_seq) VALUES (v_user, 0)
      ON CONFLICT (user_id) DO UPDATE SET last_seq = sequence.last_seq;
    END LOOP;
  ELSE
    PERFORM FROM user_sequences WHERE user_id = ANY (v_users) ORDER BY user_id FOR NO KEY UPDATE;
  END IF;

  WITH told AS MATERIALIZED (
    SELECT * FROM json_to_recordset(p_tell) AS told (user_id uuid, many integer, events text, assets text[])
  ), balance AS MATERIALIZED (
    SELECT told.user_id, count(*)::integer AS many, string_agg(json_build_object('name', 'balance_update', 'data',
      json_build_object('userId', told.user_id, 'balance', json_build_object('asset', asked.asset,
        'available', trading_decimal(coalesce(wallet.balance, 0), scale),
        'held', trading_decimal(coalesce(hold.balance, 0), scale),
        'total', trading_decimal(coalesce(wallet.balance, 0) + coalesce(hold.balance, 0), scale))))::text, ','
      ORDER BY place) AS events
    FROM told CROSS JOIN LATERAL unnest(told.assets) WITH ORDINALITY AS asked (asset, place)
    JOIN ledger_assets USING (asset)
    LEFT JOIN ledger_accounts AS wallet
      ON wallet.code = 'wallet/' || told.user_id::text AND wallet.asset = asked.asset
    LEFT JOIN ledger_accounts AS hold ON hold.code = 'hold/' || told.user_id::text AND hold.asset = asked.asset
    GROUP BY told.user_id
  ), said AS MATERIALIZED (
    SELECT told.user_id, told.many + coalesce(balance.many, 0) AS many,
      '[' || concat_ws(',', told.events, balance.events) || ']' AS events
    FROM told LEFT JOIN balance ON balance.user_id = told.user_id
  ), counted AS (
    UPDATE user_sequences AS sequence SET last_seq = sequence.last_seq + said.many
    FROM said WHERE sequence.user_id = said.user_id
    RETURNING sequence.user_id, sequence.last_seq, said.many, said.events
  )
  INSERT INTO outbox (user_id, last_seq, first_seq, events)
  SELECT user_id, last_seq, last_seq - many + 1, events FROM counted;
END $$;
