-- What is true of videos at every instant, as queries that answer with the rows which break it.

-- invariant: videos_are_counted
-- A video's counts are those of its likes, shares, comments and watches that count.
WITH kept AS (
  SELECT video_id, sum(views) AS views, sum(likes) AS likes, sum(shares) AS shares, sum(comments) AS comments
  FROM video_counts GROUP BY video_id
), done AS (
  SELECT video_id, sum(views) AS views, sum(likes) AS likes, sum(shares) AS shares, sum(comments) AS comments FROM (
    SELECT video_id, count(*) AS views, 0 AS likes, 0 AS shares, 0 AS comments
    FROM watches WHERE counted_at IS NOT NULL GROUP BY video_id
    UNION ALL SELECT video_id, 0, count(*), 0, 0 FROM video_likes GROUP BY video_id
    UNION ALL SELECT video_id, 0, 0, count(*), 0 FROM video_shares GROUP BY video_id
    UNION ALL SELECT video_id, 0, 0, 0, count(*) FROM video_comments WHERE deleted_at IS NULL GROUP BY video_id
  ) AS each GROUP BY video_id
)
SELECT video.id AS video_id, kept.views::text, kept.likes::text, kept.shares::text, kept.comments::text
FROM videos AS video LEFT JOIN kept ON kept.video_id = video.id LEFT JOIN done ON done.video_id = video.id
WHERE (coalesce(kept.views, 0), coalesce(kept.likes, 0), coalesce(kept.shares, 0), coalesce(kept.comments, 0))
  <> (coalesce(done.views, 0), coalesce(done.likes, 0), coalesce(done.shares, 0), coalesce(done.comments, 0));

-- invariant: video_days_sum_to_counts
-- What was done with a video by day is, summed, what was done with it; and it was watched as long as its watches say.
WITH by_day AS (
  SELECT video_id, sum(views) AS views, sum(likes) AS likes, sum(shares) AS shares, sum(comments) AS comments,
    sum(watched_ms) AS watched_ms
  FROM video_days GROUP BY video_id
), counted AS (
  SELECT video_id, sum(views) AS views, sum(likes) AS likes, sum(shares) AS shares, sum(comments) AS comments
  FROM video_counts GROUP BY video_id
), watched AS (
  SELECT video_id, sum(watched_ms) AS watched_ms FROM watches GROUP BY video_id
)
SELECT video.id AS video_id, by_day.views::text, by_day.likes::text, by_day.watched_ms::text
FROM videos AS video LEFT JOIN by_day ON by_day.video_id = video.id LEFT JOIN counted ON counted.video_id = video.id
LEFT JOIN watched ON watched.video_id = video.id
WHERE (coalesce(by_day.views, 0), coalesce(by_day.likes, 0), coalesce(by_day.shares, 0), coalesce(by_day.comments, 0))
    <> (coalesce(counted.views, 0), coalesce(counted.likes, 0), coalesce(counted.shares, 0), coalesce(counted.comments, 0))
  OR coalesce(by_day.watched_ms, 0) <> coalesce(watched.watched_ms, 0);

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
SELECT comment.id AS comment_id, comment.replies
FROM video_comments AS comment
LEFT JOIN (
  SELECT parent_id, count(*) AS many FROM video_comments WHERE parent_id IS NOT NULL AND deleted_at IS NULL GROUP BY parent_id
) AS answers ON answers.parent_id = comment.id
WHERE comment.replies <> coalesce(answers.many, 0);

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
