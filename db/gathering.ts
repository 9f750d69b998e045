import { apart } from '#program/trace.ts';
import type { Pool } from './pool.ts';

/** How what people ask at the same time is written together. */
export type Gathering<Asked, Outcome> = {
  pool: Pick<Pool, 'line'>;
  /** Of one group: longer ones make those that come meanwhile wait longer than they save. */
  most: number;
  /** Groups under way. While one is written, what is written next is looked at. */
  lanes: number;
  /** Whose each is: of each person one at a time. Where it is left out, nothing has to follow anything. */
  personOf?(asked: Asked): string;
  /** Writes a group on a lane, numbered from 0: what became of each, in their order. What it throws is each one's. */
  write(group: readonly Asked[], lane: number): Promise<readonly (Outcome | Error)[]>;
  /**
   * Whether one is written again, alone, after this was thrown: it was written `together` with others or not, and so
   * many `times` before. Where it is left out, none is.
   */
  again?(error: unknown, tried: { together: boolean; times: number }): boolean;
};

/** Rejects with what became of it where that is an error, and with UNAVAILABLE where too many wait. */
export type Gather<Asked, Outcome> = (asked: Asked) => Promise<Outcome>;

type Waiting<Asked, Outcome> = {
  asked: Asked;
  alone: boolean;
  /** How often it was written. */
  times: number;
  since: number;
  settle: (outcome: Outcome | Error) => void;
};

/**
 * What comes while all lanes are under way goes with the next, of each person one: what they ask for follows what they
 * asked for before. Alone it goes at once.
 */
export function createGatherer<Asked, Outcome>({
  pool,
  most,
  lanes,
  personOf,
  write,
  again = () => false,
}: Gathering<Asked, Outcome>): Gather<Asked, Outcome> {
  // Many are written as one, and not by a place in the pool's line: who asks stands in a line of their own.
  const line = pool.line?.beside();
  // The first that is free is taken: where few ask, the others rest.
  const busy = Array.from({ length: lanes }, () => false);
  const underWay = new Set<string>();
  let waiting: Waiting<Asked, Outcome>[] = [];

  function depart(): void {
    for (let group = next(); group.length > 0; group = next()) {
      const [lane, gone] = [busy.indexOf(false), group];
      busy[lane] = true;
      void apart(() => ride(lane, gone));
    }
  }

  /** The first that wait, where a lane is free; of each person one. */
  function next(): Waiting<Asked, Outcome>[] {
    const group: Waiting<Asked, Outcome>[] = [];
    if (!busy.includes(false)) return group;
    waiting = waiting.filter((each) => {
      const person = personOf?.(each.asked);
      const isFull = group.length === most || group[0]?.alone || (each.alone && group.length > 0);
      if (isFull || (person !== undefined && underWay.has(person))) return true;
      if (person !== undefined) underWay.add(person);
      group.push(each);
      return false;
    });
    return group;
  }

  async function ride(lane: number, group: readonly Waiting<Asked, Outcome>[]): Promise<void> {
    const all = group.map(({ asked }) => asked);
    try {
      const outcomes = await write(all, lane);
      for (const [place, { settle }] of group.entries()) settle(outcomes[place] as Outcome | Error);
    } catch (error) {
      refuse(group, error as Error);
    }
    if (personOf) for (const asked of all) underWay.delete(personOf(asked));
    busy[lane] = false;
    line?.moved(group.length, waiting.length, waiting[0] ? performance.now() - waiting[0].since : 0);
    depart();
  }

  /** What was refused to one was undone for all: each asks for itself, before those who came later. */
  function refuse(group: readonly Waiting<Asked, Outcome>[], error: Error): void {
    const back: Waiting<Asked, Outcome>[] = [];
    for (const each of group) {
      if (!again(error, { together: group.length > 1, times: each.times })) each.settle(error);
      else back.push({ ...each, alone: true, times: each.times + 1 });
    }
    waiting = [...back, ...waiting];
  }

  return (asked) =>
    new Promise((resolve, reject) => {
      line?.admit(waiting.length);
      const settle = (outcome: Outcome | Error) => (outcome instanceof Error ? reject(outcome) : resolve(outcome));
      waiting.push({ asked, alone: false, times: 0, since: performance.now(), settle });
      depart();
    });
}
