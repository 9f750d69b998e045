import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestModule } from 'vitest/node';

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

/** Writes a `TestReport` to the file that `TANDEM_TEST_REPORT` names. */
export class ReportWriter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const file = process.env.TANDEM_TEST_REPORT;
    if (file) writeFileSync(file, JSON.stringify(reportOf(modules)));
  }
}

function reportOf(modules: readonly TestModule[]): TestReport {
  let passed = 0;
  let skipped = 0;
  const failed: string[] = [];
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
