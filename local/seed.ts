import { randomBytes } from 'node:crypto';
import { ensureAccount, ensureAdmin } from '#api/people/auth.ts';
import type { Role } from '#db/people/accounts.ts';
import { createPool } from '#db/pool.ts';

/** Both sides of a deal, for trying things out on one machine. Never made in production. */
export const DEMO_ACCOUNTS: readonly { handle: string; password: string; roles: readonly Role[] }[] = [
  { handle: 'demo_brand', password: 'tandem-demo', roles: ['brand_owner'] },
  { handle: 'demo_influencer', password: 'tandem-demo', roles: ['influencer'] },
];

/** The administrator of a home where ADMIN_HANDLE names none. */
export const FIRST_ADMIN = 'admin';

/** DEMO_ACCOUNTS for the API, so that its page offers them; empty where they are not made. */
export function demoAccountsFor(environment: NodeJS.ProcessEnv): string {
  if (!hasDemoAccounts(environment)) return '';
  return DEMO_ACCOUNTS.map(({ handle, roles, password }) => [handle, roles[0], password].join(':')).join(',');
}

function hasDemoAccounts(environment: NodeJS.ProcessEnv): boolean {
  return environment.NODE_ENV !== 'production' && !environment.AUTH_ISSUER_JWKS_URL;
}

/**
 * Makes the administrator that ADMIN_HANDLE and ADMIN_PASSWORD name, where they do. Returns a sentence when something
 * is to be said about that.
 */
export async function seedNamedAdmin(databaseUrl: string, environment: NodeJS.ProcessEnv): Promise<string | null> {
  const { ADMIN_HANDLE: handle, ADMIN_PASSWORD: password } = environment;
  if (!handle || !password || environment.AUTH_ISSUER_JWKS_URL) return null;
  const pool = createPool(databaseUrl, { size: 2 });
  try {
    switch (await ensureAdmin(pool, { handle, password })) {
      case 'made':
        return `Administrator ${handle} was made, with the password in ADMIN_PASSWORD.`;
      case 'changed':
        return `The password of administrator ${handle} is now the one in ADMIN_PASSWORD.`;
      case 'taken':
        return `${handle} is an ordinary account and stays one: choose another ADMIN_HANDLE.`;
      case 'there':
        return null;
    }
  } finally {
    await pool.end();
  }
}

/**
 * What `npm start` gives a new home: demo accounts, and an administrator when none is named. Returns the lines that
 * tell how to sign in; the administrator's password is in them the one time it is made.
 */
export async function seedHome(databaseUrl: string, environment: NodeJS.ProcessEnv): Promise<string[]> {
  if (environment.AUTH_ISSUER_JWKS_URL) return ['Accounts sign in at the outside issuer.'];
  const lines: string[] = [];
  const named = await seedNamedAdmin(databaseUrl, environment);
  const pool = createPool(databaseUrl, { size: 2 });
  try {
    if (hasDemoAccounts(environment)) {
      for (const account of DEMO_ACCOUNTS) {
        await ensureAccount(pool, account);
        lines.push(`Sign in as ${account.handle} with the password ${account.password}`);
      }
    }
    if (named !== null) lines.push(named);
    if (environment.ADMIN_HANDLE && environment.ADMIN_PASSWORD) return lines;
    const password = randomBytes(12).toString('base64url');
    if (await ensureAccount(pool, { handle: FIRST_ADMIN, password, roles: ['admin'] })) {
      lines.push(`Administrator: ${FIRST_ADMIN} with the password ${password} (shown this once)`);
    }
    return lines;
  } finally {
    await pool.end();
  }
}
