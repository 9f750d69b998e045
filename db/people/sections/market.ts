import { sql } from '../../pool.ts';

/** What somebody offers, and what lifts it up. */
export function marketSections(userId: string) {
  const boost = sql.fragment`process_id AS id, target_id, booster_id, amount::text AS amount, starts_at, expires_at, ended`;
  // By seats, which are found by their owner.
  const given = sql.fragment`process_id IN (SELECT process_id FROM seats WHERE seats.user_id = ${userId})`;
  const credit = sql.fragment`subject_id, user_id, type, amount::text AS amount, event, occurred_at`;
  return {
    campaigns: sql.fragment`
      SELECT id, title, description, budget::text AS budget, created_at FROM campaigns
      WHERE brand_owner_id = ${userId} ORDER BY id`,
    bids: sql.fragment`
      SELECT id, title, description, starting_price::text AS starting_price, created_at FROM bids
      WHERE influencer_id = ${userId} ORDER BY id`,
    gigs: sql.fragment`
      SELECT id, title, description, category, created_at FROM gigs WHERE owner_id = ${userId} ORDER BY id`,
    clans: sql.fragment`SELECT id, name, description, created_at FROM clans WHERE leader_id = ${userId} ORDER BY id`,
    boosts: sql.fragment`
      SELECT 'profile' AS target, ${boost} FROM user_boost_events WHERE ${given} OR target_id = ${userId}
      UNION ALL SELECT 'gig', ${boost} FROM gig_boost_events WHERE ${given}
      UNION ALL SELECT 'clan', ${boost} FROM clan_boost_events WHERE ${given}`,
    credits: sql.fragment`
      SELECT 'profile' AS target, ${credit} FROM user_credit_events WHERE user_id = ${userId} OR subject_id = ${userId}
      UNION ALL SELECT 'gig', ${credit} FROM gig_credit_events WHERE user_id = ${userId}
      UNION ALL SELECT 'clan', ${credit} FROM clan_credit_events WHERE user_id = ${userId}`,
    views: sql.fragment`
      SELECT target, target_id, hour, seen_at FROM target_views WHERE viewer_id = ${userId} ORDER BY seen_at`,
  };
}
