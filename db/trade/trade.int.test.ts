import { createTestDatabase } from '#local/testStack.ts';
import { COMPLETE } from '#workflows/trade/testing/trades.ts';
import { newUser, SYSTEM } from '../deal/testing/dealing.ts';
import { describeProcess } from '../process/testing/describeProcess.ts';
import { openFundedTrade } from './testing/trades.ts';

describeProcess({
  kind: 'trade',
  databaseUrl: createTestDatabase,
  systemUserId: SYSTEM,
  complete: COMPLETE,
  adminId: (pool) => newUser(pool, 'admin'),
  open: async (pool, now) =>
    openFundedTrade(
      pool,
      { buyer: await newUser(pool, 'brand_owner'), seller: await newUser(pool, 'influencer') },
      now,
    ),
});
