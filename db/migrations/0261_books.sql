-- Up Migration

-- Whether the books are in order, for whoever asks any process: each had only what it had found out itself.
CREATE TABLE book_checks (
  invariant text COLLATE "C" PRIMARY KEY,
  checked_at timestamptz(3) NOT NULL,
  broken boolean NOT NULL
);
COMMENT ON TABLE book_checks IS 'What came of the last look at each invariant.';
COMMENT ON COLUMN book_checks.checked_at IS 'before it was looked at: what came later may not have been seen';

-- Nobody has looked since today; the first whole look takes this away.
INSERT INTO book_checks (invariant, checked_at, broken) VALUES ('', now(), false);

CREATE TABLE book_answers (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  whole boolean NOT NULL,
  found json NOT NULL,
  at timestamptz(3) NOT NULL
);
COMMENT ON TABLE book_answers IS 'One row at most: what was found by a look at the books that took longer than whoever asked for it waits. Given once.';

-- What is forgotten after a time is found by its age. A BRIN index tells less from round to round: a page whose rows were
-- forgotten is filled anew, and counts as old for ever.
CREATE INDEX answers_by_age ON answers (created_at);
CREATE INDEX outbox_by_age ON outbox (created_at);
CREATE INDEX target_views_by_age ON target_views (seen_at);
CREATE INDEX rewards_refused ON rewards (judged_at) WHERE refused IS NOT NULL;
CREATE INDEX rewards_granted ON rewards (judged_at) WHERE refused IS NULL AND once_day IS DISTINCT FROM '-infinity'::date;
CREATE INDEX sessions_over ON sessions (least(ended_at, expires_at));
CREATE INDEX sandbox_deliveries_ended ON sandbox_deliveries (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX pushes_done ON pushes (done_at) WHERE done_at IS NOT NULL;
CREATE INDEX notifications_over ON notifications (greatest(updated_at, archived_at, withdrawn_at))
WHERE archived_at IS NOT NULL OR withdrawn_at IS NOT NULL OR NOT listed;
-- Last, as nobody reads these tables from here to the end.
DROP INDEX answers_age, outbox_age, target_views_age, rewards_to_forget;
