import { DAY_MS } from '../feedback.ts';
import type { Dataset, Deeds } from '../learning.ts';
import { createLot, type Lot } from '../lot.ts';

/**
 * A world whose structure is known because it was planted: people have tastes over circles, items belong to one each and
 * mostly say so, some things are popular with all. So what a good list would be is known too.
 */
export type World = {
  people: number;
  items: number;
  creators: number;
  circles: number;
  /** Deeds of each person, on average. */
  deeds: number;
  /** How much of what is done is chance, 0 to 1: at 1 nothing can be learned. */
  noise: number;
  /** How much is done because everybody does, 0 to 1. */
  crowd: number;
  seed: number;
};

export const WORLD: World = {
  ...{ people: 2_000, items: 1_000, creators: 100, circles: 12, deeds: 40, noise: 0.15, crowd: 0.2, seed: 7 },
};

/** Of what is done by taste so much is of one's first circle, the rest of the second. */
const FIRST = 0.7;

/** When it begins, and for how long it goes on. */
export const BEGINNING = Date.parse('2026-01-01T00:00:00.000Z');
const DAYS = 60;

const CATEGORIES = ['dance', 'music', 'cooking', 'travel', 'games', 'news', 'comedy', 'craft'];

export type Planted = Dataset & {
  circleOf: readonly number[];
  /** How probable each thing is for a person: no list can be better than by this. */
  chancesOf(person: number): Float64Array;
};

export function plant(world: World): Planted {
  const lot = createLot(world.seed);
  const circleOf = Array.from({ length: world.items }, () => Math.floor(lot() * world.circles));
  const items = circleOf.map((circle, place) => ({
    id: idOf(1, place),
    // A creator mostly stays with one circle.
    creatorId: idOf(2, creatorOf(circle, world, lot)),
    labels: labelsOf(circle, lot),
    // Half of them are there from the beginning.
    createdAt: BEGINNING + Math.max(0, lot() * 2 - 1) * DAYS * DAY_MS,
  }));
  // Some things are liked by all: the n-th as much as 1 of n (Zipf), in an order that no circle has a part in.
  const fame = items.map((_, place) => 1 / (1 + ((place * 7_919) % world.items)));
  const pools = Array.from({ length: world.circles }, (_, circle) =>
    chooser(
      circleOf.map((of, place) => (of === circle ? Math.sqrt(fame[place] as number) : 0)),
      lot,
    ),
  );
  const crowd = chooser(fame, lot);
  const tastes: [number, number][] = [];
  const deeds = newDeeds(world.people * world.deeds);
  for (let person = 0; person < world.people; person += 1) {
    const [first, second] = [Math.floor(lot() * world.circles), Math.floor(lot() * world.circles)];
    tastes.push([first, second]);
    const many = Math.max(3, Math.round(world.deeds * (0.3 + 1.4 * lot())));
    for (let n = 0; n < many; n += 1) {
      const time = BEGINNING + lot() * DAYS * DAY_MS;
      const drawn = lot();
      const place =
        drawn < world.noise
          ? Math.floor(lot() * world.items)
          : drawn < world.noise + world.crowd * (1 - world.noise)
            ? crowd()
            : (pools[lot() < FIRST ? first : second] as () => number)();
      if ((items[place]?.createdAt ?? 0) > time) continue;
      push(deeds, { person, thing: place, weight: lot() < 0.4 ? 2 : 1, time });
    }
  }
  return {
    ...{ people: world.people, items, deeds, labels: [], affinities: newDeeds(0), circleOf },
    chancesOf: (person) => chances(world, circleOf, fame, tastes[person] as [number, number]),
  };
}

/** The same draws, as probabilities. */
function chances(
  { noise, crowd, circles }: World,
  circleOf: readonly number[],
  fame: readonly number[],
  [first, second]: readonly [number, number],
): Float64Array {
  const within = Array.from({ length: circles }, () => 0);
  for (const [place, circle] of circleOf.entries())
    within[circle] = (within[circle] ?? 0) + Math.sqrt(fame[place] ?? 0);
  const all = fame.reduce((sum, each) => sum + each, 0);
  return Float64Array.from(circleOf, (circle, place) => {
    const liking = (circle === first ? FIRST : 0) + (circle === second ? 1 - FIRST : 0);
    const byTaste = (liking * Math.sqrt(fame[place] ?? 0)) / (within[circle] ?? 1);
    return noise / fame.length + (1 - noise) * ((crowd * (fame[place] ?? 0)) / all + (1 - crowd) * byTaste);
  });
}

/** Ids that read like ids and sort as they were made. */
function idOf(kind: number, n: number): string {
  return `0190a00${kind}-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
}

function creatorOf(circle: number, { creators, circles }: World, lot: Lot): number {
  const own = Math.floor(creators / circles);
  return lot() < 0.9 && own > 0 ? circle * own + Math.floor(lot() * own) : Math.floor(lot() * creators);
}

/** Its category is its circle's, mostly; two circles share one. One tag is the circle's own, half the time. */
function labelsOf(circle: number, lot: Lot): string[] {
  const category = lot() < 0.8 ? circle % CATEGORIES.length : Math.floor(lot() * CATEGORIES.length);
  const tags = lot() < 0.5 ? [`tag:circle ${circle}`] : [];
  return [`category:${CATEGORIES[category]}`, ...tags, `tag:any ${Math.floor(lot() * 40)}`];
}

/** Draws places by their weights. */
function chooser(weights: readonly number[], lot: Lot): () => number {
  const sums: number[] = [];
  let all = 0;
  for (const weight of weights) {
    all += weight;
    sums.push(all);
  }
  return () => {
    const at = lot() * all;
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) > at) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** Room for twice as many: people differ. */
function newDeeds(many: number): Deeds {
  const room = many * 2 + 16;
  return {
    people: new Uint32Array(room),
    things: new Uint32Array(room),
    weights: new Float32Array(room),
    times: new Float64Array(room),
    size: 0,
  };
}

function push(deeds: Deeds, deed: { person: number; thing: number; weight: number; time: number }): void {
  deeds.people[deeds.size] = deed.person;
  deeds.things[deeds.size] = deed.thing;
  deeds.weights[deeds.size] = deed.weight;
  deeds.times[deeds.size] = deed.time;
  deeds.size += 1;
}
