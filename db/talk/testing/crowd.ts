import { v7 as uuid } from 'uuid';
import { listEvents, type OutboxEvent } from '../../event/outbox.ts';
import { type Pool, sql } from '../../pool.ts';
import { findBetween } from '../between.ts';
import { createRoom } from '../rooms.ts';
import { type Spoken, speakInRoom, speakToOther } from '../speaking.ts';

/** So many accounts, in the order of their ids. */
export async function newPeople(pool: Pool, many: number): Promise<string[]> {
  const ids = Array.from({ length: many }, () => uuid()).sort();
  await pool.query(sql.typeAlias('void')`
    INSERT INTO users (id, handle, password_hash, roles)
    SELECT id, 'u-' || right(replace(id::text, '-', ''), 20), 'none', '{viewer}'
    FROM unnest(${sql.array(ids, 'uuid')}) AS id
  `);
  return ids;
}

export const NOW = '2026-03-01T09:00:00.000Z';

export function newRoom(pool: Pool, [ownerId = '', ...memberIds]: readonly string[]): Promise<string> {
  return pool.transaction((transaction) =>
    createRoom(transaction, { kind: 'group', name: 'Crowd', ownerId, memberIds, now: NOW }),
  );
}

export async function say(
  pool: Pool,
  conversationId: string,
  senderId: string,
  text: string,
  now = NOW,
): Promise<Spoken> {
  const saying = { conversationId, senderId, text, content: 'text' as const, mediaUrl: null, now };
  const spoken = await pool.transaction(async (transaction) => {
    const between = await findBetween(transaction, conversationId, senderId);
    return between ? speakToOther(transaction, saying, between) : speakInRoom(transaction, saying);
  });
  if (!spoken) throw new Error('the room is closed');
  return spoken;
}

export async function heardBy(pool: Pool, userId: string): Promise<readonly OutboxEvent[]> {
  return listEvents(pool, userId, 0, 10_000);
}

/** What somebody was told that was said, in the order in which they were told. */
export async function textsHeardBy(pool: Pool, userId: string): Promise<string[]> {
  const events = await heardBy(pool, userId);
  return events
    .filter(({ name }) => name === 'new_message')
    .map(({ data }) => (data as { message: { message: string } }).message.message);
}

/** The unread count of the last preview that somebody was told of a room; null without any. */
export async function lastPreviewOf(pool: Pool, userId: string, conversationId: string): Promise<number | null> {
  type Preview = { data: { conversationId: string; unreadCount: number } };
  const previews = (await heardBy(pool, userId))
    .filter(({ name, data }) => name === 'message_preview' && (data as Preview).data.conversationId === conversationId)
    .map(({ data }) => (data as Preview).data.unreadCount);
  return previews.at(-1) ?? null;
}
