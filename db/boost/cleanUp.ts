import { deletePublicationsBefore } from '../event/publications.ts';
import type { Pool } from '../pool.ts';
import type { Origin } from '../process/stored.ts';
import { deleteDeliveriesBefore } from '../webhook/deliveries.ts';
import { expireOverdue } from './boosts.ts';
import { deleteViewsBefore } from './targets.ts';

const DAY_MS = 86_400_000;
/** Long enough to be replayed by a consumer that lost a quarter. */
const PUBLICATIONS_KEPT_MS = 90 * DAY_MS;
/** What customers were sent, and what they answered. */
const DELIVERIES_KEPT_MS = 30 * DAY_MS;
/** A boost lasts a year at most, and is compared with as long before and after it. */
const VIEWS_KEPT_MS = 3 * 366 * DAY_MS;
const AT_ONCE = 1_000;

/** What one round of it did; `more` where another would find something to do. */
export type CleanedUp = {
  /** Boosts that should have ended by themselves, by their ids: to be rung for. */
  expired: readonly string[];
  forgotten: number;
  more: boolean;
};

/**
 * What every service of B's does each hour: ends boosts whose time is up, which is their workflows' to do and so finds
 * none but where these were lost, and forgets what nobody asks for any more. A part of it; called again while there is more.
 */
export async function cleanUpBoosts(pool: Pool, origin: Origin): Promise<CleanedUp> {
  const before = (keptMs: number) => new Date(Date.parse(origin.now) - keptMs).toISOString();
  const expired = await expireOverdue(pool, origin, AT_ONCE);
  const deleted = [
    await deletePublicationsBefore(pool, before(PUBLICATIONS_KEPT_MS), AT_ONCE),
    await deleteDeliveriesBefore(pool, before(DELIVERIES_KEPT_MS), AT_ONCE),
    await deleteViewsBefore(pool, before(VIEWS_KEPT_MS), AT_ONCE),
  ];
  return {
    expired,
    forgotten: deleted.reduce((sum, one) => sum + one, 0),
    more: expired.length === AT_ONCE || deleted.includes(AT_ONCE),
  };
}
