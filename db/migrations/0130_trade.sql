-- Up Migration

INSERT INTO machines (kind, held_at) VALUES ('trade', 'hold:seller');
INSERT INTO machine_states (kind, state, rests, ends) VALUES
  ('trade', 'awaiting_payment', false, false), ('trade', 'payment_confirmed', false, false),
  ('trade', 'disputed', false, false), ('trade', 'releasing', true, false), ('trade', 'released', true, true),
  ('trade', 'refunded', true, true), ('trade', 'split', true, true), ('trade', 'cancelled', true, true),
  ('trade', 'expired', true, true);

-- What only a trade has, beside its process.
CREATE TABLE trades (
  process_id uuid PRIMARY KEY REFERENCES processes (id),
  payment_details text CONSTRAINT trades_details_bounded CHECK (octet_length(payment_details) <= 40000)
);
COMMENT ON COLUMN trades.payment_details IS
  'Where the buyer pays: shown to the two parties alone, and never sent to a workflow.';
