import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { ROLES } from './accounts.ts';
import { acceptAll } from './follows.ts';

const profileRow = z.object({
  id: z.string(),
  handle: z.string(),
  display_name: z.string().nullable(),
  avatar_url: z.string().nullable(),
  bio: z.string().nullable(),
  roles: z.array(z.enum(ROLES)),
  private: z.boolean(),
  created_at: z.string(),
  followers: z.int(),
  following: z.int(),
  videos: z.bigint().transform(Number),
  boosted: z.boolean(),
  reviews: z.bigint().transform(Number),
  stars: z.bigint().transform(Number),
});
/** Who somebody is. `stars` is the sum over `reviews` that are shown. */
export type ProfileRow = z.infer<typeof profileRow>;

/** Somebody who can sign in; NOT_FOUND for others, and for who left. `now`: which reviews are shown. */
export async function getProfile(executor: Executor, id: string, now: string): Promise<ProfileRow> {
  const found = await executor.maybeOne(sql.type(profileRow)`
    SELECT users.id, handle, display_name, avatar_url, bio, roles, private, users.created_at,
      coalesce(followers, 0) AS followers, coalesce(following, 0) AS following,
      (SELECT count(*) FROM videos WHERE creator_id = users.id AND deleted_at IS NULL) AS videos,
      EXISTS (SELECT FROM user_boost_events WHERE target_id = users.id AND ended_at IS NULL) AS boosted,
      coalesce(shown.many, 0) AS reviews, coalesce(shown.stars, 0) AS stars
    FROM users LEFT JOIN follow_counts ON user_id = users.id
    LEFT JOIN LATERAL (
      SELECT count(*) AS many, sum(stars) AS stars FROM reviews
      WHERE subject_id = users.id AND shown_from <= ${now}::timestamptz
    ) AS shown ON true
    WHERE users.id = ${id} AND (password_hash IS NOT NULL OR external_subject IS NOT NULL)
  `);
  if (!found) throw new Failure('NOT_FOUND', 'There is no such user.');
  return found;
}

/** What may be changed of oneself; what is left out stays. */
export type ProfileChange = {
  display_name?: string | null | undefined;
  avatar_url?: string | null | undefined;
  bio?: string | null | undefined;
  private?: boolean | undefined;
  time_zone?: string | undefined;
};

/** Changes who one is. An account that becomes public takes in who had asked to follow it: answers whom. */
export async function changeProfile(
  transaction: Transaction,
  userId: string,
  change: ProfileChange,
  now: string,
): Promise<readonly string[]> {
  const set = (value: unknown) => value !== undefined;
  await transaction.query(sql.typeAlias('void')`
    UPDATE users SET
      display_name = CASE WHEN ${set(change.display_name)} THEN ${change.display_name ?? null} ELSE display_name END,
      avatar_url = CASE WHEN ${set(change.avatar_url)} THEN ${change.avatar_url ?? null} ELSE avatar_url END,
      bio = CASE WHEN ${set(change.bio)} THEN ${change.bio ?? null} ELSE bio END,
      private = CASE WHEN ${set(change.private)} THEN ${change.private ?? false} ELSE private END,
      time_zone = coalesce(${change.time_zone ?? null}, time_zone)
    WHERE id = ${userId}
  `);
  return change.private === false ? acceptAll(transaction, userId, now) : [];
}
