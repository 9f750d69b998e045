import { createHmac, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { listSigningKeys } from '#db/people/signingKeys.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

const START = new Date('2026-03-01T10:00:00.000Z');
let api: TestApp;
let databaseUrl: string;
let account: { user: { id: string }; access: string; refresh: string };

beforeAll(async () => {
  databaseUrl = await createTestDatabase();
  api = await startTestApp({ databaseUrl, clock: { now: START } });
});
afterAll(() => api.close());

let count = 0;
beforeEach(async () => {
  api.clock.now = new Date(api.clock.now.getTime() + 60_000);
  const answer = await api.app.inject({
    method: 'POST',
    url: '/api/auth/register',
    payload: { handle: `token${++count}`, password: 'secret123' },
  });
  account = answer.json().data;
});

const me = (access: string, to = api) =>
  to.app.inject({ url: '/api/me', headers: { authorization: `Bearer ${access}` } });
const later = (minutes: number) => {
  api.clock.now = new Date(api.clock.now.getTime() + minutes * 60_000);
};
const part = (token: string, at: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[at] ?? '', 'base64url').toString());

/** What our own token says, signed by the key that signs ours, but for what is changed. */
async function signedByUs(changes: JWTPayload, header: Record<string, string> = {}): Promise<string> {
  const [key] = await listSigningKeys(api.deps.pool, api.deps.secrets, api.clock.now.toISOString(), 1);
  if (!key?.private_jwk) throw new Error('no key');
  return new SignJWT({ ...(part(account.access, 1) as JWTPayload), ...changes })
    .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: 'at+jwt', ...header })
    .sign(await importJWK(key.private_jwk, 'EdDSA'));
}

async function refused(access: string): Promise<object> {
  const answer = await me(access);
  expect(answer.statusCode).toBe(401);
  expect(answer.json()).toMatchObject({ success: false, error_code: 'UNAUTHENTICATED' });
  return answer.json();
}

test('two tokens of one session that are issued in the same second are two', async () => {
  const refreshed = await api.app.inject({
    method: 'POST',
    url: '/api/auth/refresh',
    payload: { refresh: account.refresh },
  });
  expect(part(refreshed.json().data.access, 1)).toMatchObject({ iat: part(account.access, 1).iat });
  expect(refreshed.json().data.access).not.toBe(account.access);
});

test('an access token says who, which session, which roles, and lives for 15 minutes', async () => {
  expect(part(account.access, 0)).toMatchObject({ alg: 'EdDSA', typ: 'at+jwt' });
  const claims = part(account.access, 1) as { exp: number; iat: number };
  expect(claims).toMatchObject({ sub: account.user.id, roles: ['viewer'], iss: 'tandem', aud: 'tandem' });
  expect(claims.exp - claims.iat).toBe(900);
  later(14.9);
  expect((await me(account.access)).statusCode).toBe(200);
  later(0.2);
  expect(await refused(account.access)).toMatchObject({
    message: 'The access token has expired.',
    details: { reason: 'expired' },
  });
});

test('one made by us by hand is taken, so that those below fail for the change alone', async () => {
  expect((await me(await signedByUs({}))).statusCode).toBe(200);
});

test.each<[string, JWTPayload, Record<string, string>?]>([
  ['for another audience', { aud: 'elsewhere' }],
  ['from another issuer', { iss: 'elsewhere' }],
  ['without an end', { exp: undefined }],
  ['of another session', { sid: randomUUID() }],
  ['of another user', { sub: randomUUID() }],
  ['without a session', { sid: undefined }],
  ['of another type', {}, { typ: 'JWT' }],
])('a token %s is refused, though our key signed it', async (_, claims, header) => {
  await refused(await signedByUs(claims, header));
});

test('a token without a signature, or signed with what everybody knows, is refused', async () => {
  const claims = part(account.access, 1) as JWTPayload;
  await refused(new UnsecuredJWT(claims).encode());
  const { kid } = part(account.access, 0);
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const none = `${encode({ alg: 'none', kid, typ: 'at+jwt' })}.${encode(claims)}.`;
  await refused(none);
  // The public key as a shared secret: what a verifier that trusts the header's algorithm would fall for.
  const jwks = await api.app.inject({ url: '/.well-known/jwks.json' });
  const head = `${encode({ alg: 'HS256', kid, typ: 'at+jwt' })}.${encode(claims)}`;
  for (const secret of [jwks.json().keys[0].x, JSON.stringify(jwks.json().keys[0])]) {
    await refused(`${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`);
  }
});

test('a token of a foreign key is refused, also under the id of ours, and a changed one', async () => {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const claims = part(account.access, 1) as JWTPayload;
  const { kid } = part(account.access, 0) as { kid: string };
  for (const header of [
    { alg: 'EdDSA', typ: 'at+jwt', kid },
    { alg: 'EdDSA', typ: 'at+jwt', kid: 'another' },
    { alg: 'EdDSA', typ: 'at+jwt' },
    // A key that comes along with the token says nothing.
    { alg: 'EdDSA', typ: 'at+jwt', kid, jwk: await exportJWK(publicKey) },
  ]) {
    await refused(await new SignJWT(claims).setProtectedHeader(header).sign(privateKey));
  }
  const [head, , signature] = account.access.split('.');
  const raised = Buffer.from(JSON.stringify({ ...claims, roles: ['admin'] })).toString('base64url');
  await refused(`${head}.${raised}.${signature}`);
  for (const junk of ['', 'x', 'a.b.c', `${account.access}x`, 'null']) await refused(junk || '.');
});

test('roles are those of today, not those of the token', async () => {
  const { updateRoles } = await import('#db/people/accounts.ts');
  expect((await me(account.access)).json().data.user.roles).toEqual(['viewer']);
  await updateRoles(api.deps.pool, account.user.id, ['viewer', 'creator']);
  later(0.1);
  expect(await api.app.auth.verify(account.access)).toMatchObject({ roles: ['viewer', 'creator'] });
});

test('keys outlive a restart: a token of the process before is good in the next', async () => {
  const next = await startTestApp({ databaseUrl, clock: api.clock });
  try {
    expect((await me(account.access, next)).statusCode).toBe(200);
  } finally {
    await next.close();
  }
});

test('after a rotation a new key signs everywhere, and the old one verifies until its tokens have expired', async () => {
  const other = await startTestApp({ databaseUrl, clock: api.clock });
  try {
    expect((await me(account.access, other)).statusCode).toBe(200);
    await api.app.auth.keys.rotate();
    const login = await api.app.inject({
      method: 'POST',
      url: '/api/auth/login',
      payload: { handle: `token${count}`, password: 'secret123' },
    });
    const { access } = login.json().data;
    expect(part(access, 0).kid).not.toBe(part(account.access, 0).kid);
    later(0.5);
    // The other process has not heard of the rotation: an unknown kid makes it look.
    expect((await me(access, other)).statusCode).toBe(200);
    expect((await me(account.access, other)).statusCode).toBe(200);
    const published = async () => (await other.app.inject({ url: '/.well-known/jwks.json' })).json().keys;
    expect(await published()).toHaveLength(2);
    expect(JSON.stringify(await published())).not.toContain('"d"');
    later(17);
    expect(await published()).toHaveLength(1);
  } finally {
    await other.close();
  }
});

test('keys are published in a form that any verifier reads', async () => {
  const { keys } = (await api.app.inject({ url: '/.well-known/jwks.json' })).json();
  for (const key of keys) expect(key).toMatchObject({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' });
});
