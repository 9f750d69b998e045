import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fetchTimed, serverNow } from './serverTime.ts';

const NOON = Date.parse('2026-07-01T12:00:00Z');

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOON });
});
afterEach(() => {
  vi.useRealTimers();
});

async function hear(date: number | null, cacheControl = 'no-store'): Promise<void> {
  const headers = { 'cache-control': cacheControl, ...(date === null ? {} : { date: new Date(date).toUTCString() }) };
  vi.stubGlobal('fetch', async () => new Response('', { headers }));
  await fetchTimed(new Request('http://tandem.test'));
}

test('the time is the server’s, as its last answer told it, and goes on from there', async () => {
  await hear(NOON + 90_000);
  expect(serverNow()).toBe(NOON + 90_000);
  vi.setSystemTime(NOON + 1_000);
  expect(serverNow()).toBe(NOON + 91_000);
  // The device's clock is put right.
  vi.setSystemTime(NOON + 92_000);
  await hear(NOON + 92_000);
  expect(serverNow()).toBe(NOON + 92_000);
});

test('what an answer takes on its way does not make the time jump', async () => {
  await hear(NOON);
  await hear(NOON - 1_400);
  expect(serverNow()).toBe(NOON);
});

test('an answer without a date, or one that may be an old one, says nothing of the time', async () => {
  await hear(NOON);
  await hear(null);
  await hear(NOON - 240_000, 'public, max-age=300');
  expect(serverNow()).toBe(NOON);
});
