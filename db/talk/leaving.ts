import { DELETED_WORDS } from '#workflows/talk/preview.ts';
import { sql, type Transaction } from '../pool.ts';

/** Rooms go on without who leaves. In the order of ids, as all conversations are locked. */
export async function leaveRooms(transaction: Transaction, userId: string): Promise<void> {
  const rooms = await transaction.anyFirst(sql.typeAlias('id')`
    SELECT conversations.id FROM conversations JOIN rooms ON rooms.id = conversations.id
    JOIN members ON members.conversation_id = conversations.id
    WHERE members.user_id = ${userId} ORDER BY conversations.id FOR NO KEY UPDATE OF conversations
  `);
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO former_members (conversation_id, user_id)
    SELECT id, ${userId} FROM unnest(${sql.array([...rooms], 'uuid')}) AS id ON CONFLICT DO NOTHING
  `);
  await transaction.query(sql.typeAlias('void')`
    WITH gone AS (
      DELETE FROM members WHERE user_id = ${userId} AND conversation_id = ANY(${sql.array([...rooms], 'uuid')})
    )
    UPDATE rooms SET many = many - 1, name = CASE WHEN many > 1 THEN name END
    WHERE id = ANY(${sql.array([...rooms], 'uuid')})
  `);
  // A statement of its own, which sees that they are gone.
  await transaction.query(sql.typeAlias('void')`
    UPDATE members SET role = 'owner' FROM (
      SELECT DISTINCT ON (conversation_id) conversation_id, user_id FROM members AS oldest
      WHERE conversation_id = ANY(${sql.array([...rooms], 'uuid')}) AND NOT EXISTS (
        SELECT FROM members AS owner WHERE owner.conversation_id = oldest.conversation_id AND owner.role = 'owner'
      )
      ORDER BY conversation_id, joined_at, user_id
    ) AS next
    WHERE members.conversation_id = next.conversation_id AND members.user_id = next.user_id
  `);
}

/** What they said freely. Lines of a deal are its papers, and stay. */
export async function takeMessages(transaction: Transaction, userId: string, now: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE messages SET message = ${DELETED_WORDS}, media_url = NULL, content = 'text',
      deleted_at = coalesce(deleted_at, ${now}::timestamptz)
    WHERE sender_id = ${userId} AND content IS NOT NULL AND conversation_id IN (
      SELECT conversation_id FROM members WHERE user_id = ${userId}
      UNION SELECT conversation_id FROM former_members WHERE user_id = ${userId}
    )
  `);
  await transaction.query(sql.typeAlias('void')`DELETE FROM reactions WHERE user_id = ${userId}`);
}
