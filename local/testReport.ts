import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestModule, TestUserConfig } from 'vitest/node';

/** What a run of the tests came to; each text is `file: name of the test`. */
export interface TestReport {
  readonly passed: number;
  readonly skipped: number;
  readonly failed: readonly string[];
  /** Passed, but only when tried again. */
  readonly unsteady: readonly string[];
  /** Of each file how long it took, in ms, and how much of that went by before its first test. */
  readonly took: readonly { readonly file: string; readonly ms: number; readonly loadingMs: number }[];
}

const root = fileURLToPath(new URL('..', import.meta.url));

/** A promise that failed and that nobody waited for, and the test that was under way. */
type Loose = { path: string; test: string; said: string };

const loose: Loose[] = [];

/**
 * Vitest's `onUnhandledError`. A try that failed leaves promises behind for which nobody waits any more, and what becomes
 * of them is a part of it: where the test is tried again and passes, they fail no run. Which they are is known at its end.
 */
export const keepLoose: TestUserConfig['onUnhandledError'] = (error) => {
  const { type, message, stack, VITEST_TEST_PATH: path, VITEST_TEST_NAME: test } = error as Record<string, unknown>;
  if (type !== 'Unhandled Rejection' || typeof path !== 'string' || typeof test !== 'string') return;
  loose.push({ path, test, said: String(stack ?? message) });
  return false;
};

/** Writes a `TestReport` to the file that `TANDEM_TEST_REPORT` names, and fails a run that left something loose. */
export class ReportWriter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const left = loose.splice(0).filter((each) => !isOfFailedTry(each, modules));
    for (const each of left) console.error(`\nNobody waited for this, in ${nameOf(each)}\n${each.said}\n`);
    if (left.length > 0) process.exitCode = 1;
    const file = process.env.TANDEM_TEST_REPORT;
    if (file) writeFileSync(file, JSON.stringify(reportOf(modules, left)));
  }
}

const nameOf = ({ path, test }: Loose) => `${relative(root, path)}: ${test}`;

function isOfFailedTry({ path, test }: Loose, modules: readonly TestModule[]): boolean {
  const found = modules.find(({ moduleId }) => moduleId === path);
  return [...(found?.children.allTests() ?? [])].some((each) => each.name === test && each.diagnostic()?.flaky);
}

function reportOf(modules: readonly TestModule[], left: readonly Loose[]): TestReport {
  let passed = 0;
  let skipped = 0;
  const failed = left.map((each) => `${nameOf(each)}: a promise failed that nobody waited for`);
  const unsteady: string[] = [];
  const took: TestReport['took'][number][] = [];
  for (const module of modules) {
    const name = relative(root, module.moduleId);
    const before = failed.length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') passed++;
      else if (state === 'failed') failed.push(`${name}: ${test.fullName}`);
      else skipped++;
      if (test.diagnostic()?.flaky) unsteady.push(`${name}: ${test.fullName}`);
    }
    // A file that could not be loaded, or whose hook failed, has no failed test of its own.
    if (module.state() === 'failed' && failed.length === before) failed.push(`${name}: could not be run`);
    const { duration, collectDuration, prepareDuration, setupDuration } = module.diagnostic();
    const loadingMs = collectDuration + prepareDuration + setupDuration;
    took.push({ file: name, ms: loadingMs + duration, loadingMs });
  }
  return { passed, skipped, failed, unsteady, took };
}
