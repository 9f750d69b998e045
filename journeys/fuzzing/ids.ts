import { randomUUID } from 'node:crypto';
import type { Json } from '../person.ts';
import type { Draw } from './values.ts';

/** Ids of everything that was heard of, by what they are of. */
export type Ids = {
  /** Keeps those that are in an answer; `of` is what it is about. */
  gather(answer: Json, of: string): void;
  /** One that a name fits; now and then of something else, or of nothing at all. */
  of(name: string, draw: Draw): string;
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Of each sort so many, the newest. */
const KEPT = 60;
/** Deeper nothing is looked for. */
const DEEPEST = 6;

/** `streams`, `stream_id`, `streamId` and `stream` are one. */
const sortOf = (name: string): string =>
  name
    .replace(/_?[iI]ds?$/, '')
    .replace(/s$/, '')
    .toLowerCase();

export function createIds(): Ids {
  const bySort = new Map<string, string[]>();
  const all: string[] = [];

  function keep(sort: string, id: string): void {
    const kept = bySort.get(sort) ?? [];
    if (kept.includes(id)) return;
    bySort.set(sort, [...kept, id].slice(-KEPT));
    all.push(id);
    if (all.length > 10 * KEPT) all.splice(0, KEPT);
  }

  function gather(answer: Json, of: string, depth = 0): void {
    if (answer === null || typeof answer !== 'object' || depth > DEEPEST) return;
    for (const [key, value] of Object.entries<Json>(answer)) {
      const sort = Array.isArray(answer) ? of : key === 'id' || key === 'data' ? of : sortOf(key);
      if (typeof value === 'string' && UUID.test(value)) keep(sort, value);
      else gather(value, sort, depth + 1);
    }
  }

  return {
    gather: (answer, of) => gather(answer, sortOf(of)),
    of(name, draw) {
      const kept = bySort.get(sortOf(name)) ?? [];
      const chance = draw(10);
      if (chance === 0) return randomUUID();
      const from = chance > 1 && kept.length > 0 ? kept : all;
      return from[draw(from.length)] ?? randomUUID();
    },
  };
}
