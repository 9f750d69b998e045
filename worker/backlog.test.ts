import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createBacklog } from './backlog.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Whether it is resolved now, with nothing else having happened. */
async function isOver(promise: Promise<void>): Promise<boolean> {
  let over = false;
  void promise.then(() => {
    over = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  return over;
}

/** Deals that this process was seen to run, each told a step that its workflow has not come to. */
function underWay(...ids: string[]) {
  const backlog = createBacklog();
  for (const id of ids) {
    backlog.evolved(id, 1);
    backlog.told(id, 2);
  }
  return backlog;
}

test('nobody waits while few workflows are under way', async () => {
  expect(await isOver(createBacklog().untilAtMost(0, 1_000))).toBe(true);
  expect(await isOver(underWay('a', 'b').untilAtMost(2, 1_000))).toBe(true);
});

test('a wait is over when enough workflows have evolved', async () => {
  const backlog = underWay('a', 'b', 'c');
  const waited = backlog.untilAtMost(1, 1_000);
  expect(await isOver(waited)).toBe(false);
  backlog.evolved('a', 2);
  expect(await isOver(waited)).toBe(false);
  backlog.evolved('b', 2);
  expect(await isOver(waited)).toBe(true);
});

test('a workflow that evolved through earlier steps is still under way', async () => {
  const backlog = underWay('a');
  backlog.evolved('a', 1);
  expect(await isOver(backlog.untilAtMost(0, 1_000))).toBe(false);
});

test('one that had evolved before its telling was written down is not', async () => {
  const backlog = createBacklog();
  backlog.evolved('a', 2);
  backlog.told('a', 2);
  expect(await isOver(backlog.untilAtMost(0, 1_000))).toBe(true);
});

test('a wait is over after its time, whatever is under way', async () => {
  const waited = underWay('a').untilAtMost(0, 250);
  await vi.advanceTimersByTimeAsync(249);
  expect(await isOver(waited)).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await isOver(waited)).toBe(true);
});

test('deals that this process was never seen to run do not count', async () => {
  const backlog = createBacklog();
  backlog.told('elsewhere', 1);
  expect(await isOver(backlog.untilAtMost(0, 1_000))).toBe(true);
});

test('a deal that does not evolve here counts for a second, and no more after that', async () => {
  const backlog = underWay('moved away');
  await vi.advanceTimersByTimeAsync(1_001);
  expect(await isOver(backlog.untilAtMost(0, 1_000))).toBe(true);
  backlog.told('moved away', 3);
  expect(await isOver(backlog.untilAtMost(0, 1_000))).toBe(true);
});

test('a workflow that is begun by what it is told counts, though it was never seen to run here', async () => {
  const backlog = createBacklog();
  backlog.told('begun', 4, true);
  const waited = backlog.untilAtMost(0, 1_000);
  expect(await isOver(waited)).toBe(false);
  backlog.evolved('begun', 4);
  expect(await isOver(waited)).toBe(true);
});
