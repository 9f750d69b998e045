import { createTestDatabase } from '#local/testStack.ts';
import { newUser, SYSTEM } from '../deal/testing/dealing.ts';
import { describeProcess } from '../process/testing/describeProcess.ts';
import { liveStream } from '../stream/testing/live.ts';
import { pollIn } from './testing/livePolls.ts';

describeProcess({
  kind: 'poll',
  databaseUrl: createTestDatabase,
  systemUserId: SYSTEM,
  promisesNothing: true,
  complete: {},
  adminId: (pool) => newUser(pool, 'admin'),
  open: async (pool, now) => pollIn(pool, await liveStream(pool, now), now),
});
