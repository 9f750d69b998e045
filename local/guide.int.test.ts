import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readGuide, write } from './testing/guide.ts';
import { terminal } from './testing/terminal.ts';

/** `docs/stepByStep.md`, followed by somebody who does what it says and nothing else, on a copy of this tree. */

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const chapters = readGuide(readFileSync(join(root, 'docs/stepByStep.md'), 'utf8'));

let tree: string;

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'tandem-guide-'));
  const isLeft = /(^|\/)(node_modules|dist|\.git|\.tandem|\.tandem-bench-.*)$/;
  cpSync(root, tree, { recursive: true, filter: (path) => !isLeft.test(relative(root, path)) });
  for (const folder of ['', 'client', 'console']) linkPackages(folder);
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

/** The packages of here, but neither what is kept beside them of these sources nor our own, which are the copy's. */
function linkPackages(folder: string): void {
  const [from, to] = [join(root, folder, 'node_modules'), join(tree, folder, 'node_modules')];
  if (!existsSync(from)) return;
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    if (name === '.cache' || name.startsWith('.vite')) continue;
    const [, ours] = /^tandem-(client|console)$/.exec(name) ?? [];
    symlinkSync(ours ? join(tree, ours) : join(from, name), join(to, name));
  }
}

test('it tells of a button, a kind, a provider and an event', () => {
  expect(chapters.map(({ title }) => title)).toEqual([
    'A button',
    'A kind of process',
    'A payment provider',
    'An event',
    'In the end',
  ]);
});

test.for(chapters)(
  'what it says of “$title” can be followed word for word, and works',
  // What is written is there: a second try would find no place for it.
  { timeout: 600_000, retry: 0 },
  async ({ steps }) => {
    let ran = 0;
    for (const step of steps) {
      if (step.what !== 'run') {
        write(tree, step);
        continue;
      }
      const { failed, said } = await run('sh', ['-c', step.command], {
        cwd: tree,
        env: terminal(),
        maxBuffer: 2 ** 26,
      }).then(
        ({ stdout }) => ({ failed: false, said: stdout }),
        (error) => ({ failed: true, said: `${error.stdout}\n${error.stderr}` }),
      );
      expect(failed, `${step.command}\n${said}`).toBe(false);
      // A filter that finds nothing would pass as well.
      if (step.command.includes('vitest')) expect(said, step.command).toMatch(/Tests.* [1-9]\d* passed/);
      ran += 1;
    }
    expect(ran).toBeGreaterThan(0);
  },
);
