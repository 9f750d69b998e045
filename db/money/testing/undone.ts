import { verbatim } from '../../invariants.ts';
import { type Pool, sql, type Transaction } from '../../pool.ts';
import { rehearse } from '../rehearsal.ts';

/** Does damage in a transaction that never was, with triggers and foreign keys off. Answers what was seen of it. */
export function undone<T>(
  pool: Pool,
  statements: readonly string[],
  see: (transaction: Transaction) => Promise<T>,
): Promise<{ seen: T; touched: number[] }> {
  return rehearse(pool, async (transaction) => {
    const run = async (statement: string) =>
      (await transaction.query(sql.typeAlias('void')(verbatim(statement)))).rowCount;
    await run("SET LOCAL session_replication_role = 'replica'");
    const touched: number[] = [];
    for (const statement of statements) touched.push(await run(statement));
    return { seen: await see(transaction), touched };
  });
}
