import { setTimeout as wait } from 'node:timers/promises';
import type { Owed } from './playing.ts';

/** Whether what was promised is there: once, and not more often. */

export type Missed = { what: string; due: bigint; found: bigint };
export type Counted = { lost: Missed[]; doubled: Missed[] };

const PAUSE_MS = 1_000;
/** Looked at at once. */
const AT_ONCE = 8;

/** Waits until everything that is owed is there, or time is up. Answers what is not there yet. */
export async function untilThere(owed: readonly Owed[], withinMs: number): Promise<Owed[]> {
  const giveUp = performance.now() + withinMs;
  for (let left = [...owed]; ; await wait(PAUSE_MS)) {
    left = await differing(left).then((all) => all.map(({ one }) => one));
    if (left.length === 0 || performance.now() > giveUp) return left;
  }
}

/** Looks at all once more: what was there before may be there twice by now. */
export async function count(owed: readonly Owed[]): Promise<Counted> {
  const all = (await differing(owed)).map(({ one: { what, due }, found }) => ({ what, due, found }));
  return { lost: all.filter(({ due, found }) => found < due), doubled: all.filter(({ due, found }) => found > due) };
}

async function differing(owed: readonly Owed[]): Promise<{ one: Owed; found: bigint }[]> {
  const left: { one: Owed; found: bigint }[] = [];
  const waiting = [...owed];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
        const found = await lookAt(one);
        if (found !== one.due) left.push({ one, found });
      }
    }),
  );
  return left;
}

/** What cannot be read is asked for once more before it is held for lost. */
async function lookAt({ look }: Owed): Promise<bigint> {
  return look().catch(async () => {
    await wait(PAUSE_MS);
    return look().catch(() => -1n);
  });
}
