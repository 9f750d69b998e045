import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tandem-gen-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const gen = (...args: string[]) => run(process.execPath, [join(root, 'local/gen.ts'), ...args], { cwd: root });

test('an app of one’s own takes the client and both documents with it', async () => {
  const { stdout } = await gen('client', folder);
  const [packed = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  expect(stdout).toContain(packed);
  expect(readdirSync(folder).sort()).toEqual(['asyncapi.json', 'openapi.json', packed].sort());
  for (const [copy, document] of [
    ['openapi.json', 'api/openapi.json'],
    ['asyncapi.json', 'realtime/asyncapi.json'],
  ] as const) {
    expect(readFileSync(join(folder, copy), 'utf8')).toBe(readFileSync(join(root, document), 'utf8'));
  }
  const { stdout: held } = await run('tar', ['-tzf', join(folder, packed)]);
  expect(held.split('\n')).toEqual(expect.arrayContaining(['package/dist/index.js', 'package/dist/index.d.ts']));
});

test('whoever does not say what and where is told how', async () => {
  await expect(gen('client')).rejects.toMatchObject({
    code: 1,
    stderr: 'Say what and where: npm run gen -- client <folder>\n',
  });
});
