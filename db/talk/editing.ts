import { z } from 'zod';
import { type ContentType, DELETED_WORDS } from '#workflows/talk/preview.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';

const written = z.object({
  id: z.string(),
  position: z.int(),
  sender_id: z.string(),
  content: z.custom<ContentType>().nullable(),
  created_at: z.string(),
  deleted_at: z.string().nullable(),
});
export type WrittenRow = z.infer<typeof written>;

/** A message that nobody else changes before this transaction is over. */
export async function lockMessage(
  transaction: Transaction,
  conversationId: string,
  position: number,
): Promise<WrittenRow> {
  return transaction.one(sql.type(written)`
    SELECT id, position, sender_id, content, created_at, deleted_at FROM messages
    WHERE conversation_id = ${conversationId} AND position = ${position} FOR NO KEY UPDATE
  `);
}

export async function editMessage(
  transaction: Transaction,
  conversationId: string,
  position: number,
  { text, now }: { text: string; now: string },
): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE messages SET message = ${text}, edited_at = ${now}
    WHERE conversation_id = ${conversationId} AND position = ${position}
  `);
}

/** Its words and what it led to are gone for good, and what people thought of it; that it was there stays. */
export async function deleteMessage(
  transaction: Transaction,
  conversationId: string,
  position: number,
  now: string,
): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE messages SET message = ${DELETED_WORDS}, media_url = NULL, content = 'text', deleted_at = ${now}
    WHERE conversation_id = ${conversationId} AND position = ${position}
  `);
  await transaction.query(sql.typeAlias('void')`
    DELETE FROM reactions WHERE conversation_id = ${conversationId} AND position = ${position}
  `);
}

const counted = z.object({
  position: z.int(),
  emoji: z.string(),
  count: z.bigint().transform(Number),
  mine: z.boolean(),
});
export type CountedReaction = z.infer<typeof counted>;

/** How messages of a conversation were taken, those first that came first. */
export async function listReactions(
  executor: Executor,
  conversationId: string,
  positions: readonly number[],
  readerId: string,
): Promise<readonly CountedReaction[]> {
  if (positions.length === 0) return [];
  return executor.any(sql.type(counted)`
    SELECT position, emoji, count(*) AS count, bool_or(user_id = ${readerId}) AS mine
    FROM reactions
    WHERE conversation_id = ${conversationId} AND position = ANY(${sql.array([...positions], 'int4')})
    GROUP BY position, emoji ORDER BY position, min(created_at), emoji
  `);
}

/** False where it was there. Under the message's lock. */
export async function addReaction(
  transaction: Transaction,
  reaction: { conversationId: string; position: number; userId: string; emoji: string; now: string },
): Promise<boolean> {
  const { rowCount } = await transaction.query(sql.typeAlias('void')`
    INSERT INTO reactions (conversation_id, position, user_id, emoji, created_at)
    VALUES (${reaction.conversationId}, ${reaction.position}, ${reaction.userId}, ${reaction.emoji}, ${reaction.now})
    ON CONFLICT DO NOTHING
  `);
  return rowCount > 0;
}

/** False where there was none. */
export async function removeReaction(
  transaction: Transaction,
  reaction: { conversationId: string; position: number; userId: string; emoji: string },
): Promise<boolean> {
  const { rowCount } = await transaction.query(sql.typeAlias('void')`
    DELETE FROM reactions
    WHERE conversation_id = ${reaction.conversationId} AND position = ${reaction.position}
      AND user_id = ${reaction.userId} AND emoji = ${reaction.emoji}
  `);
  return rowCount > 0;
}

const kinds = z.object({ mine: z.bigint().transform(Number), kinds: z.bigint().transform(Number) });

/** How many emoji one has put to a message, and how many kinds of them there are. */
export function countReactions(
  executor: Executor,
  conversationId: string,
  position: number,
  userId: string,
): Promise<{ mine: number; kinds: number }> {
  return executor.one(sql.type(kinds)`
    SELECT count(*) FILTER (WHERE user_id = ${userId}) AS mine, count(DISTINCT emoji) AS kinds
    FROM reactions WHERE conversation_id = ${conversationId} AND position = ${position}
  `);
}
