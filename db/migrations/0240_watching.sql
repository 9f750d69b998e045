-- Up Migration

-- Who watches which stream, as the doors see it at every turn of a minute: whoever is there at two turns that follow each
-- other has watched the minute between. One row a person and stream, however long they stay.
CREATE TABLE stream_watchers (
  stream_id uuid NOT NULL,
  user_id uuid NOT NULL REFERENCES users (id),
  minutes integer NOT NULL DEFAULT 0 CHECK (minutes >= 0),
  since timestamptz(3) NOT NULL,
  seen_at timestamptz(3) NOT NULL,
  PRIMARY KEY (stream_id, user_id),
  CHECK (seen_at >= since)
) WITH (fillfactor = 80);
COMMENT ON TABLE stream_watchers IS 'Without a foreign key to the stream: everybody who watches would lock its row beside all others. Who is noted has been let in.';
COMMENT ON COLUMN stream_watchers.minutes IS 'watched whole, in all';
COMMENT ON COLUMN stream_watchers.since IS 'the first of the turns, one after the other, that they have been there at';
COMMENT ON COLUMN stream_watchers.seen_at IS 'the last turn of a minute that they were there at';
-- Not by time, so that a minute more is no new entry: nobody watches more than some hundreds.
CREATE INDEX stream_watchers_of ON stream_watchers (user_id);

INSERT INTO xp_rules (action, version, points, per, daily_cap, enabled, effective_from) VALUES
  ('minute_watched', 1, 2, 'minute', 240, true, '2000-01-01T00:00:00Z'),
  ('minute_live', 1, 5, 'minute', 600, true, '2000-01-01T00:00:00Z');
