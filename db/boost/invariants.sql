-- What is true of boosts at every instant, as queries that answer with the rows which break it. Amounts are cast to text,
-- so that no reader rounds them. `invariant` is a promise; `report` is a reading an operator wants beside them.

-- invariant: boosts_stand_as_their_processes
-- Every boost has its row with what it lifts, which lasts as long as the boost and says what it came to.
SELECT coalesce(process.id, boost.process_id) AS process_id, process.state, boost.ended, boost.refunded::text
FROM (SELECT id, state, terms, stepped_at, opened_at FROM processes WHERE kind = 'boost') AS process
FULL JOIN (
  SELECT 'profile' AS target, * FROM user_boost_events
  UNION ALL SELECT 'gig', * FROM gig_boost_events
  UNION ALL SELECT 'clan', * FROM clan_boost_events
) AS boost ON boost.process_id = process.id
WHERE process.id IS NULL OR boost.process_id IS NULL
  OR coalesce(boost.ended, 'active') <> process.state
  OR boost.refunded::text IS DISTINCT FROM process.terms ->> 'refunded'
  OR boost.starts_at <> process.opened_at
  OR (boost.target, boost.target_id::text, boost.amount::text)
    IS DISTINCT FROM (process.terms ->> 'target', process.terms ->> 'target_id', process.terms ->> 'amount');
