import { getPerson } from '#db/people/accounts.ts';
import { refuseBlocked } from '#db/people/blocks.ts';
import type { Pool, Transaction } from '#db/pool.ts';
import {
  type ConversationRow,
  findConversation,
  findMembership,
  type Membership,
  openDirect,
  stateOf,
  viewerOf,
} from '#db/talk/conversations.ts';
import { markSeen, markSeenInRoom, type Reader } from '#db/talk/messages.ts';
import { type Spoken, speak } from '#db/talk/speaking.ts';
import { refuseUnanswered } from '#db/talk/unanswered.ts';
import type { Viewer } from '#workflows/deal/view.ts';
import { Failure } from '#workflows/failures.ts';
import { type ContentType, contentOf } from '#workflows/talk/preview.ts';

type Person = { id: string; roles: readonly string[] };

export type Visible = {
  conversation: ConversationRow;
  /** Which side one is; in a room, where nobody is one, as of somebody who only reads. */
  viewer: Viewer;
  /** Null for who only reads: an administrator, or anybody in a public room. */
  membership: Membership | null;
  reader: Reader;
};

/** A conversation that somebody may see, and as whom. NOT_FOUND for everybody else. */
export async function getVisible(
  executor: Pool | Transaction,
  conversationId: string,
  person: Person,
): Promise<Visible> {
  const conversation = await findConversation(executor, conversationId);
  const membership = conversation && (await findMembership(executor, conversationId, person.id));
  const viewer = conversation && seenBy(conversation, membership, person);
  if (!conversation || !viewer) throw noConversation();
  const since = conversation.kind === 'group' && membership ? membership.since : 0;
  return { conversation, viewer, membership, reader: { id: person.id, admin: viewer === 'admin', since } };
}

function seenBy(conversation: ConversationRow, membership: Membership | null, person: Person): Viewer | null {
  if (conversation.influencer_id !== null) return viewerOf(conversation, person);
  return membership || conversation.kind === 'public' || person.roles.includes('admin') ? 'admin' : null;
}

function noConversation(): Failure {
  return new Failure('NOT_FOUND', 'There is no such conversation.');
}

export type FreeMessage = {
  conversationId: string | null;
  receiverId: string | null;
  message: string;
  mediaUrl: string | null;
  /** Left out: what the link says it is. */
  content?: ContentType | undefined;
};

/**
 * Sends what one person says: in a conversation, or to somebody, for which a direct conversation is opened.
 * FLOW_STATE_INVALID before `real_time` and after the end; FORBIDDEN for who may only read; NOT_FOUND and FORBIDDEN where
 * one has blocked the other; LIMIT_REACHED for who writes and writes without an answer.
 */
export async function sendMessage(
  transaction: Transaction,
  sender: Person,
  input: FreeMessage,
  now: string,
): Promise<Spoken> {
  const { conversation, membership } = input.conversationId
    ? await getVisible(transaction, input.conversationId, sender)
    : await openTo(transaction, sender.id, input.receiverId as string, now);
  if (!membership) {
    throw conversation.kind === 'public'
      ? new Failure('FORBIDDEN', 'Join the room to write in it.')
      : new Failure('FORBIDDEN', 'Administrators read conversations; they do not write in them.');
  }
  const { brand_owner_id, influencer_id } = conversation;
  const other = sender.id === brand_owner_id ? influencer_id : brand_owner_id;
  if (input.receiverId && (influencer_id === null || input.receiverId !== other)) {
    throw new Failure('VALIDATION_FAILED', 'receiver_id is not the other side of this conversation.', {
      details: { fields: [{ field: 'receiver_id', problem: 'is not the other side of this conversation' }] },
    });
  }
  if (influencer_id !== null) {
    await getPerson(transaction, other as string);
    await refuseBlocked(transaction, sender.id, other as string);
  }
  if (conversation.kind === 'direct') await refuseUnanswered(transaction, conversation.id, sender.id, now);
  const spoken = await speak(transaction, {
    conversationId: conversation.id,
    senderId: sender.id,
    text: input.message,
    content: input.content ?? contentOf(input.mediaUrl),
    mediaUrl: input.mediaUrl,
    now,
  });
  if (!spoken) {
    throw new Failure('FLOW_STATE_INVALID', 'Free messages can be sent while the chat is in real time.', {
      details: { current_state: stateOf(conversation), required_state: 'real_time' },
    });
  }
  return spoken;
}

async function openTo(
  transaction: Transaction,
  senderId: string,
  receiverId: string,
  now: string,
): Promise<Pick<Visible, 'conversation' | 'membership'>> {
  if (senderId === receiverId) throw new Failure('FORBIDDEN', 'One account cannot talk to itself.');
  await getPerson(transaction, receiverId);
  await refuseBlocked(transaction, senderId, receiverId);
  const { conversation } = await openDirect(transaction, senderId, receiverId, now);
  return { conversation, membership: { role: 'member', since: 0 } };
}

/** Marks what one received as seen; answers whom to ring and how many were new. Nothing happens for who only reads. */
export async function seeMessages(
  transaction: Transaction,
  reader: Person,
  conversationId: string,
  messageId: string | null,
  now: string,
): Promise<{ seen: number; told: readonly string[] }> {
  const { conversation, membership } = await getVisible(transaction, conversationId, reader);
  if (!membership) return { seen: 0, told: [] };
  const mark = { conversationId, readerId: reader.id, messageId, now };
  const { brand_owner_id, influencer_id } = conversation;
  if (influencer_id === null) {
    const read = await markSeenInRoom(transaction, mark);
    if (!read) throw noConversation();
    return read;
  }
  const otherId = reader.id === brand_owner_id ? influencer_id : brand_owner_id;
  const seen = await markSeen(transaction, { ...mark, otherId });
  return { seen, told: seen > 0 ? [otherId] : [] };
}
