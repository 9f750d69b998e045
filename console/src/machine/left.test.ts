import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leftUntil } from './left.ts';

const NOW = Date.parse('2030-01-01T00:00:00.000Z');
const left = (ms: number) => leftUntil(NOW + ms, NOW);

test('what is left is told in the largest unit of which there are two, and never as more than there is', () => {
  expect([20_000, 90_000, 120_000, 7_199_999, 7_200_000, 172_799_999, 172_800_000, 1_209_599_000].map(left)).toEqual([
    'in 20 s',
    'in 90 s',
    'in 2 min',
    'in 119 min',
    'in 2 h',
    'in 47 h',
    'in 2 days',
    'in 13 days',
  ]);
});

test('what is due is said to be, and whatever is left is above nothing', () => {
  expect([0, -1, -86_400_000].map(left)).toEqual(['now due', 'now due', 'now due']);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 ** 11 }), (ms) => {
      expect(Number(/\d+/.exec(left(ms))?.[0])).toBeGreaterThan(0);
    }),
  );
});
