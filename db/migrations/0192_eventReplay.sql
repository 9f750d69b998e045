-- Up Migration

CREATE TABLE event_replays (
  id uuid PRIMARY KEY,
  queue text NOT NULL,
  from_at timestamptz(3) NOT NULL,
  until_at timestamptz(3) NOT NULL,
  routing_key text,
  about text,
  reason text NOT NULL,
  asked_by uuid NOT NULL REFERENCES users (id),
  asked_at timestamptz(3) NOT NULL,
  events bigint NOT NULL,
  sent bigint NOT NULL DEFAULT 0,
  after_at timestamptz(3),
  after_id bigint,
  try_after timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  failure text,
  CONSTRAINT event_replays_in_time CHECK (from_at < until_at)
);
COMMENT ON TABLE event_replays IS 'What an operator had sent once more, into which queue, and how far that is.';
COMMENT ON COLUMN event_replays.events IS 'how many there were of that time when it was asked for';
COMMENT ON COLUMN event_replays.after_at IS 'of the last one that was sent, with after_id: whoever goes on begins behind it';
COMMENT ON COLUMN event_replays.try_after IS 'until then whoever took it has it, or the broker is left alone';
COMMENT ON COLUMN event_replays.failure IS 'why it ended before the last; while it has not ended, why it waits';
CREATE INDEX event_replays_waiting ON event_replays (try_after) WHERE ended_at IS NULL;
