import { median } from './numbers.ts';
import type { Measured, Variant } from './variant.ts';

/** Concurrency: so many deals, each with one click in flight. */
export const LANES = [1, 16, 64] as const;

export type Plan = {
  rounds: number;
  warmMs: number;
  ms: number;
  followSeconds: number;
  pressSeconds: number;
  socketClicks: number;
  idleSeconds: number;
};

export const FULL: Plan = {
  rounds: 6,
  warmMs: 400,
  ms: 1_250,
  followSeconds: 25,
  pressSeconds: 10,
  socketClicks: 200,
  idleSeconds: 60,
};

export const QUICK: Plan = {
  rounds: 1,
  warmMs: 300,
  ms: 1_000,
  followSeconds: 6,
  pressSeconds: 4,
  socketClicks: 60,
  idleSeconds: 10,
};

/** The middle of the rounds, of each number by itself. */
export type Row = { variant: string; lanes: number; rounds: Measured[] };

/**
 * Every variant at every concurrency, round by round: what the machine's other users do to one of them they do to all.
 * The order turns with each round.
 */
export async function measureClicks(
  variants: readonly Variant[],
  plan: Plan,
  say: (line: string) => void,
): Promise<Row[]> {
  // Code is compiled and caches are filled before anything counts: at each concurrency, as it takes other paths.
  for (const variant of variants) {
    for (const lanes of LANES) await variant.run({ lanes, warmMs: 0, ms: 2 * plan.ms });
  }
  const rows: Row[] = variants.flatMap(({ name }) => LANES.map((lanes) => ({ variant: name, lanes, rounds: [] })));
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const lanes of LANES) {
      for (let turn = 0; turn < variants.length; turn += 1) {
        const variant = variants[(turn + round) % variants.length] as Variant;
        const measured = await variant.run({ lanes, warmMs: plan.warmMs, ms: plan.ms });
        rows.find((row) => row.variant === variant.name && row.lanes === lanes)?.rounds.push(measured);
      }
      say(`  round ${round + 1} of ${plan.rounds}, ${lanes} ${lanes === 1 ? 'deal' : 'deals'}: done`);
    }
  }
  return rows;
}

export function middle(row: Row, of: (measured: Measured) => number): number {
  return median(row.rounds.map(of));
}

/** How a number of one variant stands to the same of another: the middle of the rounds' ratios, as drift hits both. */
export function ratio(row: Row, to: Row, of: (measured: Measured) => number): number {
  return median(row.rounds.map((measured, round) => of(measured) / of(to.rounds[round] as Measured)));
}
