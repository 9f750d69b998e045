import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identify, isRunning, type ProcessIdentity } from './process.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-npm-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program of this name that is found before any other. */
function provide(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

/** `npm test` for a user whose cache is empty. */
function start() {
  const child = spawn(process.execPath, ['local/test.ts'], {
    cwd: ROOT,
    env: {
      ...process.env,
      PATH: `${folder}:/usr/bin:/bin`,
      XDG_CACHE_HOME: join(folder, 'cache'),
      TEMPORAL_DOWNLOAD_URL: 'off',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
  }
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal)));
  return { child, ended, output: () => text };
}

test('Ctrl-C stops the build of a server, and nothing comes after it', async () => {
  const file = join(folder, 'go.pid');
  provide('temporal', 'echo an old one');
  provide('go', `sleep 60 & echo $! > ${file}.new && mv ${file}.new ${file}; wait`);
  const { child, ended, output } = start();
  await expect.poll(() => existsSync(file), { timeout: 10_000 }).toBe(true);
  const compiler = identify(Number(readFileSync(file, 'utf8'))) as ProcessIdentity;
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  await expect.poll(() => isRunning(compiler), { timeout: 10_000 }).toBe(false);
  expect(output()).not.toMatch(/types|passed/);
  expect(output()).toMatch(/\nStopped\.\n$/);
});

test('a SIGTERM ends the phase that is under way, and none comes after it', async () => {
  provide('temporal', 'echo temporal version 1.6.0 "(Server 1.32.0)"');
  provide('redis-server', '');
  const { child, ended, output } = start();
  const compilers = () => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  if (process.platform === 'linux') await expect.poll(() => compilers().split(' ').length, { timeout: 10_000 }).toBe(3);
  else await expect.poll(() => output(), { timeout: 10_000 }).toContain('✓');
  child.kill('SIGTERM');
  expect(await ended).toBe(143);
  expect(output()).not.toMatch(/is current|passed/);
});
