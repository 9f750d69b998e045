-- Up Migration

-- Notifications are made of people's events after these are committed (db/notification/noting.ts): how far that is.
ALTER TABLE inboxes ADD COLUMN noted bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN inboxes.noted IS 'the number of the last event of the outbox that was looked at for what it is worth notifying of';

-- What was announced before today is not told of anew.
INSERT INTO inboxes (user_id, noted) SELECT user_id, last_seq FROM user_sequences
ON CONFLICT (user_id) DO UPDATE SET noted = EXCLUDED.noted;

CREATE TABLE noting (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  until_at timestamptz(3) NOT NULL
);
COMMENT ON TABLE noting IS 'One row: all events that were committed by then have been looked at for what they are worth notifying of.';
INSERT INTO noting (until_at) VALUES (now());
