import { factorise, gramOf, LEARNING, type Learning } from './factorise.ts';
import { fade } from './feedback.ts';
import { type Blend, createModel, type Item, type Model } from './model.ts';
import { type Sparse, sparseOf } from './sparse.ts';
import type { Taste } from './taste.ts';

/** What everybody did, as columns: who, with what, how much it says, when (ms). So a million take 20 MB. */
export type Deeds = {
  people: Uint32Array;
  /** Of `Dataset.items`, or of `Dataset.labels`. */
  things: Uint32Array;
  weights: Float32Array;
  times: Float64Array;
  size: number;
};

export type Dataset = {
  people: number;
  /** `popularity` is found out from deeds. */
  items: readonly Omit<Item, 'popularity'>[];
  deeds: Deeds;
  /** What was done with labels alone, as following a creator is. */
  labels: readonly string[];
  affinities: Deeds;
};

/** Half as popular after so many days. */
const POPULAR_DAYS = 14;

/** A model of what was done before an instant (ms). It yields every few milliseconds. */
export function* learn(
  dataset: Dataset,
  { until, blend, learning = LEARNING }: { until: number; blend: Blend; learning?: Learning },
): Generator<void, Model> {
  const popularity = popularityAt(dataset, until);
  const items = dataset.items.map((item, place) => ({ ...item, popularity: popularity[place] as number }));
  if (blend !== 'blended') return createModel(items, { blend, factors: null, learning });
  const factors = yield* factorise(tastesBefore(dataset.deeds, dataset.people, items.length, until), learning);
  const values = Float32Array.from(factors.values);
  return createModel(items, { blend, factors: { rank: factors.rank, values, gram: gramOf(factors) }, learning });
}

function popularityAt({ items, deeds }: Dataset, until: number): Float64Array {
  const popularity = new Float64Array(items.length);
  for (let at = 0; at < deeds.size; at += 1) {
    const time = deeds.times[at] as number;
    if (time >= until) continue;
    const thing = deeds.things[at] as number;
    popularity[thing] =
      (popularity[thing] as number) + (deeds.weights[at] as number) * fade(until - time, POPULAR_DAYS);
  }
  return popularity;
}

/** Who liked what how much before an instant: a row a person. */
export function tastesBefore(deeds: Deeds, people: number, things: number, until: number): Sparse {
  const rows: number[] = [];
  const columns: number[] = [];
  const values: number[] = [];
  for (let at = 0; at < deeds.size; at += 1) {
    const time = deeds.times[at] as number;
    if (time >= until) continue;
    rows.push(deeds.people[at] as number);
    columns.push(deeds.things[at] as number);
    values.push((deeds.weights[at] as number) * fade(until - time));
  }
  return sparseOf({ rows, columns, values, size: rows.length }, people, things);
}

/** The taste of somebody by what was done before an instant, as `tasteOf` finds it from signals. */
export function tasteIn(dataset: Dataset, liked: Sparse, named: Sparse, person: number): Taste {
  const items = new Map(
    entriesOf(liked, person).map(([place, weight]) => [
      (dataset.items[place] as { id: string }).id,
      { weight, labels: [] as readonly string[] },
    ]),
  );
  const labels = new Map(entriesOf(named, person).map(([label, weight]) => [dataset.labels[label] as string, weight]));
  return { items, labels };
}

export function entriesOf({ offsets, indices, values }: Sparse, row: number): [column: number, value: number][] {
  const found: [number, number][] = [];
  for (let at = offsets[row] as number; at < (offsets[row + 1] as number); at += 1) {
    found.push([indices[at] as number, values[at] as number]);
  }
  return found;
}

/** Does all of it at once, for who need not let others have their turn. */
export function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
