-- Up Migration

-- The smallest machine there is: nobody uses it but the kits that prove what holds for every kind.
INSERT INTO machines (kind, held_at) VALUES ('errand', 'hold:giver');
INSERT INTO machine_states (kind, state, rests, ends) VALUES
  ('errand', 'open', false, false), ('errand', 'done', true, true), ('errand', 'expired', true, true);
