-- Up Migration

INSERT INTO machines (kind, held_at) VALUES ('boost', 'hold:booster');
INSERT INTO machine_states (kind, state, rests, ends) VALUES
  ('boost', 'active', false, false), ('boost', 'expired', true, true), ('boost', 'cancelled', true, true);

-- What can be boosted beside people's profiles.
CREATE TABLE gigs (
  id uuid PRIMARY KEY,
  owner_id uuid NOT NULL REFERENCES users (id),
  title text NOT NULL,
  description text NOT NULL,
  category text NOT NULL,
  created_at timestamptz(3) NOT NULL
);
CREATE INDEX gigs_owner ON gigs (owner_id);
CREATE TABLE clans (
  id uuid PRIMARY KEY,
  leader_id uuid NOT NULL REFERENCES users (id),
  name text NOT NULL,
  description text NOT NULL,
  created_at timestamptz(3) NOT NULL
);
CREATE UNIQUE INDEX clans_name_unique ON clans (lower(name));
CREATE INDEX clans_leader ON clans (leader_id);

-- Credits that members gave to their clan lie in an account of its own, "clan/<clan>".
INSERT INTO ledger_account_kinds (kind, overdraft, any_currency) VALUES ('clan', false, false);

-- Boosts by what they are of. A target's score is the sum of the points of those that have not ended: no second number
-- is kept that could differ, and no row is locked by everybody who boosts the same.
CREATE TABLE user_boost_events (
  process_id uuid PRIMARY KEY,
  target_id uuid NOT NULL,
  booster_id uuid NOT NULL,
  event_id text NOT NULL UNIQUE,
  amount bigint NOT NULL CHECK (amount > 0),
  duration double precision NOT NULL,
  points bigint NOT NULL CHECK (points > 0),
  starts_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  ended text CHECK (ended IN ('expired', 'cancelled')),
  refunded bigint,
  CHECK ((ended_at IS NULL) = (ended IS NULL) AND (ended_at IS NULL) = (refunded IS NULL))
);
COMMENT ON TABLE user_boost_events IS 'Boosts of profiles. Those of gigs and clans have tables of the same form.';
COMMENT ON COLUMN user_boost_events.duration IS 'hours, as they were asked for';
COMMENT ON COLUMN user_boost_events.points IS 'by how much it lifts its target''s score while it lasts';
COMMENT ON COLUMN user_boost_events.ended_at IS 'null while it is active; set with the step that ends it, by end_boost';
CREATE INDEX ON user_boost_events (target_id) INCLUDE (points) WHERE ended_at IS NULL;
CREATE INDEX ON user_boost_events (target_id, starts_at);
CREATE TABLE gig_boost_events (LIKE user_boost_events INCLUDING ALL);
CREATE TABLE clan_boost_events (LIKE user_boost_events INCLUDING ALL);
COMMENT ON TABLE gig_boost_events IS 'Boosts of gigs.';
COMMENT ON TABLE clan_boost_events IS 'Boosts of clans.';
ALTER TABLE user_boost_events ADD FOREIGN KEY (process_id) REFERENCES processes (id),
  ADD FOREIGN KEY (booster_id) REFERENCES users (id), ADD FOREIGN KEY (target_id) REFERENCES users (id);
ALTER TABLE gig_boost_events ADD FOREIGN KEY (process_id) REFERENCES processes (id),
  ADD FOREIGN KEY (booster_id) REFERENCES users (id), ADD FOREIGN KEY (target_id) REFERENCES gigs (id);
ALTER TABLE clan_boost_events ADD FOREIGN KEY (process_id) REFERENCES processes (id),
  ADD FOREIGN KEY (booster_id) REFERENCES users (id), ADD FOREIGN KEY (target_id) REFERENCES clans (id);

-- What was done with credits, by whom it concerns.
CREATE TABLE user_credit_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id text NOT NULL UNIQUE,
  subject_id uuid NOT NULL,
  user_id uuid NOT NULL,
  type text NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  event jsonb NOT NULL,
  occurred_at timestamptz(3) NOT NULL
);
COMMENT ON TABLE user_credit_events IS 'What was done with a person''s credits. Gigs and clans have tables of the same form.';
COMMENT ON COLUMN user_credit_events.subject_id IS 'the person, gig or clan that it is about';
COMMENT ON COLUMN user_credit_events.user_id IS 'who did it';
CREATE INDEX ON user_credit_events (subject_id, id);
CREATE INDEX ON user_credit_events (subject_id, occurred_at);
CREATE TABLE gig_credit_events (LIKE user_credit_events INCLUDING ALL);
CREATE TABLE clan_credit_events (LIKE user_credit_events INCLUDING ALL);
COMMENT ON TABLE gig_credit_events IS 'What was done with credits about a gig.';
COMMENT ON TABLE clan_credit_events IS 'What was done with credits about a clan.';
ALTER TABLE user_credit_events ADD FOREIGN KEY (user_id) REFERENCES users (id),
  ADD FOREIGN KEY (subject_id) REFERENCES users (id);
ALTER TABLE gig_credit_events ADD FOREIGN KEY (user_id) REFERENCES users (id),
  ADD FOREIGN KEY (subject_id) REFERENCES gigs (id);
ALTER TABLE clan_credit_events ADD FOREIGN KEY (user_id) REFERENCES users (id),
  ADD FOREIGN KEY (subject_id) REFERENCES clans (id);

CREATE TABLE target_views (
  target text NOT NULL CHECK (target IN ('profile', 'gig', 'clan')),
  target_id uuid NOT NULL,
  hour timestamptz(3) NOT NULL,
  viewer_id uuid NOT NULL REFERENCES users (id),
  seen_at timestamptz(3) NOT NULL,
  PRIMARY KEY (target, target_id, hour, viewer_id)
);
COMMENT ON TABLE target_views IS 'Who looked at what can be boosted: one row a person and hour, so that nobody makes himself many.';
CREATE INDEX target_views_age ON target_views USING brin (seen_at);

-- The second outbox: what consumers need beside what happened.
ALTER TABLE publications
  ADD COLUMN about text NOT NULL,
  ADD COLUMN try_after timestamptz(3) NOT NULL DEFAULT '-infinity',
  ADD COLUMN tries integer NOT NULL DEFAULT 0,
  ADD COLUMN failure text,
  ADD COLUMN delivered_at timestamptz(3);
COMMENT ON COLUMN publications.about IS 'what it is about: of one and the same, the next is published when the one before it was taken';
COMMENT ON COLUMN publications.try_after IS 'not before; whoever publishes it moves this on first, so that no other does meanwhile';
COMMENT ON COLUMN publications.failure IS 'why the broker did not take it when it was last tried';
COMMENT ON COLUMN publications.delivered_at IS 'when it was given to the customers'' endpoints that wanted it';
CREATE INDEX publications_in_order ON publications (about, id) WHERE published_at IS NULL;
CREATE INDEX publications_undelivered ON publications (id) WHERE delivered_at IS NULL;
CREATE INDEX publications_by_time ON publications (occurred_at, id);

-- A boost ends by a step, whichever door that comes by: in the same transaction its row says so, which lowers the score,
-- and other services are told. What stands here is what boostEventOf says to people.
CREATE FUNCTION end_boost() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_target CONSTANT text := NEW.terms ->> 'target';
  v_boost user_boost_events;
  v_type CONSTANT text := v_target || '_boost_' || NEW.state;
  v_event_id text;
BEGIN
  EXECUTE format(
    'UPDATE %I SET ended_at = $1, ended = $2, refunded = $3 WHERE process_id = $4 AND ended_at IS NULL RETURNING *',
    CASE v_target WHEN 'profile' THEN 'user_boost_events' ELSE v_target || '_boost_events' END
  ) INTO STRICT v_boost USING NEW.stepped_at, NEW.state, (NEW.terms ->> 'refunded')::bigint, NEW.id;
  v_event_id := v_boost.event_id || '_' || NEW.state;
  INSERT INTO publications (exchange, routing_key, key, about, event, occurred_at)
  VALUES ('credit_events', 'boost.event', v_event_id, v_target || '/' || v_boost.target_id, jsonb_build_object(
    'type', v_type, 'userId', v_boost.booster_id, 'targetId', v_boost.target_id, 'amount', v_boost.amount,
    'duration', v_boost.duration, 'eventId', v_event_id,
    'timestamp', to_char(NEW.stepped_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'boostEventId', v_boost.event_id, 'refunded', v_boost.refunded
  ), NEW.stepped_at);
  RETURN NULL;
END $$;
CREATE TRIGGER boosts_end AFTER UPDATE OF state ON processes
  FOR EACH ROW WHEN (NEW.kind = 'boost' AND NEW.state <> OLD.state) EXECUTE FUNCTION end_boost();

-- Where customers want the same events: their own addresses.
CREATE TABLE webhook_endpoints (
  id uuid PRIMARY KEY,
  url text NOT NULL,
  description text NOT NULL,
  event_types text[],
  headers jsonb NOT NULL,
  secret text NOT NULL,
  old_secret text,
  old_secret_until timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  failing_since timestamptz(3),
  disabled_at timestamptz(3),
  disabled_why text CHECK (disabled_why IN ('by_hand', 'gone', 'failing')),
  deleted_at timestamptz(3)
);
COMMENT ON COLUMN webhook_endpoints.event_types IS 'null for all';
COMMENT ON COLUMN webhook_endpoints.headers IS 'sent with each';
COMMENT ON COLUMN webhook_endpoints.old_secret IS 'signs as well until old_secret_until, so that a receiver may change over';
COMMENT ON COLUMN webhook_endpoints.failing_since IS 'the first failure since one arrived';

CREATE TABLE webhook_deliveries (
  id uuid PRIMARY KEY,
  endpoint_id uuid NOT NULL REFERENCES webhook_endpoints (id),
  message_id text NOT NULL,
  type text NOT NULL,
  body text NOT NULL,
  status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'arrived', 'failed', 'dropped')),
  tries integer NOT NULL DEFAULT 0,
  try_after timestamptz(3) NOT NULL,
  made_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  CONSTRAINT webhook_deliveries_once UNIQUE (endpoint_id, message_id)
);
COMMENT ON COLUMN webhook_deliveries.message_id IS 'the same whatever is tried again: what the receiver knows a repetition by';
COMMENT ON COLUMN webhook_deliveries.status IS 'dropped: its endpoint was disabled or deleted before it arrived';
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (try_after, id) WHERE status = 'waiting';
CREATE INDEX webhook_deliveries_of_endpoint ON webhook_deliveries (endpoint_id, made_at, id);

CREATE TABLE webhook_attempts (
  delivery_id uuid NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
  n integer NOT NULL,
  at timestamptz(3) NOT NULL,
  took_ms integer NOT NULL,
  request_headers jsonb NOT NULL,
  status integer,
  answer text,
  failure text,
  PRIMARY KEY (delivery_id, n)
);
COMMENT ON COLUMN webhook_attempts.request_headers IS 'without the values of the endpoint''s own, which may be secret';
COMMENT ON COLUMN webhook_attempts.answer IS 'its first 2 KiB';
COMMENT ON COLUMN webhook_attempts.failure IS 'why there was no answer';
