-- Written by local/schema.ts from the migrations: read it, change those.

SET check_function_bodies = false;

CREATE TYPE chat_status AS ENUM ('automated', 'real_time', 'closed');
CREATE TYPE content_type AS ENUM ('text', 'image', 'video', 'audio', 'gif', 'sticker');
CREATE TYPE message_type AS ENUM ('user_input', 'system', 'automated', 'audit');

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

CREATE TABLE barred_people (
  user_id uuid NOT NULL,
  barred_at timestamp(3) with time zone NOT NULL,
  barred_by uuid NOT NULL,
  reason text NOT NULL,
  CONSTRAINT barred_people_pkey PRIMARY KEY (user_id)
);

CREATE TABLE battle_gifts (
  gift_id uuid NOT NULL,
  battle_id uuid NOT NULL,
  participant_id uuid NOT NULL,
  tokens bigint NOT NULL,
  CONSTRAINT battle_gifts_pkey PRIMARY KEY (gift_id),
  CONSTRAINT battle_gifts_tokens_check CHECK ((tokens > 0))
);

CREATE TABLE battle_sides (
  user_id uuid NOT NULL,
  battle_id uuid NOT NULL,
  CONSTRAINT battle_sides_pkey PRIMARY KEY (user_id)
);

CREATE TABLE battle_votes (
  battle_id uuid NOT NULL,
  voter_id uuid NOT NULL,
  participant_id uuid NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  CONSTRAINT battle_votes_pkey PRIMARY KEY (battle_id, voter_id)
);

CREATE TABLE battles (
  process_id uuid NOT NULL,
  challenger_id uuid NOT NULL,
  opponent_id uuid NOT NULL,
  stream_id uuid,
  stake bigint NOT NULL,
  status text DEFAULT 'invited'::text NOT NULL,
  told text DEFAULT 'invited'::text NOT NULL,
  told_points bigint[] DEFAULT '{0,0}'::bigint[] NOT NULL,
  noted text DEFAULT 'invited'::text NOT NULL,
  looked_at timestamp(3) with time zone,
  started_at timestamp(3) with time zone,
  ends_at timestamp(3) with time zone,
  closed_at timestamp(3) with time zone,
  ended_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT battles_pkey PRIMARY KEY (process_id),
  CONSTRAINT battles_check CHECK ((challenger_id <> opponent_id)),
  CONSTRAINT battles_stake_check CHECK ((stake >= 0))
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

CREATE TABLE blocks (
  blocker_id uuid NOT NULL,
  blocked_id uuid NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT blocks_pkey PRIMARY KEY (blocker_id, blocked_id),
  CONSTRAINT blocks_of_another CHECK ((blocker_id <> blocked_id))
);

CREATE TABLE book_answers (
  one boolean DEFAULT true NOT NULL,
  whole boolean NOT NULL,
  found json NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  CONSTRAINT book_answers_pkey PRIMARY KEY (one),
  CONSTRAINT book_answers_one_check CHECK (one)
);

CREATE TABLE book_checks (
  invariant text COLLATE "C" NOT NULL,
  checked_at timestamp(3) with time zone NOT NULL,
  broken boolean NOT NULL,
  CONSTRAINT book_checks_pkey PRIMARY KEY (invariant)
);

CREATE TABLE broadcasts (
  id uuid NOT NULL,
  state text NOT NULL,
  version integer NOT NULL,
  entry integer NOT NULL,
  entered_at timestamp(3) with time zone NOT NULL,
  stepped_at timestamp(3) with time zone NOT NULL,
  terms json NOT NULL,
  by_id uuid NOT NULL,
  audience text NOT NULL,
  kind text NOT NULL,
  title text NOT NULL,
  body text NOT NULL,
  data json NOT NULL,
  push boolean NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  told_at timestamp(3) with time zone,
  CONSTRAINT broadcasts_pkey PRIMARY KEY (id),
  CONSTRAINT broadcasts_state_known CHECK ((state = ANY (ARRAY['sending'::text, 'sent'::text, 'stopped'::text])))
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
  process_id uuid,
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

CREATE TABLE challenges (
  process_id uuid NOT NULL,
  stream_id uuid NOT NULL,
  creator_id uuid NOT NULL,
  type text NOT NULL,
  target bigint NOT NULL,
  reward text,
  status text DEFAULT 'open'::text NOT NULL,
  starts_at timestamp(3) with time zone NOT NULL,
  ends_at timestamp(3) with time zone NOT NULL,
  ended_at timestamp(3) with time zone,
  noted bigint DEFAULT 0 NOT NULL,
  counter bigint,
  progress bigint DEFAULT 0 NOT NULL,
  looked_at timestamp(3) with time zone,
  rewarded_up_to uuid,
  rewarded_at timestamp(3) with time zone,
  CONSTRAINT challenges_pkey PRIMARY KEY (process_id),
  CONSTRAINT challenges_target_check CHECK ((target > 0)),
  CONSTRAINT challenges_type_check CHECK ((type = ANY (ARRAY['gifts'::text, 'likes'::text, 'viewers'::text, 'votes'::text])))
);

CREATE TABLE charge_back_files (
  id uuid NOT NULL,
  process_id uuid NOT NULL,
  n integer NOT NULL,
  by_role text NOT NULL,
  user_id uuid NOT NULL,
  name text NOT NULL,
  media_type text NOT NULL,
  bytes bytea NOT NULL,
  added_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT charge_back_files_pkey PRIMARY KEY (id),
  CONSTRAINT charge_back_files_numbered UNIQUE (process_id, n),
  CONSTRAINT charge_back_files_media_known CHECK ((media_type = ANY (ARRAY['application/pdf'::text, 'image/png'::text, 'image/jpeg'::text])))
);

CREATE TABLE charge_backs (
  process_id uuid NOT NULL,
  dispute_id uuid NOT NULL,
  payment_process_id uuid,
  payee_id uuid,
  provider text NOT NULL,
  currency text NOT NULL,
  asset text NOT NULL,
  reason text,
  due bigint DEFAULT 0 NOT NULL,
  taken bigint DEFAULT 0 NOT NULL,
  owed bigint DEFAULT 0 NOT NULL,
  written_off bigint DEFAULT 0 NOT NULL,
  settled bigint DEFAULT 0 NOT NULL,
  borne bigint DEFAULT 0 NOT NULL,
  evidence text,
  evidence_at timestamp(3) with time zone,
  asked_at timestamp(3) with time zone,
  asked integer DEFAULT 0 NOT NULL,
  CONSTRAINT charge_backs_pkey PRIMARY KEY (process_id),
  CONSTRAINT charge_backs_one_a_dispute UNIQUE (dispute_id),
  CONSTRAINT charge_backs_add_up CHECK ((due = ((taken + owed) + written_off))),
  CONSTRAINT charge_backs_borne_not_negative CHECK ((borne >= 0)),
  CONSTRAINT charge_backs_evidence_known CHECK ((evidence = ANY (ARRAY['asked'::text, 'sent'::text, 'refused'::text, 'none'::text]))),
  CONSTRAINT charge_backs_owed_not_negative CHECK ((owed >= 0)),
  CONSTRAINT charge_backs_settled_not_negative CHECK ((settled >= 0)),
  CONSTRAINT charge_backs_taken_not_negative CHECK ((taken >= 0)),
  CONSTRAINT charge_backs_written_off_not_negative CHECK ((written_off >= 0))
);

CREATE TABLE clan_boost_events (
  process_id uuid NOT NULL,
  target_id uuid NOT NULL,
  booster_id uuid NOT NULL,
  event_id text NOT NULL,
  amount bigint NOT NULL,
  duration double precision NOT NULL,
  points bigint NOT NULL,
  starts_at timestamp(3) with time zone NOT NULL,
  expires_at timestamp(3) with time zone NOT NULL,
  ended_at timestamp(3) with time zone,
  ended text,
  refunded bigint,
  CONSTRAINT clan_boost_events_pkey PRIMARY KEY (process_id),
  CONSTRAINT clan_boost_events_event_id_key UNIQUE (event_id),
  CONSTRAINT user_boost_events_amount_check CHECK ((amount > 0)),
  CONSTRAINT user_boost_events_check CHECK ((((ended_at IS NULL) = (ended IS NULL)) AND ((ended_at IS NULL) = (refunded IS NULL)))),
  CONSTRAINT user_boost_events_ended_check CHECK ((ended = ANY (ARRAY['expired'::text, 'cancelled'::text]))),
  CONSTRAINT user_boost_events_points_check CHECK ((points > 0))
);

CREATE TABLE clan_credit_events (
  id bigint GENERATED ALWAYS AS IDENTITY,
  event_id text NOT NULL,
  subject_id uuid NOT NULL,
  user_id uuid NOT NULL,
  type text NOT NULL,
  amount bigint NOT NULL,
  event jsonb NOT NULL,
  occurred_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT clan_credit_events_pkey PRIMARY KEY (id),
  CONSTRAINT clan_credit_events_event_id_key UNIQUE (event_id),
  CONSTRAINT user_credit_events_amount_check CHECK ((amount > 0))
);

CREATE TABLE clans (
  id uuid NOT NULL,
  leader_id uuid NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT clans_pkey PRIMARY KEY (id)
);

CREATE TABLE commission_rules (
  id uuid NOT NULL,
  kind text NOT NULL,
  user_id uuid,
  bps integer NOT NULL,
  fixed bigint DEFAULT 0 NOT NULL,
  effective_from timestamp(3) with time zone NOT NULL,
  effective_to timestamp(3) with time zone,
  reason text NOT NULL,
  made_by uuid NOT NULL,
  made_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT commission_rules_pkey PRIMARY KEY (id),
  CONSTRAINT commission_rules_bps_in_range CHECK (((bps >= 0) AND (bps <= 10000))),
  CONSTRAINT commission_rules_fixed_not_negative CHECK ((fixed >= 0)),
  CONSTRAINT commission_rules_in_time CHECK ((effective_to > effective_from))
);

CREATE TABLE conversations (
  id uuid NOT NULL,
  kind text NOT NULL,
  campaign_id uuid,
  bid_id uuid,
  brand_owner_id uuid NOT NULL,
  influencer_id uuid,
  request_id uuid,
  chat chat_status NOT NULL,
  said integer DEFAULT 0 NOT NULL,
  asked_position integer,
  created_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT conversations_pkey PRIMARY KEY (id)
) WITH (fillfactor=60);

CREATE TABLE creator_milestones (
  creator_id uuid NOT NULL,
  milestone text COLLATE "C" NOT NULL,
  progress bigint NOT NULL,
  reached_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT creator_milestones_pkey PRIMARY KEY (creator_id, milestone)
);

CREATE TABLE deliveries (
  id uuid NOT NULL,
  push_id uuid NOT NULL,
  device_id uuid NOT NULL,
  platform text NOT NULL,
  outcome text NOT NULL,
  why text NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  CONSTRAINT deliveries_pkey PRIMARY KEY (id)
);

CREATE TABLE devices (
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  platform text NOT NULL,
  token text NOT NULL,
  keys json,
  locale text,
  time_zone text,
  session_id uuid,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT devices_pkey PRIMARY KEY (id),
  CONSTRAINT devices_keys_of_webpush CHECK (((keys IS NOT NULL) = (platform = 'webpush'::text))),
  CONSTRAINT devices_platform_known CHECK ((platform = ANY (ARRAY['fcm'::text, 'webpush'::text])))
);

CREATE TABLE dispute_news (
  dispute_id uuid NOT NULL,
  since timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT dispute_news_pkey PRIMARY KEY (dispute_id)
);

CREATE TABLE disputes (
  id uuid NOT NULL,
  provider text NOT NULL,
  dispute_id text NOT NULL,
  payment_id text,
  capture_id uuid,
  process_id uuid,
  amount bigint NOT NULL,
  currency text NOT NULL,
  state text NOT NULL,
  lost bigint DEFAULT 0 NOT NULL,
  bookings integer DEFAULT 0 NOT NULL,
  opened_at timestamp(3) with time zone NOT NULL,
  closed_at timestamp(3) with time zone,
  waived_at timestamp(3) with time zone,
  waived_by uuid,
  CONSTRAINT disputes_pkey PRIMARY KEY (id),
  CONSTRAINT disputes_once UNIQUE (provider, dispute_id),
  CONSTRAINT disputes_amount_not_negative CHECK ((amount >= 0)),
  CONSTRAINT disputes_closed_when_decided CHECK (((state = 'open'::text) = (closed_at IS NULL))),
  CONSTRAINT disputes_lost_not_negative CHECK ((lost >= 0)),
  CONSTRAINT disputes_state_known CHECK ((state = ANY (ARRAY['open'::text, 'won'::text, 'lost'::text])))
);

CREATE TABLE event_replays (
  id uuid NOT NULL,
  queue text NOT NULL,
  from_at timestamp(3) with time zone NOT NULL,
  until_at timestamp(3) with time zone NOT NULL,
  routing_key text,
  about text,
  reason text NOT NULL,
  asked_by uuid NOT NULL,
  asked_at timestamp(3) with time zone NOT NULL,
  events bigint NOT NULL,
  sent bigint DEFAULT 0 NOT NULL,
  after_at timestamp(3) with time zone,
  after_id bigint,
  try_after timestamp(3) with time zone NOT NULL,
  ended_at timestamp(3) with time zone,
  failure text,
  CONSTRAINT event_replays_pkey PRIMARY KEY (id),
  CONSTRAINT event_replays_in_time CHECK ((from_at < until_at))
);

CREATE TABLE follow_counts (
  user_id uuid NOT NULL,
  followers integer DEFAULT 0 NOT NULL,
  following integer DEFAULT 0 NOT NULL,
  CONSTRAINT follow_counts_pkey PRIMARY KEY (user_id)
) WITH (fillfactor=50);

CREATE TABLE follow_days (
  user_id uuid NOT NULL,
  day date NOT NULL,
  gained integer NOT NULL,
  lost integer NOT NULL,
  CONSTRAINT follow_days_pkey PRIMARY KEY (user_id, day)
) WITH (fillfactor=50);

CREATE TABLE follow_requests (
  requester_id uuid NOT NULL,
  asked_id uuid NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT follow_requests_pkey PRIMARY KEY (requester_id, asked_id),
  CONSTRAINT follow_requests_of_another CHECK ((requester_id <> asked_id))
);

CREATE TABLE follows (
  follower_id uuid NOT NULL,
  followed_id uuid NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT follows_pkey PRIMARY KEY (follower_id, followed_id),
  CONSTRAINT follows_of_another CHECK ((follower_id <> followed_id))
);

CREATE TABLE former_members (
  conversation_id uuid NOT NULL,
  user_id uuid NOT NULL,
  CONSTRAINT former_members_pkey PRIMARY KEY (user_id, conversation_id)
);

CREATE TABLE gift_cooldowns (
  stream_id uuid NOT NULL,
  code text COLLATE "C" NOT NULL,
  until timestamp(3) with time zone NOT NULL,
  CONSTRAINT gift_cooldowns_pkey PRIMARY KEY (stream_id, code)
);

CREATE TABLE gift_events (
  id uuid NOT NULL,
  code text COLLATE "C" NOT NULL,
  quantity integer NOT NULL,
  tokens bigint NOT NULL,
  share bigint NOT NULL,
  from_user_id uuid NOT NULL,
  stream_id uuid,
  to_creator_id uuid,
  message text,
  combo_id uuid NOT NULL,
  combo_count integer NOT NULL,
  triggered jsonb,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT gift_events_pkey PRIMARY KEY (id),
  CONSTRAINT gift_events_check CHECK (((share >= 0) AND (share <= tokens))),
  CONSTRAINT gift_events_check1 CHECK (((stream_id IS NULL) = (to_creator_id IS NULL))),
  CONSTRAINT gift_events_check2 CHECK ((to_creator_id <> from_user_id)),
  CONSTRAINT gift_events_check3 CHECK (((stream_id IS NOT NULL) OR (share = 0))),
  CONSTRAINT gift_events_quantity_check CHECK (((quantity >= 1) AND (quantity <= 1000))),
  CONSTRAINT gift_events_tokens_check CHECK ((tokens > 0))
);

CREATE TABLE gift_seedings (
  one boolean DEFAULT true NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  CONSTRAINT gift_seedings_pkey PRIMARY KEY (one),
  CONSTRAINT gift_seedings_one_check CHECK (one)
);

CREATE TABLE gifts (
  code text COLLATE "C" NOT NULL,
  name text NOT NULL,
  token_cost bigint NOT NULL,
  animation_key text NOT NULL,
  rarity text NOT NULL,
  command_action text,
  cooldown_seconds integer DEFAULT 0 NOT NULL,
  enabled boolean DEFAULT true NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT gifts_pkey PRIMARY KEY (code),
  CONSTRAINT gifts_code_check CHECK ((code ~ '^[A-Z][A-Z0-9_]{1,31}$'::text)),
  CONSTRAINT gifts_cooldown_seconds_check CHECK (((cooldown_seconds >= 0) AND (cooldown_seconds <= 3600))),
  CONSTRAINT gifts_rarity_check CHECK ((rarity = ANY (ARRAY['common'::text, 'rare'::text, 'epic'::text, 'legendary'::text]))),
  CONSTRAINT gifts_token_cost_check CHECK (((token_cost >= 1) AND (token_cost <= 1000000)))
);

CREATE TABLE gig_boost_events (
  process_id uuid NOT NULL,
  target_id uuid NOT NULL,
  booster_id uuid NOT NULL,
  event_id text NOT NULL,
  amount bigint NOT NULL,
  duration double precision NOT NULL,
  points bigint NOT NULL,
  starts_at timestamp(3) with time zone NOT NULL,
  expires_at timestamp(3) with time zone NOT NULL,
  ended_at timestamp(3) with time zone,
  ended text,
  refunded bigint,
  CONSTRAINT gig_boost_events_pkey PRIMARY KEY (process_id),
  CONSTRAINT gig_boost_events_event_id_key UNIQUE (event_id),
  CONSTRAINT user_boost_events_amount_check CHECK ((amount > 0)),
  CONSTRAINT user_boost_events_check CHECK ((((ended_at IS NULL) = (ended IS NULL)) AND ((ended_at IS NULL) = (refunded IS NULL)))),
  CONSTRAINT user_boost_events_ended_check CHECK ((ended = ANY (ARRAY['expired'::text, 'cancelled'::text]))),
  CONSTRAINT user_boost_events_points_check CHECK ((points > 0))
);

CREATE TABLE gig_credit_events (
  id bigint GENERATED ALWAYS AS IDENTITY,
  event_id text NOT NULL,
  subject_id uuid NOT NULL,
  user_id uuid NOT NULL,
  type text NOT NULL,
  amount bigint NOT NULL,
  event jsonb NOT NULL,
  occurred_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT gig_credit_events_pkey PRIMARY KEY (id),
  CONSTRAINT gig_credit_events_event_id_key UNIQUE (event_id),
  CONSTRAINT user_credit_events_amount_check CHECK ((amount > 0))
);

CREATE TABLE gigs (
  id uuid NOT NULL,
  owner_id uuid NOT NULL,
  title text NOT NULL,
  description text NOT NULL,
  category text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT gigs_pkey PRIMARY KEY (id)
);

CREATE TABLE heartbeats (
  part text NOT NULL,
  beat_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT heartbeats_pkey PRIMARY KEY (part),
  CONSTRAINT heartbeats_part_form CHECK ((part ~ '^[a-z_]{1,40}$'::text))
);

CREATE TABLE inbox (
  id bigint GENERATED ALWAYS AS IDENTITY,
  webhook_id bigint NOT NULL,
  process_id uuid,
  order_id uuid,
  fact jsonb NOT NULL,
  correlation_id text,
  received_at timestamp(3) with time zone NOT NULL,
  booked_at timestamp(3) with time zone,
  outcome text,
  traceparent text,
  CONSTRAINT inbox_pkey PRIMARY KEY (id)
);

CREATE TABLE inboxes (
  user_id uuid NOT NULL,
  "position" bigint DEFAULT 0 NOT NULL,
  noted bigint DEFAULT 0 NOT NULL,
  CONSTRAINT inboxes_pkey PRIMARY KEY (user_id)
);

CREATE TABLE invoices (
  id uuid NOT NULL,
  issuer text NOT NULL,
  number integer NOT NULL,
  kind text NOT NULL,
  process_id uuid NOT NULL,
  issuer_id uuid,
  billed_id uuid NOT NULL,
  asset text NOT NULL,
  amount bigint NOT NULL,
  corrects uuid,
  issued_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT invoices_pkey PRIMARY KEY (id),
  CONSTRAINT invoices_numbered UNIQUE (issuer, number),
  CONSTRAINT invoices_once UNIQUE (kind, process_id),
  CONSTRAINT invoices_kind_known CHECK ((kind = ANY (ARRAY['deal'::text, 'deal_fee'::text, 'payout_fee'::text, 'payout_fee_back'::text])))
);

CREATE TABLE invoices_due (
  id bigint GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL,
  process_id uuid NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  CONSTRAINT invoices_due_pkey PRIMARY KEY (id)
);

CREATE TABLE leaderboard_scores (
  board text COLLATE "C" NOT NULL,
  user_id uuid NOT NULL,
  score bigint NOT NULL,
  reached_at timestamp(3) with time zone NOT NULL,
  version integer DEFAULT 1 NOT NULL,
  shown integer DEFAULT 0 NOT NULL,
  CONSTRAINT leaderboard_scores_pkey PRIMARY KEY (board, user_id)
) WITH (fillfactor=70);

CREATE TABLE ledger_account_kinds (
  kind text COLLATE "C" NOT NULL,
  overdraft boolean NOT NULL,
  any_currency boolean NOT NULL,
  CONSTRAINT ledger_account_kinds_pkey PRIMARY KEY (kind),
  CONSTRAINT ledger_account_kinds_kind_overdraft_key UNIQUE (kind, overdraft)
);

CREATE TABLE ledger_accounts (
  id bigint GENERATED ALWAYS AS IDENTITY,
  code text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  asset text COLLATE "C" NOT NULL,
  owner_id uuid,
  overdraft boolean NOT NULL,
  balance bigint DEFAULT 0 NOT NULL,
  version bigint DEFAULT 0 NOT NULL,
  moved_at timestamp(3) with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
  hash bytea DEFAULT '\x'::bytea NOT NULL,
  CONSTRAINT ledger_accounts_pkey PRIMARY KEY (id),
  CONSTRAINT ledger_accounts_code_unique UNIQUE (code, asset),
  CONSTRAINT ledger_accounts_not_negative CHECK (((balance >= 0) OR overdraft))
) WITH (fillfactor=70);

CREATE TABLE ledger_assets (
  asset text COLLATE "C" NOT NULL,
  scale smallint NOT NULL,
  lifetime interval,
  locked interval,
  lots boolean DEFAULT false NOT NULL,
  CONSTRAINT ledger_assets_pkey PRIMARY KEY (asset)
);

CREATE TABLE ledger_entries (
  account_id bigint NOT NULL,
  account_version bigint NOT NULL,
  transfer_id bigint NOT NULL,
  amount bigint NOT NULL,
  balance_after bigint NOT NULL,
  recorded_at timestamp(3) with time zone NOT NULL,
  hash bytea NOT NULL,
  CONSTRAINT ledger_entries_pkey PRIMARY KEY (account_id, account_version),
  CONSTRAINT ledger_entries_moves CHECK ((amount <> 0))
);

CREATE TABLE ledger_holds (
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  asset text COLLATE "C" NOT NULL,
  amount bigint NOT NULL,
  posted bigint DEFAULT 0 NOT NULL,
  returned bigint DEFAULT 0 NOT NULL,
  reason text NOT NULL,
  state text DEFAULT 'open'::text NOT NULL,
  made_at timestamp(3) with time zone NOT NULL,
  expires_at timestamp(3) with time zone,
  ended_at timestamp(3) with time zone,
  CONSTRAINT ledger_holds_pkey PRIMARY KEY (id),
  CONSTRAINT ledger_holds_amount_positive CHECK ((amount > 0)),
  CONSTRAINT ledger_holds_are_shared_out CHECK (((posted >= 0) AND (returned >= 0) AND ((posted + returned) <= amount) AND ((state = 'open'::text) = ((posted + returned) < amount)) AND ((state = 'open'::text) = (ended_at IS NULL)))),
  CONSTRAINT ledger_holds_state_known CHECK ((state = ANY (ARRAY['open'::text, 'posted'::text, 'voided'::text, 'expired'::text])))
);

CREATE TABLE ledger_lots (
  id bigint GENERATED ALWAYS AS IDENTITY,
  account_id bigint NOT NULL,
  hold text,
  available_at timestamp(3) with time zone,
  expires_at timestamp(3) with time zone,
  amount bigint NOT NULL,
  CONSTRAINT ledger_lots_pkey PRIMARY KEY (id),
  CONSTRAINT ledger_lots_one_of_its_kind UNIQUE NULLS NOT DISTINCT (account_id, hold, expires_at, available_at),
  CONSTRAINT ledger_lots_amount_positive CHECK ((amount > 0))
) WITH (fillfactor=70);

CREATE TABLE ledger_rates (
  id uuid NOT NULL,
  from_asset text COLLATE "C" NOT NULL,
  to_asset text COLLATE "C" NOT NULL,
  numerator bigint NOT NULL,
  denominator bigint NOT NULL,
  source text NOT NULL,
  stated_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT ledger_rates_pkey PRIMARY KEY (id),
  CONSTRAINT ledger_rates_denominator_positive CHECK ((denominator > 0)),
  CONSTRAINT ledger_rates_numerator_positive CHECK ((numerator > 0)),
  CONSTRAINT ledger_rates_of_two CHECK ((from_asset <> to_asset))
);

CREATE TABLE ledger_transfers (
  id bigint GENERATED ALWAYS AS IDENTITY,
  key text COLLATE "C" NOT NULL,
  input_hash bytea NOT NULL,
  reason text NOT NULL,
  conversation_id uuid,
  more jsonb,
  occurred_at timestamp(3) with time zone NOT NULL,
  recorded_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT ledger_transfers_pkey PRIMARY KEY (id),
  CONSTRAINT ledger_transfers_key_unique UNIQUE (key)
);

CREATE TABLE ledger_watermark (
  one boolean DEFAULT true NOT NULL,
  transfer_id bigint NOT NULL,
  set_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT ledger_watermark_pkey PRIMARY KEY (one),
  CONSTRAINT ledger_watermark_is_one CHECK (one)
);

CREATE TABLE left_subjects (
  hash bytea NOT NULL,
  left_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT left_subjects_pkey PRIMARY KEY (hash)
);

CREATE TABLE machine_states (
  kind text NOT NULL,
  state text NOT NULL,
  rests boolean NOT NULL,
  ends boolean NOT NULL,
  CONSTRAINT machine_states_pkey PRIMARY KEY (kind, state),
  CONSTRAINT machine_states_ended_rests CHECK ((rests OR (NOT ends)))
);

CREATE TABLE machines (
  kind text NOT NULL,
  held_at text NOT NULL,
  CONSTRAINT machines_pkey PRIMARY KEY (kind)
);

CREATE TABLE members (
  conversation_id uuid NOT NULL,
  user_id uuid NOT NULL,
  read_position integer DEFAULT 0 NOT NULL,
  role text DEFAULT 'member'::text NOT NULL,
  since integer DEFAULT 0 NOT NULL,
  wrote integer DEFAULT 0 NOT NULL,
  joined_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT members_pkey PRIMARY KEY (conversation_id, user_id),
  CONSTRAINT members_role_known CHECK ((role = ANY (ARRAY['owner'::text, 'member'::text])))
) WITH (fillfactor=80);

CREATE TABLE messages (
  conversation_id uuid NOT NULL,
  "position" integer NOT NULL,
  id uuid NOT NULL,
  sender_id uuid NOT NULL,
  receiver_id uuid,
  message text NOT NULL,
  media_url text,
  message_type message_type NOT NULL,
  action_data json,
  created_at timestamp(3) with time zone NOT NULL,
  content content_type,
  edited_at timestamp(3) with time zone,
  deleted_at timestamp(3) with time zone,
  CONSTRAINT messages_pkey PRIMARY KEY (conversation_id, "position")
) WITH (fillfactor=80);

CREATE TABLE notification_preferences (
  user_id uuid NOT NULL,
  preferences json NOT NULL,
  changed_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT notification_preferences_pkey PRIMARY KEY (user_id)
);

CREATE TABLE notification_triggers (
  user_id uuid NOT NULL,
  key text NOT NULL,
  notification_id uuid NOT NULL,
  actor_id uuid,
  at timestamp(3) with time zone NOT NULL,
  CONSTRAINT notification_triggers_pkey PRIMARY KEY (user_id, key)
);

CREATE TABLE notifications (
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  kind text NOT NULL,
  object text NOT NULL,
  title text NOT NULL,
  body text NOT NULL,
  data json NOT NULL,
  actor_id uuid,
  count integer DEFAULT 1 NOT NULL,
  "position" bigint NOT NULL,
  listed boolean NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  open_until timestamp(3) with time zone,
  seen_at timestamp(3) with time zone,
  read_at timestamp(3) with time zone,
  archived_at timestamp(3) with time zone,
  snoozed_until timestamp(3) with time zone,
  withdrawn_at timestamp(3) with time zone,
  CONSTRAINT notifications_pkey PRIMARY KEY (id),
  CONSTRAINT notifications_count_positive CHECK ((count > 0)),
  CONSTRAINT notifications_read_is_seen CHECK (((read_at IS NULL) OR (seen_at IS NOT NULL)))
);

CREATE TABLE noting (
  one boolean DEFAULT true NOT NULL,
  until_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT noting_pkey PRIMARY KEY (one),
  CONSTRAINT noting_one_check CHECK (one)
);

CREATE TABLE outbox (
  user_id uuid NOT NULL,
  last_seq bigint NOT NULL,
  first_seq bigint NOT NULL,
  events text NOT NULL,
  created_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  process_id uuid,
  step_n integer,
  traceparent text,
  CONSTRAINT outbox_pkey PRIMARY KEY (user_id, last_seq)
) WITH (toast_tuple_target=8160);

CREATE TABLE payees (
  user_id uuid NOT NULL,
  provider text,
  account_id text,
  kyc jsonb,
  since timestamp(3) with time zone,
  checked_at timestamp(3) with time zone,
  CONSTRAINT payees_pkey PRIMARY KEY (user_id)
);

CREATE TABLE payment_orders (
  id uuid NOT NULL,
  process_id uuid NOT NULL,
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
  asked_at timestamp(3) with time zone,
  asked_again boolean DEFAULT false NOT NULL,
  recorded_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT payment_orders_pkey PRIMARY KEY (id),
  CONSTRAINT payment_orders_provider_id_unique UNIQUE (provider, provider_order_id),
  CONSTRAINT payment_orders_amount_positive CHECK ((amount > 0))
);

CREATE TABLE payout_attempts (
  process_id uuid NOT NULL,
  n integer NOT NULL,
  asked_at timestamp(3) with time zone NOT NULL,
  answered_at timestamp(3) with time zone,
  outcome text,
  detail text,
  CONSTRAINT payout_attempts_pkey PRIMARY KEY (process_id, n)
);

CREATE TABLE payout_destinations (
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  provider text NOT NULL,
  details jsonb NOT NULL,
  label text NOT NULL,
  status text NOT NULL,
  holder text,
  check_id text,
  reason text,
  created_at timestamp(3) with time zone NOT NULL,
  checked_at timestamp(3) with time zone,
  removed_at timestamp(3) with time zone,
  CONSTRAINT payout_destinations_pkey PRIMARY KEY (id),
  CONSTRAINT payout_destinations_status_known CHECK ((status = ANY (ARRAY['pending'::text, 'valid'::text, 'invalid'::text, 'failed'::text])))
);

CREATE TABLE payout_pauses (
  id bigint GENERATED ALWAYS AS IDENTITY,
  paused_at timestamp(3) with time zone NOT NULL,
  paused_by uuid NOT NULL,
  reason text NOT NULL,
  ended_at timestamp(3) with time zone,
  ended_by uuid,
  CONSTRAINT payout_pauses_pkey PRIMARY KEY (id)
);

CREATE TABLE payout_statement_lines (
  process_id uuid NOT NULL,
  kind text NOT NULL,
  n integer NOT NULL,
  what text NOT NULL,
  reason text NOT NULL,
  source_id uuid,
  transfers bigint NOT NULL,
  first_at timestamp(3) with time zone NOT NULL,
  last_at timestamp(3) with time zone NOT NULL,
  amount bigint NOT NULL,
  CONSTRAINT payout_statement_lines_pkey PRIMARY KEY (process_id, kind, n),
  CONSTRAINT payout_statement_lines_amount_some CHECK ((amount <> 0)),
  CONSTRAINT payout_statement_lines_what_known CHECK ((what = ANY (ARRAY['earned'::text, 'fee'::text])))
);

CREATE TABLE payout_statements (
  process_id uuid NOT NULL,
  kind text NOT NULL,
  destination text NOT NULL,
  currency text NOT NULL,
  gross bigint NOT NULL,
  fee bigint NOT NULL,
  net bigint NOT NULL,
  made_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT payout_statements_pkey PRIMARY KEY (process_id, kind),
  CONSTRAINT payout_statements_add_up CHECK ((gross = (fee + net))),
  CONSTRAINT payout_statements_kind_known CHECK ((kind = ANY (ARRAY['paid'::text, 'came_back'::text])))
);

CREATE TABLE payouts (
  process_id uuid NOT NULL,
  promise_id uuid,
  user_id uuid NOT NULL,
  destination_id uuid NOT NULL,
  provider text NOT NULL,
  currency text NOT NULL,
  gross bigint NOT NULL,
  fee bigint NOT NULL,
  net bigint NOT NULL,
  status text NOT NULL,
  waits_for text,
  rounds integer DEFAULT 1 NOT NULL,
  provider_payout_id text,
  failure text,
  created_at timestamp(3) with time zone NOT NULL,
  asked_at timestamp(3) with time zone,
  settled_at timestamp(3) with time zone,
  CONSTRAINT payouts_pkey PRIMARY KEY (process_id),
  CONSTRAINT payouts_known_once UNIQUE (provider, provider_payout_id),
  CONSTRAINT payouts_promise_id_key UNIQUE (promise_id),
  CONSTRAINT payouts_add_up CHECK ((gross = (fee + net))),
  CONSTRAINT payouts_fee_not_negative CHECK ((fee >= 0)),
  CONSTRAINT payouts_net_positive CHECK ((net > 0)),
  CONSTRAINT payouts_status_known CHECK ((status = ANY (ARRAY['reserved'::text, 'due'::text, 'asked'::text, 'pending'::text, 'processed'::text, 'failed'::text, 'reversed'::text])))
);

CREATE TABLE poll_votes (
  poll_id uuid NOT NULL,
  user_id uuid NOT NULL,
  option smallint NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  granted boolean DEFAULT false NOT NULL,
  CONSTRAINT poll_votes_pkey PRIMARY KEY (poll_id, user_id),
  CONSTRAINT poll_votes_option_check CHECK ((option >= 0))
);

CREATE TABLE polls (
  process_id uuid NOT NULL,
  stream_id uuid NOT NULL,
  question text NOT NULL,
  options text[] NOT NULL,
  told_counts integer[] NOT NULL,
  told_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT polls_pkey PRIMARY KEY (process_id),
  CONSTRAINT polls_options_check CHECK (((cardinality(options) >= 2) AND (cardinality(options) <= 8)))
);

CREATE TABLE price_poller (
  one boolean DEFAULT true NOT NULL,
  holder uuid,
  lease_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
  asked_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
  CONSTRAINT price_poller_pkey PRIMARY KEY (one),
  CONSTRAINT price_poller_is_one CHECK (one)
);

CREATE TABLE prices (
  symbol text COLLATE "C" NOT NULL,
  price text,
  change_24h text,
  source text,
  at timestamp(3) with time zone,
  wanted_at timestamp(3) with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
  currency text COLLATE "C" NOT NULL,
  CONSTRAINT prices_pkey PRIMARY KEY (symbol, currency)
);

CREATE TABLE processes (
  id uuid NOT NULL,
  kind text NOT NULL,
  variant text,
  state text NOT NULL,
  terms json NOT NULL,
  version integer DEFAULT 0 NOT NULL,
  entry integer DEFAULT 1 NOT NULL,
  entered_at timestamp(3) with time zone NOT NULL,
  stepped_at timestamp(3) with time zone NOT NULL,
  deadline timestamp(3) with time zone,
  held bigint DEFAULT 0 NOT NULL,
  asset text NOT NULL,
  opened json NOT NULL,
  opened_at timestamp(3) with time zone NOT NULL,
  opened_by uuid,
  CONSTRAINT processes_pkey PRIMARY KEY (id),
  CONSTRAINT processes_held_not_negative CHECK ((held >= 0))
) WITH (fillfactor=50);

CREATE TABLE promises (
  id uuid NOT NULL,
  process_id uuid NOT NULL,
  step_n integer NOT NULL,
  kind text NOT NULL,
  amount bigint NOT NULL,
  asset text NOT NULL,
  legs json NOT NULL,
  capture_id uuid,
  made_at timestamp(3) with time zone NOT NULL,
  held_up_at timestamp(3) with time zone,
  moved_at timestamp(3) with time zone,
  done_at timestamp(3) with time zone,
  CONSTRAINT promises_pkey PRIMARY KEY (id),
  CONSTRAINT promises_amount_positive CHECK ((amount > 0)),
  CONSTRAINT promises_moved_before_done CHECK (((done_at IS NULL) OR (moved_at IS NOT NULL)))
);

CREATE TABLE publications (
  id bigint GENERATED ALWAYS AS IDENTITY,
  exchange text NOT NULL,
  routing_key text NOT NULL,
  key text NOT NULL,
  event jsonb NOT NULL,
  occurred_at timestamp(3) with time zone NOT NULL,
  published_at timestamp(3) with time zone,
  about text NOT NULL,
  try_after timestamp(3) with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
  tries integer DEFAULT 0 NOT NULL,
  failure text,
  delivered_at timestamp(3) with time zone,
  CONSTRAINT publications_pkey PRIMARY KEY (id),
  CONSTRAINT publications_once UNIQUE (key)
);

CREATE TABLE pushes (
  id uuid NOT NULL,
  notification_id uuid NOT NULL,
  user_id uuid NOT NULL,
  kind text NOT NULL,
  cause text NOT NULL,
  seq bigint,
  created_at timestamp(3) with time zone NOT NULL,
  due timestamp(3) with time zone NOT NULL,
  attempts integer DEFAULT 0 NOT NULL,
  told_at timestamp(3) with time zone,
  begun_at timestamp(3) with time zone,
  outcome text,
  why text,
  done_at timestamp(3) with time zone,
  CONSTRAINT pushes_pkey PRIMARY KEY (id),
  CONSTRAINT pushes_cause_known CHECK ((cause = ANY (ARRAY['new'::text, 'snooze'::text]))),
  CONSTRAINT pushes_done_with_outcome CHECK (((outcome IS NULL) = (done_at IS NULL)))
);

CREATE TABLE question_upvotes (
  question_id uuid NOT NULL,
  user_id uuid NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  CONSTRAINT question_upvotes_pkey PRIMARY KEY (question_id, user_id)
);

CREATE TABLE questions (
  id uuid NOT NULL,
  stream_id uuid NOT NULL,
  user_id uuid NOT NULL,
  text text NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  status text DEFAULT 'asked'::text NOT NULL,
  moved_at timestamp(3) with time zone,
  moved_by uuid,
  upvotes integer DEFAULT 0 NOT NULL,
  told_upvotes integer DEFAULT 0 NOT NULL,
  told_at timestamp(3) with time zone,
  CONSTRAINT questions_pkey PRIMARY KEY (id),
  CONSTRAINT questions_check CHECK (((status = 'asked'::text) = (moved_at IS NULL))),
  CONSTRAINT questions_check1 CHECK (((moved_at IS NULL) = (moved_by IS NULL))),
  CONSTRAINT questions_status_check CHECK ((status = ANY (ARRAY['asked'::text, 'answered'::text, 'dismissed'::text]))),
  CONSTRAINT questions_upvotes_check CHECK ((upvotes >= 0))
);

CREATE TABLE quotas (
  user_id uuid NOT NULL,
  kind text NOT NULL,
  counted integer NOT NULL,
  since uuid NOT NULL,
  CONSTRAINT quotas_pkey PRIMARY KEY (user_id, kind)
) WITH (fillfactor=70);

CREATE TABLE reactions (
  conversation_id uuid NOT NULL,
  "position" integer NOT NULL,
  user_id uuid NOT NULL,
  emoji text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT reactions_pkey PRIMARY KEY (conversation_id, "position", user_id, emoji)
);

CREATE TABLE recommendation_items (
  version_id uuid NOT NULL,
  place integer NOT NULL,
  item_id uuid NOT NULL,
  creator_id uuid NOT NULL,
  labels text[] NOT NULL,
  popularity double precision NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  factors bytea NOT NULL,
  CONSTRAINT recommendation_items_pkey PRIMARY KEY (version_id, place)
);

CREATE TABLE recommendation_pages (
  list_id uuid NOT NULL,
  n smallint NOT NULL,
  user_id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  shown jsonb NOT NULL,
  more boolean NOT NULL,
  CONSTRAINT recommendation_pages_pkey PRIMARY KEY (list_id, n)
);

CREATE TABLE recommendation_versions (
  id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL,
  built_at timestamp(3) with time zone NOT NULL,
  published_at timestamp(3) with time zone,
  blend text COLLATE "C" NOT NULL,
  rank smallint NOT NULL,
  gram bytea NOT NULL,
  items integer NOT NULL,
  people integer NOT NULL,
  deeds integer NOT NULL,
  report jsonb NOT NULL,
  CONSTRAINT recommendation_versions_pkey PRIMARY KEY (id),
  CONSTRAINT recommendation_versions_better CHECK (((rank > 0) = (blend = 'blended'::text))),
  CONSTRAINT recommendation_versions_blend CHECK ((blend = ANY (ARRAY['blended'::text, 'content'::text, 'popular'::text])))
);

CREATE TABLE refresh_tokens (
  hash bytea NOT NULL,
  session_id uuid NOT NULL,
  created_at timestamp(3) with time zone DEFAULT now() NOT NULL,
  used_at timestamp(3) with time zone,
  used_by bytea,
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
  by_hand boolean DEFAULT false NOT NULL,
  covers boolean DEFAULT false NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  asked_at timestamp(3) with time zone,
  settled_at timestamp(3) with time zone,
  CONSTRAINT refunds_pkey PRIMARY KEY (id),
  CONSTRAINT refunds_promise_unique UNIQUE (promise_id),
  CONSTRAINT refunds_amount_positive CHECK ((amount > 0)),
  CONSTRAINT refunds_status_known CHECK ((status = ANY (ARRAY['due'::text, 'asked'::text, 'pending'::text, 'processed'::text, 'failed'::text])))
);

CREATE TABLE relays (
  process_id uuid NOT NULL,
  kind text NOT NULL,
  version integer DEFAULT 0 NOT NULL,
  deadline timestamp(3) with time zone,
  told integer DEFAULT '-1'::integer NOT NULL,
  behind boolean DEFAULT true NOT NULL,
  epoch integer DEFAULT 0 NOT NULL,
  tries integer DEFAULT 0 NOT NULL,
  ring_after timestamp(3) with time zone DEFAULT '2000-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
  look_at timestamp(3) with time zone,
  traceparent text,
  CONSTRAINT relays_pkey PRIMARY KEY (process_id)
) WITH (fillfactor=70);

CREATE TABLE reminders (
  process_id uuid NOT NULL,
  entry integer NOT NULL,
  kind text NOT NULL,
  sent_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT reminders_pkey PRIMARY KEY (process_id, entry, kind)
);

CREATE TABLE reviews (
  process_id uuid NOT NULL,
  author_id uuid NOT NULL,
  subject_id uuid NOT NULL,
  stars integer NOT NULL,
  text text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  shown_from timestamp(3) with time zone NOT NULL,
  CONSTRAINT reviews_pkey PRIMARY KEY (process_id, author_id),
  CONSTRAINT reviews_of_another CHECK ((author_id <> subject_id)),
  CONSTRAINT reviews_stars CHECK (((stars >= 1) AND (stars <= 5)))
);

CREATE TABLE reward_acts (
  id bigint GENERATED ALWAYS AS IDENTITY,
  user_id uuid NOT NULL,
  action text COLLATE "C" NOT NULL,
  actor_id uuid NOT NULL,
  creator_id uuid NOT NULL,
  target text COLLATE "C" NOT NULL,
  gathered boolean NOT NULL,
  following integer NOT NULL,
  followers integer NOT NULL,
  at timestamp(3) with time zone NOT NULL
);

CREATE TABLE reward_budget (
  one boolean DEFAULT true NOT NULL,
  daily bigint NOT NULL,
  CONSTRAINT reward_budget_pkey PRIMARY KEY (one),
  CONSTRAINT reward_budget_is_one CHECK (one),
  CONSTRAINT reward_budget_positive CHECK ((daily > 0))
);

CREATE TABLE reward_corrections (
  id uuid NOT NULL,
  reward_id bigint NOT NULL,
  user_id uuid NOT NULL,
  points bigint NOT NULL,
  taken bigint NOT NULL,
  reason text NOT NULL,
  corrected_by uuid NOT NULL,
  corrected_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT reward_corrections_pkey PRIMARY KEY (id),
  CONSTRAINT reward_corrections_once UNIQUE (reward_id),
  CONSTRAINT reward_corrections_take_a_part CHECK (((taken >= 0) AND (taken <= points)))
);

CREATE TABLE reward_days (
  user_id uuid NOT NULL,
  day date NOT NULL,
  action text COLLATE "C" NOT NULL,
  points bigint NOT NULL,
  granted integer NOT NULL,
  refused integer NOT NULL,
  CONSTRAINT reward_days_pkey PRIMARY KEY (user_id, day, action)
) WITH (fillfactor=50);

CREATE TABLE reward_pairs (
  user_id uuid NOT NULL,
  day date NOT NULL,
  action text COLLATE "C" NOT NULL,
  other_id uuid NOT NULL,
  points bigint NOT NULL,
  CONSTRAINT reward_pairs_pkey PRIMARY KEY (user_id, day, action, other_id)
) WITH (fillfactor=50);

CREATE TABLE reward_people (
  user_id uuid NOT NULL,
  collected_at timestamp(3) with time zone DEFAULT '2000-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
  earned bigint DEFAULT 0 NOT NULL,
  debt bigint DEFAULT 0 NOT NULL,
  streak integer DEFAULT 0 NOT NULL,
  longest integer DEFAULT 0 NOT NULL,
  streak_day date,
  CONSTRAINT reward_people_pkey PRIMARY KEY (user_id),
  CONSTRAINT reward_people_debt_is_owed CHECK ((debt >= 0))
) WITH (fillfactor=50);

CREATE TABLE reward_rules (
  action text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  points bigint NOT NULL,
  following integer,
  followers integer,
  per text NOT NULL,
  daily_cap bigint,
  pair_cap bigint,
  client boolean NOT NULL,
  enabled boolean NOT NULL,
  effective_from timestamp(3) with time zone NOT NULL,
  changed_by uuid,
  why text,
  CONSTRAINT reward_rules_pkey PRIMARY KEY (action, version),
  CONSTRAINT reward_rules_per_known CHECK ((per = ANY (ARRAY['target'::text, 'target_day'::text, 'none'::text]))),
  CONSTRAINT reward_rules_points_positive CHECK (((points > 0) AND ((points % (10)::bigint) = 0)))
);

CREATE TABLE reward_sums (
  posting text COLLATE "C" NOT NULL,
  day date NOT NULL,
  action text COLLATE "C" NOT NULL,
  user_id uuid NOT NULL,
  points bigint NOT NULL,
  granted integer NOT NULL,
  CONSTRAINT reward_sums_pkey PRIMARY KEY (posting, day, action),
  CONSTRAINT reward_sums_granted_check CHECK ((granted > 0)),
  CONSTRAINT reward_sums_points_check CHECK ((points > 0))
);

CREATE TABLE reward_totals (
  day date NOT NULL,
  action text COLLATE "C" NOT NULL,
  outcome text COLLATE "C" NOT NULL,
  many bigint NOT NULL,
  points bigint NOT NULL,
  CONSTRAINT reward_totals_pkey PRIMARY KEY (day, action, outcome)
) WITH (fillfactor=50);

CREATE TABLE reward_videos (
  video_id uuid NOT NULL,
  day date NOT NULL,
  creator_points bigint NOT NULL,
  viewer_points bigint NOT NULL,
  CONSTRAINT reward_videos_pkey PRIMARY KEY (video_id, day)
) WITH (fillfactor=50);

CREATE TABLE rewards (
  id bigint NOT NULL,
  user_id uuid NOT NULL,
  action text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  actor_id uuid NOT NULL,
  creator_id uuid NOT NULL,
  target text COLLATE "C" NOT NULL,
  once_day date,
  points bigint NOT NULL,
  refused text COLLATE "C",
  at timestamp(3) with time zone NOT NULL,
  day date NOT NULL,
  judged_at timestamp(3) with time zone NOT NULL,
  posting text COLLATE "C",
  CONSTRAINT rewards_pkey PRIMARY KEY (id),
  CONSTRAINT rewards_are_granted_or_refused CHECK ((((refused IS NULL) = (posting IS NOT NULL)) AND ((refused IS NULL) = (points > 0))))
);

CREATE TABLE rooms (
  id uuid NOT NULL,
  name text,
  many integer NOT NULL,
  told_apart boolean NOT NULL,
  CONSTRAINT rooms_pkey PRIMARY KEY (id),
  CONSTRAINT rooms_many CHECK (((many >= 0) AND (many <= 5000)))
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
  disputed_at timestamp(3) with time zone,
  respond_by timestamp(3) with time zone,
  evidence_key text,
  evidence text,
  CONSTRAINT sandbox_payments_pkey PRIMARY KEY (id),
  CONSTRAINT sandbox_payments_amount_check CHECK ((amount > 0)),
  CONSTRAINT sandbox_payments_dispute_check CHECK ((dispute = ANY (ARRAY['open'::text, 'won'::text, 'lost'::text]))),
  CONSTRAINT sandbox_payments_status_check CHECK ((status = ANY (ARRAY['captured'::text, 'failed'::text])))
);

CREATE TABLE sandbox_payouts (
  id text NOT NULL,
  key text NOT NULL,
  reference text NOT NULL,
  account text NOT NULL,
  amount bigint NOT NULL,
  currency text NOT NULL,
  status text NOT NULL,
  reason text,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT sandbox_payouts_pkey PRIMARY KEY (id),
  CONSTRAINT sandbox_payouts_key_once UNIQUE (key),
  CONSTRAINT sandbox_payouts_reference_once UNIQUE (reference),
  CONSTRAINT sandbox_payouts_amount_check CHECK ((amount > 0))
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

CREATE TABLE season_standings (
  season text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  rank integer NOT NULL,
  user_id uuid NOT NULL,
  score bigint NOT NULL,
  CONSTRAINT season_standings_pkey PRIMARY KEY (season, kind, rank),
  CONSTRAINT season_standings_kind_check CHECK ((kind = ANY (ARRAY['senders'::text, 'creators'::text]))),
  CONSTRAINT season_standings_rank_check CHECK ((rank > 0))
);

CREATE TABLE seasons (
  name text COLLATE "C" NOT NULL,
  ended_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT seasons_pkey PRIMARY KEY (name)
);

CREATE TABLE seats (
  process_id uuid NOT NULL,
  role text NOT NULL,
  user_id uuid NOT NULL,
  CONSTRAINT seats_pkey PRIMARY KEY (process_id, role)
);

CREATE TABLE secret_keys (
  id text COLLATE "C" NOT NULL,
  since timestamp(3) with time zone NOT NULL,
  CONSTRAINT secret_keys_pkey PRIMARY KEY (id)
);

CREATE TABLE sessions (
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  created_at timestamp(3) with time zone DEFAULT now() NOT NULL,
  expires_at timestamp(3) with time zone NOT NULL,
  ended_at timestamp(3) with time zone,
  ended_by text,
  secret bytea DEFAULT (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) NOT NULL,
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

CREATE TABLE staff_notes (
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  author_id uuid NOT NULL,
  text text NOT NULL,
  written_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT staff_notes_pkey PRIMARY KEY (id)
);

CREATE TABLE steps (
  process_id uuid NOT NULL,
  n integer NOT NULL,
  command text NOT NULL,
  by_role text NOT NULL,
  actor_id uuid,
  from_state text NOT NULL,
  to_state text NOT NULL,
  data json NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  recorded_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  correlation_id text,
  deadline timestamp(3) with time zone,
  entry integer NOT NULL,
  said_before integer,
  said integer,
  traceparent text,
  CONSTRAINT steps_pkey PRIMARY KEY (process_id, n)
);

CREATE TABLE stream_hearers (
  process_id uuid NOT NULL,
  user_id uuid NOT NULL,
  end_told boolean DEFAULT false NOT NULL,
  CONSTRAINT stream_hearers_pkey PRIMARY KEY (process_id, user_id)
);

CREATE TABLE stream_messages (
  id uuid NOT NULL,
  stream_id uuid NOT NULL,
  user_id uuid NOT NULL,
  text text NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  removed_at timestamp(3) with time zone,
  removed_by uuid,
  CONSTRAINT stream_messages_pkey PRIMARY KEY (id),
  CONSTRAINT stream_messages_check CHECK (((removed_at IS NULL) = (removed_by IS NULL)))
);

CREATE TABLE stream_openings (
  process_id uuid NOT NULL,
  kind text NOT NULL,
  stream_id uuid NOT NULL,
  opened_at timestamp(3) with time zone NOT NULL,
  word text,
  word_data json,
  closed_at timestamp(3) with time zone,
  settled_at timestamp(3) with time zone,
  CONSTRAINT stream_openings_pkey PRIMARY KEY (process_id),
  CONSTRAINT stream_openings_check CHECK (((word IS NULL) = (word_data IS NULL)))
);

CREATE TABLE stream_plays (
  id uuid NOT NULL,
  stream_id uuid NOT NULL,
  segment_id uuid NOT NULL,
  began_at timestamp(3) with time zone NOT NULL,
  ends_at timestamp(3) with time zone NOT NULL,
  ended_at timestamp(3) with time zone,
  told boolean DEFAULT false NOT NULL,
  CONSTRAINT stream_plays_pkey PRIMARY KEY (id)
);

CREATE TABLE stream_removals (
  stream_id uuid NOT NULL,
  user_id uuid NOT NULL,
  until timestamp(3) with time zone,
  by uuid NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  CONSTRAINT stream_removals_pkey PRIMARY KEY (stream_id, user_id)
);

CREATE TABLE stream_segments (
  id uuid NOT NULL,
  stream_id uuid NOT NULL,
  media_url text NOT NULL,
  title text NOT NULL,
  duration_ms integer NOT NULL,
  at_seconds integer,
  created_at timestamp(3) with time zone NOT NULL,
  deleted_at timestamp(3) with time zone,
  CONSTRAINT stream_segments_pkey PRIMARY KEY (id),
  CONSTRAINT stream_segments_duration_ms_check CHECK ((duration_ms > 0))
);

CREATE TABLE stream_tellings (
  stream_id uuid NOT NULL,
  what text NOT NULL,
  told_up_to uuid,
  done_at timestamp(3) with time zone,
  CONSTRAINT stream_tellings_pkey PRIMARY KEY (stream_id, what),
  CONSTRAINT stream_tellings_what_check CHECK ((what = ANY (ARRAY['soon'::text, 'started'::text])))
);

CREATE TABLE stream_viewers (
  stream_id uuid NOT NULL,
  minute timestamp(3) with time zone NOT NULL,
  viewers integer NOT NULL,
  CONSTRAINT stream_viewers_pkey PRIMARY KEY (stream_id, minute),
  CONSTRAINT stream_viewers_viewers_check CHECK ((viewers >= 0))
);

CREATE TABLE stream_watchers (
  stream_id uuid NOT NULL,
  user_id uuid NOT NULL,
  minutes integer DEFAULT 0 NOT NULL,
  since timestamp(3) with time zone NOT NULL,
  seen_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT stream_watchers_pkey PRIMARY KEY (stream_id, user_id),
  CONSTRAINT stream_watchers_check CHECK ((seen_at >= since)),
  CONSTRAINT stream_watchers_minutes_check CHECK ((minutes >= 0))
) WITH (fillfactor=80);

CREATE TABLE streams (
  process_id uuid NOT NULL,
  creator_id uuid NOT NULL,
  title text NOT NULL,
  category text NOT NULL,
  tags text[] NOT NULL,
  visibility text NOT NULL,
  ticket_event_id uuid,
  status text DEFAULT 'scheduled'::text NOT NULL,
  status_told text DEFAULT 'scheduled'::text NOT NULL,
  scheduled_at timestamp(3) with time zone,
  started_at timestamp(3) with time zone,
  ended_at timestamp(3) with time zone,
  silent_since timestamp(3) with time zone,
  slow_mode_seconds integer DEFAULT 0 NOT NULL,
  followers_only_minutes integer,
  subscribers_only boolean DEFAULT false NOT NULL,
  theme jsonb,
  overlays jsonb DEFAULT '[]'::jsonb NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT streams_pkey PRIMARY KEY (process_id),
  CONSTRAINT streams_check CHECK (((visibility = 'ticket'::text) = (ticket_event_id IS NOT NULL))),
  CONSTRAINT streams_followers_only_minutes_check CHECK (((followers_only_minutes >= 0) AND (followers_only_minutes <= 525600))),
  CONSTRAINT streams_slow_mode_seconds_check CHECK (((slow_mode_seconds >= 0) AND (slow_mode_seconds <= 3600))),
  CONSTRAINT streams_visibility_check CHECK ((visibility = ANY (ARRAY['public'::text, 'followers'::text, 'subscribers'::text, 'ticket'::text])))
);

CREATE TABLE subscription_charges (
  subscription_id uuid NOT NULL,
  month integer NOT NULL,
  price bigint NOT NULL,
  share bigint NOT NULL,
  payer_id uuid NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  CONSTRAINT subscription_charges_pkey PRIMARY KEY (subscription_id, month),
  CONSTRAINT subscription_charges_check CHECK (((share >= 0) AND (share <= price))),
  CONSTRAINT subscription_charges_month_check CHECK ((month > 0)),
  CONSTRAINT subscription_charges_price_check CHECK ((price > 0))
);

CREATE TABLE subscription_tiers (
  creator_id uuid NOT NULL,
  code text COLLATE "C" NOT NULL,
  name text NOT NULL,
  price bigint NOT NULL,
  perks text[] NOT NULL,
  place integer NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  changed_at timestamp(3) with time zone NOT NULL,
  retired_at timestamp(3) with time zone,
  CONSTRAINT subscription_tiers_pkey PRIMARY KEY (creator_id, code),
  CONSTRAINT subscription_tiers_code_check CHECK ((code ~ '^[a-z][a-z0-9_]{0,31}$'::text)),
  CONSTRAINT subscription_tiers_price_check CHECK (((price >= 1) AND (price <= 1000000)))
);

CREATE TABLE subscriptions (
  process_id uuid NOT NULL,
  creator_id uuid NOT NULL,
  subscriber_id uuid NOT NULL,
  giver_id uuid,
  tier text COLLATE "C" NOT NULL,
  status text NOT NULL,
  opens boolean NOT NULL,
  opens_told boolean NOT NULL,
  months integer DEFAULT 0 NOT NULL,
  paid_until timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT subscriptions_pkey PRIMARY KEY (process_id),
  CONSTRAINT subscriptions_check CHECK ((creator_id <> subscriber_id))
);

CREATE TABLE target_views (
  target text NOT NULL,
  target_id uuid NOT NULL,
  hour timestamp(3) with time zone NOT NULL,
  viewer_id uuid NOT NULL,
  seen_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT target_views_pkey PRIMARY KEY (target, target_id, hour, viewer_id),
  CONSTRAINT target_views_target_check CHECK ((target = ANY (ARRAY['profile'::text, 'gig'::text, 'clan'::text])))
);

CREATE TABLE task_notes (
  id bigint GENERATED ALWAYS AS IDENTITY,
  task_id uuid NOT NULL,
  kind text NOT NULL,
  by_id uuid,
  data jsonb NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  CONSTRAINT task_notes_pkey PRIMARY KEY (id),
  CONSTRAINT task_notes_kind_known CHECK ((kind = ANY (ARRAY['note'::text, 'claim'::text, 'unclaim'::text, 'decision'::text, 'opened_anew'::text])))
);

CREATE TABLE tasks (
  id uuid NOT NULL,
  key text NOT NULL,
  kind text NOT NULL,
  process_id uuid,
  details jsonb NOT NULL,
  opened_at timestamp(3) with time zone NOT NULL,
  closed_at timestamp(3) with time zone,
  decision jsonb,
  decided_by uuid,
  claimed_by uuid,
  claimed_at timestamp(3) with time zone,
  CONSTRAINT tasks_pkey PRIMARY KEY (id),
  CONSTRAINT tasks_key_unique UNIQUE (key)
);

CREATE TABLE tellings (
  conversation_id uuid NOT NULL,
  told integer NOT NULL,
  until integer,
  last_user_id uuid,
  CONSTRAINT tellings_pkey PRIMARY KEY (conversation_id),
  CONSTRAINT tellings_go_on CHECK (((until > told) AND ((until IS NOT NULL) OR (last_user_id IS NULL))))
);

CREATE TABLE ticket_events (
  process_id uuid NOT NULL,
  creator_id uuid NOT NULL,
  title text NOT NULL,
  starts_at timestamp(3) with time zone NOT NULL,
  capacity integer NOT NULL,
  price bigint NOT NULL,
  asset text NOT NULL,
  stream_id uuid,
  status text DEFAULT 'on_sale'::text NOT NULL,
  sold integer DEFAULT 0 NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT ticket_events_pkey PRIMARY KEY (process_id),
  CONSTRAINT ticket_events_capacity_check CHECK (((capacity >= 1) AND (capacity <= 100000))),
  CONSTRAINT ticket_events_check CHECK (((sold >= 0) AND (sold <= capacity))),
  CONSTRAINT ticket_events_price_check CHECK ((price >= 0))
);

CREATE TABLE tickets (
  id uuid NOT NULL,
  event_id uuid NOT NULL,
  holder_id uuid NOT NULL,
  status text DEFAULT 'valid'::text NOT NULL,
  refund_told boolean DEFAULT false NOT NULL,
  issued_at timestamp(3) with time zone NOT NULL,
  refunded_at timestamp(3) with time zone,
  CONSTRAINT tickets_pkey PRIMARY KEY (id),
  CONSTRAINT tickets_check CHECK (((status = 'refunded'::text) = (refunded_at IS NOT NULL))),
  CONSTRAINT tickets_status_check CHECK ((status = ANY (ARRAY['valid'::text, 'refunded'::text])))
);

CREATE TABLE tips (
  id uuid NOT NULL,
  creator_id uuid NOT NULL,
  sender_id uuid NOT NULL,
  asset text COLLATE "C" NOT NULL,
  amount bigint NOT NULL,
  message text,
  posting text COLLATE "C" NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  CONSTRAINT tips_pkey PRIMARY KEY (id),
  CONSTRAINT tips_amount_positive CHECK ((amount > 0)),
  CONSTRAINT tips_of_another CHECK ((creator_id <> sender_id))
);

CREATE TABLE trades (
  process_id uuid NOT NULL,
  payment_details text,
  CONSTRAINT trades_pkey PRIMARY KEY (process_id),
  CONSTRAINT trades_details_bounded CHECK ((octet_length(payment_details) <= 40000))
);

CREATE TABLE trading_books (
  pair_id text COLLATE "C" NOT NULL,
  holder uuid,
  fence bigint DEFAULT 0 NOT NULL,
  lease_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
  n bigint DEFAULT 0 NOT NULL,
  seq bigint DEFAULT 0 NOT NULL,
  trades bigint DEFAULT 0 NOT NULL,
  last_ticks bigint,
  clock timestamp(3) with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
  CONSTRAINT trading_books_pkey PRIMARY KEY (pair_id)
) WITH (fillfactor=50);

CREATE TABLE trading_commands (
  id bigint GENERATED ALWAYS AS IDENTITY,
  pair_id text COLLATE "C" NOT NULL,
  user_id uuid,
  order_id uuid,
  kind text NOT NULL,
  body json NOT NULL,
  key text COLLATE "C",
  body_hash bytea,
  given_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  n bigint,
  at timestamp(3) with time zone,
  outcome json,
  CONSTRAINT trading_commands_pkey PRIMARY KEY (id),
  CONSTRAINT trading_commands_have_an_outcome CHECK ((((n IS NULL) = (outcome IS NULL)) AND ((n IS NULL) = (at IS NULL))))
);

CREATE TABLE trading_offers (
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  side text NOT NULL,
  asset text COLLATE "C" NOT NULL,
  currency text COLLATE "C" NOT NULL,
  amount bigint NOT NULL,
  "least" bigint NOT NULL,
  most bigint NOT NULL,
  price text,
  margin_bps integer,
  payment_methods text[] NOT NULL,
  payment_details text,
  policy json NOT NULL,
  state text DEFAULT 'open'::text NOT NULL,
  expires_at timestamp(3) with time zone,
  made_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT trading_offers_pkey PRIMARY KEY (id),
  CONSTRAINT trading_offers_are_priced CHECK (((price IS NULL) <> (margin_bps IS NULL))),
  CONSTRAINT trading_offers_range CHECK (((0 < "least") AND ("least" <= most) AND ("least" <= amount))),
  CONSTRAINT trading_offers_side_known CHECK ((side = ANY (ARRAY['buy'::text, 'sell'::text]))),
  CONSTRAINT trading_offers_state_known CHECK ((state = ANY (ARRAY['open'::text, 'paused'::text, 'cancelled'::text])))
);

CREATE TABLE trading_orders (
  id uuid NOT NULL,
  pair_id text COLLATE "C" NOT NULL,
  user_id uuid NOT NULL,
  side text NOT NULL,
  type text NOT NULL,
  ticks bigint,
  lots bigint NOT NULL,
  filled bigint NOT NULL,
  cost bigint NOT NULL,
  fee bigint NOT NULL,
  held bigint NOT NULL,
  time_in_force text NOT NULL,
  post_only boolean NOT NULL,
  self_trade text NOT NULL,
  expires_at timestamp(3) with time zone,
  max_spend bigint,
  client_order_id text COLLATE "C",
  maker_bps integer NOT NULL,
  taker_bps integer NOT NULL,
  state text NOT NULL,
  reason text,
  rank bigint NOT NULL,
  made_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT trading_orders_pkey PRIMARY KEY (id),
  CONSTRAINT trading_orders_filled_part CHECK (((filled >= 0) AND (filled <= lots))),
  CONSTRAINT trading_orders_hold_while_open CHECK (((held >= 0) AND ((held > 0) = (state = ANY (ARRAY['open'::text, 'partially_filled'::text])))))
) WITH (fillfactor=70);

CREATE TABLE trading_pairs (
  id text COLLATE "C" NOT NULL,
  base text COLLATE "C" NOT NULL,
  quote text COLLATE "C" NOT NULL,
  tick bigint NOT NULL,
  lot bigint NOT NULL,
  min_notional bigint NOT NULL,
  band_bps integer,
  state text DEFAULT 'trading'::text NOT NULL,
  CONSTRAINT trading_pairs_pkey PRIMARY KEY (id),
  CONSTRAINT trading_pairs_band_positive CHECK ((band_bps > 0)),
  CONSTRAINT trading_pairs_id_of_two CHECK ((id = ((base || '-'::text) || quote))),
  CONSTRAINT trading_pairs_lot_positive CHECK ((lot > 0)),
  CONSTRAINT trading_pairs_min_notional_positive CHECK ((min_notional > 0)),
  CONSTRAINT trading_pairs_state_known CHECK ((state = ANY (ARRAY['trading'::text, 'cancel_only'::text, 'halted'::text]))),
  CONSTRAINT trading_pairs_tick_positive CHECK ((tick > 0))
);

CREATE TABLE trading_takes (
  process_id uuid NOT NULL,
  offer_id uuid NOT NULL,
  amount bigint NOT NULL,
  CONSTRAINT trading_takes_pkey PRIMARY KEY (process_id),
  CONSTRAINT trading_takes_amount_positive CHECK ((amount > 0))
);

CREATE TABLE trading_trades (
  pair_id text COLLATE "C" NOT NULL,
  n bigint NOT NULL,
  command_n bigint NOT NULL,
  maker_order_id uuid NOT NULL,
  taker_order_id uuid NOT NULL,
  maker_id uuid NOT NULL,
  taker_id uuid NOT NULL,
  taker_side text NOT NULL,
  ticks bigint NOT NULL,
  lots bigint NOT NULL,
  cost bigint NOT NULL,
  maker_fee bigint NOT NULL,
  taker_fee bigint NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  CONSTRAINT trading_trades_pkey PRIMARY KEY (pair_id, n)
);

CREATE TABLE user_boost_events (
  process_id uuid NOT NULL,
  target_id uuid NOT NULL,
  booster_id uuid NOT NULL,
  event_id text NOT NULL,
  amount bigint NOT NULL,
  duration double precision NOT NULL,
  points bigint NOT NULL,
  starts_at timestamp(3) with time zone NOT NULL,
  expires_at timestamp(3) with time zone NOT NULL,
  ended_at timestamp(3) with time zone,
  ended text,
  refunded bigint,
  CONSTRAINT user_boost_events_pkey PRIMARY KEY (process_id),
  CONSTRAINT user_boost_events_event_id_key UNIQUE (event_id),
  CONSTRAINT user_boost_events_amount_check CHECK ((amount > 0)),
  CONSTRAINT user_boost_events_check CHECK ((((ended_at IS NULL) = (ended IS NULL)) AND ((ended_at IS NULL) = (refunded IS NULL)))),
  CONSTRAINT user_boost_events_ended_check CHECK ((ended = ANY (ARRAY['expired'::text, 'cancelled'::text]))),
  CONSTRAINT user_boost_events_points_check CHECK ((points > 0))
);

CREATE TABLE user_credit_events (
  id bigint GENERATED ALWAYS AS IDENTITY,
  event_id text NOT NULL,
  subject_id uuid NOT NULL,
  user_id uuid NOT NULL,
  type text NOT NULL,
  amount bigint NOT NULL,
  event jsonb NOT NULL,
  occurred_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT user_credit_events_pkey PRIMARY KEY (id),
  CONSTRAINT user_credit_events_event_id_key UNIQUE (event_id),
  CONSTRAINT user_credit_events_amount_check CHECK ((amount > 0))
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
  display_name text,
  avatar_url text,
  bio text,
  private boolean DEFAULT false NOT NULL,
  deleted_at timestamp(3) with time zone,
  time_zone text DEFAULT 'UTC'::text NOT NULL,
  CONSTRAINT users_pkey PRIMARY KEY (id),
  CONSTRAINT users_handle_form CHECK ((handle ~ '^[A-Za-z0-9_.-]{2,40}$'::text)),
  CONSTRAINT users_roles_known CHECK ((roles <@ ARRAY['viewer'::text, 'creator'::text, 'brand_owner'::text, 'influencer'::text, 'admin'::text]))
);

CREATE TABLE video_comments (
  id uuid NOT NULL,
  video_id uuid NOT NULL,
  user_id uuid NOT NULL,
  parent_id uuid,
  text text NOT NULL,
  replies integer DEFAULT 0 NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  deleted_at timestamp(3) with time zone,
  CONSTRAINT video_comments_pkey PRIMARY KEY (id)
);

CREATE TABLE video_counts (
  video_id uuid NOT NULL,
  shard smallint NOT NULL,
  views bigint DEFAULT 0 NOT NULL,
  likes bigint DEFAULT 0 NOT NULL,
  shares bigint DEFAULT 0 NOT NULL,
  comments bigint DEFAULT 0 NOT NULL,
  CONSTRAINT video_counts_pkey PRIMARY KEY (video_id, shard)
) WITH (fillfactor=50);

CREATE TABLE video_days (
  video_id uuid NOT NULL,
  day date NOT NULL,
  shard smallint NOT NULL,
  views bigint DEFAULT 0 NOT NULL,
  likes bigint DEFAULT 0 NOT NULL,
  shares bigint DEFAULT 0 NOT NULL,
  comments bigint DEFAULT 0 NOT NULL,
  watched_ms bigint DEFAULT 0 NOT NULL,
  ad_views bigint DEFAULT 0 NOT NULL,
  CONSTRAINT video_days_pkey PRIMARY KEY (video_id, day, shard)
) WITH (fillfactor=50);

CREATE TABLE video_likes (
  video_id uuid NOT NULL,
  user_id uuid NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  CONSTRAINT video_likes_pkey PRIMARY KEY (video_id, user_id)
);

CREATE TABLE video_retention (
  video_id uuid NOT NULL,
  step smallint NOT NULL,
  shard smallint NOT NULL,
  viewers bigint NOT NULL,
  CONSTRAINT video_retention_pkey PRIMARY KEY (video_id, step, shard)
) WITH (fillfactor=50);

CREATE TABLE video_shares (
  id uuid NOT NULL,
  video_id uuid NOT NULL,
  user_id uuid NOT NULL,
  channel text,
  at timestamp(3) with time zone NOT NULL,
  CONSTRAINT video_shares_pkey PRIMARY KEY (id)
);

CREATE TABLE video_viewers (
  video_id uuid NOT NULL,
  user_id uuid NOT NULL,
  steps smallint DEFAULT 0 NOT NULL,
  CONSTRAINT video_viewers_pkey PRIMARY KEY (video_id, user_id)
);

CREATE TABLE videos (
  id uuid NOT NULL,
  creator_id uuid NOT NULL,
  title text NOT NULL,
  description text NOT NULL,
  duration_ms integer NOT NULL,
  media_url text NOT NULL,
  thumbnail_url text,
  category text NOT NULL,
  tags text[] NOT NULL,
  ads jsonb NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  deleted_at timestamp(3) with time zone,
  CONSTRAINT videos_pkey PRIMARY KEY (id),
  CONSTRAINT videos_last CHECK ((duration_ms > 0))
);

CREATE TABLE wallet_addresses (
  asset text NOT NULL,
  user_id uuid NOT NULL,
  n integer NOT NULL,
  address text,
  given_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT wallet_addresses_pkey PRIMARY KEY (asset, user_id),
  CONSTRAINT wallet_addresses_are_one_s UNIQUE (asset, address),
  CONSTRAINT wallet_addresses_numbered UNIQUE (asset, n)
);

CREATE TABLE wallet_days (
  user_id uuid NOT NULL,
  asset text NOT NULL,
  day date NOT NULL,
  sent bigint NOT NULL,
  CONSTRAINT wallet_days_pkey PRIMARY KEY (user_id, asset, day)
);

CREATE TABLE wallet_penalties (
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  asked bigint NOT NULL,
  taken bigint NOT NULL,
  reason text NOT NULL,
  given_by uuid NOT NULL,
  given_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT wallet_penalties_pkey PRIMARY KEY (id),
  CONSTRAINT wallet_penalties_asked_positive CHECK ((asked > 0)),
  CONSTRAINT wallet_penalties_taken_part CHECK (((taken >= 0) AND (taken <= asked)))
);

CREATE TABLE wallet_recipients (
  user_id uuid NOT NULL,
  recipient_id uuid NOT NULL,
  asset text NOT NULL,
  first_at timestamp(3) with time zone NOT NULL,
  sent bigint NOT NULL,
  CONSTRAINT wallet_recipients_pkey PRIMARY KEY (user_id, recipient_id, asset)
);

CREATE TABLE watches (
  id uuid NOT NULL,
  video_id uuid NOT NULL,
  user_id uuid NOT NULL,
  started_at timestamp(3) with time zone NOT NULL,
  credited_at timestamp(3) with time zone NOT NULL,
  position_ms integer DEFAULT 0 NOT NULL,
  watched_ms integer DEFAULT 0 NOT NULL,
  counted_at timestamp(3) with time zone,
  replaced_at timestamp(3) with time zone,
  CONSTRAINT watches_pkey PRIMARY KEY (id),
  CONSTRAINT watches_take_their_time CHECK (((watched_ms >= 0) AND ((watched_ms)::numeric <= (EXTRACT(epoch FROM (credited_at - started_at)) * (1000)::numeric))))
) WITH (fillfactor=70);

CREATE TABLE webhook_attempts (
  delivery_id uuid NOT NULL,
  n integer NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  took_ms integer NOT NULL,
  request_headers jsonb NOT NULL,
  status integer,
  answer text,
  failure text,
  CONSTRAINT webhook_attempts_pkey PRIMARY KEY (delivery_id, n)
);

CREATE TABLE webhook_deliveries (
  id uuid NOT NULL,
  endpoint_id uuid NOT NULL,
  message_id text NOT NULL,
  type text NOT NULL,
  body text NOT NULL,
  status text DEFAULT 'waiting'::text NOT NULL,
  tries integer DEFAULT 0 NOT NULL,
  try_after timestamp(3) with time zone NOT NULL,
  made_at timestamp(3) with time zone NOT NULL,
  ended_at timestamp(3) with time zone,
  CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id),
  CONSTRAINT webhook_deliveries_once UNIQUE (endpoint_id, message_id),
  CONSTRAINT webhook_deliveries_status_check CHECK ((status = ANY (ARRAY['waiting'::text, 'arrived'::text, 'failed'::text, 'dropped'::text])))
);

CREATE TABLE webhook_endpoints (
  id uuid NOT NULL,
  url text NOT NULL,
  description text NOT NULL,
  event_types text[],
  headers jsonb NOT NULL,
  secret text NOT NULL,
  old_secret text,
  old_secret_until timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL,
  failing_since timestamp(3) with time zone,
  disabled_at timestamp(3) with time zone,
  disabled_why text,
  deleted_at timestamp(3) with time zone,
  CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (id),
  CONSTRAINT webhook_endpoints_disabled_why_check CHECK ((disabled_why = ANY (ARRAY['by_hand'::text, 'gone'::text, 'failing'::text])))
);

CREATE TABLE webhooks (
  id bigint GENERATED ALWAYS AS IDENTITY,
  provider text NOT NULL,
  event_id text NOT NULL,
  type text NOT NULL,
  body text,
  received_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT webhooks_pkey PRIMARY KEY (id),
  CONSTRAINT webhooks_event_unique UNIQUE (provider, event_id)
);

CREATE TABLE xp_badges (
  user_id uuid NOT NULL,
  code text NOT NULL,
  awarded_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT xp_badges_pkey PRIMARY KEY (user_id, code)
);

CREATE TABLE xp_grants (
  user_id uuid NOT NULL,
  action text COLLATE "C" NOT NULL,
  about text NOT NULL,
  version integer NOT NULL,
  points bigint NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  CONSTRAINT xp_grants_pkey PRIMARY KEY (user_id, action, about),
  CONSTRAINT xp_grants_points_check CHECK ((points >= 0))
);

CREATE TABLE xp_people (
  user_id uuid NOT NULL,
  xp bigint NOT NULL,
  CONSTRAINT xp_people_pkey PRIMARY KEY (user_id),
  CONSTRAINT xp_people_xp_check CHECK ((xp >= 0))
) WITH (fillfactor=70);

CREATE TABLE xp_rules (
  action text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  points integer NOT NULL,
  per text NOT NULL,
  daily_cap integer,
  enabled boolean NOT NULL,
  effective_from timestamp(3) with time zone NOT NULL,
  changed_by uuid,
  why text,
  CONSTRAINT xp_rules_pkey PRIMARY KEY (action, version),
  CONSTRAINT xp_rules_daily_cap_check CHECK ((daily_cap > 0)),
  CONSTRAINT xp_rules_per_check CHECK ((per = ANY (ARRAY['token'::text, 'minute'::text, 'once'::text]))),
  CONSTRAINT xp_rules_points_check CHECK ((points > 0))
);

COMMENT ON TABLE answers IS 'What was answered to requests that carried an Idempotency-Key.';
COMMENT ON COLUMN answers.account_id IS 'no reference: checking it would lock the account''s row with every request that carries a key';
COMMENT ON COLUMN answers.answer IS 'an object, or a string where it shows a secret and is sealed';
COMMENT ON TABLE barred_people IS 'Who may not sign in, by an administrator. What they have under way goes on: it is about money, and others''.';
COMMENT ON TABLE battle_gifts IS 'Gifts to one of the two while it ran.';
COMMENT ON TABLE battle_votes IS 'Without a foreign key to the battle: everybody who votes would lock its row beside all others. Who votes has looked.';
COMMENT ON COLUMN battles.stake IS 'TOKEN, of each of the two; 0: for nothing';
COMMENT ON COLUMN battles.told IS 'the status that its room was last told; told by the worker where it differs';
COMMENT ON COLUMN battles.told_points IS 'what its room was last told that the two have, the challenger''s first';
COMMENT ON COLUMN battles.noted IS 'the status that the two were last notified of; done by the worker where it differs';
COMMENT ON COLUMN battles.looked_at IS 'when what the two have was last compared with that: twice a second at most';
COMMENT ON COLUMN battles.closed_at IS 'nothing counts any more that was not committed by then: what the two have is what it will be';
COMMENT ON TABLE book_answers IS 'One row at most: what was found by a look at the books that took longer than whoever asked for it waits. Given once.';
COMMENT ON TABLE book_checks IS 'What came of the last look at each invariant.';
COMMENT ON COLUMN book_checks.checked_at IS 'before it was looked at: what came later may not have been seen';
COMMENT ON TABLE captures IS 'One disposition a capture, whatever number of events told of it.';
COMMENT ON COLUMN challenges.reward IS 'what its creator promises, in their words';
COMMENT ON COLUMN challenges.noted IS 'of what is no row anywhere, likes and viewers: what was seen of it so far';
COMMENT ON COLUMN challenges.counter IS 'of likes: where Redis''s count of the stream stood when it was last looked at; null: not yet';
COMMENT ON COLUMN challenges.progress IS 'while it is open what was last told of it, at the end what it came to';
COMMENT ON COLUMN challenges.looked_at IS 'when that was last compared with what there is: twice a second at most';
COMMENT ON COLUMN challenges.rewarded_up_to IS 'the last of those who took part that was granted experience; null before the first';
COMMENT ON COLUMN challenges.rewarded_at IS 'all of them were; of one that was won';
COMMENT ON TABLE charge_back_files IS 'Files that speak for a side, handed in to the bank with what was said. No more and no larger than every provider that takes files takes.';
COMMENT ON TABLE charge_backs IS 'What a charge-back has beside its process: whose loss it is, and where that stands.';
COMMENT ON COLUMN charge_backs.payment_process_id IS 'what was paid for; null where the payment is none that we know';
COMMENT ON COLUMN charge_backs.asset IS 'what the payee had of the payment: money of its currency, or what it bought';
COMMENT ON COLUMN charge_backs.due IS 'of the loss the payee''s part, in asset: taken from a hold and a wallet, owed, or given up';
COMMENT ON COLUMN charge_backs.settled IS 'what of the bank''s taking is settled by all of that and by what we bear, in currency';
COMMENT ON COLUMN charge_backs.borne IS 'what of it we bear, in currency';
COMMENT ON COLUMN charge_backs.evidence IS 'null until it is handed in; asked: what became of that is not known';
COMMENT ON COLUMN charge_backs.asked IS 'how often its provider was asked how it stands: less and less often';
COMMENT ON TABLE clan_boost_events IS 'Boosts of clans.';
COMMENT ON COLUMN clan_boost_events.duration IS 'hours, as they were asked for';
COMMENT ON COLUMN clan_boost_events.points IS 'by how much it lifts its target''s score while it lasts';
COMMENT ON COLUMN clan_boost_events.ended_at IS 'null while it is active; set with the step that ends it, by end_boost';
COMMENT ON TABLE clan_credit_events IS 'What was done with credits about a clan.';
COMMENT ON COLUMN clan_credit_events.subject_id IS 'the person, gig or clan that it is about';
COMMENT ON COLUMN clan_credit_events.user_id IS 'who did it';
COMMENT ON TABLE commission_rules IS 'What we take, by kind of process, user and date. Fixed when a price is: a rule made later changes nothing that was agreed on. Of several that hold, a user''s own goes first, then the newest.';
COMMENT ON COLUMN commission_rules.user_id IS 'null: everybody''s';
COMMENT ON COLUMN commission_rules.fixed IS 'on top, in minor units of whatever asset it is';
COMMENT ON TABLE conversations IS 'The chat: who talks, about what, and how much was said. One that is a process''s has its id; a direct one is nobody''s but its two sides''.';
COMMENT ON COLUMN conversations.brand_owner_id IS 'one side; of a direct conversation and of a room whoever opened it';
COMMENT ON COLUMN conversations.influencer_id IS 'the other side; null in a room, which has members and no sides';
COMMENT ON COLUMN conversations.request_id IS 'what a caller called its request; carried for clients that ask for it';
COMMENT ON COLUMN conversations.chat IS 'whether people may say what they like (real_time); changes once or twice, so that it may stand in an index';
COMMENT ON COLUMN conversations.said IS 'number of the last message: messages are numbered under this row''s lock';
COMMENT ON COLUMN conversations.asked_position IS 'the message whose question is open; a question is answered when it is no longer this one';
COMMENT ON COLUMN conversations.updated_at IS 'of the last message or step: never runs backwards, and no message is before it';
COMMENT ON TABLE creator_milestones IS 'Milestones that were reached: a row is made once, in the transaction that tells of it.';
COMMENT ON TABLE dispute_news IS 'Disputes that their charge-back does not know of yet, as they stand now.';
COMMENT ON TABLE disputes IS 'A payment that its bank was asked to take back: one a dispute, as a payment may have several.';
COMMENT ON COLUMN disputes.dispute_id IS 'the provider''s id of it; where it names none, the payment''s';
COMMENT ON COLUMN disputes.amount IS 'what is disputed, minor units of currency';
COMMENT ON COLUMN disputes.lost IS 'what the bank took in the end, as it is booked';
COMMENT ON COLUMN disputes.bookings IS 'how often that was booked: one that was lost may be won after all';
COMMENT ON COLUMN disputes.waived_at IS 'an operator let go on what had waited for it';
COMMENT ON TABLE event_replays IS 'What an operator had sent once more, into which queue, and how far that is.';
COMMENT ON COLUMN event_replays.events IS 'how many there were of that time when it was asked for';
COMMENT ON COLUMN event_replays.after_at IS 'of the last one that was sent, with after_id: whoever goes on begins behind it';
COMMENT ON COLUMN event_replays.try_after IS 'until then whoever took it has it, or the broker is left alone';
COMMENT ON COLUMN event_replays.failure IS 'why it ended before the last; while it has not ended, why it waits';
COMMENT ON TABLE follow_counts IS 'How many there are in follows: kept by the transaction that changes them, in the order of ids, as counting a million takes a second.';
COMMENT ON TABLE follow_days IS 'How many followers came and went on a day (UTC): who went has no row in follows any more.';
COMMENT ON TABLE former_members IS 'Who was in a room once: their words are there still, and go with their account.';
COMMENT ON TABLE gift_events IS 'Gifts that were given: in a stream to its creator, or to the house. Without references: four checks a gift, each a lock on a row that is never deleted; an invariant looks for what has none.';
COMMENT ON COLUMN gift_events.share IS 'of the tokens, what the creator had; the rest is the platform''s';
COMMENT ON COLUMN gift_events.combo_id IS 'the first of equal gifts that followed each other within seconds; combo_count is how many there were by this one';
COMMENT ON COLUMN gift_events.triggered IS 'what it did in the stream, as it was told there; null: nothing';
COMMENT ON TABLE gift_seedings IS 'That the catalogue''s file was written: never again, whatever became of its gifts.';
COMMENT ON COLUMN gifts.command_action IS 'what giving it does in a stream, of a list that the code has; null: nothing';
COMMENT ON COLUMN gifts.cooldown_seconds IS 'so long after it was done it is not done again in that stream';
COMMENT ON TABLE gig_boost_events IS 'Boosts of gigs.';
COMMENT ON COLUMN gig_boost_events.duration IS 'hours, as they were asked for';
COMMENT ON COLUMN gig_boost_events.points IS 'by how much it lifts its target''s score while it lasts';
COMMENT ON COLUMN gig_boost_events.ended_at IS 'null while it is active; set with the step that ends it, by end_boost';
COMMENT ON TABLE gig_credit_events IS 'What was done with credits about a gig.';
COMMENT ON COLUMN gig_credit_events.subject_id IS 'the person, gig or clan that it is about';
COMMENT ON COLUMN gig_credit_events.user_id IS 'who did it';
COMMENT ON TABLE inbox IS 'What providers said, one neutral fact a row. Done when it is booked, not when it was passed on.';
COMMENT ON COLUMN inbox.outcome IS 'what became of it; set_aside: it could not be booked, and an operator is shown it';
COMMENT ON COLUMN inbox.traceparent IS 'what it was stored in, for whoever books it; null where no traces are kept';
COMMENT ON TABLE inboxes IS 'Locked in the order of ids, before the counters of the outbox, by whoever writes notifications';
COMMENT ON COLUMN inboxes.noted IS 'the number of the last event of the outbox that was looked at for what it is worth notifying of';
COMMENT ON TABLE invoices IS 'Numbered without gaps, for each issuer by itself.';
COMMENT ON COLUMN invoices.issuer IS 'platform, or whose it is';
COMMENT ON COLUMN invoices.amount IS 'minor units; below zero where it takes another back, which it names';
COMMENT ON TABLE invoices_due IS 'What is to be invoiced: noted where the money moves, numbered by one at a time later, so that nobody who is paid waits for a number.';
COMMENT ON COLUMN leaderboard_scores.board IS 'scope:of:kind, such as weekly:2026-11-23:senders';
COMMENT ON COLUMN leaderboard_scores.reached_at IS 'when the score came to be what it is: of two alike the earlier is before the later';
COMMENT ON COLUMN leaderboard_scores.shown IS 'the version that Redis has been given';
COMMENT ON TABLE left_subjects IS 'Subjects of an outside issuer whose account was deleted, as SHA-256: their tokens of before make no account.';
COMMENT ON COLUMN machine_states.rests IS 'it has no deadline; every other state ends by itself, as time never stops for money';
COMMENT ON COLUMN machine_states.ends IS 'there is nothing more to wait for';
COMMENT ON TABLE machines IS 'The kinds of process there are, as the code has them; a test compares.';
COMMENT ON COLUMN machines.held_at IS 'the place where what a process holds lies until it is promised: escrow, or hold:<role>';
COMMENT ON TABLE members IS 'Who is in a conversation, and how far each has read.';
COMMENT ON COLUMN members.read_position IS 'the last message that was read; what others said to them after it is unread';
COMMENT ON COLUMN members.since IS 'the last message before they joined; they hear of what comes after it';
COMMENT ON COLUMN members.wrote IS 'in a room: how many of the messages after read_position are their own, so that what is unread is a subtraction';
COMMENT ON COLUMN messages.conversation_id IS 'no reference: whoever writes here has the conversation''s row locked';
COMMENT ON COLUMN messages.sender_id IS 'a member, or the system. No reference: every check would lock a row of users, the system''s for everybody at once';
COMMENT ON COLUMN messages.receiver_id IS 'whom it is addressed to, and with whom it counts as unread; null: everybody in it. An audit line is its receiver''s alone';
COMMENT ON COLUMN messages.action_data IS 'what it asks for, as its text: nothing in Postgres looks inside';
COMMENT ON COLUMN messages.content IS 'of what a person said freely, what it is; null for lines of a script, which cannot be edited';
COMMENT ON COLUMN messages.deleted_at IS 'its words and media are gone; its place stays';
COMMENT ON COLUMN notifications."position" IS 'Among those of its reader, newest last; another one when something was folded into it';
COMMENT ON TABLE noting IS 'One row: all events that were committed by then have been looked at for what they are worth notifying of.';
COMMENT ON TABLE outbox IS 'A row for each person and transaction: its events are numbered from first_seq to last_seq.';
COMMENT ON COLUMN outbox.user_id IS 'has a counter, which refers to the user';
COMMENT ON COLUMN outbox.events IS 'a JSON array: of each event its name and what the step does not say; where there is no step, { name, data }';
COMMENT ON COLUMN outbox.process_id IS 'with step_n the step whose events these are; null where they are written whole';
COMMENT ON COLUMN outbox.traceparent IS 'what they were announced in, for whoever brings them; null where no traces are kept';
COMMENT ON TABLE payees IS 'Whom money may be paid out to. A payee''s payouts are asked for one after the other, under this row''s lock, which is the first of all.';
COMMENT ON COLUMN payees.account_id IS 'the provider''s id of whoever shows it their papers; we see none of these';
COMMENT ON COLUMN payees.kyc IS 'how they stand, as the provider last said: always with a way out; null before they were begun';
COMMENT ON COLUMN payees.since IS 'since when they stand so';
COMMENT ON TABLE payment_orders IS 'An order at a provider. Made here first, then by one claimant there; every id ever shown stays known.';
COMMENT ON COLUMN payment_orders.provider_order_id IS 'what the provider answered; null until it did';
COMMENT ON COLUMN payment_orders.claimed_until IS 'until then whoever calls the provider for it has the claim';
COMMENT ON COLUMN payment_orders.asked_at IS 'when the provider last said what became of it, asked by us: once before its deadline closes it, and once a day later';
COMMENT ON COLUMN payment_orders.asked_again IS 'whether that was a day after it was closed: then it is not asked about any more';
COMMENT ON TABLE payout_attempts IS 'Calls to the provider, each written down before it was made; all of one payout under one key.';
COMMENT ON COLUMN payout_attempts.outcome IS 'what was answered; null where nobody lived to hear it';
COMMENT ON TABLE payout_destinations IS 'Where somebody is paid: checked with its provider before it is first used, and named back.';
COMMENT ON COLUMN payout_destinations.details IS 'as the provider takes it; shown to nobody, label stands for it';
COMMENT ON COLUMN payout_destinations.status IS 'failed: its bank refused a payout; nothing is paid there before it was checked again';
COMMENT ON COLUMN payout_destinations.holder IS 'whose it is, as the bank or the provider names them';
COMMENT ON TABLE payout_pauses IS 'When no payout left, who had it so, and why. One is open at a time.';
COMMENT ON COLUMN payout_statement_lines.reason IS 'of the transfers that it was earned by';
COMMENT ON COLUMN payout_statement_lines.source_id IS 'the deal, trade or other process that those were of; null where they were of none';
COMMENT ON COLUMN payout_statement_lines.transfers IS 'how many those are, from the first until the last';
COMMENT ON TABLE payout_statements IS 'What a payout came to, kept in the transaction that paid it and never changed: what takes one back is a statement of its own, below zero throughout.';
COMMENT ON COLUMN payout_statements.destination IS 'what stood for it when it was paid';
COMMENT ON TABLE payouts IS 'A payout at a provider: a row before it is a call. Its key there is derived from the reserved money, so that it is paid once however often it is asked for.';
COMMENT ON COLUMN payouts.status IS 'reserved: not sent on yet; asked: what became of it is not known, and is asked about; failed and reversed: the money is back in the wallet';
COMMENT ON COLUMN payouts.waits_for IS 'why it is not asked for, though it is due: funds, operator, kyc';
COMMENT ON COLUMN payouts.rounds IS 'raised where what it waited for is there: its workflow asks at once, and not when it would have looked again';
COMMENT ON COLUMN poll_votes.granted IS 'what its voter gains by it was granted; by the worker, so that a vote is this one row';
COMMENT ON COLUMN polls.told_counts IS 'the tally that its room was last told; told by the worker where it differs';
COMMENT ON COLUMN polls.told_at IS 'when that was; null before the first';
COMMENT ON COLUMN price_poller.asked_at IS 'When the feeds were last asked, by whoever held it then: another does not ask at once again.';
COMMENT ON COLUMN prices.price IS 'Decimal text, as its source wrote it. Null: not known yet.';
COMMENT ON TABLE processes IS 'What a machine is about. Its one writer is the door; no index knows a column that a click changes.';
COMMENT ON COLUMN processes.variant IS 'which of its kind''s ways it goes; null where there is one';
COMMENT ON COLUMN processes.terms IS 'what the machine needs beside these columns, as its text: nothing in Postgres looks inside';
COMMENT ON COLUMN processes.version IS 'number of the last step';
COMMENT ON COLUMN processes.entry IS 'how many times a state was entered: what a deadline belongs to';
COMMENT ON COLUMN processes.held IS 'lies at its kind''s held_at and is not promised to anybody yet; minor units of asset';
COMMENT ON COLUMN processes.opened IS 'what the opening fixed: with it and its steps a process can be played again';
COMMENT ON COLUMN processes.opened_by IS 'one of those who have a seat; null where nobody opened it, as of a charge-back';
COMMENT ON TABLE promises IS 'Every obligation about money, made by a step. The transaction that moves the money sets moved_at; it is done with that, or when a provider says so.';
COMMENT ON COLUMN promises.legs IS '[{ place, amount }]: the one transfer that carries it out; empty where the step''s own transaction moved the money';
COMMENT ON COLUMN promises.capture_id IS 'of what a provider is to give back: the payment it is part of';
COMMENT ON COLUMN promises.held_up_at IS 'since when it waits, as the payment that it is paid from is disputed at its bank';
COMMENT ON TABLE publications IS 'The second outbox, for other services: small, and never read out of people''s.';
COMMENT ON COLUMN publications.key IS 'derived from what it is about, so that it is published once however often it is asked for; the message''s id there';
COMMENT ON COLUMN publications.about IS 'what it is about: of one and the same, the next is published when the one before it was taken';
COMMENT ON COLUMN publications.try_after IS 'not before; whoever publishes it moves this on first, so that no other does meanwhile';
COMMENT ON COLUMN publications.failure IS 'why the broker did not take it when it was last tried';
COMMENT ON COLUMN publications.delivered_at IS 'when it was given to the customers'' endpoints that wanted it';
COMMENT ON COLUMN pushes.told_at IS 'A hint: its workflow was told; told again after a minute while it is still due';
COMMENT ON COLUMN questions.moved_at IS 'when it was answered or put aside, by moved_by';
COMMENT ON COLUMN questions.told_upvotes IS 'what its room was last told; told by the worker where it differs';
COMMENT ON TABLE quotas IS 'How many processes of a kind somebody has open that they opened. One that ended stays counted until there are as many as may be: then they are counted again, so that no step of theirs has to write here.';
COMMENT ON COLUMN quotas.since IS 'none that they opened before this is open: where the next count begins';
COMMENT ON COLUMN recommendation_items.factors IS 'rank numbers of 4 bytes, little-endian; empty where lists are made by none';
COMMENT ON COLUMN recommendation_pages.shown IS '[{ id, creator_id, score, source, reasons }], in their order';
COMMENT ON COLUMN recommendation_pages.more IS 'whether the list goes on after it';
COMMENT ON COLUMN recommendation_versions.published_at IS 'null while its items are being written: nobody reads it yet';
COMMENT ON COLUMN recommendation_versions.blend IS 'what lists are made by: what was not better than the popular on what was held out is not served';
COMMENT ON COLUMN recommendation_versions.gram IS 'rank × rank numbers of 8 bytes, little-endian';
COMMENT ON COLUMN recommendation_versions.report IS 'what was found out on what was held out';
COMMENT ON COLUMN refresh_tokens.used_by IS 'SHA-256 of the address and the program that used it: the same client may send it twice within seconds';
COMMENT ON TABLE refund_reversals IS 'Refunds that had arrived and that their bank sent back, days later: 1, 2, … of a refund.';
COMMENT ON COLUMN refund_reversals.occurred_at IS 'by the provider''s clock, for people: it orders nothing';
COMMENT ON TABLE refunds IS 'A refund at a provider: a row before it is a call. One that failed is tried again under a new attempt.';
COMMENT ON COLUMN refunds.promise_id IS 'null for money given back out of suspense by an operator';
COMMENT ON COLUMN refunds.by_hand IS 'an operator paid it by another way, as where the provider takes no amount so small';
COMMENT ON COLUMN refunds.covers IS 'nothing was given back: the bank had taken it already, and this covers what it took';
COMMENT ON TABLE relays IS 'What a process''s workflow was told, and when to look after it. Narrow, so that the sweep is answered by two small indexes while processes, which is wide, has none that a click would write. One that ended long ago has none.';
COMMENT ON COLUMN relays.version IS 'the process''s, kept by append_step';
COMMENT ON COLUMN relays.told IS 'the last step its workflow was told, -1 before it was started. A hint: the sweep does not trust it';
COMMENT ON COLUMN relays.behind IS 'whether there are steps after told. A flag, since an index on told would be written with every click';
COMMENT ON COLUMN relays.epoch IS 'raised when everything is to be told again; an acknowledgement of an older one counts for nothing';
COMMENT ON COLUMN relays.ring_after IS 'when the sweep rings next for one that is behind: -infinity where a step promised money, 2000-01-01 where there was another, 2000-01-02 where all is told again. So what just happened goes before what is repeated, and money first';
COMMENT ON COLUMN relays.look_at IS 'when the sweep looks whether a deadline has passed, a fact waits or money is promised; never after the deadline but where it was looked at since. A click does not move it on: whoever looks too early does';
COMMENT ON COLUMN relays.traceparent IS 'what the process was opened in; null where no traces are kept';
COMMENT ON TABLE reminders IS 'Reminders that were sent, once an entry and kind.';
COMMENT ON COLUMN reviews.shown_from IS 'when the time to review is over, or the instant of the second of the two: neither is read before the other is written';
COMMENT ON COLUMN reward_acts.user_id IS 'who earns by it';
COMMENT ON COLUMN reward_acts.creator_id IS 'whose thing it was done with; the actor''s own, where there is no other';
COMMENT ON COLUMN reward_acts.target IS 'a video, a milestone of one ("<video>/50"), an ad in one, or what a page says';
COMMENT ON COLUMN reward_acts.gathered IS 'it may be one of very many of its kind: posted with others, every few seconds';
COMMENT ON COLUMN reward_acts.following IS 'how many who earns by it followed, and was followed by, at that moment';
COMMENT ON TABLE reward_budget IS 'What may be minted a day (UTC): put into the account "budget/<day>", which cannot go below zero, before its first award.';
COMMENT ON COLUMN reward_corrections.taken IS 'what was there to take; the rest is a debt';
COMMENT ON TABLE reward_days IS 'What somebody earned by an action on a day: what caps are compared with, and what reads sum.';
COMMENT ON COLUMN reward_people.collected_at IS 'when what others did with their things was last posted to them: that comes gathered';
COMMENT ON COLUMN reward_people.debt IS 'what was taken back and not there to take: paid by what is earned next';
COMMENT ON COLUMN reward_people.streak_day IS 'the last day of the streak, by the clock on the user''s own wall';
COMMENT ON TABLE reward_rules IS 'Every version there was of every rule. An act is judged by the one in force when it was done.';
COMMENT ON COLUMN reward_rules.points IS 'hundredths of a LYK, in whole tenths';
COMMENT ON COLUMN reward_rules.following IS 'whoever earns follows at least so many; null: does not matter';
COMMENT ON COLUMN reward_rules.daily_cap IS 'of this action and person a day (UTC); null: none';
COMMENT ON COLUMN reward_rules.pair_cap IS 'of this action between one actor and one creator a day';
COMMENT ON COLUMN reward_rules.client IS 'a page may say that it was done';
COMMENT ON TABLE reward_sums IS 'What was granted and is forgotten act by act: a row a posting, day and action.';
COMMENT ON COLUMN reward_totals.outcome IS '"granted", or why not';
COMMENT ON TABLE reward_videos IS 'What was paid because of a video on a day, to its creator and to others.';
COMMENT ON COLUMN rewards.once_day IS 'the day it was earned for, where once a day is once; -infinity where once is once for ever, null where it may be earned again';
COMMENT ON COLUMN rewards.posting IS 'the key of the transfer that it is part of';
COMMENT ON TABLE rooms IS 'What a conversation of many has beside: written under its conversation''s lock.';
COMMENT ON COLUMN rooms.many IS 'how many members there are';
COMMENT ON COLUMN rooms.told_apart IS 'too many to be told by the sender''s own transaction: see tellings. Once true, it stays: what is told in both ways would come out of order';
COMMENT ON COLUMN sandbox_orders.reference IS 'the caller''s id of the order: made once per reference';
COMMENT ON COLUMN sandbox_payments.evidence IS 'what was handed in for its dispute, once';
COMMENT ON TABLE seasons IS 'Seasons that are over, as a Schedule ended them: each once.';
COMMENT ON TABLE seats IS 'Who takes part in a process, and as what.';
COMMENT ON TABLE secret_keys IS 'Keys of SECRETS_KEY that something here is sealed under, or soon will be. Not the keys: their ids.';
COMMENT ON COLUMN secret_keys.id IS 'of a digest of the key, 12 hex digits: what is sealed names it';
COMMENT ON COLUMN sessions.secret IS '32 bytes or sealed:…; what each next refresh token is made with from the one before, so that it can be made again for two tabs; with no token it makes none';
COMMENT ON COLUMN signing_keys.private_jwk IS 'an object, or a string where it is sealed';
COMMENT ON TABLE staff_notes IS 'What staff wrote down about somebody, for staff alone.';
COMMENT ON TABLE steps IS 'What was done to a process, numbered without gaps. Its workflow is told every one of them.';
COMMENT ON COLUMN steps.process_id IS 'no reference: append_step, which alone writes here, has the process''s row locked';
COMMENT ON COLUMN steps.correlation_id IS 'of the request that began it: the same stands in the logs of API and worker';
COMMENT ON COLUMN steps.deadline IS 'the process''s, after it';
COMMENT ON COLUMN steps.entry IS 'the process''s, after it: a state may be entered anew from itself, which its name does not show';
COMMENT ON COLUMN steps.said_before IS 'its messages are those numbered above this, up to said; null where it said nothing';
COMMENT ON COLUMN steps.traceparent IS 'what it was taken in, for whoever goes on with it; null where no traces are kept';
COMMENT ON TABLE stream_hearers IS 'Kept until it is over and all of them know.';
COMMENT ON TABLE stream_messages IS 'Without a foreign key to the stream: everybody who writes would lock its row beside all others. Who writes has looked.';
COMMENT ON COLUMN stream_openings.word IS 'the durable event by which whoever is in the stream hears that it began; null: by none';
COMMENT ON COLUMN stream_openings.closed_at IS 'when its process had ended; null while it goes on';
COMMENT ON COLUMN stream_openings.settled_at IS 'when whoever heard that it began had been told that it is over';
COMMENT ON COLUMN stream_plays.told IS 'its end was told in the room';
COMMENT ON TABLE stream_removals IS 'Who may not write in a stream''s chat for a while, or may not be there at all.';
COMMENT ON COLUMN stream_removals.until IS 'may not write until then; null: may not be in the stream any more';
COMMENT ON COLUMN stream_segments.at_seconds IS 'when its creator means to show it, after the start; they do it by hand';
COMMENT ON COLUMN stream_tellings.told_up_to IS 'the last follower that was told; null before the first';
COMMENT ON TABLE stream_viewers IS 'The most that watched at once, by minute.';
COMMENT ON TABLE stream_watchers IS 'Without a foreign key to the stream: everybody who watches would lock its row beside all others. Who is noted has been let in.';
COMMENT ON COLUMN stream_watchers.minutes IS 'watched whole, in all';
COMMENT ON COLUMN stream_watchers.since IS 'the first of the turns, one after the other, that they have been there at';
COMMENT ON COLUMN stream_watchers.seen_at IS 'the last turn of a minute that they were there at';
COMMENT ON COLUMN streams.status_told IS 'the status that its room was last told; told by the worker where it differs';
COMMENT ON COLUMN streams.silent_since IS 'no pictures come since then; null while they do';
COMMENT ON COLUMN streams.followers_only_minutes IS 'who writes follows the creator for so long at least; null: everybody may';
COMMENT ON COLUMN streams.theme IS 'how its page looks, as the contract has it; null: as pages look';
COMMENT ON COLUMN subscription_charges.month IS 'counted from the day it began; months in which nobody could renew it are left out';
COMMENT ON COLUMN subscription_charges.share IS 'of the price, what the creator had; the rest is the platform''s';
COMMENT ON COLUMN subscription_tiers.price IS 'TOKEN a month; of what is bought, or announced for a renewal, from changed_at on';
COMMENT ON COLUMN subscription_tiers.place IS 'in the creator''s own order';
COMMENT ON COLUMN subscription_tiers.retired_at IS 'not sold from then on, and renewed for nobody; null while it is';
COMMENT ON COLUMN subscriptions.giver_id IS 'whose gift it is; null: the subscriber pays for it';
COMMENT ON COLUMN subscriptions.opens IS 'it opens what is for subscribers: paid for, or tried to be';
COMMENT ON COLUMN subscriptions.opens_told IS 'what those who are in rooms by it were told; looked at again by the worker where it differs';
COMMENT ON TABLE target_views IS 'Who looked at what can be boosted: one row a person and hour, so that nobody makes himself many.';
COMMENT ON TABLE task_notes IS 'What was said and decided about a task: it stays, whatever is heard later.';
COMMENT ON TABLE tasks IS 'What waits for an operator.';
COMMENT ON COLUMN tasks.key IS 'derived from what it is about: asking twice makes one task';
COMMENT ON COLUMN tasks.kind IS 'one of TASKS, which says what may be decided about it';
COMMENT ON COLUMN tasks.claimed_by IS 'who is at it; nobody else decides meanwhile';
COMMENT ON TABLE tellings IS 'How far a room''s members have been told what was said there, by whoever has the row locked. A sender does not touch it, and so never waits.';
COMMENT ON COLUMN tellings.told IS 'everybody was told up to this message';
COMMENT ON COLUMN tellings.until IS 'up to which message they are being told now, in the order of their ids; null: nobody is';
COMMENT ON COLUMN tellings.last_user_id IS 'the last of them who was';
COMMENT ON COLUMN ticket_events.price IS 'minor units of the asset; 0: free, and counted all the same';
COMMENT ON COLUMN ticket_events.stream_id IS 'the stream that its tickets open; null: it is elsewhere, or a stream names it later';
COMMENT ON COLUMN ticket_events.sold IS 'of tickets that are valid: the check is what is left where everything else failed';
COMMENT ON COLUMN tickets.refund_told IS 'of one that is refunded: its holder''s rooms were looked at again';
COMMENT ON COLUMN tips.posting IS 'the key of the transfer that moved it';
COMMENT ON COLUMN trades.payment_details IS 'Where the buyer pays: shown to the two parties alone, and never sent to a workflow.';
COMMENT ON COLUMN trading_books.lease_until IS 'By the database''s clock: a node whose own is wrong takes nobody''s lease.';
COMMENT ON COLUMN trading_books.seq IS 'Counts the changes of the book that are told: whoever misses one reads it again.';
COMMENT ON COLUMN trading_books.clock IS 'The pair''s own: the latest instant of its journal, and never before it.';
COMMENT ON COLUMN trading_commands.key IS 'The Idempotency-Key with its path: the same one is one command, with one outcome.';
COMMENT ON COLUMN trading_offers.price IS 'Of one whole of the asset, decimal text; null where it follows the feed by `margin_bps`.';
COMMENT ON COLUMN trading_orders.held IS 'Part of "hold/<user>": of a purchase in the quote, of a sale in the base. No hold of its own, which would be a row more an order.';
COMMENT ON COLUMN trading_orders.rank IS 'The number in the journal by which it took its place among others of its price.';
COMMENT ON COLUMN trading_pairs.tick IS 'In minor units of the quote for one whole of the base. Tick and lot are chosen so that one lot at one tick costs whole units: nothing is rounded but fees.';
COMMENT ON TABLE user_boost_events IS 'Boosts of profiles. Those of gigs and clans have tables of the same form.';
COMMENT ON COLUMN user_boost_events.duration IS 'hours, as they were asked for';
COMMENT ON COLUMN user_boost_events.points IS 'by how much it lifts its target''s score while it lasts';
COMMENT ON COLUMN user_boost_events.ended_at IS 'null while it is active; set with the step that ends it, by end_boost';
COMMENT ON TABLE user_credit_events IS 'What was done with a person''s credits. Gigs and clans have tables of the same form.';
COMMENT ON COLUMN user_credit_events.subject_id IS 'the person, gig or clan that it is about';
COMMENT ON COLUMN user_credit_events.user_id IS 'who did it';
COMMENT ON COLUMN users.private IS 'who wants to follow them asks first';
COMMENT ON COLUMN users.deleted_at IS 'nobody is behind it any more; the books keep it, without a name';
COMMENT ON COLUMN users.time_zone IS 'whose midnight ends their day';
COMMENT ON COLUMN video_comments.parent_id IS 'the comment it answers, which answers none itself';
COMMENT ON TABLE video_counts IS 'A count is the sum over a video''s rows. One of them alone may be below zero: who likes and unlikes may find another.';
COMMENT ON TABLE video_days IS 'The same by day (UTC), with what analytics has beside.';
COMMENT ON TABLE video_retention IS 'How many viewers came to which twentieth of a video and no further: the sum over its rows.';
COMMENT ON TABLE video_viewers IS 'Who has watched a video long enough to count.';
COMMENT ON COLUMN video_viewers.steps IS 'how many twentieths of it they watched in one sitting, at most';
COMMENT ON COLUMN videos.ads IS '[{ ad_id, at_seconds, duration_seconds }], in the order of their places';
COMMENT ON COLUMN videos.deleted_at IS 'nobody sees it any more; what was earned by it stays';
COMMENT ON TABLE watches IS 'One sitting of one viewer before one video, timed by our clock: who plays faster has watched no more.';
COMMENT ON COLUMN watches.credited_at IS 'up to when time was given: what passes is given once, to the video or to an ad';
COMMENT ON COLUMN watches.counted_at IS 'when it was long enough to count as a view';
COMMENT ON COLUMN watches.replaced_at IS 'the same viewer began another of the same video: time passes in one of them alone';
COMMENT ON COLUMN webhook_attempts.request_headers IS 'without the values of the endpoint''s own, which may be secret';
COMMENT ON COLUMN webhook_attempts.answer IS 'its first 2 KiB';
COMMENT ON COLUMN webhook_attempts.failure IS 'why there was no answer';
COMMENT ON COLUMN webhook_deliveries.message_id IS 'the same whatever is tried again: what the receiver knows a repetition by';
COMMENT ON COLUMN webhook_deliveries.status IS 'dropped: its endpoint was disabled or deleted before it arrived';
COMMENT ON COLUMN webhook_endpoints.event_types IS 'null for all';
COMMENT ON COLUMN webhook_endpoints.headers IS 'sent with each; an object, or a string where they are sealed';
COMMENT ON COLUMN webhook_endpoints.secret IS 'whsec_… or sealed:…';
COMMENT ON COLUMN webhook_endpoints.old_secret IS 'signs as well until old_secret_until, so that a receiver may change over';
COMMENT ON COLUMN webhook_endpoints.failing_since IS 'the first failure since one arrived';
COMMENT ON TABLE webhooks IS 'Webhooks as they came, once each, and what was answered to our asking.';
COMMENT ON COLUMN webhooks.body IS 'as it came, for whoever has to look; null once it is forgotten, while that it came is not';
COMMENT ON COLUMN xp_grants.about IS 'what it was gained by: nothing is granted twice for it. Of `minute` rules that minute';
COMMENT ON COLUMN xp_grants.version IS 'of the rule: no reference, as checking it would lock the rule''s row with every grant; an invariant looks';
COMMENT ON COLUMN xp_grants.points IS '0 where the day''s cap left none';
COMMENT ON TABLE xp_people IS 'The sum of a person''s grants. Their level follows from it.';
COMMENT ON COLUMN xp_rules.per IS 'token: for each that was given; minute: once a minute; once: for each thing it is about';
COMMENT ON COLUMN xp_rules.daily_cap IS 'so much of this action and person a day (UTC); null: no limit';

ALTER TABLE barred_people ADD CONSTRAINT barred_people_barred_by_fkey FOREIGN KEY (barred_by) REFERENCES users(id);
ALTER TABLE barred_people ADD CONSTRAINT barred_people_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE battle_sides ADD CONSTRAINT battle_sides_battle_id_fkey FOREIGN KEY (battle_id) REFERENCES battles(process_id);
ALTER TABLE battle_sides ADD CONSTRAINT battle_sides_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE battle_votes ADD CONSTRAINT battle_votes_voter_id_fkey FOREIGN KEY (voter_id) REFERENCES users(id);
ALTER TABLE battles ADD CONSTRAINT battles_challenger_id_fkey FOREIGN KEY (challenger_id) REFERENCES users(id);
ALTER TABLE battles ADD CONSTRAINT battles_opponent_id_fkey FOREIGN KEY (opponent_id) REFERENCES users(id);
ALTER TABLE battles ADD CONSTRAINT battles_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE battles ADD CONSTRAINT battles_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES streams(process_id);
ALTER TABLE bids ADD CONSTRAINT bids_influencer_id_fkey FOREIGN KEY (influencer_id) REFERENCES users(id);
ALTER TABLE blocks ADD CONSTRAINT blocks_blocked_id_fkey FOREIGN KEY (blocked_id) REFERENCES users(id);
ALTER TABLE blocks ADD CONSTRAINT blocks_blocker_id_fkey FOREIGN KEY (blocker_id) REFERENCES users(id);
ALTER TABLE broadcasts ADD CONSTRAINT broadcasts_by_id_fkey FOREIGN KEY (by_id) REFERENCES users(id);
ALTER TABLE campaigns ADD CONSTRAINT campaigns_brand_owner_id_fkey FOREIGN KEY (brand_owner_id) REFERENCES users(id);
ALTER TABLE captures ADD CONSTRAINT captures_inbox_id_fkey FOREIGN KEY (inbox_id) REFERENCES inbox(id);
ALTER TABLE captures ADD CONSTRAINT captures_order_id_fkey FOREIGN KEY (order_id) REFERENCES payment_orders(id);
ALTER TABLE captures ADD CONSTRAINT captures_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE challenges ADD CONSTRAINT challenges_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES users(id);
ALTER TABLE challenges ADD CONSTRAINT challenges_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE challenges ADD CONSTRAINT challenges_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES streams(process_id);
ALTER TABLE charge_back_files ADD CONSTRAINT charge_back_files_process_id_fkey FOREIGN KEY (process_id) REFERENCES charge_backs(process_id);
ALTER TABLE charge_back_files ADD CONSTRAINT charge_back_files_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE charge_backs ADD CONSTRAINT charge_backs_asset_fkey FOREIGN KEY (asset) REFERENCES ledger_assets(asset);
ALTER TABLE charge_backs ADD CONSTRAINT charge_backs_dispute_id_fkey FOREIGN KEY (dispute_id) REFERENCES disputes(id);
ALTER TABLE charge_backs ADD CONSTRAINT charge_backs_payee_id_fkey FOREIGN KEY (payee_id) REFERENCES users(id);
ALTER TABLE charge_backs ADD CONSTRAINT charge_backs_payment_process_id_fkey FOREIGN KEY (payment_process_id) REFERENCES processes(id);
ALTER TABLE charge_backs ADD CONSTRAINT charge_backs_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE clan_boost_events ADD CONSTRAINT clan_boost_events_booster_id_fkey FOREIGN KEY (booster_id) REFERENCES users(id);
ALTER TABLE clan_boost_events ADD CONSTRAINT clan_boost_events_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE clan_boost_events ADD CONSTRAINT clan_boost_events_target_id_fkey FOREIGN KEY (target_id) REFERENCES clans(id);
ALTER TABLE clan_credit_events ADD CONSTRAINT clan_credit_events_subject_id_fkey FOREIGN KEY (subject_id) REFERENCES clans(id);
ALTER TABLE clan_credit_events ADD CONSTRAINT clan_credit_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE clans ADD CONSTRAINT clans_leader_id_fkey FOREIGN KEY (leader_id) REFERENCES users(id);
ALTER TABLE commission_rules ADD CONSTRAINT commission_rules_kind_fkey FOREIGN KEY (kind) REFERENCES machines(kind);
ALTER TABLE commission_rules ADD CONSTRAINT commission_rules_made_by_fkey FOREIGN KEY (made_by) REFERENCES users(id);
ALTER TABLE commission_rules ADD CONSTRAINT commission_rules_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE conversations ADD CONSTRAINT conversations_bid_id_fkey FOREIGN KEY (bid_id) REFERENCES bids(id);
ALTER TABLE conversations ADD CONSTRAINT conversations_brand_owner_id_fkey FOREIGN KEY (brand_owner_id) REFERENCES users(id);
ALTER TABLE conversations ADD CONSTRAINT conversations_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id);
ALTER TABLE conversations ADD CONSTRAINT conversations_influencer_id_fkey FOREIGN KEY (influencer_id) REFERENCES users(id);
ALTER TABLE creator_milestones ADD CONSTRAINT creator_milestones_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES users(id);
ALTER TABLE deliveries ADD CONSTRAINT deliveries_push_id_fkey FOREIGN KEY (push_id) REFERENCES pushes(id);
ALTER TABLE devices ADD CONSTRAINT devices_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;
ALTER TABLE devices ADD CONSTRAINT devices_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE dispute_news ADD CONSTRAINT dispute_news_dispute_id_fkey FOREIGN KEY (dispute_id) REFERENCES disputes(id) ON DELETE CASCADE;
ALTER TABLE disputes ADD CONSTRAINT disputes_capture_id_fkey FOREIGN KEY (capture_id) REFERENCES captures(id);
ALTER TABLE disputes ADD CONSTRAINT disputes_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE disputes ADD CONSTRAINT disputes_waived_by_fkey FOREIGN KEY (waived_by) REFERENCES users(id);
ALTER TABLE event_replays ADD CONSTRAINT event_replays_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES users(id);
ALTER TABLE follow_counts ADD CONSTRAINT follow_counts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE follow_days ADD CONSTRAINT follow_days_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE follow_requests ADD CONSTRAINT follow_requests_asked_id_fkey FOREIGN KEY (asked_id) REFERENCES users(id);
ALTER TABLE follow_requests ADD CONSTRAINT follow_requests_requester_id_fkey FOREIGN KEY (requester_id) REFERENCES users(id);
ALTER TABLE follows ADD CONSTRAINT follows_followed_id_fkey FOREIGN KEY (followed_id) REFERENCES users(id);
ALTER TABLE follows ADD CONSTRAINT follows_follower_id_fkey FOREIGN KEY (follower_id) REFERENCES users(id);
ALTER TABLE former_members ADD CONSTRAINT former_members_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES rooms(id);
ALTER TABLE former_members ADD CONSTRAINT former_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE gift_cooldowns ADD CONSTRAINT gift_cooldowns_code_fkey FOREIGN KEY (code) REFERENCES gifts(code);
ALTER TABLE gift_cooldowns ADD CONSTRAINT gift_cooldowns_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES streams(process_id);
ALTER TABLE gig_boost_events ADD CONSTRAINT gig_boost_events_booster_id_fkey FOREIGN KEY (booster_id) REFERENCES users(id);
ALTER TABLE gig_boost_events ADD CONSTRAINT gig_boost_events_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE gig_boost_events ADD CONSTRAINT gig_boost_events_target_id_fkey FOREIGN KEY (target_id) REFERENCES gigs(id);
ALTER TABLE gig_credit_events ADD CONSTRAINT gig_credit_events_subject_id_fkey FOREIGN KEY (subject_id) REFERENCES gigs(id);
ALTER TABLE gig_credit_events ADD CONSTRAINT gig_credit_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE gigs ADD CONSTRAINT gigs_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id);
ALTER TABLE inbox ADD CONSTRAINT inbox_order_id_fkey FOREIGN KEY (order_id) REFERENCES payment_orders(id);
ALTER TABLE inbox ADD CONSTRAINT inbox_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE inbox ADD CONSTRAINT inbox_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES webhooks(id);
ALTER TABLE inboxes ADD CONSTRAINT inboxes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE invoices ADD CONSTRAINT invoices_asset_fkey FOREIGN KEY (asset) REFERENCES ledger_assets(asset);
ALTER TABLE invoices ADD CONSTRAINT invoices_billed_id_fkey FOREIGN KEY (billed_id) REFERENCES users(id);
ALTER TABLE invoices ADD CONSTRAINT invoices_corrects_fkey FOREIGN KEY (corrects) REFERENCES invoices(id);
ALTER TABLE invoices ADD CONSTRAINT invoices_issuer_id_fkey FOREIGN KEY (issuer_id) REFERENCES users(id);
ALTER TABLE invoices ADD CONSTRAINT invoices_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE invoices_due ADD CONSTRAINT invoices_due_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE leaderboard_scores ADD CONSTRAINT leaderboard_scores_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE ledger_accounts ADD CONSTRAINT ledger_accounts_kind_known FOREIGN KEY (kind, overdraft) REFERENCES ledger_account_kinds(kind, overdraft);
ALTER TABLE ledger_accounts ADD CONSTRAINT ledger_accounts_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id);
ALTER TABLE ledger_holds ADD CONSTRAINT ledger_holds_asset_fkey FOREIGN KEY (asset) REFERENCES ledger_assets(asset);
ALTER TABLE ledger_holds ADD CONSTRAINT ledger_holds_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE ledger_lots ADD CONSTRAINT ledger_lots_account_id_fkey FOREIGN KEY (account_id) REFERENCES ledger_accounts(id);
ALTER TABLE ledger_rates ADD CONSTRAINT ledger_rates_from_asset_fkey FOREIGN KEY (from_asset) REFERENCES ledger_assets(asset);
ALTER TABLE ledger_rates ADD CONSTRAINT ledger_rates_to_asset_fkey FOREIGN KEY (to_asset) REFERENCES ledger_assets(asset);
ALTER TABLE machine_states ADD CONSTRAINT machine_states_kind_fkey FOREIGN KEY (kind) REFERENCES machines(kind);
ALTER TABLE members ADD CONSTRAINT members_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations(id);
ALTER TABLE members ADD CONSTRAINT members_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE notification_preferences ADD CONSTRAINT notification_preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE notification_triggers ADD CONSTRAINT notification_triggers_notification_id_fkey FOREIGN KEY (notification_id) REFERENCES notifications(id);
ALTER TABLE notifications ADD CONSTRAINT notifications_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES users(id);
ALTER TABLE notifications ADD CONSTRAINT notifications_user_id_fkey FOREIGN KEY (user_id) REFERENCES inboxes(user_id);
ALTER TABLE payees ADD CONSTRAINT payees_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE payment_orders ADD CONSTRAINT payment_orders_payer_id_fkey FOREIGN KEY (payer_id) REFERENCES users(id);
ALTER TABLE payment_orders ADD CONSTRAINT payment_orders_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE payout_attempts ADD CONSTRAINT payout_attempts_process_id_fkey FOREIGN KEY (process_id) REFERENCES payouts(process_id);
ALTER TABLE payout_destinations ADD CONSTRAINT payout_destinations_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE payout_pauses ADD CONSTRAINT payout_pauses_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES users(id);
ALTER TABLE payout_pauses ADD CONSTRAINT payout_pauses_paused_by_fkey FOREIGN KEY (paused_by) REFERENCES users(id);
ALTER TABLE payout_statement_lines ADD CONSTRAINT payout_statement_lines_process_id_kind_fkey FOREIGN KEY (process_id, kind) REFERENCES payout_statements(process_id, kind);
ALTER TABLE payout_statements ADD CONSTRAINT payout_statements_process_id_fkey FOREIGN KEY (process_id) REFERENCES payouts(process_id);
ALTER TABLE payouts ADD CONSTRAINT payouts_destination_id_fkey FOREIGN KEY (destination_id) REFERENCES payout_destinations(id);
ALTER TABLE payouts ADD CONSTRAINT payouts_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE payouts ADD CONSTRAINT payouts_promise_id_fkey FOREIGN KEY (promise_id) REFERENCES promises(id);
ALTER TABLE payouts ADD CONSTRAINT payouts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE poll_votes ADD CONSTRAINT poll_votes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE polls ADD CONSTRAINT polls_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE polls ADD CONSTRAINT polls_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES streams(process_id);
ALTER TABLE processes ADD CONSTRAINT processes_kind_fkey FOREIGN KEY (kind) REFERENCES machines(kind);
ALTER TABLE processes ADD CONSTRAINT processes_opened_by_fkey FOREIGN KEY (opened_by) REFERENCES users(id);
ALTER TABLE promises ADD CONSTRAINT promises_capture_id_fkey FOREIGN KEY (capture_id) REFERENCES captures(id);
ALTER TABLE promises ADD CONSTRAINT promises_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE promises ADD CONSTRAINT promises_process_id_step_n_fkey FOREIGN KEY (process_id, step_n) REFERENCES steps(process_id, n);
ALTER TABLE pushes ADD CONSTRAINT pushes_notification_id_fkey FOREIGN KEY (notification_id) REFERENCES notifications(id);
ALTER TABLE question_upvotes ADD CONSTRAINT question_upvotes_question_id_fkey FOREIGN KEY (question_id) REFERENCES questions(id);
ALTER TABLE question_upvotes ADD CONSTRAINT question_upvotes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE questions ADD CONSTRAINT questions_moved_by_fkey FOREIGN KEY (moved_by) REFERENCES users(id);
ALTER TABLE questions ADD CONSTRAINT questions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE quotas ADD CONSTRAINT quotas_kind_fkey FOREIGN KEY (kind) REFERENCES machines(kind);
ALTER TABLE quotas ADD CONSTRAINT quotas_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE reactions ADD CONSTRAINT reactions_conversation_id_position_fkey FOREIGN KEY (conversation_id, "position") REFERENCES messages(conversation_id, "position");
ALTER TABLE reactions ADD CONSTRAINT reactions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE recommendation_items ADD CONSTRAINT recommendation_items_version_id_fkey FOREIGN KEY (version_id) REFERENCES recommendation_versions(id) ON DELETE CASCADE;
ALTER TABLE recommendation_pages ADD CONSTRAINT recommendation_pages_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE refresh_tokens ADD CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id);
ALTER TABLE refund_reversals ADD CONSTRAINT refund_reversals_refund_id_fkey FOREIGN KEY (refund_id) REFERENCES refunds(id);
ALTER TABLE refunds ADD CONSTRAINT refunds_capture_id_fkey FOREIGN KEY (capture_id) REFERENCES captures(id);
ALTER TABLE refunds ADD CONSTRAINT refunds_promise_id_fkey FOREIGN KEY (promise_id) REFERENCES promises(id);
ALTER TABLE relays ADD CONSTRAINT relays_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE reminders ADD CONSTRAINT reminders_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE reviews ADD CONSTRAINT reviews_author_id_fkey FOREIGN KEY (author_id) REFERENCES users(id);
ALTER TABLE reviews ADD CONSTRAINT reviews_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE reviews ADD CONSTRAINT reviews_subject_id_fkey FOREIGN KEY (subject_id) REFERENCES users(id);
ALTER TABLE reward_corrections ADD CONSTRAINT reward_corrections_corrected_by_fkey FOREIGN KEY (corrected_by) REFERENCES users(id);
ALTER TABLE reward_corrections ADD CONSTRAINT reward_corrections_reward_id_fkey FOREIGN KEY (reward_id) REFERENCES rewards(id);
ALTER TABLE reward_corrections ADD CONSTRAINT reward_corrections_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE reward_people ADD CONSTRAINT reward_people_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE reward_rules ADD CONSTRAINT reward_rules_changed_by_fkey FOREIGN KEY (changed_by) REFERENCES users(id);
ALTER TABLE rewards ADD CONSTRAINT rewards_action_version_fkey FOREIGN KEY (action, version) REFERENCES reward_rules(action, version);
ALTER TABLE rooms ADD CONSTRAINT rooms_id_fkey FOREIGN KEY (id) REFERENCES conversations(id);
ALTER TABLE sandbox_payments ADD CONSTRAINT sandbox_payments_order_id_fkey FOREIGN KEY (order_id) REFERENCES sandbox_orders(id);
ALTER TABLE season_standings ADD CONSTRAINT season_standings_season_fkey FOREIGN KEY (season) REFERENCES seasons(name);
ALTER TABLE season_standings ADD CONSTRAINT season_standings_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE seats ADD CONSTRAINT seats_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE seats ADD CONSTRAINT seats_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE sessions ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE staff_notes ADD CONSTRAINT staff_notes_author_id_fkey FOREIGN KEY (author_id) REFERENCES users(id);
ALTER TABLE staff_notes ADD CONSTRAINT staff_notes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE stream_hearers ADD CONSTRAINT stream_hearers_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE stream_messages ADD CONSTRAINT stream_messages_removed_by_fkey FOREIGN KEY (removed_by) REFERENCES users(id);
ALTER TABLE stream_messages ADD CONSTRAINT stream_messages_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE stream_openings ADD CONSTRAINT stream_openings_kind_fkey FOREIGN KEY (kind) REFERENCES machines(kind);
ALTER TABLE stream_openings ADD CONSTRAINT stream_openings_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE stream_openings ADD CONSTRAINT stream_openings_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES streams(process_id);
ALTER TABLE stream_plays ADD CONSTRAINT stream_plays_segment_id_fkey FOREIGN KEY (segment_id) REFERENCES stream_segments(id);
ALTER TABLE stream_plays ADD CONSTRAINT stream_plays_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES streams(process_id);
ALTER TABLE stream_removals ADD CONSTRAINT stream_removals_by_fkey FOREIGN KEY (by) REFERENCES users(id);
ALTER TABLE stream_removals ADD CONSTRAINT stream_removals_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES streams(process_id);
ALTER TABLE stream_removals ADD CONSTRAINT stream_removals_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE stream_segments ADD CONSTRAINT stream_segments_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES streams(process_id);
ALTER TABLE stream_tellings ADD CONSTRAINT stream_tellings_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES streams(process_id);
ALTER TABLE stream_viewers ADD CONSTRAINT stream_viewers_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES streams(process_id);
ALTER TABLE stream_watchers ADD CONSTRAINT stream_watchers_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE streams ADD CONSTRAINT streams_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES users(id);
ALTER TABLE streams ADD CONSTRAINT streams_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE subscription_charges ADD CONSTRAINT subscription_charges_payer_id_fkey FOREIGN KEY (payer_id) REFERENCES users(id);
ALTER TABLE subscription_charges ADD CONSTRAINT subscription_charges_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(process_id);
ALTER TABLE subscription_tiers ADD CONSTRAINT subscription_tiers_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES users(id);
ALTER TABLE subscriptions ADD CONSTRAINT subscriptions_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES users(id);
ALTER TABLE subscriptions ADD CONSTRAINT subscriptions_creator_id_tier_fkey FOREIGN KEY (creator_id, tier) REFERENCES subscription_tiers(creator_id, code);
ALTER TABLE subscriptions ADD CONSTRAINT subscriptions_giver_id_fkey FOREIGN KEY (giver_id) REFERENCES users(id);
ALTER TABLE subscriptions ADD CONSTRAINT subscriptions_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE subscriptions ADD CONSTRAINT subscriptions_subscriber_id_fkey FOREIGN KEY (subscriber_id) REFERENCES users(id);
ALTER TABLE target_views ADD CONSTRAINT target_views_viewer_id_fkey FOREIGN KEY (viewer_id) REFERENCES users(id);
ALTER TABLE task_notes ADD CONSTRAINT task_notes_by_id_fkey FOREIGN KEY (by_id) REFERENCES users(id);
ALTER TABLE task_notes ADD CONSTRAINT task_notes_task_id_fkey FOREIGN KEY (task_id) REFERENCES tasks(id);
ALTER TABLE tasks ADD CONSTRAINT tasks_claimed_by_fkey FOREIGN KEY (claimed_by) REFERENCES users(id);
ALTER TABLE tasks ADD CONSTRAINT tasks_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES users(id);
ALTER TABLE tasks ADD CONSTRAINT tasks_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE tellings ADD CONSTRAINT tellings_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES rooms(id);
ALTER TABLE ticket_events ADD CONSTRAINT ticket_events_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES users(id);
ALTER TABLE ticket_events ADD CONSTRAINT ticket_events_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE ticket_events ADD CONSTRAINT ticket_events_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES streams(process_id);
ALTER TABLE tickets ADD CONSTRAINT tickets_event_id_fkey FOREIGN KEY (event_id) REFERENCES ticket_events(process_id);
ALTER TABLE tickets ADD CONSTRAINT tickets_holder_id_fkey FOREIGN KEY (holder_id) REFERENCES users(id);
ALTER TABLE tips ADD CONSTRAINT tips_asset_fkey FOREIGN KEY (asset) REFERENCES ledger_assets(asset);
ALTER TABLE tips ADD CONSTRAINT tips_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES users(id);
ALTER TABLE tips ADD CONSTRAINT tips_sender_id_fkey FOREIGN KEY (sender_id) REFERENCES users(id);
ALTER TABLE trades ADD CONSTRAINT trades_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE trading_books ADD CONSTRAINT trading_books_pair_id_fkey FOREIGN KEY (pair_id) REFERENCES trading_pairs(id);
ALTER TABLE trading_offers ADD CONSTRAINT trading_offers_asset_fkey FOREIGN KEY (asset) REFERENCES ledger_assets(asset);
ALTER TABLE trading_offers ADD CONSTRAINT trading_offers_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE trading_pairs ADD CONSTRAINT trading_pairs_base_fkey FOREIGN KEY (base) REFERENCES ledger_assets(asset);
ALTER TABLE trading_pairs ADD CONSTRAINT trading_pairs_quote_fkey FOREIGN KEY (quote) REFERENCES ledger_assets(asset);
ALTER TABLE trading_takes ADD CONSTRAINT trading_takes_offer_id_fkey FOREIGN KEY (offer_id) REFERENCES trading_offers(id);
ALTER TABLE trading_takes ADD CONSTRAINT trading_takes_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE user_boost_events ADD CONSTRAINT user_boost_events_booster_id_fkey FOREIGN KEY (booster_id) REFERENCES users(id);
ALTER TABLE user_boost_events ADD CONSTRAINT user_boost_events_process_id_fkey FOREIGN KEY (process_id) REFERENCES processes(id);
ALTER TABLE user_boost_events ADD CONSTRAINT user_boost_events_target_id_fkey FOREIGN KEY (target_id) REFERENCES users(id);
ALTER TABLE user_credit_events ADD CONSTRAINT user_credit_events_subject_id_fkey FOREIGN KEY (subject_id) REFERENCES users(id);
ALTER TABLE user_credit_events ADD CONSTRAINT user_credit_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE user_sequences ADD CONSTRAINT user_sequences_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE video_comments ADD CONSTRAINT video_comments_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES video_comments(id);
ALTER TABLE video_comments ADD CONSTRAINT video_comments_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE video_comments ADD CONSTRAINT video_comments_video_id_fkey FOREIGN KEY (video_id) REFERENCES videos(id);
ALTER TABLE video_shares ADD CONSTRAINT video_shares_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE video_shares ADD CONSTRAINT video_shares_video_id_fkey FOREIGN KEY (video_id) REFERENCES videos(id);
ALTER TABLE videos ADD CONSTRAINT videos_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES users(id);
ALTER TABLE wallet_addresses ADD CONSTRAINT wallet_addresses_asset_fkey FOREIGN KEY (asset) REFERENCES ledger_assets(asset);
ALTER TABLE wallet_addresses ADD CONSTRAINT wallet_addresses_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE wallet_days ADD CONSTRAINT wallet_days_asset_fkey FOREIGN KEY (asset) REFERENCES ledger_assets(asset);
ALTER TABLE wallet_days ADD CONSTRAINT wallet_days_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE wallet_penalties ADD CONSTRAINT wallet_penalties_given_by_fkey FOREIGN KEY (given_by) REFERENCES users(id);
ALTER TABLE wallet_penalties ADD CONSTRAINT wallet_penalties_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE wallet_recipients ADD CONSTRAINT wallet_recipients_asset_fkey FOREIGN KEY (asset) REFERENCES ledger_assets(asset);
ALTER TABLE wallet_recipients ADD CONSTRAINT wallet_recipients_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES users(id);
ALTER TABLE wallet_recipients ADD CONSTRAINT wallet_recipients_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE webhook_attempts ADD CONSTRAINT webhook_attempts_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES webhook_deliveries(id) ON DELETE CASCADE;
ALTER TABLE webhook_deliveries ADD CONSTRAINT webhook_deliveries_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints(id);
ALTER TABLE xp_badges ADD CONSTRAINT xp_badges_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE xp_people ADD CONSTRAINT xp_people_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE xp_rules ADD CONSTRAINT xp_rules_changed_by_fkey FOREIGN KEY (changed_by) REFERENCES users(id);

CREATE INDEX answers_by_age ON answers USING btree (created_at);
CREATE INDEX battle_gifts_to ON battle_gifts USING btree (battle_id, participant_id) INCLUDE (tokens);
CREATE INDEX battle_sides_of ON battle_sides USING btree (battle_id);
CREATE INDEX battle_votes_for ON battle_votes USING btree (battle_id, participant_id);
CREATE INDEX battles_of_challenger ON battles USING btree (challenger_id, process_id);
CREATE INDEX battles_of_opponent ON battles USING btree (opponent_id, process_id);
CREATE INDEX battles_running ON battles USING btree (process_id) WHERE (status = 'running'::text);
CREATE INDEX battles_unnoted ON battles USING btree (process_id) WHERE (status <> noted);
CREATE INDEX battles_untold ON battles USING btree (process_id) WHERE (status <> told);
CREATE INDEX bids_newest ON bids USING btree (created_at DESC, id DESC);
CREATE INDEX bids_owner ON bids USING btree (influencer_id);
CREATE INDEX blocks_of_me ON blocks USING btree (blocked_id, blocker_id);
CREATE INDEX broadcasts_open ON broadcasts USING btree (created_at) WHERE (state = 'sending'::text);
CREATE INDEX campaigns_newest ON campaigns USING btree (created_at DESC, id DESC);
CREATE INDEX campaigns_owner ON campaigns USING btree (brand_owner_id);
CREATE UNIQUE INDEX captures_one_in_escrow ON captures USING btree (process_id) WHERE (disposition = 'escrow'::text);
CREATE INDEX captures_order ON captures USING btree (order_id) WHERE (order_id IS NOT NULL);
CREATE INDEX challenges_of ON challenges USING btree (stream_id, process_id);
CREATE INDEX challenges_open ON challenges USING btree (process_id) WHERE (status = 'open'::text);
CREATE INDEX challenges_unrewarded ON challenges USING btree (process_id) WHERE ((status = 'won'::text) AND (rewarded_at IS NULL));
CREATE INDEX charge_backs_debts ON charge_backs USING btree (payee_id) WHERE (owed > 0);
CREATE INDEX charge_backs_payment ON charge_backs USING btree (payment_process_id);
CREATE INDEX clan_boost_events_target_id_points_idx ON clan_boost_events USING btree (target_id) INCLUDE (points) WHERE (ended_at IS NULL);
CREATE INDEX clan_boost_events_target_id_starts_at_idx ON clan_boost_events USING btree (target_id, starts_at);
CREATE INDEX clan_credit_events_subject_id_id_idx ON clan_credit_events USING btree (subject_id, id);
CREATE INDEX clan_credit_events_subject_id_occurred_at_idx ON clan_credit_events USING btree (subject_id, occurred_at);
CREATE INDEX clans_leader ON clans USING btree (leader_id);
CREATE UNIQUE INDEX clans_name_unique ON clans USING btree (lower(name));
CREATE INDEX commission_rules_kind ON commission_rules USING btree (kind, user_id, effective_from);
CREATE UNIQUE INDEX conversations_bid_open ON conversations USING btree (bid_id, brand_owner_id) WHERE ((bid_id IS NOT NULL) AND (chat <> 'closed'::chat_status));
CREATE UNIQUE INDEX conversations_campaign_open ON conversations USING btree (campaign_id, influencer_id) WHERE ((campaign_id IS NOT NULL) AND (chat <> 'closed'::chat_status));
CREATE UNIQUE INDEX conversations_direct_pair ON conversations USING btree (LEAST(brand_owner_id, influencer_id), GREATEST(brand_owner_id, influencer_id)) WHERE (kind = 'direct'::text);
CREATE INDEX conversations_public ON conversations USING btree (id) WHERE (kind = 'public'::text);
CREATE INDEX deliveries_push ON deliveries USING btree (push_id, at);
CREATE INDEX devices_session ON devices USING btree (session_id);
CREATE UNIQUE INDEX devices_token_unique ON devices USING btree (platform, sha256((token)::bytea));
CREATE INDEX devices_user ON devices USING btree (user_id, created_at);
CREATE INDEX disputes_payment ON disputes USING btree (provider, payment_id);
CREATE INDEX disputes_process ON disputes USING btree (process_id) WHERE (process_id IS NOT NULL);
CREATE INDEX event_replays_waiting ON event_replays USING btree (try_after) WHERE (ended_at IS NULL);
CREATE INDEX follow_requests_asked ON follow_requests USING btree (asked_id, created_at, requester_id);
CREATE INDEX follows_followers ON follows USING btree (followed_id, created_at, follower_id);
CREATE INDEX follows_following ON follows USING btree (follower_id, created_at, followed_id);
CREATE INDEX gift_events_from ON gift_events USING btree (from_user_id, created_at);
CREATE INDEX gift_events_in ON gift_events USING btree (stream_id, created_at) WHERE (stream_id IS NOT NULL);
CREATE INDEX gig_boost_events_target_id_points_idx ON gig_boost_events USING btree (target_id) INCLUDE (points) WHERE (ended_at IS NULL);
CREATE INDEX gig_boost_events_target_id_starts_at_idx ON gig_boost_events USING btree (target_id, starts_at);
CREATE INDEX gig_credit_events_subject_id_id_idx ON gig_credit_events USING btree (subject_id, id);
CREATE INDEX gig_credit_events_subject_id_occurred_at_idx ON gig_credit_events USING btree (subject_id, occurred_at);
CREATE INDEX gigs_owner ON gigs USING btree (owner_id);
CREATE INDEX inbox_disputes ON inbox USING btree (((fact ->> 'paymentId'::text))) WHERE ((fact ->> 'kind'::text) ~~ 'charge\_back%'::text);
CREATE INDEX inbox_failed_refunds ON inbox USING btree (((fact ->> 'refundId'::text))) WHERE ((fact ->> 'kind'::text) = 'refund_failed'::text);
CREATE INDEX inbox_failures ON inbox USING btree (process_id) WHERE ((fact ->> 'kind'::text) = 'failed'::text);
CREATE INDEX inbox_set_aside ON inbox USING btree (id) WHERE (outcome = 'set_aside'::text);
CREATE INDEX inbox_waiting ON inbox USING btree (process_id, id) WHERE (booked_at IS NULL);
CREATE INDEX invoices_billed ON invoices USING btree (billed_id, id);
CREATE INDEX invoices_issued ON invoices USING btree (issuer_id, id) WHERE (issuer_id IS NOT NULL);
CREATE INDEX leaderboard_ranks ON leaderboard_scores USING btree (board, score DESC, reached_at, user_id);
CREATE INDEX leaderboard_unshown ON leaderboard_scores USING btree (board, user_id) WHERE (shown <> version);
CREATE INDEX ledger_accounts_owner ON ledger_accounts USING btree (owner_id) WHERE (owner_id IS NOT NULL);
CREATE INDEX ledger_entries_transfer ON ledger_entries USING btree (transfer_id);
CREATE INDEX ledger_holds_expiry ON ledger_holds USING btree (expires_at) WHERE ((state = 'open'::text) AND (expires_at IS NOT NULL));
CREATE INDEX ledger_holds_open ON ledger_holds USING btree (user_id, asset) WHERE (state = 'open'::text);
CREATE INDEX ledger_lots_expiry ON ledger_lots USING btree (expires_at) WHERE ((expires_at IS NOT NULL) AND (hold IS NULL));
CREATE INDEX ledger_transfers_conversation ON ledger_transfers USING btree (conversation_id, id) WHERE (conversation_id IS NOT NULL);
CREATE INDEX ledger_transfers_corrections ON ledger_transfers USING btree (((more ->> 'corrects'::text))) WHERE (more ? 'corrects'::text);
CREATE INDEX left_subjects_age ON left_subjects USING btree (left_at);
CREATE INDEX members_user ON members USING btree (user_id);
CREATE INDEX messages_said ON messages USING btree (id) INCLUDE (conversation_id, "position") WHERE (content IS NOT NULL);
CREATE INDEX notification_triggers_folded ON notification_triggers USING btree (notification_id);
CREATE UNIQUE INDEX notifications_inbox ON notifications USING btree (user_id, "position");
CREATE INDEX notifications_open ON notifications USING btree (user_id, kind, object) WHERE ((open_until IS NOT NULL) AND (read_at IS NULL) AND (archived_at IS NULL) AND (withdrawn_at IS NULL));
CREATE INDEX notifications_over ON notifications USING btree (GREATEST(updated_at, archived_at, withdrawn_at)) WHERE ((archived_at IS NOT NULL) OR (withdrawn_at IS NOT NULL) OR (NOT listed));
CREATE INDEX notifications_unread ON notifications USING btree (user_id, "position") WHERE (listed AND (read_at IS NULL) AND (archived_at IS NULL) AND (withdrawn_at IS NULL));
CREATE INDEX outbox_by_age ON outbox USING btree (created_at);
CREATE UNIQUE INDEX payees_account ON payees USING btree (provider, account_id) WHERE (account_id IS NOT NULL);
CREATE UNIQUE INDEX payment_orders_one_open ON payment_orders USING btree (process_id) WHERE (closed_at IS NULL);
CREATE INDEX payment_orders_payer ON payment_orders USING btree (payer_id);
CREATE INDEX payment_orders_provider_id ON payment_orders USING btree (provider_order_id) WHERE (provider_order_id IS NOT NULL);
CREATE INDEX payment_orders_to_ask ON payment_orders USING btree (closed_at) WHERE ((closed_at IS NOT NULL) AND (provider_order_id IS NOT NULL) AND (NOT asked_again));
CREATE INDEX payout_destinations_user ON payout_destinations USING btree (user_id, id);
CREATE UNIQUE INDEX payout_pauses_one_open ON payout_pauses USING btree ((true)) WHERE (ended_at IS NULL);
CREATE INDEX payouts_open ON payouts USING btree (process_id) WHERE (status = ANY (ARRAY['due'::text, 'asked'::text, 'pending'::text]));
CREATE INDEX payouts_user ON payouts USING btree (user_id, created_at);
CREATE INDEX poll_votes_by ON poll_votes USING btree (user_id, at);
CREATE INDEX poll_votes_ungranted ON poll_votes USING btree (user_id, poll_id) WHERE (NOT granted);
CREATE INDEX polls_of ON polls USING btree (stream_id, process_id);
CREATE INDEX promises_of_process ON promises USING btree (process_id, step_n);
CREATE INDEX promises_open ON promises USING btree (process_id) WHERE (done_at IS NULL);
CREATE INDEX promises_unmoved ON promises USING btree (made_at) WHERE (moved_at IS NULL);
CREATE INDEX publications_by_time ON publications USING btree (occurred_at, id);
CREATE INDEX publications_in_order ON publications USING btree (about, id) WHERE (published_at IS NULL);
CREATE INDEX publications_undelivered ON publications USING btree (id) WHERE (delivered_at IS NULL);
CREATE INDEX publications_waiting ON publications USING btree (id) WHERE (published_at IS NULL);
CREATE INDEX pushes_begun ON pushes USING btree (user_id, kind, begun_at) WHERE (begun_at IS NOT NULL);
CREATE INDEX pushes_done ON pushes USING btree (done_at) WHERE (done_at IS NOT NULL);
CREATE INDEX pushes_due ON pushes USING btree (due) WHERE (outcome IS NULL);
CREATE INDEX pushes_notification ON pushes USING btree (notification_id);
CREATE INDEX pushes_open ON pushes USING btree (user_id, due) WHERE (outcome IS NULL);
CREATE INDEX questions_by ON questions USING btree (user_id, stream_id, at);
CREATE INDEX questions_of ON questions USING btree (stream_id, status, upvotes DESC, id);
CREATE INDEX questions_untold ON questions USING btree (id) WHERE ((upvotes <> told_upvotes) AND (status = 'asked'::text));
CREATE INDEX reactions_of_user ON reactions USING btree (user_id);
CREATE INDEX recommendation_pages_at ON recommendation_pages USING btree (at);
CREATE INDEX recommendation_pages_user ON recommendation_pages USING btree (user_id);
CREATE INDEX recommendation_versions_published ON recommendation_versions USING btree (kind, id) WHERE (published_at IS NOT NULL);
CREATE INDEX refresh_tokens_session ON refresh_tokens USING btree (session_id);
CREATE INDEX refunds_capture ON refunds USING btree (capture_id);
CREATE INDEX refunds_loose ON refunds USING btree (created_at) WHERE ((promise_id IS NULL) AND (status = ANY (ARRAY['due'::text, 'asked'::text, 'pending'::text])));
CREATE INDEX refunds_open ON refunds USING btree (capture_id) WHERE (status <> 'processed'::text);
CREATE INDEX refunds_provider_id ON refunds USING btree (provider_refund_id) WHERE (provider_refund_id IS NOT NULL);
CREATE INDEX relays_behind ON relays USING btree (kind, ring_after, process_id) WHERE behind;
CREATE INDEX relays_look_at ON relays USING btree (kind, look_at, process_id) WHERE (look_at IS NOT NULL);
CREATE INDEX reviews_subject ON reviews USING btree (subject_id, created_at, process_id);
CREATE INDEX reward_acts_of_one ON reward_acts USING btree (user_id, gathered, id);
CREATE INDEX reward_corrections_of_one ON reward_corrections USING btree (user_id);
CREATE INDEX reward_days_by_day ON reward_days USING btree (day);
CREATE INDEX reward_pairs_by_day ON reward_pairs USING btree (day);
CREATE INDEX reward_sums_of_one ON reward_sums USING btree (user_id);
CREATE INDEX rewards_granted ON rewards USING btree (judged_at) WHERE ((refused IS NULL) AND (once_day IS DISTINCT FROM '-infinity'::date));
CREATE INDEX rewards_of_one ON rewards USING btree (user_id, id);
CREATE UNIQUE INDEX rewards_once ON rewards USING btree (actor_id, action, target, once_day) WHERE (refused IS NULL);
CREATE INDEX rewards_posting ON rewards USING btree (posting) WHERE (posting IS NOT NULL);
CREATE INDEX rewards_refused ON rewards USING btree (judged_at) WHERE (refused IS NOT NULL);
CREATE INDEX sandbox_deliveries_by_order ON sandbox_deliveries USING btree (order_id, created_at);
CREATE INDEX sandbox_deliveries_due ON sandbox_deliveries USING btree (deliver_at) WHERE (ended_at IS NULL);
CREATE INDEX sandbox_deliveries_ended ON sandbox_deliveries USING btree (ended_at) WHERE (ended_at IS NOT NULL);
CREATE INDEX sandbox_orders_by_time ON sandbox_orders USING btree (created_at, id);
CREATE INDEX sandbox_payments_by_order ON sandbox_payments USING btree (order_id, created_at);
CREATE INDEX sandbox_payments_by_time ON sandbox_payments USING btree (happens_at, id);
CREATE INDEX sandbox_payments_disputed ON sandbox_payments USING btree (disputed_at, id) WHERE (disputed_at IS NOT NULL);
CREATE INDEX sandbox_payouts_by_time ON sandbox_payouts USING btree (created_at, id);
CREATE INDEX sandbox_refunds_by_payment ON sandbox_refunds USING btree (payment_id);
CREATE INDEX sandbox_refunds_by_time ON sandbox_refunds USING btree (created_at, id);
CREATE INDEX seats_user ON seats USING btree (user_id, process_id);
CREATE INDEX sessions_over ON sessions USING btree (LEAST(ended_at, expires_at));
CREATE INDEX sessions_user ON sessions USING btree (user_id) WHERE (ended_at IS NULL);
CREATE INDEX staff_notes_user ON staff_notes USING btree (user_id, id);
CREATE INDEX stream_messages_by ON stream_messages USING btree (user_id, stream_id, at);
CREATE INDEX stream_messages_of ON stream_messages USING btree (stream_id, id) WHERE (removed_at IS NULL);
CREATE UNIQUE INDEX stream_openings_one ON stream_openings USING btree (stream_id, kind) WHERE (closed_at IS NULL);
CREATE INDEX stream_openings_open ON stream_openings USING btree (process_id) WHERE (closed_at IS NULL);
CREATE INDEX stream_openings_unsettled ON stream_openings USING btree (process_id) WHERE ((closed_at IS NOT NULL) AND (settled_at IS NULL));
CREATE UNIQUE INDEX stream_plays_one ON stream_plays USING btree (stream_id) WHERE (ended_at IS NULL);
CREATE INDEX stream_plays_untold ON stream_plays USING btree (ends_at) WHERE (NOT told);
CREATE INDEX stream_segments_of ON stream_segments USING btree (stream_id, id) WHERE (deleted_at IS NULL);
CREATE INDEX stream_tellings_open ON stream_tellings USING btree (stream_id) WHERE (done_at IS NULL);
CREATE INDEX stream_watchers_of ON stream_watchers USING btree (user_id);
CREATE INDEX streams_by_status ON streams USING btree (status, process_id);
CREATE INDEX streams_creator ON streams USING btree (creator_id, process_id);
CREATE INDEX streams_untold ON streams USING btree (process_id) WHERE (status <> status_told);
CREATE INDEX subscriptions_creator ON subscriptions USING btree (creator_id, process_id);
CREATE INDEX subscriptions_giver ON subscriptions USING btree (giver_id, process_id) WHERE (giver_id IS NOT NULL);
CREATE UNIQUE INDEX subscriptions_one ON subscriptions USING btree (creator_id, subscriber_id) WHERE (status = ANY (ARRAY['awaiting_payment'::text, 'active'::text, 'due'::text, 'past_due'::text, 'ending'::text]));
CREATE INDEX subscriptions_open ON subscriptions USING btree (creator_id, subscriber_id) WHERE opens;
CREATE INDEX subscriptions_subscriber ON subscriptions USING btree (subscriber_id, process_id);
CREATE INDEX subscriptions_untold ON subscriptions USING btree (process_id) WHERE (opens <> opens_told);
CREATE INDEX target_views_by_age ON target_views USING btree (seen_at);
CREATE INDEX task_notes_of_task ON task_notes USING btree (task_id, id);
CREATE INDEX tasks_open ON tasks USING btree (opened_at DESC, id DESC) WHERE (closed_at IS NULL);
CREATE INDEX tasks_process ON tasks USING btree (process_id, kind) WHERE (process_id IS NOT NULL);
CREATE INDEX ticket_events_creator ON ticket_events USING btree (creator_id, process_id);
CREATE INDEX ticket_events_status ON ticket_events USING btree (status, process_id);
CREATE INDEX ticket_events_stream ON ticket_events USING btree (stream_id) WHERE (stream_id IS NOT NULL);
CREATE INDEX tickets_all ON tickets USING btree (event_id, id);
CREATE INDEX tickets_holder ON tickets USING btree (holder_id, id);
CREATE INDEX tickets_of ON tickets USING btree (event_id, id) WHERE (status = 'valid'::text);
CREATE UNIQUE INDEX tickets_one ON tickets USING btree (event_id, holder_id) WHERE (status = 'valid'::text);
CREATE INDEX tickets_untold ON tickets USING btree (id) WHERE ((status = 'refunded'::text) AND (NOT refund_told));
CREATE INDEX tips_creator ON tips USING btree (creator_id, at, id);
CREATE INDEX tips_sender ON tips USING btree (sender_id);
CREATE UNIQUE INDEX trading_commands_are_numbered ON trading_commands USING btree (pair_id, n) WHERE (n IS NOT NULL);
CREATE UNIQUE INDEX trading_commands_key_unique ON trading_commands USING btree (user_id, key) WHERE (key IS NOT NULL);
CREATE INDEX trading_commands_waiting ON trading_commands USING btree (pair_id, id) WHERE (n IS NULL);
CREATE INDEX trading_offers_of_user ON trading_offers USING btree (user_id, id);
CREATE INDEX trading_offers_open ON trading_offers USING btree (asset, currency, side, id) WHERE (state = 'open'::text);
CREATE UNIQUE INDEX trading_orders_client_id_unique ON trading_orders USING btree (user_id, client_order_id) WHERE (client_order_id IS NOT NULL);
CREATE INDEX trading_orders_of_user ON trading_orders USING btree (user_id, id);
CREATE INDEX trading_orders_open ON trading_orders USING btree (pair_id, side, ticks) WHERE (state = ANY (ARRAY['open'::text, 'partially_filled'::text]));
CREATE INDEX trading_takes_of_offer ON trading_takes USING btree (offer_id);
CREATE INDEX trading_trades_by_time ON trading_trades USING btree (pair_id, at);
CREATE INDEX trading_trades_of_maker ON trading_trades USING btree (maker_order_id);
CREATE INDEX trading_trades_of_taker ON trading_trades USING btree (taker_order_id);
CREATE INDEX user_boost_events_target_id_points_idx ON user_boost_events USING btree (target_id) INCLUDE (points) WHERE (ended_at IS NULL);
CREATE INDEX user_boost_events_target_id_starts_at_idx ON user_boost_events USING btree (target_id, starts_at);
CREATE INDEX user_credit_events_subject_id_id_idx ON user_credit_events USING btree (subject_id, id);
CREATE INDEX user_credit_events_subject_id_occurred_at_idx ON user_credit_events USING btree (subject_id, occurred_at);
CREATE INDEX users_creators ON users USING btree (id) WHERE ('creator'::text = ANY (roles));
CREATE UNIQUE INDEX users_external_subject_unique ON users USING btree (external_subject) WHERE (external_subject IS NOT NULL);
CREATE UNIQUE INDEX users_handle_unique ON users USING btree (lower(handle));
CREATE INDEX video_comments_of_one ON video_comments USING btree (user_id);
CREATE INDEX video_comments_video ON video_comments USING btree (video_id, parent_id, at, id);
CREATE INDEX video_likes_of_one ON video_likes USING btree (user_id, at);
CREATE INDEX video_shares_of_one ON video_shares USING btree (user_id);
CREATE INDEX video_shares_video ON video_shares USING btree (video_id);
CREATE INDEX videos_by_age ON videos USING btree (created_at, id) WHERE (deleted_at IS NULL);
CREATE INDEX videos_creator ON videos USING btree (creator_id, created_at, id);
CREATE INDEX watches_of_one ON watches USING btree (user_id, started_at);
CREATE UNIQUE INDEX watches_one_at_a_time ON watches USING btree (video_id, user_id) WHERE (replaced_at IS NULL);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries USING btree (try_after, id) WHERE (status = 'waiting'::text);
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries USING btree (ended_at) WHERE (ended_at IS NOT NULL);
CREATE INDEX webhook_deliveries_of_endpoint ON webhook_deliveries USING btree (endpoint_id, made_at, id);
CREATE INDEX webhooks_bodies ON webhooks USING btree (received_at) WHERE (body IS NOT NULL);
CREATE INDEX xp_grants_by_day ON xp_grants USING btree (user_id, action, at);

CREATE FUNCTION announce(p_user_id uuid, p_many integer, p_events text, p_process_id uuid, p_step_n integer, p_traceparent text DEFAULT NULL::text)
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
  INSERT INTO outbox (user_id, last_seq, first_seq, events, process_id, step_n, traceparent)
  VALUES (p_user_id, v_last, v_last - p_many + 1, p_events, p_process_id, p_step_n, p_traceparent);
END $function$;

CREATE FUNCTION announce_together(p_users uuid[], p_many integer[], p_events text[], p_traceparent text)
 RETURNS TABLE(hearer uuid, first bigint, at timestamp with time zone)
 LANGUAGE plpgsql
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
DECLARE
  v_user uuid;
BEGIN
  IF cardinality(p_users) > (SELECT count(*) FROM user_sequences WHERE user_id = ANY (p_users)) THEN
    -- Made and locked one after the other: what is made first of all would come in no order with what is locked.
    FOREACH v_user IN ARRAY p_users LOOP
      INSERT INTO user_sequences AS sequence (user_id, last_seq) VALUES (v_user, 0)
      ON CONFLICT (user_id) DO UPDATE SET last_seq = sequence.last_seq;
    END LOOP;
  ELSE
    PERFORM FROM user_sequences WHERE user_id = ANY (p_users) ORDER BY user_id FOR NO KEY UPDATE;
  END IF;

  RETURN QUERY
  WITH counted AS (
    UPDATE user_sequences AS sequence SET last_seq = sequence.last_seq + told.many
    FROM unnest(p_users, p_many, p_events) AS told (user_id, many, events) WHERE sequence.user_id = told.user_id
    RETURNING sequence.user_id, sequence.last_seq, told.many, told.events
  )
  INSERT INTO outbox AS told (user_id, last_seq, first_seq, events, traceparent)
  SELECT counted.user_id, counted.last_seq, counted.last_seq - counted.many + 1, counted.events, p_traceparent FROM counted
  RETURNING told.user_id, told.first_seq, told.created_at;
END $function$;

CREATE FUNCTION append_more(p_id uuid, p_n integer, p_at timestamp with time zone, p_command text, p_actor_id uuid, p_data json, p_more json, p_traceparent text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO promises (id, process_id, step_n, kind, amount, asset, legs, capture_id, made_at)
  SELECT id, p_id, p_n, kind, amount, asset, legs, capture_id, p_at
  FROM json_to_recordset(p_more -> 'promises')
    AS promise (id uuid, kind text, amount bigint, asset text, legs json, capture_id uuid);

  INSERT INTO payment_orders (id, process_id, payer_id, provider, amount, currency, description, expires_at,
    created_at)
  SELECT id, p_id, payer_id, provider, amount, currency, description, expires_at, p_at
  FROM json_to_recordset(p_more -> 'orders') AS new_order (id uuid, payer_id uuid, provider text, amount bigint,
    currency text, description text, expires_at timestamptz);

  INSERT INTO tasks (id, key, kind, process_id, details, opened_at)
  SELECT id, key, kind, p_id, details, p_at
  FROM json_to_recordset(p_more -> 'tasks') AS task (id uuid, key text, kind text, details jsonb)
  ON CONFLICT (key) DO NOTHING;

  -- An order that can no longer be paid in time is closed; its id stays known.
  IF (p_more -> 'closes' ->> 'orders')::boolean THEN
    UPDATE payment_orders SET closed_at = p_at WHERE process_id = p_id AND closed_at IS NULL;
  END IF;
  IF p_more -> 'closes' ->> 'tasks' IS NOT NULL THEN
    UPDATE tasks SET closed_at = p_at, decided_by = p_actor_id,
      decision = jsonb_build_object('command', p_command, 'data', p_data)
    WHERE process_id = p_id AND kind = p_more -> 'closes' ->> 'tasks' AND closed_at IS NULL;
  END IF;

  PERFORM announce(user_id, many, events, NULL, NULL, p_traceparent)
  FROM json_to_recordset(p_more -> 'hearers') AS hearer (user_id uuid, many integer, events text);
END $function$;

CREATE FUNCTION append_step(p_id uuid, p_version integer, p_facts_first boolean, p_command text, p_by text, p_actor_id uuid, p_from text, p_to text, p_data json, p_at timestamp with time zone, p_correlation_id text, p_traceparent text, p_terms json, p_held bigint, p_entry integer, p_entered_at timestamp with time zone, p_deadline timestamp with time zone, p_chat chat_status, p_ids uuid[], p_senders uuid[], p_receivers uuid[], p_words text[], p_types message_type[], p_asks integer, p_action_data json, p_account_id uuid, p_path text, p_key text, p_body_hash bytea, p_status integer, p_answer json, p_more json, p_told boolean, p_user_1 uuid, p_many_1 integer, p_events_1 text, p_user_2 uuid, p_many_2 integer, p_events_2 text)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_n CONSTANT integer := p_version + 1;
  v_kind text;
  v_said integer;
  v_said_at timestamptz;
  v_promises CONSTANT boolean := p_more IS NOT NULL AND coalesce(json_array_length(p_more -> 'promises'), 0) > 0;
BEGIN
  -- First, and taken back where the process has moved on: a repeated key so undoes nobody who is written beside it. Of
  -- two with one key the second waits here, and is told that it was answered.
  IF p_key IS NOT NULL THEN
    INSERT INTO answers (account_id, path, key, body_hash, status, answer)
    VALUES (p_account_id, p_path, p_key, p_body_hash, p_status, p_answer) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
      RETURN 'repeated';
    END IF;
  END IF;
  UPDATE processes SET
    state = p_to, terms = p_terms, held = p_held, version = v_n, entry = p_entry, entered_at = p_entered_at,
    stepped_at = p_at, deadline = p_deadline
  WHERE id = p_id AND version = p_version
  RETURNING kind INTO v_kind;
  IF NOT FOUND THEN
    IF p_key IS NOT NULL THEN
      DELETE FROM answers WHERE account_id = p_account_id AND path = p_path AND key = p_key;
    END IF;
    RETURN 'conflict';
  END IF;

  -- A statement of its own, which sees what was committed before the row's lock was had.
  IF p_facts_first AND EXISTS (SELECT FROM inbox WHERE process_id = p_id AND booked_at IS NULL) THEN
    RAISE EXCEPTION 'a fact about process % waits to be booked', p_id USING ERRCODE = 'TD001';
  END IF;
  -- The other way round, a deadline where it rests, is for the invariant: it harms nobody and is not looked for each time.
  IF p_deadline IS NULL
    AND NOT EXISTS (SELECT FROM machine_states WHERE kind = v_kind AND state = p_to AND rests) THEN
    RAISE EXCEPTION '% % without a deadline', v_kind, p_to
      USING ERRCODE = 'check_violation', CONSTRAINT = 'processes_deadline_set', TABLE = 'processes';
  END IF;
  IF p_chat IS NOT NULL THEN
    UPDATE conversations SET
      chat = p_chat, said = said + cardinality(p_ids),
      asked_position = CASE WHEN p_asks IS NULL THEN asked_position WHEN p_asks > 0 THEN said + p_asks END,
      updated_at = GREATEST(updated_at, p_at)
    WHERE id = p_id
    RETURNING said - cardinality(p_ids), updated_at INTO STRICT v_said, v_said_at;
    INSERT INTO messages (conversation_id, position, id, sender_id, receiver_id, message, message_type, action_data,
      created_at)
    SELECT p_id, v_said + place, id, sender_id, receiver_id, words, type, CASE WHEN place = p_asks THEN p_action_data END,
      v_said_at
    FROM unnest(p_ids, p_senders, p_receivers, p_words, p_types) WITH ORDINALITY
      AS message (id, sender_id, receiver_id, words, type, place);
  END IF;

  INSERT INTO steps (process_id, n, command, by_role, actor_id, from_state, to_state, data, at, correlation_id, deadline,
    entry, said_before, said, traceparent)
  VALUES (p_id, v_n, p_command, p_by, p_actor_id, p_from, p_to, p_data, p_at, p_correlation_id, p_deadline, p_entry,
    v_said, v_said + cardinality(p_ids), p_traceparent);

  -- Whatever the sweep gave this process up to, now there is something new.
  UPDATE relays SET version = v_n, deadline = p_deadline, behind = true, tries = 0,
    look_at = LEAST(look_at, p_deadline, CASE WHEN v_promises THEN p_at END),
    ring_after = CASE WHEN v_promises THEN '-infinity' ELSE LEAST(ring_after, '2000-01-01') END
  WHERE process_id = p_id;
  IF NOT FOUND THEN
    -- It had ended so long ago that its row was forgotten: its workflow begins anew.
    INSERT INTO relays (process_id, kind, version, deadline, look_at)
    VALUES (p_id, v_kind, v_n, p_deadline, LEAST(p_deadline, CASE WHEN v_promises THEN p_at END));
  END IF;

  IF p_more IS NOT NULL THEN
    PERFORM append_more(p_id, v_n, p_at, p_command, p_actor_id, p_data, p_more, p_traceparent);
  END IF;

  IF p_user_1 IS NOT NULL THEN
    PERFORM announce(p_user_1, p_many_1, p_events_1, CASE WHEN p_told THEN p_id END, CASE WHEN p_told THEN v_n END,
      p_traceparent);
  END IF;
  IF p_user_2 IS NOT NULL THEN
    PERFORM announce(p_user_2, p_many_2, p_events_2, CASE WHEN p_told THEN p_id END, CASE WHEN p_told THEN v_n END,
      p_traceparent);
  END IF;
  RETURN 'written';
END $function$;

CREATE FUNCTION battle_lock(p_battle uuid)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT hashtextextended('battle_' || p_battle, 0) $function$;

CREATE FUNCTION close_battle(p_battle uuid, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
BEGIN
  PERFORM pg_advisory_xact_lock(battle_lock(p_battle));
  UPDATE battles SET closed_at = p_now WHERE process_id = p_battle AND closed_at IS NULL;
END $function$;

CREATE FUNCTION close_opening()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  UPDATE stream_openings SET closed_at = NEW.stepped_at
  WHERE process_id = NEW.id AND closed_at IS NULL
    AND (SELECT ends FROM machine_states WHERE kind = NEW.kind AND state = NEW.state);
  RETURN NULL;
END $function$;

CREATE FUNCTION count_battle_gift()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_battle uuid;
BEGIN
  SELECT battle_id INTO v_battle FROM battle_sides WHERE user_id = NEW.to_creator_id;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  PERFORM pg_advisory_xact_lock_shared(battle_lock(v_battle));
  INSERT INTO battle_gifts (gift_id, battle_id, participant_id, tokens)
  SELECT NEW.id, v_battle, NEW.to_creator_id, NEW.tokens FROM battles
  WHERE process_id = v_battle AND status = 'running' AND closed_at IS NULL AND ends_at > NEW.created_at
    AND in_its_stream(battles);
  RETURN NULL;
END $function$;

CREATE FUNCTION count_video(p_video_id uuid, p_at timestamp with time zone, p_views bigint, p_likes bigint, p_shares bigint, p_comments bigint, p_watched_ms bigint DEFAULT 0, p_ad_views bigint DEFAULT 0)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_shard CONSTANT smallint := floor(random() * 8);
  v_day CONSTANT date := (p_at AT TIME ZONE 'UTC')::date;
BEGIN
  -- Update first: a row is missing eight times in a video's life, and eight times a day.
  IF p_views <> 0 OR p_likes <> 0 OR p_shares <> 0 OR p_comments <> 0 THEN
    UPDATE video_counts SET views = views + p_views, likes = likes + p_likes, shares = shares + p_shares,
      comments = comments + p_comments
    WHERE video_id = p_video_id AND shard = v_shard;
    IF NOT FOUND THEN
      INSERT INTO video_counts AS counted (video_id, shard, views, likes, shares, comments)
      VALUES (p_video_id, v_shard, p_views, p_likes, p_shares, p_comments)
      ON CONFLICT (video_id, shard) DO UPDATE SET views = counted.views + EXCLUDED.views,
        likes = counted.likes + EXCLUDED.likes, shares = counted.shares + EXCLUDED.shares,
        comments = counted.comments + EXCLUDED.comments;
    END IF;
  END IF;
  UPDATE video_days SET views = views + p_views, likes = likes + p_likes, shares = shares + p_shares,
    comments = comments + p_comments, watched_ms = watched_ms + p_watched_ms, ad_views = ad_views + p_ad_views
  WHERE video_id = p_video_id AND day = v_day AND shard = v_shard;
  IF NOT FOUND THEN
    INSERT INTO video_days AS counted (video_id, day, shard, views, likes, shares, comments, watched_ms, ad_views)
    VALUES (p_video_id, v_day, v_shard, p_views, p_likes, p_shares, p_comments, p_watched_ms, p_ad_views)
    ON CONFLICT (video_id, day, shard) DO UPDATE SET views = counted.views + EXCLUDED.views,
      likes = counted.likes + EXCLUDED.likes, shares = counted.shares + EXCLUDED.shares,
      comments = counted.comments + EXCLUDED.comments, watched_ms = counted.watched_ms + EXCLUDED.watched_ms,
      ad_views = counted.ad_views + EXCLUDED.ad_views;
  END IF;
END $function$;

CREATE FUNCTION end_boost()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_target CONSTANT text := NEW.terms ->> 'target';
  v_boost user_boost_events;
  v_type CONSTANT text := v_target || '_boost_' || NEW.state;
  v_event_id text;
BEGIN
  EXECUTE format(
    'UPDATE %I SET ended_at = $1, ended = $2, refunded = $3 WHERE process_id = $4 AND ended_at IS NULL RETURNING *',
    CASE v_target WHEN 'profile' THEN 'user_boost_events' ELSE v_target || '_boost_events' END
  ) INTO STRICT v_boost USING NEW.stepped_at, NEW.state, (NEW.terms ->> 'refunded')::bigint, NEW.id;
  v_event_id := v_boost.event_id || '_' || NEW.state;
  INSERT INTO publications (exchange, routing_key, key, about, event, occurred_at)
  VALUES ('credit_events', 'boost.event', v_event_id, v_target || '/' || v_boost.target_id, jsonb_build_object(
    'type', v_type, 'userId', v_boost.booster_id, 'targetId', v_boost.target_id, 'amount', v_boost.amount,
    'duration', v_boost.duration, 'eventId', v_event_id,
    'timestamp', to_char(NEW.stepped_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'boostEventId', v_boost.event_id, 'refunded', v_boost.refunded
  ), NEW.stepped_at);
  RETURN NULL;
END $function$;

CREATE FUNCTION follow_battle()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  UPDATE battles SET
    status = NEW.state,
    started_at = CASE WHEN OLD.state = 'invited' AND NEW.state = 'running' THEN NEW.stepped_at ELSE started_at END,
    ends_at = CASE WHEN NEW.state = 'running' THEN NEW.deadline ELSE ends_at END,
    closed_at = CASE WHEN NEW.state IN ('invited', 'running') THEN closed_at ELSE coalesce(closed_at, NEW.stepped_at) END,
    ended_at = CASE WHEN NEW.state IN ('invited', 'running') THEN ended_at ELSE coalesce(ended_at, NEW.stepped_at) END
  WHERE process_id = NEW.id;
  IF NEW.state = 'running' AND OLD.state <> 'running' THEN
    INSERT INTO battle_sides (user_id, battle_id)
    SELECT unnest(ARRAY[challenger_id, opponent_id]), process_id FROM battles WHERE process_id = NEW.id;
  ELSIF OLD.state = 'running' AND NEW.state <> 'running' THEN
    DELETE FROM battle_sides WHERE battle_id = NEW.id;
  END IF;
  RETURN NULL;
END $function$;

CREATE FUNCTION follow_challenge()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  UPDATE challenges SET
    status = NEW.state,
    ends_at = coalesce(NEW.deadline, ends_at),
    ended_at = CASE WHEN NEW.state = 'open' THEN NULL ELSE coalesce(ended_at, NEW.stepped_at) END,
    progress = coalesce((NEW.terms ->> 'progress')::bigint, progress)
  WHERE process_id = NEW.id;
  RETURN NULL;
END $function$;

CREATE FUNCTION follow_stream()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  UPDATE streams SET
    status = NEW.state,
    scheduled_at = CASE WHEN NEW.state = 'scheduled' THEN (NEW.terms ->> 'starts_at')::timestamptz ELSE scheduled_at END,
    started_at = CASE WHEN OLD.state = 'scheduled' AND NEW.state = 'live' THEN NEW.stepped_at ELSE started_at END,
    ended_at = CASE WHEN OLD.state = 'live' AND NEW.state = 'ended' THEN NEW.stepped_at ELSE ended_at END,
    silent_since = CASE WHEN NEW.state = 'live' THEN (NEW.terms ->> 'silent_since')::timestamptz END
  WHERE process_id = NEW.id;
  IF OLD.state = 'scheduled' AND NEW.state = 'live' THEN
    INSERT INTO stream_tellings (stream_id, what) VALUES (NEW.id, 'started');
  ELSIF NEW.state = 'ended' THEN
    UPDATE stream_plays SET ended_at = greatest(began_at, NEW.stepped_at) WHERE stream_id = NEW.id AND ended_at IS NULL;
  END IF;
  RETURN NULL;
END $function$;

CREATE FUNCTION follow_subscription()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  UPDATE subscriptions SET
    status = NEW.state,
    opens = NEW.state IN ('active', 'due', 'past_due', 'ending'),
    months = (NEW.terms ->> 'months')::integer,
    paid_until = (NEW.terms ->> 'paid_until')::timestamptz
  WHERE process_id = NEW.id;
  -- A month more is paid for: by the transfer in this transaction, or by the promise of an order that was paid.
  IF (NEW.terms ->> 'months')::integer > (OLD.terms ->> 'months')::integer THEN
    INSERT INTO subscription_charges (subscription_id, month, price, share, payer_id, at)
    SELECT NEW.id, (NEW.terms ->> 'months')::integer, price, price * (NEW.terms ->> 'share_bps')::bigint / 10000,
      subscriber_id, NEW.stepped_at
    FROM subscriptions CROSS JOIN (SELECT (NEW.terms ->> 'price')::bigint AS price) AS paid WHERE process_id = NEW.id;
  END IF;
  RETURN NULL;
END $function$;

CREATE FUNCTION follow_ticket_event()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  UPDATE ticket_events SET
    status = NEW.state, sold = (NEW.terms ->> 'sold')::integer, starts_at = (NEW.terms ->> 'starts_at')::timestamptz
  WHERE process_id = NEW.id;
  RETURN NULL;
END $function$;

CREATE FUNCTION give_gifts(p_at text, p_ids uuid[], p_codes text[], p_quantities integer[], p_tokens bigint[], p_shares bigint[], p_from uuid[], p_streams uuid[], p_creators uuid[], p_messages text[], p_combos uuid[], p_counts integer[], p_before uuid[], p_triggers text[], p_cooldowns integer[], p_told text[], p_keyed integer[], p_paths text[], p_keys text[], p_bodies bytea[], p_heads text[], p_tails text[], p_boards text[], p_scored uuid[], p_scores bigint[], p_sent text, p_received text, p_badges text[], p_begins bigint[], p_names text[], p_traceparent text, p_accounts text[], p_kinds text[], p_assets text[], p_owners uuid[], p_transfers text[], p_reasons text[], p_hashes bytea[], p_occurred_at timestamp with time zone[], p_more jsonb, p_of integer[], p_places integer[], p_amounts bigint[])
 RETURNS TABLE(balances text, did text, scores text, heard text)
 LANGUAGE plpgsql
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
DECLARE
  v_now CONSTANT timestamptz := p_at;
  v_did boolean[] := array_fill(false, ARRAY[cardinality(p_ids)]);
  v_place integer;
  v_lifted uuid[];
  v_lifts text[];
  v_lift_counts integer[];
  v_users uuid[];
  v_many integer[];
  v_events text[];
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('giver_' || giver.user_id, 0))
  FROM (SELECT asked.user_id FROM unnest(p_from) AS asked (user_id) ORDER BY asked.user_id) AS giver;
  -- A statement of its own, which sees what was committed before the locks.
  IF EXISTS (
    SELECT FROM unnest(p_from, p_before) AS asked (user_id, before)
    WHERE asked.before IS DISTINCT FROM (
      SELECT id FROM gift_events WHERE from_user_id = asked.user_id AND created_at > v_now - interval '1 minute'
      ORDER BY created_at DESC, id DESC LIMIT 1
    )
  ) THEN
    RAISE EXCEPTION 'somebody has given meanwhile' USING ERRCODE = 'TD020';
  END IF;

  FOR v_place IN
    SELECT asked.place FROM unnest(p_streams, p_codes, p_triggers) WITH ORDINALITY AS asked (stream_id, code, trigger, place)
    WHERE asked.trigger IS NOT NULL ORDER BY asked.stream_id, asked.code, asked.place
  LOOP
    INSERT INTO gift_cooldowns AS kept (stream_id, code, until)
    VALUES (p_streams[v_place], p_codes[v_place], v_now + p_cooldowns[v_place] * interval '1 s')
    ON CONFLICT (stream_id, code) DO UPDATE SET until = excluded.until WHERE kept.until <= v_now;
    v_did[v_place] := FOUND;
  END LOOP;

  INSERT INTO gift_events (id, code, quantity, tokens, share, from_user_id, stream_id, to_creator_id, message, combo_id,
    combo_count, triggered, created_at)
  SELECT given.id, given.code, given.quantity, given.tokens, given.share, given.user_id, given.stream_id, given.creator_id,
    given.message, given.combo_id, given.combo_count, CASE WHEN given.did THEN given.trigger::jsonb END, v_now
  FROM unnest(p_ids, p_codes, p_quantities, p_tokens, p_shares, p_from, p_streams, p_creators, p_messages, p_combos,
    p_counts, p_triggers, v_did) AS given (id, code, quantity, tokens, share, user_id, stream_id, creator_id, message,
    combo_id, combo_count, trigger, did);

  -- What those are told who reached a level or were awarded a badge.
  WITH gain AS MATERIALIZED (
    SELECT given.user_id, 'gift_sent' AS action, given.id::text AS about, given.tokens, p_sent AS first
    FROM unnest(p_ids, p_from, p_tokens) AS given (id, user_id, tokens)
    UNION ALL
    SELECT given.user_id, 'gift_received', given.id::text, given.tokens, p_received
    FROM unnest(p_ids, p_creators, p_tokens) AS given (id, user_id, tokens) WHERE given.user_id IS NOT NULL
  ), column_of AS MATERIALIZED (
    SELECT array_agg(user_id) AS users, array_agg(action) AS actions, array_agg(about) AS abouts, array_agg(tokens) AS many,
      array_agg(first) AS firsts
    FROM gain
  ), lifted AS MATERIALIZED (
    SELECT gained.person, xp_level(gained.has) AS level, xp_level(gained.had) AS before, gained.has, gained.awarded
    FROM column_of, grant_xp(users, actions, abouts, many, firsts, true, v_now, p_badges, p_begins) AS gained
  ), told AS MATERIALIZED (
    SELECT lifted.person, CASE WHEN lifted.level > lifted.before THEN 1 ELSE 0 END + cardinality(lifted.awarded) AS many,
      concat_ws(',', CASE WHEN lifted.level > lifted.before THEN
        '{"name":"level_up","data":{"userId":"' || lifted.person::text || '","level":' || lifted.level::text || ',"xp":'
        || lifted.has::text || '}}' END,
      (SELECT string_agg('{"name":"badge_awarded","data":{"userId":"' || lifted.person::text || '","code":"' || badge.code
        || '","name":' || badge.name || ',"awarded_at":"' || p_at || '"}}', ',' ORDER BY badge.place)
      FROM unnest(p_badges, p_names) WITH ORDINALITY AS badge (code, name, place)
      WHERE badge.code = ANY (lifted.awarded))) AS events
    FROM lifted
  )
  SELECT array_agg(told.person), array_agg(told.many), array_agg(told.events) INTO v_lifted, v_lift_counts, v_lifts
  FROM told WHERE told.many > 0;

  SELECT json_agg(json_build_object('board', counted.board, 'user_id', counted.user_id, 'score', counted.score, 'reached_at',
    counted.reached_at, 'version', counted.version)) INTO scores
  FROM score_on_boards(p_boards, p_scored, p_scores, v_now) AS counted;

  PERFORM ledger_transfer_columns(p_accounts, p_kinds, p_assets, p_owners, p_transfers, p_reasons, p_hashes, p_occurred_at,
    p_more, p_of, p_places, p_amounts);

  -- What each wallet held after each gift, reckoned back from what it holds now.
  WITH leg AS MATERIALIZED (
    SELECT given.user_id, given.other_id, given.place, -given.tokens AS amount, given.id, NULL AS received
    FROM unnest(p_ids, p_from, p_creators, p_tokens) WITH ORDINALITY AS given (id, user_id, other_id, tokens, place)
    UNION ALL
    SELECT given.user_id, given.other_id, given.place, given.share, given.id,
      ',{"name":"gift:received","data":' || left(given.told, -1) || ',"share":' || given.share::text || '}}'
    FROM unnest(p_ids, p_creators, p_from, p_shares, p_told) WITH ORDINALITY
      AS given (id, user_id, other_id, share, told, place)
    WHERE given.user_id IS NOT NULL
  ), wallet AS MATERIALIZED (
    -- One by one, each by index: joined, a plan that was made while there were few would look through all accounts.
    SELECT person.user_id,
      coalesce((SELECT balance FROM ledger_accounts
        WHERE code = 'wallet/' || person.user_id::text AND asset = 'TOKEN'), 0) AS has,
      coalesce((SELECT balance FROM ledger_accounts
        WHERE code = 'hold/' || person.user_id::text AND asset = 'TOKEN'), 0) AS held
    FROM (SELECT DISTINCT leg.user_id FROM leg) AS person
  ), stood AS MATERIALIZED (
    SELECT leg.*, wallet.held, wallet.has - (coalesce(sum(leg.amount) OVER (
        PARTITION BY leg.user_id ORDER BY leg.place DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ), 0))::bigint AS has
    FROM leg JOIN wallet ON wallet.user_id = leg.user_id
  ), answered AS (
    INSERT INTO answers (account_id, path, key, body_hash, status, answer)
    SELECT stood.user_id, keyed.path, keyed.key, keyed.body, 201, (keyed.head || stood.has::text || keyed.tail)::json
    FROM unnest(p_keyed, p_paths, p_keys, p_bodies, p_heads, p_tails) AS keyed (place, path, key, body, head, tail)
    JOIN stood ON stood.place = keyed.place AND stood.received IS NULL
  ), said AS (
    SELECT stood.user_id, CASE WHEN stood.received IS NULL THEN 2 ELSE 3 END AS many, stood.place,
      '{"name":"balance_update","data":{"userId":"' || stood.user_id::text || '","balance":{"asset":"TOKEN","available":"'
      || stood.has::text || '","held":"' || stood.held::text || '","total":"' || (stood.has + stood.held)::text
      || '"}}},{"name":"transaction_complete","data":{"transactionId":"gift_' || stood.id::text
      || '","details":{"kind":"gift_sent","asset":"TOKEN","amount":"' || stood.amount::text || '","balance_after":"'
      || stood.has::text || '","counterparty_id":' || coalesce('"' || stood.other_id::text || '"', 'null')
      || ',"memo":null,"occurred_at":"' || p_at || '"}}}' || coalesce(stood.received, '') AS events
    FROM stood
    UNION ALL
    SELECT lift.user_id, lift.many, cardinality(p_ids) + 1, lift.events
    FROM unnest(v_lifted, v_lift_counts, v_lifts) AS lift (user_id, many, events)
  ), told AS MATERIALIZED (
    SELECT said.user_id, sum(said.many)::integer AS many, '[' || string_agg(said.events, ',' ORDER BY said.place) || ']' AS events
    FROM said GROUP BY said.user_id ORDER BY said.user_id
  ), column_of AS (
    SELECT array_agg(told.user_id) AS users, array_agg(told.many) AS many, array_agg(told.events) AS events FROM told
  )
  SELECT users, many, events,
    (SELECT json_agg(stood.has::text ORDER BY stood.place) FROM stood WHERE stood.received IS NULL)
  INTO v_users, v_many, v_events, balances FROM column_of;

  SELECT '[' || string_agg('["' || told.hearer::text || '",' || told.first::text || ',' || to_json(told.at) || ','
    || v_events[array_position(v_users, told.hearer)] || ']', ',') || ']'
  INTO heard FROM announce_together(v_users, v_many, v_events, p_traceparent) AS told;
  did := to_json(v_did);
  RETURN NEXT;
END $function$;

CREATE FUNCTION grant_xp(p_users uuid[], p_actions text[], p_abouts text[], p_many bigint[], p_firsts text[], p_new boolean, p_now timestamp with time zone, p_badges text[], p_begins bigint[])
 RETURNS TABLE(person uuid, had bigint, has bigint, awarded text[])
 LANGUAGE plpgsql
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
DECLARE
  v_people uuid[];
  v_user uuid;
BEGIN
  -- Most of what is written in a chat is in a minute that was granted: nobody's row is locked for that.
  v_people := ARRAY(
    WITH rule AS MATERIALIZED (
      SELECT DISTINCT ON (xp_rules.action) xp_rules.action, enabled FROM xp_rules
      WHERE xp_rules.action = ANY (p_actions) AND effective_from <= p_now ORDER BY xp_rules.action, version DESC
    )
    SELECT DISTINCT gain.user_id
    FROM unnest(p_users, p_actions, p_abouts) AS gain (user_id, action, about)
    JOIN rule ON rule.action = gain.action AND rule.enabled
    WHERE p_new OR NOT EXISTS (
      SELECT FROM xp_grants AS earlier
      WHERE earlier.user_id = gain.user_id AND earlier.action = gain.action AND earlier.about = gain.about
    )
    ORDER BY 1
  );
  IF cardinality(v_people) = 0 THEN
    RETURN;
  END IF;
  IF cardinality(v_people) > (SELECT count(*) FROM xp_people WHERE user_id = ANY (v_people)) THEN
    -- Made and locked one after the other, in the order of their ids.
    FOREACH v_user IN ARRAY v_people LOOP
      INSERT INTO xp_people AS known (user_id, xp) VALUES (v_user, 0)
      ON CONFLICT (user_id) DO UPDATE SET xp = known.xp;
    END LOOP;
  ELSE
    PERFORM FROM xp_people WHERE user_id = ANY (v_people) ORDER BY user_id FOR NO KEY UPDATE;
  END IF;

  -- Looked at once more: what may have changed while somebody was waited for. The day's cap is of all of a person's gains
  -- by one rule, one after the other.
  RETURN QUERY
  WITH rule AS MATERIALIZED (
    SELECT DISTINCT ON (xp_rules.action) xp_rules.action, version, points, daily_cap, enabled FROM xp_rules
    WHERE xp_rules.action = ANY (p_actions) AND effective_from <= p_now ORDER BY xp_rules.action, version DESC
  ), gain AS MATERIALIZED (
    SELECT DISTINCT ON (asked.user_id, asked.action, asked.about) asked.user_id, asked.action, asked.about, asked.first,
      asked.place, rule.version, rule.points * asked.many AS wanted, rule.daily_cap
    FROM unnest(p_users, p_actions, p_abouts, p_many, p_firsts) WITH ORDINALITY
      AS asked (user_id, action, about, many, first, place)
    JOIN rule ON rule.action = asked.action AND rule.enabled
    WHERE p_new OR NOT EXISTS (
      SELECT FROM xp_grants AS earlier
      WHERE earlier.user_id = asked.user_id AND earlier.action = asked.action AND earlier.about = asked.about
    )
    ORDER BY asked.user_id, asked.action, asked.about, asked.place
  ), granted AS MATERIALIZED (
    SELECT gain.user_id, gain.action, gain.about, gain.first, gain.version,
      CASE WHEN gain.daily_cap IS NULL THEN gain.wanted ELSE LEAST(gain.wanted, GREATEST(0, gain.daily_cap - today.points
        - ((sum(gain.wanted) OVER (PARTITION BY gain.user_id, gain.action ORDER BY gain.place))::bigint - gain.wanted)))
      END AS points
    FROM gain
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(earlier.points), 0)::bigint AS points FROM xp_grants AS earlier
      WHERE gain.daily_cap IS NOT NULL AND earlier.user_id = gain.user_id AND earlier.action = gain.action
        AND earlier.at >= date_trunc('day', p_now, 'UTC')
    ) AS today
  ), written AS (
    INSERT INTO xp_grants (user_id, action, about, version, points, at)
    SELECT granted.user_id, granted.action, granted.about, granted.version, granted.points, p_now FROM granted
  ), raised AS (
    UPDATE xp_people SET xp = xp + gained.points
    FROM (SELECT granted.user_id, sum(granted.points)::bigint AS points FROM granted GROUP BY granted.user_id) AS gained
    WHERE xp_people.user_id = gained.user_id
    RETURNING xp_people.user_id, xp - gained.points AS before, xp AS after
  ), badge AS (
    INSERT INTO xp_badges (user_id, code, awarded_at)
    SELECT due.user_id, due.code, p_now FROM (
      SELECT granted.user_id, granted.first AS code FROM granted WHERE granted.first IS NOT NULL
      UNION
      SELECT raised.user_id, rank.code FROM raised
      JOIN unnest(p_badges, p_begins) AS rank (code, begins) ON raised.after >= rank.begins
    ) AS due
    WHERE NOT EXISTS (SELECT FROM xp_badges AS own WHERE own.user_id = due.user_id AND own.code = due.code)
    ON CONFLICT DO NOTHING
    RETURNING user_id, code
  )
  SELECT raised.user_id, raised.before, raised.after, ARRAY(SELECT badge.code FROM badge WHERE badge.user_id = raised.user_id)
  FROM raised;
END $function$;

CREATE FUNCTION in_its_stream(p_battle battles)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  SELECT p_battle.stream_id IS NULL
    OR EXISTS (SELECT FROM streams WHERE process_id = p_battle.stream_id AND status = 'live')
$function$;

CREATE FUNCTION ledger_add_lot(p_account_id bigint, p_kind text, p_hold text, p_available_at timestamp with time zone, p_expires_at timestamp with time zone, p_amount bigint)
 RETURNS void
 LANGUAGE sql
AS $function$
  INSERT INTO ledger_lots AS lot (account_id, hold, available_at, expires_at, amount)
  VALUES (p_account_id, CASE WHEN p_kind = 'hold' THEN p_hold END, p_available_at, p_expires_at, p_amount)
  ON CONFLICT ON CONSTRAINT ledger_lots_one_of_its_kind DO UPDATE SET amount = lot.amount + EXCLUDED.amount
$function$;

CREATE FUNCTION ledger_chain_link(p_chain bytea, p_before bytea, p_input bytea, p_version bigint, p_amount bigint, p_balance bigint, p_at timestamp with time zone)
 RETURNS bytea
 LANGUAGE plpgsql
 STABLE
AS $function$
BEGIN
  RETURN sha256(coalesce(p_chain, p_before) || p_input || int8send(p_version) || int8send(p_amount)
    || int8send(p_balance) || timestamptz_send(p_at));
END $function$;

CREATE FUNCTION ledger_entry_hash(p_before bytea, p_input bytea, p_version bigint, p_amount bigint, p_balance bigint, p_at timestamp with time zone)
 RETURNS bytea
 LANGUAGE sql
 STABLE
AS $function$
  SELECT sha256(p_before || p_input || int8send(p_version) || int8send(p_amount) || int8send(p_balance)
    || timestamptz_send(p_at))
$function$;

CREATE FUNCTION ledger_input_hash(p_key text, p_reason text, p_conversation_id uuid, p_codes text[], p_kinds text[], p_assets text[], p_amounts bigint[], p_more jsonb)
 RETURNS bytea
 LANGUAGE sql
 STABLE
AS $function$
  SELECT sha256(convert_to(concat_ws('|', p_key, p_reason, p_conversation_id, p_codes, p_kinds, p_assets, p_amounts,
    p_more), 'UTF8'))
$function$;

CREATE FUNCTION ledger_keeps_lots(p_kind text, p_asset text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT p_asset IN ('LYK', 'CREDIT') AND p_kind IN ('wallet', 'hold')
$function$;

CREATE FUNCTION ledger_lock(p_transfers jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
DECLARE
  v_codes text[];
  v_kinds text[];
  v_assets text[];
  v_owners uuid[];
BEGIN
  SELECT array_agg(code), array_agg(kind), array_agg(asset), array_agg(owner_id)
  INTO v_codes, v_kinds, v_assets, v_owners
  FROM (
    SELECT DISTINCT ON (code COLLATE "C", asset COLLATE "C") code, kind, asset, owner_id
    FROM jsonb_array_elements(p_transfers) AS transfer,
      jsonb_to_recordset(transfer -> 'legs') AS leg (code text, kind text, asset text, owner_id uuid)
    ORDER BY code COLLATE "C", asset COLLATE "C"
  ) AS named;
  PERFORM ledger_open_missing(v_codes, v_kinds, v_assets, v_owners);
  PERFORM FROM unnest(v_codes, v_assets) AS named (code, asset)
  JOIN ledger_accounts AS account ON account.code = named.code AND account.asset = named.asset
  ORDER BY account.code, account.asset
  FOR NO KEY UPDATE OF account;
END $function$;

CREATE FUNCTION ledger_looked_through()
 RETURNS bigint
 LANGUAGE sql
 STABLE
AS $function$
  SELECT CASE WHEN current_setting('tandem.whole_books', true) = 'on' THEN 0
    ELSE coalesce((SELECT transfer_id FROM ledger_watermark), 0) END
$function$;

CREATE FUNCTION ledger_move_lots(p_key text, p_at timestamp with time zone, p_codes text[], p_kinds text[], p_assets text[], p_amounts bigint[], p_more jsonb)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_sweep CONSTANT boolean := coalesce((p_more ->> 'expired')::boolean, false);
  v_hold CONSTANT text := p_more ->> 'hold';
  v_account_id bigint;
  v_left bigint;
  v_taken bigint;
  v_lot record;
  v_rule record;
  v_assets text[] := '{}';
  v_parts bigint[] := '{}';
  v_ends timestamptz[] := '{}';
BEGIN
  FOR i IN 1 .. cardinality(p_codes) LOOP
    CONTINUE WHEN p_amounts[i] > 0 OR NOT ledger_keeps_lots(p_kinds[i], p_assets[i]);
    SELECT id INTO v_account_id FROM ledger_accounts WHERE code = p_codes[i] AND asset = p_assets[i];
    v_left := -p_amounts[i];
    FOR v_lot IN
      SELECT id, amount, expires_at FROM ledger_lots
      WHERE account_id = v_account_id AND CASE
        WHEN p_kinds[i] = 'hold' THEN v_hold IS NULL OR hold = v_hold
        WHEN v_sweep THEN expires_at <= p_at
        ELSE (available_at IS NULL OR available_at <= p_at) AND (expires_at IS NULL OR expires_at > p_at) END
      ORDER BY expires_at NULLS LAST, id
    LOOP
      v_taken := LEAST(v_left, v_lot.amount);
      IF v_taken = v_lot.amount THEN
        DELETE FROM ledger_lots WHERE id = v_lot.id;
      ELSE
        UPDATE ledger_lots SET amount = amount - v_taken WHERE id = v_lot.id;
      END IF;
      v_assets := v_assets || p_assets[i];
      v_parts := v_parts || v_taken;
      v_ends := v_ends || v_lot.expires_at;
      v_left := v_left - v_taken;
      EXIT WHEN v_left = 0;
    END LOOP;
    IF v_left > 0 THEN
      RAISE EXCEPTION 'what % could take from % now is % too little', p_key, p_codes[i], v_left
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_accounts_not_negative';
    END IF;
  END LOOP;

  FOR i IN 1 .. cardinality(p_codes) LOOP
    CONTINUE WHEN p_amounts[i] < 0 OR NOT ledger_keeps_lots(p_kinds[i], p_assets[i]);
    SELECT id INTO v_account_id FROM ledger_accounts WHERE code = p_codes[i] AND asset = p_assets[i];
    v_left := p_amounts[i];
    FOR part IN 1 .. cardinality(v_parts) LOOP
      CONTINUE WHEN v_assets[part] <> p_assets[i] OR v_parts[part] = 0;
      v_taken := LEAST(v_left, v_parts[part]);
      v_parts[part] := v_parts[part] - v_taken;
      v_left := v_left - v_taken;
      PERFORM ledger_add_lot(v_account_id, p_kinds[i], v_hold, NULL, v_ends[part], v_taken);
      EXIT WHEN v_left = 0;
    END LOOP;
    IF v_left > 0 THEN
      SELECT p_at + locked AS available_at,
        date_trunc('day', p_at + lifetime, 'UTC') + interval '1 day' AS expires_at
      INTO STRICT v_rule FROM ledger_assets WHERE asset = p_assets[i];
      PERFORM ledger_add_lot(v_account_id, p_kinds[i], v_hold,
        coalesce((p_more ->> 'available_at')::timestamptz, v_rule.available_at),
        coalesce((p_more ->> 'expires_at')::timestamptz, v_rule.expires_at), v_left);
    END IF;
  END LOOP;
END $function$;

CREATE FUNCTION ledger_open(p_codes text[], p_kinds text[], p_assets text[], p_owners uuid[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO ledger_accounts (code, kind, asset, owner_id, overdraft)
  SELECT DISTINCT ON (leg.code, leg.asset) leg.code, leg.kind, leg.asset, leg.owner_id, coalesce(known.overdraft, false)
  FROM unnest(p_codes, p_kinds, p_assets, p_owners) AS leg (code, kind, asset, owner_id)
  LEFT JOIN ledger_account_kinds AS known ON known.kind = leg.kind
  WHERE NOT EXISTS (SELECT FROM ledger_accounts AS account WHERE account.code = leg.code AND account.asset = leg.asset)
  ORDER BY leg.code, leg.asset
  ON CONFLICT (code, asset) DO NOTHING;
END $function$;

CREATE FUNCTION ledger_open_missing(p_codes text[], p_kinds text[], p_assets text[], p_owners uuid[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF cardinality(p_codes) > (
    SELECT count(*) FROM unnest(p_codes, p_assets) AS named (code, asset)
    JOIN ledger_accounts AS account ON account.code = named.code AND account.asset = named.asset
  ) THEN
    PERFORM ledger_open(p_codes, p_kinds, p_assets, p_owners);
  END IF;
END $function$;

CREATE FUNCTION ledger_transfer(p_key text, p_reason text, p_conversation_id uuid, p_occurred_at timestamp with time zone, p_codes text[], p_kinds text[], p_assets text[], p_owners uuid[], p_amounts bigint[], p_more jsonb DEFAULT NULL::jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_many CONSTANT integer := cardinality(p_codes);
  v_hash CONSTANT bytea := ledger_input_hash(p_key, p_reason, p_conversation_id, p_codes, p_kinds, p_assets, p_amounts,
    p_more);
  v_at CONSTANT timestamptz := date_trunc('milliseconds', clock_timestamp());
  v_transfer_id bigint;
  v_known bytea;
  v_lots boolean := false;
  v_moved integer;
BEGIN
  INSERT INTO ledger_transfers (key, input_hash, reason, conversation_id, more, occurred_at, recorded_at)
  VALUES (p_key, v_hash, p_reason, p_conversation_id, p_more, p_occurred_at, v_at)
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

  IF v_many < 2 OR (CASE v_many
    WHEN 2 THEN p_assets[1] <> p_assets[2] OR p_amounts[1] <> -p_amounts[2]
    ELSE EXISTS (
      SELECT FROM unnest(p_assets, p_amounts) AS leg (asset, amount) GROUP BY asset HAVING sum(amount) <> 0
    ) END)
  THEN
    RAISE EXCEPTION 'legs of % do not balance', p_key
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfers_balance';
  END IF;
  IF p_more ? 'corrects' AND NOT EXISTS (SELECT FROM ledger_transfers WHERE key = p_more ->> 'corrects') THEN
    RAISE EXCEPTION '% corrects a transfer that is not there', p_key
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_transfers_correct_one';
  END IF;

  FOR i IN 1 .. v_many LOOP
    IF i > 1 AND (p_codes[i] COLLATE "C", p_assets[i] COLLATE "C") <= (p_codes[i - 1], p_assets[i - 1]) THEN
      RAISE EXCEPTION 'legs of % are not in the order of their accounts', p_key
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfers_in_order';
    END IF;
    v_lots := v_lots OR ledger_keeps_lots(p_kinds[i], p_assets[i]);
    FOR turn IN 1 .. 2 LOOP
      WITH moved AS (
        UPDATE ledger_accounts SET balance = balance + p_amounts[i], version = version + 1,
          moved_at = GREATEST(moved_at, v_at),
          hash = ledger_entry_hash(hash, v_hash, version + 1, p_amounts[i], balance + p_amounts[i],
            GREATEST(moved_at, v_at))
        WHERE code = p_codes[i] AND asset = p_assets[i] AND kind = p_kinds[i]
        RETURNING id, balance, version, moved_at, hash
      )
      INSERT INTO ledger_entries (account_id, account_version, transfer_id, amount, balance_after, recorded_at, hash)
      SELECT moved.id, moved.version, v_transfer_id, p_amounts[i], moved.balance, moved.moved_at, moved.hash FROM moved;
      GET DIAGNOSTICS v_moved = ROW_COUNT;
      EXIT WHEN v_moved = 1;
      IF turn = 2 THEN
        RAISE EXCEPTION 'account % is of another kind', p_codes[i]
          USING ERRCODE = 'unique_violation', CONSTRAINT = 'ledger_transfers_same_input';
      END IF;
      PERFORM ledger_open(p_codes[i : i], p_kinds[i : i], p_assets[i : i], p_owners[i : i]);
    END LOOP;
  END LOOP;

  IF v_lots THEN
    PERFORM ledger_move_lots(p_key, p_occurred_at, p_codes, p_kinds, p_assets, p_amounts, p_more);
  END IF;
  RETURN true;
END $function$;

CREATE FUNCTION ledger_transfer_all(p_transfers jsonb)
 RETURNS boolean[]
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_transfer jsonb;
  v_moved boolean[] := '{}';
BEGIN
  PERFORM ledger_lock(p_transfers);
  FOR v_transfer IN SELECT jsonb_array_elements(p_transfers) LOOP
    v_moved := v_moved || ledger_transfer_one(v_transfer);
  END LOOP;
  RETURN v_moved;
END $function$;

CREATE FUNCTION ledger_transfer_columns(p_codes text[], p_kinds text[], p_assets text[], p_owners uuid[], p_keys text[], p_reasons text[], p_hashes bytea[], p_occurred_at timestamp with time zone[], p_more jsonb, p_of integer[], p_places integer[], p_amounts bigint[])
 RETURNS void
 LANGUAGE plpgsql
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
DECLARE
  v_at timestamptz;
  v_new CONSTANT bigint[] := ARRAY(
    SELECT nextval('ledger_transfers_id_seq') FROM generate_series(1, cardinality(p_keys))
  );
  v_ids bigint[];
  v_versions bigint[];
  v_balances bigint[];
  v_times timestamptz[];
  v_hashes bytea[];
  v_overdrafts boolean[];
  v_plain boolean;
  v_twice boolean;
BEGIN
  PERFORM ledger_open_missing(p_codes, p_kinds, p_assets, p_owners);
  SELECT array_agg(id), array_agg(version), array_agg(balance), array_agg(moved_at), array_agg(hash), array_agg(overdraft),
    bool_and(kind = named_kind AND NOT ledger_keeps_lots(kind, asset) AND place = locked_place)
  INTO v_ids, v_versions, v_balances, v_times, v_hashes, v_overdrafts, v_plain
  FROM (
    SELECT locked.*, row_number() OVER () AS locked_place FROM (
      SELECT account.*, named.kind AS named_kind, named.place
      FROM unnest(p_codes, p_kinds, p_assets) WITH ORDINALITY AS named (code, kind, asset, place)
      JOIN ledger_accounts AS account ON account.code = named.code AND account.asset = named.asset
      ORDER BY account.code, account.asset
      FOR NO KEY UPDATE OF account
    ) AS locked
  ) AS account;
  IF v_plain IS NOT TRUE OR cardinality(v_ids) <> cardinality(p_codes) THEN
    RAISE EXCEPTION 'accounts are not in the order of their names, of another kind, or keep lots'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfers_in_order';
  END IF;
  IF EXISTS (
    SELECT FROM unnest(p_of, p_places, p_amounts) AS leg (transfer, place, amount)
    GROUP BY leg.transfer, p_assets[leg.place] HAVING sum(leg.amount) <> 0 OR p_keys[leg.transfer] IS NULL
  ) THEN
    RAISE EXCEPTION 'legs of a batch do not balance'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfers_balance';
  END IF;

  v_at := date_trunc('milliseconds', clock_timestamp());
  WITH entry AS MATERIALIZED (
    SELECT leg.transfer, leg.place, leg.amount, v_versions[leg.place] + row_number() OVER of_account AS version,
      v_balances[leg.place] + (sum(leg.amount) OVER of_account)::bigint AS balance,
      GREATEST(v_times[leg.place], v_at) AS at
    FROM unnest(p_of, p_places, p_amounts) AS leg (transfer, place, amount)
    WINDOW of_account AS (PARTITION BY leg.place ORDER BY leg.transfer ROWS UNBOUNDED PRECEDING)
  ), linked AS MATERIALIZED (
    SELECT entry.*, ledger_chain(v_hashes[place], p_hashes[transfer], version, amount, balance, at) OVER of_account AS hash,
      transfer = lag(transfer) OVER of_account AS twice
    FROM entry
    WINDOW of_account AS (PARTITION BY place ORDER BY version)
  ), made AS (
    INSERT INTO ledger_transfers (id, key, input_hash, reason, more, occurred_at, recorded_at)
    OVERRIDING SYSTEM VALUE
    SELECT v_new[place], key, hash, reason, p_more, occurred_at, v_at
    FROM unnest(p_keys, p_reasons, p_hashes, p_occurred_at) WITH ORDINALITY
      AS transfer (key, reason, hash, occurred_at, place)
  ), written AS (
    INSERT INTO ledger_entries (account_id, account_version, transfer_id, amount, balance_after, recorded_at, hash)
    SELECT v_ids[place], version, v_new[transfer], amount, balance, at, hash FROM linked
  ), moved AS (
    UPDATE ledger_accounts AS account SET balance = last.balance, version = last.version, moved_at = last.at,
      hash = last.hash
    FROM (SELECT DISTINCT ON (place) * FROM linked ORDER BY place, version DESC) AS last
    WHERE account.id = v_ids[last.place]
  )
  SELECT bool_and(balance >= 0 OR v_overdrafts[place]), bool_or(twice) INTO v_plain, v_twice FROM linked;
  IF v_twice THEN
    RAISE EXCEPTION 'an account is twice in one transfer'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfers_in_order';
  END IF;
  IF v_plain IS NOT TRUE THEN
    RAISE EXCEPTION 'an account would be overdrawn on the way: constraint "ledger_accounts_not_negative"'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_accounts_not_negative', TABLE = 'ledger_accounts';
  END IF;
END $function$;

CREATE FUNCTION ledger_transfer_each(p_transfers jsonb)
 RETURNS TABLE(outcome text, message text)
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_transfer jsonb;
BEGIN
  PERFORM ledger_lock(p_transfers);
  IF jsonb_array_length(p_transfers) > 1 AND ledger_transfer_together(p_transfers) THEN
    RETURN QUERY SELECT 'moved', NULL FROM generate_series(1, jsonb_array_length(p_transfers));
    RETURN;
  END IF;
  FOR v_transfer IN SELECT jsonb_array_elements(p_transfers) LOOP
    BEGIN
      message := NULL;
      outcome := CASE WHEN ledger_transfer_one(v_transfer) THEN 'moved' ELSE 'repeated' END;
    EXCEPTION WHEN integrity_constraint_violation OR data_exception THEN
      GET STACKED DIAGNOSTICS outcome = CONSTRAINT_NAME, message = MESSAGE_TEXT;
    END;
    RETURN NEXT;
  END LOOP;
END $function$;

CREATE FUNCTION ledger_transfer_one(p_transfer jsonb)
 RETURNS boolean
 LANGUAGE sql
AS $function$
  SELECT ledger_transfer(p_transfer ->> 'key', p_transfer ->> 'reason', (p_transfer ->> 'conversation_id')::uuid,
    (p_transfer ->> 'occurred_at')::timestamptz, array_agg(code), array_agg(kind), array_agg(asset), array_agg(owner_id),
    array_agg(amount), nullif(p_transfer -> 'more', 'null'))
  FROM jsonb_to_recordset(p_transfer -> 'legs')
    AS leg (code text, kind text, asset text, owner_id uuid, amount bigint)
$function$;

CREATE FUNCTION ledger_transfer_together(p_transfers jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
DECLARE
  v_at CONSTANT timestamptz := date_trunc('milliseconds', clock_timestamp());
  v_plain boolean;
BEGIN
  WITH leg AS MATERIALIZED (
    SELECT place, transfer, code, kind, asset, amount, sum(amount) OVER (PARTITION BY place, asset) AS of_asset
    FROM jsonb_array_elements(p_transfers) WITH ORDINALITY AS element (transfer, place),
      jsonb_to_recordset(transfer -> 'legs') AS leg (code text, kind text, asset text, amount bigint)
  ), asked AS MATERIALIZED (
    SELECT place, nextval('ledger_transfers_id_seq') AS id, transfer ->> 'key' AS key, transfer ->> 'reason' AS reason,
      (transfer ->> 'conversation_id')::uuid AS conversation_id, (transfer ->> 'occurred_at')::timestamptz AS occurred_at,
      nullif(transfer -> 'more', 'null') AS more,
      ledger_input_hash(transfer ->> 'key', transfer ->> 'reason', (transfer ->> 'conversation_id')::uuid, codes, kinds,
        assets, amounts, nullif(transfer -> 'more', 'null')) AS input_hash,
      plain
    FROM (
      SELECT place, transfer, array_agg(code ORDER BY code COLLATE "C", asset COLLATE "C") AS codes,
        array_agg(kind ORDER BY code COLLATE "C", asset COLLATE "C") AS kinds,
        array_agg(asset ORDER BY code COLLATE "C", asset COLLATE "C") AS assets,
        array_agg(amount ORDER BY code COLLATE "C", asset COLLATE "C") AS amounts,
        count(*) > 1 AND bool_and(of_asset = 0) AND bool_and(amount <> 0) AND count(DISTINCT (code, asset)) = count(*)
          AND NOT bool_or(ledger_keeps_lots(kind, asset)) AS plain
      FROM leg GROUP BY place, transfer ORDER BY place
    ) AS gathered
  ), entry AS MATERIALIZED (
    SELECT account.id AS account_id, asked.id AS transfer_id, leg.amount, account.overdraft,
      account.kind = leg.kind AND asked.plain AND NOT coalesce(asked.more ? 'corrects', false) AS plain,
      account.version + row_number() OVER of_account AS version,
      account.balance + (sum(leg.amount) OVER of_account)::bigint AS balance,
      GREATEST(account.moved_at, v_at) AS at, account.hash AS before, asked.input_hash
    FROM asked JOIN leg ON leg.place = asked.place
    JOIN ledger_accounts AS account ON account.code = leg.code AND account.asset = leg.asset
    WINDOW of_account AS (PARTITION BY account.id ORDER BY asked.place)
  ), linked AS MATERIALIZED (
    SELECT entry.*, ledger_chain(before, input_hash, version, amount, balance, at) OVER (
      PARTITION BY account_id ORDER BY version
    ) AS hash
    FROM entry
  ), made AS (
    INSERT INTO ledger_transfers (id, key, input_hash, reason, conversation_id, more, occurred_at, recorded_at)
    OVERRIDING SYSTEM VALUE
    SELECT id, key, input_hash, reason, conversation_id, more, occurred_at, v_at FROM asked
  ), written AS (
    INSERT INTO ledger_entries (account_id, account_version, transfer_id, amount, balance_after, recorded_at, hash)
    SELECT account_id, version, transfer_id, amount, balance, at, hash FROM linked
  ), moved AS (
    UPDATE ledger_accounts AS account SET balance = last.balance, version = last.version, moved_at = last.at,
      hash = last.hash
    FROM (SELECT DISTINCT ON (account_id) * FROM linked ORDER BY account_id, version DESC) AS last
    WHERE account.id = last.account_id
  )
  SELECT bool_and(plain AND (overdraft OR balance >= 0)) AND count(*) = (SELECT count(*) FROM leg)
    AND (SELECT count(*) FROM asked) = jsonb_array_length(p_transfers)
  INTO v_plain FROM linked;
  IF v_plain IS NOT TRUE THEN
    RAISE EXCEPTION 'not so plain' USING ERRCODE = 'TD003';
  END IF;
  RETURN true;
EXCEPTION WHEN SQLSTATE 'TD003' OR integrity_constraint_violation OR data_exception THEN
  RETURN false;
END $function$;

CREATE FUNCTION ledger_version_at(p_account_id bigint, p_at timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE
AS $function$
DECLARE
  v_low bigint := 0;
  v_high bigint := (SELECT version FROM ledger_accounts WHERE id = p_account_id);
  v_middle bigint;
BEGIN
  WHILE v_low < v_high LOOP
    v_middle := (v_low + v_high + 1) / 2;
    IF (SELECT recorded_at FROM ledger_entries WHERE account_id = p_account_id AND account_version = v_middle) <= p_at THEN
      v_low := v_middle;
    ELSE
      v_high := v_middle - 1;
    END IF;
  END LOOP;
  RETURN v_low;
END $function$;

CREATE FUNCTION note_decision()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF NEW.closed_at IS NULL THEN
    INSERT INTO task_notes (task_id, kind, by_id, data, at) VALUES (NEW.id, 'opened_anew', NULL, NEW.details, NEW.opened_at);
  ELSE
    INSERT INTO task_notes (task_id, kind, by_id, data, at)
    VALUES (NEW.id, 'decision', NEW.decided_by, coalesce(NEW.decision, '{}'), NEW.closed_at);
  END IF;
  RETURN NULL;
END $function$;

CREATE FUNCTION note_dispute()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO dispute_news (dispute_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $function$;

CREATE FUNCTION note_payout()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO invoices_due (kind, process_id, at)
  VALUES (CASE NEW.status WHEN 'processed' THEN 'payout_fee' ELSE 'payout_fee_back' END, NEW.process_id, NEW.settled_at);
  RETURN NULL;
END $function$;

CREATE FUNCTION note_release()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO invoices_due (kind, process_id, at)
  SELECT kind, NEW.process_id, NEW.moved_at FROM unnest(ARRAY['deal', 'deal_fee']) AS due (kind);
  RETURN NULL;
END $function$;

CREATE FUNCTION payout_sources(p_process_id uuid)
 RETURNS TABLE(transfer_id bigint, amount bigint)
 LANGUAGE plpgsql
 STABLE
AS $function$
DECLARE
  opening record;
  credit record;
  newer bigint := 0;
  part bigint;
BEGIN
  SELECT entry.account_id, entry.account_version, -entry.amount AS gross, entry.balance_after - entry.amount AS before
  INTO opening
  FROM ledger_transfers AS transfer
  JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
  JOIN ledger_accounts AS account ON account.id = entry.account_id AND account.kind = 'wallet'
  WHERE transfer.key = 'opened_' || p_process_id;
  FOR credit IN
    SELECT entry.transfer_id, entry.amount FROM ledger_entries AS entry
    WHERE entry.account_id = opening.account_id AND entry.account_version < opening.account_version AND entry.amount > 0
    ORDER BY entry.account_version DESC
  LOOP
    EXIT WHEN newer >= opening.before;
    part := least(newer + credit.amount, opening.before) - greatest(newer, opening.before - opening.gross);
    newer := newer + credit.amount;
    CONTINUE WHEN part <= 0;
    transfer_id := credit.transfer_id;
    amount := part;
    RETURN NEXT;
  END LOOP;
END $function$;

CREATE FUNCTION poll_counts(poll uuid, many integer)
 RETURNS integer[]
 LANGUAGE sql
 STABLE
AS $function$
  SELECT array_agg(coalesce(cast_votes.many, 0) ORDER BY place)
  FROM generate_series(0, many - 1) AS place
  LEFT JOIN (SELECT option, count(*)::integer AS many FROM poll_votes WHERE poll_id = poll GROUP BY option) AS cast_votes
    ON cast_votes.option = place
$function$;

CREATE FUNCTION read_trading_commands(p_pair text, p_base text, p_quote text, p_limit integer, p_drawn bigint[])
 RETURNS TABLE(n bigint, id bigint, kind text, user_id uuid, order_id uuid, body json, base_free bigint, quote_free bigint, same_client_id uuid)
 LANGUAGE plpgsql
 STABLE
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
BEGIN
  RETURN QUERY
  SELECT (SELECT book.n FROM trading_books AS book WHERE book.pair_id = p_pair),
    command.id, command.kind, command.user_id, command.order_id, command.body,
    (SELECT balance FROM ledger_accounts WHERE code = 'wallet/' || command.user_id::text AND asset = p_base),
    (SELECT balance FROM ledger_accounts WHERE code = 'wallet/' || command.user_id::text AND asset = p_quote),
    (SELECT known.id FROM trading_orders AS known
      WHERE known.user_id = command.user_id AND known.client_order_id = command.body ->> 'clientOrderId')
  FROM trading_commands AS command
  WHERE command.pair_id = p_pair AND command.n IS NULL AND command.id <> ALL (p_drawn)
  ORDER BY command.id LIMIT p_limit;
END $function$;

CREATE FUNCTION refuse_asset()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF NOT EXISTS (SELECT FROM ledger_assets WHERE asset = NEW.asset)
    AND NOT (SELECT any_currency FROM ledger_account_kinds WHERE kind = NEW.kind) THEN
    RAISE EXCEPTION '% is no asset of ours', NEW.asset
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_accounts_asset_known', TABLE = 'ledger_accounts';
  END IF;
  RETURN NEW;
END $function$;

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
  -- The key before the row, as in `append_step`: the other way round the two would wait for each other.
  INSERT INTO answers (account_id, path, key, body_hash, status, answer)
  VALUES (p_account_id, p_path, p_key, p_body_hash, p_status, p_answer) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN 'repeated';
  END IF;
  SELECT version INTO STRICT v_version FROM processes WHERE id = p_id FOR NO KEY UPDATE;
  IF v_version <> p_version OR EXISTS (SELECT FROM inbox WHERE process_id = p_id AND booked_at IS NULL) THEN
    DELETE FROM answers WHERE account_id = p_account_id AND path = p_path AND key = p_key;
    RETURN 'conflict';
  END IF;
  RETURN 'written';
END $function$;

CREATE FUNCTION remind_followers()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  -- One that was put off after they were told is told again, for its other instant.
  INSERT INTO stream_tellings (stream_id, what) SELECT NEW.process_id, 'soon' FROM streams WHERE process_id = NEW.process_id
  ON CONFLICT (stream_id, what) DO UPDATE SET told_up_to = NULL, done_at = NULL;
  RETURN NULL;
END $function$;

CREATE FUNCTION retain_video(p_video_id uuid, p_from smallint, p_to smallint)
 RETURNS void
 LANGUAGE sql
AS $function$
  INSERT INTO video_retention AS kept (video_id, step, shard, viewers)
  SELECT p_video_id, step, shard, viewers
  FROM (VALUES (p_from, -1), (p_to, 1)) AS moved (step, viewers), (SELECT floor(random() * 8)::smallint AS shard) AS lot
  WHERE step IS NOT NULL ORDER BY step
  ON CONFLICT (video_id, step, shard) DO UPDATE SET viewers = kept.viewers + EXCLUDED.viewers
$function$;

CREATE FUNCTION score_on_boards(p_boards text[], p_users uuid[], p_tokens bigint[], p_now timestamp with time zone)
 RETURNS SETOF leaderboard_scores
 LANGUAGE plpgsql
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
BEGIN
  RETURN QUERY
  INSERT INTO leaderboard_scores AS kept (board, user_id, score, reached_at)
  SELECT scored.board, scored.user_id, scored.tokens, p_now
  FROM unnest(p_boards, p_users, p_tokens) AS scored (board, user_id, tokens)
  ON CONFLICT (board, user_id) DO UPDATE SET score = kept.score + excluded.score,
    reached_at = greatest(kept.reached_at, excluded.reached_at), version = kept.version + 1
  RETURNING kept.*;
END $function$;

CREATE FUNCTION speak_to_other(p_conversation_id uuid, p_id uuid, p_sender_id uuid, p_receiver_id uuid, p_message text, p_media_url text, p_content content_type, p_now timestamp with time zone, p_time text, p_unread text, p_sender_many integer, p_sender_events text, p_receiver_many integer, p_receiver_events text, p_traceparent text)
 RETURNS TABLE(place integer, spoken_at timestamp with time zone, unread integer, sender_seq bigint, sender_told_at timestamp with time zone, receiver_seq bigint, receiver_told_at timestamp with time zone)
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_time text;
BEGIN
  -- First, for the lock: nobody closes it while this is written.
  UPDATE conversations SET said = said + 1, updated_at = greatest(updated_at, p_now)
  WHERE id = p_conversation_id AND chat = 'real_time' AND influencer_id IS NOT NULL
  RETURNING said, updated_at INTO place, spoken_at;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  INSERT INTO messages (conversation_id, position, id, sender_id, receiver_id, message, media_url, message_type, content,
    created_at)
  VALUES (p_conversation_id, place, p_id, p_sender_id, p_receiver_id, p_message, p_media_url, 'user_input', p_content,
    spoken_at);
  -- A statement of its own, after the lock: what was said before is in it. As `unreadWith` counts between two.
  SELECT count(*) INTO unread FROM members JOIN messages USING (conversation_id)
  WHERE members.conversation_id = p_conversation_id AND members.user_id = p_receiver_id AND position > read_position
    AND sender_id <> p_receiver_id AND message_type <> 'audit'
    AND (receiver_id IS NULL OR receiver_id = p_receiver_id);
  v_time := to_char(spoken_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
  p_sender_events := replace(p_sender_events, p_time, v_time);
  p_receiver_events := replace(replace(p_receiver_events, p_time, v_time), p_unread, unread::text);
  -- Last, in the order of ids: the counters are locked until the commit.
  IF p_sender_id < p_receiver_id THEN
    PERFORM announce(p_sender_id, p_sender_many, p_sender_events, NULL, NULL, p_traceparent);
    PERFORM announce(p_receiver_id, p_receiver_many, p_receiver_events, NULL, NULL, p_traceparent);
  ELSE
    PERFORM announce(p_receiver_id, p_receiver_many, p_receiver_events, NULL, NULL, p_traceparent);
    PERFORM announce(p_sender_id, p_sender_many, p_sender_events, NULL, NULL, p_traceparent);
  END IF;
  SELECT last_seq, created_at INTO sender_seq, sender_told_at FROM outbox
  WHERE user_id = p_sender_id ORDER BY last_seq DESC LIMIT 1;
  SELECT last_seq, created_at INTO receiver_seq, receiver_told_at FROM outbox
  WHERE user_id = p_receiver_id ORDER BY last_seq DESC LIMIT 1;
  RETURN NEXT;
END $function$;

CREATE FUNCTION state_payout()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO payout_statements (process_id, kind, destination, currency, gross, fee, net, made_at)
  SELECT NEW.process_id, 'paid', label, NEW.currency, NEW.gross, NEW.fee, NEW.net, NEW.settled_at
  FROM payout_destinations WHERE id = NEW.destination_id;
  INSERT INTO payout_statement_lines
    (process_id, kind, n, what, reason, source_id, transfers, first_at, last_at, amount)
  SELECT NEW.process_id, 'paid', row_number() OVER (ORDER BY first_id), 'earned', reason, conversation_id, transfers,
    first_at, last_at, amount
  FROM (
    SELECT transfer.reason, transfer.conversation_id, min(transfer.id) AS first_id, count(*) AS transfers,
      min(transfer.occurred_at) AS first_at, max(transfer.occurred_at) AS last_at, sum(source.amount) AS amount
    FROM payout_sources(NEW.process_id) AS source JOIN ledger_transfers AS transfer ON transfer.id = source.transfer_id
    GROUP BY transfer.reason, transfer.conversation_id
  ) AS source
  UNION ALL
  SELECT NEW.process_id, 'paid', 0, 'fee', 'payout_fee', NEW.process_id, 1, NEW.settled_at, NEW.settled_at, -NEW.fee
  WHERE NEW.fee > 0;
  RETURN NULL;
END $function$;

CREATE FUNCTION state_payout_back()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO payout_statements (process_id, kind, destination, currency, gross, fee, net, made_at)
  SELECT process_id, 'came_back', destination, currency, -gross, -fee, -net, NEW.settled_at FROM payout_statements
  WHERE process_id = NEW.process_id AND kind = 'paid';
  INSERT INTO payout_statement_lines
    (process_id, kind, n, what, reason, source_id, transfers, first_at, last_at, amount)
  SELECT process_id, 'came_back', n, what, reason, source_id, transfers, first_at, last_at, -amount
  FROM payout_statement_lines WHERE process_id = NEW.process_id AND kind = 'paid';
  RETURN NULL;
END $function$;

CREATE FUNCTION tell_credits_bought()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_buyer uuid;
  v_amount bigint;
  v_event jsonb;
BEGIN
  SELECT seats.user_id, (terms ->> 'quantity')::bigint INTO v_buyer, v_amount
  FROM processes JOIN seats ON seats.process_id = processes.id AND role = 'buyer'
  WHERE processes.id = NEW.process_id AND kind = 'topUp' AND terms ->> 'asset' = 'CREDIT';
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  v_event := jsonb_build_object(
    'type', 'credit_purchase', 'userId', v_buyer, 'amount', v_amount,
    'eventId', 'credit_purchase_' || NEW.process_id, 'paymentId', NEW.process_id,
    'timestamp', to_char(NEW.done_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
  );
  INSERT INTO user_credit_events (event_id, subject_id, user_id, type, amount, event, occurred_at)
  VALUES (v_event ->> 'eventId', v_buyer, v_buyer, 'credit_purchase', v_amount, v_event, NEW.done_at);
  INSERT INTO publications (exchange, routing_key, key, about, event, occurred_at)
  VALUES ('credit_events', 'credit.event', v_event ->> 'eventId', 'profile/' || v_buyer, v_event, NEW.done_at);
  RETURN NULL;
END $function$;

CREATE FUNCTION tell_traders(p_users uuid[], p_many integer[], p_events text[], p_assets text[])
 RETURNS void
 LANGUAGE plpgsql
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
DECLARE
  v_user uuid;
BEGIN
  IF cardinality(p_users) > (SELECT count(*) FROM user_sequences WHERE user_id = ANY (p_users)) THEN
    -- Made and locked one after the other: what is made first of all would come in no order with what is locked.
    FOREACH v_user IN ARRAY ARRAY(SELECT user_id FROM unnest(p_users) AS told (user_id) ORDER BY user_id) LOOP
      INSERT INTO user_sequences AS sequence (user_id, last_seq) VALUES (v_user, 0)
      ON CONFLICT (user_id) DO UPDATE SET last_seq = sequence.last_seq;
    END LOOP;
  ELSE
    PERFORM FROM user_sequences WHERE user_id = ANY (p_users) ORDER BY user_id FOR NO KEY UPDATE;
  END IF;

  -- Balances are asked for person by person: joined to the texts, each of them would be looked for among all others'.
  WITH said AS MATERIALIZED (
    SELECT told.user_id, told.many + balance.many AS many,
      '[' || concat_ws(',', told.events, balance.events) || ']' AS events
    FROM unnest(p_users, p_many, p_events, p_assets) AS told (user_id, many, events, assets)
    CROSS JOIN LATERAL (
      SELECT count(*)::integer AS many, string_agg(
        '{"name":"balance_update","data":{"userId":"' || told.user_id::text || '","balance":{"asset":"' || asset.asset
        || '","available":"' || trading_decimal(coalesce(wallet.balance, 0), asset.scale)
        || '","held":"' || trading_decimal(coalesce(hold.balance, 0), asset.scale)
        || '","total":"' || trading_decimal(coalesce(wallet.balance, 0) + coalesce(hold.balance, 0), asset.scale)
        || '"}}}', ',' ORDER BY place) AS events
      FROM unnest(string_to_array(told.assets, ',')) WITH ORDINALITY AS asked (name, place)
      JOIN ledger_assets AS asset ON asset.asset = asked.name
      LEFT JOIN ledger_accounts AS wallet
        ON wallet.code = 'wallet/' || told.user_id::text AND wallet.asset = asset.asset
      LEFT JOIN ledger_accounts AS hold ON hold.code = 'hold/' || told.user_id::text AND hold.asset = asset.asset
    ) AS balance
  ), counted AS (
    UPDATE user_sequences AS sequence SET last_seq = sequence.last_seq + said.many
    FROM said WHERE sequence.user_id = said.user_id
    RETURNING sequence.user_id, sequence.last_seq, said.many, said.events
  )
  INSERT INTO outbox (user_id, last_seq, first_seq, events)
  SELECT user_id, last_seq, last_seq - many + 1, events FROM counted;
END $function$;

CREATE FUNCTION trading_decimal(p_units bigint, p_scale integer)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT CASE WHEN p_scale = 0 THEN p_units::text ELSE
    left(lpad(p_units::text, greatest(length(p_units::text), p_scale + 1), '0'), -p_scale) || '.' ||
    right(lpad(p_units::text, greatest(length(p_units::text), p_scale + 1), '0'), p_scale)
  END
$function$;

CREATE FUNCTION vote_in_battle(p_battle uuid, p_voter uuid, p_participant uuid, p_now timestamp with time zone)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_before uuid;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(battle_lock(p_battle));
  -- Once it has begun the two are what they are; a statement of its own, which sees what was committed before the lock.
  PERFORM FROM battles
    WHERE process_id = p_battle AND status = 'running' AND closed_at IS NULL AND ends_at > p_now AND in_its_stream(battles);
  IF NOT FOUND THEN
    RETURN 'over';
  END IF;
  INSERT INTO battle_votes (battle_id, voter_id, participant_id, at) VALUES (p_battle, p_voter, p_participant, p_now)
  ON CONFLICT DO NOTHING;
  IF FOUND THEN
    RETURN 'counted';
  END IF;
  SELECT participant_id INTO v_before FROM battle_votes WHERE battle_id = p_battle AND voter_id = p_voter;
  RETURN CASE WHEN v_before = p_participant THEN 'again' ELSE 'other' END;
END $function$;

CREATE FUNCTION write_trading_batch(p_pair text, p_fence bigint, p_from bigint, p_lease_ms integer, p_book json, p_pair_set json, p_placed json, p_changed json, p_trades json, p_commands json, p_timed json, p_users uuid[], p_many integer[], p_events text[], p_wallets text[], p_codes text[], p_kinds text[], p_assets text[], p_owners uuid[], p_keys text[], p_reasons text[], p_hashes bytea[], p_occurred_at timestamp with time zone[], p_more jsonb, p_of integer[], p_places integer[], p_amounts bigint[])
 RETURNS void
 LANGUAGE plpgsql
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
BEGIN
  UPDATE trading_books AS book SET n = batch.n, seq = batch.seq, trades = batch.trades, last_ticks = batch.last_ticks,
    clock = batch.clock, lease_until = clock_timestamp() + p_lease_ms * interval '1 ms'
  FROM json_to_record(p_book) AS batch (n bigint, seq bigint, trades bigint, last_ticks bigint, clock timestamptz)
  WHERE pair_id = p_pair AND fence = p_fence AND book.n = p_from;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the book of % is another''s', p_pair USING ERRCODE = 'TD010';
  END IF;

  IF p_pair_set IS NOT NULL THEN
    UPDATE trading_pairs SET state = pair.state, band_bps = pair.band_bps
    FROM json_to_record(p_pair_set) AS pair (state text, band_bps integer)
    WHERE id = p_pair;
  END IF;

  IF p_placed IS NOT NULL THEN
    INSERT INTO trading_orders (id, pair_id, user_id, side, type, ticks, lots, filled, cost, fee, held, time_in_force,
      post_only, self_trade, expires_at, max_spend, client_order_id, maker_bps, taker_bps, state, reason, rank, made_at,
      updated_at)
    SELECT id, p_pair, user_id, side, type, ticks, lots, filled, cost, fee, held, time_in_force, post_only, self_trade,
      expires_at, max_spend, client_order_id, maker_bps, taker_bps, state, reason, rank, made_at, updated_at
    FROM json_to_recordset(p_placed) AS given (id uuid, user_id uuid, side text, type text, ticks bigint,
      lots bigint, filled bigint, cost bigint, fee bigint, held bigint, time_in_force text, post_only boolean,
      self_trade text, expires_at timestamptz, max_spend bigint, client_order_id text, maker_bps integer,
      taker_bps integer, state text, reason text, rank bigint, made_at timestamptz, updated_at timestamptz);
  END IF;
  IF p_changed IS NOT NULL THEN
    UPDATE trading_orders AS known SET ticks = given.ticks, lots = given.lots, filled = given.filled, cost = given.cost,
      fee = given.fee, held = given.held, state = given.state, reason = given.reason, rank = given.rank,
      updated_at = given.updated_at
    FROM json_to_recordset(p_changed) AS given (id uuid, ticks bigint, lots bigint, filled bigint, cost bigint, fee bigint,
      held bigint, state text, reason text, rank bigint, updated_at timestamptz)
    WHERE known.id = given.id;
  END IF;

  IF p_trades IS NOT NULL THEN
    INSERT INTO trading_trades (pair_id, n, command_n, maker_order_id, taker_order_id, maker_id, taker_id, taker_side, ticks,
      lots, cost, maker_fee, taker_fee, at)
    SELECT p_pair, n, command_n, maker_order_id, taker_order_id, maker_id, taker_id, taker_side, ticks, lots, cost,
      maker_fee, taker_fee, at
    FROM json_to_recordset(p_trades) AS given (n bigint, command_n bigint, maker_order_id uuid,
      taker_order_id uuid, maker_id uuid, taker_id uuid, taker_side text, ticks bigint, lots bigint, cost bigint,
      maker_fee bigint, taker_fee bigint, at timestamptz);
  END IF;

  UPDATE trading_commands AS command SET n = given.n, at = given.at, outcome = given.outcome
  FROM json_to_recordset(p_commands) AS given (id bigint, n bigint, at timestamptz, outcome json)
  WHERE command.id = given.id;
  IF p_timed IS NOT NULL THEN
    INSERT INTO trading_commands (pair_id, order_id, kind, body, n, at, outcome)
    SELECT p_pair, order_id, kind, body, n, at, outcome
    FROM json_to_recordset(p_timed)
      AS given (order_id uuid, kind text, body json, n bigint, at timestamptz, outcome json);
  END IF;

  IF cardinality(p_keys) > 0 THEN
    PERFORM ledger_transfer_columns(p_codes, p_kinds, p_assets, p_owners, p_keys, p_reasons, p_hashes, p_occurred_at,
      p_more, p_of, p_places, p_amounts);
  END IF;
  PERFORM tell_traders(p_users, p_many, p_events, p_wallets);
END $function$;

CREATE FUNCTION xp_level(p_xp bigint)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT floor((5 + sqrt((25 + 2 * p_xp)::float8)) / 10)::bigint
$function$;

CREATE TRIGGER conversations_about_one BEFORE INSERT OR UPDATE OF kind, campaign_id, bid_id, brand_owner_id, influencer_id ON conversations FOR EACH ROW WHEN ((((new.kind = 'campaign'::text) <> (new.campaign_id IS NOT NULL)) OR ((new.kind = 'bid'::text) <> (new.bid_id IS NOT NULL)) OR ((new.kind = ANY (ARRAY['group'::text, 'public'::text])) <> (new.influencer_id IS NULL)) OR (new.brand_owner_id = new.influencer_id) OR (new.kind <> ALL (ARRAY['direct'::text, 'campaign'::text, 'bid'::text, 'group'::text, 'public'::text])))) EXECUTE FUNCTION refuse_conversation();
CREATE TRIGGER disputes_noted AFTER UPDATE OF state, process_id ON disputes FOR EACH ROW WHEN (((old.state IS DISTINCT FROM new.state) OR (old.process_id IS DISTINCT FROM new.process_id))) EXECUTE FUNCTION note_dispute();
CREATE TRIGGER disputes_noted_new AFTER INSERT ON disputes FOR EACH ROW EXECUTE FUNCTION note_dispute();
CREATE TRIGGER gift_events_in_battles AFTER INSERT ON gift_events FOR EACH ROW WHEN ((new.to_creator_id IS NOT NULL)) EXECUTE FUNCTION count_battle_gift();
CREATE TRIGGER invoices_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON invoices FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_accounts_asset_known BEFORE INSERT OR UPDATE OF asset, kind ON ledger_accounts FOR EACH ROW EXECUTE FUNCTION refuse_asset();
CREATE TRIGGER ledger_entries_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_rates_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger_rates FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_transfers_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger_transfers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_statement_lines_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON payout_statement_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_statements_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON payout_statements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payouts_are_invoiced AFTER UPDATE OF status ON payouts FOR EACH ROW WHEN (((new.fee > 0) AND (new.status <> old.status) AND ((new.status = 'processed'::text) OR (new.status = 'reversed'::text)))) EXECUTE FUNCTION note_payout();
CREATE TRIGGER payouts_are_stated AFTER UPDATE OF status ON payouts FOR EACH ROW WHEN (((new.status = 'processed'::text) AND (old.status <> 'processed'::text))) EXECUTE FUNCTION state_payout();
CREATE TRIGGER payouts_back_are_stated AFTER UPDATE OF status ON payouts FOR EACH ROW WHEN (((new.status = 'reversed'::text) AND (old.status = 'processed'::text))) EXECUTE FUNCTION state_payout_back();
CREATE TRIGGER battles_close_opening AFTER UPDATE ON processes FOR EACH ROW WHEN (((new.kind = 'battle'::text) AND (new.version <> old.version))) EXECUTE FUNCTION close_opening();
CREATE TRIGGER battles_follow AFTER UPDATE ON processes FOR EACH ROW WHEN (((new.kind = 'battle'::text) AND ((new.state <> old.state) OR (new.deadline IS DISTINCT FROM old.deadline)))) EXECUTE FUNCTION follow_battle();
CREATE TRIGGER boosts_end AFTER UPDATE OF state ON processes FOR EACH ROW WHEN (((new.kind = 'boost'::text) AND (new.state <> old.state))) EXECUTE FUNCTION end_boost();
CREATE TRIGGER challenges_close_opening AFTER UPDATE ON processes FOR EACH ROW WHEN (((new.kind = 'challenge'::text) AND (new.version <> old.version))) EXECUTE FUNCTION close_opening();
CREATE TRIGGER challenges_follow AFTER UPDATE ON processes FOR EACH ROW WHEN (((new.kind = 'challenge'::text) AND (new.version <> old.version))) EXECUTE FUNCTION follow_challenge();
CREATE TRIGGER polls_close_opening AFTER UPDATE ON processes FOR EACH ROW WHEN (((new.kind = 'poll'::text) AND (new.version <> old.version))) EXECUTE FUNCTION close_opening();
CREATE TRIGGER streams_follow AFTER UPDATE ON processes FOR EACH ROW WHEN (((new.kind = 'stream'::text) AND (new.version <> old.version))) EXECUTE FUNCTION follow_stream();
CREATE TRIGGER subscriptions_follow AFTER UPDATE ON processes FOR EACH ROW WHEN (((new.kind = 'subscription'::text) AND (new.version <> old.version))) EXECUTE FUNCTION follow_subscription();
CREATE TRIGGER ticket_events_follow AFTER UPDATE ON processes FOR EACH ROW WHEN (((new.kind = 'ticketEvent'::text) AND (new.version <> old.version))) EXECUTE FUNCTION follow_ticket_event();
CREATE TRIGGER credits_bought AFTER UPDATE OF done_at ON promises FOR EACH ROW WHEN (((new.kind = 'credit'::text) AND (old.done_at IS NULL) AND (new.done_at IS NOT NULL))) EXECUTE FUNCTION tell_credits_bought();
CREATE TRIGGER releases_are_invoiced AFTER UPDATE OF moved_at ON promises FOR EACH ROW WHEN (((new.kind = 'release'::text) AND (old.moved_at IS NULL) AND (new.moved_at IS NOT NULL))) EXECUTE FUNCTION note_release();
CREATE TRIGGER streams_remind AFTER INSERT ON reminders FOR EACH ROW EXECUTE FUNCTION remind_followers();
CREATE TRIGGER reward_rules_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON reward_rules FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER steps_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON steps FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER task_notes_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON task_notes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tasks_decided AFTER UPDATE OF closed_at, decision ON tasks FOR EACH ROW WHEN ((((new.closed_at IS NOT NULL) AND ((old.closed_at IS DISTINCT FROM new.closed_at) OR (old.decision IS DISTINCT FROM new.decision))) OR ((new.closed_at IS NULL) AND (old.closed_at IS NOT NULL)))) EXECUTE FUNCTION note_decision();
CREATE TRIGGER trading_trades_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON trading_trades FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER xp_rules_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON xp_rules FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
