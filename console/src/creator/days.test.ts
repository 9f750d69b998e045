import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayByDay } from './days.ts';

const DAY = 24 * 60 * 60_000;
const dayOf = (n: number) => new Date(n * DAY).toISOString().slice(0, 10);

test('days on which nothing was have their place between the others', () => {
  const told = [{ day: '2026-03-02' }, { day: '2026-02-27' }];
  expect(dayByDay(told)).toEqual([
    { day: '2026-02-27', of: told[1] },
    { day: '2026-02-28', of: null },
    { day: '2026-03-01', of: null },
    { day: '2026-03-02', of: told[0] },
  ]);
  expect(dayByDay([])).toEqual([]);
});

test('whatever days are told of, they come one after the other up to the latest, at most thirty, none changed', () => {
  const days = fc.uniqueArray(fc.integer({ min: 15_000, max: 25_000 }), { minLength: 1, maxLength: 90 });
  fc.assert(
    fc.property(days, (numbers) => {
      const told = numbers.map((n) => ({ day: dayOf(n), n }));
      const shown = dayByDay(told);
      expect(shown.at(-1)?.of?.n).toBe(Math.max(...numbers));
      expect(shown.length).toBeLessThanOrEqual(30);
      const first = Date.parse(shown[0]?.day ?? '') / DAY;
      expect(shown.map(({ day }) => day)).toEqual(shown.map((_, at) => dayOf(first + at)));
      expect(shown.flatMap(({ of }) => (of ? [of.n] : [])).sort()).toEqual(numbers.filter((n) => n >= first).sort());
    }),
  );
});
