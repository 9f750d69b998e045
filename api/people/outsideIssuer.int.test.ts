import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listBalances } from '#db/money/ledger.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

/** An issuer that others run: a real server with its keys, which can change or be away. */
const issuer = { keys: [] as object[], status: 200, asked: 0 };
const names = { AUTH_ISSUER: 'https://login.example', AUTH_AUDIENCE: 'tandem-market' };
let server: Server;
let url: string;
let api: TestApp;
let databaseUrl: string;
let signer: { kid: string; key: CryptoKey };

beforeAll(async () => {
  server = createServer((_request, response) => {
    issuer.asked++;
    response.writeHead(issuer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: issuer.keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  signer = await newKey('first');
  databaseUrl = await createTestDatabase();
  api = await start({ AUTH_ADMIN_ROLE: 'tandem-admin' });
});
afterAll(async () => {
  await api.close();
  server.close();
});

const start = (env: Record<string, string> = {}) =>
  startTestApp({ databaseUrl, env: { AUTH_ISSUER_JWKS_URL: url, ...names, ...env } });

async function newKey(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  issuer.keys = [{ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }];
  return { kid, key: privateKey };
}

function token(claims: JWTPayload, by = signer, header: Record<string, string> = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ iss: names.AUTH_ISSUER, aud: names.AUTH_AUDIENCE, iat: now, exp: now + 600, ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: by.kid, ...header })
    .sign(by.key);
}

const me = async (claims: JWTPayload, to = api) =>
  to.app.inject({ url: '/api/me', headers: { authorization: `Bearer ${await token(claims)}` } });

test('a subject seen for the first time has an account with its name, its roles and 100 TOKEN', async () => {
  const answer = await me({ sub: 'auth0|1', preferred_username: 'meera', roles: ['creator', 'unheard-of'] });
  expect(answer.statusCode).toBe(200);
  const { user } = answer.json().data;
  expect(user).toMatchObject({ handle: 'meera', roles: ['creator'] });
  expect(await listBalances(api.deps.pool, user.id)).toMatchObject([{ asset: 'TOKEN', available: 100n }]);
  expect((await me({ sub: 'auth0|1', preferred_username: 'renamed', roles: ['creator'] })).json().data.user).toEqual(
    user,
  );
});

test('ten first requests of one newcomer at once make one account', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, at) => me({ sub: 'auth0|herd', preferred_username: 'herd', at })),
  );
  expect(new Set(answers.map((answer) => answer.json().data?.user.id)).size).toBe(1);
  expect(answers[0]?.json().data.user.handle).toBe('herd');
});

test('a name that is taken, odd or missing gives a handle of its own, never somebody else’s account', async () => {
  const first = (await me({ sub: 'auth0|a', preferred_username: 'kiran' })).json().data.user;
  const second = (await me({ sub: 'auth0|b', preferred_username: 'KIRAN' })).json().data.user;
  expect(second.id).not.toBe(first.id);
  expect(second.handle).toMatch(/^KIRAN-[0-9a-f]{7}$/);
  expect((await me({ sub: 'auth0|c', preferred_username: 'a b@example.com' })).json().data.user.handle).toBe(
    'a-b-example.com',
  );
  expect((await me({ sub: 'auth0|d' })).json().data.user.handle).toMatch(/^user-[0-9a-f]{7}$/);
  expect((await me({ sub: 'auth0|e', preferred_username: 'x'.repeat(500) })).json().data.user.handle).toBe(
    'x'.repeat(32),
  );
});

test('roles follow the token; admin is only what the configuration calls so', async () => {
  const roles = async (claims: JWTPayload, to = api) =>
    (await me({ sub: 'auth0|r', ...claims }, to)).json().data.user.roles;
  expect(await roles({ roles: ['viewer'] })).toEqual(['viewer']);
  expect(await roles({ roles: ['brand_owner', 'influencer'] })).toEqual(['brand_owner', 'influencer']);
  expect(await roles({ roles: ['admin'] })).toEqual(['viewer']);
  expect(await roles({ roles: ['tandem-admin', 'creator'] })).toEqual(['creator', 'admin']);
  expect(await roles({})).toEqual(['viewer']);
  const other = await start({ AUTH_ROLES_CLAIM: 'https://example/roles' });
  try {
    expect(await roles({ 'https://example/roles': 'creator admin tandem-admin' }, other)).toEqual(['creator']);
  } finally {
    await other.close();
  }
});

test.each<[string, JWTPayload]>([
  ['for somebody else', { aud: 'another-app' }],
  ['of another issuer', { iss: 'https://evil.example' }],
  ['that has expired', { exp: 1_700_000_000 }],
  ['that never ends', { exp: undefined }],
  ['that is not valid yet', { nbf: Math.floor(Date.now() / 1000) + 600 }],
  ['of nobody', { sub: undefined }],
  ['of a subject with U+0000', { sub: 'auth0|\u0000' }],
  ['of a subject with half a character', { sub: 'auth0|\ud83d' }],
  ['of a subject longer than any', { sub: 'x'.repeat(256) }],
])('a token %s is refused, though the issuer’s key signed it', async (_, claims) => {
  const answer = await me({ sub: 'auth0|1', ...claims });
  expect(answer.statusCode).toBe(401);
  expect(answer.json()).toMatchObject({ error_code: 'UNAUTHENTICATED' });
});

test('a token of another key is refused, also under a known id', async () => {
  const { privateKey } = await generateKeyPair('RS256');
  for (const kid of ['first', 'unknown']) {
    const forged = await token({ sub: 'auth0|1' }, { kid, key: privateKey });
    const answer = await api.app.inject({ url: '/api/me', headers: { authorization: `Bearer ${forged}` } });
    expect(answer.statusCode).toBe(401);
  }
});

test('accounts are the issuer’s alone: nobody registers, signs in or refreshes here, nor shows a token of ours', async () => {
  for (const [path, payload] of [
    ['register', { handle: 'local', password: 'secret123' }],
    ['login', { handle: 'local', password: 'secret123' }],
    ['refresh', { refresh: 'x'.repeat(43) }],
  ] as const) {
    const answer = await api.app.inject({ method: 'POST', url: `/api/auth/${path}`, payload });
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ error_code: 'FORBIDDEN' });
    expect(answer.json().message).toContain(names.AUTH_ISSUER);
  }
  const own = await startTestApp({ databaseUrl });
  try {
    const payload = { handle: 'local', password: 'secret123' };
    const { access } = (await own.app.inject({ method: 'POST', url: '/api/auth/register', payload })).json().data;
    const answer = await api.app.inject({ url: '/api/me', headers: { authorization: `Bearer ${access}` } });
    expect(answer.statusCode).toBe(401);
  } finally {
    await own.close();
  }
});

test('an issuer that does not answer is said to be away; what it told before still counts', async () => {
  const fresh = await start();
  try {
    issuer.status = 500;
    const answer = await me({ sub: 'auth0|1' }, fresh);
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ error_code: 'UNAVAILABLE' });
    expect(answer.headers['retry-after']).toBe('5');
    expect((await me({ sub: 'auth0|1', jti: 'another token' })).statusCode).toBe(200);
    issuer.status = 200;
    expect((await me({ sub: 'auth0|1' }, fresh)).statusCode).toBe(200);
  } finally {
    issuer.status = 200;
    await fresh.close();
  }
});

test('its keys are asked for once for many tokens', async () => {
  const before = issuer.asked;
  await Promise.all(Array.from({ length: 20 }, (_, at) => me({ sub: `auth0|many${at}` })));
  expect(issuer.asked).toBe(before);
});

test('who signed in just now deletes their account without a password, and a token from before makes no other', async () => {
  const seconds = Math.floor(api.clock.now.getTime() / 1000);
  const leave = async (claims: JWTPayload, payload = {}) =>
    api.app.inject({
      method: 'DELETE',
      url: '/api/me',
      headers: { authorization: `Bearer ${await token({ sub: 'auth0|leaver', ...claims })}` },
      payload,
    });
  const known = { sub: 'auth0|leaver', preferred_username: 'lata' };
  const { user } = (await me(known)).json().data;
  for (const stale of [{ iat: seconds - 301 }, { auth_time: seconds - 301 }, { iat: undefined }])
    expect((await leave({ exp: seconds + 600, ...stale })).json()).toMatchObject({
      error_code: 'FORBIDDEN',
      details: { signed_in_within_seconds: 300 },
    });
  expect((await leave({ iat: seconds - 60 })).statusCode).toBe(200);
  const before = await me({ ...known, iat: seconds - 30, jti: 'under way' });
  expect(before.statusCode).toBe(401);
  const anew = (await me({ ...known, iat: seconds + 2, jti: 'signed in anew' })).json().data;
  expect(anew.user.handle).toBe('lata');
  expect(anew.user.id).not.toBe(user.id);
});
