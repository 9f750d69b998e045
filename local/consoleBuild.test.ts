import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildConsole } from './consoleBuild.ts';
import { PartFailure } from './part.ts';

const never = new AbortController().signal;
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tandem-console-'));
  mkdirSync(join(root, 'console', 'src'), { recursive: true });
  write('index.html', '<script type="module" src="/src/page.js"></script>');
  write('src/page.js', 'document.title = "first"');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  writeFileSync(join(root, 'console', path), text);
  // Files of a moment ago, so that a build of this moment is newer.
  const before = new Date(Date.now() - 10_000);
  utimesSync(join(root, 'console', path), before, before);
}

function edit(path: string, text: string): void {
  writeFileSync(join(root, 'console', path), text);
  const later = new Date(Date.now() + 10_000);
  utimesSync(join(root, 'console', path), later, later);
}

function builtScript(): string {
  const assets = join(root, 'console', 'dist', 'assets');
  return readdirSync(assets)
    .map((name) => readFileSync(join(assets, name), 'utf8'))
    .join();
}

test('the page is built when there is none or a source is newer, and not otherwise', async () => {
  expect(await buildConsole(never, root)).toBe(true);
  expect(builtScript()).toContain('first');
  expect(await buildConsole(never, root)).toBe(false);
  edit('src/page.js', 'document.title = "second"');
  expect(await buildConsole(never, root)).toBe(true);
  expect(builtScript()).toContain('second');
});

test('the page is built anew when the client in it is newer', async () => {
  await buildConsole(never, root);
  mkdirSync(join(root, 'client', 'src'), { recursive: true });
  edit('../client/src/index.ts', 'export {}');
  expect(await buildConsole(never, root)).toBe(true);
});

test('two at once build it once', async () => {
  const built = await Promise.all([buildConsole(never, root), buildConsole(never, root)]);
  expect(built.sort()).toEqual([false, true]);
});

test('a build that fails leaves the last page in its place, and says why', async () => {
  await buildConsole(never, root);
  edit('src/page.js', 'this is not a program');
  await expect(buildConsole(never, root)).rejects.toThrow(PartFailure);
  expect(builtScript()).toContain('first');
});

const otherDisk = ['/dev/shm', '/run'].find(
  (path) => existsSync(path) && statSync(path).dev !== statSync(tmpdir()).dev,
);

test.runIf(otherDisk !== undefined)('the page is built with `.tandem` on another disk', async () => {
  const elsewhere = mkdtempSync(join(otherDisk as string, 'tandem-'));
  try {
    symlinkSync(elsewhere, join(root, '.tandem'));
    expect(await buildConsole(never, root)).toBe(true);
    expect(builtScript()).toContain('first');
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
});

test('a build that is called off leaves nothing half built', async () => {
  const calledOff = new AbortController();
  const building = buildConsole(calledOff.signal, root);
  calledOff.abort();
  await expect(building).rejects.toThrow();
  expect(existsSync(join(root, 'console', 'dist'))).toBe(false);
});
