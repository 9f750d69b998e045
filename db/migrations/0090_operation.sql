-- Up Migration

-- Parts that work out of the API's sight say here that they do: `worker`, `relay`, `temporal`. One row a part, however
-- many processes there are of it: one of them alive is enough.
CREATE TABLE heartbeats (
  part text PRIMARY KEY CONSTRAINT heartbeats_part_form CHECK (part ~ '^[a-z_]{1,40}$'),
  beat_at timestamptz(3) NOT NULL
);
