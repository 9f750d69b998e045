import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newPid, resumeOf } from './recovery.ts';

const ASHA = '0190a000-0000-7000-8000-00000000000a';
const BEN = '0190a000-0000-7000-8000-00000000000b';

test('a pid is good for its own user, from the number that it began with or the last offset', () => {
  const pid = newPid(ASHA, 7);
  expect(resumeOf({ pid }, ASHA)).toBe(7);
  expect(resumeOf({ pid, offset: '12' }, ASHA)).toBe(12);
  expect(resumeOf({ pid, offset: '12' }, BEN)).toBeUndefined();
  expect(newPid(ASHA, 7)).not.toBe(pid);
});

test('without a pid of ours nothing is resumed', () => {
  for (const pid of [undefined, null, 7, '', 'x', `${ASHA}.1`, `${ASHA}.-1.${'a'.repeat(16)}`, 'c2VydmVy']) {
    expect(resumeOf({ pid, offset: '3' }, ASHA)).toBeUndefined();
  }
});

test('an offset is a whole number of ours or is refused, whatever it is', () => {
  const pid = newPid(ASHA, 0);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.double(), fc.integer(), fc.boolean(), fc.constant({})), (offset) => {
      const resume = resumeOf({ pid, offset }, ASHA);
      const good = typeof offset === 'string' && /^\d+$/.test(offset) && Number.isSafeInteger(Number(offset));
      expect(resume).toBe(good ? Number(offset) : null);
    }),
  );
});
