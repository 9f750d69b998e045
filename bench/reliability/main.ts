import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { forgetOtherPostgres } from '#local/environment.ts';
import { takeLock } from '#local/lock.mjs';
import { Closing } from '../clicks/closing.ts';
import { measureIdle } from '../clicks/idle.ts';
import { measureBacklog } from './backlog.ts';
import { measureCrashes } from './crashes.ts';
import { measureFailing } from './failing.ts';
import { type Finding, type Plan, SMALL, WHOLE } from './finding.ts';
import { measureOutage } from './outage.ts';
import { measureRelease } from './release.ts';
import { measureReplaced } from './replaced.ts';
import { keep, sectionOf } from './report.ts';
import { measureScale } from './scale.ts';
import { openStage, type Stage } from './stage.ts';
import { writeWhole } from './whole.ts';
import { measureWorkerStart } from './workerStart.ts';

/**
 * `npm run reliability`: what goes wrong, and how long it takes until all is well again, on real servers. Each part has
 * servers of its own, on free ports, with synced writes, and its section in `results.md`. Ends with 1 where something
 * does not hold. `-- --small` does less of everything, `-- --only outage` (again for more) leaves out the other parts.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DIR = join(ROOT, '.tandem', 'reliability');

type Part = (dir: string, closing: Closing, plan: Plan) => Promise<Finding[]>;

/** On all of Tandem. */
const staged =
  (measure: (stage: Stage, plan: Plan) => Promise<Finding[]>): Part =>
  async (dir, closing, plan) =>
    measure(await openStage(dir, closing, say), plan);

const PARTS: Record<string, Part> = {
  outage: staged(measureOutage),
  release: staged(measureRelease),
  failing: staged(measureFailing),
  backlog: staged(measureBacklog),
  start: staged(measureWorkerStart),
  replaced: staged(measureReplaced),
  scale: measureScale,
  crashes: measureCrashes,
  idle: async (dir, closing, { idleSeconds }) => {
    const { deals, none, open } = await measureIdle(dir, closing, idleSeconds, say);
    const more = (open.cpu.all ?? 0) - (none.cpu.all ?? 0);
    return [
      {
        what: `${deals} open deals while nobody does anything, over ${idleSeconds} s`,
        before: 'at most 2 % of a core',
        now: `${more.toFixed(2)} % of a core more than none`,
        holds: more <= 2,
      },
    ];
  },
};

const { values: flags } = parseArgs({
  options: {
    small: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: Object.keys(PARTS) },
  },
});
const unknown = flags.only.find((name) => !Object.hasOwn(PARTS, name));
if (unknown !== undefined) {
  say(`--only takes ${Object.keys(PARTS).join(', ')}, and not ${unknown}.`);
  process.exit(1);
}
forgetOtherPostgres();
const lock = takeLock(`${DIR}.lock`);
if (!lock.release) {
  say(`Process ${lock.holder.pid} is measuring already.`);
  process.exit(1);
}
const closing = new Closing();
let ending: Promise<void> | null = null;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void end(130));
try {
  await end(await measure(flags.small ? SMALL : WHOLE));
} catch (error) {
  if (ending === null) console.error(error);
  await end(1);
}

/** Answers how this is to end: with 1 where something does not hold. */
async function measure(plan: Plan): Promise<number> {
  const parts = Object.keys(PARTS);
  let holds = true;
  for (const [name, part] of Object.entries(PARTS)) {
    if (!flags.only.includes(name)) continue;
    const began = performance.now();
    const dir = join(DIR, name);
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    say(`${name} …`);
    const found = await part(dir, closing, plan);
    for (const each of found) say(`${each.holds ? '✓' : '✗'} ${each.what}: ${each.now}`);
    holds &&= found.every((each) => each.holds);
    await closing.close();
    const seconds = (performance.now() - began) / 1_000;
    keep(name, sectionOf(name, found, { isSmall: flags.small, seconds }), parts);
  }
  writeWhole();
  return holds ? 0 : 1;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Stops everything, once: the first reason to end is the one that counts. */
async function end(code: number): Promise<void> {
  ending ??= (async () => {
    await closing.close();
    rmSync(DIR, { recursive: true, force: true });
    if (lock.release) lock.release();
    process.exit(code);
  })();
  await ending;
}
