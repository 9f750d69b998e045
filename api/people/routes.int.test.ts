import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { listBalances } from '#db/money/ledger.ts';
import { sql } from '#db/pool.ts';
import { createTestDatabase, createTestRedis } from '#local/testStack.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let api: TestApp;

beforeAll(async () => {
  api = await startTestApp({ databaseUrl: await createTestDatabase(), redisUrl: await createTestRedis() });
});
afterAll(() => api.close());

const post = (path: string, payload?: object, headers: Record<string, string> = {}, to = api) =>
  to.app.inject({ method: 'POST', url: path, headers, ...(payload ? { payload } : {}) });
const bearer = (access: string) => ({ authorization: `Bearer ${access}` });
const me = (access: string, to = api) => to.app.inject({ url: '/api/me', headers: bearer(access) });

type Signed = { user: { id: string; handle: string; roles: string[] }; access: string; refresh: string };

let count = 0;
async function register(roles?: string[]): Promise<Signed> {
  const answer = await post('/api/auth/register', { handle: `user${++count}`, password: 'secret123', roles });
  expect(answer.statusCode).toBe(201);
  return answer.json().data;
}

const UNAUTHENTICATED = { success: false, error_code: 'UNAUTHENTICATED' };

test('a new account is signed in, has 100 TOKEN, and is who its token says', async () => {
  const answer = await post('/api/auth/register', { handle: 'tester1', password: 'secret123' });
  expect(answer.statusCode).toBe(201);
  const { user, access, refresh } = answer.json().data as Signed;
  expect(user).toMatchObject({ handle: 'tester1', roles: ['viewer'] });
  expect(refresh).toMatch(/^[\w-]{43}$/);
  expect((await me(access)).json()).toEqual({ success: true, data: { user } });
  expect(await listBalances(api.deps.pool, user.id)).toEqual([{ asset: 'TOKEN', available: 100n, held: 0n }]);
});

test('an account takes the roles it asks for, once each, and never admin', async () => {
  expect((await register(['brand_owner', 'influencer', 'brand_owner'])).user.roles).toEqual([
    'brand_owner',
    'influencer',
  ]);
  const refused = await post('/api/auth/register', { handle: 'boss', password: 'secret123', roles: ['admin'] });
  expect(refused.statusCode).toBe(400);
  expect(refused.json()).toMatchObject({
    error_code: 'VALIDATION_FAILED',
    details: { fields: [{ field: 'roles.0' }] },
  });
});

test('a handle is taken whatever its case, by one of two who ask for it at once', async () => {
  const answers = await Promise.all(
    ['Twin', 'tWIN', 'TWIN'].map((handle) => post('/api/auth/register', { handle, password: 'secret123' })),
  );
  expect(answers.map((answer) => answer.statusCode).sort()).toEqual([201, 409, 409]);
  const refused = answers.find((answer) => answer.statusCode === 409);
  expect(refused?.json()).toMatchObject({ error_code: 'CONFLICT', details: { field: 'handle' } });
  expect((await post('/api/auth/register', { handle: 'system', password: 'secret123' })).statusCode).toBe(409);
});

test.each([
  [{ handle: 'short', password: '1234567' }, 'password'],
  // Eight UTF-16 units, four characters.
  [{ handle: 'short', password: '🔑🔑🔑🔑' }, 'password'],
  [{ handle: 'a', password: 'secret123' }, 'handle'],
  [{ handle: 'no spaces', password: 'secret123' }, 'handle'],
  [{ handle: 'x'.repeat(41), password: 'secret123' }, 'handle'],
  [{ password: 'secret123' }, 'handle'],
  [{ handle: 'someone', password: 12345678 }, 'password'],
  [{ handle: 'someone', password: 'secret123', rolls: [] }, 'rolls'],
  [{ handle: 'someone', password: 'secret123', roles: [] }, 'roles'],
])('registering with %j is refused, and the answer names the field', async (payload, field) => {
  const answer = await post('/api/auth/register', payload);
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toMatchObject({
    success: false,
    error_code: 'VALIDATION_FAILED',
    details: { fields: [{ field }] },
  });
});

test('a password of eight characters will do, however its letters are composed', async () => {
  // "é" as one code point here, as two below.
  expect((await post('/api/auth/register', { handle: 'rene', password: 'caf\u00e9 ok!' })).statusCode).toBe(201);
  expect((await post('/api/auth/login', { handle: 'rene', password: 'cafe\u0301 ok!' })).statusCode).toBe(200);
});

test('what is stored of a password or a refresh token opens nothing', async () => {
  const { user, refresh } = await register();
  const stored = await api.deps.pool.one(sql.type(z.object({ password: z.string(), token: z.string() }))`
    SELECT users.password_hash AS password, encode(token.hash, 'hex') AS token
    FROM users JOIN sessions ON sessions.user_id = users.id JOIN refresh_tokens AS token ON token.session_id = sessions.id
    WHERE users.id = ${user.id}`);
  expect(stored.password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(stored.token).toBe(createHash('sha256').update(refresh).digest('hex'));
});

test('login answers alike for an unknown handle, a wrong password and an account without one', async () => {
  const { user } = await register();
  const answers = await Promise.all([
    post('/api/auth/login', { handle: 'nobody-here', password: 'secret123' }),
    post('/api/auth/login', { handle: user.handle, password: 'wrong-password' }),
    post('/api/auth/login', { handle: 'system', password: 'secret123' }),
  ]);
  for (const answer of answers) {
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toEqual({ ...UNAUTHENTICATED, message: 'Handle or password is wrong.', details: {} });
  }
});

test('login takes as long for an unknown handle as for a wrong password', async () => {
  const { user } = await register();
  const took = { known: [] as number[], unknown: [] as number[] };
  for (let round = 0; round < 8; round++) {
    for (const kind of ['known', 'unknown'] as const) {
      const start = performance.now();
      await post('/api/auth/login', {
        handle: kind === 'known' ? user.handle : `nobody${round}`,
        password: 'wrong-one',
      });
      took[kind].push(performance.now() - start);
    }
  }
  const best = (times: number[]) => Math.min(...times);
  // Without the hash of nobody an unknown handle is answered in a tenth of the time.
  expect(best(took.unknown)).toBeGreaterThan(best(took.known) / 2);
  expect(best(took.known)).toBeGreaterThan(best(took.unknown) / 2);
});

test('login is a session of its own', async () => {
  const { user, access } = await register();
  const login = await post('/api/auth/login', { handle: user.handle.toUpperCase(), password: 'secret123' });
  expect(login.statusCode).toBe(200);
  const second = login.json().data as Signed;
  expect(second.user).toEqual(user);
  await post('/api/auth/logout', undefined, bearer(second.access));
  expect((await me(second.access)).statusCode).toBe(401);
  expect((await me(access)).statusCode).toBe(200);
});

const from = (program: string) => ({ 'user-agent': program });
const later = (ms: number) => {
  api.clock.now = new Date(api.clock.now.getTime() + ms);
};

test('a refresh token gives the next pair once; used again after 10 s it ends its whole family', async () => {
  const first = await register();
  const second = await post('/api/auth/refresh', { refresh: first.refresh });
  expect(second.statusCode).toBe(200);
  const pair = second.json().data as Signed;
  expect(pair.user).toEqual(first.user);
  expect((await me(pair.access)).statusCode).toBe(200);

  later(10_000);
  const reused = await post('/api/auth/refresh', { refresh: first.refresh });
  expect(reused.statusCode).toBe(401);
  expect(reused.json()).toMatchObject(UNAUTHENTICATED);
  expect((await post('/api/auth/refresh', { refresh: pair.refresh })).statusCode).toBe(401);
  expect((await me(first.access)).statusCode).toBe(401);
  expect((await me(pair.access)).statusCode).toBe(401);
  // Another login of the same account has another family.
  const login = await post('/api/auth/login', { handle: first.user.handle, password: 'secret123' });
  expect((await me(login.json().data.access)).statusCode).toBe(200);
});

test('two tabs that refresh at once, or within 10 s, have the same pair and stay signed in', async () => {
  const { refresh } = await register();
  const refreshed = () => post('/api/auth/refresh', { refresh });
  const answers = await Promise.all(Array.from({ length: 5 }, refreshed));
  later(9_999);
  answers.push(await refreshed());
  expect(answers.map((answer) => answer.statusCode)).toEqual([200, 200, 200, 200, 200, 200]);
  const [pair, ...others] = answers.map((answer) => answer.json().data as Signed);
  for (const other of others) expect(other).toEqual(pair);
  const next = await post('/api/auth/refresh', { refresh: pair?.refresh });
  expect(next.statusCode).toBe(200);
  expect((await me(next.json().data.access)).statusCode).toBe(200);
});

test('of five clients with one token in the same instant one is given a pair, and the family has ended', async () => {
  const { refresh } = await register();
  const answers = await Promise.all(
    ['one', 'two', 'three', 'four', 'five'].map((name) => post('/api/auth/refresh', { refresh }, from(name))),
  );
  expect(answers.map((answer) => answer.statusCode).sort()).toEqual([200, 401, 401, 401, 401]);
  const pair = answers.find((answer) => answer.statusCode === 200)?.json().data as Signed;
  expect((await post('/api/auth/refresh', { refresh: pair.refresh })).statusCode).toBe(401);
  expect((await me(pair.access)).statusCode).toBe(401);
});

test('who has signed out has no pair again, however soon', async () => {
  const { refresh } = await register();
  const pair = (await post('/api/auth/refresh', { refresh })).json().data as Signed;
  await post('/api/auth/logout', {}, bearer(pair.access));
  expect((await post('/api/auth/refresh', { refresh })).statusCode).toBe(401);
});

test('a refresh token that was never given is refused like one that has ended', async () => {
  const { refresh, access } = await register();
  await post('/api/auth/logout', {}, bearer(access));
  const [unknown, ended] = await Promise.all([
    post('/api/auth/refresh', { refresh: 'x'.repeat(43) }),
    post('/api/auth/refresh', { refresh }),
  ]);
  expect(unknown.statusCode).toBe(401);
  expect(ended.json()).toEqual(unknown.json());
});

test('logout takes the refresh token when the access token has expired, and neither alone is nobody', async () => {
  const { refresh, access } = await register();
  expect((await post('/api/auth/logout')).statusCode).toBe(401);
  expect((await post('/api/auth/logout', { refresh: 'unknown' })).statusCode).toBe(401);
  const answer = await post('/api/auth/logout', { refresh }, bearer('expired'));
  expect(answer.json()).toEqual({ success: true, data: { ended: true } });
  expect((await me(access)).statusCode).toBe(401);
});

test('an ended session is refused by another process at once', async () => {
  const other = await startTestApp({
    databaseUrl: api.deps.config.DATABASE_URL,
    redisUrl: api.deps.config.REDIS_URL ?? '',
  });
  try {
    const { access } = await register();
    expect((await me(access, other)).statusCode).toBe(200);
    const heard = new Promise((resolve) =>
      other.deps.bus.listen({ sessionEnded: resolve, ring() {}, live() {}, reconnected() {} }),
    );
    await post('/api/auth/logout', {}, bearer(access));
    await heard;
    expect((await me(access, other)).statusCode).toBe(401);
  } finally {
    await other.close();
  }
});

test('an ended session is refused by a process that hears nothing, after five seconds at most', async () => {
  const other = await startTestApp({ databaseUrl: api.deps.config.DATABASE_URL, clock: { now: new Date() } });
  try {
    const { access } = await register();
    expect((await me(access, other)).statusCode).toBe(200);
    await post('/api/auth/logout', {}, bearer(access));
    expect((await me(access, other)).statusCode).toBe(200);
    other.clock.now = new Date(other.clock.now.getTime() + 5_000);
    expect((await me(access, other)).statusCode).toBe(401);
  } finally {
    await other.close();
  }
});

test('the answer to a stranger says how to come in', async () => {
  const answer = await api.app.inject({ url: '/api/me' });
  expect(answer.statusCode).toBe(401);
  expect(answer.headers['www-authenticate']).toBe('Bearer');
  expect(answer.json()).toEqual({ ...UNAUTHENTICATED, message: 'No valid access token.', details: {} });
});
