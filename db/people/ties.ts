import { z } from 'zod';
import { sql, type Transaction } from '../pool.ts';
import { changeCounts } from './counts.ts';

const tie = z.object({ follower_id: z.string(), followed_id: z.string() });

/** Who leaves follows nobody any more, and is followed, asked and blocked by nobody. */
export async function endTies(transaction: Transaction, userId: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    WITH asked AS (DELETE FROM follow_requests WHERE requester_id = ${userId} OR asked_id = ${userId})
    DELETE FROM blocks WHERE blocker_id = ${userId} OR blocked_id = ${userId}
  `);
  const ties = await transaction.any(sql.type(tie)`
    DELETE FROM follows WHERE follower_id = ${userId} OR followed_id = ${userId} RETURNING follower_id, followed_id
  `);
  await changeCounts(
    transaction,
    ties.flatMap(({ follower_id, followed_id }) => [
      { userId: follower_id, followers: 0, following: -1 },
      { userId: followed_id, followers: -1, following: 0 },
    ]),
  );
}
