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
  handle !~ '^deleted-[0-9a-f]{32}$' OR password_hash IS NOT NULL OR external_subject IS NOT NULL
  OR display_name IS NOT NULL OR avatar_url IS NOT NULL OR bio IS NOT NULL OR time_zone <> 'UTC' OR roles <> '{}'
  OR EXISTS (SELECT FROM sessions WHERE user_id = users.id AND ended_at IS NULL)
  OR EXISTS (SELECT FROM videos WHERE creator_id = users.id AND (videos.deleted_at IS NULL OR title <> ''))
  OR EXISTS (SELECT FROM video_comments WHERE user_id = users.id AND text <> '')
  OR EXISTS (SELECT FROM messages WHERE sender_id = users.id AND content IS NOT NULL AND messages.deleted_at IS NULL)
  OR EXISTS (SELECT FROM reviews WHERE author_id = users.id AND text <> '')
  OR EXISTS (SELECT FROM tips WHERE sender_id = users.id AND message IS NOT NULL)
  OR EXISTS (SELECT FROM gift_events WHERE from_user_id = users.id AND message IS NOT NULL)
  OR EXISTS (SELECT FROM streams WHERE creator_id = users.id AND (title <> '' OR tags <> '{}' OR theme IS NOT NULL))
  OR EXISTS (SELECT FROM stream_messages WHERE user_id = users.id AND text <> '')
  OR EXISTS (SELECT FROM questions WHERE user_id = users.id AND text <> '')
  OR EXISTS (SELECT FROM subscription_tiers WHERE creator_id = users.id AND (name <> '' OR retired_at IS NULL))
  OR EXISTS (SELECT FROM ticket_events WHERE creator_id = users.id AND title <> '')
);

-- invariant: who_left_has_no_details
-- Of who deleted their account nothing is left that says where they are reached and paid; what they offered is ended.
SELECT users.id AS user_id FROM users
WHERE deleted_at IS NOT NULL AND (
  EXISTS (SELECT FROM payees WHERE user_id = users.id)
  OR EXISTS (
    SELECT FROM payout_destinations
    WHERE user_id = users.id AND (details <> '{}' OR label <> '' OR holder IS NOT NULL OR removed_at IS NULL)
  )
  OR EXISTS (SELECT FROM devices WHERE user_id = users.id)
  OR EXISTS (SELECT FROM notification_preferences WHERE user_id = users.id)
  OR EXISTS (SELECT FROM wallet_recipients WHERE user_id = users.id)
  OR EXISTS (SELECT FROM wallet_addresses WHERE user_id = users.id AND address IS NOT NULL)
  OR EXISTS (
    SELECT FROM trading_offers WHERE user_id = users.id AND (state <> 'cancelled' OR payment_details IS NOT NULL)
  )
  OR EXISTS (
    SELECT FROM seats JOIN trades ON trades.process_id = seats.process_id
    WHERE seats.user_id = users.id AND role = 'seller' AND payment_details IS NOT NULL
  )
  OR EXISTS (SELECT FROM campaigns WHERE brand_owner_id = users.id AND (title <> '' OR description <> ''))
  OR EXISTS (SELECT FROM bids WHERE influencer_id = users.id AND (title <> '' OR description <> ''))
  OR EXISTS (SELECT FROM gigs WHERE owner_id = users.id AND (title <> '' OR description <> ''))
  OR EXISTS (SELECT FROM clans WHERE leader_id = users.id AND (name !~ '^deleted-' OR description <> ''))
  OR EXISTS (SELECT FROM charge_back_files WHERE user_id = users.id AND by_role <> 'admin' AND bytes <> '')
  OR EXISTS (SELECT FROM staff_notes WHERE user_id = users.id AND written_at < deleted_at)
);

-- invariant: reviews_are_shown_together
-- The two sides of a deal read each other's review from the same instant on.
SELECT process_id FROM reviews GROUP BY process_id HAVING count(DISTINCT shown_from) > 1;
