import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { withParts } from './readme.ts';

const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('what is between the marks is written anew, and nothing else is touched', () => {
  const stale = text.replace(/(<!-- failures -->)[\s\S]*(<!-- \/failures -->)/, '$1\nsomething old\n$2');
  expect(stale).not.toBe(text);
  expect(withParts(stale)).toBe(withParts(text));
  const outside = (readme: string) => readme.replace(/<!-- (\w+) -->[\s\S]*?<!-- \/\1 -->/g, '');
  expect(outside(withParts(text))).toBe(outside(text));
});

test('a mark that went missing is an error, or its part would silently stay as it is', () => {
  expect(() => withParts(text.replace('<!-- /events -->', ''))).toThrow(/no place for events/);
});

test('every setting, failure, event and state is in it', () => {
  const parts = withParts(text);
  for (const name of ['DATABASE_URL', 'WORKER_HOST', 'OFFER_STALE', 'conversation_state_changed', 'work_approved']) {
    expect(parts).toContain(`\`${name}\``);
  }
  expect(parts).toContain('stateDiagram-v2');
});

test('every link in a README leads to what is there, and every folder that the first one names has its own', () => {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const readmes = globSync('{*,*/*,*/*/*}/README.md', { cwd: root, exclude: ['**/node_modules', '.*'] });
  expect(readmes).toContain('journeys/README.md');
  for (const readme of ['README.md', ...readmes]) {
    const links = readFileSync(join(root, readme), 'utf8').matchAll(/\]\((?!\w+:|#)([^)#]+)[^)]*\)/g);
    for (const [, link = ''] of links) {
      expect(existsSync(join(root, dirname(readme), link)), `${readme} links ${link}`).toBe(true);
    }
  }
});
