import { DATA } from '../clicks/click.ts';
import { takeOrders } from '../clicks/driver.ts';
import { createTables, guardedTransaction, openPool } from './work.ts';

/**
 * The limit: one transaction by hand with `pg`, prepared statements, nothing around it. Five round trips and one synced
 * commit; whatever else promises a click to be durable has to do at least this.
 */
takeOrders(async ({ url }: { url: string }, deals) => {
  const pool = openPool(url);
  await createTables(pool, deals);
  return {
    async click({ deal, command, key }) {
      return (await guardedTransaction(pool, { deal, command, key, data: DATA[command] })).state;
    },
    close: () => pool.end(),
  };
});
