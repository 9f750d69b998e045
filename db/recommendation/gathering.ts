import type { Learned } from '#workflows/recommendation/contract.ts';
import { weightOf } from '#workflows/recommendation/feedback.ts';
import type { Dataset, Deeds } from '#workflows/recommendation/learning.ts';
import { type Executor, type Pool, sql } from '../pool.ts';
import type { ItemRow, SignalRow } from './catalogue.ts';
import { LEARNED_CATALOGUES } from './catalogues.ts';

/** Everything that a model is made of, read in pieces. */

/** What fits: the newest things, the newest deeds of each person, the people who came last, so many deeds in all. */
export type Bounds = { items: number; each: number; deeds: number };
export const BOUNDS: Bounds = { items: 50_000, each: 300, deeds: 2_000_000 };

const ITEMS_AT_ONCE = 2_000;
const PEOPLE_AT_ONCE = 200;

export type Gathered = Dataset & { bounded: boolean };

/** Deeds of things and of labels that somebody did; people without any are left out. */
export async function gather(pool: Pool, kind: Learned, bounds: Bounds = BOUNDS): Promise<Gathered> {
  const items = await gatherItems(pool, kind, bounds.items);
  const places = new Map(items.map(({ id }, place) => [id, place]));
  const numbers = new Map<string, number>();
  const deeds = newColumns();
  const affinities = newColumns();
  let people = 0;
  let bounded = items.length >= bounds.items;
  for (let before: string | null = null; ; ) {
    const ids: readonly string[] = await listPeople(pool, before, PEOPLE_AT_ONCE);
    const signals = await LEARNED_CATALOGUES[kind].listSignals(pool, ids, bounds.each);
    const persons = new Map<string, number>();
    for (const signal of signals) {
      const person = persons.get(signal.user_id) ?? people + persons.size;
      if (add(signal, person)) persons.set(signal.user_id, person);
    }
    people += persons.size;
    before = ids.at(-1) ?? null;
    bounded ||= deeds.size >= bounds.deeds;
    if (ids.length < PEOPLE_AT_ONCE || deeds.size >= bounds.deeds) break;
  }
  return { people, items: items.map(itemOf), deeds, labels: [...numbers.keys()], affinities, bounded };

  /** Whether it says anything of anything there is. */
  function add({ deed, part, item_id, label, at }: SignalRow, person: number): boolean {
    const weight = weightOf(deed, part);
    const thing = item_id === null ? undefined : places.get(item_id);
    if (weight === 0 || (thing === undefined && label === null)) return false;
    const time = Date.parse(at);
    if (thing !== undefined) push(deeds, { person, thing, weight, time });
    else if (label !== null) {
      const number = numbers.get(label) ?? numbers.size;
      numbers.set(label, number);
      push(affinities, { person, thing: number, weight, time });
    }
    return true;
  }
}

async function gatherItems(pool: Pool, kind: Learned, most: number): Promise<ItemRow[]> {
  const items: ItemRow[] = [];
  for (let before: string | null = null; items.length < most; ) {
    const limit = Math.min(ITEMS_AT_ONCE, most - items.length);
    const page: readonly ItemRow[] = await LEARNED_CATALOGUES[kind].listItems(pool, { before, limit });
    items.push(...page);
    before = page.at(-1)?.id ?? null;
    if (page.length < limit) break;
  }
  return items;
}

function itemOf({ id, creator_id, labels, created_at }: ItemRow): Dataset['items'][number] {
  return { id, creatorId: creator_id, labels, createdAt: Date.parse(created_at) };
}

/** Everybody, who came last first. */
function listPeople(executor: Executor, before: string | null, limit: number): Promise<readonly string[]> {
  return executor.anyFirst(sql.typeAlias('id')`
    SELECT id FROM users WHERE deleted_at IS NULL AND (${before}::uuid IS NULL OR id < ${before}::uuid)
    ORDER BY id DESC LIMIT ${limit}
  `);
}

const FIRST_ROOM = 1_024;

function newColumns(): Deeds {
  return {
    people: new Uint32Array(FIRST_ROOM),
    things: new Uint32Array(FIRST_ROOM),
    weights: new Float32Array(FIRST_ROOM),
    times: new Float64Array(FIRST_ROOM),
    size: 0,
  };
}

function push(deeds: Deeds, deed: { person: number; thing: number; weight: number; time: number }): void {
  if (deeds.size === deeds.people.length) double(deeds);
  deeds.people[deeds.size] = deed.person;
  deeds.things[deeds.size] = deed.thing;
  deeds.weights[deeds.size] = deed.weight;
  deeds.times[deeds.size] = deed.time;
  deeds.size += 1;
}

function double(deeds: Deeds): void {
  const room = deeds.people.length * 2;
  const [people, things] = [new Uint32Array(room), new Uint32Array(room)];
  const [weights, times] = [new Float32Array(room), new Float64Array(room)];
  people.set(deeds.people);
  things.set(deeds.things);
  weights.set(deeds.weights);
  times.set(deeds.times);
  Object.assign(deeds, { people, things, weights, times });
}
