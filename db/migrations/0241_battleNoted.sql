-- Up Migration

-- What the two of a battle were last told of it in their inboxes and on their devices: by the worker, where it differs.
ALTER TABLE battles ADD COLUMN noted text NOT NULL DEFAULT 'invited';
COMMENT ON COLUMN battles.noted IS 'the status that the two were last notified of; done by the worker where it differs';
UPDATE battles SET noted = status;
CREATE INDEX battles_unnoted ON battles (process_id) WHERE status <> noted;
