import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Closing } from '../clicks/closing.ts';
import type { Finding, Plan } from './finding.ts';

/** Workers die at each point of each activity of every kind, in so many seeds: the tests' own kit, asked for more. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What tests are called that crash, and how it is seen which files have some. */
const TITLE = 'wherever its worker dies';
const KITS = /describe(Crashes|Races)\(/;

/** A line of what the kit writes. */
type Crashed = {
  kind: string;
  how: 'given' | 'silent';
  name: string;
  moment: 'begins' | 'done';
  crashes: number;
  trouble: string | null;
};

export async function measureCrashes(dir: string, closing: Closing, { crashSeeds }: Plan): Promise<Finding[]> {
  const report = join(dir, 'crashes.jsonl');
  const code = await runTests(report, crashSeeds, closing);
  const all = linesOf(report);
  const byKind = Map.groupBy(all, ({ kind }) => kind);
  const findings = [...byKind]
    .sort(([one], [other]) => one.localeCompare(other))
    .flatMap(([kind, lines]) => {
      const byActivity = Map.groupBy(lines, ({ name }) => name);
      return [...byActivity].map(([name, tries]) => findingOf(kind, name, tries));
    });
  if (code === 0) return findings;
  return [...findings, { what: 'the tests that crash', before: null, now: `ended with ${code}`, holds: false }];
}

function findingOf(kind: string, activity: string, tries: readonly Crashed[]): Finding {
  const passed = (moment: Crashed['moment']) => {
    const those = tries.filter((each) => each.moment === moment && each.crashes > 0);
    return `${those.filter(({ trouble }) => trouble === null).length} of ${those.length}`;
  };
  const crashes = tries.reduce((sum, each) => sum + each.crashes, 0);
  return {
    what: `${kind}, ${activity}`,
    before: null,
    now: `same end in ${passed('begins')} that died before it, ${passed('done')} after it; ${crashes} crashes`,
    holds: tries.every(({ trouble }) => trouble === null),
  };
}

function linesOf(report: string): Crashed[] {
  try {
    return readFileSync(report, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}

/** Two files at once: more would wait for each other. */
async function runTests(report: string, seeds: number, closing: Closing): Promise<number> {
  const files = globSync('journeys/*.int.test.ts', { cwd: ROOT }).filter((file) =>
    KITS.test(readFileSync(join(ROOT, file), 'utf8')),
  );
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [vitest, 'run', '--retry=0', '--maxWorkers=2', '-t', TITLE, ...files];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, CRASH_SEEDS: String(seeds), CRASH_REPORT: report },
  });
  closing.add(() => child.kill('SIGTERM'));
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
}
