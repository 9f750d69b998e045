-- Up Migration

INSERT INTO machines (kind, held_at) VALUES ('poll', 'escrow');
INSERT INTO machine_states (kind, state, rests, ends) VALUES
  ('poll', 'open', false, false), ('poll', 'counting', false, false), ('poll', 'closed', true, true);

-- What is asked. When it closes is its process's deadline, and the tally its last step's.
CREATE TABLE polls (
  process_id uuid PRIMARY KEY REFERENCES processes (id),
  stream_id uuid NOT NULL REFERENCES streams (process_id),
  question text NOT NULL,
  options text[] NOT NULL CHECK (cardinality(options) BETWEEN 2 AND 8),
  told_counts integer[] NOT NULL,
  told_at timestamptz(3),
  created_at timestamptz(3) NOT NULL
);
COMMENT ON COLUMN polls.told_counts IS 'the tally that its room was last told; told by the worker where it differs';
COMMENT ON COLUMN polls.told_at IS 'when that was; null before the first';
CREATE INDEX polls_of ON polls (stream_id, process_id);

-- One row a voter. Without a foreign key to the poll: everybody who votes would lock its row beside all others. Who votes
-- shares its process's row, so that the step that ends the voting waits for them.
CREATE TABLE poll_votes (
  poll_id uuid NOT NULL,
  user_id uuid NOT NULL REFERENCES users (id),
  option smallint NOT NULL CHECK (option >= 0),
  at timestamptz(3) NOT NULL,
  granted boolean NOT NULL DEFAULT false,
  PRIMARY KEY (poll_id, user_id)
);
COMMENT ON COLUMN poll_votes.granted IS 'what its voter gains by it was granted; by the worker, so that a vote is this one row';
CREATE INDEX poll_votes_ungranted ON poll_votes (user_id, poll_id) WHERE NOT granted;
CREATE INDEX poll_votes_by ON poll_votes (user_id, at);

-- Votes by option, in the order of a poll's options.
CREATE FUNCTION poll_counts(poll uuid, many integer) RETURNS integer[] LANGUAGE sql STABLE AS $$
  SELECT array_agg(coalesce(cast_votes.many, 0) ORDER BY place)
  FROM generate_series(0, many - 1) AS place
  LEFT JOIN (SELECT option, count(*)::integer AS many FROM poll_votes WHERE poll_id = poll GROUP BY option) AS cast_votes
    ON cast_votes.option = place
$$;

CREATE TRIGGER polls_close_opening AFTER UPDATE ON processes
  FOR EACH ROW WHEN (NEW.kind = 'poll' AND NEW.version <> OLD.version) EXECUTE FUNCTION close_opening();

INSERT INTO xp_rules (action, version, points, per, daily_cap, enabled, effective_from) VALUES
  ('poll_vote', 1, 5, 'once', 100, true, '2000-01-01T00:00:00Z');
