import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { ensureSystemUser, findCredentials } from '#db/people/accounts.ts';
import { deleteSessions } from '#db/people/sessions.ts';
import { sql } from '#db/pool.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { ensureAccount, ensureAdmin, SESSION_MS } from './auth.ts';

let api: TestApp;
beforeAll(async () => {
  api = await startTestApp({
    databaseUrl: await createTestDatabase(),
    clock: { now: new Date('2026-03-01T10:00:00Z') },
  });
});
afterAll(() => api.close());

const post = (path: string, payload: object) => api.app.inject({ method: 'POST', url: `/api/auth/${path}`, payload });
const later = (ms: number) => {
  api.clock.now = new Date(api.clock.now.getTime() + ms);
};

test('the first administrator is made once, by one of two processes that start at once', async () => {
  const admin = { handle: 'root', password: 'a first password' };
  const outcomes = await Promise.all([ensureAdmin(api.deps.pool, admin), ensureAdmin(api.deps.pool, admin)]);
  expect(outcomes.sort()).toEqual(['made', 'there']);
  expect(await ensureAdmin(api.deps.pool, admin)).toBe('there');
  const login = await post('login', admin);
  expect(login.json().data.user.roles).toEqual(['admin']);
});

test('a changed ADMIN_PASSWORD takes effect, and sessions of the old one end', async () => {
  await ensureAdmin(api.deps.pool, { handle: 'chief', password: 'the old password' });
  const { access } = (await post('login', { handle: 'chief', password: 'the old password' })).json().data;
  expect(await ensureAdmin(api.deps.pool, { handle: 'chief', password: 'the new password' })).toBe('changed');
  expect((await post('login', { handle: 'chief', password: 'the old password' })).statusCode).toBe(401);
  expect((await post('login', { handle: 'chief', password: 'the new password' })).statusCode).toBe(200);
  later(5_000);
  expect((await api.app.inject({ url: '/api/me', headers: { authorization: `Bearer ${access}` } })).statusCode).toBe(
    401,
  );
});

test('an ordinary account is not made an administrator for having the name', async () => {
  await post('register', { handle: 'boss', password: 'secret123' });
  expect(await ensureAdmin(api.deps.pool, { handle: 'Boss', password: 'another one' })).toBe('taken');
  const known = await findCredentials(api.deps.pool, 'boss');
  expect(known?.roles).toEqual(['viewer']);
  expect((await post('login', { handle: 'boss', password: 'secret123' })).statusCode).toBe(200);
});

test('an account that is to be there is made once and then left alone', async () => {
  const demo = { handle: 'demo', password: 'secret123', roles: ['influencer'] as const };
  expect(await Promise.all([ensureAccount(api.deps.pool, demo), ensureAccount(api.deps.pool, demo)])).toContain(true);
  expect(await ensureAccount(api.deps.pool, { ...demo, password: 'another one' })).toBe(false);
  expect((await post('login', { handle: 'demo', password: 'secret123' })).statusCode).toBe(200);
});

test('any UUID can be the account of the system, and being made again changes nothing', async () => {
  const id = randomUUID();
  for (let round = 0; round < 2; round++) await ensureSystemUser(api.deps.pool, id);
  const handle = await api.deps.pool.oneFirst(
    sql.type(z.object({ handle: z.string() }))`SELECT handle FROM users WHERE id = ${id}`,
  );
  expect(handle).toBe(`system-${id.replaceAll('-', '')}`);
});

test('a session ends 30 days after its last refresh, and what ended long ago can be forgotten', async () => {
  const { refresh } = (await post('register', { handle: 'sleepy', password: 'secret123' })).json().data;
  later(SESSION_MS - 1_000);
  const next = (await post('refresh', { refresh })).json().data.refresh;
  later(SESSION_MS - 1_000);
  const last = (await post('refresh', { refresh: next })).json().data.refresh;
  later(SESSION_MS + 1_000);
  expect((await post('refresh', { refresh: last })).statusCode).toBe(401);
  const count = () =>
    api.deps.pool.one(sql.type(z.object({ sessions: z.bigint(), tokens: z.bigint() }))`
      SELECT (SELECT count(*) FROM sessions) AS sessions, (SELECT count(*) FROM refresh_tokens) AS tokens`);
  expect((await count()).tokens).toBeGreaterThanOrEqual(3n);
  const now = api.clock.now.toISOString();
  const { access } = (await post('login', { handle: 'sleepy', password: 'secret123' })).json().data;
  expect(await deleteSessions(api.deps.pool, { before: now, limit: 1, after: null })).toMatchObject({ rows: 1 });
  await deleteSessions(api.deps.pool, { before: now, limit: 1_000, after: null });
  expect(await count()).toEqual({ sessions: 1n, tokens: 1n });
  expect((await api.app.inject({ url: '/api/me', headers: { authorization: `Bearer ${access}` } })).statusCode).toBe(
    200,
  );
});

test('a text that no database keeps is the client’s mistake, not ours', async () => {
  const answer = await api.app.inject({
    method: 'POST',
    url: '/api/auth/login',
    headers: { 'content-type': 'application/json' },
    payload: '{"handle":"a\\u0000b","password":"secret123"}',
  });
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toMatchObject({ details: { fields: [{ field: 'handle' }] } });
});
