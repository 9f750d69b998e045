-- Up Migration

-- Who deleted an account of an outside issuer, for as long as a token of before could make it anew.
CREATE TABLE left_subjects (
  hash bytea PRIMARY KEY,
  left_at timestamptz(3) NOT NULL
);
CREATE INDEX left_subjects_age ON left_subjects (left_at);
COMMENT ON TABLE left_subjects IS 'Subjects of an outside issuer whose account was deleted, as SHA-256: their tokens of before make no account.';

-- Whose they are is asked when somebody leaves, and when they ask for what is kept of them.
CREATE INDEX campaigns_owner ON campaigns (brand_owner_id);
CREATE INDEX bids_owner ON bids (influencer_id);
CREATE INDEX payment_orders_payer ON payment_orders (payer_id);

-- Who left before today left these behind.
DELETE FROM payees USING users WHERE users.id = user_id AND deleted_at IS NOT NULL;
DELETE FROM payout_destinations AS place USING users
  WHERE users.id = place.user_id AND deleted_at IS NOT NULL AND NOT EXISTS (SELECT FROM payouts WHERE destination_id = place.id);
UPDATE payout_destinations SET details = '{}', label = '', holder = NULL, check_id = NULL, reason = NULL,
    removed_at = coalesce(removed_at, now())
  FROM users WHERE users.id = user_id AND deleted_at IS NOT NULL;
UPDATE trading_offers SET payment_details = NULL, payment_methods = '{}', state = 'cancelled'
  FROM users WHERE users.id = user_id AND deleted_at IS NOT NULL;
UPDATE trades SET payment_details = NULL FROM seats JOIN users ON users.id = user_id
  WHERE seats.process_id = trades.process_id AND role = 'seller' AND deleted_at IS NOT NULL;
UPDATE trading_orders SET client_order_id = NULL
  FROM users WHERE users.id = user_id AND deleted_at IS NOT NULL AND client_order_id IS NOT NULL;
UPDATE campaigns SET title = '', description = '' FROM users WHERE users.id = brand_owner_id AND deleted_at IS NOT NULL;
UPDATE bids SET title = '', description = '' FROM users WHERE users.id = influencer_id AND deleted_at IS NOT NULL;
UPDATE gigs SET title = '', description = '', category = '' FROM users WHERE users.id = owner_id AND deleted_at IS NOT NULL;
UPDATE clans SET name = 'deleted-' || replace(clans.id::text, '-', ''), description = ''
  FROM users WHERE users.id = leader_id AND deleted_at IS NOT NULL;
UPDATE charge_back_files SET name = '', bytes = ''
  FROM users WHERE users.id = user_id AND deleted_at IS NOT NULL AND by_role <> 'admin';
DELETE FROM devices USING users WHERE users.id = user_id AND deleted_at IS NOT NULL;
DELETE FROM notification_preferences USING users WHERE users.id = user_id AND deleted_at IS NOT NULL;
DELETE FROM deliveries USING pushes, notifications, users
  WHERE pushes.id = push_id AND notifications.id = notification_id AND users.id = notifications.user_id AND deleted_at IS NOT NULL;
DELETE FROM pushes USING notifications, users
  WHERE notifications.id = notification_id AND users.id = notifications.user_id AND deleted_at IS NOT NULL;
DELETE FROM notification_triggers USING users WHERE users.id = user_id AND deleted_at IS NOT NULL;
DELETE FROM notifications USING users WHERE users.id = user_id AND deleted_at IS NOT NULL;
DELETE FROM inboxes USING users WHERE users.id = user_id AND deleted_at IS NOT NULL;
DELETE FROM wallet_recipients USING users WHERE users.id = user_id AND deleted_at IS NOT NULL;
UPDATE wallet_addresses SET address = NULL FROM users WHERE users.id = user_id AND deleted_at IS NOT NULL;
DELETE FROM barred_people USING users WHERE users.id = user_id AND deleted_at IS NOT NULL;
DELETE FROM staff_notes USING users WHERE users.id = user_id AND deleted_at IS NOT NULL;
UPDATE payment_orders SET razorpay_config = NULL FROM users
  WHERE users.id = payer_id AND deleted_at IS NOT NULL AND razorpay_config IS NOT NULL;
UPDATE videos SET category = '' FROM users WHERE users.id = creator_id AND users.deleted_at IS NOT NULL;
UPDATE streams SET category = '' FROM users WHERE users.id = creator_id AND deleted_at IS NOT NULL;
UPDATE video_shares SET channel = NULL FROM users
  WHERE users.id = user_id AND deleted_at IS NOT NULL AND channel IS NOT NULL;
UPDATE recommendation_items SET labels = '{}' FROM users WHERE users.id = creator_id AND deleted_at IS NOT NULL;
UPDATE users SET time_zone = 'UTC' WHERE deleted_at IS NOT NULL;
