import type { Pool, Transaction } from '../pool.ts';

class Rehearsed<T> extends Error {
  readonly value: T;
  constructor(value: T) {
    super('this was a rehearsal');
    this.value = value;
  }
}

/** Does some work to see what would come of it, and undoes it all. */
export async function rehearse<T>(pool: Pool, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  try {
    return await pool.transaction(async (transaction) => {
      throw new Rehearsed(await work(transaction));
    });
  } catch (error) {
    if (error instanceof Rehearsed) return error.value as T;
    throw error;
  }
}
