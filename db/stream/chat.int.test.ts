import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { listChat, removePerson, writeChat } from './chat.ts';
import { rescheduleStream } from './rescheduling.ts';
import { openStream } from './streams.ts';
import { listTellings, tellFollowers } from './telling.ts';
import { liveStream, withTokens } from './testing/live.ts';

let pool: Pool;
const START = Date.parse('2026-11-25T09:00:00.000Z');
const at = (hours: number) => new Date(START + hours * 3_600_000).toISOString();
const NOW = at(0);
beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 6 });
});
afterAll(() => pool?.end());

const isWaitedFor = () => pool.exists(sql.typeAlias('void')`SELECT FROM pg_locks WHERE NOT granted`);

test('what somebody writes in the moment in which they are removed goes with the rest', async () => {
  const stream = await liveStream(pool, NOW);
  const { id: userId } = await withTokens(pool, 0n, NOW);
  const [written, removed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const writing = pool.transaction(async (transaction) => {
    await writeChat(transaction, stream, { userId, text: 'One last thing', now: NOW });
    written.resolve();
    await removed.promise;
  });
  await written.promise;
  let isRemoved = false;
  const removal = { streamId: stream.id, userId, until: at(1), by: stream.creator_id, now: NOW };
  const removing = pool
    .transaction((transaction) => removePerson(transaction, removal))
    .then(() => {
      isRemoved = true;
    });
  while (!isRemoved && !(await isWaitedFor()));
  removed.resolve();
  await Promise.all([writing, removing]);
  expect(await listChat(pool, stream.id, { limit: 10, before: null })).toEqual([]);
});

test('followers are reminded again of a stream that was put off after they were', async () => {
  const [creator, fan] = [await withTokens(pool, 0n, NOW), await withTokens(pool, 0n, NOW)];
  await pool.query(sql.typeAlias('void')`
    INSERT INTO follows (follower_id, followed_id, created_at) VALUES (${fan.id}, ${creator.id}, ${NOW}::timestamptz)
  `);
  const id = await pool.transaction((transaction) =>
    openStream(transaction, {
      ...{ creatorId: creator.id, title: 'Monsoon cooking', category: 'food', tags: [], visibility: 'public' },
      ...{ ticketEventId: null, scheduledAt: at(2), watched: false, now: NOW },
    }),
  );
  async function remind(entry: number, now: string): Promise<void> {
    await pool.query(sql.typeAlias('void')`
      INSERT INTO reminders (process_id, entry, kind, sent_at) VALUES (${id}, ${entry}, 'starts_soon', ${now}::timestamptz)
    `);
    for (const telling of await listTellings(pool, 10)) {
      await pool.transaction((transaction) => tellFollowers(transaction, telling, now));
    }
  }
  await remind(1, at(1));
  const origin = { now: at(1), systemUserId: creator.id, correlationId: null };
  const asked = { id, creatorId: creator.id, startsAt: at(26) };
  await pool.transaction((transaction) => rescheduleStream(transaction, asked, origin));
  await remind(2, at(25));
  const kept = await pool.anyFirst(sql.typeAlias('id')`
    SELECT data ->> 'scheduledAt' AS id FROM notifications WHERE user_id = ${fan.id} ORDER BY id
  `);
  expect(kept).toEqual([at(2), at(26)]);
});
