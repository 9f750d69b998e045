import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Pool } from '#db/pool.ts';
import { createArrivals } from './arrivals.ts';
import { LIMITS } from './limits.ts';
import { openPlace, type Place } from './testing/place.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace();
});
afterAll(() => place?.close());

/** The place's pool, with each question counted, and refused while it is away. */
function counted() {
  const seen = { questions: 0, away: false };
  const pool = {
    ...place.pool,
    any(...args: Parameters<Pool['any']>) {
      seen.questions++;
      return seen.away ? Promise.reject(new Error('Postgres is away')) : place.pool.any(...args);
    },
  } as Pool;
  return { pool, seen };
}

test('who come at once are asked about in one question, and each begins at their own place', async () => {
  const { pool, seen } = counted();
  const arrivals = createArrivals({ pool, limits: LIMITS });
  const [asha, ben] = [await place.user(), await place.user()];
  for (const text of ['1', '2', '3']) await place.tell([asha], text);
  await place.tell([ben], '1');
  const found = await Promise.all([
    arrivals.begin(asha, 1),
    arrivals.begin(ben, undefined),
    arrivals.begin(randomUUID(), 0),
    arrivals.begin(asha, 7),
    arrivals.begin(asha, 3),
  ]);
  expect(found).toEqual([
    { last: 3, after: 1, resumed: true },
    { last: 1, after: 1, resumed: false },
    { last: 0, after: 0, resumed: true },
    { last: 3, after: 3, resumed: false },
    { last: 3, after: 3, resumed: true },
  ]);
  expect(seen.questions).toBe(1);
});

test('a thousand who come back at once are asked about in as many questions as pages', async () => {
  const { pool, seen } = counted();
  const arrivals = createArrivals({ pool, limits: { ...LIMITS, pageReaders: 250 } });
  await Promise.all(Array.from({ length: 1_000 }, () => arrivals.begin(randomUUID(), 0)));
  expect(seen.questions).toBe(4);
});

test('while Postgres is away those who come are told so, and who comes later is asked about anew', async () => {
  const { pool, seen } = counted();
  const arrivals = createArrivals({ pool, limits: LIMITS });
  seen.away = true;
  const told = await Promise.allSettled([arrivals.begin(randomUUID(), 0), arrivals.begin(randomUUID(), 0)]);
  expect(told.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  seen.away = false;
  expect(await arrivals.begin(randomUUID(), 0)).toEqual({ last: 0, after: 0, resumed: true });
});
