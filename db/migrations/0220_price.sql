-- Up Migration

-- A coin has a price in each currency that somebody may look at it in. What is here is asked for.
ALTER TABLE prices DROP CONSTRAINT prices_pkey;
ALTER TABLE prices ADD COLUMN currency text COLLATE "C" NOT NULL DEFAULT 'USD';
ALTER TABLE prices ALTER COLUMN currency DROP DEFAULT, ADD PRIMARY KEY (symbol, currency);
INSERT INTO prices (symbol, currency)
SELECT symbol, currency FROM unnest('{BTC,ETH,USDT}'::text[]) AS symbol, unnest('{INR,EUR}'::text[]) AS currency;
