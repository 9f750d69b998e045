-- Up Migration

ALTER TABLE users
  ADD COLUMN display_name text,
  ADD COLUMN avatar_url text,
  ADD COLUMN bio text,
  ADD COLUMN private boolean NOT NULL DEFAULT false,
  ADD COLUMN deleted_at timestamptz(3);
COMMENT ON COLUMN users.private IS 'who wants to follow them asks first';
COMMENT ON COLUMN users.deleted_at IS 'nobody is behind it any more; the books keep it, without a name';

CREATE TABLE follows (
  follower_id uuid NOT NULL REFERENCES users (id),
  followed_id uuid NOT NULL REFERENCES users (id),
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (follower_id, followed_id),
  CONSTRAINT follows_of_another CHECK (follower_id <> followed_id)
);
CREATE INDEX follows_followers ON follows (followed_id, created_at, follower_id);
CREATE INDEX follows_following ON follows (follower_id, created_at, followed_id);

CREATE TABLE follow_counts (
  user_id uuid PRIMARY KEY REFERENCES users (id),
  followers integer NOT NULL DEFAULT 0,
  following integer NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
COMMENT ON TABLE follow_counts IS 'How many there are in follows: kept by the transaction that changes them, in the order of ids, as counting a million takes a second.';

CREATE TABLE follow_requests (
  requester_id uuid NOT NULL REFERENCES users (id),
  asked_id uuid NOT NULL REFERENCES users (id),
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (requester_id, asked_id),
  CONSTRAINT follow_requests_of_another CHECK (requester_id <> asked_id)
);
CREATE INDEX follow_requests_asked ON follow_requests (asked_id, created_at, requester_id);

CREATE TABLE blocks (
  blocker_id uuid NOT NULL REFERENCES users (id),
  blocked_id uuid NOT NULL REFERENCES users (id),
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (blocker_id, blocked_id),
  CONSTRAINT blocks_of_another CHECK (blocker_id <> blocked_id)
);
CREATE INDEX blocks_of_me ON blocks (blocked_id, blocker_id);

CREATE TABLE reviews (
  process_id uuid NOT NULL REFERENCES processes (id),
  author_id uuid NOT NULL REFERENCES users (id),
  subject_id uuid NOT NULL REFERENCES users (id),
  stars integer NOT NULL CONSTRAINT reviews_stars CHECK (stars BETWEEN 1 AND 5),
  text text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  shown_from timestamptz(3) NOT NULL,
  PRIMARY KEY (process_id, author_id),
  CONSTRAINT reviews_of_another CHECK (author_id <> subject_id)
);
COMMENT ON COLUMN reviews.shown_from IS 'when the time to review is over, or the instant of the second of the two: neither is read before the other is written';
CREATE INDEX reviews_subject ON reviews (subject_id, created_at, process_id);
