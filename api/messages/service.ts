import { getPerson } from '#db/accounts.ts';
import { type ConversationRow, findConversation, openDirect, viewerOf } from '#db/conversations.ts';
import { markSeen, writeFreeMessage } from '#db/messages.ts';
import type { Pool, Transaction } from '#db/pool.ts';
import type { MessageView } from '#workflows/collaboration/contract.ts';
import type { Viewer } from '#workflows/collaboration/view.ts';
import { Failure } from '#workflows/failures.ts';

type Person = { id: string; roles: readonly string[] };

/** A conversation that somebody may see, and as whom. NOT_FOUND for everybody else. */
export async function getVisible(
  executor: Pool | Transaction,
  conversationId: string,
  person: Person,
): Promise<{ conversation: ConversationRow; viewer: Viewer }> {
  const conversation = await findConversation(executor, conversationId);
  const viewer = conversation && viewerOf(conversation, person);
  if (!conversation || !viewer) throw new Failure('NOT_FOUND', 'There is no such conversation.');
  return { conversation, viewer };
}

export type FreeMessage = {
  conversationId: string | null;
  receiverId: string | null;
  message: string;
  mediaUrl: string | null;
};

/**
 * Sends what one person says to the other: in a conversation, or to somebody, for which a direct conversation is opened.
 * FLOW_STATE_INVALID before `real_time` and after the end; FORBIDDEN for administrators, who may only read.
 */
export async function sendMessage(
  transaction: Transaction,
  sender: Person,
  input: FreeMessage,
  now: string,
): Promise<{ message: MessageView; receiverId: string }> {
  const conversation = input.conversationId
    ? (await getVisible(transaction, input.conversationId, sender)).conversation
    : await openTo(transaction, sender.id, input.receiverId as string, now);
  const { brand_owner_id, influencer_id } = conversation;
  if (sender.id !== brand_owner_id && sender.id !== influencer_id) {
    throw new Failure('FORBIDDEN', 'Administrators read conversations; they do not write in them.');
  }
  const receiverId = sender.id === brand_owner_id ? influencer_id : brand_owner_id;
  if (input.receiverId && input.receiverId !== receiverId) {
    throw new Failure('VALIDATION_FAILED', 'receiver_id is not the other side of this conversation.', {
      details: { fields: [{ field: 'receiver_id', problem: 'is not the other side of this conversation' }] },
    });
  }
  const message = await writeFreeMessage(transaction, {
    conversationId: conversation.id,
    senderId: sender.id,
    receiverId,
    message: input.message,
    mediaUrl: input.mediaUrl,
    now,
  });
  if (!message) {
    throw new Failure('FLOW_STATE_INVALID', 'Free messages can be sent while the chat is in real time.', {
      details: { current_state: conversation.flow_state, required_state: 'real_time' },
    });
  }
  return { message, receiverId };
}

async function openTo(
  transaction: Transaction,
  senderId: string,
  receiverId: string,
  now: string,
): Promise<ConversationRow> {
  if (senderId === receiverId) throw new Failure('FORBIDDEN', 'One account cannot talk to itself.');
  await getPerson(transaction, receiverId);
  return (await openDirect(transaction, senderId, receiverId, now)).conversation;
}

/** Marks what one received as seen; answers whom to ring and how many were new. Nothing happens for administrators. */
export async function seeMessages(
  transaction: Transaction,
  reader: Person,
  conversationId: string,
  messageId: string | null,
): Promise<{ seen: number; otherId: string }> {
  const { conversation } = await getVisible(transaction, conversationId, reader);
  const { brand_owner_id, influencer_id } = conversation;
  const otherId = reader.id === brand_owner_id ? influencer_id : brand_owner_id;
  const seen = await markSeen(transaction, { conversationId, readerId: reader.id, otherId, messageId });
  return { seen, otherId };
}
