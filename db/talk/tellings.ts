import { z } from 'zod';
import type { MessageView } from '#workflows/deal/contract.ts';
import { TALK_LIMITS } from '#workflows/talk/limits.ts';
import { type ContentType, previewOf } from '#workflows/talk/preview.ts';
import { type Announcement, announce } from '../event/announce.ts';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';

/**
 * Telling a room's members what was said. In small rooms the sender's transaction does it; in large ones `tellNext` does,
 * a chunk of members in a transaction, after the sender was answered. How far it is stands in `tellings`, written in the
 * transaction that tells: so whoever dies, nobody hears twice and nobody is missed. One walk over the members tells
 * them all messages up to one, so each hears them in their order.
 */

const saidRow = z.object({
  position: z.int(),
  id: z.string(),
  conversation_id: z.string(),
  sender_id: z.string(),
  message: z.string(),
  media_url: z.string().nullable(),
  content: z.custom<ContentType>(),
  created_at: z.string(),
  edited_at: z.string().nullable(),
  deleted_at: z.string().nullable(),
  handle: z.string(),
  avatar_url: z.string().nullable(),
});
/** A message that a person said to a room, with who that is. */
export type SaidRow = z.infer<typeof saidRow>;

const hearer = z.object({
  user_id: z.string(),
  since: z.int(),
  read_position: z.int(),
  /** Own messages after the mark, up to the last that is told now. */
  wrote: z.bigint().transform(Number),
});
type Hearer = z.infer<typeof hearer>;

/** What members hear of messages, which are given in their order: each what came after they joined. */
function eventsFor(hearers: readonly Hearer[], messages: readonly SaidRow[]): Announcement[] {
  return hearers.flatMap(({ user_id, since, read_position, wrote }) => {
    const heard = messages.filter(({ position }) => position > since);
    const own = (from: number) =>
      messages.filter((message) => message.position > from && message.sender_id === user_id).length;
    return heard.flatMap((message): Announcement[] => {
      const spoken: Announcement = { user_id, name: 'new_message', data: newMessageOf(message) };
      if (message.sender_id === user_id) return [spoken];
      // As of this message: what is after it counts with what is told of that.
      const unread = message.position - read_position - Math.max(0, wrote - own(message.position));
      return [spoken, previewFor(user_id, message, Math.max(0, unread))];
    });
  });
}

export function roomMessageOf(message: SaidRow): MessageView {
  return {
    id: message.id,
    conversation_id: message.conversation_id,
    sender_id: message.sender_id,
    receiver_id: null,
    message: message.message,
    media_url: message.media_url,
    message_type: 'user_input',
    action_required: false,
    action_data: null,
    is_automated: false,
    action_completed: false,
    seen: false,
    created_at: message.created_at,
    edited_at: message.edited_at,
    deleted_at: message.deleted_at,
  };
}

function newMessageOf(message: SaidRow) {
  return {
    conversation_id: message.conversation_id,
    message: roomMessageOf(message),
    conversation_context: null,
  };
}

/** How a message shows in a list of conversations, and how much is unread there. */
export function previewFor(
  userId: string,
  message: Omit<SaidRow, 'position'>,
  unreadCount: number,
): Announcement & { name: 'message_preview' } {
  return {
    user_id: userId,
    name: 'message_preview',
    data: {
      type: 'message_preview',
      eventType: 'chat:message:sent',
      recipientIds: [userId],
      data: {
        conversationId: message.conversation_id,
        lastMessage: previewOf(message.content, message.message),
        lastMessageId: message.id,
        senderId: message.sender_id,
        senderUsername: message.handle,
        senderProfilePic: message.avatar_url,
        messageType: message.content,
        timestamp: message.created_at,
        unreadCount,
      },
    },
  };
}

/** All members of a small room, and what they are to be told of the message that was just written there. */
export async function hearersOf(
  transaction: Transaction,
  message: SaidRow,
): Promise<{ users: readonly string[]; events: Announcement[] }> {
  const hearers = await transaction.any(sql.type(hearer)`
    SELECT user_id, since, read_position, wrote::bigint AS wrote FROM members
    WHERE conversation_id = ${message.conversation_id}
  `);
  return { users: hearers.map(({ user_id }) => user_id), events: eventsFor(hearers, [message]) };
}

const telling = z.object({ told: z.int(), until: z.int().nullable(), last_user_id: z.string().nullable() });
const said = z.object({ said: z.int() });

/** `users`: who was told, to be rung for. `more`: whether somebody may still be to be told. */
export type ToldChunk = { users: readonly string[]; more: boolean };

/**
 * Tells the next of a room's members. Null where somebody else is at it and `wait` is false, or the room is none that is
 * told apart.
 */
export async function tellNext(
  transaction: Transaction,
  conversationId: string,
  { wait, chunk = TALK_LIMITS.chunk }: { wait: boolean; chunk?: number },
): Promise<ToldChunk | null> {
  const skip = wait ? sql.fragment`` : sql.fragment`SKIP LOCKED`;
  const at = await transaction.maybeOne(sql.type(telling)`
    SELECT told, until, last_user_id FROM tellings WHERE conversation_id = ${conversationId} FOR NO KEY UPDATE ${skip}
  `);
  if (!at) return null;
  let { until } = at;
  if (until === null) {
    // What is not committed now is told in the next walk.
    const last = await transaction.one(sql.type(said)`SELECT said FROM conversations WHERE id = ${conversationId}`);
    if (last.said <= at.told) return { users: [], more: false };
    until = Math.min(last.said, at.told + TALK_LIMITS.walk);
  }
  const messages = await listSaid(transaction, conversationId, at.told, until);
  const hearers = await transaction.any(sql.type(hearer)`
    WITH later AS (
      SELECT sender_id, count(*) AS many FROM messages
      WHERE conversation_id = ${conversationId} AND position > ${until} GROUP BY sender_id
    )
    SELECT user_id, since, read_position, wrote - coalesce(later.many, 0) AS wrote
    FROM members LEFT JOIN later ON later.sender_id = user_id
    WHERE conversation_id = ${conversationId} AND (${at.last_user_id}::uuid IS NULL OR user_id > ${at.last_user_id})
    ORDER BY user_id LIMIT ${chunk}
  `);
  await announce(transaction, eventsFor(hearers, messages));
  const isLast = hearers.length < chunk;
  await transaction.query(sql.typeAlias('void')`
    UPDATE tellings SET
      told = ${isLast ? until : at.told}, until = ${isLast ? null : until}::integer,
      last_user_id = ${isLast ? null : (hearers.at(-1)?.user_id ?? null)}::uuid
    WHERE conversation_id = ${conversationId}
  `);
  return { users: hearers.map(({ user_id }) => user_id), more: true };
}

/** What people said to a room after one message and up to another, in its order. */
function listSaid(
  executor: Executor,
  conversationId: string,
  after: number,
  until: number,
): Promise<readonly SaidRow[]> {
  return executor.any(sql.type(saidRow)`
    SELECT position, messages.id, conversation_id, sender_id, message, media_url, content, messages.created_at,
      edited_at, messages.deleted_at, handle, avatar_url
    FROM messages JOIN users ON users.id = sender_id
    WHERE conversation_id = ${conversationId} AND position > ${after} AND position <= ${until}
    ORDER BY position
  `);
}

/** Rooms in which somebody is still to be told something. */
export function listUntold(pool: Pool, limit: number): Promise<readonly string[]> {
  return pool.anyFirst(sql.typeAlias('id')`
    SELECT conversation_id AS id FROM tellings JOIN conversations ON conversations.id = conversation_id
    WHERE said > told ORDER BY conversations.updated_at LIMIT ${limit}
  `);
}
