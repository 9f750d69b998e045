import { expect, test } from 'vitest';
import { resumePoint } from './resume.ts';

test.each([
  { last: 5, resume: undefined, kept: false, after: 5, resumed: false, why: 'it asks for nothing' },
  { last: 5, resume: 0, kept: true, after: 0, resumed: true, why: 'it has nothing yet' },
  { last: 5, resume: 5, kept: false, after: 5, resumed: true, why: 'it has everything' },
  { last: 0, resume: 0, kept: false, after: 0, resumed: true, why: 'there is nothing' },
  { last: 12, resume: 2, kept: true, after: 2, resumed: true, why: 'it is as far behind as may be' },
  { last: 13, resume: 2, kept: true, after: 13, resumed: false, why: 'it is further behind' },
  { last: 5, resume: 3, kept: false, after: 5, resumed: false, why: 'what it misses is no longer kept' },
  { last: 5, resume: 6, kept: false, after: 5, resumed: false, why: 'it names a number that was never given' },
])('a client begins after $after when $why', ({ last, resume, kept, after, resumed }) => {
  expect(resumePoint(last, resume, kept, 10)).toEqual({ after, resumed });
});
