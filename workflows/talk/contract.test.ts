import { expect, test } from 'vitest';
import { words } from './contract.ts';

const FAMILY = '👨‍👩‍👧‍👦';
const issues = (text: unknown, ...of: Parameters<typeof words>) =>
  words(...of)
    .safeParse(text)
    .error?.issues.map((issue) => [issue.message, (issue as { params?: unknown }).params]);

test('a limit counts what a reader sees, and says so', () => {
  expect(words(5).parse(`  ${FAMILY.repeat(5)} `)).toBe(FAMILY.repeat(5));
  expect(words(5).parse('नमस्ते')).toBe('नमस्ते');
  expect(issues(FAMILY.repeat(6), 5)).toEqual([['it has 5 characters at most', { limit: 5, unit: 'characters' }]]);
  expect(issues('abcdef', 5)).toEqual([['it has 5 characters at most', { limit: 5, unit: 'characters' }]]);
});

test('one letter with a heap of marks is no way around it', () => {
  expect(issues(`a${'\u0301'.repeat(1_000)}`, 5)).toEqual([
    ['it has 200 bytes at most', { limit: 200, unit: 'bytes' }],
  ]);
  const began = performance.now();
  issues('\u0301'.repeat(250_000), 5_000);
  expect(performance.now() - began).toBeLessThan(200);
});

test.each(['', '   ', '\u200b', '\u200d\u2060\ufeff', '\u202e\u2066', '\u2800', '\u3164'])('%j is empty', (text) => {
  expect(issues(text, 5)).toEqual([['it shows nothing', undefined]]);
  expect(words(5, { empty: true }).safeParse(text).success).toBe(true);
});

test('what has to be longer is counted alike', () => {
  expect(words(100, { min: 8 }).safeParse(FAMILY.repeat(8)).success).toBe(true);
  expect(issues(FAMILY.repeat(7), 100, { min: 8 })).toEqual([
    ['it has 8 characters or more', { limit: 8, unit: 'characters' }],
  ]);
});
