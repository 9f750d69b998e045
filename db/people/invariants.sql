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
WITH gone AS MATERIALIZED (
  SELECT * FROM users WHERE deleted_at IS NOT NULL
), said AS (
  SELECT sender_id AS user_id FROM messages WHERE content IS NOT NULL AND deleted_at IS NULL
  UNION ALL SELECT user_id FROM sessions WHERE ended_at IS NULL
  UNION ALL SELECT creator_id FROM videos WHERE deleted_at IS NULL OR title <> ''
  UNION ALL SELECT user_id FROM video_comments WHERE text <> ''
  UNION ALL SELECT author_id FROM reviews WHERE text <> ''
  UNION ALL SELECT sender_id FROM tips WHERE message IS NOT NULL
  UNION ALL SELECT from_user_id FROM gift_events WHERE message IS NOT NULL
  UNION ALL SELECT creator_id FROM streams WHERE title <> '' OR tags <> '{}' OR theme IS NOT NULL
  UNION ALL SELECT user_id FROM stream_messages WHERE text <> ''
  UNION ALL SELECT user_id FROM questions WHERE text <> ''
  UNION ALL SELECT creator_id FROM subscription_tiers WHERE name <> '' OR retired_at IS NULL
  UNION ALL SELECT creator_id FROM ticket_events WHERE title <> ''
)
SELECT id AS user_id FROM gone
WHERE handle !~ '^deleted-[0-9a-f]{32}$' OR password_hash IS NOT NULL OR external_subject IS NOT NULL
  OR display_name IS NOT NULL OR avatar_url IS NOT NULL OR bio IS NOT NULL OR time_zone <> 'UTC' OR roles <> '{}'
UNION
-- Of everybody once, and not of all for each.
SELECT gone.id FROM gone JOIN said ON said.user_id = gone.id;

-- invariant: who_left_has_no_details
-- Of who deleted their account nothing is left that says where they are reached and paid; what they offered is ended.
WITH gone AS MATERIALIZED (
  SELECT id, deleted_at FROM users WHERE deleted_at IS NOT NULL
), kept AS (
  SELECT user_id FROM payees
  UNION ALL SELECT user_id FROM payout_destinations
    WHERE details <> '{}' OR label <> '' OR holder IS NOT NULL OR removed_at IS NULL
  UNION ALL SELECT user_id FROM devices
  UNION ALL SELECT user_id FROM notification_preferences
  UNION ALL SELECT user_id FROM wallet_recipients
  UNION ALL SELECT user_id FROM wallet_addresses WHERE address IS NOT NULL
  UNION ALL SELECT user_id FROM trading_offers WHERE state <> 'cancelled' OR payment_details IS NOT NULL
  UNION ALL SELECT seats.user_id FROM seats JOIN trades ON trades.process_id = seats.process_id
    WHERE role = 'seller' AND payment_details IS NOT NULL
  UNION ALL SELECT brand_owner_id FROM campaigns WHERE title <> '' OR description <> ''
  UNION ALL SELECT influencer_id FROM bids WHERE title <> '' OR description <> ''
  UNION ALL SELECT owner_id FROM gigs WHERE title <> '' OR description <> ''
  UNION ALL SELECT leader_id FROM clans WHERE name !~ '^deleted-' OR description <> ''
  UNION ALL SELECT user_id FROM charge_back_files WHERE by_role <> 'admin' AND bytes <> ''
)
SELECT gone.id AS user_id FROM gone JOIN kept ON kept.user_id = gone.id
UNION
SELECT gone.id FROM gone JOIN staff_notes AS note ON note.user_id = gone.id WHERE note.written_at < gone.deleted_at;

-- invariant: reviews_are_shown_together
-- The two sides of a deal read each other's review from the same instant on.
SELECT process_id FROM reviews GROUP BY process_id HAVING count(DISTINCT shown_from) > 1;
