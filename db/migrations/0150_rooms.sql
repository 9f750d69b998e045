-- Up Migration

-- Rooms are conversations of many: they have members and no sides. Everything that a conversation has, they have.

CREATE TYPE content_type AS ENUM ('text', 'image', 'video', 'audio', 'gif', 'sticker');

ALTER TABLE conversations ALTER COLUMN influencer_id DROP NOT NULL;
COMMENT ON COLUMN conversations.brand_owner_id IS 'one side; of a direct conversation and of a room whoever opened it';
COMMENT ON COLUMN conversations.influencer_id IS 'the other side; null in a room, which has members and no sides';

DROP TRIGGER conversations_about_one ON conversations;
CREATE TRIGGER conversations_about_one BEFORE INSERT OR UPDATE OF kind, campaign_id, bid_id, brand_owner_id, influencer_id
  ON conversations FOR EACH ROW WHEN (
    (NEW.kind = 'campaign') <> (NEW.campaign_id IS NOT NULL) OR (NEW.kind = 'bid') <> (NEW.bid_id IS NOT NULL)
    OR (NEW.kind IN ('group', 'public')) <> (NEW.influencer_id IS NULL)
    OR NEW.brand_owner_id = NEW.influencer_id OR NEW.kind NOT IN ('direct', 'campaign', 'bid', 'group', 'public')
  ) EXECUTE FUNCTION refuse_conversation();
CREATE INDEX conversations_public ON conversations (id) WHERE kind = 'public';

CREATE TABLE rooms (
  id uuid PRIMARY KEY REFERENCES conversations (id),
  name text,
  many integer NOT NULL CONSTRAINT rooms_many CHECK (many BETWEEN 0 AND 5000),
  told_apart boolean NOT NULL
);
COMMENT ON TABLE rooms IS 'What a conversation of many has beside: written under its conversation''s lock.';
COMMENT ON COLUMN rooms.many IS 'how many members there are';
COMMENT ON COLUMN rooms.told_apart IS 'too many to be told by the sender''s own transaction: see tellings. Once true, it stays: what is told in both ways would come out of order';

CREATE TABLE tellings (
  conversation_id uuid PRIMARY KEY REFERENCES rooms (id),
  told integer NOT NULL,
  until integer,
  last_user_id uuid,
  CONSTRAINT tellings_go_on CHECK (until > told AND (until IS NOT NULL OR last_user_id IS NULL))
);
COMMENT ON TABLE tellings IS 'How far a room''s members have been told what was said there, by whoever has the row locked. A sender does not touch it, and so never waits.';
COMMENT ON COLUMN tellings.told IS 'everybody was told up to this message';
COMMENT ON COLUMN tellings.until IS 'up to which message they are being told now, in the order of their ids; null: nobody is';
COMMENT ON COLUMN tellings.last_user_id IS 'the last of them who was';

ALTER TABLE members
  ADD COLUMN role text NOT NULL DEFAULT 'member' CONSTRAINT members_role_known CHECK (role IN ('owner', 'member')),
  ADD COLUMN since integer NOT NULL DEFAULT 0,
  ADD COLUMN wrote integer NOT NULL DEFAULT 0,
  ADD COLUMN joined_at timestamptz(3) NOT NULL DEFAULT clock_timestamp();
COMMENT ON COLUMN members.since IS 'the last message before they joined; they hear of what comes after it';
COMMENT ON COLUMN members.wrote IS 'in a room: how many of the messages after read_position are their own, so that what is unread is a subtraction';

CREATE TABLE former_members (
  conversation_id uuid NOT NULL REFERENCES rooms (id),
  user_id uuid NOT NULL REFERENCES users (id),
  PRIMARY KEY (user_id, conversation_id)
);
COMMENT ON TABLE former_members IS 'Who was in a room once: their words are there still, and go with their account.';

ALTER TABLE messages
  ADD COLUMN content content_type,
  ADD COLUMN edited_at timestamptz(3),
  ADD COLUMN deleted_at timestamptz(3);
COMMENT ON COLUMN messages.content IS 'of what a person said freely, what it is; null for lines of a script, which cannot be edited';
COMMENT ON COLUMN messages.deleted_at IS 'its words and media are gone; its place stays';
-- Lines of a script are not in it, so that a deal''s click writes no index more.
CREATE INDEX messages_said ON messages (id) INCLUDE (conversation_id, position) WHERE content IS NOT NULL;

CREATE TABLE reactions (
  conversation_id uuid NOT NULL,
  position integer NOT NULL,
  user_id uuid NOT NULL REFERENCES users (id),
  emoji text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (conversation_id, position, user_id, emoji),
  FOREIGN KEY (conversation_id, position) REFERENCES messages (conversation_id, position)
);
CREATE INDEX reactions_of_user ON reactions (user_id);

-- What one of two says to the other, in one call: its lock, its row, what is unread by then, and what both are told.
-- What is known under the lock alone, when it was said and how much is unread, stands in the events' text as p_time and
-- p_unread, which nobody can have said: they were drawn for it.
CREATE FUNCTION speak_to_other(
  p_conversation_id uuid, p_id uuid, p_sender_id uuid, p_receiver_id uuid, p_message text, p_media_url text,
  p_content content_type, p_now timestamptz, p_time text, p_unread text, p_sender_many integer, p_sender_events text,
  p_receiver_many integer, p_receiver_events text, p_traceparent text
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
  p_sender_events := replace(p_sender_events, p_time, v_time);
  p_receiver_events := replace(replace(p_receiver_events, p_time, v_time), p_unread, unread::text);
  -- Last, in the order of ids: the counters are locked until the commit.
  IF p_sender_id < p_receiver_id THEN
    PERFORM announce(p_sender_id, p_sender_many, p_sender_events, NULL, NULL, p_traceparent);
    PERFORM announce(p_receiver_id, p_receiver_many, p_receiver_events, NULL, NULL, p_traceparent);
  ELSE
    PERFORM announce(p_receiver_id, p_receiver_many, p_receiver_events, NULL, NULL, p_traceparent);
    PERFORM announce(p_sender_id, p_sender_many, p_sender_events, NULL, NULL, p_traceparent);
  END IF;
  SELECT last_seq, created_at INTO sender_seq, sender_told_at FROM outbox
  WHERE user_id = p_sender_id ORDER BY last_seq DESC LIMIT 1;
  SELECT last_seq, created_at INTO receiver_seq, receiver_told_at FROM outbox
  WHERE user_id = p_receiver_id ORDER BY last_seq DESC LIMIT 1;
  RETURN NEXT;
END $$;
