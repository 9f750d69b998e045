-- What is true of challenges at every instant, as queries that answer with the rows which break it.

-- invariant: challenges_stand_as_their_processes
-- Every challenge has its row, which says what its process says.
SELECT coalesce(process.id, challenge.process_id) AS process_id, process.state, challenge.status
FROM (SELECT id, state, terms FROM processes WHERE kind = 'challenge') AS process
FULL JOIN challenges AS challenge ON challenge.process_id = process.id
WHERE process.id IS NULL OR challenge.process_id IS NULL
  OR challenge.status <> process.state
  OR (challenge.status <> 'open') <> (challenge.ended_at IS NOT NULL)
  OR (challenge.status <> 'open' AND challenge.progress::text IS DISTINCT FROM process.terms ->> 'progress');

-- invariant: challenges_won_came_to_their_targets
-- Just what was won came to its target in time.
SELECT process_id, status, progress::text, target::text FROM challenges
WHERE (status = 'won' AND progress < target) OR (status = 'lost' AND progress >= target);
