import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { DATA } from '../clicks/click.ts';
import { takeOrders } from '../clicks/driver.ts';
import type { Activities, deal } from './temporalWorkflow.ts';
import { type Answer, createTables, type Input, insertStep, openPool } from './work.ts';

const TASK_QUEUE = 'bench';
const workflowId = (deal: number) => `deal-${deal}`;

/**
 * A Temporal Update: a workflow per deal, which holds the deal's state, refuses in the validator and inserts the row in
 * a local activity, the quickest kind. The answer is the completed Update, which the history keeps under the click's
 * key. Same server build, storage and SDK as Tandem's own; all workflows stay in the worker's memory.
 */
takeOrders(async ({ url, address, namespace }: { url: string; address: string; namespace: string }, deals) => {
  const filter = makeTelemetryFilterString({ core: 'ERROR' });
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter } } });
  const pool = openPool(url);
  await createTables(pool, deals);
  const activities: Activities = { insertStep: (input, answer) => insertStep(pool, input, answer) };
  const workerConnection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection: workerConnection,
    namespace,
    taskQueue: TASK_QUEUE,
    workflowsPath: fileURLToPath(new URL('./temporalWorkflow.ts', import.meta.url)),
    activities,
    maxCachedWorkflows: deals + 100,
  });
  const running = worker.run();
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  for (let number = 0; number < deals; number += 1) {
    const handle = await client.workflow.start<typeof deal>('deal', {
      taskQueue: TASK_QUEUE,
      workflowId: workflowId(number),
      args: [{ state: 'work_in_progress', version: 0 }],
    });
    await handle.query('isThere');
  }
  return {
    async click({ deal: number, command, key }) {
      const input = { deal: number, command, key, data: DATA[command] };
      const handle = client.workflow.getHandle(workflowId(number));
      return (await handle.executeUpdate<Answer, [Input]>('click', { args: [input], updateId: key })).state;
    },
    async close() {
      worker.shutdown();
      await running;
      await connection.close();
      await workerConnection.close();
      await pool.end();
    },
  };
});
