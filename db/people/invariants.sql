-- What is true of people at every instant, as queries that answer with the rows which break it. `invariant` is a promise;
-- `report` is a reading an operator wants beside them.

-- invariant: follows_are_counted
-- Everybody has as many followers, and follows as many, as their counts say.
SELECT coalesce(counted.user_id, kept.user_id) AS user_id, counted.followers, counted.following, kept.followers AS kept_followers,
  kept.following AS kept_following
FROM (
  SELECT user_id, sum(followers) AS followers, sum(following) AS following
  FROM (
    SELECT followed_id AS user_id, 1 AS followers, 0 AS following FROM follows
    UNION ALL SELECT follower_id, 0, 1 FROM follows
  ) AS ties GROUP BY user_id
) AS counted
FULL JOIN follow_counts AS kept ON kept.user_id = counted.user_id
WHERE (coalesce(counted.followers, 0), coalesce(counted.following, 0))
  IS DISTINCT FROM (coalesce(kept.followers, 0), coalesce(kept.following, 0));

-- invariant: who_is_blocked_does_not_follow
-- Of two of whom one has blocked the other neither follows the other, or asks to.
SELECT blocker_id, blocked_id FROM blocks
WHERE EXISTS (SELECT FROM follows WHERE follower_id = blocker_id AND followed_id = blocked_id)
  OR EXISTS (SELECT FROM follows WHERE follower_id = blocked_id AND followed_id = blocker_id)
  OR EXISTS (SELECT FROM follow_requests WHERE requester_id = blocker_id AND asked_id = blocked_id)
  OR EXISTS (SELECT FROM follow_requests WHERE requester_id = blocked_id AND asked_id = blocker_id);

-- invariant: who_left_has_no_name
-- Of who deleted their account nothing is left that says who they were, and they can sign in nowhere.
SELECT users.id AS user_id FROM users
WHERE deleted_at IS NOT NULL AND (
  handle <> 'deleted-' || replace(users.id::text, '-', '') OR password_hash IS NOT NULL OR external_subject IS NOT NULL
  OR display_name IS NOT NULL OR avatar_url IS NOT NULL OR bio IS NOT NULL
  OR EXISTS (SELECT FROM sessions WHERE user_id = users.id AND ended_at IS NULL)
  OR EXISTS (SELECT FROM videos WHERE creator_id = users.id AND (videos.deleted_at IS NULL OR title <> ''))
  OR EXISTS (SELECT FROM video_comments WHERE user_id = users.id AND text <> '')
  OR EXISTS (SELECT FROM messages WHERE sender_id = users.id AND content IS NOT NULL AND messages.deleted_at IS NULL)
);

-- invariant: reviews_are_shown_together
-- The two sides of a deal read each other's review from the same instant on.
SELECT process_id FROM reviews GROUP BY process_id HAVING count(DISTINCT shown_from) > 1;
