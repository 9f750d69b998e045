import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, type Pool } from '#db/pool.ts';
import { tellNext } from '#db/talk/tellings.ts';
import { newPeople, newRoom, say, textsHeardBy } from '#db/talk/testing/crowd.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { startTellings } from './tellings.ts';

let pool: Pool;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
});
afterAll(() => pool?.end());

test('what a process left that died over telling a room, the sweep tells, and rings for', async () => {
  const people = await newPeople(pool, 50);
  const room = await newRoom(pool, people);
  await say(pool, room, people[0] as string, 'one');
  // Ten were told; then whoever did it was gone.
  await pool.transaction((transaction) => tellNext(transaction, room, { wait: true, chunk: 10 }));
  await say(pool, room, people[1] as string, 'two');
  const rung: string[] = [];
  const allRung = Promise.withResolvers<void>();
  const log = pino({ level: 'silent' });
  const ring = (userIds: readonly string[]) => {
    rung.push(...userIds);
    // Forty with the first message, all with the second.
    if (rung.length >= 90) allRung.resolve();
  };
  const sweeps = [startTellings(pool, ring, log), startTellings(pool, ring, log)];
  await allRung.promise;
  for (const sweep of sweeps) await sweep.stop();
  for (const id of people) expect(await textsHeardBy(pool, id)).toEqual(['one', 'two']);
  expect(rung).toHaveLength(90);
});
