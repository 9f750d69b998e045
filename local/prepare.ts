import { setTimeout } from 'node:timers/promises';
import { migrate } from '#db/migrate.ts';
import { refusalsOf } from '#program/production.ts';
import { connect, readCluster } from '#worker/cluster.ts';
import { registerSearchAttributes } from './searchAttributes.ts';
import { seedNamedAdmin } from './seed.ts';

/**
 * Makes a database and a Temporal server ready for the API and the worker: today's schema, the namespace, our search
 * attributes, the administrator that is named. For deployments, before each start of a new version; doing it again
 * does no harm. Reads DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, how one comes in there as the worker does,
 * ADMIN_HANDLE and ADMIN_PASSWORD.
 */

/** How long the namespace is asked for: a server forgets for a few seconds that it was told of a new one. */
const PATIENCE_MS = 60_000;
/** How long the histories of ended workflows stay to be looked at. */
const RETENTION_DAYS = 30;

/** The gRPC status. */
const ALREADY_EXISTS = 6;

const { DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: address } = process.env;
const namespace = process.env.TEMPORAL_NAMESPACE || 'default';
if (!databaseUrl || !address) {
  console.error('DATABASE_URL and TEMPORAL_ADDRESS have to be set.');
  process.exit(1);
}

const refusals = refusalsOf(process.env);
if (refusals.length > 0) {
  for (const refusal of refusals) console.error(refusal);
  process.exit(1);
}

await migrate(databaseUrl);
console.log("The schema is today's.");
const cluster = readCluster(
  { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, TEMPORAL_TASK_QUEUE: '' },
  process.env,
);
await ensureNamespace();
await patiently(() => registerSearchAttributes(cluster));
console.log(`Namespace ${namespace} knows the search attributes.`);
const sentence = await seedNamedAdmin(databaseUrl, process.env);
if (sentence !== null) console.log(sentence);

async function ensureNamespace(): Promise<void> {
  const connection = await patiently(() => connect(cluster, 5_000));
  try {
    await patiently(() =>
      connection.workflowService.registerNamespace({
        namespace,
        workflowExecutionRetentionPeriod: { seconds: (RETENTION_DAYS * 86_400) as unknown as Long },
      }),
    );
  } catch (error) {
    if ((error as { code?: number }).code !== ALREADY_EXISTS) throw error;
  } finally {
    await connection.close();
  }
}

/** Again and again while the server is not ready; an answer that will not change is thrown at once. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if ((error as { code?: number }).code === ALREADY_EXISTS || Date.now() > deadline) throw error;
      await setTimeout(500);
    }
  }
}
