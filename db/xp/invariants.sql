-- What is true of experience at every instant, as queries that answer with the rows which break it.

-- invariant: xp_is_what_was_granted
-- What a person has gained is the sum of what they were granted.
SELECT coalesce(person.user_id, granted.user_id) AS user_id, person.xp::text, granted.points::text
FROM xp_people AS person
FULL JOIN (SELECT user_id, sum(points) AS points FROM xp_grants GROUP BY user_id) AS granted USING (user_id)
WHERE coalesce(person.xp, 0) <> coalesce(granted.points, 0);

-- invariant: xp_is_granted_by_rules
-- What was granted was granted by a rule that there is.
SELECT had.user_id, had.action, had.about, had.version FROM xp_grants AS had
WHERE NOT EXISTS (SELECT FROM xp_rules WHERE xp_rules.action = had.action AND xp_rules.version = had.version);
