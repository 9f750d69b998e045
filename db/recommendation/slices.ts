import { setImmediate as nextTurn } from 'node:timers/promises';

/** For so long a program's other work waits at most, in ms. */
const SLICE_MS = 10;

/** Does a long piece of reckoning in slices, between which everything else of the program has its turn. */
export async function inSlices<T>(work: Generator<void, T>): Promise<T> {
  for (let began = performance.now(); ; ) {
    const { done, value } = work.next();
    if (done) return value;
    if (performance.now() - began < SLICE_MS) continue;
    await nextTurn();
    began = performance.now();
  }
}
