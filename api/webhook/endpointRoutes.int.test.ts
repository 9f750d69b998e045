import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { ensureAdmin } from '../people/auth.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let api: TestApp;
let admin: string;
beforeAll(async () => {
  api = await startTestApp({ databaseUrl: await createTestDatabase() });
  const login = { handle: 'the_admin', password: 'a password of the admin' };
  await ensureAdmin(api.deps.pool, login);
  admin = (await call('POST', '/api/auth/login', login, null)).body.data.access;
});
afterAll(() => api.close());

async function call(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  url: string,
  payload?: object,
  access: string | null = admin,
) {
  const headers = access ? { authorization: `Bearer ${access}` } : {};
  const answer = await api.app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: answer.json() };
}

const ROOT = '/api/admin/webhook-endpoints';
const NOBODY = '01970000-0000-7000-8000-000000000001';
const make = async (change: object = {}) =>
  (await call('POST', ROOT, { url: 'https://shop.example/hook', ...change })).body.data;

test('an endpoint is made with a secret that is shown once, changed, disabled, enabled, and deleted', async () => {
  const made = await make({ headers: { 'X-Shop': 'seven' }, event_types: ['profile_boost'] });
  expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const shown = (await call('GET', `${ROOT}/${made.id}`)).body.data;
  const { secret: _, ...rest } = made;
  expect(shown).toEqual(rest);
  expect(JSON.stringify(shown)).not.toContain('seven');
  const changed = await call('PATCH', `${ROOT}/${made.id}`, { event_types: null, disabled: true });
  expect(changed.body.data).toMatchObject({ event_types: null, disabled_why: 'by_hand', headers: ['X-Shop'] });
  expect((await call('POST', `${ROOT}/${made.id}/test`)).body.error_code).toBe('CONFLICT');
  expect((await call('PATCH', `${ROOT}/${made.id}`, { disabled: false })).body.data.disabled_at).toBeNull();
  const rotated = (await call('POST', `${ROOT}/${made.id}/rotate-secret`)).body.data;
  expect(rotated.secret).not.toBe(made.secret);
  expect((await call('GET', ROOT)).body.data[0].id).toBe(made.id);
  expect((await call('DELETE', `${ROOT}/${made.id}`)).status).toBe(200);
  for (const [method, path] of [
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/rotate-secret'],
    ['POST', '/test'],
    ['GET', '/deliveries'],
  ] as const) {
    expect((await call(method, `${ROOT}/${made.id}${path}`)).status, path).toBe(404);
  }
});

test('a test event waits to be sent, is shown with its tries, and can be sent again', async () => {
  const { id } = await make();
  const { status, body } = await call('POST', `${ROOT}/${id}/test`);
  expect([status, body.data.delivery]).toMatchObject([202, { type: 'endpoint_test', status: 'waiting', tries: 0 }]);
  const { id: deliveryId } = body.data.delivery;
  const whole = (await call('GET', `${ROOT}/${id}/deliveries/${deliveryId}`)).body.data;
  expect(JSON.parse(whole.body)).toMatchObject({ type: 'endpoint_test', eventId: whole.message_id });
  expect(whole.attempts).toEqual([]);
  expect((await call('GET', `${ROOT}/${id}/deliveries?status=waiting`)).body.data).toHaveLength(1);
  expect((await call('GET', `${ROOT}/${id}/deliveries?status=failed`)).body.data).toHaveLength(0);
  const again = await call('POST', `${ROOT}/${id}/deliveries/${deliveryId}/resend`);
  expect([again.status, again.body.data.delivery.message_id]).toEqual([202, whole.message_id]);
  const other = await make();
  expect((await call('GET', `${ROOT}/${other.id}/deliveries/${deliveryId}`)).status).toBe(404);
  expect((await call('POST', `${ROOT}/${other.id}/deliveries/${deliveryId}/resend`)).status).toBe(404);
  expect((await call('POST', `${ROOT}/${id}/recover`, { since: '2026-01-01T00:00:00Z' })).body.data).toEqual({
    recovered: 0,
  });
});

test.each([
  { url: 'shop.example' },
  { url: 'ftp://shop.example/' },
  { url: 'https://user:word@shop.example/' },
  { event_types: [] },
  { event_types: ['no_such_event'] },
  { headers: { 'webhook-signature': 'mine' } },
  { headers: { Host: 'elsewhere' } },
  { headers: { 'Content-Length': '0' } },
  { headers: { 'x-a': 'one\r\nx-b: two' } },
  { headers: { 'x a': 'b' } },
  { headers: { 'x-a': '1', 'X-A': '2' } },
  { headers: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`x-${n}`, '1'])) },
  { secret: 'mine' },
])('no endpoint is made of %j', async (change) => {
  const { status, body } = await call('POST', ROOT, { url: 'https://shop.example/hook', ...change });
  expect([status, body.error_code]).toEqual([400, 'VALIDATION_FAILED']);
});

test('only administrators have to do with endpoints', async () => {
  const made = await make();
  const given = { handle: 'somebody', password: 'secret123', roles: ['creator'] };
  const { access } = (await call('POST', '/api/auth/register', given, null)).body.data;
  const asks: [Parameters<typeof call>[0], string, object?][] = [
    ['GET', ''],
    ['POST', '', { url: 'https://shop.example/hook' }],
    ['GET', `/${made.id}`],
    ['PATCH', `/${made.id}`, { disabled: true }],
    ['DELETE', `/${made.id}`],
    ['POST', `/${made.id}/rotate-secret`],
    ['POST', `/${made.id}/test`],
    ['POST', `/${made.id}/recover`, { since: '2026-01-01T00:00:00Z' }],
    ['GET', `/${made.id}/deliveries`],
    ['GET', `/${made.id}/deliveries/${NOBODY}`],
    ['POST', `/${made.id}/deliveries/${NOBODY}/resend`],
  ];
  for (const [method, path, body] of asks) {
    expect((await call(method, ROOT + path, body, access)).status, `${method} ${path}`).toBe(403);
    expect((await call(method, ROOT + path, body, null)).status, `${method} ${path}`).toBe(401);
  }
});
