-- Up Migration

-- What viewers want to know of a stream's creator. Without a foreign key to the stream, as its chat.
CREATE TABLE questions (
  id uuid PRIMARY KEY,
  stream_id uuid NOT NULL,
  user_id uuid NOT NULL REFERENCES users (id),
  text text NOT NULL,
  at timestamptz(3) NOT NULL,
  status text NOT NULL DEFAULT 'asked' CHECK (status IN ('asked', 'answered', 'dismissed')),
  moved_at timestamptz(3),
  moved_by uuid REFERENCES users (id),
  upvotes integer NOT NULL DEFAULT 0 CHECK (upvotes >= 0),
  told_upvotes integer NOT NULL DEFAULT 0,
  told_at timestamptz(3),
  CHECK ((status = 'asked') = (moved_at IS NULL)),
  CHECK ((moved_at IS NULL) = (moved_by IS NULL))
);
COMMENT ON COLUMN questions.moved_at IS 'when it was answered or put aside, by moved_by';
COMMENT ON COLUMN questions.told_upvotes IS 'what its room was last told; told by the worker where it differs';
CREATE INDEX questions_of ON questions (stream_id, status, upvotes DESC, id);
CREATE INDEX questions_by ON questions (user_id, stream_id, at);
CREATE INDEX questions_untold ON questions (id) WHERE upvotes <> told_upvotes AND status = 'asked';

CREATE TABLE question_upvotes (
  question_id uuid NOT NULL REFERENCES questions (id),
  user_id uuid NOT NULL REFERENCES users (id),
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (question_id, user_id)
);
