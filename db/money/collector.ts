import type { Pool } from '../pool.ts';
import { type Outcome, type Transfer, transferEach } from './ledger.ts';

/** Transfers of one statement at most: longer ones make those that come meanwhile wait longer than they save. */
const MOST = 64;

type Waiting = { move: Transfer; settle: (outcome: Outcome) => void };

export type Collector = {
  /** As `transfer`, for a transfer that is a transaction of its own. */
  transfer(move: Transfer): Promise<boolean>;
};

/**
 * Writes transfers that come at the same time together: what comes while a statement is under way goes with the next.
 * An account that everybody moves is locked once a statement instead of once a transfer, and the disk syncs as often.
 * Alone a transfer goes at once. `lanes` is how many statements may be under way.
 */
export function createCollector(pool: Pool, lanes = 2): Collector {
  const waiting: Waiting[] = [];
  let underWay = 0;

  function next(): void {
    if (underWay >= lanes || waiting.length === 0) return;
    underWay += 1;
    const taken = waiting.splice(0, MOST);
    write(taken).finally(() => {
      underWay -= 1;
      next();
    });
  }

  async function write(taken: Waiting[]): Promise<void> {
    try {
      const outcomes = await transferEach(
        pool,
        taken.map(({ move }) => move),
      );
      for (const [place, { settle }] of taken.entries()) settle(outcomes[place] as Outcome);
    } catch (error) {
      // The outcome is unknown: each is told, and may ask again under its key.
      for (const { settle } of taken) settle(error as Error);
    }
  }

  return {
    transfer: (move) =>
      new Promise((resolve, reject) => {
        waiting.push({
          move,
          settle: (outcome) => (typeof outcome === 'boolean' ? resolve(outcome) : reject(outcome)),
        });
        next();
      }),
  };
}
