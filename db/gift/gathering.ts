import { Failure } from '#workflows/failures.ts';
import { isOutage, type Pool, sqlState } from '../pool.ts';
import { type Gave, type Giving, giveGifts } from './giving.ts';

/** Gifts of one transaction at most: longer ones make those that come meanwhile wait longer than they save. */
const MOST = 32;

export type Asked = Omit<Giving, 'now'>;
type Waiting = { asked: Asked; alone: boolean; settle: (outcome: Gave | unknown) => void };

export type Giver = {
  /** As `giveGift`, for a gift that is a transaction of its own. */
  give(asked: Asked): Promise<Gave>;
};

/**
 * Gives gifts that come at the same time together: what comes while a transaction is under way goes with the next. The
 * rows that all who give to one creator wait for are locked once a transaction instead of once a gift, and the disk syncs
 * as often. Alone a gift goes at once. `lanes` is how many transactions may be under way.
 */
export function createGiver(pool: Pool, now: () => string, lanes = 2): Giver {
  let waiting: Waiting[] = [];
  let underWay = 0;

  function next(): void {
    if (underWay >= lanes || waiting.length === 0) return;
    underWay += 1;
    const group = take();
    write(group).finally(() => {
      underWay -= 1;
      next();
    });
    // What is left, as somebody's second gift, has a lane of its own.
    next();
  }

  /** The first that wait, of each person one: what is looked at for the second is what the first has written. */
  function take(): Waiting[] {
    const [first] = waiting;
    if (first?.alone) return waiting.splice(0, 1);
    const people = new Set<string>();
    const group: Waiting[] = [];
    waiting = waiting.filter((each) => {
      const { id } = each.asked.from;
      if (each.alone || group.length === MOST || people.has(id)) return true;
      people.add(id);
      group.push(each);
      return false;
    });
    return group;
  }

  async function write(group: Waiting[]): Promise<void> {
    const at = now();
    try {
      const outcomes = await pool.transaction((transaction) =>
        giveGifts(
          transaction,
          group.map(({ asked }) => ({ ...asked, now: at })),
          at,
        ),
      );
      for (const [place, { settle }] of group.entries()) settle(outcomes[place]);
    } catch (error) {
      // What was refused to one was undone for all: each asks for itself. Where Postgres was not heard nobody knows.
      const isRefused = error instanceof Failure || (sqlState(error) !== null && !isOutage(error));
      if (isRefused && group.length > 1) waiting = [...group.map((each) => ({ ...each, alone: true })), ...waiting];
      else for (const { settle } of group) settle(error);
    }
  }

  return {
    give: (asked) =>
      new Promise((resolve, reject) => {
        const settle = (outcome: unknown) => (outcome instanceof Error ? reject(outcome) : resolve(outcome as Gave));
        waiting.push({ asked, alone: false, settle });
        next();
      }),
  };
}
