import { setTimeout as wait } from 'node:timers/promises';
import { longestOf, lookAtBacklog } from './backlog.ts';
import { memoryOfAll, startCounting, type Used } from './counters.ts';
import { ratesAt } from './mix.ts';
import type { Pace, Tallies } from './pace.ts';
import type { Stage } from './stage.ts';
import { type Sum, sumOf, together } from './tallies.ts';

/** The mix at one factor for as long as was asked. */

/** A part of it: a minute, or the rest. */
export type Stretch = { sum: Sum; used: Used; waits: { name: string; ms: number } };

export type Held = {
  factor: number;
  seconds: number;
  tallies: Tallies;
  used: Used;
  stretches: Stretch[];
  /** In MB, by process: when it began, and when it ended. */
  memory: { before: Record<string, number>; after: Record<string, number> };
};

const STRETCH_MS = 60_000;
/** Timers are early now and then: what is shorter is no stretch. */
const LEAST_MS = 100;

export async function hold(
  stage: Stage,
  pace: Pace,
  { factor, seconds, settle, say }: { factor: number; seconds: number; settle: number; say: (line: string) => void },
): Promise<Held> {
  pace.play(ratesAt(factor));
  await wait(settle * 1_000);
  pace.take();
  const before = memoryOfAll(stage);
  const began = performance.now();
  const whole = await startCounting(stage);
  const stretches: Stretch[] = [];
  const all: Tallies[] = [];
  for (let left = seconds * 1_000; left > LEAST_MS; left = began + seconds * 1_000 - performance.now()) {
    const used = await startCounting(stage);
    await wait(Math.min(left, STRETCH_MS));
    const tallies = pace.take();
    const { name, ms } = longestOf(await lookAtBacklog(stage.postgres), stage.pids.rabbitmq !== undefined);
    const stretch = { sum: sumOf(tallies), used: await used(), waits: { name, ms } };
    all.push(tallies);
    stretches.push(stretch);
    const rate = (stretch.sum.answered / stretch.used.seconds).toFixed(0);
    say(
      `  ${((performance.now() - began) / 1_000).toFixed(0)} s: ${rate} a second, p99 ${stretch.sum.p99.toFixed(0)} ms`,
    );
  }
  const used = await whole();
  return {
    ...{ factor, seconds: used.seconds, tallies: together(all), used, stretches },
    memory: { before, after: memoryOfAll(stage) },
  };
}
