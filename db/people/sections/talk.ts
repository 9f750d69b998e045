import { sql } from '../../pool.ts';

/** What somebody said, where, and what they took part in. */
export function talkSections(userId: string) {
  return {
    conversations: sql.fragment`
      SELECT conversation_id, kind, rooms.name, role, read_position, joined_at
      FROM members JOIN conversations ON conversations.id = conversation_id LEFT JOIN rooms ON rooms.id = conversation_id
      WHERE user_id = ${userId} ORDER BY joined_at, conversation_id`,
    conversations_left: sql.fragment`
      SELECT conversation_id FROM former_members WHERE user_id = ${userId} ORDER BY conversation_id`,
    messages: sql.fragment`
      SELECT messages.id, conversation_id, message, media_url, message_type, action_data, messages.created_at, edited_at,
        deleted_at
      FROM messages
      WHERE sender_id = ${userId} AND conversation_id IN (
        SELECT conversation_id FROM members WHERE user_id = ${userId}
        UNION SELECT conversation_id FROM former_members WHERE user_id = ${userId}
      ) ORDER BY messages.created_at, conversation_id, position`,
    reactions: sql.fragment`
      SELECT conversation_id, position, emoji, created_at FROM reactions WHERE user_id = ${userId} ORDER BY created_at`,
    processes: sql.fragment`
      SELECT processes.id, processes.kind, role, state, opened, entered_at
      FROM seats JOIN processes ON processes.id = process_id WHERE user_id = ${userId} ORDER BY processes.id`,
    steps: sql.fragment`
      SELECT process_id, n, command, data, at FROM steps
      WHERE actor_id = ${userId} AND process_id IN (SELECT process_id FROM seats WHERE user_id = ${userId})
      ORDER BY process_id, n`,
  };
}
