/**
 * Whether the booking of webhooks keeps up, first come, first booked: so many deals a second are played from campaign to
 * approval and paid for by signed webhooks, alone and beside a day's mix of everything else. Starts every server on free
 * ports, stops everything and writes results.md.
 *
 *   node bench/bookings/main.ts [--rates 4,20] [--seconds 60] [--factor 1] [--workers 1]
 *   node bench/bookings/main.ts --quick      # two deals a second for some seconds: does it work? Only prints.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { forgetOtherPostgres } from '#local/environment.ts';
import { Closing } from '../clicks/closing.ts';
import { startCounting } from '../day/counters.ts';
import { FULL, NOBODY, type Plan, QUICK, type Rates, ratesAt } from '../day/mix.ts';
import { Pace } from '../day/pace.ts';
import { playersOf } from '../day/players/all.ts';
import { REQUESTS_OF_DEAL } from '../day/players/deals.ts';
import { drained, openStage, type Stage } from '../day/stage.ts';
import { listBooked } from './booked.ts';
import { type Measured, report } from './report.ts';

const { values: flags } = parseArgs({
  options: {
    rates: { type: 'string' },
    seconds: { type: 'string' },
    factor: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
  },
});
/** What one machine of two cores carries, and what was asked for: the last is the most. */
const rates = (flags.rates ?? (flags.quick ? '2' : '4,20')).split(',').map(Number);
const seconds = Number(flags.seconds ?? (flags.quick ? 8 : 60));
const [factor, workers] = [Number(flags.factor), Number(flags.workers)];
/** A deal's next request comes so long after the one before: a booking that keeps up is not waited for at the door. */
const BETWEEN_S = 3;
const WARM_S = flags.quick ? 3 : 15;
const DRAINED_MS = 180_000;
/** Under the clone and not under /tmp, which is memory on many machines: nothing is synced there. */
const DIR = fileURLToPath(new URL('../../.tandem/bench-bookings', import.meta.url));
const RESULTS = join(import.meta.dirname, 'results.md');

const began = performance.now();
const say = (line: string) => process.stderr.write(`${line}\n`);

forgetOtherPostgres();
rmSync(DIR, { recursive: true, force: true });
mkdirSync(DIR, { recursive: true, mode: 0o700 });
const closing = new Closing();
let isWell = false;
try {
  const measured = await measure();
  const how = ['node bench/bookings/main.ts', ...process.argv.slice(2)].join(' ');
  const text = report({ how, seconds: (performance.now() - began) / 1_000, workers, measured });
  process.stdout.write(text);
  if (!flags.quick) writeFileSync(RESULTS, text);
  isWell = measured.every(({ booked }) => booked.unbooked === 0);
} finally {
  await closing.close();
  rmSync(DIR, { recursive: true, force: true });
}
process.exit(isWell ? 0 : 1);

async function measure(): Promise<Measured[]> {
  const plan: Plan = { ...(flags.quick ? QUICK : FULL), deals: Math.max(...rates) * REQUESTS_OF_DEAL * BETWEEN_S };
  const stage = await openStage(DIR, plan, closing, say);
  for (let more = 1; more < workers; more++) await stage.stack.startWorker(stage.stack.postgres.url);
  const pace = new Pace(await playersOf(stage.world, plan));
  closing.add(() => pace.stop());
  say('Warming up');
  pace.play(deals(rates[0] as number, ratesAt(factor)));
  await wait(WARM_S * 1_000);
  const beside = `beside a day’s mix at a factor of ${factor}`;
  const measured: Measured[] = [];
  for (const rate of rates) {
    measured.push(await stretch(stage, pace, { name: 'deals alone', rate, others: NOBODY }));
    measured.push(await stretch(stage, pace, { name: beside, rate, others: ratesAt(factor) }));
  }
  return measured;
}

/** So many deals a second, beside what others do. */
function deals(rate: number, others: Rates): Rates {
  return { ...others, click: rate * REQUESTS_OF_DEAL };
}

/** Plays at these rates for so long, and looks at what was paid meanwhile when all of it is over. */
async function stretch(
  stage: Stage,
  pace: Pace,
  { name, rate, others: beside }: { name: string; rate: number; others: Rates },
): Promise<Measured> {
  say(`${rate} a second, ${name}`);
  pace.play(deals(rate, beside));
  pace.take();
  const used = await startCounting(stage);
  const from = Date.now();
  await wait(seconds * 1_000);
  const to = Date.now();
  const tallies = pace.take();
  const { cpu, others } = await used();
  pace.stop();
  const { ms } = await drained(stage, DRAINED_MS);
  return {
    ...{ name, rate, tallies, seconds: (to - from) / 1_000, drainedMs: ms, cpu, others },
    booked: await listBooked(stage.postgres, from, to),
  };
}
