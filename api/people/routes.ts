import { z } from 'zod';
import { HANDLE } from '#db/people/accounts.ts';
import { Failure } from '#workflows/failures.ts';
import { isLongerThan } from '#workflows/text.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import { unauthenticated } from './accessToken.ts';
import { bearerToken } from './account.ts';
import type { Auth, SignedIn } from './auth.ts';

/** Roles one may take; `admin` is given, not asked for. */
const OPEN_ROLES = ['viewer', 'creator', 'brand_owner', 'influencer'] as const;

const handle = z
  .string()
  .regex(HANDLE, '2 to 40 letters, digits, dots, dashes and underscores')
  .describe('2 to 40 letters, digits, dots, dashes and underscores; found whatever its case')
  .meta({ examples: ['asha'] });

const password = secret(8).meta({ minLength: 8, 'x-max-characters': 1024, examples: ['correct horse battery'] });

/** Not trimmed, and whatever it shows: every character of a password counts. */
function secret(min: number) {
  const within = (text: string) => !isLongerThan(text, 1024) && Buffer.byteLength(text) <= 8192;
  const params = (limit: number) => ({ limit, unit: 'characters' as const });
  return z
    .string()
    .refine((text) => isLongerThan(text, min - 1), { error: `it has ${min} characters or more`, params: params(min) })
    .refine(within, { error: 'it has 1024 characters at most', params: params(1024) });
}

const refresh = z.string().min(1).max(512).describe('The refresh token of the last answer; it can be used once');

const user = z
  .object({
    id: z.uuid(),
    handle: z.string(),
    roles: z.array(z.enum([...OPEN_ROLES, 'admin'])),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'User' });

const signedIn = z
  .object({
    user,
    access: z.string().describe('Send it as `Authorization: Bearer …`; it lives for 15 minutes'),
    access_expires_at: z.iso.datetime(),
    refresh: z.string().describe('Opens the next pair, once, within 30 days'),
  })
  .meta({ id: 'SignedIn' });

function view({ user, access, accessExpiresAt, refresh }: SignedIn) {
  return {
    success: true as const,
    data: {
      user: { ...user, roles: [...user.roles] },
      access,
      access_expires_at: accessExpiresAt.toISOString(),
      refresh,
    },
  };
}

const tags = ['Auth'];

/** Signing up, in and out: for everybody. */
export function signInRoutes(app: App, auth: Auth): void {
  app.post(
    '/api/auth/register',
    {
      schema: {
        operationId: 'auth.register',
        tags,
        summary: 'Make an account',
        description: 'A new account is given 100 TOKEN. `admin` cannot be asked for; the default role is `viewer`.',
        body: z.strictObject({
          handle,
          password,
          roles: z.array(z.enum(OPEN_ROLES)).min(1).max(OPEN_ROLES.length).optional(),
        }),
        response: answers({ 201: success(signedIn) }, 'FORBIDDEN', 'CONFLICT', 'RATE_LIMITED'),
      },
    },
    async (request, reply) => {
      const { roles = ['viewer'], ...account } = request.body;
      const signed = await auth.register({ ...account, roles: [...new Set(roles)] }, request.ip);
      return reply.status(201).send(view(signed));
    },
  );

  app.post(
    '/api/auth/login',
    {
      schema: {
        operationId: 'auth.login',
        tags,
        summary: 'Sign in',
        description:
          'An unknown handle and a wrong password are answered alike. After 10 failures of an account or 100 of an ' +
          'address within 15 minutes, further attempts are refused until those have passed.',
        body: z.strictObject({ handle: z.string().min(1).max(100), password: secret(1) }),
        response: answers({ 200: success(signedIn) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED'),
      },
    },
    async (request) => view(await auth.login(request.body.handle, request.body.password, request.ip)),
  );

  sessionRoutes(app, auth);
}

const publicKey = z.object({
  kty: z.string(),
  crv: z.string(),
  x: z.string(),
  kid: z.string(),
  alg: z.string(),
  use: z.string(),
});
const keySet = z.object({ keys: z.array(publicKey) }).describe('A JSON Web Key Set');

/** What becomes of a session, and the keys that its tokens are signed with. */
function sessionRoutes(app: App, auth: Auth): void {
  app.post(
    '/api/auth/refresh',
    {
      schema: {
        operationId: 'auth.refresh',
        tags,
        summary: 'The next pair of tokens',
        description:
          'Uses the refresh token up. Sent again within 10 s by the same client (address and `User-Agent`), as by two ' +
          'tabs at once, it is answered with the same pair. Used again later, or by another, it answers 401 and ends ' +
          'its whole family: the session with all its tokens.',
        body: z.strictObject({ refresh }),
        response: answers({ 200: success(signedIn) }, 'UNAUTHENTICATED', 'FORBIDDEN'),
      },
    },
    async ({ body, ip, headers }) =>
      view(await auth.refresh(body.refresh, { address: ip, program: headers['user-agent'] ?? '' })),
  );

  app.post(
    '/api/auth/logout',
    {
      schema: {
        operationId: 'auth.logout',
        tags,
        summary: 'Sign out',
        description:
          'Ends the session of the access token, of the refresh token in the body, or of both. Its tokens are refused ' +
          'from then on and its sockets close.',
        security: [{ bearer: [] }, {}],
        body: z.strictObject({ refresh: refresh.optional() }).nullish(),
        response: answers({ 200: success(z.object({ ended: z.literal(true) })) }, 'UNAUTHENTICATED', 'FORBIDDEN'),
      },
    },
    async (request) => {
      const token = bearerToken(request);
      const sent = request.body?.refresh;
      if (token === null && sent === undefined) throw unauthenticated();
      const ended = new Set<string>();
      if (sent !== undefined) ended.add((await auth.sessionOf(sent)) ?? '');
      // With a refresh token at hand it does not matter that the access token has expired.
      if (token !== null) ended.add(await sessionOfAccess(auth, token, sent !== undefined));
      ended.delete('');
      if (ended.size === 0) throw unauthenticated();
      for (const sessionId of ended) await auth.endSession(sessionId, 'logout');
      return { success: true as const, data: { ended: true as const } };
    },
  );

  app.get(
    '/.well-known/jwks.json',
    {
      schema: {
        operationId: 'auth.listKeys',
        tags,
        summary: 'The public keys of access tokens',
        description: 'A JSON Web Key Set (RFC 7517), without the envelope of other answers.',
        response: answers({
          200: keySet,
        }),
      },
    },
    async (_request, reply) => {
      const keys = await auth.keys.published();
      reply.header('cache-control', 'public, max-age=300');
      return {
        keys: keys.map(({ kty = '', crv = '', x = '', kid = '', alg = '', use = '' }) => ({
          kty,
          crv,
          x,
          kid,
          alg,
          use,
        })),
      };
    },
  );
}

async function sessionOfAccess(auth: Auth, token: string, lenient: boolean): Promise<string> {
  try {
    const { sessionId } = await auth.verify(token);
    if (sessionId === null) throw new Failure('FORBIDDEN', 'This session is the issuer’s to end.');
    return sessionId;
  } catch (error) {
    if (lenient && error instanceof Failure && error.code === 'UNAUTHENTICATED') return '';
    throw error;
  }
}

/** Who one is. In a scope of `requireAccount`. */
export function accountRoutes(app: App, getUser: (id: string) => Promise<z.input<typeof user>>): void {
  app.get(
    '/api/me',
    {
      schema: {
        operationId: 'accounts.getMe',
        tags,
        summary: 'The account of the access token',
        response: answers({ 200: success(z.object({ user })) }, 'UNAUTHENTICATED'),
      },
    },
    async (request) => ({ success: true as const, data: { user: await getUser(request.account.id) } }),
  );
}
