import { createHash, createHmac, randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import {
  createAccount,
  findCredentials,
  getUser,
  HANDLE,
  handleTaken,
  type Role,
  type User,
  updatePasswordHash,
} from '#db/people/accounts.ts';
import {
  createSession,
  type Ending,
  endSession,
  endSessionsOfUser,
  findSessionOfRefreshToken,
  rotateRefreshToken,
} from '#db/people/sessions.ts';
import { refuseBarred } from '#db/people/staff.ts';
import { Failure } from '#workflows/failures.ts';
import { addressKey } from '../address.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { ACCESS_MS, type AccessTokens, createAccessTokens, unauthenticated } from './accessToken.ts';
import type { Account, Verify } from './account.ts';
import { createGuesses, type Guesses } from './guesses.ts';
import { createKeyRing, type KeyRing } from './keys.ts';
import { createLiveSessions, type LiveSessions } from './liveSessions.ts';
import { verifyOutside } from './outsideIssuer.ts';
import { createPasswords, type Passwords } from './password.ts';
import { refuseReserved } from './reserved.ts';

/** A session lives on for 30 days after it was last refreshed. */
export const SESSION_MS = 30 * 24 * 60 * 60_000;

/** Who signs in elsewhere proves that it is they by having done so within this time. */
const PROVEN_MS = 5 * 60_000;

/** What signing in gives: `refresh` opens the next `access`, once. */
export type SignedIn = { user: User; access: string; accessExpiresAt: Date; refresh: string };

export type NewAccount = { handle: string; password: string; roles: readonly Role[] };

export type Auth = {
  verify: Verify;
  keys: KeyRing;
  /** CONFLICT, RATE_LIMITED, FORBIDDEN. */
  register(account: NewAccount, address: string): Promise<SignedIn>;
  /** UNAUTHENTICATED, the same for an unknown handle and a wrong password; RATE_LIMITED, FORBIDDEN. */
  login(handle: string, password: string, address: string): Promise<SignedIn>;
  /** UNAUTHENTICATED; a token that was used before ends its session. */
  /** `client`: who sends it; the same one may send it twice within seconds. */
  refresh(refresh: string, client: { address: string; program: string }): Promise<SignedIn>;
  endSession(sessionId: string, by: Ending): Promise<void>;
  /**
   * That it is they who ask, and not who found their token: by their password, or where they sign in elsewhere by having
   * done so just now. FORBIDDEN, RATE_LIMITED, VALIDATION_FAILED.
   */
  prove(account: Account, password: string | undefined, address: string): Promise<void>;
  /** All of somebody's. */
  endSessionsOf(userId: string, by: Ending): Promise<void>;
  /** The session of a refresh token, used or not. */
  sessionOf(refresh: string): Promise<string | null>;
};

type AuthDeps = Pick<Deps, 'config' | 'pool' | 'secrets' | 'redis' | 'bus' | 'now'> & { guesses?: Guesses };

/** Accounts, sessions and tokens of one process. */
export function createAuth(deps: AuthDeps): Auth {
  const keys = createKeyRing({ pool: deps.pool, secrets: deps.secrets, now: deps.now, verifyFor: ACCESS_MS });
  const tokens = createAccessTokens({ keys, now: deps.now });
  const sessions = createLiveSessions(deps);
  const passwords = createPasswords();
  const guesses = deps.guesses ?? createGuesses(deps.redis);
  const outside = deps.config.AUTH_ISSUER_JWKS_URL ? verifyOutside(deps) : null;
  return {
    keys,
    verify: outside ?? ((token) => verifyOwn(token, tokens, sessions)),
    ...createDoor({ ...deps, tokens, sessions, passwords, guesses, outside: outside !== null }),
  };
}

async function verifyOwn(token: string, tokens: AccessTokens, sessions: LiveSessions) {
  const access = await tokens.verify(token);
  const user = await sessions.find(access.sessionId);
  if (!user || user.id !== access.userId) throw unauthenticated();
  return { ...user, sessionId: access.sessionId, expiresAt: access.expiresAt };
}

type DoorDeps = AuthDeps & {
  tokens: AccessTokens;
  sessions: LiveSessions;
  passwords: Passwords;
  guesses: Guesses;
  /** Whether accounts are an outside issuer's. */
  outside: boolean;
};

function createDoor(deps: DoorDeps): Omit<Auth, 'verify' | 'keys'> {
  const { pool, secrets, now, tokens, sessions, passwords, guesses } = deps;

  function refuseWhenOutside(): void {
    if (deps.outside)
      throw new Failure('FORBIDDEN', `Accounts of this deployment sign in at ${deps.config.AUTH_ISSUER}.`);
  }

  async function signIn(user: User): Promise<SignedIn> {
    const sessionId = uuidv7();
    const refresh = newRefreshToken();
    const at = now();
    await createSession(pool, secrets, {
      id: sessionId,
      userId: user.id,
      refreshHash: hashOf(refresh),
      at: at.toISOString(),
      expiresAt: new Date(at.getTime() + SESSION_MS).toISOString(),
    });
    const access = await tokens.issue(user, sessionId, { id: idOfAccess(refresh), at });
    return { user, access: access.token, accessExpiresAt: access.expiresAt, refresh };
  }

  const door: Omit<Auth, 'verify' | 'keys'> = {
    async register({ handle, password, roles }, address) {
      refuseWhenOutside();
      await guesses.registering(address);
      refuseReserved(handle);
      // Before the hash, which is what costs; that it is still free is for the index to say.
      if (await findCredentials(pool, handle)) throw handleTaken();
      const passwordHash = await passwords.hash(password, {
        account: handle.toLowerCase(),
        address: addressKey(address),
      });
      const user = await createAccount(pool, {
        id: uuidv7(),
        handle,
        passwordHash,
        roles,
        externalSubject: null,
        at: now().toISOString(),
      });
      return signIn(user);
    },

    async prove(account, password, address) {
      if (deps.outside) return refuseStale(account, now());
      if (password === undefined) throw invalidField('password', 'is missing');
      const proof = await door.login(account.handle, password, address).catch((error: unknown) => {
        if (!(error instanceof Failure) || error.code !== 'UNAUTHENTICATED') throw error;
        throw new Failure('FORBIDDEN', 'The password is wrong.');
      });
      // It was only to prove who asks.
      const sessionId = await door.sessionOf(proof.refresh);
      if (sessionId !== null) await door.endSession(sessionId, 'logout');
    },

    async login(handle, password, address) {
      refuseWhenOutside();
      await guesses.signingIn(handle, address);
      // Others are nobody's, but Postgres takes some for somebody's: `lower('vİctİm')` is `victim` there, and each such
      // spelling is counted for itself.
      const credentials = HANDLE.test(handle) ? await findCredentials(pool, handle) : null;
      const right = await passwords.check(credentials?.password_hash ?? null, password, {
        who: { account: handle.toLowerCase(), address: addressKey(address) },
        // Again: guesses that were sent all at once have been counted by now.
        before: () => guesses.check(handle, address),
        after: (matches) => (matches ? guesses.succeeded(handle) : guesses.failed(handle, address)),
      });
      if (!credentials || !right) throw new Failure('UNAUTHENTICATED', 'Handle or password is wrong.');
      await refuseBarred(pool, credentials.id);
      const { password_hash: _, ...user } = credentials;
      return signIn(user);
    },

    async refresh(refresh, client) {
      refuseWhenOutside();
      if (!REFRESH_TOKEN.test(refresh)) throw notRefreshable();
      const at = now();
      const rotation = await rotateRefreshToken(pool, secrets, {
        hash: hashOf(refresh),
        by: hashOf(`${addressKey(client.address)}\n${client.program}`),
        next: (secret) => hashOf(tokenAfter(refresh, secret)),
        at: at.toISOString(),
        expiresAt: new Date(at.getTime() + SESSION_MS).toISOString(),
      });
      if (rotation.outcome === 'reused') sessions.announceEnd(rotation.sessionId);
      if (rotation.outcome !== 'rotated') throw notRefreshable();
      const user = await getUser(pool, rotation.userId);
      const next = tokenAfter(refresh, rotation.secret);
      const access = await tokens.issue(user, rotation.sessionId, { id: idOfAccess(next), at: new Date(rotation.at) });
      return { user, access: access.token, accessExpiresAt: access.expiresAt, refresh: next };
    },

    async endSession(sessionId, by) {
      await endSession(pool, sessionId, by, now().toISOString());
      sessions.announceEnd(sessionId);
    },

    async endSessionsOf(userId, by) {
      for (const sessionId of await endSessionsOfUser(pool, userId, by, now().toISOString())) {
        sessions.announceEnd(sessionId);
      }
    },

    sessionOf: async (refresh) =>
      REFRESH_TOKEN.test(refresh) ? findSessionOfRefreshToken(pool, hashOf(refresh)) : null,
  };
  return door;
}

function refuseStale({ provenAt }: Account, now: Date): void {
  if (provenAt && now.getTime() - provenAt.getTime() <= PROVEN_MS) return;
  throw new Failure('FORBIDDEN', 'Sign in anew: this takes a token of who signed in within the last five minutes.', {
    details: { signed_in_within_seconds: PROVEN_MS / 1000 },
  });
}

/** 256 bits of chance: nothing to guess, and so nothing to slow down with an expensive hash. */
function newRefreshToken(): string {
  return randomBytes(32).toString('base64url');
}

/** The next one, which who has the one before and not the session's secret cannot make. */
function tokenAfter(refresh: string, secret: Buffer): string {
  return createHmac('sha256', secret).update(refresh).digest('base64url');
}

/** What is none is refused without asking the database. */
const REFRESH_TOKEN = /^[A-Za-z0-9_-]{43}$/;

function notRefreshable(): Failure {
  return new Failure('UNAUTHENTICATED', 'This refresh token is not valid any more.');
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Of the access token that goes with a refresh token: of each another, and nothing of it can be guessed by that. */
function idOfAccess(refresh: string): string {
  return hashOf(`access ${refresh}`).toString('base64url');
}

/**
 * The first administrator. `taken`: the handle is an ordinary account's, which is not made an administrator for its
 * name; `changed`: it had another password, which its sessions end with.
 */
export async function ensureAdmin(
  pool: Deps['pool'],
  { handle, password }: { handle: string; password: string },
): Promise<'made' | 'there' | 'changed' | 'taken'> {
  const passwords = createPasswords();
  const known = await findCredentials(pool, handle);
  if (!known) {
    const made = await ensureAccount(pool, { handle, password, roles: ['admin'] });
    return made ? 'made' : ensureAdmin(pool, { handle, password });
  }
  if (!known.roles.includes('admin')) return 'taken';
  const free = { before: async () => {}, after: async () => {} };
  if (await passwords.check(known.password_hash, password, free)) return 'there';
  await updatePasswordHash(pool, known.id, await passwords.hash(password));
  await endSessionsOfUser(pool, known.id, 'admin', new Date().toISOString());
  return 'changed';
}

/** Makes an account unless the handle has one; says whether it did. */
export async function ensureAccount(pool: Deps['pool'], account: NewAccount): Promise<boolean> {
  if (await findCredentials(pool, account.handle)) return false;
  try {
    await createAccount(pool, {
      id: uuidv7(),
      handle: account.handle,
      passwordHash: await createPasswords().hash(account.password),
      roles: account.roles,
      externalSubject: null,
      at: new Date().toISOString(),
    });
    return true;
  } catch (error) {
    if (error instanceof Failure && error.code === 'CONFLICT') return false;
    throw error;
  }
}
