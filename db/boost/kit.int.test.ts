import { createTestDatabase } from '#local/testStack.ts';
import { newUser, SYSTEM } from '../deal/testing/dealing.ts';
import { describeProcess } from '../process/testing/describeProcess.ts';
import { openBoost } from './boosts.ts';
import { earnCredits } from './credits.ts';

describeProcess({
  kind: 'boost',
  databaseUrl: createTestDatabase,
  systemUserId: SYSTEM,
  complete: {},
  adminId: (pool) => newUser(pool, 'admin'),
  async open(pool, now) {
    const [boosterId, target_id] = [await newUser(pool, 'brand_owner'), await newUser(pool, 'influencer')];
    const process = await pool.transaction(async (transaction) => {
      await earnCredits(transaction, { userId: boosterId, amount: 1_000n, reason: 'a test', now });
      const opened = { target: 'profile' as const, target_id, duration: 24, lasts: 24 * 3_600_000 };
      return openBoost(transaction, { boosterId, amount: 700n, opened, now });
    });
    return process.id;
  },
});
