import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import type { MessageView } from '#workflows/deal/contract.ts';
import { Failure } from '#workflows/failures.ts';
import type { ContentType } from '#workflows/talk/preview.ts';
import { announce } from '../event/announce.ts';
import { notify } from '../notification/notify.ts';
import { sql, type Transaction } from '../pool.ts';
import { mentionsOf } from './mentions.ts';
import { hearersOf, previewFor, roomMessageOf, type SaidRow } from './tellings.ts';
import { countUnreadIn } from './unread.ts';

/** What a person says, in whatever conversation they are in. */
export type Saying = {
  conversationId: string;
  senderId: string;
  text: string;
  content: ContentType;
  mediaUrl: string | null;
  now: string;
};

export type Spoken = {
  message: MessageView;
  /** With who said it, as those who have the conversation open hear of it. */
  said: SaidRow;
  /** Who was told, to be rung for. */
  heard: readonly string[];
  /** Whether the members of the room are still to be told. */
  apart: boolean;
};

const raisedRow = z.object({
  said: z.int(),
  updated_at: z.string(),
  kind: z.enum(['direct', 'campaign', 'bid', 'group', 'public']),
  brand_owner_id: z.string(),
  influencer_id: z.string().nullable(),
});
const person = z.object({ handle: z.string(), avatar_url: z.string().nullable() });
const manner = z.object({ told_apart: z.boolean() });

/**
 * Writes what somebody says. Those who are to hear of it are told in the same transaction, or after it where a room has
 * too many. Null, with nothing written, where they may not talk freely now; NOT_FOUND for whom is not in it.
 */
export async function speak(transaction: Transaction, saying: Saying): Promise<Spoken | null> {
  const { conversationId, senderId } = saying;
  // First, for the lock: nobody closes it or leaves it while this is written.
  const open = await transaction.maybeOne(sql.type(raisedRow)`
    UPDATE conversations SET said = said + 1, updated_at = GREATEST(updated_at, ${saying.now}::timestamptz)
    WHERE id = ${conversationId} AND chat = 'real_time'
    RETURNING said, updated_at, kind, brand_owner_id, influencer_id
  `);
  if (!open) return null;
  const { handle, avatar_url } = await transaction.one(sql.type(person)`
    SELECT handle, avatar_url FROM users WHERE id = ${senderId}
  `);
  const said: SaidRow = {
    position: open.said,
    id: uuid(),
    conversation_id: conversationId,
    sender_id: senderId,
    message: saying.text,
    media_url: saying.mediaUrl,
    content: saying.content,
    created_at: open.updated_at,
    edited_at: null,
    deleted_at: null,
    handle,
    avatar_url,
  };
  const isRoom = open.influencer_id === null;
  const other = senderId === open.brand_owner_id ? open.influencer_id : open.brand_owner_id;
  await insertSaid(transaction, said, isRoom ? null : other);
  if (!isRoom) return speakToOther(transaction, said, other as string);

  const { rowCount } = await transaction.query(sql.typeAlias('void')`
    UPDATE members SET wrote = wrote + 1 WHERE conversation_id = ${conversationId} AND user_id = ${senderId}
  `);
  if (rowCount === 0) throw new Failure('NOT_FOUND', 'There is no such conversation.');
  const { told_apart } = await transaction.one(sql.type(manner)`
    SELECT told_apart FROM rooms WHERE id = ${conversationId}
  `);
  const named = await mentionsOf(transaction, said);
  const heard = told_apart ? { users: [], events: [] } : await hearersOf(transaction, said);
  // Together and last, for the locks; whoever is named is rung for even where the room is told apart.
  await notify(transaction, named, { now: said.created_at, beside: heard.events });
  const users = [...new Set([...heard.users, ...named.map(({ userId }) => userId)])];
  return { message: roomMessageOf(said), said, heard: users, apart: told_apart };
}

async function insertSaid(transaction: Transaction, said: SaidRow, receiverId: string | null): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO messages (conversation_id, position, id, sender_id, receiver_id, message, media_url, message_type,
      content, created_at)
    VALUES (${said.conversation_id}, ${said.position}, ${said.id}, ${said.sender_id}, ${receiverId}, ${said.message},
      ${said.media_url}, 'user_input', ${said.content}::content_type, ${said.created_at}::timestamptz)
  `);
}

async function speakToOther(transaction: Transaction, said: SaidRow, otherId: string): Promise<Spoken> {
  const message: MessageView = { ...roomMessageOf(said), receiver_id: otherId };
  const data = { conversation_id: said.conversation_id, message, conversation_context: null };
  const unread = await countUnreadIn(transaction, said.conversation_id, otherId);
  await announce(transaction, [
    { user_id: said.sender_id, name: 'new_message', data },
    { user_id: otherId, name: 'new_message', data },
    {
      user_id: otherId,
      name: 'notification',
      data: {
        type: 'new_message',
        data: { conversation_id: said.conversation_id, message: said.message, sender_id: said.sender_id },
      },
    },
    previewFor(otherId, said, unread),
  ]);
  return { message, said, heard: [said.sender_id, otherId], apart: false };
}
