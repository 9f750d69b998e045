import { sql, type Transaction } from '../pool.ts';

/** Streams of who leaves, and what they said in others': that somebody did, and gave, stays counted. */
export async function takeStreams(transaction: Transaction, userId: string, now: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE stream_segments SET media_url = '', title = '', deleted_at = coalesce(deleted_at, ${now}::timestamptz)
    WHERE stream_id IN (SELECT process_id FROM streams WHERE creator_id = ${userId})
  `);
  await transaction.query(sql.typeAlias('void')`
    UPDATE streams SET title = '', category = '', tags = '{}', theme = NULL, overlays = '[]' WHERE creator_id = ${userId}
  `);
  await transaction.query(sql.typeAlias('void')`UPDATE challenges SET reward = NULL WHERE creator_id = ${userId}`);
  await transaction.query(sql.typeAlias('void')`
    UPDATE stream_messages SET text = '', removed_at = coalesce(removed_at, ${now}::timestamptz),
      removed_by = coalesce(removed_by, ${userId})
    WHERE user_id = ${userId}
  `);
  await transaction.query(sql.typeAlias('void')`
    UPDATE polls SET question = '', options = array_fill(''::text, ARRAY[cardinality(options)])
    WHERE stream_id IN (SELECT process_id FROM streams WHERE creator_id = ${userId})
  `);
  await transaction.query(sql.typeAlias('void')`
    UPDATE stream_openings SET word_data = '{}'
    WHERE stream_id IN (SELECT process_id FROM streams WHERE creator_id = ${userId}) AND word IS NOT NULL
  `);
  await transaction.query(sql.typeAlias('void')`
    UPDATE questions SET text = '', status = CASE WHEN status = 'asked' THEN 'dismissed' ELSE status END,
      moved_at = coalesce(moved_at, ${now}::timestamptz), moved_by = coalesce(moved_by, ${userId})
    WHERE user_id = ${userId}
  `);
  await transaction.query(sql.typeAlias('void')`
    UPDATE gift_events SET message = NULL WHERE from_user_id = ${userId} AND message IS NOT NULL
  `);
  await transaction.query(sql.typeAlias('void')`
    UPDATE subscription_tiers SET name = '', perks = '{}', retired_at = coalesce(retired_at, ${now}::timestamptz)
    WHERE creator_id = ${userId}
  `);
  await transaction.query(sql.typeAlias('void')`UPDATE ticket_events SET title = '' WHERE creator_id = ${userId}`);
}
