-- Up Migration

-- What experience is gained by. As rules of rewards: a change is a new version, in force from then on, with who and why.
CREATE TABLE xp_rules (
  action text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  points integer NOT NULL CHECK (points > 0),
  per text NOT NULL CHECK (per IN ('token', 'minute', 'once')),
  daily_cap integer CHECK (daily_cap > 0),
  enabled boolean NOT NULL,
  effective_from timestamptz(3) NOT NULL,
  changed_by uuid REFERENCES users (id),
  why text,
  PRIMARY KEY (action, version)
);
COMMENT ON COLUMN xp_rules.per IS 'token: for each that was given; minute: once a minute; once: for each thing it is about';
COMMENT ON COLUMN xp_rules.daily_cap IS 'so much of this action and person a day (UTC); null: no limit';
CREATE TRIGGER xp_rules_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON xp_rules
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO xp_rules (action, version, points, per, daily_cap, enabled, effective_from) VALUES
  ('gift_sent', 1, 2, 'token', 20000, true, '2000-01-01T00:00:00Z'),
  ('gift_received', 1, 1, 'token', NULL, true, '2000-01-01T00:00:00Z'),
  ('chat', 1, 5, 'minute', 500, true, '2000-01-01T00:00:00Z'),
  ('stream_started', 1, 50, 'once', 200, true, '2000-01-01T00:00:00Z');

CREATE TABLE xp_people (
  user_id uuid PRIMARY KEY REFERENCES users (id),
  xp bigint NOT NULL CHECK (xp >= 0)
) WITH (fillfactor = 70);
COMMENT ON TABLE xp_people IS 'The sum of a person''s grants. Their level follows from it.';

CREATE TABLE xp_grants (
  user_id uuid NOT NULL,
  action text COLLATE "C" NOT NULL,
  about text NOT NULL,
  version integer NOT NULL,
  points bigint NOT NULL CHECK (points >= 0),
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (user_id, action, about)
);
COMMENT ON COLUMN xp_grants.version IS 'of the rule: no reference, as checking it would lock the rule''s row with every grant; an invariant looks';
COMMENT ON COLUMN xp_grants.about IS 'what it was gained by: nothing is granted twice for it. Of `minute` rules that minute';
COMMENT ON COLUMN xp_grants.points IS '0 where the day''s cap left none';
CREATE INDEX xp_grants_by_day ON xp_grants (user_id, action, at);

CREATE TABLE xp_badges (
  user_id uuid NOT NULL REFERENCES users (id),
  code text NOT NULL,
  awarded_at timestamptz(3) NOT NULL,
  PRIMARY KEY (user_id, code)
);

-- The level of so much experience: level n begins at 50 n (n - 1), where the root is exact. As `levelOf` of the rules, which
-- a test holds it to. One expression, so that it is part of what asks for it.
CREATE FUNCTION xp_level(p_xp bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT floor((5 + sqrt((25 + 2 * p_xp)::float8)) / 10)::bigint
$$;

-- Grants gains by the rules in force, each once for what it is about, and what badges follow: `p_firsts` is of each gain the
-- badge for the first of its kind, `p_badges` are those for experience, with how much of it. What those who gained
-- something had and have now, and which badges they had not before. `p_new`: what they are about is new by its making, so
-- that nobody looks for grants of it: of a creator who was given a million gifts that is not for free.
CREATE FUNCTION grant_xp(
  p_users uuid[], p_actions text[], p_abouts text[], p_many bigint[], p_firsts text[], p_new boolean, p_now timestamptz,
  p_badges text[], p_begins bigint[]
) RETURNS TABLE (person uuid, had bigint, has bigint, awarded text[]) LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_people uuid[];
  v_user uuid;
BEGIN
  -- Most of what is written in a chat is in a minute that was granted: nobody's row is locked for that.
  v_people := ARRAY(
    WITH rule AS MATERIALIZED (
      SELECT DISTINCT ON (xp_rules.action) xp_rules.action, enabled FROM xp_rules
      WHERE xp_rules.action = ANY (p_actions) AND effective_from <= p_now ORDER BY xp_rules.action, version DESC
    )
    SELECT DISTINCT gain.user_id
    FROM unnest(p_users, p_actions, p_abouts) AS gain (user_id, action, about)
    JOIN rule ON rule.action = gain.action AND rule.enabled
    WHERE p_new OR NOT EXISTS (
      SELECT FROM xp_grants AS earlier
      WHERE earlier.user_id = gain.user_id AND earlier.action = gain.action AND earlier.about = gain.about
    )
    ORDER BY 1
  );
  IF cardinality(v_people) = 0 THEN
    RETURN;
  END IF;
  IF cardinality(v_people) > (SELECT count(*) FROM xp_people WHERE user_id = ANY (v_people)) THEN
    -- Made and locked one after the other, in the order of their ids.
    FOREACH v_user IN ARRAY v_people LOOP
      INSERT INTO xp_people AS known (user_id, xp) VALUES (v_user, 0)
      ON CONFLICT (user_id) DO UPDATE SET xp = known.xp;
    END LOOP;
  ELSE
    PERFORM FROM xp_people WHERE user_id = ANY (v_people) ORDER BY user_id FOR NO KEY UPDATE;
  END IF;

  -- Looked at once more: what may have changed while somebody was waited for. The day's cap is of all of a person's gains
  -- by one rule, one after the other.
  RETURN QUERY
  WITH rule AS MATERIALIZED (
    SELECT DISTINCT ON (xp_rules.action) xp_rules.action, version, points, daily_cap, enabled FROM xp_rules
    WHERE xp_rules.action = ANY (p_actions) AND effective_from <= p_now ORDER BY xp_rules.action, version DESC
  ), gain AS MATERIALIZED (
    SELECT DISTINCT ON (asked.user_id, asked.action, asked.about) asked.user_id, asked.action, asked.about, asked.first,
      asked.place, rule.version, rule.points * asked.many AS wanted, rule.daily_cap
    FROM unnest(p_users, p_actions, p_abouts, p_many, p_firsts) WITH ORDINALITY
      AS asked (user_id, action, about, many, first, place)
    JOIN rule ON rule.action = asked.action AND rule.enabled
    WHERE p_new OR NOT EXISTS (
      SELECT FROM xp_grants AS earlier
      WHERE earlier.user_id = asked.user_id AND earlier.action = asked.action AND earlier.about = asked.about
    )
    ORDER BY asked.user_id, asked.action, asked.about, asked.place
  ), granted AS MATERIALIZED (
    SELECT gain.user_id, gain.action, gain.about, gain.first, gain.version,
      CASE WHEN gain.daily_cap IS NULL THEN gain.wanted ELSE LEAST(gain.wanted, GREATEST(0, gain.daily_cap - today.points
        - ((sum(gain.wanted) OVER (PARTITION BY gain.user_id, gain.action ORDER BY gain.place))::bigint - gain.wanted)))
      END AS points
    FROM gain
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(earlier.points), 0)::bigint AS points FROM xp_grants AS earlier
      WHERE gain.daily_cap IS NOT NULL AND earlier.user_id = gain.user_id AND earlier.action = gain.action
        AND earlier.at >= date_trunc('day', p_now, 'UTC')
    ) AS today
  ), written AS (
    INSERT INTO xp_grants (user_id, action, about, version, points, at)
    SELECT granted.user_id, granted.action, granted.about, granted.version, granted.points, p_now FROM granted
  ), raised AS (
    UPDATE xp_people SET xp = xp + gained.points
    FROM (SELECT granted.user_id, sum(granted.points)::bigint AS points FROM granted GROUP BY granted.user_id) AS gained
    WHERE xp_people.user_id = gained.user_id
    RETURNING xp_people.user_id, xp - gained.points AS before, xp AS after
  ), badge AS (
    INSERT INTO xp_badges (user_id, code, awarded_at)
    SELECT due.user_id, due.code, p_now FROM (
      SELECT granted.user_id, granted.first AS code FROM granted WHERE granted.first IS NOT NULL
      UNION
      SELECT raised.user_id, rank.code FROM raised
      JOIN unnest(p_badges, p_begins) AS rank (code, begins) ON raised.after >= rank.begins
    ) AS due
    WHERE NOT EXISTS (SELECT FROM xp_badges AS own WHERE own.user_id = due.user_id AND own.code = due.code)
    ON CONFLICT DO NOTHING
    RETURNING user_id, code
  )
  SELECT raised.user_id, raised.before, raised.after, ARRAY(SELECT badge.code FROM badge WHERE badge.user_id = raised.user_id)
  FROM raised;
END $$;
