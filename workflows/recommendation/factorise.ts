import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { createLot } from './lot.ts';
import { type Sparse, transpose } from './sparse.ts';

/**
 * Factors of what people like, by alternating least squares on implicit feedback: Hu, Koren and Volinsky, Collaborative
 * Filtering for Implicit Feedback Datasets, ICDM 2008. Everything not done is a preference of 0 with confidence 1, what
 * was done one of 1 with 1 + alpha × weight.
 */
export type Learning = {
  /** Factors of each item. */
  rank: number;
  alpha: number;
  regularization: number;
  iterations: number;
  seed: number;
};

export const LEARNING: Learning = { rank: 24, alpha: 10, regularization: 50, iterations: 8, seed: 20_081_215 };

/** Row by row, `rank` numbers each. */
export type Factors = { rank: number; values: Float64Array };

/** What is known of one: how much each of these says. Indices of rows of the other side's factors. */
export type Known = { indices: ArrayLike<number>; values: ArrayLike<number>; from: number; to: number };

/** Rows between two breaths: some 5 ms. */
const ROWS_AT_ONCE = 64;

/**
 * The factors of columns (items). Those of rows (people) follow from them (`solverOf`) and are kept by nobody. It yields
 * every few milliseconds, so that its caller may let others have their turn.
 */
export function* factorise(interactions: Sparse, learning: Learning): Generator<void, Factors> {
  const across = transpose(interactions);
  const lot = createLot(learning.seed);
  const { rank } = learning;
  const people: Factors = { rank, values: new Float64Array(interactions.rows * rank) };
  const items: Factors = {
    rank,
    values: Float64Array.from({ length: interactions.columns * rank }, () => lot() * 0.01),
  };
  for (let round = 0; round < learning.iterations; round += 1) {
    yield* solveAll(interactions, items, people, learning);
    yield* solveAll(across, people, items, learning);
  }
  return items;
}

/** Each row's factors anew, given the other side's. */
function* solveAll(known: Sparse, given: Factors, wanted: Factors, learning: Learning): Generator<void, void> {
  const gram = gramOf(given);
  yield;
  for (let row = 0; row < known.rows; row += 1) {
    const of = { ...known, from: known.offsets[row] as number, to: known.offsets[row + 1] as number };
    wanted.values.set(solverOf(given, gram, of, learning).solution, row * wanted.rank);
    if (row % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) yield;
  }
}

/** YᵀY, once for all rows: what makes it as quick as there are deeds, and not as there are pairs. */
export function gramOf({ rank, values }: Factors): Float64Array {
  const gram = new Float64Array(rank * rank);
  for (let from = 0; from < values.length; from += rank) addOuter(gram, values, from, rank, 1);
  return mirrored(gram, rank);
}

/** Adds `times` y yᵀ to the upper half. */
function addOuter(to: Float64Array, values: ArrayLike<number>, from: number, rank: number, times: number): void {
  for (let i = 0; i < rank; i += 1) {
    const left = times * (values[from + i] as number);
    for (let j = i; j < rank; j += 1) {
      to[i * rank + j] = (to[i * rank + j] as number) + left * (values[from + j] as number);
    }
  }
}

function mirrored(half: Float64Array, rank: number): Float64Array {
  for (let i = 0; i < rank; i += 1) for (let j = 0; j < i; j += 1) half[i * rank + j] = half[j * rank + i] as number;
  return half;
}

export type Solver = {
  /** (YᵀCY + λI)⁻¹ YᵀCp: the paper's equation 4. */
  solution: Float64Array;
  /** (YᵀCY + λI)⁻¹ y, which explains: the paper's section 5. */
  weigh(vector: ArrayLike<number>): Float64Array;
};

/** One's factors, given the other side's and what is known of one. */
export function solverOf(
  { rank, values }: { rank: number; values: ArrayLike<number> },
  gram: Float64Array,
  known: Known,
  { alpha, regularization }: Pick<Learning, 'alpha' | 'regularization'>,
): Solver {
  const left = Float64Array.from(gram);
  const right = new Float64Array(rank);
  for (let at = known.from; at < known.to; at += 1) {
    const from = (known.indices[at] as number) * rank;
    const extra = alpha * (known.values[at] as number);
    addOuter(left, values, from, rank, extra);
    for (let i = 0; i < rank; i += 1) right[i] = (right[i] as number) + (1 + extra) * (values[from + i] as number);
  }
  for (let i = 0; i < rank; i += 1) left[i * rank + i] = (left[i * rank + i] as number) + regularization;
  const cholesky = new CholeskyDecomposition(squareOf(mirrored(left, rank), rank));
  const weigh = (vector: ArrayLike<number>) =>
    Float64Array.from(cholesky.solve(Matrix.columnVector(Array.from(vector))).to1DArray());
  return { solution: weigh(right), weigh };
}

function squareOf(values: Float64Array, rank: number): Matrix {
  return new Matrix(
    Array.from({ length: rank }, (_, row) => Array.from(values.subarray(row * rank, (row + 1) * rank))),
  );
}
