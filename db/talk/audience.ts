/** Who may hear what: the questions a socket asks before it lets somebody into a room. */
import { z } from 'zod';
import { type Executor, type Pool, sql } from '../pool.ts';

/** In which part somebody may follow a conversation: as one of those in it, or only reading: administrators, and in public rooms everybody. */
export type Seat = 'party' | 'reader';

const seat = z.object({ seat: z.enum(['party', 'reader']) });

/** How a user may follow a conversation; null when it is not theirs to see, or is not there. */
export async function findSeat(executor: Executor, conversationId: string, userId: string): Promise<Seat | null> {
  const row = await executor.maybeOne(sql.type(seat)`
    SELECT CASE WHEN member.user_id IS NULL THEN 'reader' ELSE 'party' END AS seat
    FROM conversations LEFT JOIN members AS member ON member.conversation_id = conversations.id AND member.user_id = ${userId}
    WHERE conversations.id = ${conversationId} AND (
      member.user_id IS NOT NULL OR kind = 'public' OR EXISTS (SELECT FROM users WHERE users.id = ${userId} AND 'admin' = ANY(roles))
    )
  `);
  return row?.seat ?? null;
}

/**
 * Whether a user may have a conversation open, and hear who types in it: whoever may follow it, but for two between whom
 * one has blocked the other.
 */
export async function mayOpen(executor: Executor, conversationId: string, userId: string): Promise<boolean> {
  if ((await findSeat(executor, conversationId, userId)) === null) return false;
  return !(await executor.exists(sql.typeAlias('void')`
    SELECT FROM conversations JOIN members AS other ON other.conversation_id = conversations.id
    JOIN blocks ON (blocker_id = ${userId} AND blocked_id = other.user_id)
      OR (blocker_id = other.user_id AND blocked_id = ${userId})
    WHERE conversations.id = ${conversationId} AND kind = 'direct'
  `));
}

/** The conversations that two have by themselves, apart from deals. */
export function listBetween(executor: Executor, userId: string, otherId: string): Promise<readonly string[]> {
  return executor.anyFirst(sql.typeAlias('id')`
    SELECT conversations.id FROM conversations
    JOIN members AS one ON one.conversation_id = conversations.id AND one.user_id = ${userId}
    JOIN members AS other ON other.conversation_id = conversations.id AND other.user_id = ${otherId}
    WHERE kind = 'direct'
  `);
}

/** Whether a campaign is there; campaigns are open to everybody who is signed in. */
export function campaignExists(executor: Executor, campaignId: string): Promise<boolean> {
  return executor.exists(sql.typeAlias('void')`SELECT FROM campaigns WHERE id = ${campaignId}`);
}

/** Whether a bid is there; bids are open to everybody who is signed in. */
export function bidExists(executor: Executor, bidId: string): Promise<boolean> {
  return executor.exists(sql.typeAlias('void')`SELECT FROM bids WHERE id = ${bidId}`);
}

const correspondent = z.object({ user_id: z.string(), id: z.string() });

/**
 * Of each of these the other sides of their conversations between two, those spoken with last first, up to so many, each
 * once; nobody blocked.
 */
export async function listCorrespondents(
  executor: Executor,
  userIds: readonly string[],
  limit: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await executor.any(sql.type(correspondent)`
    SELECT asked.user_id, theirs.id
    FROM unnest(${sql.array([...userIds], 'uuid')}) AS asked (user_id)
    CROSS JOIN LATERAL (
      SELECT other.user_id AS id, max(updated_at) AS spoken_at
      FROM members JOIN conversations ON conversations.id = members.conversation_id
      JOIN members AS other ON other.conversation_id = members.conversation_id AND other.user_id <> members.user_id
      WHERE members.user_id = asked.user_id AND influencer_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM blocks WHERE (blocker_id = asked.user_id AND blocked_id = other.user_id)
          OR (blocker_id = other.user_id AND blocked_id = asked.user_id)
      )
      GROUP BY other.user_id
      ORDER BY spoken_at DESC
      LIMIT ${limit}
    ) AS theirs
    ORDER BY theirs.spoken_at DESC
  `);
  const of = Map.groupBy(rows, ({ user_id }) => user_id);
  return new Map([...of].map(([userId, theirs]) => [userId, theirs.map(({ id }) => id)]));
}

/** Those of these sessions that have ended (signed out, revoked). As many as were asked for at most. */
export function listEndedSessions(pool: Pool, sessionIds: readonly string[]): Promise<readonly string[]> {
  return pool.anyFirst(sql.typeAlias('id')`
    SELECT id FROM sessions WHERE id = ANY(${sql.array(sessionIds, 'uuid')}) AND ended_at IS NOT NULL
  `);
}
