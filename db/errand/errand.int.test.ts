import { v7 as uuid } from 'uuid';
import { createTestDatabase } from '#local/testStack.ts';
import { newUser, SYSTEM } from '../deal/testing/dealing.ts';
import { createAccount } from '../people/accounts.ts';
import type { Pool } from '../pool.ts';
import { describeProcess } from '../process/testing/describeProcess.ts';
import { openErrand } from './testing/errands.ts';

describeProcess({
  kind: 'errand',
  databaseUrl: createTestDatabase,
  systemUserId: SYSTEM,
  complete: {},
  adminId: (pool) => newUser(pool, 'admin'),
  open: async (pool, now) => openErrand(pool, { brand_owner: await person(pool), influencer: await person(pool) }, now),
});

async function person(pool: Pool): Promise<string> {
  const id = uuid();
  await createAccount(pool, {
    id,
    handle: `e${id.replaceAll('-', '').slice(-20)}`,
    passwordHash: null,
    roles: ['viewer'],
    externalSubject: null,
    at: '2026-03-01T08:00:00.000Z',
  });
  return id;
}
