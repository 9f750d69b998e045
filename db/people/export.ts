import { z } from 'zod';
import { type Pool, sql } from '../pool.ts';
import { gainSections } from './sections/gain.ts';
import { liveSections } from './sections/live.ts';
import { marketSections } from './sections/market.ts';
import { moneySections } from './sections/money.ts';
import { notificationSections } from './sections/notification.ts';
import { payoutSections } from './sections/payout.ts';
import { talkSections } from './sections/talk.ts';
import { tradingSections } from './sections/trading.ts';
import { videoSections } from './sections/video.ts';

/** Of one kind of things at most so many are given at once. */
const MANY = 20_000;

const row = z.record(z.string(), z.unknown());

export type Section = {
  /** False where there is more than is given. */
  complete: boolean;
  items: readonly Record<string, unknown>[];
};

/** All that is kept of somebody, as `kept.ts` has it, by kind, as plain JSON; amounts are decimal text in minor units. */
export async function exportOf(pool: Pool, userId: string): Promise<Record<string, Section>> {
  const sections: Record<string, Section> = {};
  // One after the other: nobody else waits for connections because of it.
  for (const [name, query] of Object.entries(sectionsOf(userId))) {
    const items = await pool.any(sql.type(row)`SELECT * FROM (${query}) AS kept LIMIT ${MANY + 1}`);
    sections[name] = { complete: items.length <= MANY, items: items.slice(0, MANY) };
  }
  return sections;
}

function sectionsOf(userId: string) {
  return {
    account: sql.fragment`
      SELECT id, handle, external_subject, roles, display_name, avatar_url, bio, private, time_zone, created_at
      FROM users WHERE id = ${userId}`,
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
    reviews: sql.fragment`
      SELECT process_id, subject_id, stars, text, created_at FROM reviews WHERE author_id = ${userId} ORDER BY created_at`,
    reviews_received: sql.fragment`
      SELECT process_id, author_id, stars, text, created_at FROM reviews
      WHERE subject_id = ${userId} AND shown_from <= now() ORDER BY created_at`,
    ...talkSections(userId),
    ...notificationSections(userId),
    ...moneySections(userId),
    ...payoutSections(userId),
    ...marketSections(userId),
    ...tradingSections(userId),
    ...videoSections(userId),
    ...liveSections(userId),
    ...gainSections(userId),
  };
}
