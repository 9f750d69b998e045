-- Up Migration

-- What is written with every click has types instead of CHECK constraints, which Postgres reads anew from their text
-- with every statement: a tenth of a click.
CREATE TYPE conversation_kind AS ENUM ('direct', 'campaign', 'bid');
CREATE TYPE chat_status AS ENUM ('automated', 'real_time', 'closed');
CREATE TYPE flow_state AS ENUM (
  'initial', 'influencer_responding', 'brand_owner_details', 'influencer_reviewing', 'brand_owner_pricing',
  'influencer_price_response', 'brand_owner_negotiation', 'influencer_final_response', 'negotiation_input',
  'payment_pending', 'payment_completed', 'work_in_progress', 'work_submitted', 'work_approved', 'disputed',
  'real_time', 'chat_closed'
);
CREATE TYPE party AS ENUM ('influencer', 'brand_owner');
CREATE TYPE step_role AS ENUM ('influencer', 'brand_owner', 'admin', 'provider', 'system');
CREATE TYPE message_type AS ENUM ('user_input', 'system', 'automated', 'audit');

-- A conversation and, where it has one, its deal. `flow_data` holds the terms that the machine needs beside the columns.
CREATE TABLE conversations (
  id uuid PRIMARY KEY,
  kind conversation_kind NOT NULL,
  campaign_id uuid REFERENCES campaigns (id),
  bid_id uuid REFERENCES bids (id),
  brand_owner_id uuid NOT NULL REFERENCES users (id),
  influencer_id uuid NOT NULL REFERENCES users (id),
  request_id uuid,
  chat_status chat_status NOT NULL,
  flow_state flow_state NOT NULL,
  awaiting_role party,
  automation_enabled boolean NOT NULL,
  current_action_data jsonb,
  flow_data jsonb NOT NULL,
  work_submission jsonb,
  work_submitted boolean NOT NULL DEFAULT false,
  work_status text,
  submission_date timestamptz(3),
  -- Number of the last step.
  version integer NOT NULL DEFAULT 0,
  -- How often a state was entered: what a deadline belongs to.
  entry integer NOT NULL DEFAULT 1,
  entered_at timestamptz(3) NOT NULL,
  stepped_at timestamptz(3) NOT NULL,
  deadline timestamptz(3),
  -- The message whose question is open.
  asked_message_id uuid,
  -- For the indexes below: `flow_state` itself changes with every click, and an update that changes no indexed column
  -- writes no index. False once the chat is closed.
  is_open boolean NOT NULL DEFAULT true,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL
) WITH (fillfactor = 60);

-- What is said once, when a conversation begins, is looked at then and not with every click.
CREATE FUNCTION refuse_conversation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a conversation has two parties and is about one campaign, one bid or nothing'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'conversations_about_one', TABLE = 'conversations';
END $$;
CREATE TRIGGER conversations_about_one BEFORE INSERT OR UPDATE OF kind, campaign_id, bid_id, brand_owner_id, influencer_id
  ON conversations FOR EACH ROW WHEN (
    (NEW.kind = 'campaign') <> (NEW.campaign_id IS NOT NULL) OR (NEW.kind = 'bid') <> (NEW.bid_id IS NOT NULL)
    OR NEW.brand_owner_id = NEW.influencer_id
  ) EXECUTE FUNCTION refuse_conversation();

-- The states in which nothing ends by itself: an end, or about to be left. Everywhere else a deal has a deadline, as
-- time never stops for money. `append_step` sees to it.
CREATE FUNCTION needs_no_deadline(p_state flow_state) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT p_state IN ('work_approved', 'real_time', 'chat_closed')
$$;

CREATE INDEX conversations_brand_owner ON conversations (brand_owner_id);
CREATE INDEX conversations_influencer ON conversations (influencer_id);
-- One open conversation per thing and pair, and one direct conversation per pair whoever opened it.
CREATE UNIQUE INDEX conversations_campaign_open ON conversations (campaign_id, influencer_id)
  WHERE campaign_id IS NOT NULL AND is_open;
CREATE UNIQUE INDEX conversations_bid_open ON conversations (bid_id, brand_owner_id)
  WHERE bid_id IS NOT NULL AND is_open;
CREATE UNIQUE INDEX conversations_direct_pair ON conversations
  (least(brand_owner_id, influencer_id), greatest(brand_owner_id, influencer_id)) WHERE kind = 'direct';

CREATE TABLE messages (
  id uuid PRIMARY KEY,
  -- Order of writing, the same for everybody.
  position bigint GENERATED ALWAYS AS IDENTITY,
  -- Not a reference: whoever writes here has the conversation's row locked.
  conversation_id uuid NOT NULL,
  -- One of the parties, which the conversation refers to, or the system. Not references themselves: every check would
  -- lock a row of users, the system's for all deals at once.
  sender_id uuid NOT NULL,
  receiver_id uuid NOT NULL,
  message text NOT NULL,
  media_url text,
  message_type message_type NOT NULL,
  action_required boolean NOT NULL DEFAULT false,
  action_data jsonb,
  is_automated boolean NOT NULL DEFAULT false,
  action_completed boolean NOT NULL DEFAULT false,
  seen boolean NOT NULL DEFAULT false,
  created_at timestamptz(3) NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX messages_newest ON messages (conversation_id, position DESC);
CREATE INDEX messages_unread ON messages (receiver_id, conversation_id) WHERE NOT seen;

-- What was done to a deal, numbered without gaps. The workflow is told every one of them.
CREATE TABLE steps (
  -- Not a reference: `append_step`, which alone writes here, has the conversation's row locked.
  conversation_id uuid NOT NULL,
  n integer NOT NULL,
  command text NOT NULL,
  by_role step_role NOT NULL,
  actor_id uuid,
  from_state flow_state NOT NULL,
  to_state flow_state NOT NULL,
  data jsonb NOT NULL,
  at timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  -- Of the request that began it: the same id stands in the logs of the API and of the worker.
  correlation_id text,
  PRIMARY KEY (conversation_id, n)
);
CREATE TRIGGER steps_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON steps
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The relay's list: what a deal's workflow is to be told, and what it was told. Narrow, so that the sweep's questions
-- are answered by two small indexes while `conversations`, which is wide, has none that a click would write.
CREATE TABLE relays (
  conversation_id uuid PRIMARY KEY REFERENCES conversations (id),
  -- The deal's, kept by `append_step`.
  version integer NOT NULL DEFAULT 0,
  deadline timestamptz(3),
  -- The last step the workflow was told, -1 before it was started. A hint: the sweep does not trust it.
  told integer NOT NULL DEFAULT -1,
  -- Raised when the workflow is to be told everything again; an acknowledgement of an older epoch counts for nothing.
  epoch integer NOT NULL DEFAULT 0,
  tries integer NOT NULL DEFAULT 0,
  ring_after timestamptz(3) NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 70);
CREATE INDEX relays_untold ON relays (conversation_id) WHERE told < version;
CREATE INDEX relays_deadline ON relays (deadline) WHERE deadline IS NOT NULL;

-- Every obligation about money, made by a step. The transaction that moves the money sets `moved_at`; a release is done
-- with that, a refund when the provider says so.
CREATE TABLE promises (
  id uuid PRIMARY KEY,
  conversation_id uuid NOT NULL REFERENCES conversations (id),
  step_n integer NOT NULL,
  kind text NOT NULL CONSTRAINT promises_kind_known CHECK (kind IN ('release', 'refund')),
  amount bigint NOT NULL CONSTRAINT promises_amount_positive CHECK (amount > 0),
  fee bigint NOT NULL CONSTRAINT promises_fee_part CHECK (fee >= 0 AND fee <= amount),
  asset text NOT NULL,
  -- Of a refund: the capture it gives back, wholly or in part.
  capture_id uuid,
  made_at timestamptz(3) NOT NULL,
  moved_at timestamptz(3),
  done_at timestamptz(3),
  FOREIGN KEY (conversation_id, step_n) REFERENCES steps (conversation_id, n),
  CONSTRAINT promises_moved_before_done CHECK (done_at IS NULL OR moved_at IS NOT NULL),
  CONSTRAINT promises_refund_of_capture CHECK ((kind = 'refund') = (capture_id IS NOT NULL))
);
CREATE INDEX promises_of_deal ON promises (conversation_id, step_n);
CREATE INDEX promises_open ON promises (conversation_id) WHERE done_at IS NULL;

-- An order at a provider. Made here first, then by one claimant there; every id ever shown stays known.
CREATE TABLE payment_orders (
  id uuid PRIMARY KEY,
  conversation_id uuid NOT NULL REFERENCES conversations (id),
  payer_id uuid NOT NULL REFERENCES users (id),
  provider text NOT NULL,
  amount bigint NOT NULL CONSTRAINT payment_orders_amount_positive CHECK (amount > 0),
  currency text NOT NULL,
  description text NOT NULL,
  -- What the provider answered; null until it did.
  provider_order_id text,
  checkout_url text,
  razorpay_config jsonb,
  expires_at timestamptz(3),
  -- Who is calling the provider now holds the claim until then.
  claimed_until timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  closed_at timestamptz(3),
  CONSTRAINT payment_orders_provider_id_unique UNIQUE (provider, provider_order_id)
);
CREATE INDEX payment_orders_provider_id ON payment_orders (provider_order_id) WHERE provider_order_id IS NOT NULL;
CREATE UNIQUE INDEX payment_orders_one_open ON payment_orders (conversation_id) WHERE closed_at IS NULL;

-- Webhooks as they came, once each.
CREATE TABLE webhooks (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider text NOT NULL,
  event_id text NOT NULL,
  type text NOT NULL,
  body text NOT NULL,
  received_at timestamptz(3) NOT NULL,
  CONSTRAINT webhooks_event_unique UNIQUE (provider, event_id)
);

-- What webhooks said, one neutral fact a row. Done when it is booked, not when it was passed on.
CREATE TABLE inbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  webhook_id bigint NOT NULL REFERENCES webhooks (id),
  conversation_id uuid REFERENCES conversations (id),
  order_id uuid REFERENCES payment_orders (id),
  fact jsonb NOT NULL,
  correlation_id text,
  received_at timestamptz(3) NOT NULL,
  booked_at timestamptz(3),
  outcome text
);
CREATE INDEX inbox_waiting ON inbox (conversation_id, id) WHERE booked_at IS NULL;

-- One disposition a capture, whatever number of events told of it.
CREATE TABLE captures (
  id uuid PRIMARY KEY,
  provider text NOT NULL,
  payment_id text NOT NULL,
  order_id uuid REFERENCES payment_orders (id),
  conversation_id uuid REFERENCES conversations (id),
  inbox_id bigint NOT NULL REFERENCES inbox (id),
  amount bigint NOT NULL CONSTRAINT captures_amount_positive CHECK (amount > 0),
  currency text NOT NULL,
  disposition text NOT NULL CONSTRAINT captures_disposition_known CHECK (disposition IN ('escrow', 'returned', 'suspense')),
  booked_at timestamptz(3) NOT NULL,
  CONSTRAINT captures_payment_unique UNIQUE (provider, payment_id)
);
CREATE UNIQUE INDEX captures_one_in_escrow ON captures (conversation_id) WHERE disposition = 'escrow';
ALTER TABLE promises ADD FOREIGN KEY (capture_id) REFERENCES captures (id);

-- A refund at a provider: a row before it is a call. One that failed is tried again under a new attempt.
CREATE TABLE refunds (
  id uuid PRIMARY KEY,
  -- Null for money given back out of suspense by an operator.
  promise_id uuid CONSTRAINT refunds_promise_unique UNIQUE REFERENCES promises (id),
  capture_id uuid NOT NULL REFERENCES captures (id),
  amount bigint NOT NULL CONSTRAINT refunds_amount_positive CHECK (amount > 0),
  currency text NOT NULL,
  attempt integer NOT NULL DEFAULT 1,
  provider_refund_id text,
  status text NOT NULL CONSTRAINT refunds_status_known CHECK (status IN ('due', 'asked', 'pending', 'processed', 'failed')),
  failure text,
  created_at timestamptz(3) NOT NULL,
  asked_at timestamptz(3),
  settled_at timestamptz(3)
);
CREATE INDEX refunds_open ON refunds (capture_id) WHERE status <> 'processed';
CREATE INDEX refunds_provider_id ON refunds (provider_refund_id) WHERE provider_refund_id IS NOT NULL;

-- Reminders that were sent, once an entry and kind.
CREATE TABLE reminders (
  conversation_id uuid NOT NULL REFERENCES conversations (id),
  entry integer NOT NULL,
  kind text NOT NULL CONSTRAINT reminders_kind_known CHECK (kind IN ('half_time', 'last_day')),
  sent_at timestamptz(3) NOT NULL,
  PRIMARY KEY (conversation_id, entry, kind)
);

-- What waits for an operator.
CREATE TABLE tasks (
  id uuid PRIMARY KEY,
  -- Derived from what it is about: asking twice makes one task.
  key text NOT NULL CONSTRAINT tasks_key_unique UNIQUE,
  kind text NOT NULL CONSTRAINT tasks_kind_known
    CHECK (kind IN ('dispute', 'unmatched_capture', 'stuck_refund', 'charge_back', 'parked_deal')),
  conversation_id uuid REFERENCES conversations (id),
  details jsonb NOT NULL,
  opened_at timestamptz(3) NOT NULL,
  closed_at timestamptz(3),
  decision jsonb,
  decided_by uuid REFERENCES users (id)
);
CREATE INDEX tasks_open ON tasks (opened_at DESC, id DESC) WHERE closed_at IS NULL;
