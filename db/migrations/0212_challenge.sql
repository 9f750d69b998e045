-- Up Migration

INSERT INTO machines (kind, held_at) VALUES ('challenge', 'escrow');
INSERT INTO machine_states (kind, state, rests, ends) VALUES
  ('challenge', 'open', false, false), ('challenge', 'won', true, true), ('challenge', 'lost', true, true),
  ('challenge', 'stopped', true, true);

INSERT INTO xp_rules (action, version, points, per, daily_cap, enabled, effective_from) VALUES
  ('challenge_won', 1, 100, 'once', 500, true, '2000-01-01T00:00:00Z');

-- What a stream's crowd is to come to together. Its state is its process's, copied here by follow_challenge in the step's
-- own transaction.
CREATE TABLE challenges (
  process_id uuid PRIMARY KEY REFERENCES processes (id),
  stream_id uuid NOT NULL REFERENCES streams (process_id),
  creator_id uuid NOT NULL REFERENCES users (id),
  type text NOT NULL CHECK (type IN ('gifts', 'likes', 'viewers', 'votes')),
  target bigint NOT NULL CHECK (target > 0),
  reward text,
  status text NOT NULL DEFAULT 'open',
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  noted bigint NOT NULL DEFAULT 0,
  counter bigint,
  progress bigint NOT NULL DEFAULT 0,
  looked_at timestamptz(3),
  rewarded_up_to uuid,
  rewarded_at timestamptz(3)
);
COMMENT ON COLUMN challenges.reward IS 'what its creator promises, in their words';
COMMENT ON COLUMN challenges.noted IS 'of what is no row anywhere, likes and viewers: what was seen of it so far';
COMMENT ON COLUMN challenges.counter IS 'of likes: where Redis''s count of the stream stood when it was last looked at; null: not yet';
COMMENT ON COLUMN challenges.progress IS 'while it is open what was last told of it, at the end what it came to';
COMMENT ON COLUMN challenges.looked_at IS 'when that was last compared with what there is: twice a second at most';
COMMENT ON COLUMN challenges.rewarded_up_to IS 'the last of those who took part that was granted experience; null before the first';
COMMENT ON COLUMN challenges.rewarded_at IS 'all of them were; of one that was won';
CREATE INDEX challenges_open ON challenges (process_id) WHERE status = 'open';
CREATE INDEX challenges_unrewarded ON challenges (process_id) WHERE status = 'won' AND rewarded_at IS NULL;
CREATE INDEX challenges_of ON challenges (stream_id, process_id);

-- A challenge's step, whichever door it comes by, is seen in its row in the same transaction.
CREATE FUNCTION follow_challenge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE challenges SET
    status = NEW.state,
    ends_at = coalesce(NEW.deadline, ends_at),
    ended_at = CASE WHEN NEW.state = 'open' THEN NULL ELSE coalesce(ended_at, NEW.stepped_at) END,
    progress = coalesce((NEW.terms ->> 'progress')::bigint, progress)
  WHERE process_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER challenges_follow AFTER UPDATE ON processes
  FOR EACH ROW WHEN (NEW.kind = 'challenge' AND NEW.version <> OLD.version) EXECUTE FUNCTION follow_challenge();
CREATE TRIGGER challenges_close_opening AFTER UPDATE ON processes
  FOR EACH ROW WHEN (NEW.kind = 'challenge' AND NEW.version <> OLD.version) EXECUTE FUNCTION close_opening();
