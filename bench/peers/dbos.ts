import { DBOS } from '@dbos-inc/dbos-sdk';
import { DATA } from '../clicks/click.ts';
import { takeOrders } from '../clicks/driver.ts';
import { type Answer, CONNECTIONS, createTables, guardedTransaction, type Input, openPool } from './work.ts';

/**
 * DBOS Transact: a workflow per click, its id the click's key, with the guarded transaction as its one step. System
 * tables and ours are on the same Postgres, and the caller is in the process that runs the workflow, which spares it
 * the queue. The step's own tables make it idempotent, as DBOS asks of a step.
 */
takeOrders(async ({ url, systemUrl }: { url: string; systemUrl: string }, deals) => {
  const pool = openPool(url);
  await createTables(pool, deals);
  DBOS.setConfig({
    name: 'tandem-bench',
    systemDatabaseUrl: systemUrl,
    systemDatabasePoolSize: CONNECTIONS,
    logLevel: 'error',
    runAdminServer: false,
  });
  const click = DBOS.registerWorkflow(
    (input: Input): Promise<Answer> =>
      DBOS.runStep(() => guardedTransaction(pool, input), { name: 'guardedTransaction' }),
    { name: 'click' },
  );
  await DBOS.launch();
  return {
    async click({ deal, command, key }) {
      const handle = await DBOS.startWorkflow(click, { workflowID: key })({ deal, command, key, data: DATA[command] });
      return (await handle.getResult()).state;
    },
    async close() {
      await DBOS.shutdown();
      await pool.end();
    },
  };
});
