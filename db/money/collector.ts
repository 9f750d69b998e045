import { createGatherer } from '../gathering.ts';
import type { Pool } from '../pool.ts';
import { type Transfer, transferEach } from './ledger.ts';

/** Transfers of one statement at most. */
const MOST = 64;

export type Collector = {
  /** As `transfer`, for a transfer that is a transaction of its own. */
  transfer(move: Transfer): Promise<boolean>;
};

/**
 * Writes transfers that come at the same time together. An account that everybody moves is locked once a statement instead
 * of once a transfer, and the disk syncs as often. Where a statement fails nobody knows what came of it: each is told, and
 * may ask again under its key. `lanes` is how many statements may be under way.
 */
export function createCollector(pool: Pool, lanes = 2): Collector {
  return {
    transfer: createGatherer<Transfer, boolean>({
      pool,
      most: MOST,
      lanes,
      write: (moves) => transferEach(pool, moves),
    }),
  };
}
