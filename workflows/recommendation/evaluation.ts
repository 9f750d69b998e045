import { LEARNING, type Learning } from './factorise.ts';
import { type Dataset, entriesOf, learn, tasteIn, tastesBefore } from './learning.ts';
import { createLot } from './lot.ts';
import { areaUnderCurve, averagePrecision, ndcg, precision, recall, sureness } from './measures.ts';
import type { Blend, Model } from './model.ts';
import { bestOf, rank, WEIGHTS, type Weights } from './ranking.ts';
import type { Sparse } from './sparse.ts';

/** How good lists would have been: learned from what was done before an instant, judged by what was done after it. */

/** What is compared. The first two know nobody; the last knows how what is judged was made, where it was made. */
export const CONTENDERS = ['random', 'popular', 'content', 'collaborative', 'blended', 'planted'] as const;
export type Contender = (typeof CONTENDERS)[number];

const ALONE: Record<Exclude<Contender, 'random' | 'planted'>, Weights> = {
  popular: { collaborative: 0, content: 0, popular: 1, fresh: 0 },
  collaborative: { collaborative: 1, content: 0, popular: 0, fresh: 0 },
  content: WEIGHTS.content,
  blended: WEIGHTS.blended,
};

/** Places of a list that count. */
export const K = 10;
/** The older part is learned from. */
const LEARNED_PART = 0.8;
/** People at most who are asked about, by lot. */
const ASKED = 1_000;

export type Report = {
  /** When the past ends (ms): what came later was held out. */
  until: number;
  /** People who were asked about, and items that were ranked for each: all there were, but those they knew. */
  people: number;
  items: number;
  held: number;
  by: Partial<Record<Contender, Figures>>;
};
export type Figures = {
  precision: number;
  recall: number;
  ndcg: number;
  map: number;
  auc: number;
  /** Which part of all items stood in anybody's list. */
  coverage: number;
  /** By how many standard errors its NDCG is above that of the popular, person by person. */
  sureness: number;
};

type Asked = { person: number; liked: readonly number[]; knows: ReadonlySet<number> };

type Asking = {
  contenders: readonly Contender[];
  learning?: Learning;
  seed?: number;
  /** For `planted`: how probable each thing is for a person. */
  planted?: (person: number) => Float64Array;
};

/** What each of these contenders would have come to. It yields every few milliseconds. */
export function* evaluate(
  dataset: Dataset,
  { contenders, learning = LEARNING, seed = 1, planted }: Asking,
): Generator<void, Report> {
  const until = endOfPast(dataset);
  const model = yield* learn(dataset, { until, blend: 'blended', learning });
  const liked = tastesBefore(dataset.deeds, dataset.people, dataset.items.length, until);
  const named = tastesBefore(dataset.affinities, dataset.people, dataset.labels.length, until);
  const asked = askedAbout(dataset, liked, until, seed);
  const tallies = new Map(contenders.map((name) => [name, newTally()]));
  const popular = newTally();
  for (const each of asked) {
    const taste = tasteIn(dataset, liked, named, each.person);
    judge(rank(model, taste, until, ALONE.popular).scores, each, model, popular, until);
    const scoresOf = (name: Contender) => {
      if (name === 'random') return byLot(model, seed + each.person);
      if (name === 'planted') return planted?.(each.person) ?? new Float64Array(model.items.length);
      return rank(model, taste, until, ALONE[name]).scores;
    };
    for (const name of contenders) {
      judge(scoresOf(name), each, model, tallies.get(name) as Tally, until);
      yield;
    }
  }
  const by = Object.fromEntries([...tallies].map(([name, tally]) => [name, figuresOf(tally, popular, model)]));
  const items = model.items.filter(({ createdAt }) => createdAt < until).length;
  return { until, people: asked.length, items, held: asked.reduce((sum, each) => sum + each.liked.length, 0), by };
}

/** The instant before which so much was done: all people's time is cut at the same. */
function endOfPast({ deeds }: Dataset): number {
  const times = deeds.times.slice(0, deeds.size).sort();
  return times[Math.floor(times.length * LEARNED_PART)] ?? 0;
}

/** People of whom something was known, and who liked something afterwards that was there and that they had not known. */
function askedAbout(dataset: Dataset, liked: Sparse, until: number, seed: number): Asked[] {
  const after = new Map<number, Set<number>>();
  const { deeds } = dataset;
  for (let at = 0; at < deeds.size; at += 1) {
    const [person, place] = [deeds.people[at] as number, deeds.things[at] as number];
    if ((deeds.times[at] as number) < until || (dataset.items[place]?.createdAt ?? until) >= until) continue;
    after.set(person, (after.get(person) ?? new Set()).add(place));
  }
  const lot = createLot(seed);
  const all = [...after].map(([person, places]) => ({ person, places, drawn: lot() }));
  return all
    .sort((one, other) => one.drawn - other.drawn)
    .map(({ person, places }) => {
      const knows = new Set(entriesOf(liked, person).map(([place]) => place));
      return { person, knows, liked: [...places].filter((place) => !knows.has(place)) };
    })
    .filter((each) => each.knows.size > 0 && each.liked.length > 0)
    .slice(0, ASKED);
}

function byLot({ items }: Model, seed: number): Float64Array {
  const lot = createLot(seed);
  return Float64Array.from(items, lot);
}

type Tally = {
  precision: number[];
  recall: number[];
  ndcg: number[];
  map: number[];
  auc: number[];
  shown: Set<number>;
};

function newTally(): Tally {
  return { precision: [], recall: [], ndcg: [], map: [], auc: [], shown: new Set() };
}

/** One person's list against what they liked afterwards: all of the catalogue is ranked, and nothing sampled. */
function judge(scores: Float64Array, { liked, knows }: Asked, { items }: Model, tally: Tally, until: number): void {
  const isOut = (place: number) => knows.has(place) || (items[place]?.createdAt ?? until) >= until;
  const wanted = new Set(liked);
  const list = bestOf(scores, K, isOut);
  const hits = list.map((place) => wanted.has(place));
  tally.precision.push(precision(hits, K));
  tally.recall.push(recall(hits, K, liked.length));
  tally.ndcg.push(ndcg(hits, K, liked.length));
  tally.map.push(averagePrecision(hits, K, liked.length));
  for (const place of list) tally.shown.add(place);
  const before = liked.map(() => 0);
  let all = 0;
  for (let place = 0; place < scores.length; place += 1) {
    if (isOut(place)) continue;
    all += 1;
    for (const [at, mine] of liked.entries()) {
      const than = (scores[place] as number) - (scores[mine] as number);
      if (than > 0 || (than === 0 && place < mine)) before[at] = (before[at] as number) + 1;
    }
  }
  tally.auc.push(areaUnderCurve(before, all));
}

const mean = (numbers: readonly number[]) =>
  numbers.length === 0 ? 0 : numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

function figuresOf(tally: Tally, popular: Tally, { items }: Model): Figures {
  return {
    precision: mean(tally.precision),
    recall: mean(tally.recall),
    ndcg: mean(tally.ndcg),
    map: mean(tally.map),
    auc: mean(tally.auc),
    coverage: items.length === 0 ? 0 : tally.shown.size / items.length,
    sureness: sureness(tally.ndcg.map((each, at) => each - (popular.ndcg[at] as number))),
  };
}

/** So many have to have been asked about, or nothing is known. */
export const LEAST_ASKED = 20;
/** By so many standard errors a list has to be better than the popular: of the two that are tried, chance does that once in twenty builds at most. */
export const SURE = 2;

/** What may be served: the best of those that are surely better than the popular, and that one where none is. */
export function verdict({ people, by }: Report): Blend {
  if (people < LEAST_ASKED) return 'popular';
  const better = (['blended', 'content'] as const).flatMap((blend) => {
    const figures = by[blend];
    return figures && figures.sureness > SURE ? [{ blend, ndcg: figures.ndcg }] : [];
  });
  better.sort((one, other) => other.ndcg - one.ndcg);
  return better[0]?.blend ?? 'popular';
}
