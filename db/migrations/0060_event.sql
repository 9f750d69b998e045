-- Up Migration

-- The outbox: what each user is to hear of, numbered per user without gaps.
CREATE TABLE user_sequences (
  user_id uuid PRIMARY KEY REFERENCES users (id),
  last_seq bigint NOT NULL
) WITH (fillfactor = 50);

-- Compressing rows of 3 KB costs more than writing them.
CREATE TABLE outbox (
  user_id uuid NOT NULL,
  last_seq bigint NOT NULL,
  first_seq bigint NOT NULL,
  events text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  process_id uuid,
  step_n integer,
  traceparent text,
  PRIMARY KEY (user_id, last_seq)
) WITH (toast_tuple_target = 8160);
COMMENT ON TABLE outbox IS 'A row for each person and transaction: its events are numbered from first_seq to last_seq.';
COMMENT ON COLUMN outbox.user_id IS 'has a counter, which refers to the user';
COMMENT ON COLUMN outbox.events IS 'a JSON array: of each event its name and what the step does not say; where there is no step, { name, data }';
COMMENT ON COLUMN outbox.process_id IS 'with step_n the step whose events these are; null where they are written whole';
COMMENT ON COLUMN outbox.traceparent IS 'what they were announced in, for whoever brings them; null where no traces are kept';
CREATE INDEX outbox_age ON outbox USING brin (created_at);

-- Announces so many events to a user, given as a JSON array, of a step or of none. Called last in a business
-- transaction, for users in the order of their ids: the counters are locked until that commits, which makes the numbers
-- gapless.
CREATE FUNCTION announce(p_user_id uuid, p_many integer, p_events text, p_process_id uuid, p_step_n integer,
  p_traceparent text DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_last bigint;
BEGIN
  UPDATE user_sequences SET last_seq = last_seq + p_many WHERE user_id = p_user_id RETURNING last_seq INTO v_last;
  IF NOT FOUND THEN
    INSERT INTO user_sequences AS sequence (user_id, last_seq) VALUES (p_user_id, p_many)
    ON CONFLICT (user_id) DO UPDATE SET last_seq = sequence.last_seq + EXCLUDED.last_seq
    RETURNING last_seq INTO v_last;
  END IF;
  INSERT INTO outbox (user_id, last_seq, first_seq, events, process_id, step_n, traceparent)
  VALUES (p_user_id, v_last, v_last - p_many + 1, p_events, p_process_id, p_step_n, p_traceparent);
END $$;

-- Announces to several people at once, given in the order of their ids: of each how many events, and those as a JSON array.
-- What each was told is numbered from `first` on.
CREATE FUNCTION announce_together(p_users uuid[], p_many integer[], p_events text[], p_traceparent text)
RETURNS TABLE (hearer uuid, first bigint, at timestamptz) LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_user uuid;
BEGIN
  IF cardinality(p_users) > (SELECT count(*) FROM user_sequences WHERE user_id = ANY (p_users)) THEN
    -- Made and locked one after the other: what is made first of all would come in no order with what is locked.
    FOREACH v_user IN ARRAY p_users LOOP
      INSERT INTO user_sequences AS sequence (user_id, last_seq) VALUES (v_user, 0)
      ON CONFLICT (user_id) DO UPDATE SET last_seq = sequence.last_seq;
    END LOOP;
  ELSE
    PERFORM FROM user_sequences WHERE user_id = ANY (p_users) ORDER BY user_id FOR NO KEY UPDATE;
  END IF;

  RETURN QUERY
  WITH counted AS (
    UPDATE user_sequences AS sequence SET last_seq = sequence.last_seq + told.many
    FROM unnest(p_users, p_many, p_events) AS told (user_id, many, events) WHERE sequence.user_id = told.user_id
    RETURNING sequence.user_id, sequence.last_seq, told.many, told.events
  )
  INSERT INTO outbox AS told (user_id, last_seq, first_seq, events, traceparent)
  SELECT counted.user_id, counted.last_seq, counted.last_seq - counted.many + 1, counted.events, p_traceparent FROM counted
  RETURNING told.user_id, told.first_seq, told.created_at;
END $$;

-- What other services are to hear of.
CREATE TABLE publications (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  exchange text NOT NULL,
  routing_key text NOT NULL,
  key text NOT NULL CONSTRAINT publications_once UNIQUE,
  event jsonb NOT NULL,
  occurred_at timestamptz(3) NOT NULL,
  published_at timestamptz(3)
);
COMMENT ON TABLE publications IS 'The second outbox, for other services: small, and never read out of people''s.';
COMMENT ON COLUMN publications.key IS 'derived from what it is about, so that it is published once however often it is asked for; the message''s id there';
CREATE INDEX publications_waiting ON publications (id) WHERE published_at IS NULL;
