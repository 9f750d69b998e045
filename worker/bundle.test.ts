import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestOfSources, readOrMake } from './bundle.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-bundle-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Counts how often it is asked. */
function maker(code: string) {
  const asked = { times: 0 };
  return {
    asked,
    make: async () => {
      asked.times += 1;
      return { code };
    },
  };
}

test('the workflows are bundled once, and read by every worker that starts after', async () => {
  const place = join(folder, 'once');
  const { asked, make } = maker('of today');
  expect(await readOrMake(place, false, make)).toEqual({ code: 'of today' });
  expect(await readOrMake(place, false, make)).toEqual({ code: 'of today' });
  expect(asked.times).toBe(1);
});

test('what was bundled of other sources is not taken, and makes room', async () => {
  const place = join(folder, 'other');
  mkdirSync(place);
  writeFileSync(join(place, 'workflows-0123456789abcdef0123456789abcdef.js'), 'of yesterday');
  expect(await readOrMake(place, false, maker('of today').make)).toEqual({ code: 'of today' });
  expect(readdirSync(place)).toEqual([`workflows-${digestOfSources()}.js`]);
});

test('what takes traces along and what does not are two files, and neither is taken for the other', async () => {
  const place = join(folder, 'both');
  for (const _ of [1, 2]) {
    expect(await readOrMake(place, true, maker('with traces').make)).toEqual({ code: 'with traces' });
    expect(await readOrMake(place, false, maker('without').make)).toEqual({ code: 'without' });
  }
  const digest = digestOfSources();
  expect(readdirSync(place).sort()).toEqual([`workflows-${digest}-traced.js`, `workflows-${digest}.js`]);
});

test('where nothing may be written it is bundled every time', async () => {
  writeFileSync(join(folder, 'a file'), '');
  const { asked, make } = maker('of today');
  for (const _ of [1, 2])
    expect(await readOrMake(join(folder, 'a file', 'beneath'), false, make)).toEqual({ code: 'of today' });
  expect(asked.times).toBe(2);
});

test('any source of the workflows, and any package, makes another digest; a test does not', () => {
  const root = join(folder, 'sources');
  mkdirSync(root);
  for (const part of ['workflows', 'package-lock.json'])
    cpSync(join(ROOT, part), join(root, part), { recursive: true });
  const digests = [digestOfSources(root)];
  expect(digests[0]).toBe(digestOfSources());
  const write = (file: string, text: string) => {
    expect(existsSync(join(root, file, '..'))).toBe(true);
    writeFileSync(join(root, file), text);
    return digestOfSources(root);
  };
  expect(write('workflows/deal/added.test.ts', '// A test.')).toBe(digests[0]);
  digests.push(write('workflows/deal/added.ts', 'export {};'), write('workflows/deal/added.ts', 'export {}; '));
  digests.push(write('workflows/added.ts', 'export {}; '), write('package-lock.json', '{}'));
  expect(new Set(digests).size).toBe(digests.length);
});
