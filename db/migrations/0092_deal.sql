-- Up Migration

INSERT INTO machines (kind, held_at) VALUES ('deal', 'escrow');
INSERT INTO machine_states (kind, state, rests, ends) VALUES
  ('deal', 'initial', false, false), ('deal', 'influencer_responding', false, false),
  ('deal', 'brand_owner_details', false, false), ('deal', 'influencer_reviewing', false, false),
  ('deal', 'brand_owner_pricing', false, false), ('deal', 'influencer_price_response', false, false),
  ('deal', 'brand_owner_negotiation', false, false), ('deal', 'influencer_final_response', false, false),
  ('deal', 'negotiation_input', false, false), ('deal', 'payment_pending', false, false),
  ('deal', 'payment_completed', false, false), ('deal', 'work_in_progress', false, false),
  ('deal', 'work_submitted', false, false), ('deal', 'work_approved', true, false),
  ('deal', 'disputed', false, false), ('deal', 'real_time', true, true), ('deal', 'chat_closed', true, true);
