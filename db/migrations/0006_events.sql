-- Up Migration

-- Answers to requests that carried an Idempotency-Key.
CREATE TABLE answers (
  -- Not a reference: checking it would lock the account's row with every request that carries a key.
  account_id uuid NOT NULL,
  path text NOT NULL,
  key text NOT NULL,
  body_hash bytea NOT NULL,
  status integer NOT NULL,
  answer jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (account_id, path, key)
);
CREATE INDEX answers_age ON answers (created_at);

-- The outbox: what each user is to hear of, numbered per user without gaps.
CREATE TABLE user_sequences (
  user_id uuid PRIMARY KEY REFERENCES users (id),
  last_seq bigint NOT NULL
);

CREATE TABLE events (
  -- Has a counter, which refers to the user.
  user_id uuid NOT NULL,
  seq bigint NOT NULL,
  name text NOT NULL,
  data jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (user_id, seq)
);

-- Announces events, given as [{ user_id, events: [{ name, data }] }] in the order of user ids, which is the order in
-- which their counters are locked. Called last in a business transaction: the counters are held until that commits,
-- which is what makes the numbers gapless.
CREATE FUNCTION announce(p_events jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_user record;
  v_last bigint;
BEGIN
  FOR v_user IN
    SELECT (element ->> 'user_id')::uuid AS id, element -> 'events' AS events,
      jsonb_array_length(element -> 'events') AS many
    FROM jsonb_array_elements(p_events) AS element
  LOOP
    UPDATE user_sequences SET last_seq = last_seq + v_user.many WHERE user_id = v_user.id RETURNING last_seq INTO v_last;
    IF NOT FOUND THEN
      INSERT INTO user_sequences AS sequence (user_id, last_seq) VALUES (v_user.id, v_user.many)
      ON CONFLICT (user_id) DO UPDATE SET last_seq = sequence.last_seq + EXCLUDED.last_seq
      RETURNING last_seq INTO v_last;
    END IF;
    INSERT INTO events (user_id, seq, name, data)
    SELECT v_user.id, v_last - v_user.many + ordinality, event ->> 'name', event -> 'data'
    FROM jsonb_array_elements(v_user.events) WITH ORDINALITY AS element (event, ordinality);
  END LOOP;
END $$;
