-- Up Migration

-- Who gave and was given how many tokens, on each board. What Redis has of it is made from this.
CREATE TABLE leaderboard_scores (
  board text COLLATE "C" NOT NULL,
  user_id uuid NOT NULL REFERENCES users (id),
  score bigint NOT NULL,
  reached_at timestamptz(3) NOT NULL,
  version integer NOT NULL DEFAULT 1,
  shown integer NOT NULL DEFAULT 0,
  PRIMARY KEY (board, user_id)
) WITH (fillfactor = 70);
COMMENT ON COLUMN leaderboard_scores.board IS 'scope:of:kind, such as weekly:2026-11-23:senders';
COMMENT ON COLUMN leaderboard_scores.reached_at IS 'when the score came to be what it is: of two alike the earlier is before the later';
COMMENT ON COLUMN leaderboard_scores.shown IS 'the version that Redis has been given';
CREATE INDEX leaderboard_ranks ON leaderboard_scores (board, score DESC, reached_at, user_id);
CREATE INDEX leaderboard_unshown ON leaderboard_scores (board, user_id) WHERE shown <> version;

-- Counts so much on so many boards, given in the order of boards and people, which is the order of locks.
CREATE FUNCTION score_on_boards(p_boards text[], p_users uuid[], p_tokens bigint[], p_now timestamptz)
RETURNS SETOF leaderboard_scores LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN QUERY
  INSERT INTO leaderboard_scores AS kept (board, user_id, score, reached_at)
  SELECT scored.board, scored.user_id, scored.tokens, p_now
  FROM unnest(p_boards, p_users, p_tokens) AS scored (board, user_id, tokens)
  ON CONFLICT (board, user_id) DO UPDATE SET score = kept.score + excluded.score,
    reached_at = greatest(kept.reached_at, excluded.reached_at), version = kept.version + 1
  RETURNING kept.*;
END $$;

CREATE TABLE seasons (
  name text COLLATE "C" PRIMARY KEY,
  ended_at timestamptz(3) NOT NULL
);
COMMENT ON TABLE seasons IS 'Seasons that are over, as a Schedule ended them: each once.';
CREATE TABLE season_standings (
  season text COLLATE "C" NOT NULL REFERENCES seasons (name),
  kind text NOT NULL CHECK (kind IN ('senders', 'creators')),
  rank integer NOT NULL CHECK (rank > 0),
  user_id uuid NOT NULL REFERENCES users (id),
  score bigint NOT NULL,
  PRIMARY KEY (season, kind, rank)
);
