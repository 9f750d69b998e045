-- What is true of rewards at every instant, as queries that answer with the rows which break it.

-- invariant: rewards_are_posted
-- What was granted together is what its transfer took out of a day's budget.
SELECT coalesce(granted.posting, moved.key) AS posting, granted.points::text, moved.points::text AS moved
FROM (
  SELECT posting, sum(points) AS points FROM (
    SELECT posting, points FROM rewards WHERE posting IS NOT NULL UNION ALL SELECT posting, points FROM reward_sums
  ) AS each GROUP BY posting
) AS granted
FULL JOIN (
  SELECT transfer.key, -sum(entry.amount) AS points
  FROM ledger_transfers AS transfer
  JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
  JOIN ledger_accounts AS account ON account.id = entry.account_id AND account.kind = 'budget'
  WHERE transfer.reason = 'reward' GROUP BY transfer.key
) AS moved ON moved.key = granted.posting
WHERE granted.points IS DISTINCT FROM moved.points;

-- invariant: rewards_are_by_their_rule
-- What is granted is what its rule's version says, to who had what it asks for: never by one that was made later.
SELECT reward.id AS reward_id, reward.action, reward.version
FROM rewards AS reward JOIN reward_rules AS rule USING (action, version)
WHERE (reward.refused IS NULL AND (reward.points <> rule.points OR NOT rule.enabled)) OR reward.at < rule.effective_from
  OR EXISTS (
    SELECT FROM reward_rules AS later
    WHERE later.action = reward.action AND later.version > reward.version AND later.effective_from <= reward.at
  );

-- invariant: rewards_are_earned_once
-- Nobody earned twice for what is earned once.
SELECT actor_id, action, target, once_day, count(*) AS many FROM rewards WHERE refused IS NULL AND once_day IS NOT NULL
GROUP BY actor_id, action, target, once_day HAVING count(*) > 1;

-- invariant: nobody_earns_by_themselves
-- With one's own things nothing is earned that is for others'.
SELECT id AS reward_id, user_id, action FROM rewards
WHERE refused IS NULL AND actor_id = creator_id AND action IN ('video_liked', 'video_viewed', 'video_shared',
  'comment_posted', 'like_received', 'share_received', 'view_received', 'watch_milestone', 'ad_view');

-- invariant: reward_days_are_summed
-- What somebody earned by an action on a day is the sum of it.
SELECT coalesce(kept.user_id, summed.user_id) AS user_id, coalesce(kept.day, summed.day) AS day,
  coalesce(kept.action, summed.action) AS action
FROM reward_days AS kept
FULL JOIN (
  SELECT user_id, day, action, sum(points) AS points, sum(granted) AS granted FROM (
    SELECT user_id, day, action, points, CASE WHEN refused IS NULL THEN 1 ELSE 0 END AS granted FROM rewards
    UNION ALL SELECT user_id, day, action, points, granted FROM reward_sums
  ) AS each GROUP BY user_id, day, action
) AS summed USING (user_id, day, action)
WHERE (coalesce(kept.points, 0), coalesce(kept.granted, 0)) <> (coalesce(summed.points, 0), coalesce(summed.granted, 0));

-- invariant: reward_totals_are_summed
-- What a day came to is the sum of what everybody earned.
SELECT coalesce(kept.day, summed.day) AS day, coalesce(kept.action, summed.action) AS action
FROM (SELECT day, action, points FROM reward_totals WHERE outcome = 'granted') AS kept
FULL JOIN (
  SELECT day, action, sum(points) AS points FROM reward_days GROUP BY day, action HAVING sum(points) > 0
) AS summed USING (day, action)
WHERE coalesce(kept.points, 0) <> coalesce(summed.points, 0);

-- invariant: rewards_are_within_caps
-- Nobody earned more by an action on a day than the largest cap that its rule ever had.
SELECT user_id, day, action, points::text
FROM reward_days JOIN (
  SELECT action, max(daily_cap) AS cap, bool_or(daily_cap IS NULL) AS open FROM reward_rules GROUP BY action
) AS capped USING (action)
WHERE NOT capped.open AND points > capped.cap;

-- invariant: what_people_earned_is_summed
-- What somebody earned in all is what they were granted, less what was taken back.
SELECT person.user_id, person.earned::text
FROM reward_people AS person
WHERE person.earned <> coalesce((SELECT sum(points) FROM reward_days WHERE user_id = person.user_id), 0)
  - coalesce((SELECT sum(points) FROM reward_corrections WHERE user_id = person.user_id), 0);

-- invariant: debts_are_what_was_not_there
-- Somebody owes what was taken back and not there, less what their awards have paid.
WITH taken AS (
  SELECT user_id, sum(points - taken) AS points FROM reward_corrections GROUP BY user_id
), paid AS (
  SELECT posted.user_id, sum(entry.amount) AS points
  FROM (
    SELECT user_id, posting FROM rewards WHERE posting IS NOT NULL UNION SELECT user_id, posting FROM reward_sums
  ) AS posted
  JOIN ledger_transfers AS transfer ON transfer.key = posted.posting AND transfer.reason = 'reward'
  JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
  JOIN ledger_accounts AS account ON account.id = entry.account_id AND account.kind = 'issuance'
  GROUP BY posted.user_id
)
SELECT person.user_id, person.debt::text
FROM reward_people AS person LEFT JOIN taken ON taken.user_id = person.user_id LEFT JOIN paid ON paid.user_id = person.user_id
WHERE person.debt <> coalesce(taken.points, 0) - coalesce(paid.points, 0);

-- report: acts_to_judge
-- What was done and is not judged yet, by the oldest.
SELECT count(*)::text AS acts, min(at) AS oldest FROM reward_acts HAVING count(*) > 0;
