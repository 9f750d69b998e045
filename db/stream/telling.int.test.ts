import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { SYSTEM } from '../deal/testing/dealing.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { findProcess } from '../process/processes.ts';
import { sendReminder } from '../process/reminders.ts';
import { expireIfDue } from '../process/step.ts';
import { newPeople } from '../talk/testing/crowd.ts';
import { rescheduleStream } from './rescheduling.ts';
import { openStream } from './streams.ts';
import { listTellings, tellFollowers } from './telling.ts';
import { atHour as at, withTokens } from './testing/live.ts';

// What followers are told before a stream begins: each once, whoever dies over it.

let pool: Pool;
const NOW = at(0);
beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 6 });
});
afterAll(() => pool?.end());

const announced = (creatorId: string, scheduledAt = at(2)) =>
  pool.transaction((transaction) =>
    openStream(transaction, {
      ...{ creatorId, title: 'Monsoon cooking', category: 'food', tags: [], visibility: 'public' },
      ...{ ticketEventId: null, scheduledAt, watched: false, now: NOW },
    }),
  );

async function followedBy(many: number): Promise<{ creatorId: string; fans: string[] }> {
  const { id: creatorId } = await withTokens(pool, 0n, NOW);
  const fans = await newPeople(pool, many);
  await pool.query(sql.typeAlias('void')`
    INSERT INTO follows (follower_id, followed_id, created_at)
    SELECT id, ${creatorId}, ${NOW}::timestamptz FROM unnest(${sql.array(fans, 'uuid')}) AS id
  `);
  return { creatorId, fans };
}

/** As a stream's workflow has it done, as often as it is not sure that it was. */
const remind = (id: string, now: string, entry = 1) =>
  sendReminder(pool, { processId: id, entry, kind: 'starts_soon', deadline: at(26), now, systemUserId: SYSTEM });

class Died extends Error {}

/** What a worker does in a turn, until nothing is left; `dies`: it is gone before the commit of that many chunks. */
async function turns(now: string, dies = 0): Promise<void> {
  let left = dies;
  for (let more = true; more; ) {
    more = false;
    for (const telling of await listTellings(pool, 10)) {
      const told = await pool
        .transaction(async (transaction) => {
          const answered = await tellFollowers(transaction, telling, now);
          if (left-- > 0) throw new Died();
          return answered;
        })
        .catch((error) => {
          if (error instanceof Died) return { more: true };
          throw error;
        });
      more ||= told?.more ?? false;
    }
  }
}

const kept = z.object({ user_id: z.string(), title: z.string(), body: z.string(), scheduled_at: z.string() });

const remindersOf = (id: string) =>
  pool.any(sql.type(kept)`
    SELECT user_id, title, body, data ->> 'scheduledAt' AS scheduled_at FROM notifications
    WHERE kind = 'live_stream_soon' AND data ->> 'streamId' = ${id} ORDER BY user_id, id
  `);

test('each follower is reminded once, though it is asked for twice, several workers tell and one dies over it', async () => {
  const { creatorId, fans } = await followedBy(250);
  const [outsider] = await newPeople(pool, 1);
  const id = await announced(creatorId);
  expect(await remind(id, at(1))).toBe(true);
  await Promise.all([turns(at(1), 2), turns(at(1)), turns(at(1))]);
  // Its worker died before it heard that the reminder was sent, and asks again.
  expect(await remind(id, at(1))).toBe(false);
  await turns(at(1));
  const told = await remindersOf(id);
  expect(told.map(({ user_id }) => user_id)).toEqual([...fans].sort());
  expect(told.map(({ user_id }) => user_id)).not.toContain(outsider);
  expect(told[0]).toMatchObject({ title: expect.stringContaining('goes live soon'), body: 'Monsoon cooking' });
  expect(await listTellings(pool, 10)).toEqual([]);
});

test('of a stream that was put off after they were told, followers are reminded again, for its other instant', async () => {
  const { creatorId, fans } = await followedBy(1);
  const id = await announced(creatorId);
  await remind(id, at(1));
  await turns(at(1));
  const origin = { now: at(1), systemUserId: SYSTEM, correlationId: null };
  await pool.transaction((transaction) => rescheduleStream(transaction, { id, creatorId, startsAt: at(26) }, origin));
  // What was asked for before that is of an instant that does not hold any more.
  expect(await remind(id, at(25), 1)).toBe(false);
  expect(await remind(id, at(25), 2)).toBe(true);
  await turns(at(25));
  expect((await remindersOf(id)).map(({ user_id, scheduled_at }) => [user_id, scheduled_at])).toEqual([
    [fans[0], at(2)],
    [fans[0], at(26)],
  ]);
});

test('nobody is reminded of a stream that was over before they could be told', async () => {
  const { creatorId } = await followedBy(3);
  const id = await announced(creatorId);
  await remind(id, at(1));
  // Its creator did not come, and no worker was there for a day.
  const stored = await findProcess(pool, id);
  if (!stored) throw new Error('it is not there');
  const origin = { now: at(48), systemUserId: SYSTEM, correlationId: null };
  expect(await pool.transaction((transaction) => expireIfDue(transaction, stored, origin))).toBeTruthy();
  await turns(at(48));
  expect(await remindersOf(id)).toEqual([]);
  expect(await listTellings(pool, 10)).toEqual([]);
});
