import { expect, test } from 'vitest';
import { createRungFor } from './rung.ts';

const AGAIN = { waken: true, begins: false };
const ids = (taken: Map<string, unknown>) => [...taken.keys()];

test('what just happened goes before ten thousand that are rung for again, and does not starve them', () => {
  const rings = createRungFor();
  for (let i = 0; i < 10_000; i += 1) rings.repeat(`again ${i}`, AGAIN);
  for (let i = 0; i < 100; i += 1) rings.add(`new ${i}`);
  const [first, second] = [ids(rings.take(8, 0)), ids(rings.take(8, 0))];
  for (const taken of [first, second]) {
    expect(taken.filter((id) => id.startsWith('new'))).toHaveLength(6);
    expect(taken.filter((id) => id.startsWith('again'))).toHaveLength(2);
  }
  expect(first[0]).toBe('new 0');
  expect(first.at(-1)).toBe('again 1');
});

test('where only one of both is there it has the whole batch', () => {
  const rings = createRungFor();
  for (let i = 0; i < 5; i += 1) rings.add(`new ${i}`);
  expect(ids(rings.take(4, 0))).toEqual(['new 0', 'new 1', 'new 2', 'new 3']);
  rings.take(4, 0);
  for (let i = 0; i < 5; i += 1) rings.repeat(`again ${i}`, AGAIN);
  expect(ids(rings.take(4, 0))).toHaveLength(4);
});

test('one that is repeated and then happens anew moves forward, and is woken all the same', () => {
  const rings = createRungFor();
  rings.repeat('a', AGAIN);
  rings.repeat('b', { waken: false, begins: true });
  rings.add('b');
  rings.add('b');
  const taken = rings.take(2, 0);
  expect([...taken]).toEqual([
    ['b', { waken: false, begins: true }],
    ['a', AGAIN],
  ]);
});

test('one that was just told rests, and says until when', () => {
  const rings = createRungFor();
  rings.rest('a', 100);
  rings.add('a');
  expect(ids(rings.take(8, 50))).toEqual([]);
  expect(rings.firstAt(50)).toBe(100);
  expect(ids(rings.take(8, 100))).toEqual(['a']);
  expect(rings.firstAt(100)).toBeNull();
});

test('a provider’s fact goes before a thousand steps that were rung for earlier, its own process’s among them', () => {
  const rings = createRungFor();
  for (let i = 0; i < 1_000; i += 1) rings.add(`step ${i}`);
  rings.repeat('step 999', AGAIN);
  rings.add('paid', true);
  rings.add('step 999', true);
  rings.add('paid');
  const taken = rings.take(4, 0);
  expect(ids(taken)).toEqual(['paid', 'step 999', 'step 0', 'step 1']);
  expect(taken.get('step 999')).toEqual(AGAIN);
  expect(ids(rings.take(2_000, 0))).toHaveLength(997);
});

test('facts are taken in the order in which they came, and one that rests or comes again holds up nobody behind it', () => {
  const rings = createRungFor();
  for (let i = 0; i < 12; i += 1) rings.add(`paid ${i}`, true);
  rings.add('paid 0', true);
  rings.add('paid 11', true);
  rings.rest('paid 2', 100);
  expect(ids(rings.take(4, 0))).toEqual(['paid 0', 'paid 1', 'paid 3', 'paid 4']);
  rings.add('paid 12', true);
  // Its place in the line is kept.
  expect(ids(rings.take(4, 100))).toEqual(['paid 2', 'paid 5', 'paid 6', 'paid 7']);
  expect(ids(rings.take(8, 100))).toEqual(['paid 8', 'paid 9', 'paid 10', 'paid 11', 'paid 12']);
});
