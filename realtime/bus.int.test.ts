import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, expect, test } from 'vitest';
import { createTestRedis } from '#local/testStack.ts';
import { BELL_MS, createBus } from './bus.ts';
import { until } from './testing/place.ts';

const redisUrl = await createTestRedis();
const bus = createBus({ redisUrl, log: pino({ level: 'silent' }) });
const listener = new Redis(redisUrl);

afterAll(() => {
  bus.close();
  listener.disconnect();
});

test('what is rung for in turn after turn gathers in few bells, and none of it is lost', async () => {
  await until(() => bus.redis() !== null, 'Redis is there');
  await listener.subscribe('tandem:users', 'tandem:deals');
  const heard: Record<string, string[][]> = { 'tandem:users': [], 'tandem:deals': [] };
  listener.on('message', (channel: string, text: string) => {
    const { users, deals } = JSON.parse(text);
    heard[channel]?.push(users ?? deals);
  });
  const first = once(listener, 'message');
  bus.ring(['first']);
  await first;
  expect(heard['tandem:users']).toEqual([['first']]);

  const ids = Array.from({ length: 200 }, (_, number) => `${number}`);
  const began = performance.now();
  for (const id of ids) {
    bus.ring([id]);
    bus.ringDeal(id);
    await turn();
  }
  const took = performance.now() - began;
  for (const bells of Object.values(heard)) {
    await until(() => bells.flat().includes('199'), 'the last is heard');
    expect(bells.flat().filter((id) => id !== 'first')).toEqual(ids);
    expect(bells.length).toBeLessThanOrEqual(took / BELL_MS + 3);
  }
});
