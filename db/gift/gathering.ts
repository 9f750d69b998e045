import { Failure } from '#workflows/failures.ts';
import { createGatherer } from '../gathering.ts';
import { isOutage, type Pool, sqlState } from '../pool.ts';
import { type Gave, type Giving, giveGifts, type Outcome } from './giving.ts';
import { createLanes } from './lanes.ts';

/** Gifts of one transaction at most. */
const MOST = 64;
/** Transactions under way. */
const LANES = 2;
/** Of a pool's connections one in so many is kept for gifts: steps keep up to half of a small one. */
const KEPT_OF = 4;
/** Raised by `give_gifts`: somebody has given since that was looked at, by another process. */
const GIVEN_MEANWHILE = 'TD020';
/** So often one is looked at again for that. */
const TRIES = 5;

export type Asked = Omit<Giving, 'now' | 'once'>;

export type Giver = {
  /** As `giveGift`, for a gift that is a transaction of its own. */
  give(asked: Asked): Promise<Gave>;
  /**
   * The same under a key, with its answer in the transaction. Null where there is an answer already, or a refusal that is
   * to be kept as one: that is for whoever keeps answers.
   */
  giveOnce(asked: Asked, once: NonNullable<Giving['once']>): Promise<Gave | null>;
};

/**
 * Gives gifts that come at the same time together. The rows that all who give to one creator wait for are locked once a
 * transaction instead of once a gift, and the disk syncs as often.
 */
export function createGiver(pool: Pool, now: () => string, many = LANES): Giver {
  // They have connections of their own, where there are enough for everybody else.
  const lanes = createLanes(pool, many, Math.floor(pool.size / KEPT_OF));

  async function write(group: readonly Omit<Giving, 'now'>[], lane: number): Promise<readonly Outcome[]> {
    let fit = true;
    try {
      const connection = await lanes.enter(lane);
      const at = now();
      const givings = group.map((asked) => ({ ...asked, now: at }));
      const { outcomes, heard } = await giveGifts(connection, givings, at);
      pool.heard(
        heard.map(({ userId }) => userId),
        heard,
      );
      return outcomes;
    } catch (error) {
      fit = isRefused(error);
      throw error;
    } finally {
      lanes.leave(lane, fit);
    }
  }

  const outcomeOf = createGatherer<Omit<Giving, 'now'>, Outcome>({
    ...{ pool, most: MOST, lanes: many, write },
    personOf: ({ from }) => from.id,
    again: (error, { together, times }) =>
      isRefused(error) && (together || (sqlState(error) === GIVEN_MEANWHILE && times < TRIES)),
  });

  return {
    give: (asked) => outcomeOf(asked) as Promise<Gave>,
    async giveOnce(asked, once) {
      try {
        const outcome = await outcomeOf({ ...asked, once });
        return outcome === 'answered' ? null : (outcome as Gave);
      } catch (error) {
        if (error instanceof Failure && error.status === KEPT_REFUSAL) return null;
        throw error;
      }
    },
  };
}

/** A refusal by how things stand is kept as an answer is. */
const KEPT_REFUSAL = 409;

/** Whether Postgres was heard: where it was not, nobody knows what became of it. */
function isRefused(error: unknown): boolean {
  return error instanceof Failure ? error.status < 500 : sqlState(error) !== null && !isOutage(error);
}
