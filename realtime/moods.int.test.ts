import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestRedis } from '#local/testStack.ts';
import { type Bus, createBus } from './bus.ts';
import { moodsOf } from './moods.ts';
import { until } from './testing/place.ts';

let buses: Bus[];
beforeAll(async () => {
  const redisUrl = await createTestRedis();
  const log = pino({ level: 'silent' });
  buses = [...[1, 2].map(() => createBus({ redisUrl, log })), createBus({ redisUrl: null, log })];
  await until(() => buses.slice(0, 2).every((bus) => bus.redis() !== null), 'both have Redis');
});
afterAll(() => {
  for (const bus of buses ?? []) bus.close();
});

const moods = (place: number) => moodsOf(buses[place] as Bus);

test('a mood is of all processes, told to each where it has changed, and over within ten seconds', async () => {
  const id = randomUUID();
  expect(await moods(0).changed([id])).toEqual([]);
  moods(0).react(id, 'love');
  moods(1).react(id, 'love');
  moods(1).react(id, 'sad');
  await until(async () => (await moods(0).state(id)).total === 3, 'one has heard of the other');
  const state = { mood: 'love', counts: { love: 2, sad: 1 }, total: 3 };
  for (const place of [0, 1]) {
    expect(await moods(place).changed([id])).toEqual([{ streamId: id, ...state }]);
    expect(await moods(place).changed([id])).toEqual([]);
  }
  await until(async () => (await moods(0).state(id)).total === 0, 'it is over', 30_000);
  expect(await moods(1).changed([id])).toEqual([{ streamId: id, mood: null, counts: {}, total: 0 }]);
});

test('what one has just reacted with is in what is felt here, before any other process has it', async () => {
  const id = randomUUID();
  for (const mood of ['love', 'love', 'wow'] as const) moods(0).react(id, mood);
  expect(await moods(0).state(id)).toEqual({ mood: 'love', counts: { love: 2, wow: 1 }, total: 3 });
  expect(await moods(1).total(id)).toBe(3);
});

test('without Redis each process has its own', async () => {
  const id = randomUUID();
  moods(2).react(id, 'wow');
  expect(await moods(2).state(id)).toEqual({ mood: 'wow', counts: { wow: 1 }, total: 1 });
});
