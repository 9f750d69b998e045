import { setTimeout as wait } from 'node:timers/promises';
import { longestOf, lookAtBacklog } from './backlog.ts';
import { startCounting, type Used } from './counters.ts';
import { ACTS, type Plan, ratesAt } from './mix.ts';
import type { Pace } from './pace.ts';
import { drained, type Stage } from './stage.ts';
import { type Sum, sumOf } from './tallies.ts';

/** What the machine carries: the mix at one factor after the other, until it is too much. */

/** What it may come to at most. */
export type Bounds = {
  /** Of answers, in ms. */
  p99: number;
  /** That anything waits which was taken on, in ms. */
  late: number;
};

export type Step = {
  factor: number;
  sum: Sum;
  used: Used;
  /** What waited longest when it ended. */
  waits: { name: string; ms: number };
  /** Why it is more than is carried; none where it is not. */
  tooMuch: string | null;
};
export type Carried = {
  steps: Step[];
  /** The largest factor that was carried; null where none was. */
  factor: number | null;
};

/** Of what is due, so much may be refused, and so much of any one act. */
const REFUSED = 0.001;
const REFUSED_OF_ONE = 0.1;
const DRAINED_MS = 60_000;
const LEAST_FACTOR = 1 / 16;

export async function findCarried(
  stage: Stage,
  pace: Pace,
  { plan, bounds, say }: { plan: Plan; bounds: Bounds; say: (line: string) => void },
): Promise<Carried> {
  const steps: Step[] = [];
  const take = async (factor: number): Promise<boolean> => {
    const step = await play(stage, pace, { factor, plan, bounds });
    steps.push(step);
    const { sum, waits, tooMuch } = step;
    const rate = (sum.answered / step.used.seconds).toFixed(0);
    say(
      `  ${factor.toFixed(2)} ×: ${rate} a second, p99 ${sum.p99.toFixed(0)} ms, waits ${waits.ms.toFixed(0)} ms${tooMuch ? `: ${tooMuch}` : ''}`,
    );
    if (tooMuch === null) return true;
    pace.stop();
    await drained(stage, DRAINED_MS);
    return false;
  };
  /** Others may have been at work in one of them. */
  const isCarried = async (factor: number) => (await take(factor)) || (await take(factor));

  let carried: number | null = null;
  for (let factor = 1; await isCarried(factor); factor *= plan.times) carried = factor;
  if (carried !== null) {
    const between = carried * Math.sqrt(plan.times);
    if (await isCarried(between)) carried = between;
  }
  for (let factor = 1 / plan.times; carried === null && factor >= LEAST_FACTOR; factor /= plan.times) {
    if (await isCarried(factor)) carried = factor;
  }
  pace.stop();
  return { steps, factor: carried };
}

async function play(
  stage: Stage,
  pace: Pace,
  { factor, plan, bounds }: { factor: number; plan: Plan; bounds: Bounds },
): Promise<Step> {
  const rates = ratesAt(factor);
  pace.play(rates);
  await wait(plan.settle * 1_000);
  pace.take();
  const used = await startCounting(stage);
  await wait(plan.step * 1_000);
  const [tallies, spent, backlog] = [pace.take(), await used(), await lookAtBacklog(stage.postgres)];
  const sum = sumOf(tallies);
  const { name, ms } = longestOf(backlog, stage.pids.rabbitmq !== undefined);
  const perSecond = Object.values(rates).reduce((total, rate) => total + rate, 0);
  return { factor, sum, used: spent, waits: { name, ms }, tooMuch: tooMuch() };

  function tooMuch(): string | null {
    if (!(sum.p99 <= bounds.p99)) return `p99 of answers is ${sum.p99.toFixed(0)} ms`;
    if (sum.refused + sum.leftOut > REFUSED * sum.due) return `${sum.refused + sum.leftOut} of ${sum.due} were refused`;
    const mostly = ACTS.find((act) => {
      const { due, refused, leftOut } = sumOf(tallies, [act]);
      return due > 0 && refused + leftOut > 1 && refused + leftOut > REFUSED_OF_ONE * due;
    });
    if (mostly !== undefined) return `more than a tenth of ${mostly} was refused`;
    if (pace.underWay > (perSecond * bounds.p99) / 1_000 + 10) return `${pace.underWay} are under way`;
    if (ms > bounds.late) return `${name} since ${ms.toFixed(0)} ms`;
    return null;
  }
}
