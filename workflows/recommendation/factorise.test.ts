import { describe, expect, test } from 'vitest';
import { type Factors, factorise, gramOf, LEARNING, type Learning, solverOf } from './factorise.ts';
import { atOnce } from './learning.ts';
import { type Sparse, sparseOf } from './sparse.ts';

function sparse(dense: readonly (readonly number[])[]): Sparse {
  const entries = dense.flatMap((row, at) =>
    row.flatMap((value, column) => (value === 0 ? [] : [[at, column, value] as const])),
  );
  return sparseOf(
    {
      rows: entries.map(([row]) => row),
      columns: entries.map(([, column]) => column),
      values: entries.map(([, , value]) => value),
      size: entries.length,
    },
    dense.length,
    dense[0]?.length ?? 0,
  );
}

function peopleOf(known: Sparse, items: Factors, learning: Learning): Float64Array[] {
  const gram = gramOf(items);
  return Array.from({ length: known.rows }, (_, row) => {
    const of = { ...known, from: known.offsets[row] as number, to: known.offsets[row + 1] as number };
    return solverOf(items, gram, of, learning).solution;
  });
}

const rowOf = ({ rank, values }: Factors, row: number) => [...values.subarray(row * rank, (row + 1) * rank)];
const dot = (one: ArrayLike<number>, other: ArrayLike<number>) =>
  Array.from(one).reduce((sum, each, at) => sum + each * (other[at] as number), 0);

describe('the equations of Hu, Koren and Volinsky (2008)', () => {
  test('one person’s factors are those of a sum done by hand', () => {
    // Y = (1 0; 0 1; 1 1), alpha 2, lambda 1, the first done once and the third twice: C = diag(3, 1, 5), p = (1, 0, 1).
    // YᵀCY + λI = (9 5; 5 7), YᵀCp = (8, 5), and so x = (31, 5) / 38.
    const items = { rank: 2, values: Float64Array.from([1, 0, 0, 1, 1, 1]) };
    const known = { indices: [0, 2], values: [1, 2], from: 0, to: 2 };
    const { solution, weigh } = solverOf(items, gramOf(items), known, { alpha: 2, regularization: 1 });
    expect(solution[0]).toBeCloseTo(31 / 38, 12);
    expect(solution[1]).toBeCloseTo(5 / 38, 12);
    // Section 5: the prediction of the second is the sum of what each that was done says for it, cⱼ sᵢⱼ.
    const weighed = weigh([0, 1]);
    const said = 3 * dot(weighed, [1, 0]) + 5 * dot(weighed, [1, 1]);
    expect(said).toBeCloseTo(5 / 38, 12);
  });

  test('what is minimised, their equation 3, is never more after another round', () => {
    const counts = [
      [3, 0, 1, 0, 0],
      [1, 2, 0, 0, 0],
      [0, 0, 4, 1, 0],
      [0, 0, 0, 2, 2],
      [1, 0, 0, 0, 5],
    ];
    const learning = { ...LEARNING, rank: 2, alpha: 3, regularization: 0.5, seed: 5 };
    const costs = [1, 2, 3, 5, 8, 12].map((iterations) => {
      const items = atOnce(factorise(sparse(counts), { ...learning, iterations }));
      const people = peopleOf(sparse(counts), items, learning);
      const sizes = [...people, ...counts[0]!.map((_, item) => rowOf(items, item))].map((row) => dot(row, row));
      const errors = counts.flatMap((row, person) =>
        row.map((count, item) => {
          const preference = count > 0 ? 1 : 0;
          return (1 + 3 * count) * (preference - dot(people[person] as Float64Array, rowOf(items, item))) ** 2;
        }),
      );
      return [...errors, ...sizes.map((size) => 0.5 * size)].reduce((sum, each) => sum + each, 0);
    });
    expect([...costs].sort((one, other) => other - one)).toEqual(costs);
    expect(costs.at(-1)).toBeLessThan((costs[0] as number) * 0.999);
  });
});

describe('the examples that the library `implicit` is held to (tests/als_test.py and recommender_base_test.py)', () => {
  test('seven people and six items come back to within 0.0001 from as many factors as there are items', () => {
    const counts = [
      [1, 1, 0, 1, 0, 0],
      [0, 1, 1, 1, 0, 0],
      [1, 0, 1, 0, 0, 0],
      [1, 1, 0, 0, 0, 0],
      [0, 0, 1, 1, 0, 1],
      [0, 1, 0, 0, 0, 1],
      [0, 0, 0, 0, 1, 1],
    ];
    const learning = { rank: 6, alpha: 2, regularization: 0, iterations: 15, seed: 42 };
    const items = atOnce(factorise(sparse(counts), learning));
    const people = peopleOf(sparse(counts), items, learning);
    for (const [person, row] of counts.entries()) {
      for (const [item, count] of row.entries()) {
        expect(dot(people[person] as Float64Array, rowOf(items, item))).toBeCloseTo(count, 4);
      }
    }
  });

  test('of a chequered board each person is shown first the one square of their colour that was withheld', () => {
    const board = Array.from({ length: 50 }, (_, row) =>
      Array.from({ length: 50 }, (_, column) => (row !== column && (row - column) % 2 === 0 ? 1 : 0)),
    );
    const learning = { ...LEARNING, rank: 2, regularization: 0.1 };
    const items = atOnce(factorise(sparse(board), learning));
    for (const [person, factors] of peopleOf(sparse(board), items, learning).entries()) {
      const scores = board.map((_, item) => (board[person]?.[item] ? -1 : dot(factors, rowOf(items, item))));
      expect(scores.indexOf(Math.max(...scores))).toBe(person);
    }
  });
});

test('what was done several times is one entry, and a matrix is turned without losing any', () => {
  const matrix = sparseOf({ rows: [1, 0, 1, 1], columns: [2, 0, 2, 1], values: [1, 5, 2, 4], size: 4 }, 2, 3);
  expect([...matrix.offsets]).toEqual([0, 1, 3]);
  expect([...matrix.indices]).toEqual([0, 2, 1]);
  expect([...matrix.values]).toEqual([5, 3, 4]);
});
