import { ACCESS_MS } from '#api/people/accessToken.ts';
import { createKeyRing } from '#api/people/keys.ts';
import { createPool } from '#db/pool.ts';
import { runningDatabase } from './running.ts';
import { runningSecrets } from './runningSecrets.ts';

/**
 * `npm run keys:rotate`: a new key signs access tokens from now on, in every process within a minute. Tokens of the key
 * before go on being taken until they expire. Works on what `npm start` runs here, or on the database that DATABASE_URL
 * names, sealed as SECRETS_KEY says.
 */
const pool = createPool(runningDatabase(), { size: 1 });
const secrets = await runningSecrets(pool);
const keys = createKeyRing({ pool, secrets, now: () => new Date(), verifyFor: ACCESS_MS });
const { kid: before } = await keys.signing();
await keys.rotate();
const { kid } = await keys.signing();
await pool.end();
console.log(`Key ${kid} signs from now on; tokens of ${before} are taken for ${ACCESS_MS / 60_000} minutes more.`);
