/** What one more of each costs, from runs in which each was played or left out: a plan of runs, and least squares. */

/** The first row of Plackett and Burman's plan for eleven things in twelve runs; the others are its turns. */
const FIRST = [1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0] as const;
const MOST_THINGS = FIRST.length;
/** Below it a number is what rounding left. */
const LEAST = 1e-9;

/**
 * Runs in which each of at most eleven things is there or not: each in half of them, and with each other thing as often as
 * without it. Then the same the other way round, so that what two things do to each other is in no effect of one.
 */
export function runsFor(things: number): boolean[][] {
  if (things > MOST_THINGS) throw new RangeError(`at most ${MOST_THINGS} things`);
  const turns = FIRST.map((_, turn) => FIRST.map((__, at) => FIRST[(at + turn) % FIRST.length] === 1));
  const twelve = [...turns, FIRST.map(() => false)].map((row) => row.slice(0, things));
  // In turn, so that whatever drifts meets both.
  return twelve.flatMap((row) => [row, row.map((there) => !there)]);
}

export type Effect = {
  /** Of one more. */
  each: number;
  /** Within so much of it, nineteen times of twenty. */
  within: number;
};
export type Fitted = {
  /** With nothing played. */
  none: Effect;
  of: Effect[];
};

/**
 * Least squares: `used` of each run (a second, say) from how much of each thing there was. The uncertainty is from what
 * the runs are off by.
 */
export function leastSquares(much: readonly (readonly number[])[], used: readonly number[]): Fitted {
  const rows = much.map((row) => [1, ...row]);
  const width = rows[0]?.length ?? 0;
  const free = rows.length - width;
  if (free < 1) throw new RangeError('fewer runs than things');
  const inverse = inverted(
    Array.from({ length: width }, (_, a) =>
      Array.from({ length: width }, (__, b) => dot(column(rows, a), column(rows, b))),
    ),
  );
  const right = Array.from({ length: width }, (_, a) => dot(column(rows, a), used));
  const found = inverse.map((row) => dot(row, right));
  const off = rows.map((row, n) => (used[n] as number) - dot(row, found));
  const variance = dot(off, off) / free;
  const effects = found.map((each, n) => ({
    each,
    within: studentOf(free) * Math.sqrt(variance * ((inverse[n] as number[])[n] as number)),
  }));
  return { none: effects[0] as Effect, of: effects.slice(1) };
}

const column = (rows: readonly (readonly number[])[], at: number) => rows.map((row) => row[at] as number);
const dot = (one: readonly number[], other: readonly number[]) =>
  one.reduce((sum, value, at) => sum + value * (other[at] as number), 0);

/** Gauss and Jordan, with the largest of each column first. */
function inverted(matrix: readonly (readonly number[])[]): number[][] {
  const size = matrix.length;
  const work = matrix.map((row, n) => [...row, ...Array.from({ length: size }, (_, at) => (at === n ? 1 : 0))]);
  for (let at = 0; at < size; at += 1) {
    const sizes = work.map((row, n) => (n < at ? -1 : Math.abs(row[at] as number)));
    const best = sizes.indexOf(Math.max(...sizes));
    if ((sizes[best] as number) < LEAST) throw new RangeError('one of them was never played, or always with another');
    [work[at], work[best]] = [work[best] as number[], work[at] as number[]];
    const first = (work[at] as number[])[at] as number;
    const pivot = (work[at] as number[]).map((value) => value / first);
    for (const [n, row] of work.entries()) {
      const times = row[at] as number;
      work[n] = n === at ? pivot : row.map((value, to) => value - times * (pivot[to] as number));
    }
  }
  return work.map((row) => row.slice(size));
}

/** Student's t that nineteen of twenty are within, by the degrees of freedom: off by a fiftieth at most. */
function studentOf(free: number): number {
  const few = [12.71, 4.3, 3.18, 2.78, 2.57];
  return few[free - 1] ?? 1.96 + 2.37 / free + 2.8 / free ** 2;
}
