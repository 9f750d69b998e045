import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Role } from '#db/people/accounts.ts';
import { Failure } from '#workflows/failures.ts';
import { ALGORITHM, type KeyRing } from './keys.ts';
import { Recent } from './recent.ts';

/** Access tokens live for 15 minutes. */
export const ACCESS_MS = 15 * 60_000;

/** Issuer and audience of our own tokens: the same in every process and at every address of a deployment. */
const OURSELVES = 'tandem';
const TYPE = 'at+jwt';

const claims = z.object({ sub: z.uuid(), sid: z.uuid(), exp: z.number() });
export type Access = { userId: string; sessionId: string; expiresAt: Date };

export type AccessTokens = {
  /** One by its id (`jti`) is the same one whenever it is issued as of the same instant: two tabs hear the same. */
  issue(
    user: { id: string; roles: readonly Role[] },
    sessionId: string,
    token: { id: string; at: Date },
  ): Promise<{ token: string; expiresAt: Date }>;
  /** UNAUTHENTICATED for a token that is not ours, was changed, or has expired. */
  verify(token: string): Promise<Access>;
};

/** Tokens whose signature was checked: a client sends one some hundred times. */
const REMEMBERED = 10_000;

export function createAccessTokens(deps: { keys: KeyRing; now: () => Date }): AccessTokens {
  const verified = new Recent<string, Access>(REMEMBERED);

  return {
    async issue(user, sessionId, { id, at }) {
      const { kid, key } = await deps.keys.signing();
      const now = Math.floor(at.getTime() / 1000);
      const expires = now + ACCESS_MS / 1000;
      const token = await new SignJWT({ roles: [...user.roles], sid: sessionId })
        .setProtectedHeader({ alg: ALGORITHM, kid, typ: TYPE })
        .setSubject(user.id)
        .setIssuer(OURSELVES)
        .setAudience(OURSELVES)
        .setJti(id)
        .setIssuedAt(now)
        .setExpirationTime(expires)
        .sign(key);
      return { token, expiresAt: new Date(expires * 1000) };
    },

    async verify(token) {
      const seen = verified.get(token);
      if (seen) {
        if (seen.expiresAt > deps.now()) return seen;
        verified.delete(token);
      }
      const access = await verifyNow(token, deps);
      verified.set(token, access);
      return access;
    },
  };
}

async function verifyNow(token: string, deps: { keys: KeyRing; now: () => Date }): Promise<Access> {
  const kid = readKid(token);
  const key = kid === null ? null : await deps.keys.verifying(kid);
  if (!key) throw unauthenticated();
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      issuer: OURSELVES,
      audience: OURSELVES,
      typ: TYPE,
      requiredClaims: ['exp', 'sub', 'sid'],
      currentDate: deps.now(),
    });
    const { sub, sid, exp } = claims.parse(payload);
    return { userId: sub, sessionId: sid, expiresAt: new Date(exp * 1000) };
  } catch (error) {
    throw unauthenticated(error);
  }
}

function readKid(token: string): string | null {
  try {
    return decodeProtectedHeader(token).kid ?? null;
  } catch {
    return null;
  }
}

/** What a caller without a valid token is told. That one has expired is said: then a refresh helps. */
export function unauthenticated(cause?: unknown): Failure {
  const expired = cause instanceof errors.JWTExpired;
  return new Failure('UNAUTHENTICATED', expired ? 'The access token has expired.' : 'No valid access token.', {
    details: expired ? { reason: 'expired' } : {},
    cause,
  });
}
