-- What is true of the outbox at every instant, as queries that answer with the rows which break it. Amounts are cast to
-- text, so that no reader rounds them. `invariant` is a promise; `report` is a reading an operator wants beside them.

-- invariant: events_are_numbered
-- A user's events are numbered without gaps from the oldest kept on, up to the number that the user's counter says.
SELECT numbered.user_id, numbered.first, numbered.last, numbered.events, counter.last_seq
FROM (
  SELECT user_id, min(first_seq) AS first, max(last_seq) AS last, sum(last_seq - first_seq + 1)::bigint AS events
  FROM outbox GROUP BY user_id
) AS numbered
LEFT JOIN user_sequences AS counter ON counter.user_id = numbered.user_id
WHERE numbered.last - numbered.first + 1 <> numbered.events OR numbered.last IS DISTINCT FROM counter.last_seq;

-- invariant: events_are_as_many_as_numbered
-- A row of the outbox has as many events as it has numbers.
SELECT user_id, first_seq, last_seq FROM outbox WHERE json_array_length(events::json) <> last_seq - first_seq + 1;

-- invariant: steps_that_are_told_are_kept
-- What the outbox tells of a step can be read: the step is there, and as many messages as it wrote.
SELECT told.process_id, step_n
FROM (SELECT DISTINCT process_id, step_n FROM outbox WHERE process_id IS NOT NULL) AS told
LEFT JOIN steps ON steps.process_id = told.process_id AND n = step_n
WHERE n IS NULL OR (said <> said_before AND said - said_before <> (
  SELECT count(*) FROM messages
  WHERE messages.conversation_id = told.process_id AND position > said_before AND position <= said
));

-- report: publications_waiting
-- What other services are to hear of and was not published yet, oldest first.
SELECT id AS publication_id, exchange, routing_key, key, occurred_at
FROM publications
WHERE published_at IS NULL
ORDER BY id;
