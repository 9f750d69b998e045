import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestRedis } from '#local/testStack.ts';
import { type Bus, createBus } from './bus.ts';
import { until } from './testing/place.ts';
import { viewersOf } from './viewers.ts';

let buses: Bus[];
beforeAll(async () => {
  const redisUrl = await createTestRedis();
  buses = [1, 2].map(() => createBus({ redisUrl, log: pino({ level: 'silent' }) }));
  await until(() => buses.every((bus) => bus.redis() !== null), 'both have Redis');
});
afterAll(() => {
  for (const bus of buses ?? []) bus.close();
});

const viewers = (place: number) => viewersOf(buses[place] as Bus);

test('who watches is the sum over processes, told where it is another than before, and never below nobody', async () => {
  const id = randomUUID();
  const here = (count: number) => [{ kind: 'stream', id, count }];
  expect(await viewers(0).tell(here(3))).toEqual(here(3));
  expect(await viewers(0).tell(here(3))).toEqual([]);
  expect(await viewers(1).tell(here(2))).toEqual(here(5));
  expect(await viewers(0).tell(here(3))).toEqual(here(5));
  expect(await viewers(1).tell([])).toEqual(here(3));
  expect(await viewers(0).tell([])).toEqual(here(0));
  expect(await viewers(0).tell([])).toEqual([]);
  expect(await viewers(1).count('stream', id)).toBe(0);
});

test('a process that died counts no more within seconds', async () => {
  const id = randomUUID();
  await viewers(1).tell([{ kind: 'stream', id, count: 7 }]);
  expect(await viewers(0).count('stream', id)).toBe(7);
  await until(async () => (await viewers(0).count('stream', id)) === 0, 'it is forgotten', 30_000);
});
