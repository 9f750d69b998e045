import { createTestDatabase } from '#local/testStack.ts';
import { newUser, SYSTEM } from '../deal/testing/dealing.ts';
import { describeProcess } from '../process/testing/describeProcess.ts';
import { liveStream } from '../stream/testing/live.ts';
import { openChallenge } from './challenges.ts';

describeProcess({
  kind: 'challenge',
  databaseUrl: createTestDatabase,
  systemUserId: SYSTEM,
  promisesNothing: true,
  complete: {},
  adminId: (pool) => newUser(pool, 'admin'),
  async open(pool, now) {
    const { id: stream_id, creator_id: creatorId } = await liveStream(pool, now);
    const opened = { stream_id, type: 'gifts' as const, target: 100, lasts: 60_000 };
    return pool.transaction((transaction) =>
      openChallenge(transaction, { creatorId, opened, reward: null, counter: null, now }),
    );
  },
});
