import { setTimeout as wait } from 'node:timers/promises';
import { lotsOf } from '#workflows/trading/testing/lots.ts';
import { COUNTS, type CountName, startCounting, type Used } from './counters.ts';
import { type Effect, type Fitted, leastSquares, runsFor } from './effects.ts';
import { ACTS, type Act, type Plan, ratesAt } from './mix.ts';
import type { Pace, Tallies } from './pace.ts';
import type { Stage } from './stage.ts';

/** What one more of each act costs: from runs in which half of them are left out, each time another half. */

export type Run = { plays: Act[]; tallies: Tallies; used: Used };

export type Costs = {
  runs: Run[];
  /** Of one act: ms of CPU, by process and of all together but the players. */
  cpu: Record<string, Record<Act, Effect>>;
  /** Of one act, by what is counted. */
  counts: Record<CountName, Record<Act, Effect>>;
  /** Of a second in which nobody does anything, with everybody connected: ms of CPU, by process. */
  none: Record<string, Effect>;
};

export async function measureCosts(
  stage: Stage,
  pace: Pace,
  { factor, plan, say }: { factor: number; plan: Plan; say: (line: string) => void },
): Promise<Run[]> {
  const runs: Run[] = [];
  for (const there of shuffled(runsFor(ACTS.length))) {
    const plays = ACTS.filter((_, at) => there[at]);
    pace.play(ratesAt(factor, (act) => plays.includes(act)));
    await wait(plan.runSettle * 1_000);
    pace.take();
    const used = await startCounting(stage);
    await wait(plan.run * 1_000);
    const tallies = pace.take();
    runs.push({ plays, tallies, used: await used() });
    say(`  run ${runs.length}: ${plays.join(', ') || 'nobody'}`);
  }
  pace.stop();
  return runs;
}

/** In an order that has nothing to do with what is played. */
function shuffled<Of>(all: readonly Of[]): Of[] {
  const lots = lotsOf(11);
  const left = [...all];
  return all.map(() => left.splice(lots.below(left.length), 1)[0] as Of);
}

const PLAYERS = 'players';
const UNKNOWN: Effect = { each: Number.NaN, within: Number.NaN };
export const ALL = 'all';

export function costsOf(runs: readonly Run[]): Costs {
  // What was refused throughout has no cost that could be told.
  const done = ACTS.filter((act) => runs.some(({ tallies }) => tallies[act].answered > 0));
  const much = runs.map(({ tallies, used }) => done.map((act) => tallies[act].answered / used.seconds));
  const fitted = (of: (used: Used) => number) =>
    leastSquares(
      much,
      runs.map(({ used }) => of(used) / used.seconds),
    );
  const byAct = ({ of }: Fitted) =>
    Object.fromEntries(ACTS.map((act) => [act, of[done.indexOf(act)] ?? UNKNOWN])) as Record<Act, Effect>;
  const parts = Object.keys(runs[0]?.used.cpu ?? {});
  const cpu = Object.fromEntries([
    [ALL, fitted(({ cpu: used }) => allOf(used))],
    ...parts.map((part) => [part, fitted(({ cpu: used }) => used[part] ?? 0)] as const),
  ]) as Record<string, Fitted>;
  return {
    runs: [...runs],
    cpu: Object.fromEntries(Object.entries(cpu).map(([part, each]) => [part, byAct(each)])),
    none: Object.fromEntries(Object.entries(cpu).map(([part, { none }]) => [part, none])),
    counts: Object.fromEntries(
      COUNTS.map((name) => [name, byAct(fitted(({ counts }) => counts[name]))]),
    ) as Costs['counts'],
  };
}

/** Of the product and its servers: who plays is no part of it. */
export function allOf(cpu: Record<string, number>): number {
  return Object.entries(cpu).reduce((sum, [part, ms]) => sum + (part === PLAYERS ? 0 : ms), 0);
}
