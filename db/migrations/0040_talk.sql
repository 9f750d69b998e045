-- Up Migration

-- What is written with every click has types instead of CHECK constraints, which Postgres reads anew from their text
-- with every statement: a tenth of a click.
CREATE TYPE chat_status AS ENUM ('automated', 'real_time', 'closed');
CREATE TYPE message_type AS ENUM ('user_input', 'system', 'automated', 'audit');

CREATE TABLE conversations (
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  campaign_id uuid REFERENCES campaigns (id),
  bid_id uuid REFERENCES bids (id),
  brand_owner_id uuid NOT NULL REFERENCES users (id),
  influencer_id uuid NOT NULL REFERENCES users (id),
  request_id uuid,
  chat chat_status NOT NULL,
  said integer NOT NULL DEFAULT 0,
  asked_position integer,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL
) WITH (fillfactor = 60);
COMMENT ON TABLE conversations IS 'The chat: who talks, about what, and how much was said. One that is a process''s has its id; a direct one is nobody''s but its two sides''.';
COMMENT ON COLUMN conversations.request_id IS 'what a caller called its request; carried for clients that ask for it';
COMMENT ON COLUMN conversations.chat IS 'whether people may say what they like (real_time); changes once or twice, so that it may stand in an index';
COMMENT ON COLUMN conversations.said IS 'number of the last message: messages are numbered under this row''s lock';
COMMENT ON COLUMN conversations.asked_position IS 'the message whose question is open; a question is answered when it is no longer this one';
COMMENT ON COLUMN conversations.updated_at IS 'of the last message or step: never runs backwards, and no message is before it';

-- What is said once, when a conversation begins, is looked at then and not with every click.
CREATE FUNCTION refuse_conversation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a conversation has two parties and is about one campaign, one bid or nothing'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'conversations_about_one', TABLE = 'conversations';
END $$;
CREATE TRIGGER conversations_about_one BEFORE INSERT OR UPDATE OF kind, campaign_id, bid_id, brand_owner_id, influencer_id
  ON conversations FOR EACH ROW WHEN (
    (NEW.kind = 'campaign') <> (NEW.campaign_id IS NOT NULL) OR (NEW.kind = 'bid') <> (NEW.bid_id IS NOT NULL)
    OR NEW.brand_owner_id = NEW.influencer_id OR NEW.kind NOT IN ('direct', 'campaign', 'bid')
  ) EXECUTE FUNCTION refuse_conversation();

-- One open conversation per thing and pair, and one direct conversation per pair whoever opened it.
CREATE UNIQUE INDEX conversations_campaign_open ON conversations (campaign_id, influencer_id)
  WHERE campaign_id IS NOT NULL AND chat <> 'closed';
CREATE UNIQUE INDEX conversations_bid_open ON conversations (bid_id, brand_owner_id)
  WHERE bid_id IS NOT NULL AND chat <> 'closed';
CREATE UNIQUE INDEX conversations_direct_pair ON conversations
  (least(brand_owner_id, influencer_id), greatest(brand_owner_id, influencer_id)) WHERE kind = 'direct';

CREATE TABLE members (
  conversation_id uuid NOT NULL REFERENCES conversations (id),
  user_id uuid NOT NULL REFERENCES users (id),
  read_position integer NOT NULL DEFAULT 0,
  PRIMARY KEY (conversation_id, user_id)
) WITH (fillfactor = 80);
COMMENT ON TABLE members IS 'Who is in a conversation, and how far each has read.';
COMMENT ON COLUMN members.read_position IS 'the last message that was read; what others said to them after it is unread';
CREATE INDEX members_user ON members (user_id);

CREATE TABLE messages (
  conversation_id uuid NOT NULL,
  position integer NOT NULL,
  id uuid NOT NULL,
  sender_id uuid NOT NULL,
  receiver_id uuid,
  message text NOT NULL,
  media_url text,
  message_type message_type NOT NULL,
  action_data json,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (conversation_id, position)
) WITH (fillfactor = 80);
COMMENT ON COLUMN messages.conversation_id IS 'no reference: whoever writes here has the conversation''s row locked';
COMMENT ON COLUMN messages.sender_id IS 'a member, or the system. No reference: every check would lock a row of users, the system''s for everybody at once';
COMMENT ON COLUMN messages.receiver_id IS 'whom it is addressed to, and with whom it counts as unread; null: everybody in it. An audit line is its receiver''s alone';
COMMENT ON COLUMN messages.action_data IS 'what it asks for, as its text: nothing in Postgres looks inside';
