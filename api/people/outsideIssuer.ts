import { createHash, randomUUID } from 'node:crypto';
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import {
  createAccount,
  findUserBySubject,
  hasLeftSince,
  ROLES,
  type Role,
  type User,
  updateRoles,
} from '#db/people/accounts.ts';
import { refuseBarred } from '#db/people/staff.ts';
import type { Pool } from '#db/pool.ts';
import { isStorable } from '#db/storable.ts';
import { Failure } from '#workflows/failures.ts';
import type { Config } from '../config.ts';
import { unauthenticated } from './accessToken.ts';
import type { Account, Verify } from './account.ts';
import { Recent } from './recent.ts';
import { looksLikeTheSystem } from './reserved.ts';

/** Public keys only: with a shared secret, whoever may verify a token could make one. */
const ALGORITHMS = [
  'EdDSA',
  'Ed25519',
  'ES256',
  'ES384',
  'ES512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
];

/** How long what a token says is taken from memory before it is compared with the account again. */
const FRESH_MS = 5_000;
const REMEMBERED = 10_000;

type OutsideConfig = Pick<
  Config,
  'AUTH_ISSUER_JWKS_URL' | 'AUTH_ISSUER' | 'AUTH_AUDIENCE' | 'AUTH_ROLES_CLAIM' | 'AUTH_ADMIN_ROLE'
>;

/**
 * Takes an outside issuer's access tokens. A subject seen for the first time is given an account; its roles are those
 * of the token, and follow it when they change.
 */
export function verifyOutside(deps: { config: OutsideConfig; pool: Pool; now: () => Date }): Verify {
  const { AUTH_ISSUER_JWKS_URL: jwksUrl, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = deps.config;
  if (!jwksUrl || !issuer || !audience) throw new Error('the outside issuer is not configured');
  const keys = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: 3_000 });
  const known = new Recent<string, { account: Account; at: number }>(REMEMBERED);

  return async (token) => {
    const now = deps.now();
    const seen = known.get(token);
    if (seen && seen.account.expiresAt > now && now.getTime() - seen.at < FRESH_MS) return seen.account;
    known.delete(token);

    const payload = await verified(token);
    if (!isSubject(payload.sub) || payload.exp === undefined) throw unauthenticated();
    const roles = rolesOf(payload, deps.config);
    const user = await accountOf(deps, `${issuer}|${payload.sub}`, payload, roles);
    await refuseBarred(deps.pool, user.id);
    const account: Account = {
      id: user.id,
      handle: user.handle,
      roles,
      sessionId: null,
      expiresAt: new Date(payload.exp * 1000),
      provenAt: provenAt(payload),
    };
    known.set(token, { account, at: now.getTime() });
    return account;
  };

  async function verified(token: string): Promise<JWTPayload> {
    try {
      const options = {
        algorithms: ALGORITHMS,
        issuer,
        audience,
        requiredClaims: ['sub', 'exp'],
        currentDate: deps.now(),
      };
      return (await jwtVerify(token, keys, options)).payload;
    } catch (error) {
      // A token is judged by what jose says of it; anything else means that the keys could not be had.
      if (error instanceof errors.JOSEError && !KEYS_UNREADABLE.has(error.code)) throw unauthenticated(error);
      throw new Failure('UNAVAILABLE', 'The issuer of access tokens does not answer.', { retryAfter: 5, cause: error });
    }
  }
}

/** When they last signed in; an issuer that does not say it says when it made the token. */
function provenAt({ auth_time, iat }: JWTPayload): Date | null {
  const at = typeof auth_time === 'number' ? auth_time : iat;
  return at === undefined ? null : new Date(at * 1000);
}

/** OpenID's own limit, in bytes: what an index of Postgres holds is not far above it. */
const SUBJECT_BYTES = 255;

/** Whether a subject is one that can be kept: a signed token may name any text. */
function isSubject(sub: unknown): sub is string {
  return typeof sub === 'string' && sub !== '' && isStorable(sub) && Buffer.byteLength(sub) <= SUBJECT_BYTES;
}

const KEYS_UNREADABLE = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC']);

/** The roles a token gives. `admin` is an ordinary word there: only the configured one makes an administrator here. */
function rolesOf(payload: JWTPayload, config: Pick<OutsideConfig, 'AUTH_ROLES_CLAIM' | 'AUTH_ADMIN_ROLE'>): Role[] {
  const claim = payload[config.AUTH_ROLES_CLAIM];
  const words = typeof claim === 'string' ? claim.split(/[\s,]+/) : Array.isArray(claim) ? claim : [];
  const roles = ROLES.filter((role) => role !== 'admin' && words.includes(role));
  if (config.AUTH_ADMIN_ROLE !== undefined && words.includes(config.AUTH_ADMIN_ROLE)) roles.push('admin');
  return roles.length > 0 ? roles : ['viewer'];
}

async function accountOf(
  deps: { pool: Pool; now: () => Date },
  subject: string,
  payload: JWTPayload,
  roles: Role[],
): Promise<User> {
  const user = (await findUserBySubject(deps.pool, subject)) ?? (await makeAccount(deps, subject, payload, roles));
  const same = user.roles.length === roles.length && roles.every((role) => user.roles.includes(role));
  if (!same) await updateRoles(deps.pool, user.id, roles);
  return user;
}

async function makeAccount(
  deps: { pool: Pool; now: () => Date },
  subject: string,
  payload: JWTPayload,
  roles: Role[],
): Promise<User> {
  // Who deleted their account signs in to have another: a token that was under way makes none.
  const issuedAt = new Date((payload.iat ?? 0) * 1000).toISOString();
  if (await hasLeftSince(deps.pool, subject, issuedAt)) throw unauthenticated();
  for (const handle of handlesFor(subject, payload)) {
    try {
      const at = deps.now().toISOString();
      return await createAccount(deps.pool, {
        id: uuidv7(),
        handle,
        passwordHash: null,
        roles,
        externalSubject: subject,
        at,
      });
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'CONFLICT')) throw error;
      // Another request of the same newcomer was first, or the handle is somebody else's.
      const made = await findUserBySubject(deps.pool, subject);
      if (made) return made;
    }
  }
  throw new Error(`no handle is free for ${subject}`);
}

/** The name the issuer knows somebody by, as far as it is a handle; then the same with a mark of the subject's own. */
function handlesFor(subject: string, payload: JWTPayload): string[] {
  const name = typeof payload.preferred_username === 'string' ? payload.preferred_username : '';
  const handle = name.replace(/[^A-Za-z0-9_.-]+/g, '-').slice(0, 32);
  const mark = createHash('sha256').update(subject).digest('hex');
  const usable = /[A-Za-z0-9]/.test(handle) && handle.length >= 2 && !looksLikeTheSystem(handle);
  const stem = usable ? handle : 'user';
  return [
    ...(usable ? [handle] : []),
    `${stem}-${mark.slice(0, 7)}`,
    `user-${mark.slice(0, 32)}`,
    `user-${randomUUID()}`.slice(0, 40),
  ];
}
