-- Up Migration

CREATE TABLE payment_orders (
  id uuid PRIMARY KEY,
  process_id uuid NOT NULL REFERENCES processes (id),
  payer_id uuid NOT NULL REFERENCES users (id),
  provider text NOT NULL,
  amount bigint NOT NULL CONSTRAINT payment_orders_amount_positive CHECK (amount > 0),
  currency text NOT NULL,
  description text NOT NULL,
  provider_order_id text,
  checkout_url text,
  razorpay_config jsonb,
  expires_at timestamptz(3),
  claimed_until timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  closed_at timestamptz(3),
  asked_at timestamptz(3),
  asked_again boolean NOT NULL DEFAULT false,
  recorded_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT payment_orders_provider_id_unique UNIQUE (provider, provider_order_id)
);
COMMENT ON TABLE payment_orders IS 'An order at a provider. Made here first, then by one claimant there; every id ever shown stays known.';
COMMENT ON COLUMN payment_orders.provider_order_id IS 'what the provider answered; null until it did';
COMMENT ON COLUMN payment_orders.claimed_until IS 'until then whoever calls the provider for it has the claim';
COMMENT ON COLUMN payment_orders.asked_at IS 'when the provider last said what became of it, asked by us: once before its deadline closes it, and once a day later';
COMMENT ON COLUMN payment_orders.asked_again IS 'whether that was a day after it was closed: then it is not asked about any more';
CREATE INDEX payment_orders_provider_id ON payment_orders (provider_order_id) WHERE provider_order_id IS NOT NULL;
CREATE UNIQUE INDEX payment_orders_one_open ON payment_orders (process_id) WHERE closed_at IS NULL;
CREATE INDEX payment_orders_to_ask ON payment_orders (closed_at)
  WHERE closed_at IS NOT NULL AND provider_order_id IS NOT NULL AND NOT asked_again;

CREATE TABLE webhooks (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider text NOT NULL,
  event_id text NOT NULL,
  type text NOT NULL,
  body text,
  received_at timestamptz(3) NOT NULL,
  CONSTRAINT webhooks_event_unique UNIQUE (provider, event_id)
);
COMMENT ON TABLE webhooks IS 'Webhooks as they came, once each, and what was answered to our asking.';
COMMENT ON COLUMN webhooks.body IS 'as it came, for whoever has to look; null once it is forgotten, while that it came is not';
CREATE INDEX webhooks_bodies ON webhooks (received_at) WHERE body IS NOT NULL;

CREATE TABLE inbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  webhook_id bigint NOT NULL REFERENCES webhooks (id),
  process_id uuid REFERENCES processes (id),
  order_id uuid REFERENCES payment_orders (id),
  fact jsonb NOT NULL,
  correlation_id text,
  received_at timestamptz(3) NOT NULL,
  booked_at timestamptz(3),
  outcome text,
  traceparent text
);
COMMENT ON TABLE inbox IS 'What providers said, one neutral fact a row. Done when it is booked, not when it was passed on.';
COMMENT ON COLUMN inbox.traceparent IS 'what it was stored in, for whoever books it; null where no traces are kept';
COMMENT ON COLUMN inbox.outcome IS 'what became of it; set_aside: it could not be booked, and an operator is shown it';
CREATE INDEX inbox_waiting ON inbox (process_id, id) WHERE booked_at IS NULL;
CREATE INDEX inbox_set_aside ON inbox (id) WHERE outcome = 'set_aside';
CREATE INDEX inbox_failures ON inbox (process_id) WHERE fact ->> 'kind' = 'failed';
CREATE INDEX inbox_failed_refunds ON inbox ((fact ->> 'refundId')) WHERE fact ->> 'kind' = 'refund_failed';

CREATE TABLE captures (
  id uuid PRIMARY KEY,
  provider text NOT NULL,
  payment_id text NOT NULL,
  order_id uuid REFERENCES payment_orders (id),
  process_id uuid REFERENCES processes (id),
  inbox_id bigint NOT NULL REFERENCES inbox (id),
  amount bigint NOT NULL CONSTRAINT captures_amount_positive CHECK (amount > 0),
  currency text NOT NULL,
  disposition text NOT NULL CONSTRAINT captures_disposition_known CHECK (disposition IN ('escrow', 'returned', 'suspense')),
  booked_at timestamptz(3) NOT NULL,
  CONSTRAINT captures_payment_unique UNIQUE (provider, payment_id)
);
COMMENT ON TABLE captures IS 'One disposition a capture, whatever number of events told of it.';
CREATE UNIQUE INDEX captures_one_in_escrow ON captures (process_id) WHERE disposition = 'escrow';
CREATE INDEX captures_order ON captures (order_id) WHERE order_id IS NOT NULL;
ALTER TABLE promises ADD FOREIGN KEY (capture_id) REFERENCES captures (id);

CREATE TABLE refunds (
  id uuid PRIMARY KEY,
  promise_id uuid CONSTRAINT refunds_promise_unique UNIQUE REFERENCES promises (id),
  capture_id uuid NOT NULL REFERENCES captures (id),
  amount bigint NOT NULL CONSTRAINT refunds_amount_positive CHECK (amount > 0),
  currency text NOT NULL,
  attempt integer NOT NULL DEFAULT 1,
  provider_refund_id text,
  status text NOT NULL CONSTRAINT refunds_status_known CHECK (status IN ('due', 'asked', 'pending', 'processed', 'failed')),
  failure text,
  by_hand boolean NOT NULL DEFAULT false,
  covers boolean NOT NULL DEFAULT false,
  created_at timestamptz(3) NOT NULL,
  asked_at timestamptz(3),
  settled_at timestamptz(3)
);
COMMENT ON TABLE refunds IS 'A refund at a provider: a row before it is a call. One that failed is tried again under a new attempt.';
COMMENT ON COLUMN refunds.promise_id IS 'null for money given back out of suspense by an operator';
COMMENT ON COLUMN refunds.covers IS 'nothing was given back: the bank had taken it already, and this covers what it took';
COMMENT ON COLUMN refunds.by_hand IS 'an operator paid it by another way, as where the provider takes no amount so small';
CREATE INDEX refunds_open ON refunds (capture_id) WHERE status <> 'processed';
CREATE INDEX refunds_provider_id ON refunds (provider_refund_id) WHERE provider_refund_id IS NOT NULL;
CREATE INDEX refunds_capture ON refunds (capture_id);
CREATE INDEX refunds_loose ON refunds (created_at) WHERE promise_id IS NULL AND status IN ('due', 'asked', 'pending');

CREATE TABLE refund_reversals (
  refund_id uuid NOT NULL REFERENCES refunds,
  n integer NOT NULL,
  provider_refund_id text NOT NULL,
  occurred_at timestamptz(3) NOT NULL,
  PRIMARY KEY (refund_id, n)
);
COMMENT ON TABLE refund_reversals IS 'Refunds that had arrived and that their bank sent back, days later: 1, 2, … of a refund.';
COMMENT ON COLUMN refund_reversals.occurred_at IS 'by the provider''s clock, for people: it orders nothing';

CREATE TABLE disputes (
  id uuid PRIMARY KEY,
  provider text NOT NULL,
  dispute_id text NOT NULL,
  payment_id text,
  capture_id uuid REFERENCES captures (id),
  process_id uuid REFERENCES processes (id),
  amount bigint NOT NULL CONSTRAINT disputes_amount_not_negative CHECK (amount >= 0),
  currency text NOT NULL,
  state text NOT NULL CONSTRAINT disputes_state_known CHECK (state IN ('open', 'won', 'lost')),
  lost bigint NOT NULL DEFAULT 0 CONSTRAINT disputes_lost_not_negative CHECK (lost >= 0),
  bookings integer NOT NULL DEFAULT 0,
  opened_at timestamptz(3) NOT NULL,
  closed_at timestamptz(3),
  waived_at timestamptz(3),
  waived_by uuid REFERENCES users (id),
  CONSTRAINT disputes_once UNIQUE (provider, dispute_id),
  CONSTRAINT disputes_closed_when_decided CHECK ((state = 'open') = (closed_at IS NULL))
);
COMMENT ON TABLE disputes IS 'A payment that its bank was asked to take back: one a dispute, as a payment may have several.';
COMMENT ON COLUMN disputes.dispute_id IS 'the provider''s id of it; where it names none, the payment''s';
COMMENT ON COLUMN disputes.amount IS 'what is disputed, minor units of currency';
COMMENT ON COLUMN disputes.lost IS 'what the bank took in the end, as it is booked';
COMMENT ON COLUMN disputes.bookings IS 'how often that was booked: one that was lost may be won after all';
COMMENT ON COLUMN disputes.waived_at IS 'an operator let go on what had waited for it';
CREATE INDEX disputes_process ON disputes (process_id) WHERE process_id IS NOT NULL;
CREATE INDEX disputes_payment ON disputes (provider, payment_id);
