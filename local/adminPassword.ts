import { randomBytes } from 'node:crypto';
import { ensureAdmin } from '#api/people/auth.ts';
import { createPool } from '#db/pool.ts';
import { runningDatabase } from './running.ts';
import { FIRST_ADMIN } from './seed.ts';

/**
 * `npm run admin:password [-- handle]`: gives an administrator a new password and prints it, this once; whoever was
 * signed in with the old one is signed out. Where there is no such administrator, makes one.
 */
const handle = process.argv[2] ?? (process.env.ADMIN_HANDLE || FIRST_ADMIN);
if (process.env.AUTH_ISSUER_JWKS_URL) {
  console.error('Accounts are the outside issuer’s: it keeps their passwords.');
  process.exit(1);
}
if (process.env.ADMIN_PASSWORD && handle === process.env.ADMIN_HANDLE) {
  console.error(`The password of ${handle} is the one in ADMIN_PASSWORD: change it there, and start again.`);
  process.exit(1);
}
const pool = createPool(runningDatabase(), { size: 1 });
const password = randomBytes(12).toString('base64url');
const outcome = await ensureAdmin(pool, { handle, password });
await pool.end();
if (outcome === 'taken') {
  console.error(`${handle} is an ordinary account and stays one: name an administrator.`);
  process.exitCode = 1;
} else {
  console.log(`Administrator: ${handle} with the password ${password} (shown this once)`);
}
