import { z } from 'zod';
import { type Pool, sql, type Transaction } from '../pool.ts';

const readRow = z.object({ relname: z.string(), many: z.number() });

/** How many rows of each table a piece of work reads. */
export async function rowsReadBy(
  pool: Pool,
  work: (transaction: Transaction) => Promise<unknown>,
): Promise<Record<string, number>> {
  return pool.transaction(async (transaction) => {
    const count = async () => {
      const rows = await transaction.any(sql.type(readRow)`
        SELECT relname, (seq_tup_read + coalesce(idx_tup_fetch, 0))::integer AS many FROM pg_stat_xact_user_tables
      `);
      return Object.fromEntries(rows.map(({ relname, many }) => [relname, many]));
    };
    // What its connection did just before may be counted too.
    const before = await count();
    await work(transaction);
    const after = await count();
    return Object.fromEntries(Object.entries(after).map(([table, many]) => [table, many - (before[table] ?? 0)]));
  });
}
