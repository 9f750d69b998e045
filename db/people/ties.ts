import { sql, type Transaction } from '../pool.ts';
import { countEnded, tie } from './counts.ts';

/** Who leaves follows nobody any more, and is followed, asked and blocked by nobody. */
export async function endTies(transaction: Transaction, userId: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    WITH asked AS (DELETE FROM follow_requests WHERE requester_id = ${userId} OR asked_id = ${userId})
    DELETE FROM blocks WHERE blocker_id = ${userId} OR blocked_id = ${userId}
  `);
  const ties = await transaction.any(sql.type(tie)`
    DELETE FROM follows WHERE follower_id = ${userId} OR followed_id = ${userId} RETURNING follower_id, followed_id
  `);
  await countEnded(transaction, ties);
}
