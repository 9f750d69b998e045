-- Up Migration

-- A trace is carried with what was done, so that what follows from it belongs to it: a step and the Signals that tell of
-- it, a provider's fact and its booking, an event and its way to a socket. W3C's traceparent; null where nothing is
-- traced, and then it costs nothing.
ALTER TABLE steps ADD COLUMN trace text;
ALTER TABLE inbox ADD COLUMN trace text;
ALTER TABLE outbox ADD COLUMN trace text;
COMMENT ON COLUMN steps.trace IS 'what it was done as part of, as a traceparent; null where nothing was traced';
COMMENT ON COLUMN inbox.trace IS 'what it came by, as a traceparent; null where nothing was traced';
COMMENT ON COLUMN outbox.trace IS 'what announced it, as a traceparent; null where nothing was traced';

-- The same as before, with the trace: whoever gives none, as the release before, writes none.
DROP FUNCTION announce(uuid, integer, text, uuid, integer);
CREATE FUNCTION announce(p_user_id uuid, p_many integer, p_events text, p_process_id uuid, p_step_n integer,
  p_trace text DEFAULT NULL)
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
  INSERT INTO outbox (user_id, last_seq, first_seq, events, process_id, step_n, trace)
  VALUES (p_user_id, v_last, v_last - p_many + 1, p_events, p_process_id, p_step_n, p_trace);
END $$;

-- As before, with the trace of the step.
DROP FUNCTION append_step(uuid, integer, boolean, text, text, uuid, text, text, json, timestamptz, text, json, bigint,
  integer, timestamptz, timestamptz, chat_status, uuid[], uuid[], uuid[], text[], message_type[], integer, json, uuid,
  text, text, bytea, integer, json, json, boolean, uuid, integer, text, uuid, integer, text);
CREATE FUNCTION append_step(
  p_id uuid, p_version integer, p_facts_first boolean,
  -- The step.
  p_command text, p_by text, p_actor_id uuid, p_from text, p_to text, p_data json, p_at timestamptz,
  p_correlation_id text,
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
  p_told boolean, p_user_1 uuid, p_many_1 integer, p_events_1 text, p_user_2 uuid, p_many_2 integer, p_events_2 text,
  -- The trace that it is part of; null where nothing is traced.
  p_trace text DEFAULT NULL
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
    entry, said_before, said, trace)
  VALUES (p_id, v_n, p_command, p_by, p_actor_id, p_from, p_to, p_data, p_at, p_correlation_id, p_deadline, p_entry,
    v_said, v_said + cardinality(p_ids), p_trace);

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
    PERFORM append_more(p_id, v_n, p_at, p_command, p_actor_id, p_data, p_more);
  END IF;

  IF p_user_1 IS NOT NULL THEN
    PERFORM announce(p_user_1, p_many_1, p_events_1, CASE WHEN p_told THEN p_id END, CASE WHEN p_told THEN v_n END,
      p_trace);
  END IF;
  IF p_user_2 IS NOT NULL THEN
    PERFORM announce(p_user_2, p_many_2, p_events_2, CASE WHEN p_told THEN p_id END, CASE WHEN p_told THEN v_n END,
      p_trace);
  END IF;
  RETURN 'written';
END $$;

-- As before; `trace` in it is the step's.
CREATE OR REPLACE FUNCTION append_more(p_id uuid, p_n integer, p_at timestamptz, p_command text, p_actor_id uuid, p_data json,
  p_more json) RETURNS void LANGUAGE plpgsql AS $$
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

  PERFORM announce(user_id, many, events, NULL, NULL, p_more ->> 'trace')
  FROM json_to_recordset(p_more -> 'hearers') AS hearer (user_id uuid, many integer, events text);
END $$;
