import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createPool } from '#db/pool.ts';
import { freePort } from '#local/ports.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { type Backlog, createBacklog } from './backlog.ts';
import { createMetrics } from './metrics.ts';
import { startRelay } from './relay.ts';
import { createClient } from './temporal.ts';

test('a relay that is stopped while it waits for workflows ends, though nothing rings any more', async () => {
  const pool = createPool(await createTestDatabase());
  const client = await createClient({
    address: `127.0.0.1:${await freePort()}`,
    namespace: 'default',
    taskQueue: 'tandem',
  });
  const waits = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const backlog: Backlog = {
    ...createBacklog(),
    async untilAtMost() {
      waits.resolve();
      await goOn.promise;
    },
  };
  const relay = startRelay({
    pool,
    client,
    taskQueue: 'tandem',
    systemUserId: '00000000-0000-0000-0000-000000000000',
    log: pino({ level: 'silent' }),
    metrics: createMetrics(),
    backlog,
    now: () => new Date(),
  });
  await waits.promise;
  const stopped = relay.stop();
  goOn.resolve();
  await stopped;
  await client.connection.close();
  await pool.end();
  expect.assertions(0);
});
