import { expect, test } from 'vitest';
import { localDay, type Streak, streakAt, streakOn } from './streak.ts';

const NONE: Streak = { days: 0, longest: 0, lastDay: null };
const walk = (zone: string, ...instants: string[]): Streak =>
  instants.reduce((streak, at) => streakOn(streak, localDay(at, zone)), NONE);

test('a day ends at midnight on one’s own wall', () => {
  expect(localDay('2026-03-01T18:29:59Z', 'Asia/Kolkata')).toBe('2026-03-01');
  expect(localDay('2026-03-01T18:30:00Z', 'Asia/Kolkata')).toBe('2026-03-02');
  expect(localDay('2026-03-01T04:59:59Z', 'America/New_York')).toBe('2026-02-28');
});

test('a streak grows once a day, and breaks when a whole one was missed', () => {
  const three = walk(
    'UTC',
    '2026-03-01T00:00:00Z',
    '2026-03-02T23:59:59Z',
    '2026-03-02T23:59:59Z',
    '2026-03-03T00:00:00Z',
  );
  expect(three).toEqual({ days: 3, longest: 3, lastDay: '2026-03-03' });
  expect(streakAt(three, '2026-03-04')).toBe(3);
  expect(streakAt(three, '2026-03-05')).toBe(0);
  expect(streakOn(three, '2026-03-05')).toEqual({ days: 1, longest: 3, lastDay: '2026-03-05' });
});

test('over a change of summer time a day of 23 hours and one of 25 are a day each', () => {
  // Berlin: 29 March 2026 has 23 hours, 25 October has 25.
  const spring = ['2026-03-28T22:59:00Z', '2026-03-28T23:01:00Z', '2026-03-29T22:01:00Z'];
  expect(walk('Europe/Berlin', ...spring)).toMatchObject({ days: 3, lastDay: '2026-03-30' });
  const autumn = ['2026-10-24T21:59:00Z', '2026-10-24T22:01:00Z', '2026-10-25T22:59:00Z', '2026-10-25T23:01:00Z'];
  expect(walk('Europe/Berlin', ...autumn)).toMatchObject({ days: 3, lastDay: '2026-10-26' });
});

test('who flies west and has a day twice has it once', () => {
  const streak = streakOn(streakOn(NONE, '2026-03-02'), '2026-03-01');
  expect(streak).toEqual({ days: 1, longest: 1, lastDay: '2026-03-02' });
});
