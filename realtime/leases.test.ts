import { expect, test } from 'vitest';
import { createLeases } from './leases.ts';

test('of a large limit a part is taken at once, and used up before more is asked for', () => {
  const leases = createLeases(90, () => 0);
  expect(leases.each).toBe(3);
  expect(leases.use('a')).toBe(false);
  leases.hold('a', leases.each - 1, 1_000);
  expect([leases.use('a'), leases.use('b'), leases.use('a'), leases.use('a')]).toEqual([true, false, true, false]);
});

test('what is left when the window is over is nobody’s', () => {
  let now = 0;
  const leases = createLeases(600, () => now);
  leases.hold('a', 19, 1_000);
  expect(leases.use('a')).toBe(true);
  now = 1_000;
  expect(leases.use('a')).toBe(false);
});

test('of a small limit nothing is held: each is asked for', () => {
  const leases = createLeases(10);
  expect(leases.each).toBe(1);
  leases.hold('a', leases.each - 1, 1_000);
  expect(leases.use('a')).toBe(false);
});

test('a limit is taken in whole parts, so that one process comes to its very end', () => {
  for (const points of [1, 10, 60, 100, 120, 600, 1_000, 20_000]) expect(points % createLeases(points).each).toBe(0);
  expect([60, 120, 600, 1_000].map((points) => createLeases(points).each)).toEqual([2, 4, 20, 25]);
});
