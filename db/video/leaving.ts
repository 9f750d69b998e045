import { sql, type Transaction } from '../pool.ts';

/** Videos of who leaves, and what they said of others': that somebody did stays counted. */
export async function takeVideos(transaction: Transaction, userId: string, now: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE videos SET title = '', description = '', media_url = '', thumbnail_url = NULL, category = '',
      tags = '{}', ads = '[]', deleted_at = coalesce(deleted_at, ${now}::timestamptz)
    WHERE creator_id = ${userId}
  `);
  await transaction.query(sql.typeAlias('void')`UPDATE video_comments SET text = '' WHERE user_id = ${userId}`);
  await transaction.query(sql.typeAlias('void')`
    UPDATE video_shares SET channel = NULL WHERE user_id = ${userId} AND channel IS NOT NULL
  `);
  await transaction.query(sql.typeAlias('void')`UPDATE tips SET message = NULL WHERE sender_id = ${userId}`);
  // Compared by no words from now on; the next model is built without them.
  await transaction.query(sql.typeAlias('void')`
    UPDATE recommendation_items SET labels = '{}' WHERE creator_id = ${userId}
  `);
  await transaction.query(sql.typeAlias('void')`DELETE FROM recommendation_pages WHERE user_id = ${userId}`);
}
