-- What is true of experience at every instant, as queries that answer with the rows which break it.

-- invariant: xp_is_what_was_granted
-- What a person has gained is the sum of what they were granted.
SELECT coalesce(person.user_id, granted.user_id) AS user_id, person.xp::text, granted.points::text
FROM xp_people AS person
FULL JOIN (SELECT user_id, sum(points) AS points FROM xp_grants GROUP BY user_id) AS granted USING (user_id)
WHERE coalesce(person.xp, 0) <> coalesce(granted.points, 0);
