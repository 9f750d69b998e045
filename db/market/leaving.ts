import { sql, type Transaction } from '../pool.ts';

/** What who leaves offered. Deals that were about it are over; nobody finds it any more, as `offers.ts` has it. */
export async function takeOffers(transaction: Transaction, userId: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE campaigns SET title = '', description = '' WHERE brand_owner_id = ${userId}
  `);
  await transaction.query(sql.typeAlias('void')`
    UPDATE bids SET title = '', description = '' WHERE influencer_id = ${userId}
  `);
}
