-- Up Migration

-- What may be given. Written once from a file, and an administrator's from then on.
CREATE TABLE gifts (
  code text COLLATE "C" PRIMARY KEY CHECK (code ~ '^[A-Z][A-Z0-9_]{1,31}$'),
  name text NOT NULL,
  token_cost bigint NOT NULL CHECK (token_cost BETWEEN 1 AND 1000000),
  animation_key text NOT NULL,
  rarity text NOT NULL CHECK (rarity IN ('common', 'rare', 'epic', 'legendary')),
  command_action text,
  cooldown_seconds integer NOT NULL DEFAULT 0 CHECK (cooldown_seconds BETWEEN 0 AND 3600),
  enabled boolean NOT NULL DEFAULT true,
  created_at timestamptz(3) NOT NULL
);
COMMENT ON COLUMN gifts.command_action IS 'what giving it does in a stream, of a list that the code has; null: nothing';
COMMENT ON COLUMN gifts.cooldown_seconds IS 'so long after it was done it is not done again in that stream';
CREATE TABLE gift_seedings (one boolean PRIMARY KEY DEFAULT true CHECK (one), at timestamptz(3) NOT NULL);
COMMENT ON TABLE gift_seedings IS 'That the catalogue''s file was written: never again, whatever became of its gifts.';

CREATE TABLE gift_events (
  id uuid PRIMARY KEY,
  code text COLLATE "C" NOT NULL,
  quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 1000),
  tokens bigint NOT NULL CHECK (tokens > 0),
  share bigint NOT NULL CHECK (share >= 0 AND share <= tokens),
  from_user_id uuid NOT NULL,
  stream_id uuid,
  to_creator_id uuid,
  message text,
  combo_id uuid NOT NULL,
  combo_count integer NOT NULL,
  triggered jsonb,
  created_at timestamptz(3) NOT NULL,
  CHECK ((stream_id IS NULL) = (to_creator_id IS NULL)),
  CHECK (to_creator_id <> from_user_id),
  CHECK (stream_id IS NOT NULL OR share = 0)
);
COMMENT ON TABLE gift_events IS 'Gifts that were given: in a stream to its creator, or to the house. Without references: four checks a gift, each a lock on a row that is never deleted; an invariant looks for what has none.';
COMMENT ON COLUMN gift_events.share IS 'of the tokens, what the creator had; the rest is the platform''s';
COMMENT ON COLUMN gift_events.combo_id IS 'the first of equal gifts that followed each other within seconds; combo_count is how many there were by this one';
COMMENT ON COLUMN gift_events.triggered IS 'what it did in the stream, as it was told there; null: nothing';
CREATE INDEX gift_events_from ON gift_events (from_user_id, created_at);
CREATE INDEX gift_events_in ON gift_events (stream_id, created_at) WHERE stream_id IS NOT NULL;

CREATE TABLE gift_cooldowns (
  stream_id uuid NOT NULL REFERENCES streams (process_id),
  code text COLLATE "C" NOT NULL REFERENCES gifts (code),
  until timestamptz(3) NOT NULL,
  PRIMARY KEY (stream_id, code)
);

-- Gives gifts that nothing speaks against, of as many people, in their order: all or none, by one statement. What their
-- givers gave before was looked at without a lock, up to the gift in `p_before`: where somebody has given since, TD020 is
-- raised, and each is looked at again. Locks are taken in the order that holds everywhere. Of a gift that somebody may ask
-- for twice (`p_keyed`, by its place) the answer is kept, which is its head, the giver's balance and its tail. In `p_told`
-- is each gift as it is told.
CREATE FUNCTION give_gifts(
  p_at text, p_ids uuid[], p_codes text[], p_quantities integer[], p_tokens bigint[], p_shares bigint[], p_from uuid[],
  p_streams uuid[], p_creators uuid[], p_messages text[], p_combos uuid[], p_counts integer[], p_before uuid[],
  p_triggers text[], p_cooldowns integer[], p_told text[],
  p_keyed integer[], p_paths text[], p_keys text[], p_bodies bytea[], p_heads text[], p_tails text[],
  p_boards text[], p_scored uuid[], p_scores bigint[],
  p_sent text, p_received text, p_badges text[], p_begins bigint[], p_names text[], p_traceparent text,
  p_accounts text[], p_kinds text[], p_assets text[], p_owners uuid[],
  p_transfers text[], p_reasons text[], p_hashes bytea[], p_occurred_at timestamptz[], p_more jsonb,
  p_of integer[], p_places integer[], p_amounts bigint[]
) RETURNS TABLE (balances text, did text, scores text, heard text) LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_now CONSTANT timestamptz := p_at;
  v_did boolean[] := array_fill(false, ARRAY[cardinality(p_ids)]);
  v_place integer;
  v_lifted uuid[];
  v_lifts text[];
  v_lift_counts integer[];
  v_users uuid[];
  v_many integer[];
  v_events text[];
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('giver_' || giver.user_id, 0))
  FROM (SELECT asked.user_id FROM unnest(p_from) AS asked (user_id) ORDER BY asked.user_id) AS giver;
  -- A statement of its own, which sees what was committed before the locks.
  IF EXISTS (
    SELECT FROM unnest(p_from, p_before) AS asked (user_id, before)
    WHERE asked.before IS DISTINCT FROM (
      SELECT id FROM gift_events WHERE from_user_id = asked.user_id AND created_at > v_now - interval '1 minute'
      ORDER BY created_at DESC, id DESC LIMIT 1
    )
  ) THEN
    RAISE EXCEPTION 'somebody has given meanwhile' USING ERRCODE = 'TD020';
  END IF;

  FOR v_place IN
    SELECT asked.place FROM unnest(p_streams, p_codes, p_triggers) WITH ORDINALITY AS asked (stream_id, code, trigger, place)
    WHERE asked.trigger IS NOT NULL ORDER BY asked.stream_id, asked.code, asked.place
  LOOP
    INSERT INTO gift_cooldowns AS kept (stream_id, code, until)
    VALUES (p_streams[v_place], p_codes[v_place], v_now + p_cooldowns[v_place] * interval '1 s')
    ON CONFLICT (stream_id, code) DO UPDATE SET until = excluded.until WHERE kept.until <= v_now;
    v_did[v_place] := FOUND;
  END LOOP;

  INSERT INTO gift_events (id, code, quantity, tokens, share, from_user_id, stream_id, to_creator_id, message, combo_id,
    combo_count, triggered, created_at)
  SELECT given.id, given.code, given.quantity, given.tokens, given.share, given.user_id, given.stream_id, given.creator_id,
    given.message, given.combo_id, given.combo_count, CASE WHEN given.did THEN given.trigger::jsonb END, v_now
  FROM unnest(p_ids, p_codes, p_quantities, p_tokens, p_shares, p_from, p_streams, p_creators, p_messages, p_combos,
    p_counts, p_triggers, v_did) AS given (id, code, quantity, tokens, share, user_id, stream_id, creator_id, message,
    combo_id, combo_count, trigger, did);

  -- What those are told who reached a level or were awarded a badge.
  WITH gain AS MATERIALIZED (
    SELECT given.user_id, 'gift_sent' AS action, given.id::text AS about, given.tokens, p_sent AS first
    FROM unnest(p_ids, p_from, p_tokens) AS given (id, user_id, tokens)
    UNION ALL
    SELECT given.user_id, 'gift_received', given.id::text, given.tokens, p_received
    FROM unnest(p_ids, p_creators, p_tokens) AS given (id, user_id, tokens) WHERE given.user_id IS NOT NULL
  ), column_of AS MATERIALIZED (
    SELECT array_agg(user_id) AS users, array_agg(action) AS actions, array_agg(about) AS abouts, array_agg(tokens) AS many,
      array_agg(first) AS firsts
    FROM gain
  ), lifted AS MATERIALIZED (
    SELECT gained.person, xp_level(gained.has) AS level, xp_level(gained.had) AS before, gained.has, gained.awarded
    FROM column_of, grant_xp(users, actions, abouts, many, firsts, true, v_now, p_badges, p_begins) AS gained
  ), told AS MATERIALIZED (
    SELECT lifted.person, CASE WHEN lifted.level > lifted.before THEN 1 ELSE 0 END + cardinality(lifted.awarded) AS many,
      concat_ws(',', CASE WHEN lifted.level > lifted.before THEN
        '{"name":"level_up","data":{"userId":"' || lifted.person::text || '","level":' || lifted.level::text || ',"xp":'
        || lifted.has::text || '}}' END,
      (SELECT string_agg('{"name":"badge_awarded","data":{"userId":"' || lifted.person::text || '","code":"' || badge.code
        || '","name":' || badge.name || ',"awarded_at":"' || p_at || '"}}', ',' ORDER BY badge.place)
      FROM unnest(p_badges, p_names) WITH ORDINALITY AS badge (code, name, place)
      WHERE badge.code = ANY (lifted.awarded))) AS events
    FROM lifted
  )
  SELECT array_agg(told.person), array_agg(told.many), array_agg(told.events) INTO v_lifted, v_lift_counts, v_lifts
  FROM told WHERE told.many > 0;

  SELECT json_agg(json_build_object('board', counted.board, 'user_id', counted.user_id, 'score', counted.score, 'reached_at',
    counted.reached_at, 'version', counted.version)) INTO scores
  FROM score_on_boards(p_boards, p_scored, p_scores, v_now) AS counted;

  PERFORM ledger_transfer_columns(p_accounts, p_kinds, p_assets, p_owners, p_transfers, p_reasons, p_hashes, p_occurred_at,
    p_more, p_of, p_places, p_amounts);

  -- What each wallet held after each gift, reckoned back from what it holds now.
  WITH leg AS MATERIALIZED (
    SELECT given.user_id, given.other_id, given.place, -given.tokens AS amount, given.id, NULL AS received
    FROM unnest(p_ids, p_from, p_creators, p_tokens) WITH ORDINALITY AS given (id, user_id, other_id, tokens, place)
    UNION ALL
    SELECT given.user_id, given.other_id, given.place, given.share, given.id,
      ',{"name":"gift:received","data":' || left(given.told, -1) || ',"share":' || given.share::text || '}}'
    FROM unnest(p_ids, p_creators, p_from, p_shares, p_told) WITH ORDINALITY
      AS given (id, user_id, other_id, share, told, place)
    WHERE given.user_id IS NOT NULL
  ), wallet AS MATERIALIZED (
    -- One by one, each by index: joined, a plan that was made while there were few would look through all accounts.
    SELECT person.user_id,
      coalesce((SELECT balance FROM ledger_accounts
        WHERE code = 'wallet/' || person.user_id::text AND asset = 'TOKEN'), 0) AS has,
      coalesce((SELECT balance FROM ledger_accounts
        WHERE code = 'hold/' || person.user_id::text AND asset = 'TOKEN'), 0) AS held
    FROM (SELECT DISTINCT leg.user_id FROM leg) AS person
  ), stood AS MATERIALIZED (
    SELECT leg.*, wallet.held, wallet.has - (coalesce(sum(leg.amount) OVER (
        PARTITION BY leg.user_id ORDER BY leg.place DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ), 0))::bigint AS has
    FROM leg JOIN wallet ON wallet.user_id = leg.user_id
  ), answered AS (
    INSERT INTO answers (account_id, path, key, body_hash, status, answer)
    SELECT stood.user_id, keyed.path, keyed.key, keyed.body, 201, (keyed.head || stood.has::text || keyed.tail)::json
    FROM unnest(p_keyed, p_paths, p_keys, p_bodies, p_heads, p_tails) AS keyed (place, path, key, body, head, tail)
    JOIN stood ON stood.place = keyed.place AND stood.received IS NULL
  ), said AS (
    SELECT stood.user_id, CASE WHEN stood.received IS NULL THEN 2 ELSE 3 END AS many, stood.place,
      '{"name":"balance_update","data":{"userId":"' || stood.user_id::text || '","balance":{"asset":"TOKEN","available":"'
      || stood.has::text || '","held":"' || stood.held::text || '","total":"' || (stood.has + stood.held)::text
      || '"}}},{"name":"transaction_complete","data":{"transactionId":"gift_' || stood.id::text
      || '","details":{"kind":"gift_sent","asset":"TOKEN","amount":"' || stood.amount::text || '","balance_after":"'
      || stood.has::text || '","counterparty_id":' || coalesce('"' || stood.other_id::text || '"', 'null')
      || ',"memo":null,"occurred_at":"' || p_at || '"}}}' || coalesce(stood.received, '') AS events
    FROM stood
    UNION ALL
    SELECT lift.user_id, lift.many, cardinality(p_ids) + 1, lift.events
    FROM unnest(v_lifted, v_lift_counts, v_lifts) AS lift (user_id, many, events)
  ), told AS MATERIALIZED (
    SELECT said.user_id, sum(said.many)::integer AS many, '[' || string_agg(said.events, ',' ORDER BY said.place) || ']' AS events
    FROM said GROUP BY said.user_id ORDER BY said.user_id
  ), column_of AS (
    SELECT array_agg(told.user_id) AS users, array_agg(told.many) AS many, array_agg(told.events) AS events FROM told
  )
  SELECT users, many, events,
    (SELECT json_agg(stood.has::text ORDER BY stood.place) FROM stood WHERE stood.received IS NULL)
  INTO v_users, v_many, v_events, balances FROM column_of;

  SELECT '[' || string_agg('["' || told.hearer::text || '",' || told.first::text || ',' || to_json(told.at) || ','
    || v_events[array_position(v_users, told.hearer)] || ']', ',') || ']'
  INTO heard FROM announce_together(v_users, v_many, v_events, p_traceparent) AS told;
  did := to_json(v_did);
  RETURN NEXT;
END $$;
