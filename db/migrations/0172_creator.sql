-- Up Migration

CREATE TABLE tips (
  id uuid PRIMARY KEY,
  creator_id uuid NOT NULL REFERENCES users (id),
  sender_id uuid NOT NULL REFERENCES users (id),
  asset text COLLATE "C" NOT NULL REFERENCES ledger_assets (asset),
  amount bigint NOT NULL CONSTRAINT tips_amount_positive CHECK (amount > 0),
  message text,
  posting text COLLATE "C" NOT NULL,
  at timestamptz(3) NOT NULL,
  CONSTRAINT tips_of_another CHECK (creator_id <> sender_id)
);
COMMENT ON COLUMN tips.posting IS 'the key of the transfer that moved it';
CREATE INDEX tips_creator ON tips (creator_id, at, id);
CREATE INDEX tips_sender ON tips (sender_id);

CREATE TABLE creator_milestones (
  creator_id uuid NOT NULL REFERENCES users (id),
  milestone text COLLATE "C" NOT NULL,
  progress bigint NOT NULL,
  reached_at timestamptz(3) NOT NULL,
  PRIMARY KEY (creator_id, milestone)
);
COMMENT ON TABLE creator_milestones IS 'Milestones that were reached: a row is made once, in the transaction that tells of it.';

CREATE TABLE follow_days (
  user_id uuid NOT NULL REFERENCES users (id),
  day date NOT NULL,
  gained integer NOT NULL,
  lost integer NOT NULL,
  PRIMARY KEY (user_id, day)
) WITH (fillfactor = 50);
COMMENT ON TABLE follow_days IS 'How many followers came and went on a day (UTC): who went has no row in follows any more.';
