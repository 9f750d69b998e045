import { expect, test } from 'vitest';
import { createStanding } from './standing.ts';

const PATIENCE_MS = 2_000;

/** A line's standing by a clock that tests move: somebody is done with every so many ms, while the first waits so long. */
function watch() {
  let ms = 0;
  const standing = createStanding(PATIENCE_MS, () => ms);
  return {
    isTooLong: standing.isTooLong,
    move(times: number, everyMs: number, oldestMs: number, { done = 1, waiting = 500 } = {}) {
      for (let n = 0; n < times; n++) {
        ms += everyMs;
        standing.moved(done, waiting, oldestMs);
      }
    },
  };
}

test('a line stands once its first were too late for eight seconds in which it moved', () => {
  const { isTooLong, move } = watch();
  move(799, 10, PATIENCE_MS);
  expect(isTooLong(10_000)).toBe(false);
  move(1, 10, PATIENCE_MS);
  expect(isTooLong(10_000)).toBe(true);
});

test('it takes too many where they take too long at its pace, whether they go alone or in groups', () => {
  for (const [everyMs, done] of [
    [10, 1],
    [80, 8],
  ] as const) {
    const { isTooLong, move } = watch();
    move(900, everyMs, PATIENCE_MS, { done });
    expect(isTooLong(199)).toBe(false);
    expect(isTooLong(201)).toBe(true);
  }
});

test('it stands no more once nobody waits, and before that not for less than half of the time in between', () => {
  const { isTooLong, move } = watch();
  move(790, 10, PATIENCE_MS);
  move(1, 10, PATIENCE_MS / 2 - 1);
  move(790, 10, PATIENCE_MS);
  expect(isTooLong(10_000)).toBe(false);
  move(10, 10, PATIENCE_MS);
  move(500, 10, 1);
  expect(isTooLong(10_000)).toBe(true);
  move(1, 10, 0, { waiting: 0 });
  expect(isTooLong(10_000)).toBe(false);
});

test('what stands still is no queue: a stall of hours counts as a tenth of a second', () => {
  const { isTooLong, move } = watch();
  move(79, 3_600_000, 3_600_000);
  expect(isTooLong(10_000)).toBe(false);
  move(1, 3_600_000, 3_600_000);
  expect(isTooLong(10_000)).toBe(true);
});

test('where no wait is too long nobody is refused', () => {
  let ms = 0;
  const standing = createStanding(0, () => ms);
  for (; ms < 20_000; ms += 50) standing.moved(1, 500, ms);
  expect(standing.isTooLong(10_000)).toBe(false);
});
