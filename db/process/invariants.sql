-- What is true of processes of every kind at every instant, as queries that answer with the rows which break it. Amounts are cast to
-- text, so that no reader rounds them. `invariant` is a promise; `report` is a reading an operator wants beside them.

-- invariant: steps_are_numbered
-- A process's steps are 1, 2, 3, … without gaps.
SELECT process_id, n, place
FROM (
  SELECT process_id, n, row_number() OVER (PARTITION BY process_id ORDER BY n) AS place FROM steps
) AS numbered
WHERE n <> place;

-- invariant: steps_are_chained
-- Each step starts in the state that the one before it led to.
SELECT process_id, n, from_state, came_from
FROM (
  SELECT process_id, n, from_state, lag(to_state) OVER (PARTITION BY process_id ORDER BY n) AS came_from FROM steps
) AS chain
WHERE from_state <> came_from;

-- invariant: steps_are_in_time
-- No step is before its predecessor, nor before its process was opened.
SELECT process_id, n, at, previous
FROM (
  SELECT steps.process_id, steps.n, steps.at,
    lag(steps.at, 1, opened_at) OVER (PARTITION BY steps.process_id ORDER BY steps.n) AS previous
  FROM steps JOIN processes ON processes.id = steps.process_id
) AS chain
WHERE at < previous;

-- invariant: processes_stand_where_their_steps_led
-- A process's state, version, entry, deadline and times are those its steps led to; in a sandbox a state may count as
-- entered earlier, by as much as time was moved on in it.
SELECT process.id AS process_id, process.kind, process.state, process.version, process.entry, last.to_state, taken.steps,
  last.entry AS entry_led_to
FROM processes AS process
CROSS JOIN LATERAL (
  SELECT count(*) AS steps, coalesce(max(at), process.opened_at) AS stepped_at FROM steps WHERE process_id = process.id
) AS taken
LEFT JOIN LATERAL (
  SELECT to_state, entry, deadline FROM steps WHERE process_id = process.id ORDER BY n DESC LIMIT 1
) AS last ON true
LEFT JOIN LATERAL (
  -- The first step after which the entry was what it is now.
  SELECT min(at) AS at FROM steps WHERE process_id = process.id AND steps.entry = process.entry
) AS entered ON process.entry > 1
CROSS JOIN LATERAL (
  SELECT coalesce(sum((data ->> 'ms')::bigint), 0) * interval '1 millisecond' AS ahead FROM steps
  WHERE process_id = process.id AND steps.entry = process.entry AND command = 'clock_moved'
) AS moved
WHERE process.version <> taken.steps OR process.stepped_at <> taken.stepped_at
  OR process.entry <> coalesce(last.entry, 1) OR process.entered_at <> coalesce(entered.at, process.opened_at) - moved.ahead
  OR (last.to_state IS NOT NULL AND (
    process.state <> last.to_state OR process.deadline IS DISTINCT FROM last.deadline
  ));

-- invariant: processes_end_by_themselves
-- A process has a deadline in every state but those in which nothing is to end by itself.
SELECT process.id AS process_id, process.kind, process.state, process.deadline
FROM processes AS process LEFT JOIN machine_states USING (kind, state)
WHERE (process.deadline IS NULL) IS DISTINCT FROM rests;

-- invariant: steps_have_a_process
-- Steps belong to processes that are there.
SELECT DISTINCT process_id FROM steps WHERE NOT EXISTS (SELECT FROM processes WHERE id = process_id);

-- invariant: processes_are_relayed
-- Every process that is not over has the row by which its workflow is told of it, and that knows where it stands.
SELECT process.id AS process_id, process.kind, process.version, relays.version AS relayed
FROM processes AS process
LEFT JOIN relays ON relays.process_id = process.id
LEFT JOIN machine_states ON machine_states.kind = process.kind AND machine_states.state = process.state
WHERE CASE WHEN relays.process_id IS NULL THEN NOT ends
    OR EXISTS (SELECT FROM promises WHERE promises.process_id = process.id AND done_at IS NULL)
    OR EXISTS (SELECT FROM inbox WHERE inbox.process_id = process.id AND booked_at IS NULL)
  ELSE (relays.kind, relays.version, relays.deadline)
    IS DISTINCT FROM (process.kind, process.version, process.deadline) END;

-- invariant: relays_are_looked_at
-- Who sweeps finds every process that is behind, every deadline in time, every fact and every promise.
SELECT process_id, told, version, behind, look_at, deadline
FROM relays
WHERE behind <> (told < version)
  OR (deadline IS NOT NULL AND (look_at IS NULL OR (look_at > deadline AND tries = 0)))
  OR (look_at IS NULL AND EXISTS (
    SELECT FROM inbox WHERE inbox.process_id = relays.process_id AND booked_at IS NULL
  ))
  OR (look_at IS NULL AND EXISTS (
    SELECT FROM promises WHERE promises.process_id = relays.process_id AND moved_at IS NULL AND held_up_at IS NULL
  ));

-- invariant: money_is_held_or_promised
-- What lies in a process's escrow is what it holds there and what is promised from there and has not moved. What is held
-- in accounts of holds is the ledger's to compare, as other holds lie there too.
WITH due AS (
  SELECT process.id AS process_id, process.asset, process.held AS amount
  FROM processes AS process JOIN machines USING (kind)
  WHERE process.held <> 0 AND machines.held_at = 'escrow'
  UNION ALL
  SELECT promises.process_id, promises.asset, -leg.amount
  FROM promises CROSS JOIN LATERAL json_to_recordset(legs) AS leg (place text, amount bigint)
  WHERE moved_at IS NULL AND leg.amount < 0 AND leg.place = 'escrow'
), expected AS (
  SELECT 'escrow/' || process_id AS code, asset, sum(amount) AS amount FROM due GROUP BY 1, 2
)
SELECT coalesce(account.code, expected.code) AS account, coalesce(account.asset, expected.asset) AS asset,
  coalesce(account.balance, 0)::text AS balance, coalesce(expected.amount, 0)::text AS expected
FROM expected
FULL JOIN (SELECT code, asset, balance FROM ledger_accounts WHERE kind = 'escrow') AS account
  ON account.code = expected.code AND account.asset = expected.asset
WHERE coalesce(account.balance, 0) <> coalesce(expected.amount, 0);

-- invariant: held_money_has_a_deadline
-- No process holds money in a state that does not end by itself.
SELECT id AS process_id, kind, state, held::text FROM processes WHERE held <> 0 AND deadline IS NULL;

-- invariant: promises_are_made_once
-- A step makes at most one promise of a kind.
SELECT process_id, step_n, kind, count(*) AS promises
FROM promises
GROUP BY process_id, step_n, kind
HAVING count(*) > 1;

-- invariant: promises_balance
-- A promise's legs sum to zero, and what leaves by them is its amount.
SELECT promises.id AS promise_id, kind, amount::text, legs
FROM promises
CROSS JOIN LATERAL (
  SELECT coalesce(sum(leg.amount), 0) AS sum, coalesce(sum(-leg.amount) FILTER (WHERE leg.amount < 0), 0) AS leaves,
    count(*) AS parts
  FROM json_to_recordset(promises.legs) AS leg (place text, amount bigint)
) AS moved
WHERE moved.sum <> 0 OR (moved.parts > 0 AND moved.leaves <> amount);

-- invariant: promises_move_once
-- A promise has moved when, and only when, its transfer was made, and what that moved is its amount.
SELECT promise.id AS promise_id, promise.kind, promise.moved_at, promise.amount::text, moved.amount::text AS moved
FROM promises AS promise
LEFT JOIN LATERAL (
  SELECT sum(-entry.amount) FILTER (WHERE entry.amount < 0) AS amount
  FROM ledger_transfers AS transfer JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
  WHERE transfer.key = promise.kind || '_' || promise.id
) AS moved ON true
WHERE coalesce(moved.amount, 0) <>
  CASE WHEN promise.moved_at IS NULL OR json_array_length(promise.legs) = 0 THEN 0 ELSE promise.amount END;

-- report: promises_to_carry_out
-- Money that was promised and has not moved yet, oldest first.
SELECT promise.id AS promise_id, promise.process_id, promise.kind, promise.amount::text, promise.asset, promise.made_at,
  promise.held_up_at
FROM promises AS promise
WHERE promise.moved_at IS NULL
ORDER BY promise.made_at;
