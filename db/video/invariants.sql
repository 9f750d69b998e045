-- What is true of videos at every instant, as queries that answer with the rows which break it.

-- invariant: videos_are_counted
-- A video's counts are those of its likes, shares, comments and watches that count.
SELECT video.id AS video_id, counted.views::text, counted.likes::text, counted.shares::text, counted.comments::text
FROM videos AS video
CROSS JOIN LATERAL (
  SELECT coalesce(sum(likes), 0) AS likes, coalesce(sum(shares), 0) AS shares, coalesce(sum(comments), 0) AS comments,
    coalesce(sum(views), 0) AS views
  FROM video_counts WHERE video_id = video.id
) AS counted
WHERE (counted.likes, counted.shares, counted.comments, counted.views) IS DISTINCT FROM (
  (SELECT count(*) FROM video_likes WHERE video_id = video.id),
  (SELECT count(*) FROM video_shares WHERE video_id = video.id),
  (SELECT count(*) FROM video_comments WHERE video_id = video.id AND video_comments.deleted_at IS NULL),
  (SELECT count(*) FROM watches WHERE video_id = video.id AND counted_at IS NOT NULL)
);

-- invariant: video_days_sum_to_counts
-- What was done with a video by day is, summed, what was done with it; and it was watched as long as its watches say.
SELECT video.id AS video_id, by_day.views::text, by_day.likes::text, by_day.watched_ms::text
FROM videos AS video
CROSS JOIN LATERAL (
  SELECT coalesce(sum(views), 0) AS views, coalesce(sum(likes), 0) AS likes, coalesce(sum(shares), 0) AS shares,
    coalesce(sum(comments), 0) AS comments, coalesce(sum(watched_ms), 0) AS watched_ms
  FROM video_days WHERE video_id = video.id
) AS by_day
CROSS JOIN LATERAL (
  SELECT coalesce(sum(views), 0) AS views, coalesce(sum(likes), 0) AS likes, coalesce(sum(shares), 0) AS shares,
    coalesce(sum(comments), 0) AS comments
  FROM video_counts WHERE video_id = video.id
) AS counted
WHERE (by_day.views, by_day.likes, by_day.shares, by_day.comments)
    <> (counted.views, counted.likes, counted.shares, counted.comments)
  OR by_day.watched_ms <> (SELECT coalesce(sum(watches.watched_ms), 0) FROM watches WHERE video_id = video.id);

-- invariant: viewers_are_retained_once
-- Every viewer is at one step of a video's retention, and only viewers are.
SELECT coalesce(viewers.video_id, kept.video_id) AS video_id, coalesce(viewers.steps, kept.step) AS step, viewers.many,
  kept.viewers
FROM (SELECT video_id, steps, count(*) AS many FROM video_viewers GROUP BY video_id, steps) AS viewers
FULL JOIN (SELECT video_id, step, sum(viewers) AS viewers FROM video_retention GROUP BY video_id, step) AS kept
  ON kept.video_id = viewers.video_id AND kept.step = viewers.steps
WHERE coalesce(viewers.many, 0) <> coalesce(kept.viewers, 0);

-- invariant: comments_count_their_answers
-- A comment has as many answers as it says.
SELECT comment.id AS comment_id, replies FROM video_comments AS comment
WHERE replies <> (
  SELECT count(*) FROM video_comments AS answer WHERE answer.parent_id = comment.id AND answer.deleted_at IS NULL
);

-- invariant: what_is_done_is_with_a_video
-- Likes, watches, viewers and counts are of a video that there is, and of somebody.
SELECT done.video_id, done.user_id
FROM (
  SELECT video_id, user_id FROM video_likes
  UNION ALL SELECT video_id, user_id FROM watches
  UNION ALL SELECT video_id, user_id FROM video_viewers
  UNION ALL SELECT video_id, NULL FROM video_counts
  UNION ALL SELECT video_id, NULL FROM video_days
  UNION ALL SELECT video_id, NULL FROM video_retention
) AS done
WHERE NOT EXISTS (SELECT FROM videos WHERE id = done.video_id)
  OR (done.user_id IS NOT NULL AND NOT EXISTS (SELECT FROM users WHERE id = done.user_id));
