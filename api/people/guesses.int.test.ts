import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { freePort } from '#local/ports.ts';
import { startRedis } from '#local/redis.ts';
import { createTestDatabase, createTestRedis } from '#local/testStack.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

const started: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of started.splice(0).reverse()) await stop();
});

async function start(redisUrl?: string, databaseUrl?: string): Promise<TestApp> {
  const api = await startTestApp({
    databaseUrl: databaseUrl ?? (await createTestDatabase()),
    // Whoever connects from 127.0.0.1 may say for whom.
    env: { TRUST_PROXY: '127.0.0.1' },
    ...(redisUrl ? { redisUrl } : {}),
  });
  started.push(() => api.close());
  return api;
}

const post = (api: TestApp, path: string, payload: object, address = '192.0.2.1') =>
  api.app.inject({ method: 'POST', url: `/api/auth/${path}`, payload, headers: { 'x-forwarded-for': address } });

const register = (api: TestApp, handle: string, address?: string) =>
  post(api, 'register', { handle, password: 'secret123' }, address);
const login = (api: TestApp, handle: string, password: string, address?: string) =>
  post(api, 'login', { handle, password }, address);

async function fail(api: TestApp, handle: string, times: number, address: (round: number) => string): Promise<void> {
  for (let round = 0; round < times; round++) {
    expect((await login(api, handle, 'wrong-one', address(round))).statusCode).toBe(401);
  }
}
const anywhere = (round: number) => `198.51.100.${round + 1}`;

function expectLimited(answer: Awaited<ReturnType<typeof login>>): void {
  expect(answer.statusCode).toBe(429);
  expect(answer.json()).toMatchObject({ success: false, error_code: 'RATE_LIMITED' });
  const seconds = Number(answer.headers['retry-after']);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(15 * 60);
}

test('after ten failures of an account the right password is refused too, from wherever it comes', async () => {
  const api = await start(await createTestRedis());
  await register(api, 'asha');
  await register(api, 'ravi');
  await fail(api, 'asha', 10, anywhere);
  expectLimited(await login(api, 'ASHA', 'secret123', '203.0.113.9'));
  expect((await login(api, 'ravi', 'secret123', '203.0.113.9')).statusCode).toBe(200);
});

test('a handle that has no account is limited like one that has: a limit tells nothing', async () => {
  const api = await start(await createTestRedis());
  await fail(api, 'nobody', 10, anywhere);
  expectLimited(await login(api, 'nobody', 'wrong-one'));
});

test('after a hundred failures of an address every account is refused from there, and from nowhere else', async () => {
  const api = await start(await createTestRedis());
  await register(api, 'asha');
  for (let round = 0; round < 10; round++) await fail(api, `guess${round}`, 10, () => '192.0.2.7');
  expectLimited(await login(api, 'asha', 'secret123', '192.0.2.7'));
  expect((await login(api, 'asha', 'secret123', '192.0.2.8')).statusCode).toBe(200);
});

test('only failures count as guesses: fifty logins at once are fifty sessions, and a success forgets the failures before it', async () => {
  const api = await start(await createTestRedis());
  await register(api, 'asha');
  const answers = await Promise.all(Array.from({ length: 50 }, () => login(api, 'asha', 'secret123')));
  expect(answers.map((answer) => answer.statusCode)).toEqual(Array(50).fill(200));
  await fail(api, 'asha', 9, anywhere);
  expect((await login(api, 'asha', 'secret123')).statusCode).toBe(200);
  await fail(api, 'asha', 9, anywhere);
  expect((await login(api, 'asha', 'secret123')).statusCode).toBe(200);
});

test('550 sign-ins at once by one account are bounded, right as they are, and hold up nobody else', async () => {
  const api = await start(await createTestRedis());
  await register(api, 'asha');
  await register(api, 'ravi');
  // From many addresses, so that it is the account that is bounded.
  let through = 0;
  const many = Array.from({ length: 550 }, async (_, at) => {
    const { statusCode } = await login(api, 'asha', 'secret123', `198.51.100.${at % 250}`);
    if (statusCode === 200) through++;
    return statusCode;
  });
  const other = await login(api, 'ravi', 'secret123', '203.0.113.9');
  const before = through;
  const statuses = await Promise.all(many);
  expect(other.statusCode).toBe(200);
  expect(through).toBeGreaterThanOrEqual(50);
  expect(through).toBeLessThanOrEqual(120);
  expect(statuses.filter((status) => status === 429)).toHaveLength(550 - through);
  // Each address has its turn, and no more than 64 of one account wait for one.
  expect(before).toBeLessThanOrEqual(70);
  // Once they are through, a minute's count of the account still stands, and of nobody else.
  expect((await login(api, 'ravi', 'secret123', '203.0.113.9')).statusCode).toBe(200);
});

test('550 sign-ins at once from one address, each of another account, hold up nobody from elsewhere', async () => {
  const api = await start(await createTestRedis());
  await register(api, 'ravi');
  let hashed = 0;
  const many = Array.from({ length: 550 }, async (_, at) => {
    const { statusCode } = await login(api, `guess${at}`, 'secret123', '192.0.2.7');
    if (statusCode === 401) hashed++;
  });
  const other = await login(api, 'ravi', 'secret123', '203.0.113.9');
  const before = hashed;
  await Promise.all(many);
  expect(other.statusCode).toBe(200);
  // Those of one address wait behind each other: of a hundred that were hashed, few were before him.
  expect(hashed).toBeGreaterThanOrEqual(100);
  expect(before).toBeLessThan(50);
});

test('who signs in all the time, though always rightly, is told to wait', async () => {
  const api = await start(await createTestRedis());
  await register(api, 'asha');
  const statuses: number[] = [];
  for (let round = 0; round < 125; round++)
    statuses.push((await login(api, 'asha', 'secret123', anywhere(round))).statusCode);
  expect(statuses.slice(0, 120)).toEqual(Array(120).fill(200));
  expect(statuses.slice(120)).toEqual(Array(5).fill(429));
}, 60_000);

test('an address counts as one however it is spelled', async () => {
  const api = await start(await createTestRedis());
  const spellings = [
    '192.0.2.7',
    '192.0.2.7:4711',
    '::ffff:192.0.2.7',
    '::ffff:c000:207',
    '0:0:0:0:0:ffff:192.0.2.7',
    '[::ffff:192.0.2.7]:443',
  ];
  for (let round = 0; round < 100; round++) {
    await fail(api, `guess${round}`, 1, () => spellings[round % spellings.length] as string);
  }
  for (const spelling of spellings) expectLimited(await login(api, 'somebody', 'secret123', spelling));
  expect((await login(api, 'somebody', 'secret123', '192.0.2.8')).statusCode).toBe(401);
});

test('guesses sent all at once are counted like guesses sent one by one, but for the one that is being checked', async () => {
  const api = await start(await createTestRedis());
  await register(api, 'asha');
  const guesses = Array.from({ length: 40 }, (_, round) =>
    login(api, 'asha', `guess number ${round}`, anywhere(round)),
  );
  const statuses = (await Promise.all(guesses)).map((answer) => answer.statusCode);
  // Two are checked at a time: when the tenth has failed, the eleventh is under way.
  expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(11);
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(29);
});

test('a spelling that only Postgres takes for a handle signs nobody in: each would be counted for itself', async () => {
  const api = await start(await createTestRedis());
  await register(api, 'victim');
  for (const spelling of ['vİctİm', 'VİCTİM', 'ｖictim', 'victim ', 'victım']) {
    for (const password of ['wrong-one', 'secret123']) {
      const answer = await login(api, spelling, password);
      expect(answer.statusCode, spelling).toBe(401);
      expect(answer.json()).toEqual((await login(api, 'nobody', password)).json());
    }
  }
  // It is limited like an unknown handle; the two of before with dots above are one to JavaScript.
  await fail(api, 'vİctİm', 6, anywhere);
  expectLimited(await login(api, 'vİctİm', 'secret123'));
  expect((await login(api, 'VICTIM', 'secret123')).statusCode).toBe(200);
});

test('processes count together', async () => {
  const redisUrl = await createTestRedis();
  const databaseUrl = await createTestDatabase();
  const [one, other] = [await start(redisUrl, databaseUrl), await start(redisUrl, databaseUrl)];
  await register(one, 'asha');
  await fail(one, 'asha', 5, anywhere);
  await fail(other, 'asha', 5, anywhere);
  expectLimited(await login(one, 'asha', 'secret123'));
  expectLimited(await login(other, 'asha', 'secret123'));
});

test('without Redis, and while it is away, guesses are limited all the same and nobody waits', async () => {
  const without = await start();
  await register(without, 'asha');
  await fail(without, 'asha', 10, anywhere);
  expectLimited(await login(without, 'asha', 'secret123'));

  const dir = mkdtempSync(join(tmpdir(), 'tandem-guesses-'));
  started.push(() => rmSync(dir, { recursive: true, force: true }));
  const redis = await startRedis({ dir, port: await freePort(), log: join(dir, 'log'), durable: false });
  started.push(() => redis.stop());
  const api = await start(redis.url);
  await register(api, 'asha');
  await redis.stop();
  await vi.waitFor(() => expect(api.deps.redis?.status).not.toBe('ready'), 5_000);
  const start0 = performance.now();
  await fail(api, 'asha', 10, anywhere);
  expectLimited(await login(api, 'asha', 'secret123'));
  expect(performance.now() - start0).toBeLessThan(5_000);
});

test('registering 300 accounts a minute from one address is fine, a flood is not', async () => {
  const api = await start(await createTestRedis());
  const answers = await Promise.all(Array.from({ length: 300 }, (_, at) => register(api, `new${at}`)));
  expect(answers.filter((answer) => answer.statusCode !== 201)).toEqual([]);
  // The next 300 have a handle that is taken; they are counted, and what follows is refused before it is hashed.
  for (let round = 0; round < 3; round++) {
    await Promise.all(Array.from({ length: 100 }, (_, at) => register(api, `new${at}`)));
  }
  const refused = await register(api, 'new301');
  expect(refused.statusCode).toBe(429);
  expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
  expect((await register(api, 'new301', '192.0.2.99')).statusCode).toBe(201);
}, 60_000);
