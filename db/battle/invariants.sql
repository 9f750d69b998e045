-- What is true of battles at every instant, as queries that answer with the rows which break it.

-- invariant: battles_stand_as_their_processes
-- Every battle has its row, which says what its process says.
SELECT coalesce(process.id, battle.process_id) AS process_id, process.state, battle.status
FROM (SELECT id, state, terms, deadline FROM processes WHERE kind = 'battle') AS process
FULL JOIN battles AS battle ON battle.process_id = process.id
WHERE process.id IS NULL OR battle.process_id IS NULL
  OR battle.status <> process.state OR battle.stake::text <> process.terms ->> 'stake'
  OR (battle.status = 'running' AND battle.ends_at IS DISTINCT FROM process.deadline)
  OR (battle.status NOT IN ('invited', 'running')) <> (battle.ended_at IS NOT NULL);

-- invariant: battles_have_two_sides
-- Who is in a battle that runs is one of its two, and both are.
SELECT battle.process_id, battle.status, count(side.user_id) AS sides
FROM battles AS battle LEFT JOIN battle_sides AS side ON side.battle_id = battle.process_id
GROUP BY battle.process_id
HAVING count(side.user_id) <> CASE battle.status WHEN 'running' THEN 2 ELSE 0 END
  OR bool_or(side.user_id NOT IN (battle.challenger_id, battle.opponent_id));

-- invariant: battles_are_voted_in_by_others
-- A vote is for one of the two, and of neither.
SELECT vote.battle_id, vote.voter_id, vote.participant_id
FROM battle_votes AS vote LEFT JOIN battles AS battle ON battle.process_id = vote.battle_id
WHERE battle.process_id IS NULL OR vote.participant_id NOT IN (battle.challenger_id, battle.opponent_id)
  OR vote.voter_id IN (battle.challenger_id, battle.opponent_id);

-- invariant: battle_gifts_were_given
-- A gift that counts was given, to one of the two, and counts its tokens.
SELECT counted.gift_id, counted.battle_id, counted.tokens::text, gift.tokens::text AS given
FROM battle_gifts AS counted LEFT JOIN gift_events AS gift ON gift.id = counted.gift_id
LEFT JOIN battles AS battle ON battle.process_id = counted.battle_id
WHERE gift.id IS NULL OR battle.process_id IS NULL OR gift.tokens <> counted.tokens
  OR gift.to_creator_id <> counted.participant_id
  OR counted.participant_id NOT IN (battle.challenger_id, battle.opponent_id);

-- invariant: battles_ended_as_they_were_counted
-- What an end says that the two had is what was counted, and nothing was counted after it.
SELECT battle.process_id, process.terms -> 'result' AS result, counted.*
FROM battles AS battle JOIN processes AS process ON process.id = battle.process_id
CROSS JOIN LATERAL (
  SELECT
    (SELECT count(*) FROM battle_votes WHERE battle_id = battle.process_id AND participant_id = battle.challenger_id)
      AS challenger_votes,
    (SELECT coalesce(sum(tokens), 0) FROM battle_gifts
      WHERE battle_id = battle.process_id AND participant_id = battle.challenger_id) AS challenger_tokens,
    (SELECT count(*) FROM battle_votes WHERE battle_id = battle.process_id AND participant_id = battle.opponent_id)
      AS opponent_votes,
    (SELECT coalesce(sum(tokens), 0) FROM battle_gifts
      WHERE battle_id = battle.process_id AND participant_id = battle.opponent_id) AS opponent_tokens
) AS counted
WHERE process.terms ->> 'result' IS NOT NULL AND (
  (process.terms -> 'result' -> 'tallies' -> 'challenger' ->> 'votes')::numeric <> counted.challenger_votes
  OR (process.terms -> 'result' -> 'tallies' -> 'challenger' ->> 'tokens')::numeric <> counted.challenger_tokens
  OR (process.terms -> 'result' -> 'tallies' -> 'opponent' ->> 'votes')::numeric <> counted.opponent_votes
  OR (process.terms -> 'result' -> 'tallies' -> 'opponent' ->> 'tokens')::numeric <> counted.opponent_tokens);
