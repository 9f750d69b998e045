import { sql } from '../../pool.ts';

/** What somebody sold and bought by the month and by the seat, and what they gained in streams. */
export function gainSections(userId: string) {
  return {
    experience: sql.fragment`
      SELECT action, about, points::text AS points, at FROM xp_grants WHERE user_id = ${userId} ORDER BY at, action, about`,
    badges: sql.fragment`SELECT code, awarded_at FROM xp_badges WHERE user_id = ${userId} ORDER BY awarded_at, code`,
    leaderboards: sql.fragment`
      SELECT board, score::text AS score, reached_at FROM leaderboard_scores WHERE user_id = ${userId} ORDER BY board`,
    seasons: sql.fragment`
      SELECT season, kind, rank, score::text AS score FROM season_standings WHERE user_id = ${userId} ORDER BY season, kind`,
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
