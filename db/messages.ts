import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ActionData, MessageView } from '#workflows/collaboration/contract.ts';
import type { Line } from '#workflows/collaboration/script.ts';
import type { Party } from '#workflows/collaboration/table.ts';
import { announce } from './announce.ts';
import { type Executor, sql, type Transaction } from './pool.ts';

const messageRow = z.object({
  id: z.string(),
  position: z.int(),
  conversation_id: z.string(),
  sender_id: z.string(),
  receiver_id: z.string(),
  message: z.string(),
  media_url: z.string().nullable(),
  message_type: z.enum(['user_input', 'system', 'automated', 'audit']),
  action_required: z.boolean(),
  action_data: z.custom<ActionData>().nullable(),
  is_automated: z.boolean(),
  action_completed: z.boolean(),
  seen: z.boolean(),
  created_at: z.string(),
});
/** A message with its place in the order of writing. */
export type MessageRow = z.infer<typeof messageRow>;

/** A question is answered when it is no longer the one its conversation asks. */
const MESSAGES = sql.fragment`
  SELECT messages.id, position, conversation_id, sender_id, receiver_id, message, media_url, message_type,
    action_data IS NOT NULL AS action_required, action_data, message_type <> 'user_input' AS is_automated,
    action_data IS NOT NULL AND position IS DISTINCT FROM asked_position AS action_completed, seen, messages.created_at
  FROM messages JOIN conversations ON conversations.id = conversation_id`;

/** A line of the script as a message, new to whoever it is for; audit lines are not counted as unread. */
export function messageOf(
  line: Line,
  said: {
    conversationId: string;
    parties: Record<Party, string>;
    /** Whose own words a line from the actor is. */
    actorId: string | null;
    systemUserId: string;
    at: string;
  },
): MessageView {
  return newMessage({
    id: randomUUID(),
    conversation_id: said.conversationId,
    sender_id: line.from === 'actor' && said.actorId ? said.actorId : said.systemUserId,
    receiver_id: said.parties[line.to],
    message: line.text,
    message_type: line.type,
    action_data: line.action,
    created_at: said.at,
  });
}

/** A message without media as it is when it is written: what it asks is not answered, and only audit lines are seen. */
export function newMessage(
  written: Omit<MessageView, 'media_url' | 'action_required' | 'is_automated' | 'action_completed' | 'seen'>,
): MessageView {
  const { message_type, action_data } = written;
  return {
    id: written.id,
    conversation_id: written.conversation_id,
    sender_id: written.sender_id,
    receiver_id: written.receiver_id,
    message: written.message,
    media_url: null,
    message_type,
    action_required: action_data !== null,
    action_data,
    is_automated: message_type !== 'user_input',
    action_completed: false,
    seen: message_type === 'audit',
    created_at: written.created_at,
  };
}

/**
 * Writes messages of one conversation in their order, numbered on after so many: whoever calls this has raised the
 * conversation's `said` by as many as there are, and its row locked by that.
 */
export async function writeMessages(
  transaction: Transaction,
  conversationId: string,
  saidBefore: number,
  messages: readonly MessageView[],
): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO messages (conversation_id, position, id, sender_id, receiver_id, message, media_url, message_type,
      action_data, seen, created_at)
    SELECT ${conversationId}::uuid, ${saidBefore}::integer + place, (message ->> 'id')::uuid, (message ->> 'sender_id')::uuid,
      (message ->> 'receiver_id')::uuid, message ->> 'message', message ->> 'media_url',
      (message ->> 'message_type')::message_type, nullif(message ->> 'action_data', 'null')::json,
      (message ->> 'seen')::boolean, (message ->> 'created_at')::timestamptz
    FROM json_array_elements(${JSON.stringify(messages)}::json) WITH ORDINALITY AS each (message, place)
  `);
}

/** What an update that makes room for messages answers. */
export const raised = z.object({ said: z.int() });

/** A conversation's messages that a reader may see, newest first; audit lines are their receiver's alone. */
export async function listMessages(
  executor: Executor,
  conversationId: string,
  reader: { id: string; admin: boolean },
  page: { limit: number; offset: number; before: number | null },
): Promise<readonly MessageRow[]> {
  return executor.any(sql.type(messageRow)`
    ${MESSAGES}
    WHERE conversation_id = ${conversationId}
      AND (message_type <> 'audit' OR receiver_id = ${reader.id} OR ${reader.admin})
      AND (${page.before}::integer IS NULL OR position < ${page.before})
    ORDER BY position DESC LIMIT ${page.limit} OFFSET ${page.offset}
  `);
}

/** Messages by their places, one of a conversation at most. */
export async function listMessagesAt(
  executor: Executor,
  places: readonly { conversationId: string; position: number }[],
): Promise<readonly MessageRow[]> {
  if (places.length === 0) return [];
  const ids = places.map(({ conversationId }) => conversationId);
  const positions = places.map(({ position }) => position);
  return executor.any(sql.type(messageRow)`
    ${MESSAGES}
    WHERE (conversation_id, position) IN (
      SELECT * FROM unnest(${sql.array(ids, 'uuid')}, ${sql.array(positions, 'int4')})
    )
  `);
}

/** Writes what one says to the other, and tells both. Null, with nothing written, where they may not talk freely now. */
export async function writeFreeMessage(
  transaction: Transaction,
  input: {
    conversationId: string;
    senderId: string;
    receiverId: string;
    message: string;
    mediaUrl: string | null;
    now: string;
  },
): Promise<MessageView | null> {
  const words = newMessage({
    id: randomUUID(),
    conversation_id: input.conversationId,
    sender_id: input.senderId,
    receiver_id: input.receiverId,
    message: input.message,
    message_type: 'user_input',
    action_data: null,
    created_at: input.now,
  });
  const message: MessageView = { ...words, media_url: input.mediaUrl };
  // First, for the lock: the chat is not closed while this is written.
  const open = await transaction.maybeOne(sql.type(raised)`
    UPDATE conversations SET said = said + 1, updated_at = GREATEST(updated_at, ${input.now}::timestamptz)
    WHERE id = ${input.conversationId} AND flow_state = 'real_time' RETURNING said
  `);
  if (!open) return null;
  await writeMessages(transaction, input.conversationId, open.said - 1, [message]);
  const data = { conversation_id: input.conversationId, message, conversation_context: null };
  await announce(transaction, [
    { user_id: input.senderId, name: 'new_message', data },
    { user_id: input.receiverId, name: 'new_message', data },
    {
      user_id: input.receiverId,
      name: 'notification',
      data: {
        type: 'new_message',
        data: { conversation_id: input.conversationId, message: input.message, sender_id: input.senderId },
      },
    },
  ]);
  return message;
}

/** Marks what one received as seen, one message or all; tells the other side. Answers how many were new to them. */
export async function markSeen(
  transaction: Transaction,
  input: { conversationId: string; readerId: string; otherId: string; messageId: string | null },
): Promise<number> {
  const result = await transaction.query(sql.typeAlias('void')`
    UPDATE messages SET seen = true
    WHERE conversation_id = ${input.conversationId} AND receiver_id = ${input.readerId} AND NOT seen
      AND (${input.messageId}::uuid IS NULL OR id = ${input.messageId})
  `);
  if (result.rowCount > 0) {
    const data = { messageId: input.messageId, userId: input.readerId, conversationId: input.conversationId };
    await announce(transaction, [{ user_id: input.otherId, name: 'message_seen', data }]);
  }
  return result.rowCount;
}

const unread = z.object({ unread: z.bigint().transform(Number) });

export async function countUnread(executor: Executor, userId: string): Promise<number> {
  const row = await executor.one(sql.type(unread)`
    SELECT count(*) AS unread FROM messages WHERE receiver_id = ${userId} AND NOT seen
  `);
  return row.unread;
}
