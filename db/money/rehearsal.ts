import { type Pool, type Transaction, Undone } from '../pool.ts';

/** Does some work to see what would come of it, and undoes it all. */
export async function rehearse<T>(pool: Pool, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  try {
    return await pool.transaction(async (transaction) => {
      throw new Undone(await work(transaction));
    });
  } catch (error) {
    if (error instanceof Undone) return error.value as T;
    throw error;
  }
}
