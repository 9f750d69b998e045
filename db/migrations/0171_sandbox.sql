-- Up Migration

-- The sandbox's own: disputes with their dates and evidence, and what is listed since an instant.
ALTER TABLE sandbox_payments
  ADD COLUMN disputed_at timestamptz(3),
  ADD COLUMN respond_by timestamptz(3),
  ADD COLUMN evidence_key text,
  ADD COLUMN evidence text;
COMMENT ON COLUMN sandbox_payments.evidence IS 'what was handed in for its dispute, once';
CREATE INDEX sandbox_orders_by_time ON sandbox_orders (created_at, id);
CREATE INDEX sandbox_payments_by_time ON sandbox_payments (happens_at, id);
CREATE INDEX sandbox_payments_disputed ON sandbox_payments (disputed_at, id) WHERE disputed_at IS NOT NULL;
CREATE INDEX sandbox_refunds_by_time ON sandbox_refunds (created_at, id);
