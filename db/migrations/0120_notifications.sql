-- Up Migration

-- One row a person who was ever told something. Whoever writes into an inbox has its row locked, so what is in it is
-- numbered in the order of commits: what is marked up to a number has nothing in it that came later.
CREATE TABLE inboxes (
  user_id uuid PRIMARY KEY REFERENCES users (id),
  position bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE inboxes IS 'Locked in the order of ids, before the counters of the outbox, by whoever writes notifications';

CREATE TABLE notifications (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES inboxes (user_id),
  kind text NOT NULL,
  -- What it is about, as "type/id"; those of a kind about one thing fold. Empty where it is about nothing.
  object text NOT NULL,
  title text NOT NULL,
  body text NOT NULL,
  data json NOT NULL,
  actor_id uuid REFERENCES users (id),
  count integer NOT NULL DEFAULT 1,
  position bigint NOT NULL,
  -- False: it is pushed alone, as its kind or its reader has the inbox off.
  listed boolean NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  -- Until then others fold into it, and a take-back counts.
  open_until timestamptz(3),
  seen_at timestamptz(3),
  read_at timestamptz(3),
  archived_at timestamptz(3),
  snoozed_until timestamptz(3),
  withdrawn_at timestamptz(3),
  CONSTRAINT notifications_read_is_seen CHECK (read_at IS NULL OR seen_at IS NOT NULL),
  CONSTRAINT notifications_count_positive CHECK (count > 0)
);
COMMENT ON COLUMN notifications.position IS 'Among those of its reader, newest last; another one when something was folded into it';
CREATE UNIQUE INDEX notifications_inbox ON notifications (user_id, position);
CREATE INDEX notifications_unread ON notifications (user_id, position)
  WHERE listed AND read_at IS NULL AND archived_at IS NULL AND withdrawn_at IS NULL;
CREATE INDEX notifications_open ON notifications (user_id, kind, object)
  WHERE open_until IS NOT NULL AND read_at IS NULL AND archived_at IS NULL AND withdrawn_at IS NULL;

-- What set a notification off: each key once for one reader, however often it is sent.
CREATE TABLE notification_triggers (
  user_id uuid NOT NULL,
  key text NOT NULL,
  notification_id uuid NOT NULL REFERENCES notifications (id),
  actor_id uuid,
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (user_id, key)
);
CREATE INDEX notification_triggers_folded ON notification_triggers (notification_id);

CREATE TABLE notification_preferences (
  user_id uuid PRIMARY KEY REFERENCES users (id),
  preferences json NOT NULL,
  changed_at timestamptz(3) NOT NULL
);

CREATE TABLE devices (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id),
  platform text NOT NULL CONSTRAINT devices_platform_known CHECK (platform IN ('fcm', 'webpush')),
  -- A registration token, or a subscription's endpoint: an app on one device, whoever is signed in there.
  token text NOT NULL,
  keys json,
  locale text,
  time_zone text,
  -- Who signs out is not pushed to there any more; null where an outside issuer keeps the sessions.
  session_id uuid REFERENCES sessions (id) ON DELETE CASCADE,
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT devices_keys_of_webpush CHECK ((keys IS NOT NULL) = (platform = 'webpush'))
);
-- A token may be longer than an index takes.
CREATE UNIQUE INDEX devices_token_unique ON devices (platform, sha256(token::bytea));
CREATE INDEX devices_user ON devices (user_id, created_at);
CREATE INDEX devices_session ON devices (session_id);

-- What is to reach somebody's devices. Written with the notification; carried out by the workflow `push` of its user.
CREATE TABLE pushes (
  id uuid PRIMARY KEY,
  notification_id uuid NOT NULL REFERENCES notifications (id),
  user_id uuid NOT NULL,
  kind text NOT NULL,
  cause text NOT NULL CONSTRAINT pushes_cause_known CHECK (cause IN ('new', 'snooze')),
  -- The event that says the same on a socket; null where there is none.
  seq bigint,
  created_at timestamptz(3) NOT NULL,
  due timestamptz(3) NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  told_at timestamptz(3),
  -- When its first message left: what the throttle counts.
  begun_at timestamptz(3),
  outcome text,
  why text,
  done_at timestamptz(3),
  CONSTRAINT pushes_done_with_outcome CHECK ((outcome IS NULL) = (done_at IS NULL))
);
COMMENT ON COLUMN pushes.told_at IS 'A hint: its workflow was told; told again after a minute while it is still due';
CREATE INDEX pushes_due ON pushes (due) WHERE outcome IS NULL;
CREATE INDEX pushes_open ON pushes (user_id, due) WHERE outcome IS NULL;
CREATE INDEX pushes_begun ON pushes (user_id, kind, begun_at) WHERE begun_at IS NOT NULL;
CREATE INDEX pushes_notification ON pushes (notification_id);

-- What a push service said of one push to one device; no reference to the device, which may be gone because of it.
CREATE TABLE deliveries (
  id uuid PRIMARY KEY,
  push_id uuid NOT NULL REFERENCES pushes (id),
  device_id uuid NOT NULL,
  platform text NOT NULL,
  outcome text NOT NULL,
  why text NOT NULL,
  at timestamptz(3) NOT NULL
);
CREATE INDEX deliveries_push ON deliveries (push_id, at);

-- What an administrator writes to a role or to everybody: told page by page.
CREATE TABLE broadcasts (
  id uuid PRIMARY KEY,
  -- The machine's columns, as workflows/process/machine.ts has them.
  state text NOT NULL,
  version integer NOT NULL,
  entry integer NOT NULL,
  entered_at timestamptz(3) NOT NULL,
  stepped_at timestamptz(3) NOT NULL,
  terms json NOT NULL,
  -- Its own.
  by_id uuid NOT NULL REFERENCES users (id),
  audience text NOT NULL,
  kind text NOT NULL,
  title text NOT NULL,
  body text NOT NULL,
  data json NOT NULL,
  push boolean NOT NULL,
  created_at timestamptz(3) NOT NULL,
  told_at timestamptz(3),
  CONSTRAINT broadcasts_state_known CHECK (state IN ('sending', 'sent', 'stopped'))
);
CREATE INDEX broadcasts_open ON broadcasts (created_at) WHERE state = 'sending';
