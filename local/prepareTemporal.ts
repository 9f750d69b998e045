import { refusalsOf } from '#program/production.ts';
import { makeTemporalStores, STORES } from './temporalStores.ts';

/**
 * Makes Temporal's role and its two databases on the Postgres that has ours, for docker-compose.yml; doing it again does
 * no harm. Reads DATABASE_URL, of a role that may make others, and TEMPORAL_POSTGRES_PASSWORD.
 */

const ROLE = 'temporal';

const { DATABASE_URL: databaseUrl, TEMPORAL_POSTGRES_PASSWORD: password } = process.env;
if (!databaseUrl || !password) {
  console.error('DATABASE_URL and TEMPORAL_POSTGRES_PASSWORD have to be set.');
  process.exit(1);
}
const refusals = refusalsOf(process.env, { opensSecrets: false });
if (refusals.length > 0) {
  for (const refusal of refusals) console.error(refusal);
  process.exit(1);
}
await makeTemporalStores({ databaseUrl, role: ROLE, password, databases: STORES });
console.log(`Temporal has its databases, ${STORES.join(' and ')}, and the role ${ROLE} alone may read them.`);
