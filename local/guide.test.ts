import { expect, test } from 'vitest';
import { changed, readGuide } from './testing/guide.ts';

const GUIDE = `# A guide

## First

A word. New, \`a/b.ts\`:

\`\`\`ts
const a = 1;

\`\`\`

It is known there. Changed, \`c.ts\`:

\`\`\`diff
 one
-two
+three

 four
\`\`\`

\`\`\`sh
first
second
\`\`\`
`;

test('a guide is what it says to write and to run, in its order', () => {
  expect(readGuide(GUIDE)).toEqual([
    {
      title: 'First',
      steps: [
        { what: 'new', file: 'a/b.ts', text: 'const a = 1;\n\n' },
        { what: 'change', file: 'c.ts', from: ['one', 'two', '', 'four'], to: ['one', 'three', '', 'four'] },
        { what: 'run', command: 'first' },
        { what: 'run', command: 'second' },
      ],
    },
  ]);
});

test('a block of which it does not say where it goes is a mistake', () => {
  expect(() => readGuide(GUIDE.replace('Changed, `c.ts`:', 'Somewhere:'))).toThrow('of which file is this?');
});

test('a change is made where its lines stand, and nowhere else', () => {
  const change = { file: 'c.ts', from: ['one', 'two'], to: ['one', 'three'] };
  expect(changed('zero\none\ntwo\n', change)).toBe('zero\none\nthree\n');
  expect(() => changed('one\n\ntwo\n', change)).toThrow('c.ts has 0 places');
  expect(() => changed('one\ntwo\none\ntwo\n', change)).toThrow('c.ts has 2 places');
  expect(() => changed('one\n', { ...change, from: [] })).toThrow('places for');
});
