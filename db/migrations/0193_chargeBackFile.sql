-- Up Migration

CREATE TABLE charge_back_files (
  id uuid PRIMARY KEY,
  process_id uuid NOT NULL REFERENCES charge_backs (process_id),
  n integer NOT NULL,
  by_role text NOT NULL,
  user_id uuid NOT NULL REFERENCES users (id),
  name text NOT NULL,
  media_type text NOT NULL
    CONSTRAINT charge_back_files_media_known CHECK (media_type IN ('application/pdf', 'image/png', 'image/jpeg')),
  bytes bytea NOT NULL,
  added_at timestamptz(3) NOT NULL,
  CONSTRAINT charge_back_files_numbered UNIQUE (process_id, n)
);
COMMENT ON TABLE charge_back_files IS 'Files that speak for a side, handed in to the bank with what was said. No more and no larger than every provider that takes files takes.';
