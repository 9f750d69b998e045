-- Written by local/schema.ts from the migrations: read it, change those.

SET check_function_bodies = false;

CREATE TYPE conversation_kind AS ENUM ('direct', 'campaign', 'bid');
CREATE TYPE flow_state AS ENUM ('initial', 'influencer_responding', 'brand_owner_details', 'influencer_reviewing', 'brand_owner_pricing', 'influencer_price_response', 'brand_owner_negotiation', 'influencer_final_response', 'negotiation_input', 'payment_pending', 'payment_completed', 'work_in_progress', 'work_submitted', 'work_approved', 'disputed', 'real_time', 'chat_closed');
CREATE TYPE message_type AS ENUM ('user_input', 'system', 'automated', 'audit');
CREATE TYPE step_role AS ENUM ('influencer', 'brand_owner', 'admin', 'provider', 'system');

CREATE TABLE answers (
  account_id uuid NOT NULL,
  path text NOT NULL,
  key text NOT NULL,
  body_hash bytea NOT NULL,
  status integer NOT NULL,
  answer json NOT NULL,
  created_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT answers_pkey PRIMARY KEY (account_id, path, key)
);

CREATE TABLE bids (
  id uuid NOT NULL,
  influencer_id uuid NOT NULL,
  title text NOT NULL,
  description text NOT NULL,
  starting_price bigint NOT NULL,
  policy jsonb NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT bids_pkey PRIMARY KEY (id),
  CONSTRAINT bids_starting_price_positive CHECK ((starting_price > 0))
);

CREATE TABLE campaigns (
  id uuid NOT NULL,
  brand_owner_id uuid NOT NULL,
  title text NOT NULL,
  description text NOT NULL,
  budget bigint NOT NULL,
  policy jsonb NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT campaigns_pkey PRIMARY KEY (id),
  CONSTRAINT campaigns_budget_positive CHECK ((budget > 0))
);

CREATE TABLE captures (
  id uuid NOT NULL,
  provider text NOT NULL,
  payment_id text NOT NULL,
  order_id uuid,
  conversation_id uuid,
  inbox_id bigint NOT NULL,
  amount bigint NOT NULL,
  currency text NOT NULL,
  disposition text NOT NULL,
  booked_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT captures_pkey PRIMARY KEY (id),
  CONSTRAINT captures_payment_unique UNIQUE (provider, payment_id),
  CONSTRAINT captures_amount_positive CHECK ((amount > 0)),
  CONSTRAINT captures_disposition_known CHECK ((disposition = ANY (ARRAY['escrow'::text, 'returned'::text, 'suspense'::text])))
);

CREATE TABLE conversations (
  id uuid NOT NULL,
  kind conversation_kind NOT NULL,
  campaign_id uuid,
  bid_id uuid,
  brand_owner_id uuid NOT NULL,
  influencer_id uuid NOT NULL,
  request_id uuid,
  flow_state flow_state NOT NULL,
  flow_data json NOT NULL,
  version integer DEFAULT 0 NOT NULL,
  entry integer DEFAULT 1 NOT NULL,
  entered_at timestamp(3) with time zone NOT NULL,
  stepped_at timestamp(3) with time zone NOT NULL,
  deadline timestamp(3) with time zone,
  is_open boolean DEFAULT true NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  said integer DEFAULT 0 NOT NULL,
  asked_position integer,
  CONSTRAINT conversations_pkey PRIMARY KEY (id)
) WITH (fillfactor=60);

CREATE TABLE heartbeats (
  part text NOT NULL,
  beat_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT heartbeats_pkey PRIMARY KEY (part),
  CONSTRAINT heartbeats_part_form CHECK ((part ~ '^[a-z_]{1,40}$'::text))
);

CREATE TABLE inbox (
  id bigint GENERATED ALWAYS AS IDENTITY,
  webhook_id bigint NOT NULL,
  conversation_id uuid,
  order_id uuid,
  fact jsonb NOT NULL,
  correlation_id text,
  received_at timestamp(3) with time zone NOT NULL,
  booked_at timestamp(3) with time zone,
  outcome text,
  CONSTRAINT inbox_pkey PRIMARY KEY (id)
);

CREATE TABLE ledger_accounts (
  id bigint GENERATED ALWAYS AS IDENTITY,
  code text NOT NULL,
  kind text NOT NULL,
  asset text NOT NULL,
  owner_id uuid,
  balance bigint DEFAULT 0 NOT NULL,
  version bigint DEFAULT 0 NOT NULL,
  CONSTRAINT ledger_accounts_pkey PRIMARY KEY (id),
  CONSTRAINT ledger_accounts_code_unique UNIQUE (code, asset),
  CONSTRAINT ledger_accounts_asset_known CHECK (((asset = ANY (ARRAY['INR'::text, 'USD'::text, 'CREDIT'::text, 'TOKEN'::text, 'LYK'::text, 'BTC'::text, 'ETH'::text, 'USDT'::text])) OR (kind = ANY (ARRAY['external'::text, 'suspense'::text, 'refund_clearing'::text, 'charge_back'::text])))),
  CONSTRAINT ledger_accounts_kind_known CHECK ((kind = ANY (ARRAY['wallet'::text, 'hold'::text, 'escrow'::text, 'external'::text, 'fee'::text, 'suspense'::text, 'refund_clearing'::text, 'issuance'::text, 'charge_back'::text]))),
  CONSTRAINT ledger_accounts_not_negative CHECK (((balance >= 0) OR (kind = ANY (ARRAY['external'::text, 'issuance'::text, 'charge_back'::text]))))
);

CREATE TABLE ledger_entries (
  account_id bigint NOT NULL,
  account_version bigint NOT NULL,
  transfer_id bigint NOT NULL,
  amount bigint NOT NULL,
  balance_after bigint NOT NULL,
  CONSTRAINT ledger_entries_pkey PRIMARY KEY (account_id, account_version),
  CONSTRAINT ledger_entries_moves CHECK ((amount <> 0))
);

CREATE TABLE ledger_transfers (
  id bigint GENERATED ALWAYS AS IDENTITY,
  key text NOT NULL,
  input_hash bytea NOT NULL,
  reason text NOT NULL,
  conversation_id uuid,
  occurred_at timestamp(3) with time zone NOT NULL,
  recorded_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT ledger_transfers_pkey PRIMARY KEY (id),
  CONSTRAINT ledger_transfers_key_unique UNIQUE (key)
);

CREATE TABLE messages (
  id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  sender_id uuid NOT NULL,
  receiver_id uuid NOT NULL,
  message text NOT NULL,
  media_url text,
  message_type message_type NOT NULL,
  action_data json,
  seen boolean DEFAULT false NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  "position" integer NOT NULL,
  CONSTRAINT messages_pkey PRIMARY KEY (conversation_id, "position")
) WITH (fillfactor=80);

CREATE TABLE outbox (
  user_id uuid NOT NULL,
  last_seq bigint NOT NULL,
  first_seq bigint NOT NULL,
  events text NOT NULL,
  created_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  conversation_id uuid,
  step_n integer,
  CONSTRAINT outbox_pkey PRIMARY KEY (user_id, last_seq)
) WITH (toast_tuple_target=8160);

CREATE TABLE payment_orders (
  id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  payer_id uuid NOT NULL,
  provider text NOT NULL,
  amount bigint NOT NULL,
  currency text NOT NULL,
  description text NOT NULL,
  provider_order_id text,
  checkout_url text,
  razorpay_config jsonb,
  expires_at timestamp(3) with time zone,
  claimed_until timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL,
  closed_at timestamp(3) with time zone,
  CONSTRAINT payment_orders_pkey PRIMARY KEY (id),
  CONSTRAINT payment_orders_provider_id_unique UNIQUE (provider, provider_order_id),
  CONSTRAINT payment_orders_amount_positive CHECK ((amount > 0))
);

CREATE TABLE promises (
  id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  step_n integer NOT NULL,
  kind text NOT NULL,
  amount bigint NOT NULL,
  fee bigint NOT NULL,
  asset text NOT NULL,
  capture_id uuid,
  made_at timestamp(3) with time zone NOT NULL,
  moved_at timestamp(3) with time zone,
  done_at timestamp(3) with time zone,
  CONSTRAINT promises_pkey PRIMARY KEY (id),
  CONSTRAINT promises_amount_positive CHECK ((amount > 0)),
  CONSTRAINT promises_fee_part CHECK (((fee >= 0) AND (fee <= amount))),
  CONSTRAINT promises_kind_known CHECK ((kind = ANY (ARRAY['release'::text, 'refund'::text]))),
  CONSTRAINT promises_moved_before_done CHECK (((done_at IS NULL) OR (moved_at IS NOT NULL))),
  CONSTRAINT promises_refund_of_capture CHECK (((kind = 'refund'::text) = (capture_id IS NOT NULL)))
);

CREATE TABLE refresh_tokens (
  hash bytea NOT NULL,
  session_id uuid NOT NULL,
  created_at timestamp(3) with time zone DEFAULT now() NOT NULL,
  used_at timestamp(3) with time zone,
  CONSTRAINT refresh_tokens_pkey PRIMARY KEY (hash)
);

CREATE TABLE refund_reversals (
  refund_id uuid NOT NULL,
  n integer NOT NULL,
  provider_refund_id text NOT NULL,
  occurred_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT refund_reversals_pkey PRIMARY KEY (refund_id, n)
);

CREATE TABLE refunds (
  id uuid NOT NULL,
  promise_id uuid,
  capture_id uuid NOT NULL,
  amount bigint NOT NULL,
  currency text NOT NULL,
  attempt integer DEFAULT 1 NOT NULL,
  provider_refund_id text,
  status text NOT NULL,
  failure text,
  created_at timestamp(3) with time zone NOT NULL,
  asked_at timestamp(3) with time zone,
  settled_at timestamp(3) with time zone,
  told_at timestamp(3) with time zone,
  CONSTRAINT refunds_pkey PRIMARY KEY (id),
  CONSTRAINT refunds_promise_unique UNIQUE (promise_id),
  CONSTRAINT refunds_amount_positive CHECK ((amount > 0)),
  CONSTRAINT refunds_status_known CHECK ((status = ANY (ARRAY['due'::text, 'asked'::text, 'pending'::text, 'processed'::text, 'failed'::text])))
);

CREATE TABLE relays (
  conversation_id uuid NOT NULL,
  version integer DEFAULT 0 NOT NULL,
  deadline timestamp(3) with time zone,
  told integer DEFAULT '-1'::integer NOT NULL,
  epoch integer DEFAULT 0 NOT NULL,
  tries integer DEFAULT 0 NOT NULL,
  ring_after timestamp(3) with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
  behind boolean DEFAULT true NOT NULL,
  look_at timestamp(3) with time zone,
  CONSTRAINT relays_pkey PRIMARY KEY (conversation_id)
) WITH (fillfactor=70);

CREATE TABLE reminders (
  conversation_id uuid NOT NULL,
  entry integer NOT NULL,
  kind text NOT NULL,
  sent_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT reminders_pkey PRIMARY KEY (conversation_id, entry, kind),
  CONSTRAINT reminders_kind_known CHECK ((kind = ANY (ARRAY['half_time'::text, 'last_day'::text])))
);

CREATE TABLE sandbox_deliveries (
  id text NOT NULL,
  order_id text,
  type text NOT NULL,
  body text NOT NULL,
  attempts integer DEFAULT 0 NOT NULL,
  deliver_at timestamp(3) with time zone NOT NULL,
  give_up_at timestamp(3) with time zone NOT NULL,
  ended_at timestamp(3) with time zone,
  last_answer text,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT sandbox_deliveries_pkey PRIMARY KEY (id)
);

CREATE TABLE sandbox_orders (
  id text NOT NULL,
  reference text NOT NULL,
  amount bigint NOT NULL,
  currency text NOT NULL,
  description text NOT NULL,
  customer_name text,
  success_url text,
  cancel_url text,
  expires_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT sandbox_orders_pkey PRIMARY KEY (id),
  CONSTRAINT sandbox_orders_reference_once UNIQUE (reference),
  CONSTRAINT sandbox_orders_amount_check CHECK ((amount > 0))
);

CREATE TABLE sandbox_payments (
  id text NOT NULL,
  order_id text NOT NULL,
  amount bigint NOT NULL,
  currency text NOT NULL,
  status text NOT NULL,
  reason text,
  dispute text,
  happens_at timestamp(3) with time zone NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT sandbox_payments_pkey PRIMARY KEY (id),
  CONSTRAINT sandbox_payments_amount_check CHECK ((amount > 0)),
  CONSTRAINT sandbox_payments_dispute_check CHECK ((dispute = ANY (ARRAY['open'::text, 'won'::text, 'lost'::text]))),
  CONSTRAINT sandbox_payments_status_check CHECK ((status = ANY (ARRAY['captured'::text, 'failed'::text])))
);

CREATE TABLE sandbox_refunds (
  id text NOT NULL,
  key text NOT NULL,
  payment_id text NOT NULL,
  order_id text,
  amount bigint NOT NULL,
  currency text NOT NULL,
  reason text NOT NULL,
  status text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT sandbox_refunds_pkey PRIMARY KEY (id),
  CONSTRAINT sandbox_refunds_key_once UNIQUE (key),
  CONSTRAINT sandbox_refunds_amount_check CHECK ((amount > 0)),
  CONSTRAINT sandbox_refunds_status_check CHECK ((status = ANY (ARRAY['processed'::text, 'failed'::text])))
);

CREATE TABLE sessions (
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  created_at timestamp(3) with time zone DEFAULT now() NOT NULL,
  expires_at timestamp(3) with time zone NOT NULL,
  ended_at timestamp(3) with time zone,
  ended_by text,
  CONSTRAINT sessions_pkey PRIMARY KEY (id),
  CONSTRAINT sessions_ended_by_known CHECK ((ended_by = ANY (ARRAY['logout'::text, 'reuse'::text, 'admin'::text])))
);

CREATE TABLE signing_keys (
  kid text NOT NULL,
  algorithm text NOT NULL,
  private_jwk jsonb NOT NULL,
  public_jwk jsonb NOT NULL,
  created_at timestamp(3) with time zone DEFAULT now() NOT NULL,
  retired_at timestamp(3) with time zone,
  CONSTRAINT signing_keys_pkey PRIMARY KEY (kid)
);

CREATE TABLE steps (
  conversation_id uuid NOT NULL,
  n integer NOT NULL,
  command text NOT NULL,
  by_role step_role NOT NULL,
  actor_id uuid,
  from_state flow_state NOT NULL,
  to_state flow_state NOT NULL,
  data json NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  recorded_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  correlation_id text,
  deadline timestamp(3) with time zone,
  said_before integer,
  said integer,
  CONSTRAINT steps_pkey PRIMARY KEY (conversation_id, n)
);

CREATE TABLE tasks (
  id uuid NOT NULL,
  key text NOT NULL,
  kind text NOT NULL,
  conversation_id uuid,
  details jsonb NOT NULL,
  opened_at timestamp(3) with time zone NOT NULL,
  closed_at timestamp(3) with time zone,
  decision jsonb,
  decided_by uuid,
  CONSTRAINT tasks_pkey PRIMARY KEY (id),
  CONSTRAINT tasks_key_unique UNIQUE (key),
  CONSTRAINT tasks_kind_known CHECK ((kind = ANY (ARRAY['dispute'::text, 'unmatched_capture'::text, 'stuck_refund'::text, 'charge_back'::text, 'parked_deal'::text])))
);

CREATE TABLE user_sequences (
  user_id uuid NOT NULL,
  last_seq bigint NOT NULL,
  CONSTRAINT user_sequences_pkey PRIMARY KEY (user_id)
) WITH (fillfactor=50);

CREATE TABLE users (
  id uuid NOT NULL,
  handle text NOT NULL,
  password_hash text,
  roles text[] NOT NULL,
  external_subject text,
  created_at timestamp(3) with time zone DEFAULT now() NOT NULL,
  CONSTRAINT users_pkey PRIMARY KEY (id),
  CONSTRAINT users_handle_form CHECK ((handle ~ '^[A-Za-z0-9_.-]{2,40}$'::text)),
  CONSTRAINT users_roles_known CHECK ((roles <@ ARRAY['viewer'::text, 'creator'::text, 'brand_owner'::text, 'influencer'::text, 'admin'::text]))
);

CREATE TABLE webhooks (
  id bigint GENERATED ALWAYS AS IDENTITY,
  provider text NOT NULL,
  event_id text NOT NULL,
  type text NOT NULL,
  body text NOT NULL,
  received_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT webhooks_pkey PRIMARY KEY (id),
  CONSTRAINT webhooks_event_unique UNIQUE (provider, event_id)
);

ALTER TABLE bids ADD CONSTRAINT bids_influencer_id_fkey FOREIGN KEY (influencer_id) REFERENCES users(id);
ALTER TABLE campaigns ADD CONSTRAINT campaigns_brand_owner_id_fkey FOREIGN KEY (brand_owner_id) REFERENCES users(id);
ALTER TABLE captures ADD CONSTRAINT captures_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations(id);
ALTER TABLE captures ADD CONSTRAINT captures_inbox_id_fkey FOREIGN KEY (inbox_id) REFERENCES inbox(id);
ALTER TABLE captures ADD CONSTRAINT captures_order_id_fkey FOREIGN KEY (order_id) REFERENCES payment_orders(id);
ALTER TABLE conversations ADD CONSTRAINT conversations_bid_id_fkey FOREIGN KEY (bid_id) REFERENCES bids(id);
ALTER TABLE conversations ADD CONSTRAINT conversations_brand_owner_id_fkey FOREIGN KEY (brand_owner_id) REFERENCES users(id);
ALTER TABLE conversations ADD CONSTRAINT conversations_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id);
ALTER TABLE conversations ADD CONSTRAINT conversations_influencer_id_fkey FOREIGN KEY (influencer_id) REFERENCES users(id);
ALTER TABLE inbox ADD CONSTRAINT inbox_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations(id);
ALTER TABLE inbox ADD CONSTRAINT inbox_order_id_fkey FOREIGN KEY (order_id) REFERENCES payment_orders(id);
ALTER TABLE inbox ADD CONSTRAINT inbox_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES webhooks(id);
ALTER TABLE ledger_accounts ADD CONSTRAINT ledger_accounts_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id);
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_account_id_fkey FOREIGN KEY (account_id) REFERENCES ledger_accounts(id);
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_transfer_id_fkey FOREIGN KEY (transfer_id) REFERENCES ledger_transfers(id);
ALTER TABLE payment_orders ADD CONSTRAINT payment_orders_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations(id);
ALTER TABLE payment_orders ADD CONSTRAINT payment_orders_payer_id_fkey FOREIGN KEY (payer_id) REFERENCES users(id);
ALTER TABLE promises ADD CONSTRAINT promises_capture_id_fkey FOREIGN KEY (capture_id) REFERENCES captures(id);
ALTER TABLE promises ADD CONSTRAINT promises_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations(id);
ALTER TABLE promises ADD CONSTRAINT promises_conversation_id_step_n_fkey FOREIGN KEY (conversation_id, step_n) REFERENCES steps(conversation_id, n);
ALTER TABLE refresh_tokens ADD CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id);
ALTER TABLE refund_reversals ADD CONSTRAINT refund_reversals_refund_id_fkey FOREIGN KEY (refund_id) REFERENCES refunds(id);
ALTER TABLE refunds ADD CONSTRAINT refunds_capture_id_fkey FOREIGN KEY (capture_id) REFERENCES captures(id);
ALTER TABLE refunds ADD CONSTRAINT refunds_promise_id_fkey FOREIGN KEY (promise_id) REFERENCES promises(id);
ALTER TABLE relays ADD CONSTRAINT relays_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations(id);
ALTER TABLE reminders ADD CONSTRAINT reminders_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations(id);
ALTER TABLE sandbox_payments ADD CONSTRAINT sandbox_payments_order_id_fkey FOREIGN KEY (order_id) REFERENCES sandbox_orders(id);
ALTER TABLE sessions ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE tasks ADD CONSTRAINT tasks_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations(id);
ALTER TABLE tasks ADD CONSTRAINT tasks_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES users(id);
ALTER TABLE user_sequences ADD CONSTRAINT user_sequences_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);

CREATE INDEX answers_age ON answers USING brin (created_at);
CREATE INDEX bids_newest ON bids USING btree (created_at DESC, id DESC);
CREATE INDEX campaigns_newest ON campaigns USING btree (created_at DESC, id DESC);
CREATE UNIQUE INDEX captures_one_in_escrow ON captures USING btree (conversation_id) WHERE (disposition = 'escrow'::text);
CREATE INDEX captures_order ON captures USING btree (order_id) WHERE (order_id IS NOT NULL);
CREATE UNIQUE INDEX conversations_bid_open ON conversations USING btree (bid_id, brand_owner_id) WHERE ((bid_id IS NOT NULL) AND is_open);
CREATE INDEX conversations_brand_owner ON conversations USING btree (brand_owner_id);
CREATE UNIQUE INDEX conversations_campaign_open ON conversations USING btree (campaign_id, influencer_id) WHERE ((campaign_id IS NOT NULL) AND is_open);
CREATE UNIQUE INDEX conversations_direct_pair ON conversations USING btree (LEAST(brand_owner_id, influencer_id), GREATEST(brand_owner_id, influencer_id)) WHERE (kind = 'direct'::conversation_kind);
CREATE INDEX conversations_influencer ON conversations USING btree (influencer_id);
CREATE INDEX inbox_failures ON inbox USING btree (conversation_id) WHERE ((fact ->> 'kind'::text) = 'failed'::text);
CREATE INDEX inbox_waiting ON inbox USING btree (conversation_id, id) WHERE (booked_at IS NULL);
CREATE INDEX ledger_accounts_owner ON ledger_accounts USING btree (owner_id) WHERE (owner_id IS NOT NULL);
CREATE INDEX ledger_entries_transfer ON ledger_entries USING btree (transfer_id);
CREATE INDEX ledger_transfers_conversation ON ledger_transfers USING btree (conversation_id, id) WHERE (conversation_id IS NOT NULL);
CREATE INDEX messages_unread ON messages USING btree (receiver_id, conversation_id) WHERE (NOT seen);
CREATE UNIQUE INDEX payment_orders_one_open ON payment_orders USING btree (conversation_id) WHERE (closed_at IS NULL);
CREATE INDEX payment_orders_provider_id ON payment_orders USING btree (provider_order_id) WHERE (provider_order_id IS NOT NULL);
CREATE INDEX promises_of_deal ON promises USING btree (conversation_id, step_n);
CREATE INDEX promises_open ON promises USING btree (conversation_id) WHERE (done_at IS NULL);
CREATE INDEX refresh_tokens_session ON refresh_tokens USING btree (session_id);
CREATE INDEX refunds_capture ON refunds USING btree (capture_id);
CREATE INDEX refunds_open ON refunds USING btree (capture_id) WHERE (status <> 'processed'::text);
CREATE INDEX refunds_provider_id ON refunds USING btree (provider_refund_id) WHERE (provider_refund_id IS NOT NULL);
CREATE INDEX relays_behind ON relays USING btree (conversation_id) WHERE behind;
CREATE INDEX relays_look_at ON relays USING btree (look_at) WHERE (look_at IS NOT NULL);
CREATE INDEX sandbox_deliveries_by_order ON sandbox_deliveries USING btree (order_id, created_at);
CREATE INDEX sandbox_deliveries_due ON sandbox_deliveries USING btree (deliver_at) WHERE (ended_at IS NULL);
CREATE INDEX sandbox_payments_by_order ON sandbox_payments USING btree (order_id, created_at);
CREATE INDEX sandbox_refunds_by_payment ON sandbox_refunds USING btree (payment_id);
CREATE INDEX sessions_user ON sessions USING btree (user_id) WHERE (ended_at IS NULL);
CREATE INDEX tasks_open ON tasks USING btree (opened_at DESC, id DESC) WHERE (closed_at IS NULL);
CREATE UNIQUE INDEX users_external_subject_unique ON users USING btree (external_subject) WHERE (external_subject IS NOT NULL);
CREATE UNIQUE INDEX users_handle_unique ON users USING btree (lower(handle));

CREATE FUNCTION announce(p_user_id uuid, p_many integer, p_events text, p_conversation_id uuid, p_step_n integer)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_last bigint;
BEGIN
  UPDATE user_sequences SET last_seq = last_seq + p_many WHERE user_id = p_user_id RETURNING last_seq INTO v_last;
  IF NOT FOUND THEN
    INSERT INTO user_sequences AS sequence (user_id, last_seq) VALUES (p_user_id, p_many)
    ON CONFLICT (user_id) DO UPDATE SET last_seq = sequence.last_seq + EXCLUDED.last_seq
    RETURNING last_seq INTO v_last;
  END IF;
  INSERT INTO outbox (user_id, last_seq, first_seq, events, conversation_id, step_n)
  VALUES (p_user_id, v_last, v_last - p_many + 1, p_events, p_conversation_id, p_step_n);
END $function$;

CREATE FUNCTION append_more(p_id uuid, p_n integer, p_at timestamp with time zone, p_more json)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO promises (id, conversation_id, step_n, kind, amount, fee, asset, capture_id, made_at)
  SELECT id, p_id, p_n, kind, amount, fee, asset, capture_id, p_at
  FROM json_to_recordset(p_more -> 'promises')
    AS promise (id uuid, kind text, amount bigint, fee bigint, asset text, capture_id uuid);

  INSERT INTO payment_orders (id, conversation_id, payer_id, provider, amount, currency, description, expires_at,
    created_at)
  SELECT id, p_id, payer_id, provider, amount, currency, description, expires_at, p_at
  FROM json_to_recordset(p_more -> 'orders') AS new_order (id uuid, payer_id uuid, provider text, amount bigint,
    currency text, description text, expires_at timestamptz);

  INSERT INTO tasks (id, key, kind, conversation_id, details, opened_at)
  SELECT id, key, kind, p_id, details, p_at
  FROM json_to_recordset(p_more -> 'tasks') AS task (id uuid, key text, kind text, details jsonb)
  ON CONFLICT (key) DO NOTHING;
END $function$;

CREATE FUNCTION append_step(p_id uuid, p_version integer, p_facts_first boolean, p_command text, p_by step_role, p_actor_id uuid, p_from flow_state, p_to flow_state, p_data json, p_at timestamp with time zone, p_correlation_id text, p_flow_data json, p_entry integer, p_entered_at timestamp with time zone, p_deadline timestamp with time zone, p_ids uuid[], p_senders uuid[], p_receivers uuid[], p_words text[], p_types message_type[], p_asks integer, p_action_data json, p_account_id uuid, p_path text, p_key text, p_body_hash bytea, p_status integer, p_answer json, p_more json, p_user_1 uuid, p_many_1 integer, p_events_1 text, p_user_2 uuid, p_many_2 integer, p_events_2 text)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_n CONSTANT integer := p_version + 1;
  v_many CONSTANT integer := cardinality(p_ids);
  v_said integer;
BEGIN
  UPDATE conversations SET
    flow_state = p_to, flow_data = p_flow_data, version = v_n, entry = p_entry, entered_at = p_entered_at,
    stepped_at = p_at, deadline = p_deadline, is_open = p_to <> 'chat_closed', said = said + v_many,
    asked_position = CASE WHEN p_asks IS NULL THEN asked_position WHEN p_asks > 0 THEN said + p_asks END,
    updated_at = p_at
  WHERE id = p_id AND version = p_version
  RETURNING said - v_many INTO v_said;
  IF NOT FOUND THEN
    RETURN false;
  END IF;

  -- A statement of its own, which sees what was committed before the row's lock was had.
  IF p_facts_first AND EXISTS (SELECT FROM inbox WHERE conversation_id = p_id AND booked_at IS NULL) THEN
    RAISE EXCEPTION 'a fact about deal % waits to be booked', p_id USING ERRCODE = 'TD001';
  END IF;
  IF (p_deadline IS NULL) <> needs_no_deadline(p_to) THEN
    RAISE EXCEPTION '% %', p_to, CASE WHEN p_deadline IS NULL THEN 'without a deadline' ELSE 'with a deadline' END
      USING ERRCODE = 'check_violation', CONSTRAINT = 'conversations_deadline_set', TABLE = 'conversations';
  END IF;

  IF p_key IS NOT NULL THEN
    INSERT INTO answers (account_id, path, key, body_hash, status, answer)
    VALUES (p_account_id, p_path, p_key, p_body_hash, p_status, p_answer);
  END IF;

  INSERT INTO steps (conversation_id, n, command, by_role, actor_id, from_state, to_state, data, at, correlation_id,
    deadline, said_before, said)
  VALUES (p_id, v_n, p_command, p_by, p_actor_id, p_from, p_to, p_data, p_at, p_correlation_id, p_deadline, v_said,
    v_said + v_many);

  -- Whatever the sweep gave this deal up to, now there is something new.
  UPDATE relays SET version = v_n, deadline = p_deadline, behind = true, look_at = LEAST(look_at, p_deadline), tries = 0,
    ring_after = '-infinity'
  WHERE conversation_id = p_id;

  INSERT INTO messages (conversation_id, position, id, sender_id, receiver_id, message, message_type, action_data,
    seen, created_at)
  SELECT p_id, v_said + place, id, sender_id, receiver_id, words, type, CASE WHEN place = p_asks THEN p_action_data END,
    type = 'audit', p_at
  FROM unnest(p_ids, p_senders, p_receivers, p_words, p_types) WITH ORDINALITY
    AS message (id, sender_id, receiver_id, words, type, place);

  IF p_more IS NOT NULL THEN
    PERFORM append_more(p_id, v_n, p_at, p_more);
  END IF;

  -- An order that can no longer be paid in time is closed; its id stays known.
  IF p_from = 'payment_pending' AND p_to <> 'payment_pending' THEN
    UPDATE payment_orders SET closed_at = p_at WHERE conversation_id = p_id AND closed_at IS NULL;
  END IF;

  IF p_from = 'disputed' AND p_to <> 'disputed' THEN
    UPDATE tasks SET closed_at = p_at, decided_by = p_actor_id,
      decision = jsonb_build_object('command', p_command, 'data', p_data)
    WHERE conversation_id = p_id AND kind = 'dispute' AND closed_at IS NULL;
  END IF;

  IF p_user_1 IS NOT NULL THEN
    PERFORM announce(p_user_1, p_many_1, p_events_1, p_id, v_n);
  END IF;
  IF p_user_2 IS NOT NULL THEN
    PERFORM announce(p_user_2, p_many_2, p_events_2, p_id, v_n);
  END IF;
  RETURN true;
END $function$;

CREATE FUNCTION ledger_transfer(p_key text, p_reason text, p_conversation_id uuid, p_occurred_at timestamp with time zone, p_legs jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_hash bytea := sha256(convert_to(concat_ws('|', p_reason, p_conversation_id, p_legs), 'UTF8'));
  v_transfer_id bigint;
  v_known bytea;
  v_leg record;
BEGIN
  INSERT INTO ledger_transfers (key, input_hash, reason, conversation_id, occurred_at)
  VALUES (p_key, v_hash, p_reason, p_conversation_id, p_occurred_at)
  ON CONFLICT (key) DO NOTHING
  RETURNING id INTO v_transfer_id;
  IF v_transfer_id IS NULL THEN
    SELECT input_hash INTO STRICT v_known FROM ledger_transfers WHERE key = p_key;
    IF v_known <> v_hash THEN
      RAISE EXCEPTION 'transfer % was made with other legs', p_key
        USING ERRCODE = 'unique_violation', CONSTRAINT = 'ledger_transfers_same_input';
    END IF;
    RETURN false;
  END IF;

  IF jsonb_array_length(p_legs) < 2 OR EXISTS (
    SELECT FROM jsonb_to_recordset(p_legs) AS leg (asset text, amount bigint) GROUP BY asset HAVING sum(amount) <> 0
  ) THEN
    RAISE EXCEPTION 'legs of % do not balance', p_key
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfers_balance';
  END IF;

  FOR v_leg IN
    SELECT code, kind, asset, owner_id, amount
    FROM jsonb_to_recordset(p_legs) AS leg (code text, kind text, asset text, owner_id uuid, amount bigint)
    ORDER BY code, asset
  LOOP
    INSERT INTO ledger_accounts (code, kind, asset, owner_id)
    VALUES (v_leg.code, v_leg.kind, v_leg.asset, v_leg.owner_id)
    ON CONFLICT (code, asset) DO NOTHING;
    WITH moved AS (
      UPDATE ledger_accounts SET balance = balance + v_leg.amount, version = version + 1
      WHERE code = v_leg.code AND asset = v_leg.asset
      RETURNING id, balance, version
    )
    INSERT INTO ledger_entries (account_id, account_version, transfer_id, amount, balance_after)
    SELECT moved.id, moved.version, v_transfer_id, v_leg.amount, moved.balance FROM moved;
  END LOOP;
  RETURN true;
END $function$;

CREATE FUNCTION needs_no_deadline(p_state flow_state)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT p_state IN ('work_approved', 'real_time', 'chat_closed')
$function$;

CREATE FUNCTION refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION '% is immutable', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $function$;

CREATE FUNCTION refuse_conversation()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION 'a conversation has two parties and is about one campaign, one bid or nothing'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'conversations_about_one', TABLE = 'conversations';
END $function$;

CREATE FUNCTION remember_answer(p_id uuid, p_version integer, p_account_id uuid, p_path text, p_key text, p_body_hash bytea, p_status integer, p_answer json)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_version integer;
BEGIN
  SELECT version INTO STRICT v_version FROM conversations WHERE id = p_id FOR NO KEY UPDATE;
  IF v_version <> p_version OR EXISTS (SELECT FROM inbox WHERE conversation_id = p_id AND booked_at IS NULL) THEN
    RETURN 'conflict';
  END IF;
  INSERT INTO answers (account_id, path, key, body_hash, status, answer)
  VALUES (p_account_id, p_path, p_key, p_body_hash, p_status, p_answer) ON CONFLICT DO NOTHING;
  RETURN CASE WHEN FOUND THEN 'written' ELSE 'repeated' END;
END $function$;

CREATE TRIGGER conversations_about_one BEFORE INSERT OR UPDATE OF kind, campaign_id, bid_id, brand_owner_id, influencer_id ON conversations FOR EACH ROW WHEN ((((new.kind = 'campaign'::conversation_kind) <> (new.campaign_id IS NOT NULL)) OR ((new.kind = 'bid'::conversation_kind) <> (new.bid_id IS NOT NULL)) OR (new.brand_owner_id = new.influencer_id))) EXECUTE FUNCTION refuse_conversation();
CREATE TRIGGER ledger_entries_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_transfers_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger_transfers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER steps_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON steps FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
