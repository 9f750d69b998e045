import { sql } from '../../pool.ts';

/** What somebody streamed and sold, and what they said, gave, were given, bought and gained in streams. */
export function liveSections(userId: string) {
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
    leaderboards: sql.fragment`
      SELECT board, score::text AS score, reached_at FROM leaderboard_scores WHERE user_id = ${userId} ORDER BY board`,
    seasons: sql.fragment`
      SELECT season, kind, rank, score::text AS score FROM season_standings WHERE user_id = ${userId} ORDER BY season, kind`,
    stream_removals: sql.fragment`
      SELECT stream_id, until, at FROM stream_removals WHERE user_id = ${userId} ORDER BY at, stream_id`,
    subscription_charges: sql.fragment`
      SELECT subscription_id, month, price::text AS price, at FROM subscription_charges
      WHERE payer_id = ${userId} ORDER BY at, subscription_id`,
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
