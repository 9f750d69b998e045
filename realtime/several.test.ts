import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Several } from './several.ts';

const steps = fc.array(
  fc.record({ key: fc.constantFrom('a', 'b'), value: fc.constantFrom('1', '2', '3'), add: fc.boolean() }),
);

test('it holds what a map of sets would', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const several = new Several<string, string>();
      const sets = new Map<string, Set<string>>();
      for (const { key, value, add } of all) {
        const set = sets.get(key) ?? new Set();
        if (add) sets.set(key, set.add(value));
        else if (set.delete(value) && set.size === 0) sets.delete(key);
        if (add) several.add(key, value);
        else several.remove(key, value);
        expect([...several.keys()]).toEqual([...sets.keys()]);
        for (const of of ['a', 'b', 'c']) {
          expect([...several.in(of)]).toEqual([...(sets.get(of) ?? [])]);
          expect(several.count(of)).toBe(sets.get(of)?.size ?? 0);
          for (const one of ['1', '2', '3']) expect(several.has(of, one)).toBe(sets.get(of)?.has(one) ?? false);
        }
      }
    }),
  );
});
