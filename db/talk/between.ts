import { z } from 'zod';
import { TALK_LIMITS } from '#workflows/talk/limits.ts';
import { type Executor, sql } from '../pool.ts';

const between = z.object({
  id: z.string(),
  /** Null for who is neither of the two. */
  other_id: z.string().nullable(),
  /** Where its deal stands; null for a direct one. */
  state: z.string().nullable(),
  handle: z.string(),
  avatar_url: z.string().nullable(),
  /** Whether the other can sign in, and whether one has blocked the other. */
  is_there: z.boolean(),
  blocks: z.boolean(),
  is_blocked: z.boolean(),
  /** When the last but so many was written, for who writes and writes, and whether the other has ever said something. */
  nth_at: z.string().nullable(),
  answered: z.boolean(),
});
export type Between = z.infer<typeof between>;

/**
 * All that is asked before somebody says something to another: one question, as each costs a way to Postgres and back.
 * Null where there is no such conversation, or it is a room.
 */
export function findBetween(executor: Executor, conversationId: string, senderId: string): Promise<Between | null> {
  return executor.maybeOne(sql.prepared('find_between', between)`
    SELECT conversations.id, other.id AS other_id, processes.state, sender.handle, sender.avatar_url,
      other.password_hash IS NOT NULL OR other.external_subject IS NOT NULL AS is_there,
      EXISTS (SELECT FROM blocks WHERE blocker_id = sender.id AND blocked_id = other.id) AS blocks,
      EXISTS (SELECT FROM blocks WHERE blocker_id = other.id AND blocked_id = sender.id) AS is_blocked,
      nth.created_at AS nth_at,
      nth.created_at IS NOT NULL AND EXISTS (
        SELECT FROM messages WHERE conversation_id = conversations.id AND sender_id <> sender.id
      ) AS answered
    FROM conversations
    JOIN users AS sender ON sender.id = ${senderId}
    LEFT JOIN users AS other ON other.id = CASE sender.id
      WHEN brand_owner_id THEN influencer_id WHEN influencer_id THEN brand_owner_id END
    LEFT JOIN processes ON processes.id = conversations.id
    LEFT JOIN LATERAL (
      SELECT created_at FROM messages WHERE conversation_id = conversations.id AND conversations.kind = 'direct'
      ORDER BY position DESC LIMIT 1 OFFSET ${TALK_LIMITS.unanswered - 1}
    ) AS nth ON true
    WHERE conversations.id = ${conversationId} AND influencer_id IS NOT NULL
  `);
}
