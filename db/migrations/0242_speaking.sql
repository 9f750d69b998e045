-- Up Migration

-- What one of two says to the other, in one call: its lock, its row, what is unread by then, and what both are told.
-- What is only known under the lock is put into the events' text here: of JSON, `"unreadCount":-1` and a time that is
-- empty are nothing but these fields, as a quote within a text has a backslash before it.
CREATE FUNCTION speak_to_other(
  p_conversation_id uuid, p_id uuid, p_sender_id uuid, p_receiver_id uuid, p_message text, p_media_url text,
  p_content content_type, p_now timestamptz, p_sender_many integer, p_sender_events text, p_receiver_many integer,
  p_receiver_events text
) RETURNS TABLE (
  place integer, spoken_at timestamptz(3), unread integer, sender_seq bigint, sender_told_at timestamptz(3),
  receiver_seq bigint, receiver_told_at timestamptz(3)
) LANGUAGE plpgsql AS $$
DECLARE
  v_time text;
BEGIN
  -- First, for the lock: nobody closes it while this is written.
  UPDATE conversations SET said = said + 1, updated_at = greatest(updated_at, p_now)
  WHERE id = p_conversation_id AND chat = 'real_time' AND influencer_id IS NOT NULL
  RETURNING said, updated_at INTO place, spoken_at;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  INSERT INTO messages (conversation_id, position, id, sender_id, receiver_id, message, media_url, message_type, content,
    created_at)
  VALUES (p_conversation_id, place, p_id, p_sender_id, p_receiver_id, p_message, p_media_url, 'user_input', p_content,
    spoken_at);
  -- A statement of its own, after the lock: what was said before is in it. As `unreadWith` counts between two.
  SELECT count(*) INTO unread FROM members JOIN messages USING (conversation_id)
  WHERE members.conversation_id = p_conversation_id AND members.user_id = p_receiver_id AND position > read_position
    AND sender_id <> p_receiver_id AND message_type <> 'audit'
    AND (receiver_id IS NULL OR receiver_id = p_receiver_id);
  v_time := to_char(spoken_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
  p_sender_events := replace(p_sender_events, '"created_at":""', '"created_at":"' || v_time || '"');
  p_receiver_events := replace(replace(replace(p_receiver_events, '"created_at":""', '"created_at":"' || v_time || '"'),
    '"timestamp":""', '"timestamp":"' || v_time || '"'), '"unreadCount":-1', '"unreadCount":' || unread);
  -- Last, in the order of ids: the counters are locked until the commit.
  IF p_sender_id < p_receiver_id THEN
    PERFORM announce(p_sender_id, p_sender_many, p_sender_events, NULL, NULL);
    PERFORM announce(p_receiver_id, p_receiver_many, p_receiver_events, NULL, NULL);
  ELSE
    PERFORM announce(p_receiver_id, p_receiver_many, p_receiver_events, NULL, NULL);
    PERFORM announce(p_sender_id, p_sender_many, p_sender_events, NULL, NULL);
  END IF;
  SELECT last_seq, created_at INTO sender_seq, sender_told_at FROM outbox
  WHERE user_id = p_sender_id ORDER BY last_seq DESC LIMIT 1;
  SELECT last_seq, created_at INTO receiver_seq, receiver_told_at FROM outbox
  WHERE user_id = p_receiver_id ORDER BY last_seq DESC LIMIT 1;
  RETURN NEXT;
END $$;
