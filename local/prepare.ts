import { migrate, OtherSchema } from '#db/migrate.ts';
import { refusalsOf } from '#program/production.ts';
import { readCluster } from '#worker/cluster.ts';
import { prepareNamespace } from './namespace.ts';
import { seedNamedAdmin } from './seed.ts';

/**
 * Makes a database and a Temporal server ready for the API and the worker: today's schema, the namespace, our search
 * attributes, the administrator that is named. For deployments, before each start of a new version; doing it again
 * does no harm. Reads DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, how one comes in there as the worker does,
 * ADMIN_HANDLE and ADMIN_PASSWORD.
 */

/** How long the histories of ended workflows stay to be looked at. */
const RETENTION_DAYS = 30;

const { DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: address } = process.env;
const namespace = process.env.TEMPORAL_NAMESPACE || 'default';
if (!databaseUrl || !address) {
  console.error('DATABASE_URL and TEMPORAL_ADDRESS have to be set.');
  process.exit(1);
}

const refusals = refusalsOf(process.env, { opensSecrets: false });
if (refusals.length > 0) {
  for (const refusal of refusals) console.error(refusal);
  process.exit(1);
}

try {
  await migrate(databaseUrl);
} catch (error) {
  if (!(error instanceof OtherSchema)) throw error;
  console.error(error.message);
  process.exit(1);
}
console.log("The schema is today's.");
const cluster = readCluster(
  { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, TEMPORAL_TASK_QUEUE: '' },
  process.env,
);
await prepareNamespace(cluster, RETENTION_DAYS);
console.log(`Namespace ${namespace} knows the search attributes.`);
const sentence = await seedNamedAdmin(databaseUrl, process.env);
if (sentence !== null) console.log(sentence);
