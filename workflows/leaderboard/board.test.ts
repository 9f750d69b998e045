import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boardOf, seasonBefore, seasonOf, weekOf, windowAround } from './board.ts';

describe('a week', () => {
  test('begins on Monday at midnight UTC', () => {
    expect(weekOf('2026-11-29T23:59:59.999Z')).toBe('2026-11-23');
    expect(weekOf('2026-11-30T00:00:00.000Z')).toBe('2026-11-30');
    expect(weekOf('2027-01-01T12:00:00.000Z')).toBe('2026-12-28');
  });
});

describe('a season', () => {
  test('is a quarter of a year, and the one before it is known, over the new year too', () => {
    expect(seasonOf('2026-12-31T23:59:59.999Z')).toBe('2026-Q4');
    expect(seasonOf('2027-01-01T00:00:00.000Z')).toBe('2027-Q1');
    expect(seasonBefore('2027-01-01T00:00:00.000Z')).toBe('2026-Q4');
    expect(seasonBefore('2026-08-15T00:00:00.000Z')).toBe('2026-Q2');
  });
});

test('a board is named by its scope, what it is of, and whom it ranks', () => {
  const at = { now: '2026-11-29T12:00:00.000Z', streamId: 's' };
  expect(boardOf('weekly', 'senders', at)).toBe('weekly:2026-11-23:senders');
  expect(boardOf('stream', 'creators', at)).toBe('stream:s:creators');
});

test('a window around a place has it, is full where there are so many, and stays within the board', () => {
  const boards = fc
    .integer({ min: 1, max: 200 })
    .chain((total) =>
      fc.record({ total: fc.constant(total), place: fc.nat(total - 1), limit: fc.integer({ min: 1, max: 100 }) }),
    );
  fc.assert(
    fc.property(boards, ({ total, place, limit }) => {
      const from = windowAround(place, limit, total);
      const until = Math.min(from + limit, total);
      expect(from).toBeGreaterThanOrEqual(0);
      expect(place).toBeGreaterThanOrEqual(from);
      expect(place).toBeLessThan(until);
      expect(until - from).toBe(Math.min(limit, total));
    }),
  );
});
