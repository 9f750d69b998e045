import { expect, test } from 'vitest';
import { areaUnderCurve, averagePrecision, gain, ndcg, precision, recall, sureness } from './measures.ts';

const at = (...places: number[]) => Array.from({ length: 10 }, (_, place) => places.includes(place + 1));

test('average precision is that of the two rankings in Manning’s lectures: 0.62 and 0.44', () => {
  expect(averagePrecision(at(1, 3, 6, 9, 10), 10, 5)).toBeCloseTo(0.622, 3);
  expect(averagePrecision(at(2, 5, 7), 10, 3)).toBeCloseTo(0.443, 3);
});

test('discounted gain is that of the grades 3, 2, 3, 0, 1, 2 in Wikipedia’s example: 6.861 of 7.141', () => {
  expect(gain([3, 2, 3, 0, 1, 2])).toBeCloseTo(6.861, 3);
  expect(gain([3, 3, 2, 2, 1, 0])).toBeCloseTo(7.141, 3);
});

test('a list that has all in front is 1, one that has none is 0, and precision and recall count what was found', () => {
  expect(ndcg(at(1, 2, 3), 10, 3)).toBe(1);
  expect(ndcg(at(), 10, 3)).toBe(0);
  expect(ndcg(at(2), 10, 1)).toBeCloseTo(1 / Math.log2(3), 12);
  expect(precision(at(1, 4), 10)).toBe(0.2);
  expect(recall(at(1, 4), 10, 8)).toBe(0.25);
  expect(recall(at(), 10, 0)).toBe(0);
});

test('the area under the curve is the part of pairs in the right order', () => {
  expect(areaUnderCurve([0, 2], 4)).toBe(0.75);
  expect(areaUnderCurve([3], 4)).toBe(0);
  expect(areaUnderCurve([0, 1], 10)).toBe(1);
});

test('what is better with everybody by the same is sure, what is better by chance is not', () => {
  expect(sureness([0.5, 0.5, 0.5])).toBe(Number.POSITIVE_INFINITY);
  expect(sureness([0, 0])).toBe(0);
  expect(sureness([1, -1, 1, -1])).toBe(0);
  expect(sureness([1, 2, 3])).toBeCloseTo(2 / Math.sqrt(1 / 3), 12);
});
