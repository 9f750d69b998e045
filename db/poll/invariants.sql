-- What is true of polls at every instant, as queries that answer with the rows which break it.

-- invariant: polls_are_open_in_their_streams
-- Every poll has its row and its place in that row's stream, which is closed when the poll is.
SELECT coalesce(process.id, poll.process_id) AS process_id, process.state, opening.closed_at
FROM (SELECT id, state, stepped_at FROM processes WHERE kind = 'poll') AS process
FULL JOIN polls AS poll ON poll.process_id = process.id
LEFT JOIN stream_openings AS opening ON opening.process_id = process.id
WHERE process.id IS NULL OR poll.process_id IS NULL OR opening.process_id IS NULL OR opening.kind <> 'poll'
  OR opening.stream_id <> poll.stream_id
  OR opening.closed_at IS DISTINCT FROM CASE WHEN process.state = 'closed' THEN process.stepped_at END;

-- invariant: closed_polls_are_counted
-- What a poll was closed with are its votes.
SELECT poll.process_id, process.terms -> 'counts' AS counts, poll_counts(poll.process_id, cardinality(options)) AS votes
FROM polls AS poll JOIN processes AS process ON process.id = poll.process_id
WHERE process.state = 'closed'
  AND ARRAY(SELECT json_array_elements_text(process.terms -> 'counts')::integer)
    <> poll_counts(poll.process_id, cardinality(options));

-- invariant: votes_are_cast_in_polls
-- Every vote is for an option of a poll that there is.
SELECT vote.poll_id, vote.option FROM poll_votes AS vote
LEFT JOIN polls AS poll ON poll.process_id = vote.poll_id
WHERE poll.process_id IS NULL OR vote.option >= cardinality(poll.options);
