import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Typing } from './typing.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function place() {
  const told: string[] = [];
  const typing = new Typing<{ userId: string }>(3_000, ({ userId }, conversationId, isTyping) =>
    told.push(`${userId} ${conversationId} ${isTyping}`),
  );
  return { told, typing, asha: { userId: 'asha' } };
}

test('it ends by itself after 3 s, and not before', () => {
  const { told, typing, asha } = place();
  typing.begin(asha, 'c');
  vi.advanceTimersByTime(2_999);
  expect(told).toEqual(['asha c true']);
  vi.advanceTimersByTime(1);
  expect(told).toEqual(['asha c true', 'asha c false']);
});

test('saying it again holds it', () => {
  const { told, typing, asha } = place();
  typing.begin(asha, 'c');
  vi.advanceTimersByTime(2_500);
  typing.begin(asha, 'c');
  vi.advanceTimersByTime(2_500);
  expect(told).not.toContain('asha c false');
  vi.advanceTimersByTime(500);
  expect(told.at(-1)).toBe('asha c false');
});

test('the end is told once, by whichever comes first', () => {
  const { told, typing, asha } = place();
  typing.begin(asha, 'c');
  typing.end(asha, 'c');
  typing.end(asha, 'c');
  typing.forget(asha);
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual(['asha c true', 'asha c false']);
  typing.begin(asha, 'c');
  typing.begin(asha, 'd');
  typing.forget(asha);
  expect(told.slice(-2)).toEqual(['asha c false', 'asha d false']);
  expect(vi.getTimerCount()).toBe(0);
});

test('one device that stops does not end what another goes on with', () => {
  const { told, typing, asha } = place();
  const phone = { userId: 'asha' };
  typing.begin(asha, 'c');
  vi.advanceTimersByTime(1_000);
  typing.begin(phone, 'c');
  typing.end(asha, 'c');
  expect(told).not.toContain('asha c false');
  vi.advanceTimersByTime(3_000);
  expect(told.filter((said) => said === 'asha c false')).toHaveLength(1);
});
