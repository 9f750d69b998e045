import { sql, type Transaction } from '../pool.ts';

/**
 * Offers of who leaves, ended as their maker ends them; he alone would hear of it. Whoever takes of one waits for its
 * row, and so does this: to be called before anything that locks less early.
 */
export async function endOffers(transaction: Transaction, userId: string, now: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    SELECT FROM trading_offers WHERE user_id = ${userId} ORDER BY id FOR NO KEY UPDATE
  `);
  await transaction.query(sql.typeAlias('void')`
    UPDATE trading_offers SET payment_details = NULL, payment_methods = '{}', state = 'cancelled',
      updated_at = CASE WHEN state = 'cancelled' THEN updated_at ELSE ${now}::timestamptz END
    WHERE user_id = ${userId}
  `);
}

/** Where they were paid, and how their programs called their orders. What was traded is in the books. */
export async function takeTrades(transaction: Transaction, userId: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE trades SET payment_details = NULL FROM seats
    WHERE seats.process_id = trades.process_id AND seats.user_id = ${userId} AND role = 'seller'
  `);
  await transaction.query(sql.typeAlias('void')`
    UPDATE trading_orders SET client_order_id = NULL WHERE user_id = ${userId} AND client_order_id IS NOT NULL
  `);
}
