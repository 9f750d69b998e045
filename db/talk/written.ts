import { z } from 'zod';
import type { MessageView } from '#workflows/deal/contract.ts';
import type { Line } from '#workflows/deal/script.ts';
import type { Party } from '#workflows/deal/table.ts';
import { sql, type Transaction } from '../pool.ts';
import type { Said } from '../process/stored.ts';
import { messageId } from './messageId.ts';

/** A message as it is written, to somebody. */
export type NewMessage = MessageView & { receiver_id: string };

/** A line of the script as a message, new to whoever it is for; audit lines are not counted as unread. */
export function messageOf(
  line: Line,
  said: {
    conversationId: string;
    parties: Readonly<Record<Party, string>>;
    /** Whose own words a line from the actor is. */
    actorId: string | null;
    systemUserId: string;
    at: string;
  },
): NewMessage {
  return newMessage({
    id: messageId(),
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
  written: Omit<
    NewMessage,
    'media_url' | 'action_required' | 'is_automated' | 'action_completed' | 'seen' | 'edited_at' | 'deleted_at'
  >,
): NewMessage {
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
 * conversation's `said` by as many as there are and has its row locked by that. `at`: the conversation's `updated_at`,
 * which never runs backwards.
 */
export async function writeMessages(
  transaction: Transaction,
  conversationId: string,
  saidBefore: number,
  at: string,
  messages: readonly (Said & Partial<Pick<MessageView, 'media_url' | 'action_data'>>)[],
): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO messages (conversation_id, position, id, sender_id, receiver_id, message, media_url, message_type,
      action_data, created_at)
    SELECT ${conversationId}::uuid, ${saidBefore}::integer + place, (message ->> 'id')::uuid, (message ->> 'sender_id')::uuid,
      (message ->> 'receiver_id')::uuid, message ->> 'message', message ->> 'media_url',
      (message ->> 'message_type')::message_type, nullif(message ->> 'action_data', 'null')::json, ${at}::timestamptz
    FROM json_array_elements(${JSON.stringify(messages)}::json) WITH ORDINALITY AS each (message, place)
  `);
}

/** What an update that makes room for messages answers. */
export const raised = z.object({ said: z.int(), updated_at: z.string() });
