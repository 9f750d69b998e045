import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KINDS } from '#workflows/kinds.ts';
import type { ProcessActivities, ProviderActivities } from '#workflows/process/activities.ts';
import type { Closing } from '../clicks/closing.ts';
import type { Finding, Plan } from './finding.ts';

/**
 * Each activity of every kind is cut off before it does anything and after all that it did, in so many seeds: the tests'
 * own kit, asked for more. Workers that are really killed are in `bench/soak` and in `journeys/crashes`.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What tests are called that crash, and how it is seen which files have some. */
const TITLE = 'wherever its activities are cut off';
const KITS = /describe(Crashes|Races)\(/;

/** What no play of a kind comes to by itself, and where it is cut off or made to fail instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  command: 'an operator’s: worker/process',
  retryCalls: 'an operator’s: worker/process',
  report: 'of what fails again and again: worker/process',
  heal: 'of what fails again and again: worker/process',
};
type Activity = keyof ProcessActivities | keyof ProviderActivities;
const ACTIVITIES = Object.keys({
  ...{ readProcess: 0, readNews: 0, bookFacts: 0, expire: 0, carryPromise: 0, remind: 0 },
  ...{ command: 0, retryCalls: 0, report: 0, heal: 0, askCall: 0, askOrder: 0 },
} satisfies Record<Activity, 0>);

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
      return [...byActivity].map(([name, tries]) => findingOf(kind, name, tries, crashSeeds > 0));
    });
  const missed = missedOf(all);
  if (code === 0) return [...findings, missed];
  return [...findings, missed, { what: 'the tests that crash', before: null, now: `ended with ${code}`, holds: false }];
}

/** `isWhole`: with plays enough to come to both moments, and a point that none came to shows nothing. */
function findingOf(kind: string, activity: string, tries: readonly Crashed[], isWhole: boolean): Finding {
  const at = (moment: Crashed['moment']) => tries.filter((each) => each.moment === moment && each.crashes > 0);
  const passed = (moment: Crashed['moment']) =>
    `${at(moment).filter(({ trouble }) => trouble === null).length} of ${at(moment).length}`;
  const crashes = tries.reduce((sum, each) => sum + each.crashes, 0);
  const isMet = at('begins').length > 0 && at('done').length > 0;
  return {
    what: `${kind}, ${activity}`,
    before: null,
    now: `same end in ${passed('begins')} cut off before it, ${passed('done')} after it; ${crashes} cuts`,
    holds: tries.every(({ trouble }) => trouble === null) && (isMet || !isWhole),
  };
}

/** Kinds and activities that nothing was cut off of. */
function missedOf(all: readonly Crashed[]): Finding {
  const cut = all.filter(({ crashes }) => crashes > 0);
  const kinds = KINDS.filter((kind) => !cut.some((each) => each.kind === kind));
  const names = ACTIVITIES.filter((name) => !cut.some((each) => each.name === name));
  const elsewhere = names.map((name) => (ELSEWHERE[name] === undefined ? name : `${name} (${ELSEWHERE[name]})`));
  return {
    what: 'kinds and activities that none of these were of',
    before: null,
    now: `kinds: ${kinds.join(', ') || 'none'}; activities: ${elsewhere.join(', ') || 'none'}`,
    holds: kinds.length === 0 && names.every((name) => ELSEWHERE[name] !== undefined),
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
