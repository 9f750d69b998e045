-- Up Migration

-- Media stays elsewhere: a video is its link and what is said of it. Whatever is done with one is a row, once; counts are
-- kept beside, in the same transaction, spread over a few rows so that those who do it at once do not queue.
CREATE TABLE videos (
  id uuid PRIMARY KEY,
  creator_id uuid NOT NULL REFERENCES users (id),
  title text NOT NULL,
  description text NOT NULL,
  duration_ms integer NOT NULL CONSTRAINT videos_last CHECK (duration_ms > 0),
  media_url text NOT NULL,
  thumbnail_url text,
  category text NOT NULL,
  tags text[] NOT NULL,
  ads jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL,
  deleted_at timestamptz(3)
);
COMMENT ON COLUMN videos.ads IS '[{ ad_id, at_seconds, duration_seconds }], in the order of their places';
COMMENT ON COLUMN videos.deleted_at IS 'nobody sees it any more; what was earned by it stays';
CREATE INDEX videos_by_age ON videos (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX videos_creator ON videos (creator_id, created_at, id);

-- What everybody does with a popular video refers to it by no foreign key: each would lock the video's row beside all
-- others, and that lock is kept elsewhere once it is shared. The statement that acts has looked; an invariant looks again.
CREATE TABLE video_counts (
  video_id uuid NOT NULL,
  shard smallint NOT NULL,
  views bigint NOT NULL DEFAULT 0,
  likes bigint NOT NULL DEFAULT 0,
  shares bigint NOT NULL DEFAULT 0,
  comments bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (video_id, shard)
) WITH (fillfactor = 50);
COMMENT ON TABLE video_counts IS 'A count is the sum over a video''s rows. One of them alone may be below zero: who likes and unlikes may find another.';

CREATE TABLE video_days (
  video_id uuid NOT NULL,
  day date NOT NULL,
  shard smallint NOT NULL,
  views bigint NOT NULL DEFAULT 0,
  likes bigint NOT NULL DEFAULT 0,
  shares bigint NOT NULL DEFAULT 0,
  comments bigint NOT NULL DEFAULT 0,
  watched_ms bigint NOT NULL DEFAULT 0,
  ad_views bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (video_id, day, shard)
) WITH (fillfactor = 50);
COMMENT ON TABLE video_days IS 'The same by day (UTC), with what analytics has beside.';

-- Changes the counts of a video, in one of its rows by lot. To be called last in its statement: the row is locked until
-- the commit.
CREATE FUNCTION count_video(
  p_video_id uuid, p_at timestamptz, p_views bigint, p_likes bigint, p_shares bigint, p_comments bigint,
  p_watched_ms bigint DEFAULT 0, p_ad_views bigint DEFAULT 0
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_shard CONSTANT smallint := floor(random() * 8);
  v_day CONSTANT date := (p_at AT TIME ZONE 'UTC')::date;
BEGIN
  -- Update first: a row is missing eight times in a video's life, and eight times a day.
  IF p_views <> 0 OR p_likes <> 0 OR p_shares <> 0 OR p_comments <> 0 THEN
    UPDATE video_counts SET views = views + p_views, likes = likes + p_likes, shares = shares + p_shares,
      comments = comments + p_comments
    WHERE video_id = p_video_id AND shard = v_shard;
    IF NOT FOUND THEN
      INSERT INTO video_counts AS counted (video_id, shard, views, likes, shares, comments)
      VALUES (p_video_id, v_shard, p_views, p_likes, p_shares, p_comments)
      ON CONFLICT (video_id, shard) DO UPDATE SET views = counted.views + EXCLUDED.views,
        likes = counted.likes + EXCLUDED.likes, shares = counted.shares + EXCLUDED.shares,
        comments = counted.comments + EXCLUDED.comments;
    END IF;
  END IF;
  UPDATE video_days SET views = views + p_views, likes = likes + p_likes, shares = shares + p_shares,
    comments = comments + p_comments, watched_ms = watched_ms + p_watched_ms, ad_views = ad_views + p_ad_views
  WHERE video_id = p_video_id AND day = v_day AND shard = v_shard;
  IF NOT FOUND THEN
    INSERT INTO video_days AS counted (video_id, day, shard, views, likes, shares, comments, watched_ms, ad_views)
    VALUES (p_video_id, v_day, v_shard, p_views, p_likes, p_shares, p_comments, p_watched_ms, p_ad_views)
    ON CONFLICT (video_id, day, shard) DO UPDATE SET views = counted.views + EXCLUDED.views,
      likes = counted.likes + EXCLUDED.likes, shares = counted.shares + EXCLUDED.shares,
      comments = counted.comments + EXCLUDED.comments, watched_ms = counted.watched_ms + EXCLUDED.watched_ms,
      ad_views = counted.ad_views + EXCLUDED.ad_views;
  END IF;
END $$;

CREATE TABLE video_likes (
  video_id uuid NOT NULL,
  user_id uuid NOT NULL,
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (video_id, user_id)
);
CREATE INDEX video_likes_of_one ON video_likes (user_id, at);

CREATE TABLE video_shares (
  id uuid PRIMARY KEY,
  video_id uuid NOT NULL REFERENCES videos (id),
  user_id uuid NOT NULL REFERENCES users (id),
  channel text,
  at timestamptz(3) NOT NULL
);
CREATE INDEX video_shares_video ON video_shares (video_id);
CREATE INDEX video_shares_of_one ON video_shares (user_id);

CREATE TABLE video_comments (
  id uuid PRIMARY KEY,
  video_id uuid NOT NULL REFERENCES videos (id),
  user_id uuid NOT NULL REFERENCES users (id),
  parent_id uuid REFERENCES video_comments (id),
  text text NOT NULL,
  replies integer NOT NULL DEFAULT 0,
  at timestamptz(3) NOT NULL,
  deleted_at timestamptz(3)
);
COMMENT ON COLUMN video_comments.parent_id IS 'the comment it answers, which answers none itself';
CREATE INDEX video_comments_video ON video_comments (video_id, parent_id, at, id);
CREATE INDEX video_comments_of_one ON video_comments (user_id);

CREATE TABLE watches (
  id uuid PRIMARY KEY,
  video_id uuid NOT NULL,
  user_id uuid NOT NULL,
  started_at timestamptz(3) NOT NULL,
  credited_at timestamptz(3) NOT NULL,
  position_ms integer NOT NULL DEFAULT 0,
  watched_ms integer NOT NULL DEFAULT 0,
  counted_at timestamptz(3),
  replaced_at timestamptz(3),
  CONSTRAINT watches_take_their_time CHECK (
    watched_ms >= 0 AND watched_ms <= extract(epoch FROM credited_at - started_at) * 1000
  )
) WITH (fillfactor = 70);
COMMENT ON TABLE watches IS 'One sitting of one viewer before one video, timed by our clock: who plays faster has watched no more.';
COMMENT ON COLUMN watches.credited_at IS 'up to when time was given: what passes is given once, to the video or to an ad';
COMMENT ON COLUMN watches.counted_at IS 'when it was long enough to count as a view';
COMMENT ON COLUMN watches.replaced_at IS 'the same viewer began another of the same video: time passes in one of them alone';
CREATE UNIQUE INDEX watches_one_at_a_time ON watches (video_id, user_id) WHERE replaced_at IS NULL;
CREATE INDEX watches_of_one ON watches (user_id, started_at);

CREATE TABLE video_viewers (
  video_id uuid NOT NULL,
  user_id uuid NOT NULL,
  steps smallint NOT NULL DEFAULT 0,
  PRIMARY KEY (video_id, user_id)
);
COMMENT ON TABLE video_viewers IS 'Who has watched a video long enough to count.';
COMMENT ON COLUMN video_viewers.steps IS 'how many twentieths of it they watched in one sitting, at most';

CREATE TABLE video_retention (
  video_id uuid NOT NULL,
  step smallint NOT NULL,
  shard smallint NOT NULL,
  viewers bigint NOT NULL,
  PRIMARY KEY (video_id, step, shard)
) WITH (fillfactor = 50);
COMMENT ON TABLE video_retention IS 'How many viewers came to which twentieth of a video and no further: the sum over its rows.';

-- A viewer came further than before; from null: they are new. Rows are locked in the order of steps.
CREATE FUNCTION retain_video(p_video_id uuid, p_from smallint, p_to smallint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO video_retention AS kept (video_id, step, shard, viewers)
  SELECT p_video_id, step, shard, viewers
  FROM (VALUES (p_from, -1), (p_to, 1)) AS moved (step, viewers), (SELECT floor(random() * 8)::smallint AS shard) AS lot
  WHERE step IS NOT NULL ORDER BY step
  ON CONFLICT (video_id, step, shard) DO UPDATE SET viewers = kept.viewers + EXCLUDED.viewers
$$;
