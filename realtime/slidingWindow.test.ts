import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SlidingWindow } from './slidingWindow.ts';

test('in no minute are more than the limit let through, and nothing is refused that would fit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(40), { maxLength: 60 }), (limit, steps) => {
      const window = new SlidingWindow(limit, 60);
      const taken: number[] = [];
      let now = 0;
      for (const step of steps) {
        now += step;
        const inSpan = taken.filter((at) => at > now - 60);
        const wait = window.take(now);
        expect(wait === 0).toBe(inSpan.length < limit);
        if (wait === 0) taken.push(now);
        else expect(now + wait).toBe((inSpan.at(-limit) as number) + 60);
      }
    }),
  );
});
