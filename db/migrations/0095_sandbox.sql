-- What the sandbox provider remembers: its orders, payments and refunds, and the webhooks it still owes. It stands for
-- somebody else's database: nothing of ours refers to it, and it refers to nothing of ours.

CREATE TABLE sandbox_orders (
  id text PRIMARY KEY,
  reference text NOT NULL CONSTRAINT sandbox_orders_reference_once UNIQUE,
  amount bigint NOT NULL CHECK (amount > 0),
  currency text NOT NULL,
  description text NOT NULL,
  customer_name text,
  success_url text,
  cancel_url text,
  expires_at timestamptz(3),
  created_at timestamptz(3) NOT NULL
);

COMMENT ON COLUMN sandbox_orders.reference IS 'the caller''s id of the order: made once per reference';

-- A payment may be announced ahead (pay late): it has happened from happens_at on.
CREATE TABLE sandbox_payments (
  id text PRIMARY KEY,
  order_id text NOT NULL REFERENCES sandbox_orders (id),
  amount bigint NOT NULL CHECK (amount > 0),
  currency text NOT NULL,
  status text NOT NULL CHECK (status IN ('captured', 'failed')),
  reason text,
  dispute text CHECK (dispute IN ('open', 'won', 'lost')),
  happens_at timestamptz(3) NOT NULL,
  created_at timestamptz(3) NOT NULL
);

CREATE INDEX sandbox_payments_by_order ON sandbox_payments (order_id, created_at);

-- A payment_id need not be in sandbox_payments: whoever has the secret may announce payments of their own.
CREATE TABLE sandbox_refunds (
  id text PRIMARY KEY,
  key text NOT NULL CONSTRAINT sandbox_refunds_key_once UNIQUE,
  payment_id text NOT NULL,
  order_id text,
  amount bigint NOT NULL CHECK (amount > 0),
  currency text NOT NULL,
  reason text NOT NULL,
  status text NOT NULL CHECK (status IN ('processed', 'failed')),
  created_at timestamptz(3) NOT NULL
);

CREATE INDEX sandbox_refunds_by_payment ON sandbox_refunds (payment_id);

-- Webhooks owed and sent. deliver_at is when the next attempt is due; a claim moves it past the attempt's own timeout,
-- so that a process which dies while sending is followed by another attempt.
CREATE TABLE sandbox_deliveries (
  id text PRIMARY KEY,
  order_id text,
  type text NOT NULL,
  body text NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  deliver_at timestamptz(3) NOT NULL,
  give_up_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  last_answer text,
  created_at timestamptz(3) NOT NULL
);

CREATE INDEX sandbox_deliveries_due ON sandbox_deliveries (deliver_at) WHERE ended_at IS NULL;
CREATE INDEX sandbox_deliveries_by_order ON sandbox_deliveries (order_id, created_at);
