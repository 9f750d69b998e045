-- Up Migration

CREATE TABLE barred_people (
  user_id uuid PRIMARY KEY REFERENCES users (id),
  barred_at timestamptz(3) NOT NULL,
  barred_by uuid NOT NULL REFERENCES users (id),
  reason text NOT NULL
);
COMMENT ON TABLE barred_people IS 'Who may not sign in, by an administrator. What they have under way goes on: it is about money, and others''.';

CREATE TABLE staff_notes (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id),
  author_id uuid NOT NULL REFERENCES users (id),
  text text NOT NULL,
  written_at timestamptz(3) NOT NULL
);
COMMENT ON TABLE staff_notes IS 'What staff wrote down about somebody, for staff alone.';
CREATE INDEX staff_notes_user ON staff_notes (user_id, id);
