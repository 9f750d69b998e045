-- Up Migration

-- What was sent to others on a day (UTC). The row is locked before any account, so that a sender's transfers are counted
-- one after the other.
CREATE TABLE wallet_days (
  user_id uuid NOT NULL REFERENCES users (id),
  asset text NOT NULL REFERENCES ledger_assets (asset),
  day date NOT NULL,
  sent bigint NOT NULL,
  PRIMARY KEY (user_id, asset, day)
);

-- Whom somebody sends to. `sent` counts until the recipient is no longer new.
CREATE TABLE wallet_recipients (
  user_id uuid NOT NULL REFERENCES users (id),
  recipient_id uuid NOT NULL REFERENCES users (id),
  asset text NOT NULL REFERENCES ledger_assets (asset),
  first_at timestamptz(3) NOT NULL,
  sent bigint NOT NULL,
  PRIMARY KEY (user_id, recipient_id, asset)
);

-- Penalties as they were given: what was not there to take is known, and is no debt.
CREATE TABLE wallet_penalties (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id),
  asked bigint NOT NULL CONSTRAINT wallet_penalties_asked_positive CHECK (asked > 0),
  taken bigint NOT NULL CONSTRAINT wallet_penalties_taken_part CHECK (taken >= 0 AND taken <= asked),
  reason text NOT NULL,
  given_by uuid NOT NULL REFERENCES users (id),
  given_at timestamptz(3) NOT NULL
);

-- Where somebody is paid from outside, the n-th of its source. Given once and kept.
CREATE TABLE wallet_addresses (
  asset text NOT NULL REFERENCES ledger_assets (asset),
  user_id uuid NOT NULL REFERENCES users (id),
  n integer NOT NULL,
  address text,
  given_at timestamptz(3) NOT NULL,
  PRIMARY KEY (asset, user_id),
  CONSTRAINT wallet_addresses_numbered UNIQUE (asset, n),
  CONSTRAINT wallet_addresses_are_one_s UNIQUE (asset, address)
);
