import { type Solver, solverOf } from './factorise.ts';
import { fade } from './feedback.ts';
import type { Blend, Item, Model } from './model.ts';
import { isKnown, type Taste } from './taste.ts';

/** How much each part counts in a list; each is 1 for the best there is of it. */
export type Weights = { collaborative: number; content: number; popular: number; fresh: number };

export const WEIGHTS: Record<Blend, Weights> = {
  blended: { collaborative: 1, content: 0.3, popular: 0.3, fresh: 0.05 },
  content: { collaborative: 0, content: 1, popular: 1, fresh: 0.05 },
  popular: { collaborative: 0, content: 0, popular: 1, fresh: 0.1 },
};

/** Half as fresh after so many days. */
const FRESH_DAYS = 5;

/** What speaks for an item, each between 0 and 1. */
export type Parts = { [Part in keyof Weights]: number };

export type Ranking = {
  /** In the order of the model's items. */
  scores: Float64Array;
  /** What speaks for one of them. */
  partsOf(place: number): Parts;
  /** What speaks for something that the model does not have yet. */
  partsOfNew(item: Item): Parts;
  scoreOf(parts: Parts): number;
  /** Which of one's own items speaks most for another, by its id; null where none does. */
  because(place: number): string | null;
};

/**
 * How much all of a model's items are somebody's, at an instant. What one did a moment ago counts like the rest: one's
 * factors are found out now, by the model's items alone.
 */
export function rank(model: Model, taste: Taste, now: number, weights: Weights = weightsFor(model, taste)): Ranking {
  const known = knownOf(model, taste);
  const { factors } = model;
  const solver =
    factors && weights.collaborative > 0 && known.indices.length > 0
      ? solverOf(factors, factors.gram, { ...known, from: 0, to: known.indices.length }, model.learning)
      : null;
  const collaborative = scaled(solver && factors ? products(factors, solver.solution, model.items.length) : null);
  const profile = weights.content > 0 ? profileOf(model, taste) : null;
  const content = scaled(profile && similarities(model, profile));
  const scoreOf = (parts: Parts) =>
    weights.collaborative * parts.collaborative +
    weights.content * parts.content +
    weights.popular * parts.popular +
    weights.fresh * parts.fresh;
  const partsOf = (place: number): Parts => ({
    // What nobody did anything with yet has no factors: what it is about stands in for them.
    collaborative: model.popularity[place] === 0 ? content.of(place) : collaborative.of(place),
    content: content.of(place),
    popular: model.popularity[place] as number,
    fresh: freshness(model.items[place] as Item, now),
  });
  // Without an object an item, as there are ten thousand.
  const scores = new Float64Array(model.items.length);
  for (let place = 0; place < scores.length; place += 1) {
    const about = content.of(place);
    const popular = model.popularity[place] as number;
    scores[place] =
      weights.collaborative * (popular === 0 ? about : collaborative.of(place)) +
      weights.content * about +
      weights.popular * popular +
      weights.fresh * freshness(model.items[place] as Item, now);
  }
  const newContent = (item: Item) =>
    profile ? Math.min(1, similarityOf(model, profile, item) / (content.most || 1)) : 0;
  return {
    scores,
    partsOf,
    partsOfNew: (item) => ({
      ...{ popular: 0, fresh: freshness(item, now), content: newContent(item), collaborative: newContent(item) },
    }),
    scoreOf,
    because: (place) => (solver && factors ? strongest(factors, solver, known, model, place) : null),
  };
}

/** Of whom nothing is known everything is as the popular. */
export function weightsFor({ blend }: Pick<Model, 'blend'>, taste: Taste): Weights {
  return WEIGHTS[isKnown(taste) ? blend : 'popular'];
}

function freshness({ createdAt }: Item, now: number): number {
  return fade(now - createdAt, FRESH_DAYS);
}

/** One's items that the model has. */
function knownOf({ places }: Model, { items }: Taste) {
  const found = [...items].flatMap(([id, { weight }]) => {
    const place = places.get(id);
    return place === undefined ? [] : [[place, weight] as const];
  });
  return { indices: found.map(([place]) => place), values: found.map(([, weight]) => weight) };
}

function products(
  { rank: width, values }: { rank: number; values: Float32Array },
  by: Float64Array,
  many: number,
): Float64Array {
  const found = new Float64Array(many);
  for (let place = 0, from = 0; place < many; place += 1) {
    let sum = 0;
    for (let i = 0; i < width; i += 1, from += 1) sum += (values[from] as number) * (by[i] as number);
    found[place] = sum;
  }
  return found;
}

/** Against the greatest of them, as a newcomer's factors are small and mean as much; nothing below 0. */
function scaled(numbers: Float64Array | null): { most: number; of(place: number): number } {
  let most = 0;
  for (const each of numbers ?? []) if (each > most) most = each;
  return { most, of: (place) => (numbers && most > 0 ? Math.max(0, (numbers[place] as number) / most) : 0) };
}

/** What somebody likes as a vector over labels, each by its weight: those of the model by number, newer ones by name. */
type Profile = { known: Float64Array; newer: ReadonlyMap<string, number> };

/** What nobody had said when the model was made says as much as what one alone said, who is counted with the rest. */
const weightOfNew = ({ items }: Model) => Math.log(2 + items.length);

/** Null where nothing is known. */
function profileOf(model: Model, taste: Taste): Profile | null {
  const { labels, items, places } = model;
  const known = new Float64Array(labels.weights.length);
  const newer = new Map<string, number>();
  let any = false;
  const add = (about: readonly string[], weight: number) => {
    for (const label of about) {
      const number = labels.numbers.get(label);
      if (number === undefined) newer.set(label, (newer.get(label) ?? 0) + weight * weightOfNew(model));
      else known[number] = (known[number] as number) + weight * (labels.weights[number] as number);
      any = true;
    }
  };
  for (const [label, weight] of taste.labels) add([label], weight);
  for (const [id, { weight, labels: own }] of taste.items) {
    const place = places.get(id);
    add(place === undefined ? own : (items[place] as Item).labels, weight);
  }
  return any ? { known, newer } : null;
}

/** The cosine, but for the profile's own length, which is the same for all. */
function similarities({ labels, items }: Model, { known }: Profile): Float64Array {
  const found = new Float64Array(items.length);
  for (let place = 0; place < items.length; place += 1) {
    let sum = 0;
    for (let at = labels.offsets[place] as number; at < (labels.offsets[place + 1] as number); at += 1) {
      const number = labels.indices[at] as number;
      sum += (known[number] as number) * (labels.weights[number] as number);
    }
    const length = labels.lengths[place] as number;
    if (length > 0) found[place] = sum / length;
  }
  return found;
}

/** The same of something that the model does not have. */
function similarityOf(model: Model, { known, newer }: Profile, item: Item): number {
  let [sum, square] = [0, 0];
  for (const label of new Set(item.labels)) {
    const number = model.labels.numbers.get(label);
    const weight = number === undefined ? weightOfNew(model) : (model.labels.weights[number] as number);
    square += weight ** 2;
    sum += weight * (number === undefined ? (newer.get(label) ?? 0) : (known[number] as number));
  }
  return square > 0 ? sum / Math.sqrt(square) : 0;
}

/**
 * A prediction is a sum over what one did (the paper's section 5): this is its greatest part, sᵢⱼ cⱼ with
 * sᵢⱼ = yᵢᵀ (YᵀCY + λI)⁻¹ yⱼ.
 */
function strongest(
  { rank: width, values }: { rank: number; values: Float32Array },
  solver: Solver,
  known: { indices: readonly number[]; values: readonly number[] },
  { items, learning }: Model,
  place: number,
): string | null {
  const weighed = solver.weigh(values.subarray(place * width, (place + 1) * width));
  let found: { id: string; much: number } | null = null;
  for (const [at, other] of known.indices.entries()) {
    let similar = 0;
    for (let i = 0; i < width; i += 1) similar += (weighed[i] as number) * (values[other * width + i] as number);
    const much = similar * (1 + learning.alpha * (known.values[at] as number));
    if (much > (found?.much ?? 0)) found = { id: (items[other] as Item).id, much };
  }
  return found?.id ?? null;
}

/** Places of the best, best first; of equals the first. `wanted` of them at most, without those that are `left` out. */
export function bestOf(
  scores: Float64Array,
  wanted: number,
  left: (place: number) => boolean = () => false,
): readonly number[] {
  const kept: number[] = [];
  for (let place = 0; place < scores.length; place += 1) if (!left(place)) kept.push(place);
  // Numbers are sorted many times as quickly as places by their numbers.
  const inOrder = Float64Array.from(kept, (place) => scores[place] as number).sort();
  const least = inOrder[Math.max(0, inOrder.length - wanted)] ?? 0;
  const byScore = (one: number, other: number) => (scores[other] as number) - (scores[one] as number) || one - other;
  return kept
    .filter((place) => (scores[place] as number) >= least)
    .sort(byScore)
    .slice(0, wanted);
}
