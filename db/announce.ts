import type { z } from 'zod';
import type { COLLABORATION_EVENTS, CollaborationEvent } from '#workflows/collaboration/contract.ts';
import { sql, type Transaction } from './pool.ts';

/** One thing one user is to hear of. `data` is the event's own, as its schema says. */
export type Announcement = {
  [Name in CollaborationEvent]: {
    user_id: string;
    name: Name;
    data: z.infer<(typeof COLLABORATION_EVENTS)[Name]>;
  };
}[CollaborationEvent];

/**
 * Writes events that are about no step to the outbox, in their order, numbering them per user. To be called last in a
 * transaction: it locks the users' counters until the commit. Ring the users' bell after the commit; a bell that is not
 * rung costs a second.
 */
export async function announce(transaction: Transaction, events: readonly Announcement[]): Promise<void> {
  if (events.length === 0) return;
  const announced = byUser(events);
  // One after the other, in the order of the arrays.
  await transaction.query(sql.typeAlias('void')`
    SELECT FROM unnest(
      ${sql.array(
        announced.map(({ userId }) => userId),
        'uuid',
      )},
      ${sql.array(
        announced.map(({ many }) => many),
        'int4',
      )},
      ${sql.array(
        announced.map(({ text }) => text),
        'text',
      )}
    ) AS announced (user_id, many, events), announce(user_id, many, events, NULL, NULL)
  `);
}

/** What one user is to hear of, as the SQL function takes it: `many` events as a JSON array. */
export type Announced = { userId: string; many: number; text: string };

/** Events by their users, in the order of the users' ids, which is the order of locks. */
function byUser(events: readonly Announcement[]): Announced[] {
  const users = Map.groupBy(events, (event) => event.user_id);
  return inOrder(
    [...users].map(([userId, theirs]) =>
      announced(
        userId,
        theirs.map(({ name, data }) => ({ name, data })),
      ),
    ),
  );
}

export function announced(userId: string, events: readonly object[]): Announced {
  return { userId, many: events.length, text: JSON.stringify(events) };
}

/** In the order in which users' counters are locked. */
export function inOrder<Of extends { userId: string }>(those: Of[]): Of[] {
  return those.sort((one, other) => (one.userId < other.userId ? -1 : 1));
}
