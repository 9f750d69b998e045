-- Up Migration

-- What is earned. An act is written as it happens, with what it needs to be judged; a collector judges the acts of one
-- person after the other, under the lock of that person's row, and posts what they come to as one transfer. So once is
-- once, a cap is a cap, and a million views are as many short rows and few transfers.

INSERT INTO ledger_account_kinds (kind, overdraft, any_currency) VALUES ('budget', false, false);

CREATE TABLE reward_rules (
  action text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  points bigint NOT NULL CONSTRAINT reward_rules_points_positive CHECK (points > 0 AND points % 10 = 0),
  following integer,
  followers integer,
  per text NOT NULL CONSTRAINT reward_rules_per_known CHECK (per IN ('target', 'target_day', 'none')),
  daily_cap bigint,
  pair_cap bigint,
  client boolean NOT NULL,
  enabled boolean NOT NULL,
  effective_from timestamptz(3) NOT NULL,
  changed_by uuid REFERENCES users (id),
  why text,
  PRIMARY KEY (action, version)
);
COMMENT ON TABLE reward_rules IS 'Every version there was of every rule. An act is judged by the one in force when it was done.';
COMMENT ON COLUMN reward_rules.points IS 'hundredths of a LYK, in whole tenths';
COMMENT ON COLUMN reward_rules.following IS 'whoever earns follows at least so many; null: does not matter';
COMMENT ON COLUMN reward_rules.daily_cap IS 'of this action and person a day (UTC); null: none';
COMMENT ON COLUMN reward_rules.pair_cap IS 'of this action between one actor and one creator a day';
COMMENT ON COLUMN reward_rules.client IS 'a page may say that it was done';
CREATE TRIGGER reward_rules_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON reward_rules
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO reward_rules (action, version, points, following, followers, per, daily_cap, pair_cap, client, enabled,
  effective_from)
SELECT action, 1, points, following, followers, per, daily_cap, pair_cap, client, true, '2000-01-01T00:00:00Z'
FROM (VALUES
  ('video_liked', 100, 100, NULL::integer, 'target', 50000::bigint, 20000::bigint, false),
  ('video_viewed', 100, 100, NULL, 'target_day', 50000, 20000, false),
  ('video_shared', 200, 100, NULL, 'target', 50000, 20000, false),
  ('comment_posted', 200, 100, NULL, 'target', 50000, 20000, false),
  ('video_uploaded', 500, NULL, 1000, 'target', 10000, NULL, false),
  ('like_received', 100, NULL, 1000, 'target', 10000000, 20000, false),
  ('share_received', 100, NULL, 1000, 'target', 10000000, 20000, false),
  ('view_received', 10, NULL, 1000, 'target_day', 10000000, 20000, false),
  ('watch_milestone', 50, NULL, NULL, 'target', 20000, 10000, false),
  ('ad_view', 100, NULL, NULL, 'target', 20000, 10000, false),
  -- Once a day of their own calendar, which is none of UTC's.
  ('daily_login', 100, NULL, NULL, 'target', NULL, NULL, true),
  ('streak_week', 500, NULL, NULL, 'target', NULL, NULL, false),
  ('profile_completed', 1000, NULL, NULL, 'target', 1000, NULL, true),
  ('post_shared', 100, NULL, NULL, 'target_day', 500, NULL, true)
) AS first (action, points, following, followers, per, daily_cap, pair_cap, client);

-- What waits to be judged: nothing here is looked up or locked by whoever acts, so it costs one short row.
CREATE TABLE reward_acts (
  id bigint GENERATED ALWAYS AS IDENTITY,
  user_id uuid NOT NULL,
  action text COLLATE "C" NOT NULL,
  actor_id uuid NOT NULL,
  creator_id uuid NOT NULL,
  target text COLLATE "C" NOT NULL,
  gathered boolean NOT NULL,
  following integer NOT NULL,
  followers integer NOT NULL,
  at timestamptz(3) NOT NULL
);
COMMENT ON COLUMN reward_acts.user_id IS 'who earns by it';
COMMENT ON COLUMN reward_acts.creator_id IS 'whose thing it was done with; the actor''s own, where there is no other';
COMMENT ON COLUMN reward_acts.target IS 'a video, a milestone of one ("<video>/50"), an ad in one, or what a page says';
COMMENT ON COLUMN reward_acts.following IS 'how many who earns by it followed, and was followed by, at that moment';
COMMENT ON COLUMN reward_acts.gathered IS 'it may be one of very many of its kind: posted with others, every few seconds';
CREATE INDEX reward_acts_of_one ON reward_acts (user_id, gathered, id);

-- What became of each act, under its number.
CREATE TABLE rewards (
  id bigint PRIMARY KEY,
  user_id uuid NOT NULL,
  action text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  actor_id uuid NOT NULL,
  creator_id uuid NOT NULL,
  target text COLLATE "C" NOT NULL,
  once_day date,
  points bigint NOT NULL,
  refused text COLLATE "C",
  at timestamptz(3) NOT NULL,
  day date NOT NULL,
  judged_at timestamptz(3) NOT NULL,
  posting text COLLATE "C",
  FOREIGN KEY (action, version) REFERENCES reward_rules (action, version),
  CONSTRAINT rewards_are_granted_or_refused CHECK (
    (refused IS NULL) = (posting IS NOT NULL) AND (refused IS NULL) = (points > 0)
  )
);
COMMENT ON COLUMN rewards.once_day IS 'the day it was earned for, where once a day is once; -infinity where once is once for ever, null where it may be earned again';
COMMENT ON COLUMN rewards.posting IS 'the key of the transfer that it is part of';
CREATE UNIQUE INDEX rewards_once ON rewards (actor_id, action, target, once_day) WHERE refused IS NULL;
CREATE INDEX rewards_of_one ON rewards (user_id, id);
CREATE INDEX rewards_posting ON rewards (posting) WHERE posting IS NOT NULL;

-- A row for everybody who earns: its lock is what makes one person's acts be judged one after the other.
CREATE TABLE reward_people (
  user_id uuid PRIMARY KEY REFERENCES users (id),
  collected_at timestamptz(3) NOT NULL DEFAULT '2000-01-01T00:00:00Z',
  earned bigint NOT NULL DEFAULT 0,
  debt bigint NOT NULL DEFAULT 0 CONSTRAINT reward_people_debt_is_owed CHECK (debt >= 0),
  streak integer NOT NULL DEFAULT 0,
  longest integer NOT NULL DEFAULT 0,
  streak_day date
) WITH (fillfactor = 50);
COMMENT ON COLUMN reward_people.collected_at IS 'when what others did with their things was last posted to them: that comes gathered';
COMMENT ON COLUMN reward_people.debt IS 'what was taken back and not there to take: paid by what is earned next';
COMMENT ON COLUMN reward_people.streak_day IS 'the last day of the streak, by the clock on the user''s own wall';

CREATE TABLE reward_days (
  user_id uuid NOT NULL,
  day date NOT NULL,
  action text COLLATE "C" NOT NULL,
  points bigint NOT NULL,
  granted integer NOT NULL,
  refused integer NOT NULL,
  PRIMARY KEY (user_id, day, action)
) WITH (fillfactor = 50);
COMMENT ON TABLE reward_days IS 'What somebody earned by an action on a day: what caps are compared with, and what reads sum.';

CREATE INDEX reward_days_by_day ON reward_days (day);

CREATE TABLE reward_pairs (
  user_id uuid NOT NULL,
  day date NOT NULL,
  action text COLLATE "C" NOT NULL,
  other_id uuid NOT NULL,
  points bigint NOT NULL,
  PRIMARY KEY (user_id, day, action, other_id)
) WITH (fillfactor = 50);

CREATE TABLE reward_budget (
  one boolean PRIMARY KEY DEFAULT true CONSTRAINT reward_budget_is_one CHECK (one),
  daily bigint NOT NULL CONSTRAINT reward_budget_positive CHECK (daily > 0)
);
COMMENT ON TABLE reward_budget IS 'What may be minted a day (UTC): put into the account "budget/<day>", which cannot go below zero, before its first award.';
INSERT INTO reward_budget (daily) VALUES (100000000);

CREATE TABLE reward_totals (
  day date NOT NULL,
  action text COLLATE "C" NOT NULL,
  outcome text COLLATE "C" NOT NULL,
  many bigint NOT NULL,
  points bigint NOT NULL,
  PRIMARY KEY (day, action, outcome)
) WITH (fillfactor = 50);
COMMENT ON COLUMN reward_totals.outcome IS '"granted", or why not';

CREATE TABLE reward_videos (
  video_id uuid NOT NULL,
  day date NOT NULL,
  creator_points bigint NOT NULL,
  viewer_points bigint NOT NULL,
  PRIMARY KEY (video_id, day)
) WITH (fillfactor = 50);
COMMENT ON TABLE reward_videos IS 'What was paid because of a video on a day, to its creator and to others.';

CREATE TABLE reward_corrections (
  id uuid PRIMARY KEY,
  reward_id bigint NOT NULL REFERENCES rewards (id) CONSTRAINT reward_corrections_once UNIQUE,
  user_id uuid NOT NULL REFERENCES users (id),
  points bigint NOT NULL,
  taken bigint NOT NULL CONSTRAINT reward_corrections_take_a_part CHECK (taken >= 0 AND taken <= points),
  reason text NOT NULL,
  corrected_by uuid NOT NULL REFERENCES users (id),
  corrected_at timestamptz(3) NOT NULL
);
COMMENT ON COLUMN reward_corrections.taken IS 'what was there to take; the rest is a debt';
CREATE INDEX reward_corrections_of_one ON reward_corrections (user_id);

ALTER TABLE users ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC';
COMMENT ON COLUMN users.time_zone IS 'whose midnight ends their day';
