import { quantile } from '../clicks/numbers.ts';
import { ACTS, type Act } from './mix.ts';
import type { Tallies } from './pace.ts';

/** What acts of all kinds came to, or of some. */
export type Sum = {
  due: number;
  answered: number;
  refused: number;
  leftOut: number;
  p50: number;
  p99: number;
};

export function sumOf(tallies: Tallies, acts: readonly Act[] = ACTS): Sum {
  const some = acts.map((act) => tallies[act]);
  const latencies = Float64Array.from(some.flatMap((tally) => [...tally.latencies])).sort();
  const sum = (of: (tally: Tallies[Act]) => number) => some.reduce((total, tally) => total + of(tally), 0);
  return {
    ...{ due: sum(({ due }) => due), answered: sum(({ answered }) => answered) },
    refused: sum(({ refused }) => Object.values(refused).reduce((total, many) => total + many, 0)),
    leftOut: sum(({ leftOut }) => leftOut),
    ...{ p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) },
  };
}

/** Codes of what was refused, each with how often. */
export function refusalsOf(tallies: Tallies, acts: readonly Act[] = ACTS): string {
  const all = new Map<string, number>();
  for (const act of acts)
    for (const [code, many] of Object.entries(tallies[act].refused)) all.set(code, (all.get(code) ?? 0) + many);
  return [...all].map(([code, many]) => `${many} ${code}`).join(', ');
}

/** One after the other, as if they had been taken together. */
export function together(all: readonly Tallies[]): Tallies {
  return Object.fromEntries(
    ACTS.map((act) => {
      const some = all.map((tallies) => tallies[act]);
      const refused: Record<string, number> = {};
      for (const each of some)
        for (const [code, many] of Object.entries(each.refused)) refused[code] = (refused[code] ?? 0) + many;
      const sum = (of: (tally: Tallies[Act]) => number) => some.reduce((total, tally) => total + of(tally), 0);
      return [
        act,
        {
          ...{
            due: sum(({ due }) => due),
            answered: sum(({ answered }) => answered),
            leftOut: sum((each) => each.leftOut),
          },
          refused,
          latencies: Float64Array.from(some.flatMap(({ latencies }) => [...latencies])).sort(),
        },
      ];
    }),
  ) as Tallies;
}
