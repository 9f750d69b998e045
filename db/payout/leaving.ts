import { sql, type Transaction } from '../pool.ts';

/**
 * Who leaves is a payee no more. Of where they were paid out to, what no payout names goes, and of the rest all but its
 * provider. Nothing is under way, or they could not leave. Early in the order of locks.
 */
export async function takePayee(transaction: Transaction, userId: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`DELETE FROM payees WHERE user_id = ${userId}`);
}

/** In its place in the order of locks. */
export async function takeDestinations(transaction: Transaction, userId: string, now: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    DELETE FROM payout_destinations AS place
    WHERE user_id = ${userId} AND NOT EXISTS (SELECT FROM payouts WHERE destination_id = place.id)
  `);
  await transaction.query(sql.typeAlias('void')`
    UPDATE payout_destinations SET details = '{}', label = '', holder = NULL, check_id = NULL, reason = NULL,
      removed_at = coalesce(removed_at, ${now}::timestamptz)
    WHERE user_id = ${userId}
  `);
}
