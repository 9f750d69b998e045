/**
 * A stated mix of everything on one machine: what is carried, what ten minutes of it come to, where CPU goes by domain, and
 * what one more of each costs. Starts every server on free ports, stops everything and writes results.md.
 *
 *   node bench/day/main.ts [--minutes 10] [--p99 500] [--late 5] [--factor 4] [--people 300]
 *   node bench/day/main.ts --quick [--write]      # one minute, prints, and writes only when told to
 *
 * With --factor nothing is searched for: the long stretch is at this one.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkInvariants } from '#db/invariants.ts';
import { createPool } from '#db/pool.ts';
import { forgetOtherPostgres } from '#local/environment.ts';
import { Closing } from '../clicks/closing.ts';
import { syncMs } from '../clicks/syncMs.ts';
import { findCarried } from './carrying.ts';
import { costsOf, measureCosts } from './costs.ts';
import { hold } from './holding.ts';
import { FULL, type Plan, QUICK, ratesAt } from './mix.ts';
import { Pace } from './pace.ts';
import { playersOf } from './players/all.ts';
import { type Results, report } from './report.ts';
import { drained, openStage, type Stage } from './stage.ts';

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string' },
    p99: { type: 'string', default: '500' },
    late: { type: 'string', default: '5' },
    factor: { type: 'string' },
    people: { type: 'string' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
/** Of what is carried, so much is held for long. */
const HELD = 0.7;
const DRAINED_MS = 180_000;
/** Invariants read everything. */
const INVARIANTS_MS = 300_000;
/** Under the clone and not under /tmp, which is memory on many machines: nothing is synced there. */
const DIR = fileURLToPath(new URL('../../.tandem/bench-day', import.meta.url));
const RESULTS = join(import.meta.dirname, 'results.md');

const began = performance.now();
const loads = () =>
  loadavg()
    .map((each) => each.toFixed(1))
    .join(', ');
const say = (line: string) => process.stderr.write(`${line}\n`);

const plan: Plan = { ...(flags.quick ? QUICK : FULL), ...(flags.people && { people: Number(flags.people) }) };
const minutes = Number(flags.minutes ?? (flags.quick ? 1 : 10));
const bounds = { p99: Number(flags.p99), late: 1_000 * Number(flags.late) };

forgetOtherPostgres();
rmSync(DIR, { recursive: true, force: true });
mkdirSync(DIR, { recursive: true, mode: 0o700 });
const closing = new Closing();
let broken = true;
try {
  const results = await measure();
  const text = report(results);
  process.stdout.write(`${text}\n`);
  if (!flags.quick || flags.write) writeFileSync(RESULTS, text);
  broken = results.end.broken.length > 0;
} finally {
  await closing.close();
  rmSync(DIR, { recursive: true, force: true });
}
process.exit(broken ? 1 : 0);

async function measure(): Promise<Results> {
  const load = loads();
  const disk = syncMs(DIR);
  const stage = await openStage(DIR, plan, closing, say);
  const pace = new Pace(await playersOf(stage.world, plan));
  closing.add(() => pace.stop());
  say('Warming up');
  pace.play(ratesAt(1));
  await wait(plan.warm * 1_000);
  pace.take();
  const carried = flags.factor === undefined ? await findCarried(stage, pace, { plan, bounds, say }) : null;
  await drained(stage, DRAINED_MS);
  // Where nothing was carried, the least that was tried is held all the same: what an act costs is still to be seen.
  const most = carried === null ? Number(flags.factor) / HELD : (carried.factor ?? carried.steps.at(-1)?.factor ?? 1);
  say(`${minutes} minutes at a factor of ${(HELD * most).toFixed(2)}`);
  const held = await hold(stage, pace, { factor: HELD * most, seconds: 60 * minutes, settle: plan.settle, say });
  say('What one more of each costs');
  const runs = await measureCosts(stage, pace, { factor: most, plan, say });
  const { ms, left } = await drained(stage, DRAINED_MS);
  return {
    ...{ command: ['node bench/day/main.ts', ...process.argv.slice(2)].join(' '), quick: flags.quick },
    ...{ seconds: (performance.now() - began) / 1_000, syncMs: disk, load: { began: load, ended: loads() } },
    ...{ people: plan.people, said: stage.said, bounds, carried, held, most, costs: costsOf(runs) },
    end: { ms, left, broken: await brokenIn(stage), sentences: pace.sentences, closed: stage.world.heard.closed },
  };
}

async function brokenIn({ stack }: Stage): Promise<string[]> {
  const pool = createPool(stack.postgres.url, { size: 1, deadline: INVARIANTS_MS });
  try {
    return (await checkInvariants(pool)).filter(({ ok }) => !ok).map(({ name }) => name);
  } finally {
    await pool.end();
  }
}
