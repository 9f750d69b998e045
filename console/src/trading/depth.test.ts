import { expect, test } from 'vitest';
import { levelsOf, stairsOf } from './depth.ts';

const BIDS = levelsOf([
  ['100', '1'],
  ['90', '3'],
]);
const ASKS = levelsOf([['110', '2']]);

test('each level has all that lies before it', () => {
  expect(BIDS.map(({ sum }) => sum)).toEqual([1, 4]);
});

test('the stairs rise from the middle outwards, and reach the edge', () => {
  const { bids, asks } = stairsOf(BIDS, ASKS);
  expect(bids).toBe('M50 100H50V76.25H10V5H0V100Z');
  expect(asks).toBe('M90 100H90V52.5H100V100Z');
});

test('an empty side has no stair, and a lone price stands in the middle', () => {
  expect(stairsOf([], [])).toEqual({ bids: '', asks: '' });
  expect(stairsOf(levelsOf([['5', '1']]), []).bids).toBe('M50 100H50V5H0V100Z');
});
