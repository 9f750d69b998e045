import type { Pool } from '../pool.ts';
import { expireHolds } from './holds.ts';
import { expireLots } from './lots.ts';

/** Holds and wallets of one round. */
const AT_ONCE = 500;

/** Carries out what has ended by itself: holds go back, points that nobody spent go. Answers how many of both. */
export async function sweepMoney(pool: Pool, now: string): Promise<{ holds: number; wallets: number }> {
  const swept = { holds: 0, wallets: 0 };
  for (let more = true; more; ) {
    const holds = await expireHolds(pool, now, AT_ONCE);
    const lots = await expireLots(pool, now, AT_ONCE);
    swept.holds += holds.length;
    swept.wallets += lots.length;
    more = holds.length === AT_ONCE || lots.length > 0;
  }
  return swept;
}
