-- Up Migration

INSERT INTO machines (kind, held_at) VALUES ('stream', 'escrow');
INSERT INTO machine_states (kind, state, rests, ends) VALUES
  ('stream', 'scheduled', false, false), ('stream', 'live', false, false), ('stream', 'ended', false, false),
  ('stream', 'archived', true, true), ('stream', 'cancelled', true, true);

-- Media goes elsewhere: a stream is what is said of it, and who may watch. Its state is its process's, copied here by
-- follow_stream in the step's own transaction, so that lists need no join.
CREATE TABLE streams (
  process_id uuid PRIMARY KEY REFERENCES processes (id),
  creator_id uuid NOT NULL REFERENCES users (id),
  title text NOT NULL,
  category text NOT NULL,
  tags text[] NOT NULL,
  visibility text NOT NULL CHECK (visibility IN ('public', 'followers', 'subscribers', 'ticket')),
  ticket_event_id uuid,
  status text NOT NULL DEFAULT 'scheduled',
  status_told text NOT NULL DEFAULT 'scheduled',
  scheduled_at timestamptz(3),
  started_at timestamptz(3),
  ended_at timestamptz(3),
  silent_since timestamptz(3),
  slow_mode_seconds integer NOT NULL DEFAULT 0 CHECK (slow_mode_seconds BETWEEN 0 AND 3600),
  followers_only_minutes integer CHECK (followers_only_minutes BETWEEN 0 AND 525600),
  subscribers_only boolean NOT NULL DEFAULT false,
  theme jsonb,
  overlays jsonb NOT NULL DEFAULT '[]',
  created_at timestamptz(3) NOT NULL,
  CHECK ((visibility = 'ticket') = (ticket_event_id IS NOT NULL))
);
COMMENT ON COLUMN streams.status_told IS 'the status that its room was last told; told by the worker where it differs';
COMMENT ON COLUMN streams.followers_only_minutes IS 'who writes follows the creator for so long at least; null: everybody may';
COMMENT ON COLUMN streams.silent_since IS 'no pictures come since then; null while they do';
COMMENT ON COLUMN streams.theme IS 'how its page looks, as the contract has it; null: as pages look';
CREATE INDEX streams_by_status ON streams (status, process_id);
CREATE INDEX streams_creator ON streams (creator_id, process_id);
CREATE INDEX streams_untold ON streams (process_id) WHERE status <> status_told;

-- Whom of those that follow a creator is still to be told something: in chunks, in the order of their ids.
CREATE TABLE stream_tellings (
  stream_id uuid NOT NULL REFERENCES streams (process_id),
  what text NOT NULL CHECK (what IN ('soon', 'started')),
  told_up_to uuid,
  done_at timestamptz(3),
  PRIMARY KEY (stream_id, what)
);
COMMENT ON COLUMN stream_tellings.told_up_to IS 'the last follower that was told; null before the first';
CREATE INDEX stream_tellings_open ON stream_tellings (stream_id) WHERE done_at IS NULL;

-- What is recorded and shown in the middle of a stream.
CREATE TABLE stream_segments (
  id uuid PRIMARY KEY,
  stream_id uuid NOT NULL REFERENCES streams (process_id),
  media_url text NOT NULL,
  title text NOT NULL,
  duration_ms integer NOT NULL CHECK (duration_ms > 0),
  at_seconds integer,
  created_at timestamptz(3) NOT NULL,
  deleted_at timestamptz(3)
);
COMMENT ON COLUMN stream_segments.at_seconds IS 'when its creator means to show it, after the start; they do it by hand';
CREATE INDEX stream_segments_of ON stream_segments (stream_id, id) WHERE deleted_at IS NULL;

CREATE TABLE stream_plays (
  id uuid PRIMARY KEY,
  stream_id uuid NOT NULL REFERENCES streams (process_id),
  segment_id uuid NOT NULL REFERENCES stream_segments (id),
  began_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  told boolean NOT NULL DEFAULT false
);
COMMENT ON COLUMN stream_plays.told IS 'its end was told in the room';
CREATE UNIQUE INDEX stream_plays_one ON stream_plays (stream_id) WHERE ended_at IS NULL;
CREATE INDEX stream_plays_untold ON stream_plays (ends_at) WHERE NOT told;

-- What is written in a stream's chat: one row each, and no step. What was removed stays, for whoever asks why.
CREATE TABLE stream_messages (
  id uuid PRIMARY KEY,
  stream_id uuid NOT NULL,
  user_id uuid NOT NULL REFERENCES users (id),
  text text NOT NULL,
  at timestamptz(3) NOT NULL,
  removed_at timestamptz(3),
  removed_by uuid REFERENCES users (id),
  CHECK ((removed_at IS NULL) = (removed_by IS NULL))
);
COMMENT ON TABLE stream_messages IS 'Without a foreign key to the stream: everybody who writes would lock its row beside all others. Who writes has looked.';
CREATE INDEX stream_messages_of ON stream_messages (stream_id, id) WHERE removed_at IS NULL;
CREATE INDEX stream_messages_by ON stream_messages (user_id, stream_id, at);

CREATE TABLE stream_removals (
  stream_id uuid NOT NULL REFERENCES streams (process_id),
  user_id uuid NOT NULL REFERENCES users (id),
  until timestamptz(3),
  by uuid NOT NULL REFERENCES users (id),
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (stream_id, user_id)
);
COMMENT ON TABLE stream_removals IS 'Who may not write in a stream''s chat for a while, or may not be there at all.';
COMMENT ON COLUMN stream_removals.until IS 'may not write until then; null: may not be in the stream any more';

CREATE TABLE stream_viewers (
  stream_id uuid NOT NULL REFERENCES streams (process_id),
  minute timestamptz(3) NOT NULL,
  viewers integer NOT NULL CHECK (viewers >= 0),
  PRIMARY KEY (stream_id, minute)
);
COMMENT ON TABLE stream_viewers IS 'The most that watched at once, by minute.';

-- A stream's step, whichever door it comes by, is seen in its row in the same transaction; with its end, what plays in it
-- ends too, and with its start its followers are to be told.
CREATE FUNCTION follow_stream() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE streams SET
    status = NEW.state,
    scheduled_at = CASE WHEN NEW.state = 'scheduled' THEN (NEW.terms ->> 'starts_at')::timestamptz ELSE scheduled_at END,
    started_at = CASE WHEN OLD.state = 'scheduled' AND NEW.state = 'live' THEN NEW.stepped_at ELSE started_at END,
    ended_at = CASE WHEN OLD.state = 'live' AND NEW.state = 'ended' THEN NEW.stepped_at ELSE ended_at END,
    silent_since = CASE WHEN NEW.state = 'live' THEN (NEW.terms ->> 'silent_since')::timestamptz END
  WHERE process_id = NEW.id;
  IF OLD.state = 'scheduled' AND NEW.state = 'live' THEN
    INSERT INTO stream_tellings (stream_id, what) VALUES (NEW.id, 'started');
  ELSIF NEW.state = 'ended' THEN
    UPDATE stream_plays SET ended_at = greatest(began_at, NEW.stepped_at) WHERE stream_id = NEW.id AND ended_at IS NULL;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER streams_follow AFTER UPDATE ON processes
  FOR EACH ROW WHEN (NEW.kind = 'stream' AND NEW.version <> OLD.version) EXECUTE FUNCTION follow_stream();

-- That a stream begins soon is a reminder, and for its followers.
CREATE FUNCTION remind_followers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- One that was put off after they were told is told again, for its other instant.
  INSERT INTO stream_tellings (stream_id, what) SELECT NEW.process_id, 'soon' FROM streams WHERE process_id = NEW.process_id
  ON CONFLICT (stream_id, what) DO UPDATE SET told_up_to = NULL, done_at = NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER streams_remind AFTER INSERT ON reminders FOR EACH ROW EXECUTE FUNCTION remind_followers();
