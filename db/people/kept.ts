/**
 * What of people is kept in which column, table by table: where it is given to them (`export.ts`), and what becomes of it
 * when they leave (`leaving.ts`). A test compares it with the schema, another with what both do.
 */

/** In which section of the export; or not, and why. */
type Given = string | { not: string };
/** Whether it is gone once they have left; or stays, and why. */
type End = 'goes' | { stays: string };
export type Fate = { given: Given; end: End };

export type KeptTable = {
  /** Columns with somebody's id, whose rows are given and go; the first is whose words are in the row. */
  people?: Readonly<Record<string, Fate>>;
  /** Columns with words, files and details of people. */
  words?: Readonly<Record<string, Fate>>;
  /** Columns with words of ours: codes, names of things, what providers answer with. */
  ours?: readonly string[];
};

const BOOKS = 'the books, to which is only ever added; law asks for them';
const COUNTED = 'that somebody did stays counted';
const PAPERS = 'papers of two, and the other’s as well';
const STAFF = 'what staff did, for the house';
const PRUNED = 'others’ copies, until they are forgotten';
const PARTS = 'what parts of ours tell each other';
const JOURNAL = 'the journal, by which the book is worked out anew';
const SUMS = 'sums of what is given';

/** Given in a section, and gone with its owner. */
const taken = (section: string): Fate => ({ given: section, end: 'goes' });
/** Given in a section, and kept. */
const kept = (section: string, why: string): Fate => ({ given: section, end: { stays: why } });
/** Gone with its owner, and not given. */
const secret = (why: string): Fate => ({ given: { not: why }, end: 'goes' });
/** Neither given nor taken. */
const ours = (why: string, stays = why): Fate => ({ given: { not: why }, end: { stays } });

const boosts = (target: Readonly<Record<string, Fate>> = {}): KeptTable => ({
  people: { booster_id: kept('boosts', BOOKS), ...target },
  ours: ['event_id', 'ended'],
});
const credits = (subject: Readonly<Record<string, Fate>> = {}): KeptTable => ({
  people: { user_id: kept('credits', BOOKS), ...subject },
  ours: ['event_id', 'type', 'event'],
});

/** Names of columns that hold words of ours in every table. */
export const OURS = [
  ...['kind', 'state', 'status', 'asset', 'currency', 'provider', 'policy', 'type', 'action', 'posting', 'code'],
  ...['traceparent', 'correlation_id', 'event_id', 'outcome', 'failure', 'pair_id', 'hash', 'key'],
];

/** Tables in which nothing of anybody is. */
export const NOBODYS = [
  ...['captures', 'dispute_news', 'gift_cooldowns', 'gift_seedings', 'gifts', 'heartbeats', 'invoices_due'],
  ...['ledger_account_kinds', 'ledger_assets', 'ledger_entries', 'ledger_lots', 'ledger_rates', 'ledger_watermark'],
  ...['machine_states', 'machines', 'noting', 'payout_attempts', 'price_poller', 'prices', 'promises', 'refunds'],
  ...['recommendation_versions', 'refund_reversals', 'relays', 'reminders', 'reward_budget', 'reward_totals'],
  ...['reward_videos', 'seasons', 'secret_keys', 'signing_keys', 'stream_plays', 'stream_tellings', 'stream_viewers'],
  ...['trading_books', 'trading_pairs', 'trading_takes', 'video_counts', 'video_days', 'video_retention'],
  ...['webhook_attempts', 'webhook_endpoints', 'deliveries', 'left_subjects', 'refresh_tokens'],
  // The sandbox plays a provider for people who are none.
  ...['sandbox_deliveries', 'sandbox_orders', 'sandbox_payments', 'sandbox_payouts', 'sandbox_refunds'],
] as const;

const PEOPLE: Record<string, KeptTable> = {
  barred_people: {
    people: { user_id: secret('written for staff: who asks for it is answered by them'), barred_by: ours(STAFF) },
    words: { reason: secret('written for staff: who asks for it is answered by them') },
  },
  blocks: { people: { blocker_id: taken('blocks'), blocked_id: secret('whom others block is theirs') } },
  follow_counts: { people: { user_id: ours(SUMS) } },
  follow_days: { people: { user_id: ours(SUMS) } },
  follow_requests: { people: { requester_id: taken('follow_requests'), asked_id: taken('follow_requests') } },
  follows: { people: { follower_id: taken('following'), followed_id: taken('followers') } },
  reviews: {
    people: {
      author_id: kept('reviews', 'the stars are the other’s as well'),
      subject_id: kept('reviews_received', 'the words of who wrote them'),
    },
    words: { text: taken('reviews') },
  },
  sessions: {
    people: { user_id: kept('sessions', 'a token that is used late is recognized, for 60 days') },
    ours: ['ended_by', 'secret'],
  },
  staff_notes: {
    people: {
      user_id: secret('written for staff: who asks for it is answered by them'),
      author_id: ours(STAFF),
    },
    words: { text: secret('written for staff: who asks for it is answered by them') },
  },
  users: {
    words: {
      handle: taken('account'),
      password_hash: secret('it proves who they are'),
      external_subject: taken('account'),
      display_name: taken('account'),
      avatar_url: taken('account'),
      bio: taken('account'),
      time_zone: taken('account'),
    },
    ours: ['roles'],
  },
};

const TALK: Record<string, KeptTable> = {
  answers: {
    people: { account_id: secret('copies of what they were answered, for 30 days') },
    words: { answer: secret('copies of what they were answered, for 30 days') },
    ours: ['path', 'body_hash'],
  },
  conversations: {
    people: { brand_owner_id: ours('given by `members`', PAPERS), influencer_id: ours('given by `members`', PAPERS) },
  },
  former_members: { people: { user_id: kept('conversations_left', PAPERS) } },
  members: { people: { user_id: kept('conversations', PAPERS) }, ours: ['role'] },
  messages: {
    people: { sender_id: kept('messages', COUNTED), receiver_id: ours('the words of who sent them') },
    words: {
      message: taken('messages'),
      media_url: taken('messages'),
      action_data: kept('messages', PAPERS),
    },
  },
  outbox: {
    people: { user_id: secret('copies of what is given here') },
    words: { events: secret('copies of what is given here') },
  },
  publications: {
    words: { event: ours('copies of what is given here', PRUNED) },
    ours: ['exchange', 'routing_key', 'about'],
  },
  reactions: { people: { user_id: taken('reactions') }, words: { emoji: taken('reactions') } },
  rooms: { words: { name: kept('conversations', 'the room’s, while others are in it') } },
  tellings: { people: { last_user_id: ours('how far telling is') } },
  user_sequences: { people: { user_id: secret('a count of events') } },
  webhook_deliveries: {
    words: { body: ours('copies for endpoints of the house', PRUNED) },
    ours: ['message_id'],
  },
};

const NOTIFICATIONS: Record<string, KeptTable> = {
  broadcasts: {
    people: { by_id: ours(STAFF) },
    words: { title: ours(STAFF), body: ours(STAFF), data: ours(STAFF), terms: ours(STAFF) },
    ours: ['audience'],
  },
  devices: {
    people: { user_id: taken('devices') },
    words: {
      token: secret('who has it may push to the device'),
      keys: secret('who has them may push to the device'),
      locale: taken('devices'),
      time_zone: taken('devices'),
    },
    ours: ['platform'],
  },
  inboxes: { people: { user_id: secret('how far it is read') } },
  notification_preferences: {
    people: { user_id: taken('notification_preferences') },
    words: { preferences: taken('notification_preferences') },
  },
  notification_triggers: {
    people: { user_id: secret('what was told once already'), actor_id: ours('others’', PRUNED) },
  },
  notifications: {
    people: { user_id: taken('notifications'), actor_id: ours('what others were told', PRUNED) },
    words: {
      object: taken('notifications'),
      title: taken('notifications'),
      body: taken('notifications'),
      data: taken('notifications'),
    },
  },
  pushes: { people: { user_id: taken('pushes') }, words: { why: taken('pushes') }, ours: ['cause'] },
};

const MARKET: Record<string, KeptTable> = {
  bids: {
    people: { influencer_id: kept('bids', 'deals are about it') },
    words: { title: taken('bids'), description: taken('bids') },
  },
  campaigns: {
    people: { brand_owner_id: kept('campaigns', 'deals are about it') },
    words: { title: taken('campaigns'), description: taken('campaigns') },
  },
  clan_boost_events: boosts(),
  clan_credit_events: credits(),
  clans: {
    people: { leader_id: kept('clans', 'credits of others are in it') },
    words: { name: taken('clans'), description: taken('clans') },
  },
  gig_boost_events: boosts(),
  gig_credit_events: credits(),
  gigs: {
    people: { owner_id: kept('gigs', 'boosts are of it') },
    words: { title: taken('gigs'), description: taken('gigs'), category: taken('gigs') },
  },
  target_views: { people: { viewer_id: kept('views', COUNTED) }, ours: ['target'] },
  user_boost_events: boosts({ target_id: kept('boosts', BOOKS) }),
  user_credit_events: credits({ subject_id: kept('credits', BOOKS) }),
};

const PROCESSES: Record<string, KeptTable> = {
  event_replays: {
    people: { asked_by: ours(STAFF) },
    words: { reason: ours(STAFF) },
    ours: ['queue', 'routing_key', 'about'],
  },
  processes: {
    people: { opened_by: ours('given by `seats`', PAPERS) },
    words: { terms: ours('given by the steps that made them', PAPERS), opened: kept('processes', PAPERS) },
    ours: ['variant'],
  },
  quotas: { people: { user_id: ours(SUMS) } },
  seats: { people: { user_id: kept('processes', PAPERS) }, ours: ['role'] },
  steps: {
    people: { actor_id: kept('steps', PAPERS) },
    words: { data: kept('steps', PAPERS) },
    ours: ['command', 'by_role', 'from_state', 'to_state'],
  },
  task_notes: { people: { by_id: ours(STAFF) }, words: { data: ours(STAFF) } },
  tasks: {
    people: { claimed_by: ours(STAFF), decided_by: ours(STAFF) },
    words: { details: ours(STAFF), decision: ours(STAFF) },
  },
};

const MONEY: Record<string, KeptTable> = {
  charge_back_files: {
    people: { user_id: kept('charge_back_files', 'that there was a file is in the papers of the charge-back') },
    words: {
      name: taken('charge_back_files'),
      bytes: secret('given by GET /api/charge-backs/{id}/files/{fileId}'),
    },
    ours: ['by_role', 'media_type'],
  },
  charge_backs: { people: { payee_id: kept('charge_backs', BOOKS) }, ours: ['reason', 'evidence'] },
  commission_rules: {
    people: { user_id: kept('commissions', 'what fees in the books were taken by'), made_by: ours(STAFF) },
    words: { reason: ours(STAFF) },
  },
  disputes: { people: { waived_by: ours(STAFF) }, ours: ['dispute_id', 'payment_id'] },
  inbox: { words: { fact: ours('what a provider said of a payment', BOOKS) } },
  invoices: {
    people: { billed_id: kept('invoices', BOOKS), issuer_id: kept('invoices', BOOKS) },
    ours: ['issuer'],
  },
  ledger_accounts: { people: { owner_id: kept('wallet', BOOKS) } },
  ledger_holds: { people: { user_id: kept('wallet_holds', BOOKS) }, words: { reason: kept('wallet_holds', BOOKS) } },
  ledger_transfers: { words: { more: kept('wallet', BOOKS) }, ours: ['input_hash', 'reason'] },
  payees: {
    people: { user_id: taken('payees') },
    words: { account_id: taken('payees'), kyc: taken('payees') },
  },
  payment_orders: {
    people: { payer_id: kept('payments', BOOKS) },
    words: { razorpay_config: secret('what the provider’s own page was opened with') },
    ours: ['description', 'provider_order_id', 'checkout_url'],
  },
  payout_destinations: {
    people: { user_id: kept('payout_destinations', 'payouts went there: of which provider stays, and nothing else') },
    words: {
      details: taken('payout_destinations'),
      label: taken('payout_destinations'),
      holder: taken('payout_destinations'),
      check_id: secret('the provider’s own number of its check'),
      reason: taken('payout_destinations'),
    },
  },
  payout_pauses: {
    people: { paused_by: ours(STAFF), ended_by: ours(STAFF) },
    words: { reason: ours(STAFF) },
  },
  payout_statement_lines: { words: { reason: kept('payout_statement_lines', BOOKS) }, ours: ['what'] },
  payout_statements: {
    words: { destination: kept('payout_statements', 'the books: a masked number, as a statement names where it went') },
  },
  payouts: {
    people: { user_id: kept('payouts', BOOKS) },
    ours: ['waits_for', 'provider_payout_id'],
  },
  subscription_charges: { people: { payer_id: kept('subscription_charges', BOOKS) } },
  tips: {
    people: { sender_id: kept('tips', BOOKS), creator_id: kept('tips', BOOKS) },
    words: { message: taken('tips') },
  },
  wallet_addresses: {
    people: { user_id: kept('wallet_addresses', 'a number that was given is never given to another') },
    words: { address: taken('wallet_addresses') },
  },
  wallet_days: { people: { user_id: ours(SUMS) } },
  wallet_penalties: {
    people: { user_id: kept('wallet_penalties', BOOKS), given_by: ours(STAFF) },
    words: { reason: kept('wallet_penalties', BOOKS) },
  },
  wallet_recipients: {
    people: { user_id: taken('wallet_recipients'), recipient_id: ours('whom others sent to is theirs', SUMS) },
  },
  webhooks: { words: { body: ours('what a provider said of a payment', 'proof of a payment, for 400 days') } },
};

const TRADING: Record<string, KeptTable> = {
  trades: { words: { payment_details: taken('trades') } },
  trading_commands: {
    people: { user_id: ours('orders say what came of them', JOURNAL) },
    words: { body: ours('orders say what came of them', JOURNAL) },
    ours: ['body_hash'],
  },
  trading_offers: {
    people: { user_id: kept('trading_offers', 'trades are of it') },
    words: { payment_methods: taken('trading_offers'), payment_details: taken('trading_offers') },
    ours: ['side', 'price'],
  },
  trading_orders: {
    people: { user_id: kept('trading_orders', BOOKS) },
    words: { client_order_id: taken('trading_orders') },
    ours: ['side', 'time_in_force', 'self_trade', 'reason'],
  },
  trading_trades: {
    people: { maker_id: kept('trading_trades', BOOKS), taker_id: kept('trading_trades', BOOKS) },
    ours: ['taker_side'],
  },
};

const VIDEOS: Record<string, KeptTable> = {
  creator_milestones: { people: { creator_id: kept('milestones', COUNTED) }, ours: ['milestone'] },
  recommendation_items: {
    people: { creator_id: ours('their videos, as words to compare', 'a model, until the next is built') },
    words: { labels: secret('their videos, as words to compare') },
    ours: ['factors'],
  },
  recommendation_pages: {
    people: { user_id: taken('recommendations') },
    words: { shown: taken('recommendations') },
  },
  reward_acts: {
    people: {
      user_id: ours('judged within seconds, and then in `rewards`'),
      actor_id: ours('others’'),
      creator_id: ours('others’'),
    },
    ours: ['target'],
  },
  reward_corrections: {
    people: { user_id: kept('reward_corrections', BOOKS), corrected_by: ours(STAFF) },
    words: { reason: kept('reward_corrections', BOOKS) },
  },
  reward_days: { people: { user_id: ours(SUMS) } },
  reward_pairs: { people: { user_id: ours(SUMS), other_id: ours(SUMS) } },
  reward_people: { people: { user_id: ours(SUMS) } },
  reward_rules: { people: { changed_by: ours(STAFF) }, words: { why: ours(STAFF) }, ours: ['per'] },
  reward_sums: { people: { user_id: ours(SUMS) } },
  rewards: {
    people: {
      user_id: kept('rewards', BOOKS),
      actor_id: ours('what others gained by it is theirs', BOOKS),
      creator_id: ours('what others gained by it is theirs', BOOKS),
    },
    ours: ['target', 'refused'],
  },
  video_comments: {
    people: { user_id: kept('video_comments', 'answers of others hang on it') },
    words: { text: taken('video_comments') },
  },
  video_likes: { people: { user_id: kept('video_likes', COUNTED) } },
  video_shares: { people: { user_id: kept('video_shares', COUNTED) }, words: { channel: taken('video_shares') } },
  video_viewers: { people: { user_id: ours('given by `watches`', COUNTED) } },
  videos: {
    people: { creator_id: kept('videos', 'views and comments of others hang on it') },
    words: {
      title: taken('videos'),
      description: taken('videos'),
      media_url: taken('videos'),
      thumbnail_url: taken('videos'),
      category: taken('videos'),
      tags: taken('videos'),
      ads: taken('videos'),
    },
  },
  watches: { people: { user_id: kept('watches', COUNTED) } },
};

const LIVE: Record<string, KeptTable> = {
  battle_gifts: { people: { participant_id: ours('given by `gifts_received`', COUNTED) } },
  battle_sides: { people: { user_id: ours('given by `battles`', COUNTED) } },
  battle_votes: {
    people: { voter_id: kept('battle_votes', COUNTED), participant_id: ours('votes of others', COUNTED) },
  },
  battles: {
    people: { challenger_id: kept('battles', PAPERS), opponent_id: kept('battles', PAPERS) },
    ours: ['told', 'told_points', 'noted'],
  },
  challenges: {
    people: { creator_id: kept('challenges', COUNTED) },
    words: { reward: taken('challenges') },
  },
  gift_events: {
    people: { from_user_id: kept('gifts_given', BOOKS), to_creator_id: kept('gifts_received', BOOKS) },
    words: { message: taken('gifts_given') },
    ours: ['triggered'],
  },
  leaderboard_scores: { people: { user_id: kept('leaderboards', COUNTED) }, ours: ['board'] },
  poll_votes: { people: { user_id: kept('poll_votes', COUNTED) } },
  polls: { words: { question: taken('polls'), options: taken('polls') }, ours: ['told_counts'] },
  question_upvotes: { people: { user_id: kept('question_upvotes', COUNTED) } },
  questions: {
    people: { user_id: kept('questions', COUNTED), moved_by: ours('questions of others') },
    words: { text: taken('questions') },
  },
  season_standings: { people: { user_id: kept('seasons', COUNTED) }, ours: ['season'] },
  stream_hearers: { people: { user_id: ours(PARTS) } },
  stream_messages: {
    people: { user_id: kept('stream_messages', COUNTED), removed_by: ours('words of others') },
    words: { text: taken('stream_messages') },
  },
  stream_openings: { words: { word_data: secret('copies of what is given here') }, ours: ['word'] },
  stream_removals: {
    people: { user_id: kept('stream_removals', 'what the creator decided'), by: ours('about others') },
  },
  stream_segments: { words: { media_url: taken('stream_segments'), title: taken('stream_segments') } },
  stream_watchers: { people: { user_id: kept('streams_watched', COUNTED) } },
  streams: {
    people: { creator_id: kept('streams', 'gifts and words of others are in it') },
    words: {
      title: taken('streams'),
      category: taken('streams'),
      tags: taken('streams'),
      theme: taken('streams'),
      overlays: taken('streams'),
    },
    ours: ['visibility', 'status_told'],
  },
  subscription_tiers: {
    people: { creator_id: kept('subscription_tiers', 'what subscriptions are of') },
    words: { name: taken('subscription_tiers'), perks: taken('subscription_tiers') },
  },
  subscriptions: {
    people: {
      subscriber_id: kept('subscriptions', BOOKS),
      creator_id: kept('subscriptions', BOOKS),
      giver_id: kept('subscriptions', BOOKS),
    },
    ours: ['tier'],
  },
  ticket_events: {
    people: { creator_id: kept('ticket_events', 'tickets of others are of it') },
    words: { title: taken('ticket_events') },
  },
  tickets: { people: { holder_id: kept('tickets', BOOKS) } },
  xp_badges: { people: { user_id: kept('badges', COUNTED) } },
  xp_grants: { people: { user_id: kept('experience', COUNTED) }, ours: ['about'] },
  xp_people: { people: { user_id: ours(SUMS) } },
  xp_rules: { people: { changed_by: ours(STAFF) }, words: { why: ours(STAFF) }, ours: ['per'] },
};

export const KEPT: Readonly<Record<string, KeptTable>> = {
  ...PEOPLE,
  ...TALK,
  ...NOTIFICATIONS,
  ...MARKET,
  ...PROCESSES,
  ...MONEY,
  ...TRADING,
  ...VIDEOS,
  ...LIVE,
};
