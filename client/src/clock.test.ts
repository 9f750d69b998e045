import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Clock, createClock } from './clock.ts';

const NOON = Date.parse('2026-07-01T12:00:00Z');
let clock: Clock;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOON });
  clock = createClock();
});
afterEach(() => {
  vi.useRealTimers();
});

function hear(date: number | null, cacheControl = 'no-store'): void {
  const headers = { 'cache-control': cacheControl, ...(date === null ? {} : { date: new Date(date).toUTCString() }) };
  clock.read(new Response('', { headers }));
}

test('the time is the server’s, as its last answer told it, and goes on from there', () => {
  hear(NOON + 90_000);
  expect(clock.now()).toBe(NOON + 90_000);
  vi.setSystemTime(NOON + 1_000);
  expect(clock.now()).toBe(NOON + 91_000);
  // The device's clock is put right.
  vi.setSystemTime(NOON + 92_000);
  hear(NOON + 92_000);
  expect(clock.now()).toBe(NOON + 92_000);
});

test('what an answer takes on its way does not make the time jump', () => {
  hear(NOON);
  hear(NOON - 1_400);
  expect(clock.now()).toBe(NOON);
});

test('an answer without a date, or one that may be an old one, says nothing of the time', () => {
  hear(NOON);
  hear(null);
  hear(NOON - 240_000, 'public, max-age=300');
  expect(clock.now()).toBe(NOON);
});
