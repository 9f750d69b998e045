import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fileTrouble } from './fileTrouble.ts';
import { Home } from './home.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-home-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a home that is a file, or below one, is refused in a sentence', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  for (const dir of [file, join(file, 'below')]) {
    expect(() => new Home(dir)).toThrow(
      expect.objectContaining({
        name: 'SettingInvalid',
        message: expect.stringMatching(/^TANDEM_HOME is ".+", which is no folder and cannot be made one \(E.+\)\.$/),
      }),
    );
  }
});

const refused = (code: string, path?: string) =>
  fileTrouble(Object.assign(new Error(`${code}: refused`), { code, path }), '/srv/tandem');

test('a home of another user and a full disk are each told in a sentence', () => {
  expect(refused('EACCES', '/srv/tandem/supervisor.lock.7')).toBe(
    'This user may not work in /srv/tandem (EACCES: refused): hand it over with `chown -R`, or choose another home with TANDEM_HOME.',
  );
  expect(refused('ENOSPC')).toBe(
    'There is no room left on the disk of /srv/tandem (ENOSPC: refused): make some, or choose another home with TANDEM_HOME.',
  );
});

test('what is refused elsewhere does not blame the home, and other errors stay what they are', () => {
  expect(refused('EACCES', '/root/.cache/tandem')).toBe(
    'This user may not work in /root/.cache/tandem (EACCES: refused): hand it over with `chown -R`.',
  );
  expect(refused('ENOENT', '/srv/tandem/x')).toBeNull();
  expect(fileTrouble(new Error('a bug'), '/srv/tandem')).toBeNull();
});
