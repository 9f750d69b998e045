import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { RETENTION } from '#db/operation/retention.ts';
import { withPart } from './documents.ts';

const textOf = (document: string) => readFileSync(new URL(`../docs/${document}`, import.meta.url), 'utf8');

test.each(['deal.md', 'errors.md', 'settings.md', 'limits.md', 'retention.md'])(
  'what is between the marks of %s is written anew, and nothing else is touched',
  (document) => {
    const text = textOf(document);
    const stale = text.replace(/(<!-- \w+ -->)[\s\S]*(<!-- \/\w+ -->)/, '$1\nsomething old\n$2');
    expect(stale).not.toBe(text);
    expect(withPart(document, stale)).toBe(withPart(document, text));
    const outside = (each: string) => each.replace(/<!-- (\w+) -->[\s\S]*?<!-- \/\1 -->/g, '');
    expect(outside(withPart(document, text))).toBe(outside(text));
  },
);

test('a mark that went missing is an error, or its part would silently stay as it is', () => {
  expect(() => withPart('errors.md', textOf('errors.md').replace('<!-- /failures -->', ''))).toThrow(
    /no place for failures/,
  );
});

test('every setting, failure and state is told of', () => {
  for (const [document, ...names] of [
    ['settings.md', '`DATABASE_URL`', '`WORKER_HOST`'],
    ['errors.md', '`OFFER_STALE`'],
    ['deal.md', '`work_approved`', 'stateDiagram-v2'],
  ] as const) {
    const text = withPart(document, textOf(document));
    for (const name of names) expect(text).toContain(name);
  }
});

test('every link in a README or a document leads to what is there, and every folder that the first one names has its own', () => {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const readmes = globSync('{*/*,*/*/README,*/*/*/README}.md', { cwd: root, exclude: ['**/node_modules', '.*'] });
  expect(readmes).toContain('journeys/README.md');
  for (const readme of ['README.md', ...readmes]) {
    const links = readFileSync(join(root, readme), 'utf8').matchAll(/\]\((?!\w+:|#)([^)#]+)[^)]*\)/g);
    for (const [, link = ''] of links) {
      expect(existsSync(join(root, dirname(readme), link)), `${readme} links ${link}`).toBe(true);
    }
  }
});

/** Of some things that are forgotten a part is kept, which is said of it. */
const KEPT_IN_PART = ['notification_triggers', 'notifications', 'relays', 'rewards', 'webhooks'];

test('of every table it is said how long what is in it is kept: by its lifetime, or that it has none', () => {
  const schema = readFileSync(new URL('../db/schema.sql', import.meta.url), 'utf8');
  const tables = [...schema.matchAll(/^CREATE TABLE (?:public\.)?([a-z_]+)/gm)].map(([, name = '']) => name);
  expect(tables.length).toBeGreaterThan(100);
  const text = textOf('retention.md');
  expect(text, 'run `npm run write`').toBe(withPart('retention.md', text));
  const [, , rest = ''] = text.split(/<!-- \/?retention -->/);
  const [kept = ''] = rest.split('## When somebody leaves');
  const namedIn = (text: string) => [...text.matchAll(/`([a-z]+(?:_[a-z]+)*)`/g)].map(([, name = '']) => name);
  const forgotten = RETENTION.flatMap((each) => each.tables);
  expect([...new Set([...forgotten, ...namedIn(kept)])].sort()).toEqual(tables.sort());
  expect(
    namedIn(kept)
      .filter((name) => forgotten.includes(name))
      .sort(),
  ).toEqual(KEPT_IN_PART);
});
