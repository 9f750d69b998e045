-- Up Migration

CREATE TABLE campaigns (
  id uuid PRIMARY KEY,
  brand_owner_id uuid NOT NULL REFERENCES users (id),
  title text NOT NULL,
  description text NOT NULL,
  -- Paise.
  budget bigint NOT NULL CONSTRAINT campaigns_budget_positive CHECK (budget > 0),
  policy jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL
);
CREATE INDEX campaigns_newest ON campaigns (created_at DESC, id DESC);

CREATE TABLE bids (
  id uuid PRIMARY KEY,
  influencer_id uuid NOT NULL REFERENCES users (id),
  title text NOT NULL,
  description text NOT NULL,
  -- Paise.
  starting_price bigint NOT NULL CONSTRAINT bids_starting_price_positive CHECK (starting_price > 0),
  policy jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL
);
CREATE INDEX bids_newest ON bids (created_at DESC, id DESC);
