-- What is true of streams at every instant, as queries that answer with the rows which break it.

-- invariant: streams_stand_as_their_processes
-- Every stream has its row, which says what its process says.
SELECT coalesce(process.id, stream.process_id) AS process_id, process.state, stream.status
FROM (SELECT id, state, terms FROM processes WHERE kind = 'stream') AS process
FULL JOIN streams AS stream ON stream.process_id = process.id
WHERE process.id IS NULL OR stream.process_id IS NULL
  OR stream.status <> process.state
  OR (stream.silent_since IS NOT NULL) <> (process.state = 'live' AND process.terms ->> 'silent_since' IS NOT NULL)
  OR (stream.started_at IS NULL) <> (process.terms ->> 'started_at' IS NULL);

-- invariant: nothing_plays_in_ended_streams
-- What was shown in a stream ended with it.
SELECT play.id, stream.status FROM stream_plays AS play JOIN streams AS stream ON stream.process_id = play.stream_id
WHERE play.ended_at IS NULL AND stream.status <> 'live';
