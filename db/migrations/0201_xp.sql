-- Up Migration

-- What experience is gained by. As rules of rewards: a change is a new version, in force from then on, with who and why.
CREATE TABLE xp_rules (
  action text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  points integer NOT NULL CHECK (points > 0),
  per text NOT NULL CHECK (per IN ('token', 'minute', 'once')),
  daily_cap integer CHECK (daily_cap > 0),
  enabled boolean NOT NULL,
  effective_from timestamptz(3) NOT NULL,
  changed_by uuid REFERENCES users (id),
  why text,
  PRIMARY KEY (action, version)
);
COMMENT ON COLUMN xp_rules.per IS 'token: for each that was given; minute: once a minute; once: for each thing it is about';
COMMENT ON COLUMN xp_rules.daily_cap IS 'so much of this action and person a day (UTC); null: no limit';
CREATE TRIGGER xp_rules_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON xp_rules
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO xp_rules (action, version, points, per, daily_cap, enabled, effective_from) VALUES
  ('gift_sent', 1, 2, 'token', 20000, true, '2000-01-01T00:00:00Z'),
  ('gift_received', 1, 1, 'token', NULL, true, '2000-01-01T00:00:00Z'),
  ('chat', 1, 5, 'minute', 500, true, '2000-01-01T00:00:00Z'),
  ('stream_started', 1, 50, 'once', 200, true, '2000-01-01T00:00:00Z');

CREATE TABLE xp_people (
  user_id uuid PRIMARY KEY REFERENCES users (id),
  xp bigint NOT NULL CHECK (xp >= 0)
) WITH (fillfactor = 70);
COMMENT ON TABLE xp_people IS 'The sum of a person''s grants. Their level follows from it.';

CREATE TABLE xp_grants (
  user_id uuid NOT NULL,
  action text COLLATE "C" NOT NULL,
  about text NOT NULL,
  version integer NOT NULL,
  points bigint NOT NULL CHECK (points >= 0),
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (user_id, action, about),
  FOREIGN KEY (action, version) REFERENCES xp_rules (action, version)
);
COMMENT ON COLUMN xp_grants.about IS 'what it was gained by: nothing is granted twice for it. Of `minute` rules that minute';
COMMENT ON COLUMN xp_grants.points IS '0 where the day''s cap left none';
CREATE INDEX xp_grants_by_day ON xp_grants (user_id, action, at);

CREATE TABLE xp_badges (
  user_id uuid NOT NULL REFERENCES users (id),
  code text NOT NULL,
  awarded_at timestamptz(3) NOT NULL,
  PRIMARY KEY (user_id, code)
);
