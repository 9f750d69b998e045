-- Up Migration

INSERT INTO machines (kind, held_at) VALUES ('battle', 'escrow');
INSERT INTO machine_states (kind, state, rests, ends) VALUES
  ('battle', 'invited', false, false), ('battle', 'running', false, false), ('battle', 'ended', true, true),
  ('battle', 'declined', true, true), ('battle', 'cancelled', true, true), ('battle', 'expired', true, true);

-- Two creators against each other. Its state is its process's, copied here by follow_battle in the step's own transaction.
CREATE TABLE battles (
  process_id uuid PRIMARY KEY REFERENCES processes (id),
  challenger_id uuid NOT NULL REFERENCES users (id),
  opponent_id uuid NOT NULL REFERENCES users (id),
  stream_id uuid REFERENCES streams (process_id),
  stake bigint NOT NULL CHECK (stake >= 0),
  status text NOT NULL DEFAULT 'invited',
  told text NOT NULL DEFAULT 'invited',
  told_points bigint[] NOT NULL DEFAULT '{0,0}',
  noted text NOT NULL DEFAULT 'invited',
  looked_at timestamptz(3),
  started_at timestamptz(3),
  ends_at timestamptz(3),
  closed_at timestamptz(3),
  ended_at timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  CHECK (challenger_id <> opponent_id)
);
COMMENT ON COLUMN battles.stake IS 'TOKEN, of each of the two; 0: for nothing';
COMMENT ON COLUMN battles.told IS 'the status that its room was last told; told by the worker where it differs';
COMMENT ON COLUMN battles.told_points IS 'what its room was last told that the two have, the challenger''s first';
COMMENT ON COLUMN battles.noted IS 'the status that the two were last notified of; done by the worker where it differs';
COMMENT ON COLUMN battles.looked_at IS 'when what the two have was last compared with that: twice a second at most';
COMMENT ON COLUMN battles.closed_at IS 'nothing counts any more that was not committed by then: what the two have is what it will be';
CREATE INDEX battles_running ON battles (process_id) WHERE status = 'running';
CREATE INDEX battles_untold ON battles (process_id) WHERE status <> told;
CREATE INDEX battles_unnoted ON battles (process_id) WHERE status <> noted;
CREATE INDEX battles_of_challenger ON battles (challenger_id, process_id);
CREATE INDEX battles_of_opponent ON battles (opponent_id, process_id);

-- Who is in a battle that runs: one at once, and so a gift to somebody counts in one.
CREATE TABLE battle_sides (
  user_id uuid PRIMARY KEY REFERENCES users (id),
  battle_id uuid NOT NULL REFERENCES battles (process_id)
);
CREATE INDEX battle_sides_of ON battle_sides (battle_id);

CREATE TABLE battle_votes (
  battle_id uuid NOT NULL,
  voter_id uuid NOT NULL REFERENCES users (id),
  participant_id uuid NOT NULL,
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (battle_id, voter_id)
);
COMMENT ON TABLE battle_votes IS 'Without a foreign key to the battle: everybody who votes would lock its row beside all others. Who votes has looked.';
CREATE INDEX battle_votes_for ON battle_votes (battle_id, participant_id);

CREATE TABLE battle_gifts (
  gift_id uuid PRIMARY KEY,
  battle_id uuid NOT NULL,
  participant_id uuid NOT NULL,
  tokens bigint NOT NULL CHECK (tokens > 0)
);
COMMENT ON TABLE battle_gifts IS 'Gifts to one of the two while it ran.';
CREATE INDEX battle_gifts_to ON battle_gifts (battle_id, participant_id) INCLUDE (tokens);

-- Who counts something in a battle shares this until the commit, whoever closes it has it alone: so what was counted
-- before is committed, and what comes after it sees that it is closed. In memory: nobody writes to the battle's row.
CREATE FUNCTION battle_lock(p_battle uuid) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  $$ SELECT hashtextextended('battle_' || p_battle, 0) $$;

-- Until it is ended with its stream nothing counts in it.
CREATE FUNCTION in_its_stream(p_battle battles) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT p_battle.stream_id IS NULL
    OR EXISTS (SELECT FROM streams WHERE process_id = p_battle.stream_id AND status = 'live')
$$;

-- A vote: 'counted'; 'again' for what one voted before; 'other' where one voted for the other; 'over' where it does not run.
CREATE FUNCTION vote_in_battle(p_battle uuid, p_voter uuid, p_participant uuid, p_now timestamptz)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_before uuid;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(battle_lock(p_battle));
  -- Once it has begun the two are what they are; a statement of its own, which sees what was committed before the lock.
  PERFORM FROM battles
    WHERE process_id = p_battle AND status = 'running' AND closed_at IS NULL AND ends_at > p_now AND in_its_stream(battles);
  IF NOT FOUND THEN
    RETURN 'over';
  END IF;
  INSERT INTO battle_votes (battle_id, voter_id, participant_id, at) VALUES (p_battle, p_voter, p_participant, p_now)
  ON CONFLICT DO NOTHING;
  IF FOUND THEN
    RETURN 'counted';
  END IF;
  SELECT participant_id INTO v_before FROM battle_votes WHERE battle_id = p_battle AND voter_id = p_voter;
  RETURN CASE WHEN v_before = p_participant THEN 'again' ELSE 'other' END;
END $$;

-- A gift to one of the two counts in the gift's own transaction, by whatever door it was given.
CREATE FUNCTION count_battle_gift() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_battle uuid;
BEGIN
  SELECT battle_id INTO v_battle FROM battle_sides WHERE user_id = NEW.to_creator_id;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  PERFORM pg_advisory_xact_lock_shared(battle_lock(v_battle));
  INSERT INTO battle_gifts (gift_id, battle_id, participant_id, tokens)
  SELECT NEW.id, v_battle, NEW.to_creator_id, NEW.tokens FROM battles
  WHERE process_id = v_battle AND status = 'running' AND closed_at IS NULL AND ends_at > NEW.created_at
    AND in_its_stream(battles);
  RETURN NULL;
END $$;
CREATE TRIGGER gift_events_in_battles AFTER INSERT ON gift_events
  FOR EACH ROW WHEN (NEW.to_creator_id IS NOT NULL) EXECUTE FUNCTION count_battle_gift();

-- Closes the counting, and waits for what is being counted. It stays closed.
CREATE FUNCTION close_battle(p_battle uuid, p_now timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(battle_lock(p_battle));
  UPDATE battles SET closed_at = p_now WHERE process_id = p_battle AND closed_at IS NULL;
END $$;

-- A battle's step, whichever door it comes by, is seen in its row in the same transaction.
CREATE FUNCTION follow_battle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE battles SET
    status = NEW.state,
    started_at = CASE WHEN OLD.state = 'invited' AND NEW.state = 'running' THEN NEW.stepped_at ELSE started_at END,
    ends_at = CASE WHEN NEW.state = 'running' THEN NEW.deadline ELSE ends_at END,
    closed_at = CASE WHEN NEW.state IN ('invited', 'running') THEN closed_at ELSE coalesce(closed_at, NEW.stepped_at) END,
    ended_at = CASE WHEN NEW.state IN ('invited', 'running') THEN ended_at ELSE coalesce(ended_at, NEW.stepped_at) END
  WHERE process_id = NEW.id;
  IF NEW.state = 'running' AND OLD.state <> 'running' THEN
    INSERT INTO battle_sides (user_id, battle_id)
    SELECT unnest(ARRAY[challenger_id, opponent_id]), process_id FROM battles WHERE process_id = NEW.id;
  ELSIF OLD.state = 'running' AND NEW.state <> 'running' THEN
    DELETE FROM battle_sides WHERE battle_id = NEW.id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER battles_follow AFTER UPDATE ON processes
  FOR EACH ROW WHEN (NEW.kind = 'battle' AND (NEW.state <> OLD.state OR NEW.deadline IS DISTINCT FROM OLD.deadline))
  EXECUTE FUNCTION follow_battle();
CREATE TRIGGER battles_close_opening AFTER UPDATE ON processes
  FOR EACH ROW WHEN (NEW.kind = 'battle' AND NEW.version <> OLD.version) EXECUTE FUNCTION close_opening();
