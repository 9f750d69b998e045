-- Up Migration

-- Pairs that are traded, and what is known of each at rest. What moves with every batch is in `trading_books`. Of no asset
-- that keeps lots: a batch's money is written as columns, which have none.
CREATE TABLE trading_pairs (
  id text COLLATE "C" PRIMARY KEY CONSTRAINT trading_pairs_id_of_two CHECK (id = base || '-' || quote),
  base text COLLATE "C" NOT NULL REFERENCES ledger_assets (asset),
  quote text COLLATE "C" NOT NULL REFERENCES ledger_assets (asset),
  tick bigint NOT NULL CONSTRAINT trading_pairs_tick_positive CHECK (tick > 0),
  lot bigint NOT NULL CONSTRAINT trading_pairs_lot_positive CHECK (lot > 0),
  min_notional bigint NOT NULL CONSTRAINT trading_pairs_min_notional_positive CHECK (min_notional > 0),
  band_bps integer CONSTRAINT trading_pairs_band_positive CHECK (band_bps > 0),
  state text NOT NULL DEFAULT 'trading' CONSTRAINT trading_pairs_state_known
    CHECK (state IN ('trading', 'cancel_only', 'halted'))
);
COMMENT ON COLUMN trading_pairs.tick IS
  'In minor units of the quote for one whole of the base. Tick and lot are chosen so that one lot at one tick costs whole units: nothing is rounded but fees.';
INSERT INTO trading_pairs (id, base, quote, tick, lot, min_notional) VALUES
  ('BTC-USD', 'BTC', 'USD', 1000, 100000, 100), ('ETH-USD', 'ETH', 'USD', 100, 1000000, 100),
  ('BTC-USDT', 'BTC', 'USDT', 10000, 10000, 1000000), ('ETH-USDT', 'ETH', 'USDT', 10000, 10000, 1000000),
  ('BTC-INR', 'BTC', 'INR', 10000, 10000, 10000), ('ETH-INR', 'ETH', 'INR', 1000, 100000, 10000),
  ('USDT-USD', 'USDT', 'USD', 1, 1000000, 100), ('USDT-INR', 'USDT', 'INR', 1, 1000000, 10000);

-- Where a pair's journal stands, and who writes it. Every batch updates its row first, by the fencing number: a writer
-- whose lease another took finds no row, and nothing of its batch is written.
CREATE TABLE trading_books (
  pair_id text COLLATE "C" PRIMARY KEY REFERENCES trading_pairs (id),
  holder uuid,
  fence bigint NOT NULL DEFAULT 0,
  lease_until timestamptz NOT NULL DEFAULT '-infinity',
  n bigint NOT NULL DEFAULT 0,
  seq bigint NOT NULL DEFAULT 0,
  trades bigint NOT NULL DEFAULT 0,
  last_ticks bigint,
  clock timestamptz(3) NOT NULL DEFAULT '1970-01-01T00:00:00Z'
) WITH (fillfactor = 50);
COMMENT ON COLUMN trading_books.lease_until IS 'By the database''s clock: a node whose own is wrong takes nobody''s lease.';
COMMENT ON COLUMN trading_books.seq IS 'Counts the changes of the book that are told: whoever misses one reads it again.';
COMMENT ON COLUMN trading_books.clock IS 'The pair''s own: the latest instant of its journal, and never before it.';
INSERT INTO trading_books (pair_id) SELECT id FROM trading_pairs;

-- The journal. A command is written by whoever was asked, without a number; the pair's writer gives numbers, in which
-- order they are carried out, with what came of each in the same transaction. Replayed, they give the same trades.
-- Pair and person, here and of orders, are no references: they are never deleted, and are looked at before anything is
-- written. Four checks an order would be a part of what one costs, each a lock on a row of people's accounts; an invariant
-- looks for what has none.
CREATE TABLE trading_commands (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pair_id text COLLATE "C" NOT NULL,
  user_id uuid,
  order_id uuid,
  kind text NOT NULL,
  body json NOT NULL,
  key text COLLATE "C",
  body_hash bytea,
  given_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  n bigint,
  at timestamptz(3),
  outcome json,
  CONSTRAINT trading_commands_have_an_outcome CHECK ((n IS NULL) = (outcome IS NULL) AND (n IS NULL) = (at IS NULL))
);
COMMENT ON COLUMN trading_commands.key IS 'The Idempotency-Key with its path: the same one is one command, with one outcome.';
-- Most commands bring no key, most orders no id of the client's, and what waits has no number: what has none is in no index
-- of those that have one.
CREATE UNIQUE INDEX trading_commands_key_unique ON trading_commands (user_id, key) WHERE key IS NOT NULL;
CREATE UNIQUE INDEX trading_commands_are_numbered ON trading_commands (pair_id, n) WHERE n IS NOT NULL;
CREATE INDEX trading_commands_waiting ON trading_commands (pair_id, id) WHERE n IS NULL;

CREATE TABLE trading_orders (
  id uuid PRIMARY KEY,
  pair_id text COLLATE "C" NOT NULL,
  user_id uuid NOT NULL,
  side text NOT NULL,
  type text NOT NULL,
  ticks bigint,
  lots bigint NOT NULL,
  filled bigint NOT NULL,
  cost bigint NOT NULL,
  fee bigint NOT NULL,
  held bigint NOT NULL,
  time_in_force text NOT NULL,
  post_only boolean NOT NULL,
  self_trade text NOT NULL,
  expires_at timestamptz(3),
  max_spend bigint,
  client_order_id text COLLATE "C",
  maker_bps integer NOT NULL,
  taker_bps integer NOT NULL,
  state text NOT NULL,
  reason text,
  rank bigint NOT NULL,
  made_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  CONSTRAINT trading_orders_filled_part CHECK (filled >= 0 AND filled <= lots),
  CONSTRAINT trading_orders_hold_while_open CHECK (held >= 0 AND (held > 0) = (state IN ('open', 'partially_filled')))
) WITH (fillfactor = 70);
COMMENT ON COLUMN trading_orders.held IS
  'Part of "hold/<user>": of a purchase in the quote, of a sale in the base. No hold of its own, which would be a row more an order.';
COMMENT ON COLUMN trading_orders.rank IS 'The number in the journal by which it took its place among others of its price.';
CREATE UNIQUE INDEX trading_orders_client_id_unique ON trading_orders (user_id, client_order_id)
  WHERE client_order_id IS NOT NULL;
CREATE INDEX trading_orders_open ON trading_orders (pair_id, side, ticks) WHERE state IN ('open', 'partially_filled');
CREATE INDEX trading_orders_of_user ON trading_orders (user_id, id);

CREATE TABLE trading_trades (
  pair_id text COLLATE "C" NOT NULL,
  n bigint NOT NULL,
  command_n bigint NOT NULL,
  maker_order_id uuid NOT NULL,
  taker_order_id uuid NOT NULL,
  maker_id uuid NOT NULL,
  taker_id uuid NOT NULL,
  taker_side text NOT NULL,
  ticks bigint NOT NULL,
  lots bigint NOT NULL,
  cost bigint NOT NULL,
  maker_fee bigint NOT NULL,
  taker_fee bigint NOT NULL,
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (pair_id, n)
);
CREATE INDEX trading_trades_of_maker ON trading_trades (maker_order_id);
CREATE INDEX trading_trades_of_taker ON trading_trades (taker_order_id);
CREATE INDEX trading_trades_by_time ON trading_trades (pair_id, at);
CREATE TRIGGER trading_trades_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON trading_trades
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- In whole numbers, and as one expression, which is worked out in place: powers and quotients of `numeric` cost more than
-- all else that tells people of their balances.
CREATE FUNCTION trading_decimal(p_units bigint, p_scale integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_scale = 0 THEN p_units::text ELSE
    left(lpad(p_units::text, greatest(length(p_units::text), p_scale + 1), '0'), -p_scale) || '.' ||
    right(lpad(p_units::text, greatest(length(p_units::text), p_scale + 1), '0'), p_scale)
  END
$$;

-- Commands of a pair that wait, with what their givers have free, the order that has the same id of the client's already,
-- and where the journal stood at that instant. Looked up row by row, whatever the planner thinks of how many there are.
CREATE FUNCTION read_trading_commands(p_pair text, p_base text, p_quote text, p_limit integer, p_drawn bigint[])
RETURNS TABLE (
  n bigint, id bigint, kind text, user_id uuid, order_id uuid, body json, base_free bigint, quote_free bigint,
  same_client_id uuid
) LANGUAGE plpgsql STABLE
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
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

-- Writes what a pair's writer has worked out: a batch of the journal with everything that comes of it, in one statement
-- and so in one transaction, or not at all. Refused where the lease is another's, or the journal is not where the writer
-- thinks it is. Locks come in the house's order: the book, orders, commands, accounts, people's counters. The parts come
-- each by itself: taken out of one whole, that would be read through for every one of them. Joins by index: a plan that
-- was made while a table was empty would read all of it for as long as the connection lasts.
CREATE FUNCTION write_trading_batch(
  p_pair text, p_fence bigint, p_from bigint, p_lease_ms integer, p_book json, p_pair_set json, p_placed json,
  p_changed json, p_trades json, p_commands json, p_timed json,
  p_users uuid[], p_many integer[], p_events text[], p_wallets text[],
  p_codes text[], p_kinds text[], p_assets text[], p_owners uuid[],
  p_keys text[], p_reasons text[], p_hashes bytea[], p_occurred_at timestamptz[], p_more jsonb,
  p_of integer[], p_places integer[], p_amounts bigint[]
) RETURNS void LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
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
  PERFORM tell_traders(p_users, p_many, p_events, p_wallets);
END $$;

-- Tells people what became of their orders, and then what they have: whom, how many events, and the texts of these and the
-- names of assets, with commas between. All of them at once, with their counters locked in the order of their ids.
CREATE FUNCTION tell_traders(p_users uuid[], p_many integer[], p_events text[], p_assets text[]) RETURNS void LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_user uuid;
BEGIN
  IF cardinality(p_users) > (SELECT count(*) FROM user_sequences WHERE user_id = ANY (p_users)) THEN
    -- Made and locked one after the other: what is made first of all would come in no order with what is locked.
    FOREACH v_user IN ARRAY ARRAY(SELECT user_id FROM unnest(p_users) AS told (user_id) ORDER BY user_id) LOOP
      INSERT INTO user_sequences AS sequence (user_id, last_seq) VALUES (v_user, 0)
      ON CONFLICT (user_id) DO UPDATE SET last_seq = sequence.last_seq;
    END LOOP;
  ELSE
    PERFORM FROM user_sequences WHERE user_id = ANY (p_users) ORDER BY user_id FOR NO KEY UPDATE;
  END IF;

  -- Balances are asked for person by person: joined to the texts, each of them would be looked for among all others'.
  WITH said AS MATERIALIZED (
    SELECT told.user_id, told.many + balance.many AS many,
      '[' || concat_ws(',', told.events, balance.events) || ']' AS events
    FROM unnest(p_users, p_many, p_events, p_assets) AS told (user_id, many, events, assets)
    CROSS JOIN LATERAL (
      SELECT count(*)::integer AS many, string_agg(
        '{"name":"balance_update","data":{"userId":"' || told.user_id::text || '","balance":{"asset":"' || asset.asset
        || '","available":"' || trading_decimal(coalesce(wallet.balance, 0), asset.scale)
        || '","held":"' || trading_decimal(coalesce(hold.balance, 0), asset.scale)
        || '","total":"' || trading_decimal(coalesce(wallet.balance, 0) + coalesce(hold.balance, 0), asset.scale)
        || '"}}}', ',' ORDER BY place) AS events
      FROM unnest(string_to_array(told.assets, ',')) WITH ORDINALITY AS asked (name, place)
      JOIN ledger_assets AS asset ON asset.asset = asked.name
      LEFT JOIN ledger_accounts AS wallet
        ON wallet.code = 'wallet/' || told.user_id::text AND wallet.asset = asset.asset
      LEFT JOIN ledger_accounts AS hold ON hold.code = 'hold/' || told.user_id::text AND hold.asset = asset.asset
    ) AS balance
  ), counted AS (
    UPDATE user_sequences AS sequence SET last_seq = sequence.last_seq + said.many
    FROM said WHERE sequence.user_id = said.user_id
    RETURNING sequence.user_id, sequence.last_seq, said.many, said.events
  )
  INSERT INTO outbox (user_id, last_seq, first_seq, events)
  SELECT user_id, last_seq, last_seq - many + 1, events FROM counted;
END $$;
