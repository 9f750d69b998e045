import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { listChat, removePerson, writeChat } from './chat.ts';
import { atHour as at, liveStream, withTokens } from './testing/live.ts';

let pool: Pool;
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
