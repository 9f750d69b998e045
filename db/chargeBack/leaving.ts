import { sql, type Transaction } from '../pool.ts';

/** What is in files of who leaves: their charge-backs are over. That there was a file is in the papers. */
export async function takeFiles(transaction: Transaction, userId: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE charge_back_files SET name = '', bytes = '' WHERE user_id = ${userId} AND by_role <> 'admin'
  `);
}
