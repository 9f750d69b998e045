import { expect, test } from 'vitest';
import { moodOf } from './mood.ts';

test('a crowd’s mood is that of most, the first of the list of two alike, and none where nobody reacts', () => {
  expect(moodOf({})).toBeNull();
  expect(moodOf({ sad: 0 })).toBeNull();
  expect(moodOf({ sad: 2, love: 1 })).toBe('sad');
  expect(moodOf({ sad: 2, love: 2 })).toBe('love');
});
