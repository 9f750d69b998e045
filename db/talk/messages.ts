import { z } from 'zod';
import type { ActionData } from '#workflows/deal/contract.ts';
import { TALK_LIMITS } from '#workflows/talk/limits.ts';
import type { ContentType } from '#workflows/talk/preview.ts';
import { type Announcement, announce } from '../event/announce.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { saidTo } from './unread.ts';

const messageRow = z.object({
  id: z.string(),
  position: z.int(),
  conversation_id: z.string(),
  sender_id: z.string(),
  receiver_id: z.string().nullable(),
  message: z.string(),
  media_url: z.string().nullable(),
  message_type: z.enum(['user_input', 'system', 'automated', 'audit']),
  action_required: z.boolean(),
  action_data: z.custom<ActionData>().nullable(),
  is_automated: z.boolean(),
  action_completed: z.boolean(),
  seen: z.boolean(),
  created_at: z.string(),
  edited_at: z.string().nullable(),
  deleted_at: z.string().nullable(),
  content: z.custom<ContentType>().nullable(),
  handle: z.string(),
  display_name: z.string().nullable(),
  avatar_url: z.string().nullable(),
});
/** A message with its place in the order of writing. */
export type MessageRow = z.infer<typeof messageRow>;

/**
 * A question is answered when it is no longer the one its conversation asks. A message is seen when whoever it is
 * addressed to has read up to it, and in a room, where that is everybody: one's own when all others have (of rooms too
 * large for receipts that is not asked), others' when oneself has. An audit line, which only says what its receiver did, is from the start.
 */
const messagesFor = (readerId: string) => sql.fragment`
  SELECT messages.id, position, messages.conversation_id, sender_id, receiver_id, message, media_url, message_type,
    action_data IS NOT NULL AS action_required, action_data, message_type <> 'user_input' AS is_automated,
    action_data IS NOT NULL AND position IS DISTINCT FROM asked_position AS action_completed,
    message_type = 'audit' OR position <= coalesce(CASE
      WHEN receiver_id IS NOT NULL THEN
        (SELECT read_position FROM members WHERE conversation_id = messages.conversation_id AND user_id = receiver_id)
      WHEN sender_id = ${readerId} THEN
        (SELECT min(read_position)
          FROM rooms JOIN members ON conversation_id = rooms.id
          WHERE rooms.id = messages.conversation_id AND many <= ${TALK_LIMITS.receipts} AND user_id <> ${readerId})
      ELSE (SELECT read_position FROM members
        WHERE conversation_id = messages.conversation_id AND user_id = ${readerId})
    END, 0) AS seen,
    messages.created_at, edited_at, messages.deleted_at, content, handle, display_name, avatar_url
  FROM messages JOIN conversations ON conversations.id = messages.conversation_id
  JOIN users ON users.id = sender_id`;

/** Whose eyes read: administrators see audit lines too. `since`: in a group, the last message before they came. */
export type Reader = { id: string; admin: boolean; since?: number };

/** A conversation's messages that a reader may see, newest first; audit lines are their receiver's alone. */
export async function listMessages(
  executor: Executor,
  conversationId: string,
  reader: Reader,
  page: { limit: number; offset: number; before: number | null },
): Promise<readonly MessageRow[]> {
  return executor.any(sql.type(messageRow)`
    ${messagesFor(reader.id)}
    WHERE messages.conversation_id = ${conversationId} AND ${visibleTo(reader)}
      AND (${page.before}::integer IS NULL OR position < ${page.before})
    ORDER BY position DESC LIMIT ${page.limit} OFFSET ${page.offset}
  `);
}

/** The same after a place, oldest first: what came since. */
export async function listMessagesAfter(
  executor: Executor,
  conversationId: string,
  reader: Reader,
  page: { limit: number; after: number },
): Promise<readonly MessageRow[]> {
  return executor.any(sql.type(messageRow)`
    ${messagesFor(reader.id)}
    WHERE messages.conversation_id = ${conversationId} AND ${visibleTo(reader)} AND position > ${page.after}
    ORDER BY position LIMIT ${page.limit}
  `);
}

function visibleTo({ id, admin, since = 0 }: Reader) {
  return sql.fragment`(message_type <> 'audit' OR receiver_id = ${id} OR ${admin}) AND position > ${since}`;
}

/** Messages by their places, one of a conversation at most. */
export async function listMessagesAt(
  executor: Executor,
  readerId: string,
  places: readonly { conversationId: string; position: number }[],
): Promise<readonly MessageRow[]> {
  if (places.length === 0) return [];
  const ids = places.map(({ conversationId }) => conversationId);
  const positions = places.map(({ position }) => position);
  return executor.any(sql.type(messageRow)`
    ${messagesFor(readerId)}
    WHERE (messages.conversation_id, position) IN (
      SELECT * FROM unnest(${sql.array(ids, 'uuid')}, ${sql.array(positions, 'int4')})
    )
  `);
}

const place = z.object({ position: z.int() });

/** Where a message stands in its conversation; null where it is none of it. */
export async function findPosition(
  executor: Executor,
  conversationId: string,
  messageId: string,
): Promise<number | null> {
  const found =
    (await executor.maybeOne(sql.type(place)`
      SELECT position FROM messages
      WHERE id = ${messageId} AND content IS NOT NULL AND conversation_id = ${conversationId}
    `)) ??
    // A line of a script has no index, and is one of some dozens. Rooms have no such lines.
    (await executor.maybeOne(sql.type(place)`
      SELECT position FROM messages JOIN conversations ON conversations.id = conversation_id
      WHERE conversation_id = ${conversationId} AND messages.id = ${messageId} AND influencer_id IS NOT NULL
    `));
  return found?.position ?? null;
}

const read = z.object({ before: z.int(), now: z.int(), seen: z.bigint().transform(Number) });

/**
 * Moves on how far one has read, up to a message or to the last one; tells the other side. Answers how many messages
 * were new to them.
 */
export async function markSeen(
  transaction: Transaction,
  input: { conversationId: string; readerId: string; otherId: string; messageId: string | null; now: string },
): Promise<number> {
  const { conversationId, readerId, otherId, messageId } = input;
  const moved = await transaction.maybeOne(sql.type(read)`
    WITH reader AS (
      SELECT read_position FROM members WHERE conversation_id = ${conversationId} AND user_id = ${readerId} FOR UPDATE
    ), until AS (
      SELECT CASE WHEN ${messageId}::uuid IS NULL
        THEN (SELECT said FROM conversations WHERE id = ${conversationId})
        ELSE (SELECT position FROM messages WHERE conversation_id = ${conversationId} AND id = ${messageId}) END AS position
    )
    UPDATE members SET read_position = until.position
    FROM reader, until
    WHERE members.conversation_id = ${conversationId} AND members.user_id = ${readerId}
      AND until.position > reader.read_position
    RETURNING reader.read_position AS before, members.read_position AS now, (
      SELECT count(*) FROM messages
      WHERE conversation_id = ${conversationId} AND position > reader.read_position AND position <= until.position
        AND ${saidTo(readerId)}
    ) AS seen
  `);
  if (!moved || moved.seen === 0) return 0;
  const data = { messageId, userId: readerId, conversationId };
  await announce(transaction, [
    { user_id: otherId, name: 'message_seen', data },
    ...(await readOf(transaction, { conversationId, readerId, from: moved.before, to: moved.now, now: input.now })),
  ]);
  return moved.seen;
}

const lastRead = z.object({ sender_id: z.string(), id: z.string() });

/** That somebody has read what others wrote, told to each of those. */
async function readOf(
  transaction: Transaction,
  read: { conversationId: string; readerId: string; from: number; to: number; now: string },
): Promise<(Announcement & { name: 'message_read' })[]> {
  const { conversationId, readerId, now } = read;
  const senders = await transaction.any(sql.type(lastRead)`
    SELECT DISTINCT ON (sender_id) sender_id, id FROM messages
    WHERE conversation_id = ${conversationId} AND position > ${read.from} AND position <= ${read.to}
      AND content IS NOT NULL AND sender_id <> ${readerId}
      AND EXISTS (SELECT FROM members WHERE conversation_id = ${conversationId} AND user_id = sender_id)
    ORDER BY sender_id, position DESC
  `);
  return senders.map(({ sender_id, id }) => ({
    user_id: sender_id,
    name: 'message_read' as const,
    data: {
      type: 'message_read' as const,
      eventType: 'chat:message:read' as const,
      recipientIds: [sender_id],
      data: { conversationId, userId: readerId, lastReadMessageId: id, timestamp: now },
    },
  }));
}

const mark = z.object({ read_position: z.int(), wrote: z.int() });
const room = z.object({ said: z.int(), many: z.int() });
const own = z.object({ many: z.bigint().transform(Number) });

/**
 * Moves on how far a member has read in a room, up to a message or to the last one; tells who wrote that, unless the room
 * is too large for it. Answers how many messages were new to them, and who was told; null for whom is not in it. A
 * message that is not there moves nothing.
 */
export async function markSeenInRoom(
  transaction: Transaction,
  input: { conversationId: string; readerId: string; messageId: string | null; now: string },
): Promise<{ seen: number; told: string[] } | null> {
  const { conversationId, readerId, messageId, now } = input;
  // A statement of its own: what is read below was committed before this lock was had, or comes after it.
  const before = await transaction.maybeOne(sql.type(mark)`
    SELECT read_position, wrote FROM members
    WHERE conversation_id = ${conversationId} AND user_id = ${readerId} FOR NO KEY UPDATE
  `);
  if (!before) return null;
  const { said, many } = await transaction.one(sql.type(room)`
    SELECT said, many FROM conversations JOIN rooms ON rooms.id = conversations.id
    WHERE conversations.id = ${conversationId}
  `);
  const to = messageId === null ? said : ((await findPosition(transaction, conversationId, messageId)) ?? 0);
  if (to <= before.read_position) return { seen: 0, told: [] };
  const after = await transaction.one(sql.type(own)`
    SELECT count(*) AS many FROM messages
    WHERE conversation_id = ${conversationId} AND position > ${to} AND sender_id = ${readerId}
  `);
  await transaction.query(sql.typeAlias('void')`
    UPDATE members SET read_position = ${to}, wrote = ${after.many}
    WHERE conversation_id = ${conversationId} AND user_id = ${readerId}
  `);
  const seen = to - before.read_position - (before.wrote - after.many);
  if (seen === 0 || many > TALK_LIMITS.receipts) return { seen, told: [] };
  const read = await readOf(transaction, { conversationId, readerId, from: before.read_position, to, now });
  await announce(
    transaction,
    read.flatMap((event): Announcement[] => [
      { user_id: event.user_id, name: 'message_seen', data: { messageId, userId: readerId, conversationId } },
      event,
    ]),
  );
  return { seen, told: read.map(({ user_id }) => user_id) };
}
