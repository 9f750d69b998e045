-- Up Migration

-- What is open in a stream and ends with it: a poll, a challenge, a battle. Each is a process of its own kind.
CREATE TABLE stream_openings (
  process_id uuid PRIMARY KEY REFERENCES processes (id),
  kind text NOT NULL REFERENCES machines (kind),
  stream_id uuid NOT NULL REFERENCES streams (process_id),
  opened_at timestamptz(3) NOT NULL,
  word text,
  word_data json,
  closed_at timestamptz(3),
  settled_at timestamptz(3),
  CHECK ((word IS NULL) = (word_data IS NULL))
);
COMMENT ON COLUMN stream_openings.word IS 'the durable event by which whoever is in the stream hears that it began; null: by none';
COMMENT ON COLUMN stream_openings.closed_at IS 'when its process had ended; null while it goes on';
COMMENT ON COLUMN stream_openings.settled_at IS 'when whoever heard that it began had been told that it is over';
CREATE UNIQUE INDEX stream_openings_one ON stream_openings (stream_id, kind) WHERE closed_at IS NULL;
CREATE INDEX stream_openings_open ON stream_openings (process_id) WHERE closed_at IS NULL;
CREATE INDEX stream_openings_unsettled ON stream_openings (process_id) WHERE closed_at IS NOT NULL AND settled_at IS NULL;

-- Who heard that something began, and is to hear that it is over.
CREATE TABLE stream_hearers (
  process_id uuid NOT NULL,
  user_id uuid NOT NULL REFERENCES users (id),
  end_told boolean NOT NULL DEFAULT false,
  PRIMARY KEY (process_id, user_id)
);
COMMENT ON TABLE stream_hearers IS 'Kept until it is over and all of them know.';

-- A process that has ended is open in no stream any more. A kind that is opened in streams has this as a trigger of its
-- own on processes, so that others' steps ask nothing.
CREATE FUNCTION close_opening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE stream_openings SET closed_at = NEW.stepped_at
  WHERE process_id = NEW.id AND closed_at IS NULL
    AND (SELECT ends FROM machine_states WHERE kind = NEW.kind AND state = NEW.state);
  RETURN NULL;
END $$;
