import { z } from 'zod';
import { type Pool, sql } from '../pool.ts';

/** Of one kind of things at most so many are given at once. */
const MANY = 20_000;

const row = z.record(z.string(), z.unknown());

export type Section = {
  /** False where there is more than is given. */
  complete: boolean;
  items: readonly Record<string, unknown>[];
};

/** All that is kept of somebody, by kind, as plain JSON; amounts are decimal text in minor units. */
export async function exportOf(pool: Pool, userId: string): Promise<Record<string, Section>> {
  const sections: Record<string, Section> = {};
  // One after the other: nobody else waits for connections because of it.
  for (const [name, query] of Object.entries(queriesOf(userId))) {
    const items = await pool.any(sql.type(row)`SELECT * FROM (${query}) AS kept LIMIT ${MANY + 1}`);
    sections[name] = { complete: items.length <= MANY, items: items.slice(0, MANY) };
  }
  return sections;
}

function queriesOf(userId: string) {
  return {
    account: sql.fragment`
      SELECT id, handle, roles, display_name, avatar_url, bio, private, created_at FROM users WHERE id = ${userId}`,
    sessions: sql.fragment`
      SELECT id, created_at, expires_at, ended_at FROM sessions WHERE user_id = ${userId} ORDER BY id`,
    following: sql.fragment`
      SELECT followed_id AS user_id, created_at FROM follows WHERE follower_id = ${userId} ORDER BY created_at`,
    followers: sql.fragment`
      SELECT follower_id AS user_id, created_at FROM follows WHERE followed_id = ${userId} ORDER BY created_at`,
    follow_requests: sql.fragment`
      SELECT requester_id, asked_id, created_at FROM follow_requests
      WHERE requester_id = ${userId} OR asked_id = ${userId} ORDER BY created_at`,
    blocks: sql.fragment`
      SELECT blocked_id AS user_id, created_at FROM blocks WHERE blocker_id = ${userId} ORDER BY created_at`,
    conversations: sql.fragment`
      SELECT conversation_id, kind, role, read_position, joined_at
      FROM members JOIN conversations ON conversations.id = conversation_id
      WHERE user_id = ${userId} ORDER BY joined_at, conversation_id`,
    messages: sql.fragment`
      SELECT messages.id, conversation_id, message, media_url, message_type, messages.created_at, edited_at, deleted_at
      FROM messages
      WHERE sender_id = ${userId} AND conversation_id IN (
        SELECT conversation_id FROM members WHERE user_id = ${userId}
        UNION SELECT conversation_id FROM former_members WHERE user_id = ${userId}
      ) ORDER BY messages.created_at, conversation_id, position`,
    reactions: sql.fragment`
      SELECT conversation_id, position, emoji, created_at FROM reactions WHERE user_id = ${userId} ORDER BY created_at`,
    reviews: sql.fragment`
      SELECT process_id, subject_id, stars, text, created_at FROM reviews WHERE author_id = ${userId} ORDER BY created_at`,
    processes: sql.fragment`
      SELECT processes.id, processes.kind, role, state, entered_at
      FROM seats JOIN processes ON processes.id = process_id WHERE user_id = ${userId} ORDER BY processes.id`,
    steps: sql.fragment`
      SELECT process_id, n, command, data, at FROM steps
      WHERE actor_id = ${userId} AND process_id IN (SELECT process_id FROM seats WHERE user_id = ${userId})
      ORDER BY process_id, n`,
    wallet: sql.fragment`
      SELECT transfer_id::text AS transfer_id, ledger_accounts.kind, asset, amount::text AS amount,
        balance_after::text AS balance_after, reason, occurred_at
      FROM ledger_accounts JOIN ledger_entries ON account_id = ledger_accounts.id
      JOIN ledger_transfers ON ledger_transfers.id = transfer_id
      WHERE owner_id = ${userId} ORDER BY occurred_at, transfer_id`,
    ...videoQueriesOf(userId),
    ...streamQueriesOf(userId),
    ...paidQueriesOf(userId),
    payments: sql.fragment`
      SELECT id, process_id, provider, amount::text AS amount, currency, created_at
      FROM payment_orders WHERE payer_id = ${userId} ORDER BY id`,
    campaigns: sql.fragment`
      SELECT id, title, description, budget::text AS budget, created_at FROM campaigns
      WHERE brand_owner_id = ${userId} ORDER BY id`,
    bids: sql.fragment`
      SELECT id, title, description, starting_price::text AS starting_price, created_at FROM bids
      WHERE influencer_id = ${userId} ORDER BY id`,
  };
}

/** What they made, watched, said and earned with videos. */
function videoQueriesOf(userId: string) {
  return {
    videos: sql.fragment`
      SELECT id, title, description, media_url, thumbnail_url, category, tags, ads, created_at, deleted_at FROM videos
      WHERE creator_id = ${userId} ORDER BY created_at, id`,
    video_likes: sql.fragment`SELECT video_id, at FROM video_likes WHERE user_id = ${userId} ORDER BY at`,
    video_comments: sql.fragment`
      SELECT id, video_id, parent_id, text, at, deleted_at FROM video_comments WHERE user_id = ${userId} ORDER BY at, id`,
    video_shares: sql.fragment`SELECT video_id, channel, at FROM video_shares WHERE user_id = ${userId} ORDER BY at, id`,
    watches: sql.fragment`
      SELECT video_id, started_at, watched_ms, counted_at FROM watches WHERE user_id = ${userId} ORDER BY started_at, id`,
    rewards: sql.fragment`
      SELECT id::text AS id, action, target, points::text AS points, refused, at FROM rewards
      WHERE user_id = ${userId} ORDER BY rewards.id`,
    recommendations: sql.fragment`
      SELECT list_id, n, kind, at, shown FROM recommendation_pages WHERE user_id = ${userId} ORDER BY at, n`,
    tips: sql.fragment`
      SELECT id, creator_id, sender_id, asset, amount::text AS amount, message, at FROM tips
      WHERE creator_id = ${userId} OR sender_id = ${userId} ORDER BY at, id`,
  };
}

/** What they streamed, and what they said, gave, were given and gained in streams. */
function streamQueriesOf(userId: string) {
  const given = sql.fragment`
    id, code, quantity, tokens::text AS tokens, share::text AS share, from_user_id, stream_id, to_creator_id`;
  return {
    streams: sql.fragment`
      SELECT process_id AS id, title, category, tags, visibility, status, scheduled_at, started_at, ended_at, theme,
        overlays, created_at
      FROM streams WHERE creator_id = ${userId} ORDER BY process_id`,
    stream_segments: sql.fragment`
      SELECT id, stream_id, media_url, title, duration_ms, created_at, deleted_at FROM stream_segments
      WHERE stream_id IN (SELECT process_id FROM streams WHERE creator_id = ${userId}) ORDER BY id`,
    stream_messages: sql.fragment`
      SELECT id, stream_id, text, at, removed_at FROM stream_messages WHERE user_id = ${userId} ORDER BY at, id`,
    challenges: sql.fragment`
      SELECT process_id AS id, stream_id, type, target::text AS target, progress::text AS progress, reward, status, starts_at,
        ended_at
      FROM challenges WHERE creator_id = ${userId} ORDER BY process_id`,
    battles: sql.fragment`
      SELECT process_id AS id, challenger_id, opponent_id, stream_id, stake::text AS stake, status, started_at, ended_at
      FROM battles WHERE challenger_id = ${userId} OR opponent_id = ${userId} ORDER BY process_id`,
    battle_votes: sql.fragment`
      SELECT battle_id, participant_id, at FROM battle_votes WHERE voter_id = ${userId} ORDER BY at, battle_id`,
    polls: sql.fragment`
      SELECT process_id AS id, stream_id, question, options, created_at FROM polls
      WHERE stream_id IN (SELECT process_id FROM streams WHERE creator_id = ${userId}) ORDER BY process_id`,
    poll_votes: sql.fragment`SELECT poll_id, option, at FROM poll_votes WHERE user_id = ${userId} ORDER BY at, poll_id`,
    questions: sql.fragment`
      SELECT id, stream_id, text, status, upvotes, at, moved_at FROM questions WHERE user_id = ${userId} ORDER BY at, id`,
    question_upvotes: sql.fragment`
      SELECT question_id, at FROM question_upvotes WHERE user_id = ${userId} ORDER BY at, question_id`,
    gifts_given: sql.fragment`
      SELECT ${given}, message, created_at FROM gift_events WHERE from_user_id = ${userId} ORDER BY created_at, id`,
    gifts_received: sql.fragment`
      SELECT ${given}, message, created_at FROM gift_events
      WHERE stream_id IN (SELECT process_id FROM streams WHERE creator_id = ${userId}) ORDER BY created_at, id`,
    streams_watched: sql.fragment`
      SELECT stream_id, minutes, seen_at FROM stream_watchers WHERE user_id = ${userId} ORDER BY seen_at, stream_id`,
    experience: sql.fragment`
      SELECT action, about, points::text AS points, at FROM xp_grants WHERE user_id = ${userId} ORDER BY at, action, about`,
    badges: sql.fragment`SELECT code, awarded_at FROM xp_badges WHERE user_id = ${userId} ORDER BY awarded_at, code`,
  };
}

/** What they sold and bought by the month and by the seat. */
function paidQueriesOf(userId: string) {
  return {
    subscription_tiers: sql.fragment`
      SELECT code, name, price::text AS price, perks, created_at, retired_at FROM subscription_tiers
      WHERE creator_id = ${userId} ORDER BY place, code`,
    subscriptions: sql.fragment`
      SELECT process_id AS id, creator_id, subscriber_id, giver_id, tier, status, paid_until, created_at FROM subscriptions
      WHERE ${userId} IN (creator_id, subscriber_id, giver_id) ORDER BY process_id`,
    ticket_events: sql.fragment`
      SELECT process_id AS id, title, starts_at, capacity, price::text AS price, asset, status, created_at
      FROM ticket_events WHERE creator_id = ${userId} ORDER BY process_id`,
    tickets: sql.fragment`
      SELECT id, event_id, status, issued_at, refunded_at FROM tickets WHERE holder_id = ${userId} ORDER BY id`,
  };
}
