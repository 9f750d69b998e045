import { createTestDatabase } from '#local/testStack.ts';
import { newUser, SYSTEM } from '../deal/testing/dealing.ts';
import { describeProcess } from '../process/testing/describeProcess.ts';
import { openStream } from './streams.ts';

describeProcess({
  kind: 'stream',
  databaseUrl: createTestDatabase,
  systemUserId: SYSTEM,
  promisesNothing: true,
  complete: {},
  adminId: (pool) => newUser(pool, 'admin'),
  async open(pool, now) {
    const creatorId = await newUser(pool, 'influencer');
    return pool.transaction((transaction) =>
      openStream(transaction, {
        ...{ creatorId, title: 'Monsoon cooking', category: 'food', tags: ['rain'], visibility: 'public' },
        ...{ ticketEventId: null, scheduledAt: null, watched: true, now },
      }),
    );
  },
});
