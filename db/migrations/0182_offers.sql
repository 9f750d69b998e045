-- Up Migration

-- Offers whose fiat is paid outside of Tandem. Nothing is held for one; whoever takes a part of it opens a trade in escrow,
-- which holds that part of the seller's asset or is refused.
CREATE TABLE trading_offers (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id),
  side text NOT NULL CONSTRAINT trading_offers_side_known CHECK (side IN ('buy', 'sell')),
  asset text COLLATE "C" NOT NULL REFERENCES ledger_assets (asset),
  currency text COLLATE "C" NOT NULL,
  amount bigint NOT NULL,
  least bigint NOT NULL,
  most bigint NOT NULL,
  price text,
  margin_bps integer,
  payment_methods text[] NOT NULL,
  payment_details text,
  policy json NOT NULL,
  state text NOT NULL DEFAULT 'open' CONSTRAINT trading_offers_state_known CHECK (state IN ('open', 'paused', 'cancelled')),
  expires_at timestamptz(3),
  made_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  CONSTRAINT trading_offers_are_priced CHECK ((price IS NULL) <> (margin_bps IS NULL)),
  CONSTRAINT trading_offers_range CHECK (0 < least AND least <= most AND least <= amount)
);
COMMENT ON COLUMN trading_offers.price IS 'Of one whole of the asset, decimal text; null where it follows the feed by `margin_bps`.';
CREATE INDEX trading_offers_open ON trading_offers (asset, currency, side, id) WHERE state = 'open';
CREATE INDEX trading_offers_of_user ON trading_offers (user_id, id);

-- Parts that were taken. What is off the book is told by how their trades stand: there is nothing that could be forgotten.
CREATE TABLE trading_takes (
  process_id uuid PRIMARY KEY REFERENCES processes (id),
  offer_id uuid NOT NULL REFERENCES trading_offers (id),
  amount bigint NOT NULL CONSTRAINT trading_takes_amount_positive CHECK (amount > 0)
);
CREATE INDEX trading_takes_of_offer ON trading_takes (offer_id);
