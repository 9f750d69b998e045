import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { terminal } from './testing/terminal.ts';
import type { TestReport } from './testReport.ts';

/** Runs of their own, of tests that leave a promise behind which fails, with the report that `npm test` reads. */

const root = fileURLToPath(new URL('..', import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-loose-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const config = `
    import { keepLoose, ReportWriter } from '${join(root, 'local/testReport.ts')}';
    export default { test: { retry: 1, reporters: ['default', new ReportWriter()], onUnhandledError: keepLoose } };`;
  writeFileSync(join(folder, 'vitest.config.ts'), config);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A test that leaves a promise, and how its first try ends. */
function playing(name: string, firstTry: string): { code: number | null; report: TestReport; said: string } {
  const own = join(folder, name);
  mkdirSync(own);
  const text = `
    import { expect, test } from 'vitest';
    let tries = 0;
    test('leaves something', async () => {
      tries += 1;
      if (tries === 1) void Promise.reject(new Error('left behind'));
      await new Promise((resolve) => setImmediate(resolve));
      ${firstTry}
    });`;
  writeFileSync(join(own, 'one.test.ts'), text);
  const file = join(own, 'report.json');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder, join(name, 'one.test.ts')],
    { cwd: folder, env: { ...terminal(), TANDEM_TEST_REPORT: file }, encoding: 'utf8' },
  );
  return { code: status, report: JSON.parse(readFileSync(file, 'utf8')), said: `${stdout}${stderr}` };
}

test('a promise that a failed try has left fails no run whose second try passes', () => {
  const { code, report } = playing('again', 'expect(tries).toBe(2);');
  expect(report).toMatchObject({ passed: 1, failed: [], unsteady: [expect.stringContaining('leaves something')] });
  expect(code).toBe(0);
}, 60_000);

test('a promise that a test has left which passed fails the run, and is shown', () => {
  const { code, report, said } = playing('passed', 'expect(tries).toBe(1);');
  expect(report).toMatchObject({ passed: 1, failed: [expect.stringContaining('nobody waited for')], unsteady: [] });
  expect(said).toContain('Error: left behind');
  expect(code).toBe(1);
}, 60_000);
