import { sql, type Transaction } from '../pool.ts';

/** Gigs and clans of who leaves: credits and boosts of others stay counted, nobody finds them any more (`targets.ts`). */
export async function takeTargets(transaction: Transaction, userId: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE gigs SET title = '', description = '', category = '' WHERE owner_id = ${userId}
  `);
  // No two are called alike.
  await transaction.query(sql.typeAlias('void')`
    UPDATE clans SET name = 'deleted-' || replace(id::text, '-', ''), description = '' WHERE leader_id = ${userId}
  `);
}
