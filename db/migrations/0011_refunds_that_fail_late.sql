-- Up Migration

-- A refund that arrived may fail after all, days later: the bank sends it back. What was settled is taken back then, and
-- what the provider said of it before that says nothing any more.

ALTER TABLE refunds
  -- The provider's clock when what we believe of it came to be so.
  ADD COLUMN told_at timestamptz(3);

CREATE TABLE refund_reversals (
  refund_id uuid NOT NULL REFERENCES refunds,
  -- 1, 2, … of a refund.
  n integer NOT NULL,
  provider_refund_id text NOT NULL,
  -- By the provider's clock.
  occurred_at timestamptz(3) NOT NULL,
  PRIMARY KEY (refund_id, n)
);

-- A failed payment is told of once, however many webhooks tell us.
CREATE INDEX inbox_failures ON inbox (conversation_id) WHERE fact ->> 'kind' = 'failed';
