import { getPerson } from '#db/people/accounts.ts';
import { refuseBlock, refuseBlocked } from '#db/people/blocks.ts';
import { type Executor, inTransaction, type Pool, type Transaction } from '#db/pool.ts';
import { type Between, findBetween } from '#db/talk/between.ts';
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
import { type Saying, type Spoken, speakInRoom, speakToOther } from '#db/talk/speaking.ts';
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
 * Sends what one person says: in a conversation, or to somebody, for which a direct conversation is opened. In the
 * caller's transaction, or as one of its own; to the other of two it is two round trips, one that asks and one that writes.
 * FLOW_STATE_INVALID before `real_time` and after the end; FORBIDDEN for who may only read; NOT_FOUND and FORBIDDEN where
 * one has blocked the other; LIMIT_REACHED for who writes and writes without an answer.
 */
export async function sendMessage(
  executor: Executor,
  sender: Person,
  input: FreeMessage,
  now: string,
): Promise<Spoken> {
  const { conversationId } = input;
  const between = conversationId === null ? null : await findBetween(executor, conversationId, sender.id);
  if (between) return sendToOther(executor, sender, between, input, now);
  return inTransaction(executor, (transaction) =>
    conversationId === null
      ? sendTo(transaction, sender, input, now)
      : sendToRoom(transaction, sender, { ...input, conversationId }, now),
  );
}

async function sendToOther(
  executor: Executor,
  sender: Person,
  between: Between,
  input: FreeMessage,
  now: string,
): Promise<Spoken> {
  if (between.other_id === null) throw sender.roles.includes('admin') ? onlyReads() : noConversation();
  if (input.receiverId && input.receiverId !== between.other_id) throw notTheOther();
  if (!between.is_there) throw new Failure('NOT_FOUND', 'There is no such user.');
  refuseBlock(between.blocks ? 'by_me' : between.is_blocked ? 'by_them' : null);
  refuseUnanswered(between, now);
  const spoken = await speakToOther(executor, sayingOf(between.id, sender, input, now), between);
  if (!spoken) throw notOpen(between.state ?? 'real_time');
  return spoken;
}

async function sendToRoom(
  transaction: Transaction,
  sender: Person,
  input: FreeMessage & { conversationId: string },
  now: string,
): Promise<Spoken> {
  const { conversation, membership } = await getVisible(transaction, input.conversationId, sender);
  if (!membership) {
    throw conversation.kind === 'public' ? new Failure('FORBIDDEN', 'Join the room to write in it.') : onlyReads();
  }
  if (input.receiverId) throw notTheOther();
  const spoken = await speakInRoom(transaction, sayingOf(conversation.id, sender, input, now));
  if (!spoken) throw notOpen(stateOf(conversation));
  return spoken;
}

/** To somebody, in the direct conversation that the two have, or in a new one. */
async function sendTo(transaction: Transaction, sender: Person, input: FreeMessage, now: string): Promise<Spoken> {
  const receiverId = input.receiverId as string;
  if (sender.id === receiverId) throw new Failure('FORBIDDEN', 'One account cannot talk to itself.');
  await getPerson(transaction, receiverId);
  await refuseBlocked(transaction, sender.id, receiverId);
  const { conversation } = await openDirect(transaction, sender.id, receiverId, now);
  const between = await findBetween(transaction, conversation.id, sender.id);
  if (!between) throw noConversation();
  return sendToOther(transaction, sender, between, input, now);
}

function sayingOf(conversationId: string, sender: Person, input: FreeMessage, now: string): Saying {
  return {
    conversationId,
    senderId: sender.id,
    text: input.message,
    content: input.content ?? contentOf(input.mediaUrl),
    mediaUrl: input.mediaUrl,
    now,
  };
}

function onlyReads(): Failure {
  return new Failure('FORBIDDEN', 'Administrators read conversations; they do not write in them.');
}

function notTheOther(): Failure {
  return new Failure('VALIDATION_FAILED', 'receiver_id is not the other side of this conversation.', {
    details: { fields: [{ field: 'receiver_id', problem: 'is not the other side of this conversation' }] },
  });
}

function notOpen(state: string): Failure {
  return new Failure('FLOW_STATE_INVALID', 'Free messages can be sent while the chat is in real time.', {
    details: { current_state: state, required_state: 'real_time' },
  });
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
