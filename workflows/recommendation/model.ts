import type { Learning } from './factorise.ts';

/** Something that may be recommended, as it was when the model was made. */
export type Item = {
  id: string;
  creatorId: string;
  /** What is said of it: `category:dance`, `tag:monsoon`, `creator:<id>`. */
  labels: readonly string[];
  /** What was done with it lately, by weight: see `feedback.ts`. */
  popularity: number;
  /** ms. */
  createdAt: number;
};

/** What a list may be made by; which of them is served is found out on what was held out. */
export const BLENDS = ['blended', 'content', 'popular'] as const;
export type Blend = (typeof BLENDS)[number];

/** Everything that lists are made of, of one kind of things. */
export type Model = {
  blend: Blend;
  items: readonly Item[];
  /** Where an id stands in `items`. */
  places: ReadonlyMap<string, number>;
  /** 0 to 1, in the order of items. */
  popularity: Float32Array;
  labels: Labels;
  /** Null where lists are not made by them. `values`: row by row, `rank` numbers an item. */
  factors: { rank: number; values: Float32Array; gram: Float64Array } | null;
  learning: Pick<Learning, 'alpha' | 'regularization'>;
};

/** Labels by number: what is said of everything says little, and weighs less (inverse document frequency). */
export type Labels = {
  numbers: ReadonlyMap<string, number>;
  weights: Float32Array;
  /** Item by item, from `offsets`. */
  offsets: Uint32Array;
  indices: Uint32Array;
  /** Length of each item's vector. */
  lengths: Float32Array;
};

function labelsOf(items: readonly Item[]): Labels {
  const numbers = new Map<string, number>();
  const many: number[] = [];
  const offsets = new Uint32Array(items.length + 1);
  const indices: number[] = [];
  for (const [place, { labels }] of items.entries()) {
    for (const label of new Set(labels)) {
      const number = numbers.get(label) ?? numbers.size;
      numbers.set(label, number);
      many[number] = (many[number] ?? 0) + 1;
      indices.push(number);
    }
    offsets[place + 1] = indices.length;
  }
  const weights = Float32Array.from(many, (count) => Math.log(1 + items.length / count));
  const lengths = new Float32Array(items.length);
  for (let place = 0; place < items.length; place += 1) {
    let square = 0;
    for (let at = offsets[place] as number; at < (offsets[place + 1] as number); at += 1) {
      square += (weights[indices[at] as number] as number) ** 2;
    }
    lengths[place] = Math.sqrt(square);
  }
  return { numbers, weights, offsets, indices: Uint32Array.from(indices), lengths };
}

/** A model of these items, which stay in their order. */
export function createModel(
  items: readonly Item[],
  { blend, factors, learning }: Pick<Model, 'blend' | 'factors' | 'learning'>,
): Model {
  // What nobody did anything with is as popular as nothing; the rest by how many times more.
  const most = Math.log1p(Math.max(0, ...chunked(items.map(({ popularity }) => popularity))));
  return {
    ...{ blend, items, factors, learning },
    places: new Map(items.map(({ id }, place) => [id, place])),
    popularity: Float32Array.from(items, ({ popularity }) => (most > 0 ? Math.log1p(popularity) / most : 0)),
    labels: labelsOf(items),
  };
}

/** The greatest of each thousand: a call takes only so many arguments. */
function chunked(numbers: readonly number[]): number[] {
  const greatest: number[] = [];
  for (let from = 0; from < numbers.length; from += 1_000) {
    greatest.push(Math.max(...numbers.slice(from, from + 1_000)));
  }
  return greatest;
}
