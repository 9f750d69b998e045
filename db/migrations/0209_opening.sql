-- Up Migration

-- What is open in a stream and ends with it: a poll, a challenge, a battle. Each is a process of its own kind.
CREATE TABLE stream_openings (
  process_id uuid PRIMARY KEY REFERENCES processes (id),
  kind text NOT NULL REFERENCES machines (kind),
  stream_id uuid NOT NULL REFERENCES streams (process_id),
  opened_at timestamptz(3) NOT NULL,
  closed_at timestamptz(3)
);
COMMENT ON COLUMN stream_openings.closed_at IS 'when its process had ended; null while it goes on';
CREATE UNIQUE INDEX stream_openings_one ON stream_openings (stream_id, kind) WHERE closed_at IS NULL;
CREATE INDEX stream_openings_open ON stream_openings (process_id) WHERE closed_at IS NULL;

-- A process that has ended is open in no stream any more. A kind that is opened in streams has this as a trigger of its
-- own on processes, so that others' steps ask nothing.
CREATE FUNCTION close_opening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE stream_openings SET closed_at = NEW.stepped_at
  WHERE process_id = NEW.id AND closed_at IS NULL
    AND (SELECT ends FROM machine_states WHERE kind = NEW.kind AND state = NEW.state);
  RETURN NULL;
END $$;
