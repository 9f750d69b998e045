import { afterEach, expect, test, vi } from 'vitest';
import { freePort } from '#local/ports.ts';
import { createTestDatabase, createTestRedis } from '#local/testStack.ts';
import { startTestApp, type TestApp } from './testing/app.ts';

const started: TestApp[] = [];
afterEach(async () => {
  for (const each of started.splice(0)) await each.close();
});

async function start(options: { databaseUrl?: string; redisUrl?: string; env?: Record<string, string> } = {}) {
  const databaseUrl = options.databaseUrl ?? (await createTestDatabase());
  const api = await startTestApp({ ...options, databaseUrl, env: { TRUST_PROXY: '127.0.0.1', ...options.env } });
  started.push(api);
  return api;
}

async function register(api: TestApp, handle: string): Promise<string> {
  const payload = { handle, password: 'secret123', roles: ['brand_owner'] };
  const answer = await api.app.inject({ method: 'POST', url: '/api/auth/register', payload });
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json().data.access;
}

const campaign = { title: 'Monsoon', description: 'Three reels', budget: '20000' };
const post = (api: TestApp, token: string, payload: object = campaign, url = '/api/campaigns') =>
  api.app.inject({ method: 'POST', url, payload, headers: { authorization: `Bearer ${token}` } });
const look = (api: TestApp, from: string, url = '/api/machines') =>
  api.app.inject({ url, headers: { 'x-forwarded-for': from } });

test('an account that changes more than it may in a minute is told when to go on, and nobody else is', async () => {
  const api = await start({ env: { ACCOUNT_WRITES_PER_MINUTE: '5' } });
  const [asha, mira] = [await register(api, 'asha'), await register(api, 'mira')];
  for (let n = 0; n < 5; n++) expect((await post(api, asha)).statusCode).toBe(201);
  const refused = await post(api, asha);
  expect(refused.statusCode).toBe(429);
  expect(refused.json()).toMatchObject({
    error_code: 'RATE_LIMITED',
    message: 'At most 5 requests that change something of one account a minute.',
    details: { limit: 'requests_of_account', allowed: 5, per_seconds: 60 },
  });
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
  expect((await post(api, mira)).statusCode).toBe(201);
  const read = await api.app.inject({ url: '/api/campaigns', headers: { authorization: `Bearer ${asha}` } });
  expect(read.statusCode).toBe(200);
});

test('an address is bounded before anybody’s token is looked at; webhooks and probes from it are not', async () => {
  const api = await start({ env: { ADDRESS_REQUESTS_PER_MINUTE: '3' } });
  for (let n = 0; n < 3; n++) expect((await look(api, '192.0.2.1')).statusCode).toBe(200);
  expect((await look(api, '192.0.2.1')).json()).toMatchObject({
    details: { limit: 'requests_of_address', allowed: 3 },
  });
  // With and without /api, and where there is nothing.
  for (const url of ['/api/wallet', '/conversations/1/messages', '/nowhere']) {
    expect((await look(api, '192.0.2.1', url)).statusCode, url).toBe(429);
  }
  expect((await look(api, '192.0.2.2')).statusCode).toBe(200);
  expect((await look(api, '192.0.2.1', '/livez')).statusCode).toBe(200);
  const webhook = await api.app.inject({
    method: 'POST',
    url: '/api/webhooks/sandbox',
    payload: {},
    headers: { 'x-forwarded-for': '192.0.2.1' },
  });
  expect(webhook.statusCode).not.toBe(429);
});

test('two processes count together by Redis', async () => {
  const [databaseUrl, redisUrl] = [await createTestDatabase(), await createTestRedis()];
  const both = { databaseUrl, redisUrl, env: { ACCOUNT_WRITES_PER_MINUTE: '4' } };
  const [one, other] = [await start(both), await start(both)];
  const asha = await register(one, 'asha');
  for (let n = 0; n < 4; n++) expect((await post(one, asha)).statusCode).toBe(201);
  // Redis refuses the first that comes to the other, and the other knows from then on.
  await vi.waitFor(async () => expect((await post(other, asha)).statusCode).toBe(429), { timeout: 10_000 });
});

test('while Redis is away each process counts for itself, and nobody waits for it', async () => {
  const api = await start({
    env: { ACCOUNT_WRITES_PER_MINUTE: '2', REDIS_URL: `redis://127.0.0.1:${await freePort()}` },
  });
  const asha = await register(api, 'asha');
  for (let n = 0; n < 2; n++) expect((await post(api, asha)).statusCode).toBe(201);
  expect((await post(api, asha)).statusCode).toBe(429);
});

test('2,000 campaigns of one account in a moment are refused from the 301st on', async () => {
  const api = await start();
  const asha = await register(api, 'asha');
  const statuses = new Map<number, number>();
  for (let round = 0; round < 13; round++) {
    const answers = await Promise.all(Array.from({ length: 25 }, () => post(api, asha)));
    for (const { statusCode } of answers) statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
  }
  expect(Object.fromEntries(statuses)).toEqual({ 201: 300, 429: 25 });
}, 120_000);
