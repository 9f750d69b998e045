import { z } from 'zod';
import { sql, type Transaction } from '../pool.ts';

export type CountChange = { userId: string; followers: number; following: number };

/** Counts of follows, changed with them. Locks the rows of all of them, in the order of their ids. */
export async function changeCounts(transaction: Transaction, changes: readonly CountChange[]): Promise<void> {
  const sums = new Map<string, CountChange>();
  for (const change of changes) {
    const sum = sums.get(change.userId) ?? { userId: change.userId, followers: 0, following: 0 };
    sum.followers += change.followers;
    sum.following += change.following;
    sums.set(change.userId, sum);
  }
  const sorted = [...sums.values()].sort((one, other) => (one.userId < other.userId ? -1 : 1));
  for (const { userId, followers, following } of sorted) {
    await transaction.query(sql.typeAlias('void')`
      INSERT INTO follow_counts AS counted (user_id, followers, following)
      VALUES (${userId}, ${followers}, ${following})
      ON CONFLICT (user_id) DO UPDATE
      SET followers = counted.followers + ${followers}, following = counted.following + ${following}
    `);
    if (followers === 0) continue;
    const [gained, lost] = followers > 0 ? [followers, 0] : [0, -followers];
    await transaction.query(sql.typeAlias('void')`
      INSERT INTO follow_days AS counted (user_id, day, gained, lost)
      VALUES (${userId}, (now() AT TIME ZONE 'UTC')::date, ${gained}, ${lost})
      ON CONFLICT (user_id, day) DO UPDATE SET gained = counted.gained + ${gained}, lost = counted.lost + ${lost}
    `);
  }
}

/** A follow, as the statement that ends it returns it. */
export const tie = z.object({ follower_id: z.string(), followed_id: z.string() });

/** Of follows that have ended. */
export function countEnded(transaction: Transaction, ties: readonly z.infer<typeof tie>[]): Promise<void> {
  return changeCounts(
    transaction,
    ties.flatMap(({ follower_id, followed_id }) => [
      { userId: follower_id, followers: 0, following: -1 },
      { userId: followed_id, followers: -1, following: 0 },
    ]),
  );
}
