-- Up Migration

-- Appends a step to a deal and writes all that comes with it, in one call and so in one round trip: the step, the deal's
-- new state, messages, promises, an order, the remembered answer, and last the outbox.
--
-- The caller decided on the deal as it read it; under the row's lock this refuses ('conflict') when the deal has moved
-- on since, or when a provider's fact came in that has to be booked first, and the caller reads and decides again.
-- 'repeated' gives back what was answered to the same idempotency key. A refusal is remembered the same way: with a
-- key and no step.
CREATE FUNCTION append_step(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_id uuid := (p ->> 'conversation_id')::uuid;
  v_step jsonb := p -> 'step';
  v_deal jsonb := p -> 'deal';
  v_key jsonb := p -> 'key';
  v_at timestamptz := (v_step ->> 'at')::timestamptz;
  v_state flow_state := v_deal ->> 'flow_state';
  v_deadline timestamptz := v_deal ->> 'deadline';
  v_version integer;
  v_asked uuid;
  v_answer answers;
BEGIN
  SELECT version, asked_message_id INTO STRICT v_version, v_asked FROM conversations WHERE id = v_id FOR NO KEY UPDATE;

  IF v_version <> (p ->> 'version')::integer OR (
    (p ->> 'facts_first')::boolean AND EXISTS (SELECT FROM inbox WHERE conversation_id = v_id AND booked_at IS NULL)
  ) THEN
    RETURN jsonb_build_object('outcome', 'conflict');
  END IF;

  IF v_key IS NOT NULL THEN
    INSERT INTO answers (account_id, path, key, body_hash, status, answer)
    VALUES ((v_key ->> 'account_id')::uuid, v_key ->> 'path', v_key ->> 'key', decode(v_key ->> 'body_hash', 'hex'),
      (v_key ->> 'status')::integer, v_key -> 'answer')
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
      SELECT * INTO STRICT v_answer FROM answers
      WHERE account_id = (v_key ->> 'account_id')::uuid AND path = v_key ->> 'path' AND key = v_key ->> 'key';
      RETURN jsonb_build_object('outcome', 'repeated', 'status', v_answer.status, 'answer', v_answer.answer,
        'body_hash', encode(v_answer.body_hash, 'hex'));
    END IF;
  END IF;

  IF v_step IS NOT NULL THEN
    IF (v_deadline IS NULL) <> needs_no_deadline(v_state) THEN
      RAISE EXCEPTION '% %', v_state, CASE WHEN v_deadline IS NULL THEN 'without a deadline' ELSE 'with a deadline' END
        USING ERRCODE = 'check_violation', CONSTRAINT = 'conversations_deadline_set', TABLE = 'conversations';
    END IF;

    INSERT INTO steps (conversation_id, n, command, by_role, actor_id, from_state, to_state, data, at,
      correlation_id)
    VALUES (v_id, (v_step ->> 'n')::integer, v_step ->> 'on', (v_step ->> 'by')::step_role,
      (v_step ->> 'actor')::uuid, (v_step ->> 'from')::flow_state, (v_step ->> 'to')::flow_state, v_step -> 'data', v_at, v_step ->> 'correlation_id');

    UPDATE conversations SET
      flow_state = v_state,
      awaiting_role = (v_deal ->> 'awaiting_role')::party,
      chat_status = (v_deal ->> 'chat_status')::chat_status,
      automation_enabled = (v_deal ->> 'chat_status') = 'automated',
      current_action_data = nullif(v_deal -> 'current_action_data', 'null'),
      flow_data = v_deal -> 'flow_data',
      work_submission = nullif(v_deal -> 'work_submission', 'null'),
      work_submitted = (v_deal ->> 'work_submitted')::boolean,
      work_status = v_deal ->> 'work_status',
      submission_date = (v_deal ->> 'submission_date')::timestamptz,
      version = (v_step ->> 'n')::integer,
      entry = (v_deal ->> 'entry')::integer,
      entered_at = (v_deal ->> 'entered_at')::timestamptz,
      stepped_at = v_at,
      deadline = v_deadline,
      is_open = v_state <> 'chat_closed',
      asked_message_id = CASE WHEN (p ->> 'answers_question')::boolean THEN (p ->> 'asked_message_id')::uuid
        ELSE asked_message_id END,
      updated_at = v_at
    WHERE id = v_id;

    -- Whatever the sweep gave this deal up to, now there is something new.
    UPDATE relays SET version = (v_step ->> 'n')::integer, deadline = v_deadline,
      tries = 0, ring_after = '-infinity'
    WHERE conversation_id = v_id;

    IF v_asked IS NOT NULL AND (p ->> 'answers_question')::boolean THEN
      UPDATE messages SET action_completed = true WHERE id = v_asked;
    END IF;

    INSERT INTO messages (id, conversation_id, sender_id, receiver_id, message, message_type, action_required,
      action_data, is_automated, seen, created_at)
    SELECT id, v_id, sender_id, receiver_id, message, message_type, action_required,
      nullif(action_data, 'null'), is_automated, seen, v_at
    FROM jsonb_to_recordset(p -> 'messages') AS message (id uuid, sender_id uuid, receiver_id uuid, message text,
      message_type message_type, action_required boolean, action_data jsonb, is_automated boolean, seen boolean);

    IF p ? 'promises' THEN
      INSERT INTO promises (id, conversation_id, step_n, kind, amount, fee, asset, capture_id, made_at)
      SELECT id, v_id, (v_step ->> 'n')::integer, kind, amount, fee, asset, capture_id, v_at
      FROM jsonb_to_recordset(p -> 'promises')
        AS promise (id uuid, kind text, amount bigint, fee bigint, asset text, capture_id uuid);
    END IF;

    IF p ? 'order' THEN
      INSERT INTO payment_orders (id, conversation_id, payer_id, provider, amount, currency, description, expires_at, created_at)
      SELECT id, v_id, payer_id, provider, amount, currency, description, expires_at, v_at
      FROM jsonb_to_record(p -> 'order') AS new_order (id uuid, payer_id uuid, provider text, amount bigint,
        currency text, description text, expires_at timestamptz);
    END IF;

    -- An order that can no longer be paid in time is closed; its id stays known.
    IF v_step ->> 'from' = 'payment_pending' AND v_step ->> 'to' <> 'payment_pending' THEN
      UPDATE payment_orders SET closed_at = v_at WHERE conversation_id = v_id AND closed_at IS NULL;
    END IF;

    IF p ? 'task' THEN
      INSERT INTO tasks (id, key, kind, conversation_id, details, opened_at)
      SELECT id, key, kind, v_id, details, v_at
      FROM jsonb_to_record(p -> 'task') AS task (id uuid, key text, kind text, details jsonb)
      ON CONFLICT (key) DO NOTHING;
    END IF;

    IF v_step ->> 'from' = 'disputed' AND v_step ->> 'to' <> 'disputed' THEN
      UPDATE tasks SET closed_at = v_at, decided_by = (v_step ->> 'actor')::uuid,
        decision = jsonb_build_object('command', v_step ->> 'on', 'data', v_step -> 'data')
      WHERE conversation_id = v_id AND kind = 'dispute' AND closed_at IS NULL;
    END IF;
  END IF;

  IF v_step IS NOT NULL THEN
    PERFORM announce(p -> 'events');
  END IF;
  RETURN jsonb_build_object('outcome', 'written');
END $$;
