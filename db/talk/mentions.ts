import { z } from 'zod';
import { mentionsIn } from '#workflows/talk/mentions.ts';
import type { Note } from '../notification/notify.ts';
import { sql, type Transaction } from '../pool.ts';
import type { SaidRow } from './tellings.ts';

const namedRow = z.object({ user_id: z.string() });

/**
 * What those are to be told whom a message in a room names by `@`: members alone, and nobody who has blocked its sender
 * or is blocked by them. The note names the message and has none of its words.
 */
export async function mentionsOf(transaction: Transaction, said: SaidRow): Promise<Note[]> {
  const handles = mentionsIn(said.message);
  if (handles.length === 0) return [];
  const named = await transaction.any(sql.type(namedRow)`
    SELECT member.user_id FROM users
    JOIN members AS member ON member.user_id = users.id AND member.conversation_id = ${said.conversation_id}
    WHERE lower(users.handle) = ANY(${sql.array(handles, 'text')})
      AND NOT EXISTS (
        SELECT FROM blocks
        WHERE (blocker_id = users.id AND blocked_id = ${said.sender_id})
          OR (blocker_id = ${said.sender_id} AND blocked_id = users.id)
      )
    ORDER BY member.user_id
  `);
  return named.map(({ user_id }) => ({
    userId: user_id,
    kind: 'mention',
    key: `mention_${said.id}`,
    actorId: said.sender_id,
    target: { type: 'room', id: said.conversation_id },
    data: { messageId: said.id },
  }));
}
