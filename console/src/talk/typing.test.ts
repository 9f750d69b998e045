import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TypingHeard, Typist } from './typing.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A key every 200 ms. */
function typeFor(typist: Typist, ms: number): void {
  for (let passed = 0; passed < ms; passed += 200) {
    typist.type();
    vi.advanceTimersByTime(200);
  }
}

test('who types says so at once, again every few seconds, and that it has ended once no key follows', () => {
  const said: string[] = [];
  const typist = new Typist((command) => said.push(command));
  typeFor(typist, 1_000);
  expect(said).toEqual(['typing_start']);
  typeFor(typist, 6_000);
  expect(said).toEqual(['typing_start', 'typing_start', 'typing_start']);
  vi.advanceTimersByTime(5_000);
  expect(said.slice(3)).toEqual(['typing_stop']);
});

test('who goes has stopped typing, and says so where there was something to stop', () => {
  const said: string[] = [];
  const typist = new Typist((command) => said.push(command));
  typist.stop();
  expect(said).toEqual([]);
  typist.type();
  typist.stop();
  vi.advanceTimersByTime(60_000);
  expect(said).toEqual(['typing_start', 'typing_stop']);
});

test('the other side types until it says that it stopped', () => {
  const seen: boolean[] = [];
  const heard = new TypingHeard((typing) => seen.push(typing));
  heard.hear(true);
  heard.hear(false);
  vi.advanceTimersByTime(60_000);
  expect(seen).toEqual([true, false]);
});

test('an end that was lost comes by itself; as long as it is repeated, it goes on', () => {
  let seen = false;
  const heard = new TypingHeard((typing) => {
    seen = typing;
  });
  const typist = new Typist((command) => command === 'typing_start' && heard.hear(true));
  typeFor(typist, 30_000);
  expect(seen).toBe(true);
  vi.advanceTimersByTime(9_000);
  expect(seen).toBe(false);
});
