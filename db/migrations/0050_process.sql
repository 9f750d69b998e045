-- Up Migration

-- What every machine has in common. A kind's own migration is rows in `machines` and `machine_states`, and its own
-- table where it has one.
CREATE TABLE machines (
  kind text PRIMARY KEY,
  held_at text NOT NULL
);
COMMENT ON TABLE machines IS 'The kinds of process there are, as the code has them; a test compares.';
COMMENT ON COLUMN machines.held_at IS 'the place where what a process holds lies until it is promised: escrow, or hold:<role>';

CREATE TABLE machine_states (
  kind text NOT NULL REFERENCES machines (kind),
  state text NOT NULL,
  rests boolean NOT NULL,
  ends boolean NOT NULL,
  PRIMARY KEY (kind, state),
  CONSTRAINT machine_states_ended_rests CHECK (rests OR NOT ends)
);
COMMENT ON COLUMN machine_states.rests IS 'it has no deadline; every other state ends by itself, as time never stops for money';
COMMENT ON COLUMN machine_states.ends IS 'there is nothing more to wait for';

CREATE TABLE processes (
  id uuid PRIMARY KEY,
  kind text NOT NULL REFERENCES machines (kind),
  variant text,
  state text NOT NULL,
  terms json NOT NULL,
  version integer NOT NULL DEFAULT 0,
  entry integer NOT NULL DEFAULT 1,
  entered_at timestamptz(3) NOT NULL,
  stepped_at timestamptz(3) NOT NULL,
  deadline timestamptz(3),
  held bigint NOT NULL DEFAULT 0 CONSTRAINT processes_held_not_negative CHECK (held >= 0),
  asset text NOT NULL,
  opened json NOT NULL,
  opened_at timestamptz(3) NOT NULL,
  opened_by uuid REFERENCES users (id)
) WITH (fillfactor = 50);
COMMENT ON TABLE processes IS 'What a machine is about. Its one writer is the door; no index knows a column that a click changes.';
COMMENT ON COLUMN processes.variant IS 'which of its kind''s ways it goes; null where there is one';
COMMENT ON COLUMN processes.terms IS 'what the machine needs beside these columns, as its text: nothing in Postgres looks inside';
COMMENT ON COLUMN processes.version IS 'number of the last step';
COMMENT ON COLUMN processes.entry IS 'how many times a state was entered: what a deadline belongs to';
COMMENT ON COLUMN processes.held IS 'lies at its kind''s held_at and is not promised to anybody yet; minor units of asset';
COMMENT ON COLUMN processes.opened IS 'what the opening fixed: with it and its steps a process can be played again';
COMMENT ON COLUMN processes.opened_by IS 'one of those who have a seat; null where nobody opened it, as of a charge-back';

CREATE TABLE seats (
  process_id uuid NOT NULL REFERENCES processes (id),
  role text NOT NULL,
  user_id uuid NOT NULL REFERENCES users (id),
  PRIMARY KEY (process_id, role)
);
COMMENT ON TABLE seats IS 'Who takes part in a process, and as what.';
CREATE INDEX seats_user ON seats (user_id, process_id);

CREATE TABLE quotas (
  user_id uuid NOT NULL REFERENCES users (id),
  kind text NOT NULL REFERENCES machines (kind),
  counted integer NOT NULL,
  since uuid NOT NULL,
  PRIMARY KEY (user_id, kind)
) WITH (fillfactor = 70);
COMMENT ON TABLE quotas IS 'How many processes of a kind somebody has open that they opened. One that ended stays counted until there are as many as may be: then they are counted again, so that no step of theirs has to write here.';
COMMENT ON COLUMN quotas.since IS 'none that they opened before this is open: where the next count begins';

CREATE TABLE steps (
  process_id uuid NOT NULL,
  n integer NOT NULL,
  command text NOT NULL,
  by_role text NOT NULL,
  actor_id uuid,
  from_state text NOT NULL,
  to_state text NOT NULL,
  data json NOT NULL,
  at timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  correlation_id text,
  deadline timestamptz(3),
  entry integer NOT NULL,
  said_before integer,
  said integer,
  traceparent text,
  PRIMARY KEY (process_id, n)
);
COMMENT ON TABLE steps IS 'What was done to a process, numbered without gaps. Its workflow is told every one of them.';
COMMENT ON COLUMN steps.process_id IS 'no reference: append_step, which alone writes here, has the process''s row locked';
COMMENT ON COLUMN steps.correlation_id IS 'of the request that began it: the same stands in the logs of API and worker';
COMMENT ON COLUMN steps.traceparent IS 'what it was taken in, for whoever goes on with it; null where no traces are kept';
COMMENT ON COLUMN steps.deadline IS 'the process''s, after it';
COMMENT ON COLUMN steps.entry IS 'the process''s, after it: a state may be entered anew from itself, which its name does not show';
COMMENT ON COLUMN steps.said_before IS 'its messages are those numbered above this, up to said; null where it said nothing';
CREATE TRIGGER steps_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON steps
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE relays (
  process_id uuid PRIMARY KEY REFERENCES processes (id),
  kind text NOT NULL,
  version integer NOT NULL DEFAULT 0,
  deadline timestamptz(3),
  told integer NOT NULL DEFAULT -1,
  behind boolean NOT NULL DEFAULT true,
  epoch integer NOT NULL DEFAULT 0,
  tries integer NOT NULL DEFAULT 0,
  ring_after timestamptz(3) NOT NULL DEFAULT '2000-01-01',
  look_at timestamptz(3),
  traceparent text
) WITH (fillfactor = 70);
COMMENT ON TABLE relays IS 'What a process''s workflow was told, and when to look after it. Narrow, so that the sweep is answered by two small indexes while processes, which is wide, has none that a click would write. One that ended long ago has none.';
COMMENT ON COLUMN relays.version IS 'the process''s, kept by append_step';
COMMENT ON COLUMN relays.told IS 'the last step its workflow was told, -1 before it was started. A hint: the sweep does not trust it';
COMMENT ON COLUMN relays.behind IS 'whether there are steps after told. A flag, since an index on told would be written with every click';
COMMENT ON COLUMN relays.epoch IS 'raised when everything is to be told again; an acknowledgement of an older one counts for nothing';
COMMENT ON COLUMN relays.ring_after IS 'when the sweep rings next for one that is behind: -infinity where a step promised money, 2000-01-01 where there was another, 2000-01-02 where all is told again. So what just happened goes before what is repeated, and money first';
COMMENT ON COLUMN relays.traceparent IS 'what the process was opened in; null where no traces are kept';
COMMENT ON COLUMN relays.look_at IS 'when the sweep looks whether a deadline has passed, a fact waits or money is promised; never after the deadline but where it was looked at since. A click does not move it on: whoever looks too early does';
CREATE INDEX relays_behind ON relays (kind, ring_after, process_id) WHERE behind;
CREATE INDEX relays_look_at ON relays (kind, look_at, process_id) WHERE look_at IS NOT NULL;

CREATE TABLE promises (
  id uuid PRIMARY KEY,
  process_id uuid NOT NULL REFERENCES processes (id),
  step_n integer NOT NULL,
  kind text NOT NULL,
  amount bigint NOT NULL CONSTRAINT promises_amount_positive CHECK (amount > 0),
  asset text NOT NULL,
  legs json NOT NULL,
  capture_id uuid,
  made_at timestamptz(3) NOT NULL,
  held_up_at timestamptz(3),
  moved_at timestamptz(3),
  done_at timestamptz(3),
  FOREIGN KEY (process_id, step_n) REFERENCES steps (process_id, n),
  CONSTRAINT promises_moved_before_done CHECK (done_at IS NULL OR moved_at IS NOT NULL)
);
COMMENT ON TABLE promises IS 'Every obligation about money, made by a step. The transaction that moves the money sets moved_at; it is done with that, or when a provider says so.';
COMMENT ON COLUMN promises.legs IS '[{ place, amount }]: the one transfer that carries it out; empty where the step''s own transaction moved the money';
COMMENT ON COLUMN promises.capture_id IS 'of what a provider is to give back: the payment it is part of';
COMMENT ON COLUMN promises.held_up_at IS 'since when it waits, as the payment that it is paid from is disputed at its bank';
CREATE INDEX promises_of_process ON promises (process_id, step_n);
CREATE INDEX promises_open ON promises (process_id) WHERE done_at IS NULL;
CREATE INDEX promises_unmoved ON promises (made_at) WHERE moved_at IS NULL;

CREATE TABLE answers (
  account_id uuid NOT NULL,
  path text NOT NULL,
  key text NOT NULL,
  body_hash bytea NOT NULL,
  status integer NOT NULL,
  answer json NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (account_id, path, key)
);
COMMENT ON TABLE answers IS 'What was answered to requests that carried an Idempotency-Key.';
COMMENT ON COLUMN answers.account_id IS 'no reference: checking it would lock the account''s row with every request that carries a key';
CREATE INDEX answers_age ON answers USING brin (created_at);

CREATE TABLE reminders (
  process_id uuid NOT NULL REFERENCES processes (id),
  entry integer NOT NULL,
  kind text NOT NULL,
  sent_at timestamptz(3) NOT NULL,
  PRIMARY KEY (process_id, entry, kind)
);
COMMENT ON TABLE reminders IS 'Reminders that were sent, once an entry and kind.';

-- Appends a step to a process and writes all that comes with it, in one call and so in one round trip: the step, the
-- process after it, what it says in its conversation, promises, orders, tasks, the remembered answer, and last the
-- outbox. The same for every kind: what it names, it is told. Whoever writes several steps in one transaction calls
-- `announce` after the last of them, and gives nobody to announce to here.
--
-- The caller decided on the process as it read it. 'conflict', with nothing written, where that has moved on since:
-- then it reads and decides again. 'repeated', with nothing written, where the idempotency key was answered before.
-- What is found out later than that is raised, which undoes everything: TD001 where a provider's fact came in that has
-- to be booked first.
CREATE FUNCTION append_step(
  p_id uuid, p_version integer, p_facts_first boolean,
  -- The step.
  p_command text, p_by text, p_actor_id uuid, p_from text, p_to text, p_data json, p_at timestamptz,
  p_correlation_id text, p_traceparent text,
  -- The process after it.
  p_terms json, p_held bigint, p_entry integer, p_entered_at timestamptz, p_deadline timestamptz,
  -- What it says: how its chat stands after it (null: it says nothing), and messages in their order. `p_asks` is which
  -- of them asks for `p_action_data`, 0 where the open question is answered and none follows it, null where that stays.
  p_chat chat_status, p_ids uuid[], p_senders uuid[], p_receivers uuid[], p_words text[], p_types message_type[],
  p_asks integer, p_action_data json,
  -- What was answered to an idempotency key; null without one.
  p_account_id uuid, p_path text, p_key text, p_body_hash bytea, p_status integer, p_answer json,
  -- What few steps bring: see `append_more`.
  p_more json,
  -- Events of one or two people, in the order of their ids; `p_told` where they are told from the step when read.
  p_told boolean, p_user_1 uuid, p_many_1 integer, p_events_1 text, p_user_2 uuid, p_many_2 integer, p_events_2 text
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_n CONSTANT integer := p_version + 1;
  v_kind text;
  v_said integer;
  v_said_at timestamptz;
  v_promises CONSTANT boolean := p_more IS NOT NULL AND coalesce(json_array_length(p_more -> 'promises'), 0) > 0;
BEGIN
  -- First, and taken back where the process has moved on: a repeated key so undoes nobody who is written beside it. Of
  -- two with one key the second waits here, and is told that it was answered.
  IF p_key IS NOT NULL THEN
    INSERT INTO answers (account_id, path, key, body_hash, status, answer)
    VALUES (p_account_id, p_path, p_key, p_body_hash, p_status, p_answer) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
      RETURN 'repeated';
    END IF;
  END IF;
  UPDATE processes SET
    state = p_to, terms = p_terms, held = p_held, version = v_n, entry = p_entry, entered_at = p_entered_at,
    stepped_at = p_at, deadline = p_deadline
  WHERE id = p_id AND version = p_version
  RETURNING kind INTO v_kind;
  IF NOT FOUND THEN
    IF p_key IS NOT NULL THEN
      DELETE FROM answers WHERE account_id = p_account_id AND path = p_path AND key = p_key;
    END IF;
    RETURN 'conflict';
  END IF;

  -- A statement of its own, which sees what was committed before the row's lock was had.
  IF p_facts_first AND EXISTS (SELECT FROM inbox WHERE process_id = p_id AND booked_at IS NULL) THEN
    RAISE EXCEPTION 'a fact about process % waits to be booked', p_id USING ERRCODE = 'TD001';
  END IF;
  -- The other way round, a deadline where it rests, is for the invariant: it harms nobody and is not looked for each time.
  IF p_deadline IS NULL
    AND NOT EXISTS (SELECT FROM machine_states WHERE kind = v_kind AND state = p_to AND rests) THEN
    RAISE EXCEPTION '% % without a deadline', v_kind, p_to
      USING ERRCODE = 'check_violation', CONSTRAINT = 'processes_deadline_set', TABLE = 'processes';
  END IF;
  IF p_chat IS NOT NULL THEN
    UPDATE conversations SET
      chat = p_chat, said = said + cardinality(p_ids),
      asked_position = CASE WHEN p_asks IS NULL THEN asked_position WHEN p_asks > 0 THEN said + p_asks END,
      updated_at = GREATEST(updated_at, p_at)
    WHERE id = p_id
    RETURNING said - cardinality(p_ids), updated_at INTO STRICT v_said, v_said_at;
    INSERT INTO messages (conversation_id, position, id, sender_id, receiver_id, message, message_type, action_data,
      created_at)
    SELECT p_id, v_said + place, id, sender_id, receiver_id, words, type, CASE WHEN place = p_asks THEN p_action_data END,
      v_said_at
    FROM unnest(p_ids, p_senders, p_receivers, p_words, p_types) WITH ORDINALITY
      AS message (id, sender_id, receiver_id, words, type, place);
  END IF;

  INSERT INTO steps (process_id, n, command, by_role, actor_id, from_state, to_state, data, at, correlation_id, deadline,
    entry, said_before, said, traceparent)
  VALUES (p_id, v_n, p_command, p_by, p_actor_id, p_from, p_to, p_data, p_at, p_correlation_id, p_deadline, p_entry,
    v_said, v_said + cardinality(p_ids), p_traceparent);

  -- Whatever the sweep gave this process up to, now there is something new.
  UPDATE relays SET version = v_n, deadline = p_deadline, behind = true, tries = 0,
    look_at = LEAST(look_at, p_deadline, CASE WHEN v_promises THEN p_at END),
    ring_after = CASE WHEN v_promises THEN '-infinity' ELSE LEAST(ring_after, '2000-01-01') END
  WHERE process_id = p_id;
  IF NOT FOUND THEN
    -- It had ended so long ago that its row was forgotten: its workflow begins anew.
    INSERT INTO relays (process_id, kind, version, deadline, look_at)
    VALUES (p_id, v_kind, v_n, p_deadline, LEAST(p_deadline, CASE WHEN v_promises THEN p_at END));
  END IF;

  IF p_more IS NOT NULL THEN
    PERFORM append_more(p_id, v_n, p_at, p_command, p_actor_id, p_data, p_more, p_traceparent);
  END IF;

  IF p_user_1 IS NOT NULL THEN
    PERFORM announce(p_user_1, p_many_1, p_events_1, CASE WHEN p_told THEN p_id END, CASE WHEN p_told THEN v_n END,
      p_traceparent);
  END IF;
  IF p_user_2 IS NOT NULL THEN
    PERFORM announce(p_user_2, p_many_2, p_events_2, CASE WHEN p_told THEN p_id END, CASE WHEN p_told THEN v_n END,
      p_traceparent);
  END IF;
  RETURN 'written';
END $$;

-- { promises, orders, tasks, closes: { orders: whether none can be paid any more, tasks: the kind of task that is
-- decided by this step }, hearers: more than two, in the order of their ids }.
CREATE FUNCTION append_more(p_id uuid, p_n integer, p_at timestamptz, p_command text, p_actor_id uuid, p_data json,
  p_more json, p_traceparent text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO promises (id, process_id, step_n, kind, amount, asset, legs, capture_id, made_at)
  SELECT id, p_id, p_n, kind, amount, asset, legs, capture_id, p_at
  FROM json_to_recordset(p_more -> 'promises')
    AS promise (id uuid, kind text, amount bigint, asset text, legs json, capture_id uuid);

  INSERT INTO payment_orders (id, process_id, payer_id, provider, amount, currency, description, expires_at,
    created_at)
  SELECT id, p_id, payer_id, provider, amount, currency, description, expires_at, p_at
  FROM json_to_recordset(p_more -> 'orders') AS new_order (id uuid, payer_id uuid, provider text, amount bigint,
    currency text, description text, expires_at timestamptz);

  INSERT INTO tasks (id, key, kind, process_id, details, opened_at)
  SELECT id, key, kind, p_id, details, p_at
  FROM json_to_recordset(p_more -> 'tasks') AS task (id uuid, key text, kind text, details jsonb)
  ON CONFLICT (key) DO NOTHING;

  -- An order that can no longer be paid in time is closed; its id stays known.
  IF (p_more -> 'closes' ->> 'orders')::boolean THEN
    UPDATE payment_orders SET closed_at = p_at WHERE process_id = p_id AND closed_at IS NULL;
  END IF;
  IF p_more -> 'closes' ->> 'tasks' IS NOT NULL THEN
    UPDATE tasks SET closed_at = p_at, decided_by = p_actor_id,
      decision = jsonb_build_object('command', p_command, 'data', p_data)
    WHERE process_id = p_id AND kind = p_more -> 'closes' ->> 'tasks' AND closed_at IS NULL;
  END IF;

  PERFORM announce(user_id, many, events, NULL, NULL, p_traceparent)
  FROM json_to_recordset(p_more -> 'hearers') AS hearer (user_id uuid, many integer, events text);
END $$;

-- Remembers what was answered to an idempotency key where a process takes no step: a refusal above all, or a delayed
-- copy could be applied after its sender was told no. 'conflict', with nothing written, where the process has moved on
-- or a fact waits; 'repeated' where the key is known.
CREATE FUNCTION remember_answer(p_id uuid, p_version integer, p_account_id uuid, p_path text, p_key text,
  p_body_hash bytea, p_status integer, p_answer json) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_version integer;
BEGIN
  -- The key before the row, as in `append_step`: the other way round the two would wait for each other.
  INSERT INTO answers (account_id, path, key, body_hash, status, answer)
  VALUES (p_account_id, p_path, p_key, p_body_hash, p_status, p_answer) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN 'repeated';
  END IF;
  SELECT version INTO STRICT v_version FROM processes WHERE id = p_id FOR NO KEY UPDATE;
  IF v_version <> p_version OR EXISTS (SELECT FROM inbox WHERE process_id = p_id AND booked_at IS NULL) THEN
    DELETE FROM answers WHERE account_id = p_account_id AND path = p_path AND key = p_key;
    RETURN 'conflict';
  END IF;
  RETURN 'written';
END $$;
