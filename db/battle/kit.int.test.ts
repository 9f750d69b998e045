import { createTestDatabase } from '#local/testStack.ts';
import { newUser, SYSTEM } from '../deal/testing/dealing.ts';
import { describeProcess } from '../process/testing/describeProcess.ts';
import { newBattle } from './testing/fighting.ts';

describeProcess({
  kind: 'battle',
  databaseUrl: createTestDatabase,
  systemUserId: SYSTEM,
  complete: {},
  adminId: (pool) => newUser(pool, 'admin'),
  open: async (pool, now) => (await newBattle(pool, { stake: 50n, now })).id,
});
