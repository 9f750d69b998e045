/** Who may hear what: the questions a socket asks before it lets somebody into a room. */
import { z } from 'zod';
import { type Executor, type Pool, sql } from './pool.ts';

/** In which part somebody may follow a conversation: as one of its two parties, or only reading as an administrator. */
export type Seat = 'party' | 'reader';

const seat = z.object({ seat: z.enum(['party', 'reader']) });

/** How a user may follow a conversation; null when it is not theirs to see, or is not there. */
export async function findSeat(executor: Executor, conversationId: string, userId: string): Promise<Seat | null> {
  const row = await executor.maybeOne(sql.type(seat)`
    SELECT CASE WHEN ${userId}::uuid IN (brand_owner_id, influencer_id) THEN 'party' ELSE 'reader' END AS seat
    FROM conversations
    WHERE id = ${conversationId} AND (
      ${userId}::uuid IN (brand_owner_id, influencer_id)
      OR EXISTS (SELECT FROM users WHERE id = ${userId} AND 'admin' = ANY(roles))
    )
  `);
  return row?.seat ?? null;
}

/** Whether a campaign is there; campaigns are open to everybody who is signed in. */
export function campaignExists(executor: Executor, campaignId: string): Promise<boolean> {
  return executor.exists(sql.typeAlias('void')`SELECT FROM campaigns WHERE id = ${campaignId}`);
}

/** Whether a bid is there; bids are open to everybody who is signed in. */
export function bidExists(executor: Executor, bidId: string): Promise<boolean> {
  return executor.exists(sql.typeAlias('void')`SELECT FROM bids WHERE id = ${bidId}`);
}

/** The other sides of a user's conversations, those spoken with last first, each once. */
export async function listCorrespondents(
  executor: Executor,
  userId: string,
  limit: number,
): Promise<readonly string[]> {
  return executor.anyFirst(sql.typeAlias('id')`
    SELECT other_id AS id
    FROM (
      (SELECT influencer_id AS other_id, updated_at FROM conversations
        WHERE brand_owner_id = ${userId} ORDER BY updated_at DESC LIMIT ${limit})
      UNION ALL
      (SELECT brand_owner_id AS other_id, updated_at FROM conversations
        WHERE influencer_id = ${userId} ORDER BY updated_at DESC LIMIT ${limit})
    ) AS latest
    GROUP BY other_id
    ORDER BY max(updated_at) DESC
    LIMIT ${limit}
  `);
}

/** Those of these sessions that have ended (signed out, revoked). As many as were asked for at most. */
export function listEndedSessions(pool: Pool, sessionIds: readonly string[]): Promise<readonly string[]> {
  return pool.anyFirst(sql.typeAlias('id')`
    SELECT id FROM sessions WHERE id = ANY(${sql.array(sessionIds, 'uuid')}) AND ended_at IS NOT NULL
  `);
}
