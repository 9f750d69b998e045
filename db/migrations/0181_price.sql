-- Up Migration

-- The last price of each coin, in US dollars. `wanted_at`: when somebody last looked at it or had it followed.
CREATE TABLE prices (
  symbol text COLLATE "C" PRIMARY KEY,
  price text,
  change_24h text,
  source text,
  at timestamptz(3),
  wanted_at timestamptz(3) NOT NULL DEFAULT '-infinity'
);
COMMENT ON COLUMN prices.price IS 'Decimal text, as its source wrote it. Null: not known yet.';
INSERT INTO prices (symbol) VALUES ('BTC'), ('ETH'), ('USDT');

-- Who asks the feeds: one process at a time, by the database's clock.
CREATE TABLE price_poller (
  one boolean PRIMARY KEY DEFAULT true CONSTRAINT price_poller_is_one CHECK (one),
  holder uuid,
  lease_until timestamptz NOT NULL DEFAULT '-infinity',
  asked_at timestamptz NOT NULL DEFAULT '-infinity'
);
COMMENT ON COLUMN price_poller.asked_at IS 'When the feeds were last asked, by whoever held it then: another does not ask at once again.';
INSERT INTO price_poller DEFAULT VALUES;
