-- What is true of leaderboards at every instant, as queries that answer with the rows which break it.

-- invariant: boards_are_what_was_given
-- The boards of all time are the sums of the gifts.
SELECT coalesce(board.user_id, gift.user_id) AS user_id, coalesce(board.board, gift.board) AS board, board.score::text,
  gift.tokens::text
FROM (SELECT board, user_id, score FROM leaderboard_scores WHERE board IN ('global:all:senders', 'global:all:creators')) AS board
FULL JOIN (
  SELECT 'global:all:senders' AS board, from_user_id AS user_id, sum(tokens) AS tokens FROM gift_events GROUP BY from_user_id
  UNION ALL
  SELECT 'global:all:creators', to_creator_id, sum(tokens) FROM gift_events WHERE to_creator_id IS NOT NULL
  GROUP BY to_creator_id
) AS gift ON gift.board = board.board AND gift.user_id = board.user_id
WHERE board.score IS DISTINCT FROM gift.tokens;
