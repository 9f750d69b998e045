import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Role } from '#db/people/accounts.ts';
import { Failure } from '#workflows/failures.ts';
import { unauthenticated } from './accessToken.ts';

/** Who is calling. The identity is always the token's, never an id in a body. */
export type Account = {
  id: string;
  handle: string;
  roles: readonly Role[];
  /** Null for accounts of an outside issuer, which keeps its own sessions. */
  sessionId: string | null;
  /** When the token that was shown expires: a socket has to show another by then. */
  expiresAt: Date;
  /** When they signed in at an outside issuer, as the token has it; null where it says nothing, and for our own tokens. */
  provenAt?: Date | null;
};

/** An access token → who it stands for. UNAUTHENTICATED, or UNAVAILABLE when that cannot be found out now. */
export type Verify = (token: string) => Promise<Account>;

declare module 'fastify' {
  interface FastifyRequest {
    /** Of routes in a scope of `requireAccount`; UNAUTHENTICATED is thrown elsewhere. */
    account: Account;
  }
}

const ACCOUNT = Symbol('account');
type Carrier = { [ACCOUNT]?: Account };

/** `request.account`, once per app. */
export function decorateAccount(app: FastifyInstance): void {
  app.decorateRequest('account', {
    getter(this: FastifyRequest) {
      const account = (this as Carrier)[ACCOUNT];
      if (!account) throw unauthenticated();
      return account;
    },
  });
}

/**
 * From here on every route of this scope asks for an access token, before it reads the body, and its documentation
 * says so.
 */
export function requireAccount(scope: FastifyInstance, verify: Verify): void {
  scope.addHook('onRoute', (route) => {
    route.schema = { security: [{ bearer: [] }], ...route.schema };
  });
  scope.addHook('onRequest', async (request) => {
    const token = bearerToken(request);
    if (token === null) throw unauthenticated();
    (request as Carrier)[ACCOUNT] = await verify(token);
  });
}

/** The token of `Authorization: Bearer …`, or null. */
export function bearerToken(request: FastifyRequest): string | null {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
}

/** FORBIDDEN for everybody who is not an administrator. */
export function requireAdmin(account: Account): void {
  if (!account.roles.includes('admin')) throw new Failure('FORBIDDEN', 'This is for administrators.');
}
