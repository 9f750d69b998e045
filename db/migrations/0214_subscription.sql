-- Up Migration

INSERT INTO machines (kind, held_at) VALUES ('subscription', 'escrow');
INSERT INTO machine_states (kind, state, rests, ends) VALUES
  ('subscription', 'awaiting_payment', false, false), ('subscription', 'active', false, false),
  ('subscription', 'due', false, false), ('subscription', 'past_due', false, false),
  ('subscription', 'ending', false, false),
  ('subscription', 'closed', true, true), ('subscription', 'ended', true, true), ('subscription', 'lapsed', true, true);

-- What a creator sells by the month. One that is not sold any more stays, for those who have it until their month is over.
CREATE TABLE subscription_tiers (
  creator_id uuid NOT NULL REFERENCES users (id),
  code text COLLATE "C" NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{0,31}$'),
  name text NOT NULL,
  price bigint NOT NULL CHECK (price BETWEEN 1 AND 1000000),
  perks text[] NOT NULL,
  place integer NOT NULL,
  created_at timestamptz(3) NOT NULL,
  changed_at timestamptz(3) NOT NULL,
  retired_at timestamptz(3),
  PRIMARY KEY (creator_id, code)
);
COMMENT ON COLUMN subscription_tiers.price IS 'TOKEN a month; of what is bought, or announced for a renewal, from changed_at on';
COMMENT ON COLUMN subscription_tiers.place IS 'in the creator''s own order';
COMMENT ON COLUMN subscription_tiers.retired_at IS 'not sold from then on, and renewed for nobody; null while it is';

-- A subscription's state is its process's, copied here by follow_subscription in the step's own transaction, so that who
-- may watch is one look at an index.
CREATE TABLE subscriptions (
  process_id uuid PRIMARY KEY REFERENCES processes (id),
  creator_id uuid NOT NULL REFERENCES users (id),
  subscriber_id uuid NOT NULL REFERENCES users (id),
  giver_id uuid REFERENCES users (id),
  tier text COLLATE "C" NOT NULL,
  status text NOT NULL,
  opens boolean NOT NULL,
  opens_told boolean NOT NULL,
  months integer NOT NULL DEFAULT 0,
  paid_until timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  FOREIGN KEY (creator_id, tier) REFERENCES subscription_tiers (creator_id, code),
  CHECK (creator_id <> subscriber_id)
);
COMMENT ON COLUMN subscriptions.giver_id IS 'whose gift it is; null: the subscriber pays for it';
COMMENT ON COLUMN subscriptions.opens IS 'it opens what is for subscribers: paid for, or tried to be';
COMMENT ON COLUMN subscriptions.opens_told IS 'what those who are in rooms by it were told; looked at again by the worker where it differs';
CREATE UNIQUE INDEX subscriptions_one ON subscriptions (creator_id, subscriber_id)
  WHERE status IN ('awaiting_payment', 'active', 'due', 'past_due', 'ending');
CREATE INDEX subscriptions_open ON subscriptions (creator_id, subscriber_id) WHERE opens;
CREATE INDEX subscriptions_subscriber ON subscriptions (subscriber_id, process_id);
CREATE INDEX subscriptions_giver ON subscriptions (giver_id, process_id) WHERE giver_id IS NOT NULL;
CREATE INDEX subscriptions_creator ON subscriptions (creator_id, process_id);
CREATE INDEX subscriptions_untold ON subscriptions (process_id) WHERE opens <> opens_told;

-- Every month that was paid for: what it cost, and by which transfer it was moved.
CREATE TABLE subscription_charges (
  subscription_id uuid NOT NULL REFERENCES subscriptions (process_id),
  month integer NOT NULL CHECK (month > 0),
  price bigint NOT NULL CHECK (price > 0),
  share bigint NOT NULL CHECK (share >= 0 AND share <= price),
  payer_id uuid NOT NULL REFERENCES users (id),
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (subscription_id, month)
);
COMMENT ON COLUMN subscription_charges.month IS 'counted from the day it began; months in which nobody could renew it are left out';
COMMENT ON COLUMN subscription_charges.share IS 'of the price, what the creator had; the rest is the platform''s';

CREATE FUNCTION follow_subscription() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE subscriptions SET
    status = NEW.state,
    opens = NEW.state IN ('active', 'due', 'past_due', 'ending'),
    months = (NEW.terms ->> 'months')::integer,
    paid_until = (NEW.terms ->> 'paid_until')::timestamptz
  WHERE process_id = NEW.id;
  -- A month more is paid for: by the transfer in this transaction, or by the promise of an order that was paid.
  IF (NEW.terms ->> 'months')::integer > (OLD.terms ->> 'months')::integer THEN
    INSERT INTO subscription_charges (subscription_id, month, price, share, payer_id, at)
    SELECT NEW.id, (NEW.terms ->> 'months')::integer, price, price * (NEW.terms ->> 'share_bps')::bigint / 10000,
      subscriber_id, NEW.stepped_at
    FROM subscriptions CROSS JOIN (SELECT (NEW.terms ->> 'price')::bigint AS price) AS paid WHERE process_id = NEW.id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER subscriptions_follow AFTER UPDATE ON processes
  FOR EACH ROW WHEN (NEW.kind = 'subscription' AND NEW.version <> OLD.version) EXECUTE FUNCTION follow_subscription();
