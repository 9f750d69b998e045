-- Up Migration

-- What a step announces is told from the step and its messages when somebody reads it. The outbox keeps what it has
-- numbered, and not a second and third time what is written beside it.

ALTER TABLE steps
  -- The deal's, after it.
  ADD COLUMN deadline timestamptz(3),
  -- Its messages are those numbered above the first, up to the second. Null where the outbox has its events whole.
  ADD COLUMN said_before integer,
  ADD COLUMN said integer;

ALTER TABLE outbox
  -- The step whose events these are: `events` then has of each its name and what the step does not say. Null where it
  -- is about no step, or of before: then each is { name, data }.
  ADD COLUMN conversation_id uuid,
  ADD COLUMN step_n integer;

DROP FUNCTION announce(uuid, integer, text);

-- Announces so many events to a user, given as a JSON array, of a step or of none. Called last in a business
-- transaction, for users in the order of their ids: the counters are locked until that commits, which makes the numbers
-- gapless.
CREATE FUNCTION announce(p_user_id uuid, p_many integer, p_events text, p_conversation_id uuid, p_step_n integer)
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
  INSERT INTO outbox (user_id, last_seq, first_seq, events, conversation_id, step_n)
  VALUES (p_user_id, v_last, v_last - p_many + 1, p_events, p_conversation_id, p_step_n);
END $$;

-- As before, but for what it keeps of the step and tells `announce`.
CREATE OR REPLACE FUNCTION append_step(
  p_id uuid, p_version integer, p_facts_first boolean,
  -- The step.
  p_command text, p_by step_role, p_actor_id uuid, p_from flow_state, p_to flow_state, p_data json, p_at timestamptz,
  p_correlation_id text,
  -- The deal after it.
  p_flow_data json, p_entry integer, p_entered_at timestamptz, p_deadline timestamptz,
  -- Messages, in their order; `p_asks` is which of them asks for `p_action_data`, 0 where the open question is
  -- answered and none follows it, null where that stays open.
  p_ids uuid[], p_senders uuid[], p_receivers uuid[], p_words text[], p_types message_type[],
  p_asks integer, p_action_data json,
  -- What was answered to an idempotency key; null without one.
  p_account_id uuid, p_path text, p_key text, p_body_hash bytea, p_status integer, p_answer json,
  -- What few steps bring: { promises, orders, tasks }.
  p_more json,
  -- Events of one or both parties, in the order of their ids.
  p_user_1 uuid, p_many_1 integer, p_events_1 text, p_user_2 uuid, p_many_2 integer, p_events_2 text
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  v_n CONSTANT integer := p_version + 1;
  v_many CONSTANT integer := cardinality(p_ids);
  v_said integer;
BEGIN
  UPDATE conversations SET
    flow_state = p_to, flow_data = p_flow_data, version = v_n, entry = p_entry, entered_at = p_entered_at,
    stepped_at = p_at, deadline = p_deadline, is_open = p_to <> 'chat_closed', said = said + v_many,
    asked_position = CASE WHEN p_asks IS NULL THEN asked_position WHEN p_asks > 0 THEN said + p_asks END,
    updated_at = p_at
  WHERE id = p_id AND version = p_version
  RETURNING said - v_many INTO v_said;
  IF NOT FOUND THEN
    RETURN false;
  END IF;

  -- A statement of its own, which sees what was committed before the row's lock was had.
  IF p_facts_first AND EXISTS (SELECT FROM inbox WHERE conversation_id = p_id AND booked_at IS NULL) THEN
    RAISE EXCEPTION 'a fact about deal % waits to be booked', p_id USING ERRCODE = 'TD001';
  END IF;
  IF (p_deadline IS NULL) <> needs_no_deadline(p_to) THEN
    RAISE EXCEPTION '% %', p_to, CASE WHEN p_deadline IS NULL THEN 'without a deadline' ELSE 'with a deadline' END
      USING ERRCODE = 'check_violation', CONSTRAINT = 'conversations_deadline_set', TABLE = 'conversations';
  END IF;

  IF p_key IS NOT NULL THEN
    INSERT INTO answers (account_id, path, key, body_hash, status, answer)
    VALUES (p_account_id, p_path, p_key, p_body_hash, p_status, p_answer);
  END IF;

  INSERT INTO steps (conversation_id, n, command, by_role, actor_id, from_state, to_state, data, at, correlation_id,
    deadline, said_before, said)
  VALUES (p_id, v_n, p_command, p_by, p_actor_id, p_from, p_to, p_data, p_at, p_correlation_id, p_deadline, v_said,
    v_said + v_many);

  -- Whatever the sweep gave this deal up to, now there is something new.
  UPDATE relays SET version = v_n, deadline = p_deadline, behind = true, look_at = LEAST(look_at, p_deadline), tries = 0,
    ring_after = '-infinity'
  WHERE conversation_id = p_id;

  INSERT INTO messages (conversation_id, position, id, sender_id, receiver_id, message, message_type, action_data,
    seen, created_at)
  SELECT p_id, v_said + place, id, sender_id, receiver_id, words, type, CASE WHEN place = p_asks THEN p_action_data END,
    type = 'audit', p_at
  FROM unnest(p_ids, p_senders, p_receivers, p_words, p_types) WITH ORDINALITY
    AS message (id, sender_id, receiver_id, words, type, place);

  IF p_more IS NOT NULL THEN
    PERFORM append_more(p_id, v_n, p_at, p_more);
  END IF;

  -- An order that can no longer be paid in time is closed; its id stays known.
  IF p_from = 'payment_pending' AND p_to <> 'payment_pending' THEN
    UPDATE payment_orders SET closed_at = p_at WHERE conversation_id = p_id AND closed_at IS NULL;
  END IF;

  IF p_from = 'disputed' AND p_to <> 'disputed' THEN
    UPDATE tasks SET closed_at = p_at, decided_by = p_actor_id,
      decision = jsonb_build_object('command', p_command, 'data', p_data)
    WHERE conversation_id = p_id AND kind = 'dispute' AND closed_at IS NULL;
  END IF;

  IF p_user_1 IS NOT NULL THEN
    PERFORM announce(p_user_1, p_many_1, p_events_1, p_id, v_n);
  END IF;
  IF p_user_2 IS NOT NULL THEN
    PERFORM announce(p_user_2, p_many_2, p_events_2, p_id, v_n);
  END IF;
  RETURN true;
END $$;
