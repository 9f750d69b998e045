import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { ensureAdmin } from '../auth/auth.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let place: TestApp;
let admin: string;
let viewer: string;

async function signIn(handle: string): Promise<string> {
  const answer = await place.app.inject({
    method: 'POST',
    url: '/api/auth/login',
    payload: { handle, password: 'a long password' },
  });
  return answer.json().data.access;
}

beforeAll(async () => {
  place = await startTestApp({ databaseUrl: await createTestDatabase() });
  await ensureAdmin(place.deps.pool, { handle: 'operator', password: 'a long password' });
  await place.app.inject({
    method: 'POST',
    url: '/api/auth/register',
    payload: { handle: 'anybody', password: 'a long password' },
  });
  admin = await signIn('operator');
  viewer = await signIn('anybody');
});
afterAll(() => place?.close());

const get = (url: string, token: string) => place.app.inject({ url, headers: { authorization: `Bearer ${token}` } });

test('an administrator sees that the books agree, question by question', async () => {
  const answer = await get('/api/admin/reconciliation', admin);
  expect(answer.statusCode).toBe(200);
  const { ok, checks } = answer.json().data;
  expect(ok).toBe(true);
  expect(checks.length).toBeGreaterThan(10);
});

test('tasks and reconciliation are for administrators alone', async () => {
  for (const url of ['/api/admin/tasks', '/api/admin/reconciliation']) {
    const answer = await get(url, viewer);
    expect([answer.statusCode, answer.json().error_code]).toEqual([403, 'FORBIDDEN']);
  }
  expect((await get('/api/admin/tasks', admin)).json()).toEqual({
    success: true,
    data: [],
    page: { limit: 20, next_cursor: null },
  });
});
