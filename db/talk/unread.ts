import { z } from 'zod';
import { type Executor, sql } from '../pool.ts';

/** What counts as unread with somebody: what others said to them, or to everybody. */
export function saidTo(userId: string) {
  return sql.fragment`
    sender_id <> ${userId} AND message_type <> 'audit' AND (receiver_id IS NULL OR receiver_id = ${userId})`;
}

/**
 * How much is unread with a member: the one expression behind lists, the badge and previews. Of `members` joined with
 * `conversations`. In a room everything is said to everybody, so it is a subtraction, however far behind somebody is.
 * `speak_to_other` says the second half again, for the preview that it writes; a test compares the two.
 */
export function unreadWith(userId: string) {
  return sql.fragment`
    CASE WHEN conversations.kind IN ('group', 'public') THEN (said - read_position - wrote)::bigint
    ELSE (
      SELECT count(*) FROM messages
      WHERE messages.conversation_id = members.conversation_id AND position > read_position AND ${saidTo(userId)}
    ) END`;
}

const unread = z.object({ unread: z.bigint().transform(Number) });

/** The badge: all that is unread. */
export async function countUnread(executor: Executor, userId: string): Promise<number> {
  const row = await executor.one(sql.type(unread)`
    SELECT coalesce(sum(${unreadWith(userId)}), 0)::bigint AS unread
    FROM members JOIN conversations ON conversations.id = members.conversation_id AND said > read_position
    WHERE members.user_id = ${userId}
  `);
  return row.unread;
}
