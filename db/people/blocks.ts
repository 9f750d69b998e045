import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { countEnded, tie } from './counts.ts';

const block = z.object({ mine: z.boolean() });

/**
 * Who of two has blocked the other; null where nobody has. The one question that every domain asks before somebody
 * follows, writes to, gives to or sees another.
 */
export async function findBlock(
  executor: Executor,
  userId: string,
  otherId: string,
): Promise<'by_me' | 'by_them' | null> {
  const rows = await executor.any(sql.type(block)`
    SELECT blocker_id = ${userId} AS mine FROM blocks
    WHERE (blocker_id = ${userId} AND blocked_id = ${otherId}) OR (blocker_id = ${otherId} AND blocked_id = ${userId})
  `);
  if (rows.length === 0) return null;
  // Both have: what one did oneself one may know.
  return rows.some(({ mine }) => mine) ? 'by_me' : 'by_them';
}

/**
 * Refuses where one of two has blocked the other: FORBIDDEN to who did, and NOT_FOUND, as of nobody, to who is blocked.
 */
export async function refuseBlocked(executor: Executor, userId: string, otherId: string): Promise<void> {
  refuseBlock(await findBlock(executor, userId, otherId));
}

/** The same, of a block that was found. */
export function refuseBlock(found: 'by_me' | 'by_them' | null): void {
  if (found === 'by_me') throw new Failure('FORBIDDEN', 'You have blocked this account.');
  if (found === 'by_them') throw new Failure('NOT_FOUND', 'There is no such user.');
}

/** Of these, those who have blocked somebody or are blocked by them. */
export function listBlocked(executor: Executor, userId: string, others: readonly string[]): Promise<readonly string[]> {
  return executor.anyFirst(sql.typeAlias('id')`
    SELECT blocked_id AS id FROM blocks WHERE blocker_id = ${userId} AND blocked_id = ANY(${sql.array([...others], 'uuid')})
    UNION SELECT blocker_id FROM blocks WHERE blocked_id = ${userId} AND blocker_id = ANY(${sql.array([...others], 'uuid')})
  `);
}

/**
 * Nobody else changes how these two stand to each other before this transaction is over: who follows sees the block, or
 * the block sees who follows.
 */
export async function lockPair(transaction: Transaction, userId: string, otherId: string): Promise<void> {
  const pair = [userId, otherId].sort().join();
  await transaction.query(sql.unsafe`SELECT pg_advisory_xact_lock(hashtextextended(${pair}, 0))`);
}

/** Blocks somebody: neither follows the other any more, and what was asked is forgotten. False where it was so. */
export async function blockUser(
  transaction: Transaction,
  { userId, otherId, now }: { userId: string; otherId: string; now: string },
): Promise<boolean> {
  await lockPair(transaction, userId, otherId);
  const { rowCount } = await transaction.query(sql.typeAlias('void')`
    INSERT INTO blocks (blocker_id, blocked_id, created_at) VALUES (${userId}, ${otherId}, ${now}) ON CONFLICT DO NOTHING
  `);
  if (rowCount === 0) return false;
  await transaction.query(sql.typeAlias('void')`
    DELETE FROM follow_requests
    WHERE (requester_id = ${userId} AND asked_id = ${otherId}) OR (requester_id = ${otherId} AND asked_id = ${userId})
  `);
  const ended = await transaction.any(sql.type(tie)`
    DELETE FROM follows
    WHERE (follower_id = ${userId} AND followed_id = ${otherId}) OR (follower_id = ${otherId} AND followed_id = ${userId})
    RETURNING follower_id, followed_id
  `);
  await countEnded(transaction, ended);
  return true;
}

/** False where there was no block. What it ended stays ended. */
export async function unblockUser(executor: Executor, userId: string, otherId: string): Promise<boolean> {
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    DELETE FROM blocks WHERE blocker_id = ${userId} AND blocked_id = ${otherId}
  `);
  return rowCount > 0;
}
