import type { Pool } from '../pool.ts';
import type { Origin } from '../process/stored.ts';
import { expireOverdue } from './boosts.ts';

const AT_ONCE = 1_000;

/** What one round of it did; `more` where another would find something to do. */
export type CleanedUp = {
  /** Boosts that should have ended by themselves, by their ids: to be rung for. */
  expired: readonly string[];
  more: boolean;
};

/**
 * What every service of B's does each hour: ends boosts whose time is up, which is their workflows' to do and so finds
 * none but where these were lost. A part of it; called again while there is more.
 */
export async function cleanUpBoosts(pool: Pool, origin: Origin): Promise<CleanedUp> {
  const expired = await expireOverdue(pool, origin, AT_ONCE);
  return { expired, more: expired.length === AT_ONCE };
}
