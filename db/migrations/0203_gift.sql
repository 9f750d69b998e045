-- Up Migration

-- What may be given. Written once from a file, and an administrator's from then on.
CREATE TABLE gifts (
  code text COLLATE "C" PRIMARY KEY CHECK (code ~ '^[A-Z][A-Z0-9_]{1,31}$'),
  name text NOT NULL,
  token_cost bigint NOT NULL CHECK (token_cost BETWEEN 1 AND 1000000),
  animation_key text NOT NULL,
  rarity text NOT NULL CHECK (rarity IN ('common', 'rare', 'epic', 'legendary')),
  command_action text,
  cooldown_seconds integer NOT NULL DEFAULT 0 CHECK (cooldown_seconds BETWEEN 0 AND 3600),
  enabled boolean NOT NULL DEFAULT true,
  created_at timestamptz(3) NOT NULL
);
COMMENT ON COLUMN gifts.command_action IS 'what giving it does in a stream, of a list that the code has; null: nothing';
COMMENT ON COLUMN gifts.cooldown_seconds IS 'so long after it was done it is not done again in that stream';
CREATE TABLE gift_seedings (one boolean PRIMARY KEY DEFAULT true CHECK (one), at timestamptz(3) NOT NULL);
COMMENT ON TABLE gift_seedings IS 'That the catalogue''s file was written: never again, whatever became of its gifts.';

CREATE TABLE gift_events (
  id uuid PRIMARY KEY,
  code text COLLATE "C" NOT NULL REFERENCES gifts (code),
  quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 1000),
  tokens bigint NOT NULL CHECK (tokens > 0),
  share bigint NOT NULL CHECK (share >= 0 AND share <= tokens),
  from_user_id uuid NOT NULL REFERENCES users (id),
  stream_id uuid REFERENCES streams (process_id),
  to_creator_id uuid REFERENCES users (id),
  message text,
  combo_id uuid NOT NULL,
  combo_count integer NOT NULL,
  triggered jsonb,
  created_at timestamptz(3) NOT NULL,
  CHECK ((stream_id IS NULL) = (to_creator_id IS NULL)),
  CHECK (to_creator_id <> from_user_id),
  CHECK (stream_id IS NOT NULL OR share = 0)
);
COMMENT ON TABLE gift_events IS 'Gifts that were given: in a stream to its creator, or to the house.';
COMMENT ON COLUMN gift_events.share IS 'of the tokens, what the creator had; the rest is the platform''s';
COMMENT ON COLUMN gift_events.combo_id IS 'the first of equal gifts that followed each other within seconds; combo_count is how many there were by this one';
COMMENT ON COLUMN gift_events.triggered IS 'what it did in the stream, as it was told there; null: nothing';
CREATE INDEX gift_events_from ON gift_events (from_user_id, created_at);
CREATE INDEX gift_events_in ON gift_events (stream_id, created_at) WHERE stream_id IS NOT NULL;

CREATE TABLE gift_cooldowns (
  stream_id uuid NOT NULL REFERENCES streams (process_id),
  code text COLLATE "C" NOT NULL REFERENCES gifts (code),
  until timestamptz(3) NOT NULL,
  PRIMARY KEY (stream_id, code)
);
