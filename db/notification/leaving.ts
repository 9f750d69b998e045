import { sql, type Transaction } from '../pool.ts';

/** Where who leaves is pushed to, and what they want to hear of. */
export async function takeDevices(transaction: Transaction, userId: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    WITH wanted AS (DELETE FROM notification_preferences WHERE user_id = ${userId})
    DELETE FROM devices WHERE user_id = ${userId}
  `);
}

/** What they were told has others' words in it too; it is theirs alone, and nobody reads it any more. */
export async function forgetTold(transaction: Transaction, userId: string): Promise<void> {
  // Its row is locked by whoever writes into an inbox.
  await transaction.query(sql.typeAlias('void')`SELECT FROM inboxes WHERE user_id = ${userId} FOR UPDATE`);
  // A statement each: what refers to the others goes first.
  await transaction.query(sql.typeAlias('void')`
    DELETE FROM deliveries USING pushes, notifications
    WHERE pushes.id = push_id AND notifications.id = notification_id AND notifications.user_id = ${userId}
  `);
  await transaction.query(sql.typeAlias('void')`
    DELETE FROM pushes USING notifications
    WHERE notifications.id = notification_id AND notifications.user_id = ${userId}
  `);
  await transaction.query(sql.typeAlias('void')`DELETE FROM notification_triggers WHERE user_id = ${userId}`);
  await transaction.query(sql.typeAlias('void')`DELETE FROM notifications WHERE user_id = ${userId}`);
  await transaction.query(sql.typeAlias('void')`DELETE FROM inboxes WHERE user_id = ${userId}`);
}
