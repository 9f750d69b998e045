-- Up Migration

INSERT INTO machines (kind, held_at) VALUES ('topUp', 'escrow');
INSERT INTO machine_states (kind, state, rests, ends) VALUES
  ('topUp', 'open', false, false), ('topUp', 'paid', true, true), ('topUp', 'closed', true, true);
