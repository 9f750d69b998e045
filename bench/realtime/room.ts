import { insertCampaign } from '#db/market/offers.ts';
import { insertUser } from '#db/people/accounts.ts';
import type { Pool } from '#db/pool.ts';
import { DEFAULT_POLICY } from '#workflows/deal/policy.ts';
import { ROOM } from './variants.ts';

/** The campaign that everybody follows, as anybody may. */
export async function openRoom(pool: Pool): Promise<void> {
  const at = new Date().toISOString();
  const account = { id: ROOM, handle: 'brand', passwordHash: null, externalSubject: null, at };
  await insertUser(pool, { ...account, roles: ['brand_owner'] });
  const words = { title: 'Spring', description: 'Three posts' };
  const terms = { budget: 500_000n, policy: DEFAULT_POLICY };
  await insertCampaign(pool, { id: ROOM, brand_owner_id: ROOM, ...words, ...terms, created_at: at });
}
