import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { encodeCursor } from './page.ts';
import { startTestApp, type TestApp } from './testing/app.ts';

/** What Postgres would refuse deep inside a query is refused before, as the client's mistake. */

let api: TestApp;
let access: string;

beforeAll(async () => {
  api = await startTestApp({ databaseUrl: await createTestDatabase() });
  const answer = await api.app.inject({
    method: 'POST',
    url: '/api/auth/register',
    payload: { handle: 'asha', password: 'secret123', roles: ['brand_owner', 'influencer'] },
  });
  access = answer.json().data.access;
});
afterAll(() => api.close());

const get = (url: string) => api.app.inject({ url, headers: { authorization: `Bearer ${access}` } });

async function refuses(url: string, field: string): Promise<void> {
  const answer = await get(url);
  expect(answer.statusCode, answer.body).toBe(400);
  expect(answer.json()).toMatchObject({ error_code: 'VALIDATION_FAILED', details: { fields: [{ field }] } });
}

test('an id of an order with U+0000', () => refuses('/api/payments/a%00b', 'orderId'));

test.each([
  ...['/api/campaigns', '/api/bids', '/api/messages/conversations', '/api/messages/direct-connections'],
  '/api/chat/rooms',
])('%s takes cursors of the one form that its pages give', async (path) => {
  const at = (instant: unknown) => `${path}?cursor=${encodeCursor([instant as string, randomUUID()])}`;
  for (const instant of [
    '0000-01-01T00:00:00Z',
    '0000-01-01T00:00:00.000Z',
    `2026-01-01T00:00:00.${'1'.repeat(250)}Z`,
    '2026-01-01T00:00:00Z',
    '2026-01-01T00:00Z',
    '2026-02-30T00:00:00.000Z',
    '2026-01-01T24:00:00.000Z',
    '2026-01-01T00:00:00.000+01:00',
    '+010000-01-01T00:00:00.000Z',
    '-000001-01-01T00:00:00.000Z',
    'infinity',
    1,
  ]) {
    await refuses(at(instant), 'cursor');
  }
  for (const instant of ['0001-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z', new Date().toISOString()]) {
    expect((await get(at(instant))).statusCode, instant).toBe(200);
  }
});
