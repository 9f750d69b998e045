-- Up Migration

-- A click writes less: nothing that follows from what is written beside it, JSON as its text (nothing here looks inside,
-- and reading it into jsonb was a sixth of a click), one row of events a person, one index of messages instead of two.

-- What state and terms say is derived from them when it is read.
ALTER TABLE conversations
  DROP COLUMN chat_status, DROP COLUMN awaiting_role, DROP COLUMN automation_enabled, DROP COLUMN current_action_data,
  DROP COLUMN work_submission, DROP COLUMN work_submitted, DROP COLUMN work_status, DROP COLUMN submission_date,
  ALTER COLUMN flow_data TYPE json,
  -- How many messages there are: the number of the last.
  ADD COLUMN said integer NOT NULL DEFAULT 0,
  -- The message whose question is open.
  ADD COLUMN asked_position integer;
DROP TYPE chat_status;
DROP TYPE party;

-- Messages are numbered per conversation, under its row's lock. A question is answered when it is not the one that the
-- conversation asks; what is not said by a person is automated.
ALTER TABLE messages ADD COLUMN place integer;
UPDATE messages SET place = numbered.place
FROM (SELECT id, row_number() OVER (PARTITION BY conversation_id ORDER BY position) AS place FROM messages) AS numbered
WHERE numbered.id = messages.id;
UPDATE conversations SET said = counted.said, asked_position = counted.asked
FROM (
  SELECT conversation_id, max(place) AS said, max(place) FILTER (WHERE messages.id = asked_message_id) AS asked
  FROM messages JOIN conversations ON conversations.id = conversation_id GROUP BY conversation_id
) AS counted
WHERE counted.conversation_id = conversations.id;
ALTER TABLE conversations DROP COLUMN asked_message_id;
DROP INDEX messages_newest;
ALTER TABLE messages
  DROP COLUMN action_required, DROP COLUMN action_completed, DROP COLUMN is_automated, DROP COLUMN position,
  DROP CONSTRAINT messages_pkey,
  ALTER COLUMN action_data TYPE json;
ALTER TABLE messages RENAME COLUMN place TO position;
ALTER TABLE messages ADD PRIMARY KEY (conversation_id, position);

-- The relay's list, so that a click changes no column that an index knows: an update that does writes every index, and a
-- deal that is clicked a thousand times leaves a thousand entries to be walked through by whoever looks for it.
DROP INDEX relays_untold, relays_deadline;
ALTER TABLE relays
  -- Whether there are steps after `told`.
  ADD COLUMN behind boolean NOT NULL DEFAULT true,
  -- When to look whether the deadline has passed: never after it, and moved on to it by whoever looked too early.
  ADD COLUMN look_at timestamptz(3);
UPDATE relays SET behind = told < version, look_at = deadline;
CREATE INDEX relays_behind ON relays (conversation_id) WHERE behind;
CREATE INDEX relays_look_at ON relays (look_at) WHERE look_at IS NOT NULL;

ALTER TABLE steps ALTER COLUMN data TYPE json;

ALTER TABLE answers ALTER COLUMN answer TYPE json;
DROP INDEX answers_age;
CREATE INDEX answers_age ON answers USING brin (created_at);

-- The outbox, a row for each person and transaction: `events` is a JSON array of { name, data } as it was written,
-- numbered from `first_seq` to `last_seq`.
CREATE TABLE outbox (
  -- Has a counter, which refers to the user.
  user_id uuid NOT NULL,
  last_seq bigint NOT NULL,
  first_seq bigint NOT NULL,
  events text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (user_id, last_seq)
-- Compressing rows of 3 KB costs more than writing them.
) WITH (toast_tuple_target = 8160);
INSERT INTO outbox (user_id, last_seq, first_seq, events, created_at)
SELECT user_id, seq, seq, json_build_array(json_build_object('name', name, 'data', data))::text, created_at FROM events;
DROP TABLE events;
ALTER TABLE user_sequences SET (fillfactor = 50);

DROP FUNCTION announce(jsonb);
DROP FUNCTION append_step(jsonb);

-- Announces so many events to a user, given as a JSON array of { name, data }. Called last in a business transaction,
-- for users in the order of their ids: the counters are locked until that commits, which makes the numbers gapless.
CREATE FUNCTION announce(p_user_id uuid, p_many integer, p_events text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_last bigint;
BEGIN
  UPDATE user_sequences SET last_seq = last_seq + p_many WHERE user_id = p_user_id RETURNING last_seq INTO v_last;
  IF NOT FOUND THEN
    INSERT INTO user_sequences AS sequence (user_id, last_seq) VALUES (p_user_id, p_many)
    ON CONFLICT (user_id) DO UPDATE SET last_seq = sequence.last_seq + EXCLUDED.last_seq
    RETURNING last_seq INTO v_last;
  END IF;
  INSERT INTO outbox (user_id, last_seq, first_seq, events) VALUES (p_user_id, v_last, v_last - p_many + 1, p_events);
END $$;

-- Appends a step to a deal and writes all that comes with it, in one call and so in one round trip: the step, the deal's
-- new state, messages, promises, an order, the remembered answer, and last the outbox. Who writes several steps in one
-- transaction calls `announce` after the last of them, and gives nobody to announce to here.
--
-- The caller decided on the deal as it read it; false, with nothing written, when the deal has moved on since: then it
-- reads and decides again. What is found out later than that is raised, which undoes everything: TD001 where a
-- provider's fact came in that has to be booked first, and the constraint `answers_pkey` where the same idempotency
-- key was answered before.
CREATE FUNCTION append_step(
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

  INSERT INTO steps (conversation_id, n, command, by_role, actor_id, from_state, to_state, data, at, correlation_id)
  VALUES (p_id, v_n, p_command, p_by, p_actor_id, p_from, p_to, p_data, p_at, p_correlation_id);

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
    PERFORM announce(p_user_1, p_many_1, p_events_1);
  END IF;
  IF p_user_2 IS NOT NULL THEN
    PERFORM announce(p_user_2, p_many_2, p_events_2);
  END IF;
  RETURN true;
END $$;

CREATE FUNCTION append_more(p_id uuid, p_n integer, p_at timestamptz, p_more json) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO promises (id, conversation_id, step_n, kind, amount, fee, asset, capture_id, made_at)
  SELECT id, p_id, p_n, kind, amount, fee, asset, capture_id, p_at
  FROM json_to_recordset(p_more -> 'promises')
    AS promise (id uuid, kind text, amount bigint, fee bigint, asset text, capture_id uuid);

  INSERT INTO payment_orders (id, conversation_id, payer_id, provider, amount, currency, description, expires_at,
    created_at)
  SELECT id, p_id, payer_id, provider, amount, currency, description, expires_at, p_at
  FROM json_to_recordset(p_more -> 'orders') AS new_order (id uuid, payer_id uuid, provider text, amount bigint,
    currency text, description text, expires_at timestamptz);

  INSERT INTO tasks (id, key, kind, conversation_id, details, opened_at)
  SELECT id, key, kind, p_id, details, p_at
  FROM json_to_recordset(p_more -> 'tasks') AS task (id uuid, key text, kind text, details jsonb)
  ON CONFLICT (key) DO NOTHING;
END $$;

-- Remembers what was answered to an idempotency key where a deal takes no step: a refusal above all, or a delayed copy
-- could be applied after its sender was told no. 'conflict', with nothing written, where the deal has moved on or a fact
-- waits; 'repeated' where the key is known.
CREATE FUNCTION remember_answer(p_id uuid, p_version integer, p_account_id uuid, p_path text, p_key text,
  p_body_hash bytea, p_status integer, p_answer json) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_version integer;
BEGIN
  SELECT version INTO STRICT v_version FROM conversations WHERE id = p_id FOR NO KEY UPDATE;
  IF v_version <> p_version OR EXISTS (SELECT FROM inbox WHERE conversation_id = p_id AND booked_at IS NULL) THEN
    RETURN 'conflict';
  END IF;
  INSERT INTO answers (account_id, path, key, body_hash, status, answer)
  VALUES (p_account_id, p_path, p_key, p_body_hash, p_status, p_answer) ON CONFLICT DO NOTHING;
  RETURN CASE WHEN FOUND THEN 'written' ELSE 'repeated' END;
END $$;
