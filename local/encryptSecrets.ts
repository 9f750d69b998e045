import { SHOWS_SECRET } from '#api/webhook/endpointRoutes.ts';
import { createPool } from '#db/pool.ts';
import { resealAll } from '#db/resealing.ts';
import { runningDatabase } from './running.ts';
import { runningSecrets } from './runningSecrets.ts';

/**
 * `npm run secrets:encrypt`: brings every secret in the database under the newest key of SECRETS_KEY, while everything
 * runs: what was written before there was one, and what is under an older one. With `plain` in front it makes all plain
 * again, for the way back. May be broken off, and begun again. Works on what `npm start` runs here, or on the database
 * that DATABASE_URL names; see Secrets in docs/operators.md for what comes before and after it.
 */
const pool = createPool(runningDatabase(), { size: 1 });
const secrets = await runningSecrets(pool);
let written = 0;
const { left, unreadable } = await resealAll(pool, secrets, {
  answers: SHOWS_SECRET,
  onChunk(many) {
    // A line for each ten thousand.
    const before = Math.floor(written / 10_000);
    written += many;
    if (Math.floor(written / 10_000) > before) console.log(`${written} …`);
  },
});
await pool.end();
const standing = secrets.sealsWith === null ? 'as they are' : `under the key ${secrets.sealsWith}`;
console.log(
  `${written} secrets were written anew; all are ${standing}${left + unreadable.length > 0 ? ', but:' : '.'}`,
);
for (const sentence of unreadable) console.log(`  ${sentence}`);
if (left > 0) console.log(`  ${left} that were in use the whole time: ask again.`);
process.exitCode = left + unreadable.length > 0 ? 1 : 0;
