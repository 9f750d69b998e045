-- What is true of questions at every instant, as queries that answer with the rows which break it.

-- invariant: upvotes_are_counted
-- A question says how many want it answered: each person once.
SELECT question.id, question.upvotes, count(upvote.user_id) AS people
FROM questions AS question LEFT JOIN question_upvotes AS upvote ON upvote.question_id = question.id
GROUP BY question.id HAVING question.upvotes <> count(upvote.user_id);
