-- Up Migration

-- Views are earned anew every day, and each is a row: after a year the rows of a posting are forgotten, and what they came
-- to is kept, so that sums and postings are as they were. What is earned once for ever stays, row by row.
CREATE TABLE reward_sums (
  posting text COLLATE "C" NOT NULL,
  day date NOT NULL,
  action text COLLATE "C" NOT NULL,
  user_id uuid NOT NULL,
  points bigint NOT NULL CHECK (points > 0),
  granted integer NOT NULL CHECK (granted > 0),
  PRIMARY KEY (posting, day, action)
);
COMMENT ON TABLE reward_sums IS 'What was granted and is forgotten act by act: a row a posting, day and action.';
CREATE INDEX reward_sums_of_one ON reward_sums (user_id);

CREATE INDEX rewards_to_forget ON rewards (judged_at)
  WHERE refused IS NOT NULL OR once_day IS DISTINCT FROM '-infinity'::date;
CREATE INDEX reward_pairs_by_day ON reward_pairs (day);
