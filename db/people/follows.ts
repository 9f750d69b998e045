import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { type Note, notify, takeBack } from '../notification/notify.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { getPerson } from './accounts.ts';
import { lockPair, refuseBlocked } from './blocks.ts';
import { changeCounts } from './counts.ts';

export type Following = 'following' | 'requested' | 'none';

export type FollowChange = { state: Following; changed: boolean };

const privacy = z.object({ private: z.boolean() });

/**
 * Follows somebody, or asks a private account to; they are told. NOT_FOUND, and FORBIDDEN of oneself and whom one has
 * blocked. Last in its transaction.
 */
export async function follow(
  transaction: Transaction,
  { userId, otherId, now }: { userId: string; otherId: string; now: string },
): Promise<FollowChange> {
  if (userId === otherId) throw new Failure('FORBIDDEN', 'Nobody follows themselves.');
  await getPerson(transaction, otherId);
  await lockPair(transaction, userId, otherId);
  await refuseBlocked(transaction, userId, otherId);
  // Shared: an account that becomes public takes in who asked before, and whoever comes later follows at once. Before
  // it is looked who follows, as this waits for an account that takes one in at this moment.
  const asked = await transaction.one(sql.type(privacy)`SELECT private FROM users WHERE id = ${otherId} FOR SHARE`);
  if ((await findFollowing(transaction, userId, otherId)) === 'following')
    return { state: 'following', changed: false };
  if (asked.private) {
    const { rowCount } = await transaction.query(sql.typeAlias('void')`
      INSERT INTO follow_requests (requester_id, asked_id, created_at) VALUES (${userId}, ${otherId}, ${now})
      ON CONFLICT DO NOTHING
    `);
    if (rowCount > 0) await notify(transaction, [noteOf('follow_request', userId, otherId)], { now });
    return { state: 'requested', changed: rowCount > 0 };
  }
  await insertFollow(transaction, userId, otherId, now);
  await notify(transaction, [noteOf('profile_followed', userId, otherId)], { now });
  return { state: 'following', changed: true };
}

type Told = 'profile_followed' | 'follow_request';

const keyOf = (kind: Told, userId: string) => `${kind}_${userId}`;

function noteOf(kind: Told, userId: string, otherId: string): Note {
  const data = kind === 'follow_request' ? { requestId: userId } : {};
  return {
    userId: otherId,
    kind,
    key: keyOf(kind, userId),
    actorId: userId,
    target: { type: 'user', id: otherId },
    data,
  };
}

async function insertFollow(transaction: Transaction, userId: string, otherId: string, now: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO follows (follower_id, followed_id, created_at) VALUES (${userId}, ${otherId}, ${now})
  `);
  await changeCounts(transaction, [
    { userId, followers: 0, following: 1 },
    { userId: otherId, followers: 1, following: 0 },
  ]);
}

/** Follows no longer, and asks no longer. What was not so stays so. Last in its transaction. */
export async function unfollow(
  transaction: Transaction,
  { userId, otherId, now }: { userId: string; otherId: string; now: string },
): Promise<FollowChange> {
  await lockPair(transaction, userId, otherId);
  const asked = await transaction.query(sql.typeAlias('void')`
    DELETE FROM follow_requests WHERE requester_id = ${userId} AND asked_id = ${otherId}
  `);
  const followed = await transaction.query(sql.typeAlias('void')`
    DELETE FROM follows WHERE follower_id = ${userId} AND followed_id = ${otherId}
  `);
  if (followed.rowCount > 0) {
    await changeCounts(transaction, [
      { userId, followers: 0, following: -1 },
      { userId: otherId, followers: -1, following: 0 },
    ]);
    await takeBack(transaction, { userId: otherId, key: keyOf('profile_followed', userId), now });
  }
  if (asked.rowCount > 0) await takeBack(transaction, { userId: otherId, key: keyOf('follow_request', userId), now });
  return { state: 'none', changed: asked.rowCount + followed.rowCount > 0 };
}

/** Accepts or declines what somebody asked. NOT_FOUND where nobody did, or no longer. */
export async function answerRequest(
  transaction: Transaction,
  { userId, requesterId, accept, now }: { userId: string; requesterId: string; accept: boolean; now: string },
): Promise<void> {
  await lockPair(transaction, userId, requesterId);
  const { rowCount } = await transaction.query(sql.typeAlias('void')`
    DELETE FROM follow_requests WHERE requester_id = ${requesterId} AND asked_id = ${userId}
  `);
  if (rowCount === 0) throw new Failure('NOT_FOUND', 'There is no such request.');
  if (accept) await insertFollow(transaction, requesterId, userId, now);
}

const requester = z.object({ requester_id: z.string() });

/** Takes in everybody who asked: the account is public from now on. Under the lock of its user's row. */
export async function acceptAll(transaction: Transaction, userId: string, now: string): Promise<readonly string[]> {
  const taken = await transaction.any(sql.type(requester)`
    DELETE FROM follow_requests WHERE asked_id = ${userId} RETURNING requester_id
  `);
  const ids = taken.map(({ requester_id }) => requester_id);
  if (ids.length === 0) return ids;
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO follows (follower_id, followed_id, created_at)
    SELECT id, ${userId}, ${now}::timestamptz FROM unnest(${sql.array(ids, 'uuid')}) AS id ON CONFLICT DO NOTHING
  `);
  await changeCounts(transaction, [
    ...ids.map((id) => ({ userId: id, followers: 0, following: 1 })),
    { userId, followers: ids.length, following: 0 },
  ]);
  return ids;
}

const standing = z.object({ following: z.boolean(), requested: z.boolean() });

/** How one stands to another. */
export async function findFollowing(executor: Executor, userId: string, otherId: string): Promise<Following> {
  const row = await executor.one(sql.type(standing)`
    SELECT EXISTS (SELECT FROM follows WHERE follower_id = ${userId} AND followed_id = ${otherId}) AS following,
      EXISTS (SELECT FROM follow_requests WHERE requester_id = ${userId} AND asked_id = ${otherId}) AS requested
  `);
  return row.following ? 'following' : row.requested ? 'requested' : 'none';
}

const listed = z.object({
  id: z.string(),
  handle: z.string(),
  display_name: z.string().nullable(),
  avatar_url: z.string().nullable(),
  at: z.string(),
});
export type ListedPerson = z.infer<typeof listed>;

type Page = { readerId: string; limit: number; start: { at: string; id: string } | null };

/** Those the reader has to do with: who is blocked, by either, is in no list. */
const unblocked = (readerId: string) => sql.fragment`
  NOT EXISTS (SELECT FROM blocks WHERE (blocker_id = ${readerId} AND blocked_id = users.id)
    OR (blocker_id = users.id AND blocked_id = ${readerId}))`;

/** Who follows somebody, latest first. */
export function listFollowers(executor: Executor, userId: string, { readerId, limit, start }: Page) {
  return executor.any(sql.type(listed)`
    SELECT users.id, handle, display_name, avatar_url, follows.created_at AS at
    FROM follows JOIN users ON users.id = follower_id
    WHERE followed_id = ${userId} AND ${unblocked(readerId)}
      AND (${start?.id ?? null}::uuid IS NULL
        OR (follows.created_at, follower_id) < (${start?.at ?? null}::timestamptz, ${start?.id ?? null}::uuid))
    ORDER BY follows.created_at DESC, follower_id DESC LIMIT ${limit}
  `);
}

/** Whom somebody follows, latest first. */
export function listFollowing(executor: Executor, userId: string, { readerId, limit, start }: Page) {
  return executor.any(sql.type(listed)`
    SELECT users.id, handle, display_name, avatar_url, follows.created_at AS at
    FROM follows JOIN users ON users.id = followed_id
    WHERE follower_id = ${userId} AND ${unblocked(readerId)}
      AND (${start?.id ?? null}::uuid IS NULL
        OR (follows.created_at, followed_id) < (${start?.at ?? null}::timestamptz, ${start?.id ?? null}::uuid))
    ORDER BY follows.created_at DESC, followed_id DESC LIMIT ${limit}
  `);
}

/** Who asked to follow one, latest first. */
export function listRequests(executor: Executor, userId: string, { readerId, limit, start }: Page) {
  return executor.any(sql.type(listed)`
    SELECT users.id, handle, display_name, avatar_url, follow_requests.created_at AS at
    FROM follow_requests JOIN users ON users.id = requester_id
    WHERE asked_id = ${userId} AND ${unblocked(readerId)}
      AND (${start?.id ?? null}::uuid IS NULL
        OR (follow_requests.created_at, requester_id) < (${start?.at ?? null}::timestamptz, ${start?.id ?? null}::uuid))
    ORDER BY follow_requests.created_at DESC, requester_id DESC LIMIT ${limit}
  `);
}
